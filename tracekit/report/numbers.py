"""Weights, shares, symbols and names as people read them."""

import re
from collections.abc import Callable
from typing import Final

from tracekit.analysis.running import is_running
from tracekit.analysis.summary import Tally
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE, Engine, Unit

_STEPS: Final[dict[Unit, tuple[tuple[int, str], ...]]] = {
    "ns": ((10**9, "s"), (10**6, "ms"), (10**3, "µs"), (1, "ns")),
    "cycles": ((10**9, "G cycles"), (10**6, "M cycles"), (10**3, "k cycles"), (1, "cycles")),
    "events": ((10**9, "G events"), (10**6, "M events"), (10**3, "k events"), (1, "events")),
    "samples": ((1, "samples"),),
}

DRIVING: Final[dict[Engine, str]] = {
    "ANE": "driving ANE",
    "GPU": "driving GPU",
    "CPU": "CPU",
    "none": "no engine",
    "unknown": "unknown",
}
"""What an engine's share of CPU samples is called. "Busy" is kept for hardware intervals."""

_QUANTITY: Final[dict[Unit, str]] = {
    "ns": "CPU time",
    "cycles": "CPU cycles",
    "events": "counted events",
    "samples": "samples",
}
_WITH_WAITING: Final = "threads' time (running and blocked)"

UNSAFE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]"
)
"""Control, bidirectional and invisible characters, and what is no character."""

NO_SYMBOL: Final = "(no symbol)"
"""Where functions are matched by their symbol, those without one, by image."""

NO_THREAD: Final = "thread not known"


def quantity_of(profile: Profile) -> str:
    """What a profile's weights are: where samples of blocked threads are among them, never to be called CPU time."""
    return _QUANTITY[profile.meta.unit] if is_running(profile).all() else _WITH_WAITING


def weight_text(weight: int, unit: Unit) -> str:
    """``169.0 ms``, ``12.4 M cycles``, ``42 samples``."""
    for size, name in _STEPS[unit]:
        if abs(weight) >= size and size > 1:
            return f"{weight / size:.{3 if name == 's' else 1}f} {name}"
    return f"{weight:,} {_STEPS[unit][-1][1]}"


def accounting_text(rows: Tally) -> str:
    """The equation that every analysis satisfies."""
    return (
        f"{rows.total:,} rows read = {rows.attributed:,} attributed + {rows.outside_focus:,} outside the focus "
        f"+ {rows.no_stack:,} without a stack + {rows.filtered:,} filtered"
        + (f" + {rows.skipped:,} skipped" if rows.skipped else "")
    )


def share_text(share: float) -> str:
    """``59.1 %``; what is there but rounds to nothing is ``<0.1 %``."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    return f"{share * 100:.1f} %"


def bytes_text(size: int) -> str:
    """``211.2 kB``: powers of 1000, as the Finder counts."""
    for scale, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= scale:
            return f"{size / scale:.1f} {name}"
    return f"{size} bytes"


def signed(number: float, size: str) -> str:
    """A size as it is written, behind the sign of its number: ``+9.8``, ``−9.8``, ``0.0``."""
    return size if not number else f"{'+' if number > 0 else '−'}{size}"


def signed_text(number: float, digits: int = 1) -> str:
    """``+9.8``, ``−9.8``; what rounds to nothing has no sign: ``0.0``."""
    size = f"{abs(number):.{digits}f}"
    return signed(number if float(size) else 0, size)


def points_text(change: float) -> str:
    """A change of a share: ``+9.8 points``."""
    return f"{signed_text(change * 100)} points"


def visible(text: str) -> str:
    """Text from a trace with control, bidirectional and invisible characters written out.

    A symbol may hold terminal escapes or direction marks that would rewrite what the reader sees.
    """
    return UNSAFE.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", text)


def thread_label(profile: Profile, row: int, show: Callable[[str], str] = visible) -> str:
    """``Main Thread · 777568``, for a row of ``threads``; -1 is no thread that is known."""
    if row == NONE:
        return NO_THREAD
    name, tid = profile.threads["name"].to_numpy()[row], profile.threads["tid"].to_numpy()[row]
    return f"{show(name) or 'unnamed'} · {tid}"


_RUST_HASH = re.compile(r"::h[0-9a-f]{16}(?: \(\.llvm\.[0-9A-F]+\))?$")
_RUST_BRACKETS = re.compile(r"\$LT\$.*\$GT\$")
_RUST_ESCAPE = re.compile(r"\$(SP|BP|RF|LT|GT|LP|RP|C|u([0-9a-f]{1,6}))\$")
_RUST_SIGNS = {"SP": "@", "BP": "*", "RF": "&", "LT": "<", "GT": ">", "LP": "(", "RP": ")", "C": ","}


def readable_symbol(name: str) -> str:
    """Rust's legacy symbols, which xctrace prints half demangled, as Rust writes them; others unchanged.

    ``core::iter::_$LT$impl$u20$Iterator$GT$::next::h0123456789abcdef`` → ``core::iter::_<impl Iterator>::next``.
    A comparison leaves off the hash, which changes with every build; then the escapes alone tell.
    """
    bare = _RUST_HASH.sub("", name)
    if bare == name and not _RUST_BRACKETS.search(name):
        return name
    if bare.startswith("_$"):
        bare = bare[1:]
    return _RUST_ESCAPE.sub(_rust_sign, bare).replace("..", "::")


def _rust_sign(match: "re.Match[str]") -> str:
    if match[2]:
        code = int(match[2], 16)
        return chr(code) if 0x20 <= code < 0xD800 else match[0]
    return _RUST_SIGNS[match[1]]
