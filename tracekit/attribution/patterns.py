"""Patterns that users write for symbols: a prefix, a glob, or ``re:`` and a regular expression.

-[MLModel prediction         every symbol that begins so
*Kernel::launch*             a glob, where * and ? are used (brackets are literal: they are Objective-C's)
re:^E5RT::Ops::\\w+::Execute  a regular expression, searched anywhere
Espresso`Espresso::net       any of these with an image before it; Espresso`* is all of an image
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import SelectionError
from tracekit.model.folded import split_image
from tracekit.model.profile import Profile

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SymbolPattern:
    """One pattern, compiled."""

    text: str
    symbol: re.Pattern[str]
    image: str = ""

    def matches(self, symbol: str, image: str) -> bool:
        """Whether a function is meant."""
        return (not self.image or self.image == image) and self.symbol.search(symbol) is not None


def pattern_of(symbol: str) -> str:
    """A pattern for a function as it is called: its name, where no sign in it means more."""
    return f"re:^{re.escape(symbol)}$" if set(symbol) & set("*?") else symbol


def parse(text: str) -> SymbolPattern:
    """Compile a pattern.

    Blanks around it are no part of it: no symbol begins or ends with one.

    Raises:
        SelectionError: it is empty, no valid regular expression, or can match nothing.
    """
    plain = text.strip()
    image, symbol = ("", plain) if plain.startswith("re:") else split_image(plain)
    expression = symbol.removeprefix("re:")
    if not expression:
        raise SelectionError("the pattern is empty", hint="Give a symbol prefix, a glob, or re:EXPRESSION")
    if "`" in expression:
        raise SelectionError(
            f"the pattern {text!r} can match nothing: no symbol holds a `",
            hint="An image stands first, as in Espresso`Espresso::net or Espresso`re:^Espresso::, and ` once",
        )
    if expression is not symbol:
        try:
            return SymbolPattern(text, re.compile(expression), image)
        except re.error as error:
            raise SelectionError(f"{text!r} is not a regular expression: {error}") from error
    if "*" in symbol or "?" in symbol:
        wild = {"*": ".*", "?": "."}
        glob = "".join(wild.get(character) or re.escape(character) for character in symbol)
        return SymbolPattern(text, re.compile(f"^{glob}$", re.S), image)
    return SymbolPattern(text, re.compile("^" + re.escape(symbol)), image)


def frames_matching(profile: Profile, patterns: "list[SymbolPattern]") -> Mask:
    """For every row of ``frames``, whether any pattern matches it."""
    images = [*profile.binaries["name"].tolist(), ""]
    pairs = zip(profile.frames["name"].tolist(), profile.frames["binary_id"].tolist(), strict=True)
    return np.array(
        [any(pattern.matches(name, images[binary]) for pattern in patterns) for name, binary in pairs], dtype=bool
    )
