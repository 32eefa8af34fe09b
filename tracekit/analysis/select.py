"""Which samples take part: by process, thread and time. What is left out is counted as filtered, never forgotten."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from tracekit.attribution.patterns import parse
from tracekit.attribution.roots import root_nodes
from tracekit.errors import SelectionError
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

Mask = NDArray[np.bool_]

_NANOSECONDS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "": 10**9}
_WORD = re.compile(r"\w{3,}")
_NEAREST = 3
_ALIKE = 0.5
_MOST_COMPARED = 5_000
"""Comparing by letters takes some 50 µs a name."""
_TIME = re.compile(r"^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m)?$")


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for; empty fields select everything.

    ``processes`` and ``threads`` are names, or ids in decimal or hexadecimal; ``time_range`` is nanoseconds since the
    recording began, the end left out; ``prune`` are symbol patterns whose samples are left out.
    """

    processes: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    time_range: tuple[int | None, int | None] = (None, None)
    prune: tuple[str, ...] = ()


def selected(profile: Profile, selection: Selection) -> Mask:
    """For every sample, whether it takes part.

    Raises:
        SelectionError: a process or thread that the profile does not have, with those it has; a bad pattern.
    """
    keep, threads = np.ones(len(profile.samples), bool), profile.threads
    asked = (("process", "process", "pid", selection.processes), ("thread", "name", "tid", selection.threads))
    for kind, name, number, wanted in asked:
        if wanted:
            known = list(zip(threads[name].tolist(), threads[number].tolist(), strict=True))
            chosen = _threads_meant(known, wanted, kind)
            keep &= np.append(chosen, False)[profile.samples["thread_id"].to_numpy()]
    time = profile.samples["time_ns"].to_numpy()
    begin, end = selection.time_range
    if begin is not None:
        keep &= time >= begin
    if end is not None:
        keep &= time < end
    if selection.prune:
        pruned = root_nodes(profile, [parse(pattern) for pattern in selection.prune]) != NONE
        keep &= ~np.append(pruned, False)[profile.samples["stack_id"].to_numpy()]
    return keep


def no_focus(profile: Profile, patterns: Sequence[str]) -> SelectionError:
    """What to say where no sample has a function on its stack that one of the patterns matches, with the nearest."""
    near = list(dict.fromkeys(name for pattern in patterns for name in nearest_symbols(profile, pattern)))[:_NEAREST]
    what = " or ".join(repr(pattern) for pattern in patterns)
    hint = f"The nearest: {'; '.join(near)}" if near else "tracekit tree --no-focus shows the functions there are"
    return SelectionError(f"no function matches --focus {what}", hint=hint)


def nearest_symbols(profile: Profile, pattern: str) -> list[str]:
    """Functions that are called much like a pattern: those that hold its longest word, then those spelled alike."""
    names = list(dict.fromkeys(profile.frames["name"]))
    words = _WORD.findall(pattern.removeprefix("re:"))
    word = max(words, key=len).lower() if words else ""
    held = [name for name in names if word and word in name.lower()]
    alike = get_close_matches(pattern, names[:_MOST_COMPARED], n=_NEAREST, cutoff=_ALIKE)
    return list(dict.fromkeys([*sorted(held, key=len)[:_NEAREST], *alike]))[:_NEAREST]


def select(profile: Profile, selection: Selection) -> Profile:
    """Only the samples that take part."""
    return profile.only(selected(profile, selection))


def parse_time_range(text: str) -> tuple[int | None, int | None]:
    """``1.5s..2s``, ``200ms..``, ``..3`` (seconds without a unit) as nanoseconds.

    Raises:
        SelectionError: it is not a range, or ends before it begins.
    """
    begin, dots, end = text.partition("..")
    if not dots or not (begin or end):
        raise SelectionError(f"{text!r} is not a time range", hint="Write it as 1.5s..2s, 200ms.. or ..3s")
    low, high = (nanoseconds(part) if part else None for part in (begin.strip(), end.strip()))
    if low is not None and high is not None and high <= low:
        raise SelectionError(f"the time range {text!r} ends before it begins")
    return low, high


def nanoseconds(text: str) -> int:
    """``1.5s``, ``200ms``, ``3us`` or ``10ns`` as nanoseconds; seconds without a unit.

    Raises:
        SelectionError: it is not a time.
    """
    match = _TIME.match(text)
    if match is None:
        raise SelectionError(f"{text!r} is not a time", hint="Write it as 1.5s, 200ms, 3us or 10ns")
    return int(Decimal(match[1]) * _NANOSECONDS[match[2] or ""])


def _threads_meant(known: list[tuple[str, int]], wanted: tuple[str, ...], kind: str) -> Mask:
    """Which threads are meant, by their or their process's name or id."""
    mask = np.zeros(len(known), bool)
    for text in wanted:
        hits = np.array([text in (name, str(number), hex(number)) for name, number in known], bool)
        if not known:
            raise SelectionError(f"there is no {kind} {text!r}: the recording holds no samples")
        if not hits.any():
            names = sorted({f"{name or 'unnamed'} ({number})" for name, number in known})
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            hint = f"There are: {', '.join(names[:8])}{more}"
            raise SelectionError(f"there is no {kind} {text!r} in the recording", hint=hint)
        mask |= hits
    return mask
