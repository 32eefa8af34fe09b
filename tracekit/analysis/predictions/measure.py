"""Samples, hardware intervals, signposts and the sidecar on one clock: predictions with where their time went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.bound import lower_bound
from tracekit.analysis.predictions.breakdown import break_down
from tracekit.analysis.predictions.credit import asks_for, has_any, near_any, ties
from tracekit.analysis.predictions.find import DISAGREES, Predictions, Sampled, Source, find_predictions
from tracekit.analysis.predictions.generation import generation, generation_spans
from tracekit.analysis.predictions.gpu import GpuWork, gpu_work
from tracekit.analysis.predictions.hardware import Hardware, common, engine_times, summarize
from tracekit.analysis.predictions.intervals import intervals
from tracekit.analysis.predictions.log import Logged, logged
from tracekit.analysis.predictions.requests import kinds_of, outermost, requests
from tracekit.analysis.predictions.sampling import sampling_interval, stretches
from tracekit.analysis.predictions.sidecar import Harness, Windows, model_of, windows_of
from tracekit.analysis.predictions.spans import Spans, edges, spans_of, union
from tracekit.analysis.predictions.steady import Steady, after_warmup, mark_warmup, steady
from tracekit.model.facts import Notice
from tracekit.model.instruments import CLOCK_TABLE, INTERVAL_TABLES, LANGUAGE_TABLES, MPS_TABLE, TIME_LIMIT
from tracekit.model.log import Log
from tracekit.model.operations import Model
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

WANTED: Final = (*INTERVAL_TABLES, *LANGUAGE_TABLES, CLOCK_TABLE)
"""The tables that ``measure`` reads, where a recording has them."""

HARDWARE_KINDS: Final = ("ane", "gpu", "mps")

NO_HARDWARE: Final = Notice(
    "no-hardware-intervals",
    "no table of hardware intervals (ane-hw-intervals, metal-gpu-intervals) was read with the samples: how long the "
    "Neural Engine and the GPU were busy is not known",
)

ANOTHERS_SIDECAR: Final = "sidecar-of-another-process"

TimeRange = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What is known beside the samples: Instruments' tables by schema, what the harness wrote, what was logged, the
    model that was recorded, and its compute plan (``operations.plan``; without one, that of the harness).
    """

    tables: Mapping[str, pd.DataFrame]
    harness: Harness | None = None
    notices: tuple[Notice, ...] = ()
    log: Log | None = None
    model: Model | None = None
    plan: pd.DataFrame | None = None


NOTHING: Final = Beside({})


@dataclass(frozen=True, slots=True, eq=False)
class Iterations:
    """The predictions of a recording, where something says when each began and ended."""

    table: pd.DataFrame
    """One row a prediction: ``index``, ``start_ns``, ``end_ns``, ``warmup``, ``thread_id``, ``model``, and the columns
    of ``breakdown.Breakdown.table``. Empty where nothing tells them apart."""
    phases: pd.DataFrame
    """``index``, ``engine``, ``phase``, ``samples``, ``weight`` of what was sampled in each."""
    source: Source
    note: str
    """How they were found, or what would tell."""
    steady: Steady | None
    """Times of those after warm-up; None where there is none, or where they are of several models."""
    by_model: Mapping[str, Steady]
    """The same for each model that is named."""
    at_least: int
    """So many predictions are proved by the samples alone."""
    said: int | None = None
    """How many there were, in the user's word."""

    @property
    def after_warmup(self) -> pd.DataFrame:
        """The rows after warm-up; all, where nothing else is there."""
        return after_warmup(self.table)


@dataclass(frozen=True, slots=True)
class Asked:
    """What ties an engine's rows to the process, and what does not."""

    beside: int
    """How many samples inside predictions that ask for the engine are beside any request of it."""
    tied: int
    """Requests of this process: predictions only."""
    tied_ns: int
    nameless: int
    """So many of those name no model: others' requests may be among them."""
    nameless_asked: int
    """Beside so many of the nameless a sample asks for the engine."""
    untied: int
    """Requests of no known process."""
    untied_ns: int
    untied_in_predictions_ns: int
    """How much of those lies where this process was seen predicting."""


_NOTHING_ASKED: Final = Asked(0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Everything on one clock."""

    intervals: pd.DataFrame
    iterations: Iterations
    requests: pd.DataFrame
    """Columns of ``requests.requests``, and ``tie`` str: named, asked, beside (they name no model: others' may be among
    them), none (of no known process)."""
    ane: Asked | None
    """None where no table of the Neural Engine was recorded."""
    mps: Asked | None
    hardware: Hardware | None
    predicting_ns: int
    """How long predictions are known to have run: by their source, else as far as samples stand for time."""
    notices: tuple[Notice, ...]
    pid: int | None
    """Whose the hardware's rows are: the process that predicts, with most samples where several do; None: not known."""
    times_cpu: bool
    """Whether samples weigh nanoseconds, so that CPU time can stand beside hardware time."""
    log: Logged | None
    """What the process's own log says; None without a log of it."""
    gpu: GpuWork | None
    """What the GPU's table says of the process's work; None where it was not recorded."""
    harness: Harness | None
    """What the harness wrote, where it is of this process and of this recording."""
    generation: pd.DataFrame
    """What language models did (``generation.GENERATION``); empty where nothing tells."""
    generation_spans: pd.DataFrame
    """When they did it (``generation.GENERATION_SPANS``)."""


def measure(
    sampled: Sampled,
    beside: Beside,
    time_range: TimeRange = (None, None),
    said: int | None = None,
    others: Sampled | None = None,
) -> Measured:
    """Put what was recorded on one clock. ``sampled`` holds the samples that take part, ``others`` those of processes
    that do not; ``said`` is how many predictions there were in the user's word.
    """
    profile = sampled.profile
    table, mixed = _ours(intervals(beside.tables, profile.threads), others)
    table = clipped(table, time_range)
    pid = _target(sampled, beside.harness)
    windows, refused = _windows_checked(beside, sampled)
    bound = lower_bound(profile, sampled.root, sampled.calling)
    found, disagreement = find_predictions(sampled, table, windows, pid, bound, said)
    is_anothers = any(each.code in (ANOTHERS_SIDECAR, DISAGREES) for each in (*refused, *disagreement))
    harness = None if is_anothers else beside.harness
    chosen = found._replace(table=_in_range(found.table, time_range))
    asked = outermost(table)
    predicting = _predicting(chosen.table, sampled)
    own_log, unused = _logged(beside, pid, profile)
    named = _names_known(harness, table, own_log, sampled)
    tie, ane, mps = _credited(asked, sampled, others, named, predicting)
    own = engine_times(table, asked, tie, pid)
    broken = break_down(chosen.table, sampled, own)
    rows = broken.table if found.marks_warmup else _warmed_up(broken.table)
    by_model = _steady_by_model(rows)
    in_time = {name: _in_time(rows, time_range) for name, rows in beside.tables.items()}
    hardware = summarize(beside.tables, table, rows, own, asked[tie != "none"], pid)
    spans = generation_spans(beside.tables, pid, time_range)
    return Measured(
        intervals=table,
        iterations=Iterations(
            table=rows,
            phases=broken.phases,
            source=found.source,
            note=found.note,
            steady=steady(rows) if len(by_model) < 2 else None,
            by_model=by_model,
            at_least=bound.at_least,
            said=said,
        ),
        requests=_counted(asked, tie),
        ane=ane if hardware is not None and hardware.ane is not None else None,
        mps=mps if MPS_TABLE in beside.tables else None,
        hardware=hardware,
        predicting_ns=predicting.total,
        notices=(*beside.notices, *mixed, *refused, *unused, *disagreement, *_remarks(hardware, chosen, profile)),
        pid=pid,
        times_cpu=profile.meta.unit == "ns",
        log=own_log,
        harness=harness,
        generation=generation(spans, beside.tables, profile.only(sampled.in_focus), own),
        generation_spans=spans,
        gpu=gpu_work(in_time, pid),
    )


def _logged(beside: Beside, pid: int | None, profile: Profile) -> tuple[Logged | None, tuple[Notice, ...]]:
    if beside.log is None:
        return None, ()
    return logged(beside.log, pid, profile.meta.facts, beside.tables.get(CLOCK_TABLE))


def _in_time(rows: pd.DataFrame, time_range: TimeRange) -> pd.DataFrame:
    """The rows of a table that begin in a time range."""
    begin, end = time_range
    if "start" not in rows or (begin is None and end is None):
        return rows
    low, high = 0 if begin is None else begin, TIME_LIMIT if end is None else end
    return rows[rows["start"].between(low, high).fillna(False).to_numpy(bool)]


def _ours(table: pd.DataFrame, others: Sampled | None) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """The intervals without those of Core ML and Core AI that may be another process's: they name none."""
    is_nobodys = table["kind"].isin(["coreml", "coreai"]).to_numpy()
    if others is None or not is_nobodys.any():
        return table, ()
    what = (
        "the rows of Core ML's and Core AI's own tables name no process, and may be of one that was left out: they "
        "were not used"
    )
    left: pd.DataFrame = table[~is_nobodys].reset_index(drop=True)
    return left, (Notice("rows-of-several-processes", what, int(is_nobodys.sum())),)


def clipped(table: pd.DataFrame, time_range: TimeRange) -> pd.DataFrame:
    """The intervals of hardware that lie in a time range, cut at its ends; signposts stay as they are."""
    begin, end = time_range
    is_hardware = table["kind"].isin(HARDWARE_KINDS).to_numpy()
    start, until = edges(table)
    low = start if begin is None else np.where(is_hardware, np.maximum(start, begin), start)
    high = until if end is None else np.where(is_hardware, np.minimum(until, end), until)
    cut: pd.DataFrame = table.assign(start_ns=low, duration_ns=high - low)[high >= low].reset_index(drop=True)
    return cut


def _warmed_up(table: pd.DataFrame) -> pd.DataFrame:
    """Warm-up marked model by model: what one takes says nothing of another."""
    parts = [mark_warmup(rows) for _, rows in table.groupby("model", sort=False)]
    return pd.concat(parts).sort_index() if parts else table


def _steady_by_model(table: pd.DataFrame) -> dict[str, Steady]:
    found = {str(model): steady(rows) for model, rows in table.groupby("model", sort=False) if model}
    return {model: times for model, times in found.items() if times is not None}


def _predicting(predictions: pd.DataFrame, sampled: Sampled) -> Spans:
    """When this process is known to have been predicting."""
    if len(predictions):
        return union(predictions["start_ns"].to_numpy(), predictions["end_ns"].to_numpy())
    stretched = stretches(sampled.profile)
    inside = sampled.in_focus[stretched.rows]
    return union(stretched.start[inside], stretched.end[inside])


def _names_known(harness: Harness | None, table: pd.DataFrame, log: Logged | None, sampled: Sampled) -> set[str]:
    """The models that the process itself names: in Core ML's or Core AI's table, its sidecar, its log, or when it was
    launched, where it takes part.
    """
    facts = sampled.profile.meta.facts
    named = set(table.loc[table["kind"].isin(["coreml", "coreai"]).to_numpy(), "model"])
    named |= set(facts.models) if facts.pid in sampled.pids else set()
    named |= {model_of(harness)} if harness is not None else set()
    named |= set(log.models) if log is not None and log.clock else set()
    return named - {""}


def _credited(
    asked: pd.DataFrame, sampled: Sampled, apart: Sampled | None, named: set[str], predicting: Spans
) -> tuple[NDArray[np.str_], Asked, Asked]:
    """The tie of every request, and what that makes of the rows of the ANE and of MPSGraph."""
    profile = sampled.profile
    time = profile.samples["time_ns"].to_numpy()
    span = (int(time.min()), int(time.max())) if len(time) else (0, 0)
    tie = np.full(len(asked), "none", dtype="U6")
    found = []
    for kind, engine in (("ane", "ANE"), ("mps", "GPU")):
        is_kind = (asked["kind"] == kind).to_numpy()
        if not is_kind.any():
            found.append(_NOTHING_ASKED)
            continue
        samples = asks_for(profile, sampled.in_focus, engine)
        rivals = asks_for(apart.profile, apart.in_focus, engine) if apart is not None else None
        tie[is_kind] = ties(asked[is_kind], engine, samples, named, span, rivals)
        works = is_kind & asked["phase"].isin(["execute", "other"]).to_numpy()
        own, others = asked[works & (tie != "none")], asked[works & (tie == "none")]
        nameless = asked[works & (tie == "beside")]
        stray = spans_of(others)
        found.append(
            Asked(
                beside=int(near_any(*edges(asked[works]), samples.times).sum()),
                tied=len(own),
                tied_ns=spans_of(own).total,
                nameless=len(nameless),
                nameless_asked=int(has_any(*edges(nameless), samples.times).sum()),
                untied=len(others),
                untied_ns=stray.total,
                untied_in_predictions_ns=common(stray, predicting),
            )
        )
    return tie, found[0], found[1]


def _counted(asked: pd.DataFrame, tie: NDArray[np.str_]) -> pd.DataFrame:
    """The requests by model and kind, with what ties each model to the process: those that are tied first, and of them
    predictions.
    """
    counted = requests(asked)
    of_model = dict(zip(zip(asked["kind"], asked["model"], kinds_of(asked), strict=True), tie, strict=True))
    rows = zip(counted["table"], counted["model"], counted["kind"], strict=True)
    tied = counted.assign(tie=pd.Series([of_model[row] for row in rows], dtype="str"))
    order = np.lexsort((np.arange(len(tied)), tied["kind"] != "prediction", tied["tie"] == "none"))
    return tied.iloc[order].reset_index(drop=True)


def _target(sampled: Sampled, harness: Harness | None) -> int | None:
    """The process that predicts: as the recording or the harness says, else the one with most samples in the focus."""
    profile = sampled.profile
    pids = sampled.pids
    for pid in (harness.pid if harness is not None else None, profile.meta.facts.pid):
        if pid is not None and (pid in pids or not pids):
            return pid
    samples = profile.samples[sampled.in_focus] if sampled.in_focus.any() else profile.samples
    thread = samples["thread_id"].to_numpy()
    known = thread[thread != NONE]
    return int(profile.threads["pid"].take(known).mode().iloc[0]) if len(known) else None


def _windows_checked(beside: Beside, sampled: Sampled) -> tuple[Windows | None, tuple[Notice, ...]]:
    harness = beside.harness
    if harness is None:
        return None, ()
    if harness.pid not in sampled.pids:
        is_there = harness.pid in set(sampled.profile.threads["pid"].tolist())
        why = "takes no part" if is_there else "this recording does not have"
        what = f"the sidecar was not used: it is of process {harness.pid}, which {why}"
        return None, (Notice(ANOTHERS_SIDECAR, what),)
    windows = windows_of(harness, beside.tables.get(CLOCK_TABLE), sampled.profile.meta.facts.start_date)
    if windows is None:
        what = "the sidecar was not used: neither time-info nor the recording's start date joins its clock to the trace"
        return None, (Notice("sidecar-without-clock", what),)
    return windows, ()


def _in_range(table: pd.DataFrame, time_range: TimeRange) -> pd.DataFrame:
    begin, end = time_range
    chosen = pd.Series(True, index=table.index)
    if begin is not None:
        chosen &= table["start_ns"] >= begin
    if end is not None:
        chosen &= table["end_ns"] <= end
    return table[chosen].reset_index(drop=True)


def _remarks(hardware: Hardware | None, found: Predictions, profile: Profile) -> list[Notice]:
    remarks = [] if hardware is not None else [NO_HARDWARE]
    start, end = found.table["start_ns"].to_numpy(), found.table["end_ns"].to_numpy()
    interval = sampling_interval(profile) if len(start) else 0
    if interval and np.sort(end - start)[len(start) // 2] < 2 * interval:
        what = (
            f"predictions last about as long as the sampling interval ({interval / 1e6:.1f} ms): the CPU time of one "
            "prediction means little, that of all of them does"
        )
        remarks.append(Notice("coarse-sampling", what))
    at_once = int((start[1:] < end[:-1]).sum())
    if at_once:
        what = f"{at_once} predictions began before the one before had ended: hardware time in both counts in both"
        remarks.append(Notice("predictions-overlap", what, at_once))
    return remarks
