"""Samples thread by thread in order of time: how far apart they are, and which stretch of time each stands for.

sampled     x  x  x  x              x  x        a sample is every sampling interval, while the thread runs
stands for  ───────────┤            ─────┤      until the next of its thread; the last before a gap for one interval
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracekit.analysis.predictions.spans import Times
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

GAP: Final = 1.5
"""Sampling intervals without a sample after which a thread was doing something else, or nothing."""

SHORTEST_NS: Final = 10_000
"""No sampling interval is shorter: what weighs less counts something else."""

_NOT_A_THREAD: Final = np.int32(NONE - 1)
_FEW: Final = np.iinfo(np.int16).max


class InOrder(NamedTuple):
    """Samples by thread and, within it, by time."""

    rows: NDArray[np.intp]
    """Rows of ``samples``."""
    thread: NDArray[np.int32]
    time: Times
    gap: Times
    """Time since the sample before on the same thread; 0 for a thread's first."""
    interval: int
    """The sampling interval: what a sample weighs, where that is time, else the median time between two samples of a
    thread; 0 where no thread has two."""


class Stretches(NamedTuple):
    """The time that each sample stands for, by thread and, within it, by time. Those of a thread do not overlap."""

    rows: NDArray[np.intp]
    """Rows of ``samples``."""
    thread: NDArray[np.int32]
    start: Times
    end: Times
    follows: NDArray[np.bool_]
    """Whether it begins where the one before ends, on the same thread."""


def in_order(profile: Profile) -> InOrder:
    """The samples of each thread, one after the other."""
    time = profile.samples["time_ns"].to_numpy()
    thread = profile.samples["thread_id"].to_numpy()
    # Threads are few: numpy sorts numbers of 16 bits in linear time, and times are mostly in order as they are.
    narrow = thread.astype(np.int16) if len(profile.threads) <= _FEW else thread
    rows = np.lexsort((time, narrow))
    same = np.diff(thread[rows], prepend=_NOT_A_THREAD) == 0
    gap = np.where(same, np.diff(time[rows], prepend=0), 0)
    gaps = gap[gap > 0]
    interval = int(np.median(gaps)) if len(gaps) else 0
    if interval and profile.meta.unit == "ns":
        # A thread that mostly sleeps is sampled seldom, and its gaps are no measure.
        weight = int(np.median(profile.samples["weight"]))
        interval = min(interval, weight) if weight >= SHORTEST_NS else interval
    return InOrder(rows, thread[rows], time[rows], gap, interval)


def sampling_interval(profile: Profile) -> int:
    """How far apart samples of a running thread are, in nanoseconds; 0 where no thread has two."""
    return in_order(profile).interval


def stretches(profile: Profile) -> Stretches:
    """From when to when each sample stands for what its thread did."""
    order = in_order(profile)
    interval = max(order.interval, 1)
    until = np.append(order.gap[1:], 0)[: len(order.gap)]
    goes_on = (np.diff(order.thread, append=_NOT_A_THREAD) == 0) & (until <= GAP * interval)
    end = order.time + np.where(goes_on, until, interval)
    return Stretches(order.rows, order.thread, order.time, end, np.append(False, goes_on)[: len(goes_on)])
