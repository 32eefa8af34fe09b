"""Findings that a recording shows, and the log of its process.

A share is named from 5 % of what it is measured against; a prediction after warm-up is said to compile where a fifth of
its time goes there, because less is a sample or two.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.findings.finding import WORTH_NAMING, Finding
from tracekit.analysis.predictions.log import Logged
from tracekit.analysis.predictions.measure import Iterations, Measured
from tracekit.analysis.predictions.spent import gpu_driving, one_off_parts
from tracekit.analysis.predictions.steady import ONE_OFF_SHARE
from tracekit.analysis.running import is_running, running
from tracekit.analysis.words import counted, milliseconds, percent, sentence
from tracekit.attribution.engines import Decisions, decide
from tracekit.attribution.names import bare_symbol, is_unnamed
from tracekit.attribution.rules import Catalogue
from tracekit.model.forest import climb, forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import AT_WORK, NONE, Unit
from tracekit.model.sums import summed

AS_MUCH: Final = 0.8
"""Driving the GPU costs as much as its work from this part of it on: a public report of 43 ms a step called a little
less than as much its cause."""
ENOUGH: Final = 10
"""So many samples that drive the GPU leave no doubt that it was driven."""
_NAMES_SHOWN: Final = 3


def of_trace(
    inside: Profile, catalogue: Catalogue, measured: Measured, decisions: Decisions | None = None
) -> Iterator[Finding]:
    """What was seen. ``inside`` holds the samples of predictions, attributed, with their whole stacks."""
    ran = running(inside)
    work = deciding_symbols(ran, catalogue, decisions)
    harness = measured.harness
    asked_for = harness is not None and harness.compute_units in ("all", "cpuAndNeuralEngine")
    yield from _data_moved(work, ran, "convert", "conversion", "converting data")
    yield from _data_moved(work, ran, "copy", "input-copies", "copying data")
    yield from _fallback(work, ran, measured, asked_for=asked_for)
    yield from _compile(measured.iterations, inside.meta.unit)
    yield from _contention(inside, measured)
    yield from _encoding(measured, inside.meta.unit)
    yield from _gpu_without_rows(inside, measured)
    if measured.log is not None:
        yield from of_log(measured.log)


def of_log(log: Logged) -> Iterator[Finding]:
    """What the driver of the Neural Engine answered."""
    if log.failed:
        named = ", ".join(f"0x{status:x} × {count:,}" for status, count in sorted(log.failed.items()))
        of = f"{sum(log.failed.values()):,} of {counted(log.count, 'request')} to the Neural Engine"
        yield Finding("ane-status", ("log",), f"{of} ended with an error: {named}.")


def deciding_symbols(profile: Profile, catalogue: Catalogue, decisions: Decisions | None = None) -> pd.DataFrame:
    """What decided each sample, by function: the frame whose rule named the engine, or where that was stripped of its
    name, the nearest above it that has one.

    Columns: ``symbol`` str, ``engine``, ``phase`` str, ``samples``, ``weight`` int64, heaviest first.
    """
    samples = profile.samples
    node = _nearest_named(profile, (decisions or decide(profile, catalogue)).of(profile).node)
    shown = samples[node != NONE]
    frame = profile.stacks["frame_id"].to_numpy()[node[node != NONE]]
    sums = summed(shown["weight"].to_numpy(), frame=frame, engine=shown["engine"], phase=shown["phase"])
    sums.insert(0, "symbol", profile.frames["name"].array[sums.pop("frame").to_numpy()])
    return sums.sort_values(["weight", "symbol"], ascending=[False, True], ignore_index=True)


def _nearest_named(profile: Profile, node: NDArray[np.int32]) -> NDArray[np.int32]:
    """The nearest row of ``stacks`` at or above each that has a name; the row itself where none has."""
    unnamed = np.array([is_unnamed(name) for name in profile.frames["name"].tolist()], bool)
    found = climb(forest_of(profile.stacks), node, unnamed)
    return np.where(found == NONE, node, found)


def _data_moved(work: pd.DataFrame, running: Profile, phase: str, code: str, doing: str) -> Iterator[Finding]:
    moving = work[(work["engine"] == "CPU") & (work["phase"] == phase)]
    if _share_inside(moving, running) >= WORTH_NAMING:
        names = _heaviest_names(moving)
        said = f"{_amount(moving, running)} goes into {doing}: {', '.join(names)}."
        yield Finding(code, ("trace",), said, symbols=names)


def _fallback(work: pd.DataFrame, running: Profile, measured: Measured, *, asked_for: bool) -> Iterator[Finding]:
    kernels = work[(work["engine"] == "CPU") & (work["phase"] == "execute")]
    ane = measured.hardware.ane if measured.hardware else None
    uses_ane = (work["engine"] == "ANE").any() or (ane is not None and ane.own_ns > 0)
    if not (uses_ane or asked_for) or _share_inside(kernels, running) < WORTH_NAMING:
        return
    names = _heaviest_names(kernels)
    said = f"{_amount(kernels, running)} computes on the CPU: {', '.join(names)}."
    yield Finding("fallback", ("trace",), said, symbols=names)


def _compile(iterations: Iterations, unit: Unit) -> Iterator[Finding]:
    if unit != "ns" or not len(iterations.table):
        return
    table = iterations.table
    once = table[table["warmup"].to_numpy()]
    again = table[~table["warmup"].to_numpy() & (table["one_off_ns"] > ONE_OFF_SHARE * table["wall_ns"]).to_numpy()]
    parts = []
    if len(once) and int(once["one_off_ns"].sum()) >= WORTH_NAMING * int(once["wall_ns"].sum()):
        which = "the first prediction" if len(once) == 1 else f"the first {len(once)} predictions"
        parts.append(f"{which} spent {' and '.join(one_off_parts(iterations, once))}, once")
    if len(again):
        which = f"after warm-up, {len(again)} of {len(table) - len(once)} predictions"
        parts.append(f"{which} spent {' and '.join(one_off_parts(iterations, again))}")
    if parts:
        yield Finding("compile", ("trace",), sentence(parts))


def _contention(inside: Profile, measured: Measured) -> Iterator[Finding]:
    """Blocked threads count here: that is what a queued prediction does."""
    share = _share_inside(inside.samples[(inside.samples["phase"] == "contention").to_numpy()], inside)
    whole = "the CPU time" if is_running(inside).all() else "the time of running and blocked threads"
    parts = []
    if share >= WORTH_NAMING:
        parts.append(f"{percent(share)} of {whole} in predictions is spent waiting for another prediction to end")
    ane = measured.hardware.ane if measured.hardware else None
    if ane is not None and ane.own_ns and ane.others_ns >= WORTH_NAMING * (ane.own_ns + ane.others_ns):
        parts.append(f"the Neural Engine also worked {milliseconds(ane.others_ns)} for no known process")
    if parts:
        yield Finding("contention", ("trace",), sentence(parts))


def _encoding(measured: Measured, unit: Unit) -> Iterator[Finding]:
    gpu = measured.hardware.gpu if measured.hardware else None
    if unit != "ns" or gpu is None or not gpu.in_predictions_ns:
        return
    chosen = measured.iterations.after_warmup
    driving = gpu_driving(measured.iterations, chosen)
    worked, wall = int(chosen["gpu_busy_ns"].sum()), int(chosen["wall_ns"].sum())
    if driving < AS_MUCH * worked or driving < WORTH_NAMING * wall:
        return
    spent = f"{milliseconds(driving // len(chosen))} of CPU time on encoding and submitting work for the GPU"
    said = f"A prediction spends {spent}, which then works {milliseconds(worked // len(chosen))}."
    yield Finding("encoding", ("trace",), said)


def _gpu_without_rows(inside: Profile, measured: Measured) -> Iterator[Finding]:
    """Stacks on which the GPU is driven, beside a table of it in which this process has no row."""
    samples, work = inside.samples, measured.gpu
    driving = samples[((samples["engine"] == "GPU") & samples["phase"].isin(AT_WORK)).to_numpy()]
    if work is None or work.rows or len(driving) < ENOUGH or _share_inside(driving, inside) < WORTH_NAMING:
        return
    others = f", only {counted(work.others_rows, 'row')} of others" if work.others_rows else ""
    share = percent(_share_inside(driving, inside))
    beside = f" MPSGraph's own table holds {counted(work.mps_rows, 'run')}." if work.mps_rows else ""
    yield Finding(
        "gpu-rows-missing",
        ("trace",),
        f"{len(driving):,} samples in predictions ({share}) hand work to the GPU or wait for it, "
        f"but its table holds no row of this process{others}: how long the GPU worked is not known.{beside}",
    )


def _share_inside(rows: pd.DataFrame, inside: Profile) -> float:
    return int(rows["weight"].sum()) / (inside.weight or 1)


def _amount(rows: pd.DataFrame, inside: Profile) -> str:
    part = percent(_share_inside(rows, inside))
    if inside.meta.unit != "ns":
        return f"{part} of the predictions' samples"
    return f"{milliseconds(int(rows['weight'].sum()))} ({part} of the predictions' CPU time)"


def _heaviest_names(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(dict.fromkeys(bare_symbol(symbol) for symbol in rows["symbol"]))[:_NAMES_SHOWN]
