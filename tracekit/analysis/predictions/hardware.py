"""What the interval tables say of the engines over the whole recording: how long they were busy, and for whom.

Rows of the GPU name their process. Rows of the Neural Engine do not, and are of the whole machine: what lies inside a
prediction of this process is taken for its work, what lies outside is called others' work.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tracekit.analysis.predictions.breakdown import EngineTimes
from tracekit.analysis.predictions.intervals import ANE_TABLES, GPU_TABLE, MPS_TABLE, busy, spans_of
from tracekit.analysis.predictions.spans import Spans, Times, union
from tracekit.model.schema import NONE


@dataclass(frozen=True, slots=True)
class EngineHardware:
    """One engine's intervals. Times are unions: overlaps count once."""

    tables: tuple[str, ...]
    """The tables that were recorded, also those without a row."""
    intervals: int
    """How many intervals of work; loading and compiling are none."""
    busy_ns: int
    """How long it worked: the GPU for this process, the ANE for anybody."""
    in_predictions_ns: int
    outside_predictions_ns: int
    others_ns: int
    """Work of other processes: by their id for the GPU; for the ANE what lies outside of the predictions."""
    predictions: int
    """In how many predictions it was busy."""
    load_ns: int
    compile_ns: int


@dataclass(frozen=True, slots=True)
class Hardware:
    """What was recorded of the engines; None for one of which no table was."""

    ane: EngineHardware | None
    gpu: EngineHardware | None
    predictions_ns: int
    """How long predictions ran; where several ran at once, that time counts once."""
    elsewhere_ns: int
    """How long the recording lasted without them, from its first sample or interval to its last."""


def engine_times(intervals: pd.DataFrame, pid: int | None) -> EngineTimes:
    """When the ANE worked for anybody, and the GPU for a process.

    MPSGraph's own table stands for the GPU where the GPU's has no row of the process or of nobody; it names none.
    """
    nobodys = busy(intervals, "gpu", pid=NONE)
    gpu = nobodys if pid is None else nobodys.joined(busy(intervals, "gpu", pid=pid))
    return EngineTimes(busy(intervals, "ane"), gpu if len(gpu) else busy(intervals, "mps"))


def summarize(
    tables: Collection[str], intervals: pd.DataFrame, iterations: pd.DataFrame, times: Times, pid: int | None
) -> Hardware | None:
    """The whole recording's hardware times; None where no table of the ANE or the GPU was recorded.

    ``tables`` names what was recorded; ``iterations`` needs ``start_ns``, ``end_ns``, ``ane_busy_ns`` and
    ``gpu_busy_ns``; ``times`` are those of the samples.
    """
    ane_tables = tuple(name for name in ANE_TABLES if name in tables)
    gpu_tables = tuple(name for name in (GPU_TABLE, MPS_TABLE) if name in tables)
    if not ane_tables and not gpu_tables:
        return None
    busy_times = engine_times(intervals, pid)
    predicting = union(iterations["start_ns"].to_numpy(), iterations["end_ns"].to_numpy())
    return Hardware(
        _ane(ane_tables, intervals, iterations, busy_times.ane, predicting) if ane_tables else None,
        _gpu(gpu_tables, intervals, iterations, busy_times.gpu, predicting, pid) if gpu_tables else None,
        predictions_ns=predicting.total,
        elsewhere_ns=_length(intervals, iterations, times) - predicting.total,
    )


def _ane(
    tables: tuple[str, ...], intervals: pd.DataFrame, iterations: pd.DataFrame, times: Spans, predicting: Spans
) -> EngineHardware:
    rows = intervals[(intervals["kind"] == "ane").to_numpy()]
    inside = common(times, predicting)
    return EngineHardware(
        tables=tables,
        intervals=int((rows["phase"] == "execute").sum()),
        busy_ns=times.total,
        in_predictions_ns=inside,
        outside_predictions_ns=times.total - inside,
        others_ns=times.total - inside,
        predictions=int((iterations["ane_busy_ns"] > 0).sum()),
        load_ns=spans_of(rows[(rows["phase"] == "load").to_numpy()]).total,
        compile_ns=spans_of(rows[(rows["phase"] == "compile").to_numpy()]).total,
    )


def _gpu(
    tables: tuple[str, ...],
    intervals: pd.DataFrame,
    iterations: pd.DataFrame,
    times: Spans,
    predicting: Spans,
    pid: int | None,
) -> EngineHardware:
    rows = intervals[(intervals["kind"] == "gpu").to_numpy()]
    owner = rows["pid"].to_numpy()
    own = np.isin(owner, [NONE, *([] if pid is None else [pid])])
    inside = common(times, predicting)
    return EngineHardware(
        tables=tables,
        intervals=int(own.sum()) or int((intervals["kind"] == "mps").sum()),
        busy_ns=times.total,
        in_predictions_ns=inside,
        outside_predictions_ns=times.total - inside,
        others_ns=spans_of(rows[~own]).total,
        predictions=int((iterations["gpu_busy_ns"] > 0).sum()),
        load_ns=0,
        compile_ns=0,
    )


def _length(intervals: pd.DataFrame, iterations: pd.DataFrame, times: Times) -> int:
    start, end = intervals["start_ns"].to_numpy(), iterations["end_ns"].to_numpy()
    moments = [times, start, start + intervals["duration_ns"].to_numpy(), iterations["start_ns"].to_numpy(), end]
    all_moments = np.concatenate(moments)
    return int(all_moments.max() - all_moments.min()) if len(all_moments) else 0


def common(one: Spans, other: Spans) -> int:
    """How much time both cover."""
    return int(one.within(other.starts, other.ends).sum())
