"""Predictions one by one: where each began and ended, from the best source a recording has.

    sidecar    the harness wrote down every start and end                       exact
    signposts  Core ML's or the app's intervals called "prediction"             exact, where they were recorded
    samples    runs of samples inside predictions, thread by thread             to a sampling interval; see below
    none       nothing tells

From samples, for one thread (p: inside a prediction, x: on the stack of something else, A: driving the ANE or the GPU)

    p p p p x p p p     p p p   p A         p p p
    └─────┘   └───┘     └───┘   └───────────────┘
    one       x ends it          the thread waits for the engine, and is not sampled: still one
                    a gap of more than 1.5 sampling intervals ends it

so two predictions that follow one another without a sample between them look like one, and a prediction that sleeps
looks like two. A sample without a stack ends nothing. The end is one sampling interval after the last sample.

What a thread did in a gap nothing tells: it may have waited for the engine, or have ended one prediction and begun the
next. So the predictions are also counted with every gap an end, and with none. Where these counts are far apart,
``lengths_known`` is false and no length is given.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.sampling import GAP, InOrder, in_order
from tracekit.analysis.predictions.sidecar import AGREEMENT, MEASURED_FRAME, WARMUP_FRAME, Windows, agreement
from tracekit.attribution.patterns import parse
from tracekit.attribution.roots import sample_roots
from tracekit.model import schema
from tracekit.model.facts import Notice
from tracekit.model.profile import Profile
from tracekit.model.schema import ITERATIONS, NONE

Mask = NDArray[np.bool_]
Source = Literal["sidecar", "signposts", "samples", "none"]

DOUBTFUL: Final = 0.1
"""Share of predictions that may be of a gap's making. Above it, quantiles of their lengths are those of the reading: in
``sample_traces/legacy-nn-ane``, where predictions take 7.3 ms (p50), they are 2 or 7 ms."""

_PREDICTION_SIGNPOST: Final = r"^predict(?:ion)?$"
_ENOUGH_TO_CHECK: Final = 3


class Predictions(NamedTuple):
    """Predictions and where they were found."""

    table: pd.DataFrame
    """``index`` int32, ``start_ns``, ``end_ns`` int64, ``warmup`` bool (as far as the source says), ``thread_id``
    int32 (-1: not known)."""
    source: Source
    note: str
    """How they were found, and what that may get wrong, for the user."""
    marks_warmup: bool
    """Whether the source itself says which predictions were warm-up."""
    lengths_known: bool = True
    """False where it is not sure which samples are of the same prediction."""


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """The samples of an attributed profile as iterations need them."""

    profile: Profile
    in_focus: Mask
    """Samples of predictions, on whatever thread."""
    calling: Mask
    """Those that have the app's own call on their stack, not only work that a prediction gave to another thread."""


def find_predictions(
    sampled: Sampled, intervals: pd.DataFrame, windows: Windows | None, pid: int | None
) -> tuple[Predictions, tuple[Notice, ...]]:
    """The predictions of a process, from the best source there is, and what is to be said of the others.

    ``intervals`` is the table of ``intervals()``, ``windows`` what the sidecar says.
    """
    notices: tuple[Notice, ...] = ()
    if windows is not None and len(windows.starts):
        refusal = _disagreement(windows, sampled, intervals, pid)
        if refusal is None:
            return _from_windows(windows), notices
        notices = (refusal,)
    for found in (_from_signposts(intervals, pid), _from_samples(sampled)):
        if len(found.table):
            return found, notices
    return Predictions(_table([], [], [], []), "none", "no prediction was found in the trace", False), notices


def _from_windows(windows: Windows) -> Predictions:
    count = len(windows.starts)
    table = _table(windows.starts, windows.ends, windows.warmup, np.full(count, NONE, np.int32))
    note = f"start and end of each as the harness wrote them, placed by {windows.clock}"
    return Predictions(table, "sidecar", note, True)


def _disagreement(windows: Windows, sampled: Sampled, intervals: pd.DataFrame, pid: int | None) -> Notice | None:
    """Why the sidecar is not of this recording, or its clock was not understood; None if all is well."""
    profile = sampled.profile
    marked = _under(profile, MEASURED_FRAME) | _under(profile, WARMUP_FRAME)
    time = profile.samples["time_ns"].to_numpy()
    signposts = _signposts(intervals, pid)
    middle = signposts["start_ns"].to_numpy() + signposts["duration_ns"].to_numpy() // 2
    checks = [("the harness's own frames", time[marked]), ("signposts", middle), ("samples", time[sampled.calling])]
    for name, times in checks:
        if len(times) >= _ENOUGH_TO_CHECK:
            share = agreement(windows, times)
            if share >= AGREEMENT:
                return None
            return Notice(
                "sidecar-disagrees",
                f"the sidecar was not used: only {share * 100:.0f} % of {name} lie in the predictions that it names, "
                f"placed by {windows.clock}",
            )
    return None


def _signposts(intervals: pd.DataFrame, pid: int | None) -> pd.DataFrame:
    """Intervals that are predictions: Core ML's own, which name no process, else the process's own."""
    is_prediction = intervals["label"].str.contains(_PREDICTION_SIGNPOST, case=False, regex=True).astype(bool)
    own = intervals["pid"].isin([NONE, *([] if pid is None else [pid])])
    for kind in ("coreml", "signpost"):
        chosen = intervals[is_prediction.to_numpy() & own.to_numpy() & (intervals["kind"] == kind).to_numpy()]
        if len(chosen):
            return chosen
    return intervals.head(0)


def _from_signposts(intervals: pd.DataFrame, pid: int | None) -> Predictions:
    chosen = _outermost(_signposts(intervals, pid))
    start = chosen["start_ns"].to_numpy()
    whose = "Core ML's own" if (chosen["kind"] == "coreml").any() else "the app's"
    return Predictions(
        _table(start, start + chosen["duration_ns"].to_numpy(), np.zeros(len(start), bool), chosen["thread_id"]),
        "signposts",
        f"start and end of each as {whose} signposts say",
        False,
    )


def _outermost(chosen: pd.DataFrame) -> pd.DataFrame:
    """Without intervals that lie inside another of the same thread: a pipeline's predictions contain predictions."""
    ordered = chosen.sort_values(
        ["thread_id", "start_ns", "duration_ns"], ascending=[True, True, False], kind="stable", ignore_index=True
    )
    end = ordered["start_ns"] + ordered["duration_ns"]
    reach = end.groupby(ordered["thread_id"]).cummax().groupby(ordered["thread_id"]).shift(1)
    return ordered[(reach.isna() | (end > reach)).to_numpy()]


def _from_samples(sampled: Sampled) -> Predictions:
    profile = sampled.profile
    note = (
        "runs of samples inside predictions; they begin and end to a sampling interval, and this source can miss "
        "predictions, or take two for one or one for two"
    )
    nothing = Predictions(_table([], [], [], []), "samples", note, False)
    if not sampled.calling.any():
        return nothing
    order = in_order(profile)
    if order.interval == 0:
        return nothing
    runs, warmup = _Runs(sampled, order), _under(profile, WARMUP_FRAME)
    found = runs.table(runs.leaves | (runs.gaps & ~runs.waits), warmup)
    fewest, most = runs.count(runs.leaves), runs.count(runs.leaves | runs.gaps)
    is_sure = most - fewest <= DOUBTFUL * most
    if not is_sure:
        note = (
            f"runs of samples inside predictions; {fewest:,} to {most:,} fit, because nothing tells whether a thread "
            "that was not sampled waited for an engine or was between two. So these begin and end by guess, and how "
            "long one takes is not known. The harness's sidecar or a signpost called prediction tells"
        )
    marks = bool((_under(profile, MEASURED_FRAME) | warmup).any())
    return Predictions(found, "samples", note, marks, lengths_known=is_sure)


class _Runs:
    """The samples of the calls, thread by thread, and what parts each from the one before.

    ``leaves``: another thread, or seen elsewhere in between; ``gaps``: not sampled in between; ``waits``: it was last
    seen where a call to an engine returns when that is done.
    """

    def __init__(self, sampled: Sampled, order: InOrder) -> None:
        samples = sampled.profile.samples
        self._order = order
        inside = sampled.calling[order.rows]
        elsewhere = ~inside & (samples["stack_id"].to_numpy()[order.rows] != NONE)
        self._at = at = np.flatnonzero(inside)
        drives = samples["engine"].isin(["ANE", "GPU"]) & samples["phase"].isin(["dispatch", "wait"])
        self.leaves: Mask = np.diff(order.thread[at], prepend=np.int32(-2)) != 0
        self.leaves |= np.diff(np.cumsum(elsewhere)[at], prepend=-1) != 0
        self.gaps: Mask = np.diff(np.cumsum(order.gap > GAP * order.interval)[at], prepend=-1) != 0
        self.waits: Mask = np.concatenate([[False], drives.to_numpy()[order.rows][at]])[: len(at)]
        self._is_more = (samples["phase"] != "completion").to_numpy()[order.rows][at]

    def count(self, begins: Mask) -> int:
        """How many predictions there are, if one begins at each of these samples."""
        return int(self._any_of(begins, self._is_more).sum())

    def table(self, begins: Mask, warmup: Mask) -> pd.DataFrame:
        """These predictions; a run that only completes requests is none. ``warmup`` is of every sample."""
        order, at = self._order, self._at
        first, last = at[begins], at[np.append(begins[1:], True)]
        is_more = self._any_of(begins, self._is_more)
        is_warmup = self._any_of(begins, warmup[order.rows][at])
        following = np.append(order.time, 0)[last + 1]
        is_followed = np.append(order.gap, 0)[last + 1] > 0
        end = order.time[last] + order.interval
        end = np.where(is_followed, np.minimum(end, following), end)
        return _table(order.time[first][is_more], end[is_more], is_warmup[is_more], order.thread[first][is_more])

    def _any_of(self, begins: Mask, values: Mask) -> Mask:
        """For every run, whether any of its samples is so."""
        run = np.cumsum(begins) - 1
        found: Mask = np.bincount(run[values], minlength=int(begins.sum())) > 0
        return found


def _under(profile: Profile, symbol: str) -> Mask:
    """For every sample, whether a function is on its stack."""
    under: Mask = sample_roots(profile, [parse(f"re:^_?{symbol}$")]) != NONE
    return under


def _table(start: object, end: object, warmup: object, thread: object) -> pd.DataFrame:
    """The leading columns of ``iterations``, in order of time."""
    starts, ends = np.asarray(start, np.int64), np.asarray(end, np.int64)
    order = np.lexsort((ends, starts))
    return schema.table(
        ITERATIONS,
        {
            "index": np.arange(len(starts)),
            "start_ns": starts[order],
            "end_ns": ends[order],
            "warmup": np.asarray(warmup, bool)[order],
            "thread_id": np.asarray(thread, np.int32)[order],
        },
    )
