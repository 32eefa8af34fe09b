"""Time that is covered: unions of intervals, and how much of one lies in any window.

    intervals   ├────┤   ├───┤          they overlap, nest, and come in any order
                  ├────────┤    ├─┤
    union       ├────────────┤  ├─┤     sorted, apart from each other

A sum of durations would count overlaps twice. Everything here is sorting and prefix sums: no loop over intervals.
"""

from dataclasses import dataclass

import numpy as np
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
        covered: Times = until[at] - beyond
        return covered

    def within(self, starts: Times, ends: Times) -> Times:
        """For every window ``[start, end)``, how much of it is covered: two look-ups."""
        covered: Times = self.before(np.maximum(starts, ends)) - self.before(starts)
        return covered

    def holds(self, times: Times) -> Mask:
        """For every time, whether it is covered."""
        at = np.searchsorted(self.starts, times, side="right")
        held: Mask = (at > 0) & (times < _at(self.ends, np.maximum(at - 1, 0)))
        return held

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


def _at(values: Times, positions: NDArray[np.intp]) -> Times:
    return values[positions] if len(values) else np.zeros(len(positions), np.int64)
