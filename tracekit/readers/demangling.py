"""Names as Instruments prints them.

Archives hold a display name only where it differs little from the symbol (``main`` for ``_main``); C++ and Swift names
are demangled when they are shown. The package ``demangle``, with its simplified Swift style, spells as xctrace does.
Rust's older names read as C++ and keep their hash, which is also what xctrace shows; its newer ones (``_R…``), which
xctrace does not take apart, are written as Rust writes them.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final

STUB_PREFIX: Final = "DYLD-STUB$$"

MAX_MANGLED: Final = 16_384
"""Longer names are shown as they are. The longest seen in a recording has 4,333 bytes."""

_RUST: Final = ("_R", "__R")
"""How Rust's newer names begin."""

_MAX_DEPTH: Final = 128
_OUTPUT_FLOOR: Final = 16_384
_OUTPUT_RATIO: Final = 32
"""A spelling may have 16,384 characters, or 32 times what the symbol has: a few bytes can describe a name without end.
Names of Core ML's MPSGraph operations take 17 times their symbols."""


def printed_name(display: str, mangled: str) -> str:
    """What xctrace prints for a symbol: its display name, or its demangled name."""
    if display:
        return display
    if mangled.startswith(STUB_PREFIX):
        target = mangled[len(STUB_PREFIX) :]
        return STUB_PREFIX + (demangled(target) if demangled(target) != target else target.removeprefix("_"))
    return demangled(mangled)


def printed_again(name: str) -> str:
    """A name as Instruments or xctrace printed it. Of Rust's newer ones, which they leave as they are, the spelling."""
    return demangled(name) if name.startswith(_RUST) else name


@lru_cache(maxsize=65_536)
def demangled(mangled: str) -> str:
    """A C++, Swift or Rust symbol as its declaration; any other name, or one that is too long, unchanged."""
    if len(mangled) > MAX_MANGLED:
        return mangled
    spelling = _demangler()(mangled)
    return spelling if len(spelling) <= max(_OUTPUT_FLOOR, _OUTPUT_RATIO * len(mangled)) else mangled


@cache
def _demangler() -> Callable[[str], str]:
    """The package, imported when the first name needs it."""
    import demangle
    from demangle.schemes.swift import SIMPLIFIED_OPTIONS

    style = demangle.style("llvm", swift=SIMPLIFIED_OPTIONS)
    limits = demangle.Limits(max_depth=_MAX_DEPTH, max_input=MAX_MANGLED)

    def spelled(name: str) -> str:
        known = ("rust",) if name.startswith(_RUST) else ("itanium", "swift")
        return demangle.demangle(name, language=known, style=style, limits=limits)

    return spelled
