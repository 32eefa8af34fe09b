"""What the interval tables say of the engines over the whole recording: how long they worked, and for whom.

Rows of the GPU name their process. Rows of the Neural Engine do not, and are of the whole machine: ``credit.py`` tells
which requests are this process's. The others are of no known process.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.breakdown import EngineTimes
from tracekit.analysis.predictions.credit import same_model
from tracekit.analysis.predictions.intervals import busy
from tracekit.analysis.predictions.spans import Spans, edges, spans_of, union
from tracekit.model.instruments import ANE_TABLES, GPU_TABLE, MPS_TABLE
from tracekit.model.schema import NONE


@dataclass(frozen=True, slots=True)
class EngineHardware:
    """One engine's intervals. Times are unions: overlaps count once."""

    tables: tuple[str, ...]
    """The tables that were recorded, also those without a row."""
    intervals: int
    """How many rows of work, those inside another included (``requests`` counts these once); loading and compiling are
    none."""
    busy_ns: int
    """How long it worked, for anybody."""
    own_ns: int
    """How long for this process, as far as anything ties its rows to it."""
    others_ns: int
    """The GPU: how long for processes that its rows name and that are others. The ANE: how long for no known one."""
    in_predictions_ns: int | None
    """How much of ``own_ns`` lies in predictions; None where it is not known when each began and ended."""
    predictions: int | None
    """In how many of them it worked for this process, surely."""
    predictions_at_most: int | None
    """In how many at most: a request in several that ran at once is of one of them, nobody knows which."""
    load_ns: int
    compile_ns: int
    unknown_ns: int
    """Work whose label is not known: a prediction, or not."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What was recorded of the engines; None for one of which no table was."""

    ane: EngineHardware | None
    gpu: EngineHardware | None
    predictions_ns: int | None
    """How long predictions ran; where several ran at once, that time counts once. None: not known."""


def engine_times(intervals: pd.DataFrame, asked: pd.DataFrame, tie: NDArray[np.str_], pid: int | None) -> EngineTimes:
    """When the ANE and the GPU worked for a process.

    ``asked`` are the requests of ``requests.outermost``, ``tie`` what ``credit.ties`` says of them. MPSGraph's own
    table stands for the GPU where the GPU's has no row of the process or of nobody.
    """
    tied = asked[(tie != "none") & (asked["phase"] == "execute").to_numpy()]
    nobodys = busy(intervals, "gpu", pid=NONE)
    gpu = nobodys if pid is None else nobodys.joined(busy(intervals, "gpu", pid=pid))
    mps = spans_of(tied[(tied["kind"] == "mps").to_numpy()])
    return EngineTimes(spans_of(tied[(tied["kind"] == "ane").to_numpy()]), gpu if len(gpu) else mps)


def served(requests: pd.DataFrame, predictions: pd.DataFrame) -> tuple[int, int]:
    """In how many predictions an engine worked: surely, and at most.

    Columns: ``start_ns``, ``duration_ns`` and ``model`` of each request; ``start_ns``, ``end_ns`` and ``model`` of each
    prediction. A request whose model predictions name is of one of those.

        predictions   ├── A ──┤   ├──── B ────┤
                                        ├──── C ────┤
        requests        ├─┤               ├─┤           A surely; B or C: two at most
    """
    models = predictions["model"].to_numpy(object)
    labels = requests["model"].to_numpy(object)
    start, end = edges(requests)
    of_model = {
        label: next((name for name in dict.fromkeys(models) if same_model(label, name)), None)
        for label in dict.fromkeys(labels)
    }
    surely, perhaps = np.zeros((2, len(predictions)), bool)
    shared = 0
    for model in dict.fromkeys(of_model.values()):
        mine = np.array([of_model[label] == model for label in labels], bool)
        at = np.flatnonzero(models == model) if model is not None else np.arange(len(predictions))
        begin, until = (predictions[name].to_numpy()[at] for name in ("start_ns", "end_ns"))
        first, last = np.argsort(begin, kind="stable"), np.argsort(until, kind="stable")
        begun = np.searchsorted(begin[first], end[mine], side="left")
        over = np.searchsorted(until[last], start[mine], side="right")
        # Where one alone runs, what began less what ended is that one.
        alone = (np.append(0, np.cumsum(first))[begun] - np.append(0, np.cumsum(last))[over])[begun - over == 1]
        surely[at[alone]] = True
        perhaps[at] |= union(start[mine], end[mine]).within(begin, until) > 0
        shared += int((begun - over > 1).sum())
    count = int(surely.sum())
    return count, count + min(int((perhaps & ~surely).sum()), shared)


def summarize(
    tables: Collection[str],
    intervals: pd.DataFrame,
    iterations: pd.DataFrame,
    own: EngineTimes,
    asked: pd.DataFrame,
    pid: int | None,
) -> Hardware | None:
    """The whole recording's hardware times; None where no table of the ANE or the GPU was recorded.

    ``tables`` names what was recorded; ``iterations`` needs ``start_ns``, ``end_ns`` and ``model``; ``own`` is when the
    engines worked for this process, ``asked`` the requests that are tied to it.
    """
    ane_tables = tuple(name for name in ANE_TABLES if name in tables)
    gpu_tables = tuple(name for name in (GPU_TABLE, MPS_TABLE) if name in tables)
    if not ane_tables and not gpu_tables:
        return None
    known = len(iterations) > 0
    predicting = union(iterations["start_ns"].to_numpy(), iterations["end_ns"].to_numpy()) if known else None
    ane_rows = intervals[(intervals["kind"] == "ane").to_numpy()]
    gpu_rows = intervals[(intervals["kind"] == "gpu").to_numpy()]
    is_other = ~gpu_rows["pid"].isin([NONE, *([] if pid is None else [pid])]).to_numpy()
    worked = spans_of(ane_rows[ane_rows["phase"].isin(["execute", "other"]).to_numpy()])
    untied = worked.total - common(worked, own.ane)
    works = asked[(asked["phase"] == "execute").to_numpy()]
    by_ane = served(works[(works["kind"] == "ane").to_numpy()], iterations)
    ane = _of_engine(ane_tables, ane_rows, own.ane, predicting, by_ane, untied) if ane_tables else None
    shown = gpu_rows if len(gpu_rows) else intervals[(intervals["kind"] == "mps").to_numpy()]
    others = spans_of(gpu_rows[is_other]).total
    mine = gpu_rows[~is_other] if (~is_other).any() else works[(works["kind"] == "mps").to_numpy()]
    by_gpu = served(mine, iterations)
    gpu = _of_engine(gpu_tables, shown, own.gpu, predicting, by_gpu, others) if gpu_tables else None
    return Hardware(ane, gpu, None if predicting is None else predicting.total)


def _of_engine(
    tables: tuple[str, ...],
    rows: pd.DataFrame,
    own: Spans,
    predicting: Spans | None,
    served_by: tuple[int, int],
    others_ns: int,
) -> EngineHardware:
    def time(phase: str) -> int:
        return spans_of(rows[(rows["phase"] == phase).to_numpy()]).total

    return EngineHardware(
        tables=tables,
        intervals=int((rows["phase"] == "execute").sum()),
        busy_ns=time("execute"),
        own_ns=own.total,
        others_ns=others_ns,
        in_predictions_ns=None if predicting is None else common(own, predicting),
        predictions=None if predicting is None else served_by[0],
        predictions_at_most=None if predicting is None else served_by[1],
        load_ns=time("load"),
        compile_ns=time("compile"),
        unknown_ns=time("other"),
    )


def common(one: Spans, other: Spans) -> int:
    """How much time both cover."""
    return int(one.within(other.starts, other.ends).sum())
