"""Time that is covered: unions of intervals, and how much of one lies in any window.

    intervals   ├────┤   ├───┤          they overlap, nest, and come in any order
                  ├────────┤    ├─┤
    union       ├────────────┤  ├─┤     sorted, apart from each other

A sum of durations would count overlaps twice. Everything here is sorting and prefix sums: no loop over intervals.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Times = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Disjoint half-open spans ``[start, end)`` in rising order; no two touch, none is empty."""

    starts: Times
    ends: Times

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def total(self) -> int:
        """How much time is covered."""
        return int((self.ends - self.starts).sum())

    def before(self, times: Times) -> Times:
        """For every time, how much is covered before it."""
        lengths = self.ends - self.starts
        until = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        at = np.searchsorted(self.starts, times, side="right")
        last = np.maximum(at - 1, 0)
        # Of the span that holds the time, only the part up to it; `until` counts the whole.
        beyond = np.where(at > 0, np.maximum(_at(self.ends, last) - times, 0), 0)
        return until[at] - beyond

    def within(self, starts: Times, ends: Times) -> Times:
        """For every window ``[start, end)``, how much of it is covered: two look-ups."""
        return self.before(np.maximum(starts, ends)) - self.before(starts)

    def holds(self, times: Times) -> Mask:
        """For every time, whether it is covered."""
        at = np.searchsorted(self.starts, times, side="right")
        return (at > 0) & (times < _at(self.ends, np.maximum(at - 1, 0)))

    def joined(self, other: "Spans") -> "Spans":
        """What either covers."""
        return union(np.concatenate([self.starts, other.starts]), np.concatenate([self.ends, other.ends]))


def union(starts: Times, ends: Times) -> Spans:
    """The time that any of some intervals covers. Intervals that end before they begin, or at once, cover nothing."""
    real = ends > starts
    order = np.argsort(starts[real], kind="stable")
    starts, ends = starts[real][order], ends[real][order]
    if not len(starts):
        return Spans(np.empty(0, np.int64), np.empty(0, np.int64))
    reach = np.maximum.accumulate(ends)
    opens = np.concatenate([[True], starts[1:] > reach[:-1]])
    closes = np.concatenate([opens[1:], [True]])
    return Spans(starts[opens].astype(np.int64), reach[closes].astype(np.int64))


def edges(table: pd.DataFrame) -> tuple[Times, Times]:
    """When each row of ``intervals`` begins and ends."""
    start = table["start_ns"].to_numpy()
    return start, start + table["duration_ns"].to_numpy()


def spans_of(table: pd.DataFrame) -> Spans:
    """The time that any row of ``intervals`` covers."""
    return union(*edges(table))


def durations(start: Times, duration: Times) -> dict[str, int]:
    """Of some intervals ``count``, ``busy_ns`` (their union), ``mean_ns``, ``p50_ns``, ``p95_ns``, ``longest_ns``."""
    p50, p95 = np.percentile(duration, [50, 95])
    times = {"mean_ns": duration.mean(), "p50_ns": p50, "p95_ns": p95, "longest_ns": duration.max()}
    busy = union(start, start + duration).total
    return {"count": len(start), "busy_ns": busy, **{name: round(time) for name, time in times.items()}}


def _at(values: Times, positions: NDArray[np.intp]) -> Times:
    return values[positions] if len(values) else np.zeros(len(positions), np.int64)
