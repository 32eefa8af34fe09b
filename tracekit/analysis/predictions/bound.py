"""What samples alone say of the number of predictions: a lower bound, and no more.

One thread (p: inside a prediction, x: on the stack of something else, ?: without a stack)

    p p p x p p       p p x p p ? p p
    └───┘   └─────────────┘ └───────┘    at least 3

A call that is on a thread's stack stays there until it returns. So a sample of the same thread without it, between two
that have it, ends a prediction. A gap ends nothing: the thread may have waited for an engine, or paused, or predicted
ten times. Nor does a sample without a stack. Where a run of samples is one prediction, it may as well be a hundred.

A prediction that was submitted for later is on a stack twice, when it is submitted and when it runs, perhaps on two
threads; work that a prediction gave to another thread may be there in pieces; text formats hold no times, and rows of
no known thread no order. All of those together are at least one.
"""

import re
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.sampling import GAP, InOrder, in_order
from tracekit.analysis.predictions.spans import Mask
from tracekit.model.forest import in_use
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

_SUBMITS: Final = re.compile(r"submit|completionHandler|async", re.I)
"""Calls that return before the prediction is made."""

_EDGE: Final = 2.5
"""Sampling intervals between a run and the sample before or after it, within which one sample is missing at most."""


class Bound(NamedTuple):
    """At least so many predictions."""

    at_least: int
    runs: pd.DataFrame
    """``start_ns``, ``end_ns`` int64, ``thread_id`` int32, ``first`` int64 (a row of ``samples``), ``has_edges`` bool:
    the runs of samples that were counted, in order of time. Each ends one sampling interval after its last sample, or
    with the next sample of its thread. Where a gap is before it or behind it (no ``has_edges``), the prediction may be
    longer than its run: it may have waited there."""
    parted: pd.DataFrame
    """The same if every gap ended one too: what they are, if there were just so many."""


def lower_bound(profile: Profile, root: NDArray[np.int32], calling: Mask) -> Bound:
    """How many predictions the samples prove.

    ``root`` is, for every sample, the row of ``stacks`` of its prediction root (-1 none); ``calling`` are the samples
    with the call of an app on their stack.
    """
    order = in_order(profile)
    has_stack = (profile.samples["stack_id"] != NONE).to_numpy()[order.rows]
    in_focus = (root != NONE)[order.rows]
    inside = (calling & (profile.samples["phase"] != "completion").to_numpy())[order.rows]
    tells = inside & (order.thread != NONE) & (order.interval > 0) & ~_submitted(profile, root)[order.rows]
    at = np.flatnonzero(tells)
    elsewhere = np.cumsum(has_stack & ~in_focus)
    begins = (np.diff(order.thread[at], prepend=np.int32(NONE)) != 0) | (np.diff(elsewhere[at], prepend=NONE) != 0)
    gaps = np.diff(np.cumsum(order.gap > GAP * order.interval)[at], prepend=NONE) != 0
    runs = _runs(order, at, begins)
    return Bound(max(len(runs), int(in_focus.any())), runs, _runs(order, at, begins | gaps))


def _runs(order: InOrder, at: NDArray[np.intp], begins: Mask) -> pd.DataFrame:
    """The runs of the samples ``at`` some places of the order, each beginning where ``begins`` says."""
    first, last = at[begins], at[np.append(begins[1:], True)[: len(at)]]
    after = np.append(order.gap, 0)[last + 1]  # 0: it is the thread's last
    runs = pd.DataFrame(
        {
            "start_ns": order.time[first],
            "end_ns": order.time[last] + np.where(after > 0, np.minimum(after, order.interval), order.interval),
            "thread_id": order.thread[first],
            "first": order.rows[first],
            "has_edges": np.maximum(order.gap[first], after) <= _EDGE * order.interval,
        }
    )
    return runs.sort_values(["start_ns", "thread_id"], kind="stable", ignore_index=True)


def _submitted(profile: Profile, root: NDArray[np.int32]) -> Mask:
    """For every sample, whether its root is a call that returns before the prediction is made."""
    found = np.zeros(len(root), bool)
    frame = profile.stacks["frame_id"].to_numpy()[root[root != NONE]]
    submits = np.zeros(len(profile.frames), bool)
    rows = in_use(frame, len(submits))
    submits[rows] = [_SUBMITS.search(name) is not None for name in profile.frames["name"].take(rows).tolist()]
    found[root != NONE] = submits[frame]
    return found
