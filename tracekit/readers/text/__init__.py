"""Call trees as text: Instruments' Deep Copy, Apple's ``sample``, folded stacks.

    lines.py           bytes → numbered lines
    outline.py         an indented call tree → samples
    deepcopy.py        Instruments' Edit ▸ Deep Copy
    sample_output.py   the call graph of ``sample``
    folded.py          ``root;caller;leaf 42``

Text has call paths and their weights, no time and no other table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from tracekit.errors import SelectionError
from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.model.trace import Run, Trace
from tracekit.readers.text import deepcopy, folded, sample_output
from tracekit.readers.text.lines import Lines, decode, split

__all__ = ["StackRun", "open_text", "sniff"]


class Format(NamedTuple):
    """A text format: knows its own, reads its facts at once and its samples when asked for."""

    recognises: Callable[[list[str]], bool]
    facts: Callable[[Lines], Facts]
    read: Callable[[Lines, Facts], Profile]


FORMATS = {
    "deepcopy": Format(deepcopy.recognises, deepcopy.facts, deepcopy.read),
    "sample": Format(sample_output.recognises, sample_output.facts, sample_output.read),
    "folded": Format(folded.recognises, folded.facts, folded.read),
}


@dataclass
class StackRun(Run):
    """The one run of a text that has stacks, read when they are first asked for, and no tables."""

    path: str
    facts: Facts
    read: Callable[[], Profile]
    what: str = "a text holds a call tree and no tables"
    hint: str | None = "Tables are in a .trace bundle and in xctrace exports"
    number: int = 1

    def profile(self) -> Profile:
        return self._profile

    @cached_property
    def _profile(self) -> Profile:
        return self.read()

    def table(self, schema: str) -> pd.DataFrame:
        raise SelectionError(f"there is no table {schema!r}: {self.what}", where=self.path, hint=self.hint)


def sniff(head: bytes) -> str | None:
    """``deepcopy``, ``sample`` or ``folded`` from the first 64 KiB or so of a file; None where it is none of them."""
    text = decode(head, "replace", final=False)
    if "\0" in text or 10 * text.count("\ufffd") > len(text):
        return None
    whole = split(text)
    lines = whole[:-1] if len(whole) > 1 else whole  # the last one may be cut off
    if text.lstrip().startswith("<"):
        return "folded" if folded.recognises(lines) else None
    return next((name for name, known in FORMATS.items() if known.recognises(lines)), None)


def open_text(path: str, data: bytes, kind: str, *, strict: bool = False) -> Trace:
    """A trace of one run from text that ``sniff`` found to be of ``kind``; its profile is parsed when asked for.

    ``strict`` refuses a line that would otherwise be skipped and counted.

    Raises:
        InputError: the data are not text.
    """
    lines = Lines(path, data, strict=strict)
    known, facts = FORMATS[kind], FORMATS[kind].facts(lines)
    return Trace(path=path, format=kind, runs=(StackRun(path, facts, lambda: known.read(lines, facts)),))
