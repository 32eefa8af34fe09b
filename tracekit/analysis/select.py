"""Which samples take part: by process, thread and time. What is left out is counted as filtered, never forgotten."""

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from tracekit.attribution.patterns import parse
from tracekit.attribution.roots import root_nodes
from tracekit.errors import SelectionError
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

Mask = NDArray[np.bool_]

_NANOSECONDS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "": 10**9}
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
    keep = np.ones(len(profile.samples), bool)
    threads = profile.threads
    if selection.processes:
        known = list(zip(threads["process"].tolist(), threads["pid"].tolist(), strict=True))
        keep &= _on_threads(profile, _chosen(known, selection.processes, "process"))
    if selection.threads:
        known = list(zip(threads["name"].tolist(), threads["tid"].tolist(), strict=True))
        keep &= _on_threads(profile, _chosen(known, selection.threads, "thread"))
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


def select(profile: Profile, selection: Selection) -> Profile:
    """Only the samples that take part."""
    return profile.with_samples(profile.samples[selected(profile, selection)].reset_index(drop=True))


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


def _on_threads(profile: Profile, chosen: Mask) -> Mask:
    mask: Mask = np.append(chosen, False)[profile.samples["thread_id"].to_numpy()]
    return mask


def _chosen(known: list[tuple[str, int]], wanted: tuple[str, ...], kind: str) -> Mask:
    """Which threads are meant, by their or their process's name or id."""
    mask = np.zeros(len(known), bool)
    for text in wanted:
        hits = np.array([_is_meant(text, name, number) for name, number in known], bool)
        if not hits.any():
            names = sorted({f"{name or 'unnamed'} ({number})" for name, number in known})
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            raise SelectionError(
                f"there is no {kind} {text!r} in the recording", hint=f"There are: {', '.join(names[:8])}{more}"
            )
        mask |= hits
    return mask


def _is_meant(text: str, name: str, number: int) -> bool:
    return text == name or text in (str(number), hex(number))
