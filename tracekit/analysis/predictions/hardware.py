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
from tracekit.analysis.predictions.intervals import busy, spans_of
from tracekit.analysis.predictions.spans import Spans, union
from tracekit.model.instruments import ANE_TABLES, GPU_TABLE, MPS_TABLE
from tracekit.model.schema import NONE


@dataclass(frozen=True, slots=True)
class EngineHardware:
    """One engine's intervals. Times are unions: overlaps count once."""

    tables: tuple[str, ...]
    """The tables that were recorded, also those without a row."""
    intervals: int
    """How many intervals of work; loading and compiling are none."""
    busy_ns: int
    """How long it worked, for anybody."""
    own_ns: int
    """How long for this process, as far as anything ties its rows to it."""
    others_ns: int
    """The GPU: how long for processes that its rows name and that are others. The ANE: how long for no known one."""
    in_predictions_ns: int | None
    """How much of ``own_ns`` lies in predictions; None where it is not known when each began and ended."""
    predictions: int | None
    """In how many of them it worked for this process."""
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


def summarize(
    tables: Collection[str], intervals: pd.DataFrame, iterations: pd.DataFrame, own: EngineTimes, pid: int | None
) -> Hardware | None:
    """The whole recording's hardware times; None where no table of the ANE or the GPU was recorded.

    ``tables`` names what was recorded; ``iterations`` needs ``start_ns``, ``end_ns``, ``ane_busy_ns`` and
    ``gpu_busy_ns``; ``own`` is when the engines worked for this process.
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
    ane = _engine(ane_tables, ane_rows, own.ane, predicting, iterations["ane_busy_ns"], untied) if ane_tables else None
    shown = gpu_rows if len(gpu_rows) else intervals[(intervals["kind"] == "mps").to_numpy()]
    others = spans_of(gpu_rows[is_other]).total
    gpu = _engine(gpu_tables, shown, own.gpu, predicting, iterations["gpu_busy_ns"], others) if gpu_tables else None
    return Hardware(ane, gpu, None if predicting is None else predicting.total)


def _engine(
    tables: tuple[str, ...],
    rows: pd.DataFrame,
    own: Spans,
    predicting: Spans | None,
    busy_ns: "pd.Series[int]",
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
        predictions=None if predicting is None else int((busy_ns > 0).sum()),
        load_ns=time("load"),
        compile_ns=time("compile"),
        unknown_ns=time("other"),
    )


def common(one: Spans, other: Spans) -> int:
    """How much time both cover."""
    return int(one.within(other.starts, other.ends).sum())
