"""Symbols cut to fit a line, what tells least going first.

A C++ symbol loses its arguments, then its template arguments, its return type and its outer namespaces; an Objective-C
method all but the first part of its selector. What is still too long is cut in the middle: a symbol's end tells more
than its middle. Each cut leaves a ``…``.

    void E5RT::Ops::copy<float, int>(E5RT::Buffer const&)
    void E5RT::Ops::copy<float, int>(…)
    void E5RT::Ops::copy<…>(…)
    E5RT::Ops::copy<…>(…)
    …::copy<…>(…)
"""

import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len, set_cell_size

_ELLIPSIS: Final = "…"
_ROOM_FOR_A_SYMBOL: Final = 40
"""With as many cells beside its image, a symbol may be cut for it."""
_TOKEN: Final = re.compile(
    r"operator(?:<=>|->\*?|<<=?|>>=?|[<>]=?|\(\)|\[\])|->|\(anonymous namespace\)|\(\)|<>|.", re.DOTALL
)
"""A character, or some that stay together: brackets that open or close nothing, or hold nothing that could go."""
_RETURN_TYPE: Final = re.compile(r"^(?:const )?[\w:<>…]+(?: const)?[*&]* (?=[\w~:<>…()\[\]]+\()")
_OPENING: Final = {")": "(", ">": "<"}


def short_symbol(name: str, width: int) -> str:
    """The longest form of a symbol that is at most ``width`` cells wide."""
    for form in _forms(name):
        if cell_len(form) <= width:
            return form
        name = form
    return _cut_in_the_middle(name, width)


def short_symbol_and_image(name: str, image: str, room: int) -> tuple[str, str]:
    """A symbol and its image, two blanks apart, cut to fit ``room`` cells.

    The image stays while the symbol keeps most of what it could have alone; else it is empty.
    """
    beside = room - cell_len(image) - 2
    alone = short_symbol(name, room)
    if image and beside >= min(cell_len(name), _ROOM_FOR_A_SYMBOL):
        shorter = short_symbol(name, beside)
        if 2 * cell_len(shorter) >= cell_len(alone):
            return shorter, image
    return alone, ""


def _forms(name: str) -> Iterator[str]:
    """A symbol, shorter and shorter."""
    yield name
    if name.startswith(("-[", "+[")):
        first, _, rest = name.partition(":")
        if rest not in ("", "]"):
            yield f"{first}:…]"
        return
    for bracket in "(<":
        name = _emptied(name, bracket)
        yield name
    name = _RETURN_TYPE.sub("", name)
    yield name
    scopes = name.split("::")
    for kept in (2, 1):
        if len(scopes) > kept and not name.startswith("<"):
            yield "::".join([_ELLIPSIS, *scopes[-kept:]])


def _emptied(name: str, bracket: str) -> str:
    """``f(int)<g(int)>`` → ``f(…)<g(int)>``: the outermost brackets of a kind, without what is in them.

    A bracket at the very beginning stays, as in Rust's ``<Type as Trait>::method``.
    """
    kept: list[str] = []
    opened = ""
    for at, token in enumerate(_TOKEN.findall(name)):
        is_inside = opened.startswith(bracket)
        if token in ("(", "<") and at:
            if not is_inside:
                kept.append(f"{token}{_ELLIPSIS}" if token == bracket and not opened else token)
            opened += token
        elif token in _OPENING and opened.endswith(_OPENING[token]):
            opened = opened[:-1]
            if not opened.startswith(bracket):
                kept.append(token)
        elif not is_inside:
            kept.append(token)
    return "".join(kept)


def _cut_in_the_middle(name: str, width: int) -> str:
    if width < 2:
        return _ELLIPSIS[:width]
    before = (width - 1) // 3
    after = width - 1 - before
    head, tail = set_cell_size(name, before), set_cell_size(name[::-1], after)[::-1]
    return head.rstrip(_ELLIPSIS) + _ELLIPSIS + tail.lstrip(_ELLIPSIS)
