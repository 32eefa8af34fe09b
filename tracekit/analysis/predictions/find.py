"""Predictions one by one, from what says where each begins and ends.

    sidecar       the harness wrote down every start and end
    coreml-table  Core ML's own rows called Prediction, which name the model
    odie-profile  Core AI's rows of the category Inference, which name the model and its function
    signposts     the app's intervals called "prediction"
    user          the user says how often the model was called, and the samples are in as many runs (``bound.py``)
    none          nothing tells

CPU samples do not tell. A gap between two of them is a wait for an engine, a pause of the app, or nothing at all. So
without one of these sources there is no count, no length and no percentile, only a lower bound.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.bound import Bound
from tracekit.analysis.predictions.sidecar import AGREEMENT, MEASURED_FRAME, WARMUP_FRAME, Windows, agreement
from tracekit.analysis.predictions.spans import Mask, edges, spans_of
from tracekit.analysis.words import counted
from tracekit.attribution.patterns import parse
from tracekit.attribution.roots import sample_roots
from tracekit.model import schema
from tracekit.model.facts import Notice
from tracekit.model.profile import Profile
from tracekit.model.schema import ITERATIONS, NONE

Source = Literal["sidecar", "coreml-table", "odie-profile", "signposts", "user", "none"]

DISAGREES: Final = "sidecar-disagrees"
_PREDICTION_SIGNPOST: Final = r"^predict(?:ion)?$"
_ENOUGH_TO_CHECK: Final = 3
OF_FUNCTION: Final = " · "
"""Stands between a model of Core AI that has several functions and one of them."""
WHAT_TELLS: Final = (
    "The harness's sidecar, a signpost called prediction, or --predictions N (how often the loop ran) would tell"
)

_TOLD_BY: Final[Mapping[str, tuple[Source, str]]] = {
    "coreml": ("coreml-table", "Core ML's own table says"),
    "coreai": ("odie-profile", "Core AI's own table says"),
    "signpost": ("signposts", "the app's signposts say"),
}
_PROVED: Final = "the samples prove as many, so each run of samples is one"
_PARTED: Final = "the samples are in as many runs, if a gap between two ends one too, so each run is one"


class Predictions(NamedTuple):
    """Predictions and where they were found."""

    table: pd.DataFrame
    """``index`` int32, ``start_ns``, ``end_ns`` int64, ``warmup`` bool (as far as the source says), ``thread_id``
    int32 (-1: not known), ``model`` str (empty: not named)."""
    source: Source
    note: str
    """How they were found, for the user."""
    marks_warmup: bool
    """Whether the source itself says which predictions were warm-up."""


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """The samples of an attributed profile as predictions need them."""

    profile: Profile
    root: NDArray[np.int32]
    """For every sample, the row of ``stacks`` of its prediction root; -1: it is of no prediction."""
    calling: Mask
    """Those that have the app's own call on their stack, not only work that a prediction gave to another thread."""
    kind: pd.Categorical
    """For every sample, whose prediction it is of, as ``roots.root_kinds`` says."""

    @property
    def in_focus(self) -> Mask:
        """Samples of predictions, on whatever thread."""
        inside: Mask = self.root != NONE
        return inside

    @property
    def pids(self) -> set[int]:
        """The processes that take part."""
        return self._pids_of(np.ones(len(self.root), bool))

    @property
    def predicting_pids(self) -> set[int]:
        """Those that were seen predicting."""
        return self._pids_of(self.in_focus)

    def _pids_of(self, chosen: Mask) -> set[int]:
        thread = np.unique(self.profile.samples["thread_id"].to_numpy()[chosen])
        return set(self.profile.threads["pid"].take(thread[thread != NONE]).tolist())


def find_predictions(
    sampled: Sampled,
    intervals: pd.DataFrame,
    windows: Windows | None,
    pid: int | None,
    bound: Bound,
    said: int | None = None,
) -> tuple[Predictions, tuple[Notice, ...]]:
    """The predictions of a process, from the best source there is, and what is to be said of the others.

    ``intervals`` is the table of ``intervals()``, ``windows`` what the sidecar says, ``said`` how many predictions the
    user says there were.
    """
    notices: tuple[Notice, ...] = ()
    if windows is not None and len(windows.starts):
        refusal = _disagreement(windows, sampled, intervals, pid)
        if refusal is None:
            found = _from_windows(windows)
            return found, _other_than_said(found, said, bound)
        notices = (refusal,)
    found = _from_rows(intervals, sampled.predicting_pids | ({pid} if pid is not None else set()))
    notices = (*notices, *_other_than_said(found, said, bound))
    if not len(found.table) and said:
        for runs, how in ((bound.runs, _PROVED), (bound.parted, _PARTED)):
            if len(runs) == said and runs["has_edges"].all():
                return _from_runs(sampled.profile, runs, how), notices
    return found, notices


def _other_than_said(found: Predictions, said: int | None, bound: Bound) -> tuple[Notice, ...]:
    """Where the user's word is not what an exact source tells, or less than samples prove, that is said; they count."""
    count = len(found.table)
    if said is None or said == count or (not count and said >= bound.at_least):
        return ()
    told = (
        f"the recording tells of {count:,}, which count" if count else f"the samples prove at least {bound.at_least:,}"
    )
    return (Notice("predictions-said", f"you said that there were {counted(said, 'prediction')}; {told}"),)


def _from_windows(windows: Windows) -> Predictions:
    nowhere, model = np.full(len(windows.starts), NONE), [windows.model] * len(windows.starts)
    table = _table(windows.starts, windows.ends, windows.warmup, nowhere, model)
    note = f"start and end of each as the harness wrote them, placed by {windows.clock}"
    return Predictions(table, "sidecar", note, True)


def _disagreement(windows: Windows, sampled: Sampled, intervals: pd.DataFrame, pid: int | None) -> Notice | None:
    """Why the sidecar is not of this recording, or its clock was not understood; None if all is well."""
    profile = sampled.profile
    owner = np.append(profile.threads["pid"].to_numpy(), NONE)[profile.samples["thread_id"].to_numpy()]
    mine = owner == (NONE if pid is None else pid)
    marked = mine & (_under(profile, MEASURED_FRAME) | _under(profile, WARMUP_FRAME))
    time = profile.samples["time_ns"].to_numpy()
    signposts = prediction_rows(intervals, [] if pid is None else [pid])
    middle = signposts["start_ns"].to_numpy() + signposts["duration_ns"].to_numpy() // 2
    checks = {"the harness's own frames": time[marked], "signposts": middle, "samples": time[mine & sampled.calling]}
    name = next((name for name, times in checks.items() if len(times) >= _ENOUGH_TO_CHECK), None)
    if name is None or (share := agreement(windows, checks[name])) >= AGREEMENT:
        return None
    what = (
        f"the sidecar was not used: only {share * 100:.0f} % of {name} lie in the predictions that it names, "
        f"placed by {windows.clock}"
    )
    return Notice(DISAGREES, what)


def prediction_rows(intervals: pd.DataFrame, pids: Collection[int]) -> pd.DataFrame:
    """Intervals that are predictions: Core ML's or Core AI's own, which name no process, else the processes' signposts.

    Of Core AI each is there once, and ``model`` says the function too where the model has several.
    """
    is_prediction = intervals["label"].str.contains(_PREDICTION_SIGNPOST, case=False, regex=True).astype(bool)
    is_prediction = is_prediction.mask(intervals["kind"] == "coreai", intervals["phase"] == "execute")
    own = intervals["pid"].isin([NONE, *pids])
    for kind in ("coreml", "coreai", "signpost"):
        chosen = intervals[is_prediction.to_numpy() & own.to_numpy() & (intervals["kind"] == kind).to_numpy()]
        if len(chosen):
            return _whole_calls(chosen) if kind == "coreai" else chosen
    return intervals.head(0)


def _from_rows(intervals: pd.DataFrame, pids: Collection[int]) -> Predictions:
    chosen = prediction_rows(intervals, pids)
    if not len(chosen):
        return Predictions(_table([], [], [], [], []), "none", f"nothing tells them apart. {WHAT_TELLS}", False)
    source, whose = _TOLD_BY[str(chosen["kind"].iloc[0])]
    if source == "coreml-table":
        # Its rows name no thread, so that one inside another may be another thread's: those of a model with a parent
        # are a pipeline's parts.
        chosen = chosen[(chosen["depth"] == chosen["depth"].min()).to_numpy()]
    elif source == "signposts":
        chosen = _outermost(chosen)
    start, end = edges(chosen)
    table = _table(start, end, np.zeros(len(start), bool), chosen["thread_id"], chosen["model"])
    return Predictions(table, source, f"start and end of each as {whose}", False)


def _whole_calls(chosen: pd.DataFrame) -> pd.DataFrame:
    """Of Core AI's inferences, which nest by level, one row a call.

    Of each function the rows of the outermost level that it has count; and none of a function that begins inside a
    call, further out, of another function of its model. Calls of one level may overlap: they are calls at once.
    """
    keys = ["model", "label"]
    level = chosen["depth"]
    own = chosen[(level == chosen.groupby(keys)["depth"].transform("min")).to_numpy()]
    is_part = np.zeros(len(own), bool)
    for _, rows in own.reset_index(drop=True).groupby("model"):
        for inner in sorted(set(rows["depth"]))[1:]:
            at = rows.index[rows["depth"] == inner]
            is_part[at] = spans_of(rows[rows["depth"] < inner]).holds(rows["start_ns"].loc[at].to_numpy())
    calls = own[~is_part]
    has_several = calls.groupby("model")["label"].transform("nunique") > 1
    return calls.assign(model=calls["model"].mask(has_several, calls["model"] + OF_FUNCTION + calls["label"]))


def _outermost(chosen: pd.DataFrame) -> pd.DataFrame:
    """Without the predictions of a pipeline's parts: those inside another of the same thread."""
    ordered = chosen.sort_values(["start_ns", "duration_ns"], ascending=[True, False], kind="stable")
    end = ordered["start_ns"] + ordered["duration_ns"]
    reach = end.groupby(ordered["tid"]).cummax().groupby(ordered["tid"]).shift(1)
    return ordered[(reach.isna() | (end > reach)).to_numpy()]


def _from_runs(profile: Profile, runs: pd.DataFrame, how: str) -> Predictions:
    """There are as many runs of samples as there were predictions in the user's word: so each is one of them."""
    warmup = _under(profile, WARMUP_FRAME)
    is_warmup = warmup[runs["first"].to_numpy()]
    table = _table(runs["start_ns"], runs["end_ns"], is_warmup, runs["thread_id"], [""] * len(runs))
    note = f"you said that there were {len(runs):,}, and {how}; they begin and end to a sampling interval"
    return Predictions(table, "user", note, bool((_under(profile, MEASURED_FRAME) | warmup).any()))


def _under(profile: Profile, symbol: str) -> Mask:
    """For every sample, whether a function is on its stack."""
    under: Mask = sample_roots(profile, [parse(f"re:^_?{symbol}$")]) != NONE
    return under


def _table(start: object, end: object, warmup: object, thread: object, model: object) -> pd.DataFrame:
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
            "model": np.asarray(model, object)[order],
        },
    )
