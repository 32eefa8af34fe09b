"""Where the time of each prediction went: CPU, engines, waiting, and what nothing accounts for.

    wall      ├──────────────────────────────────────┤
    samples      s   s                        s   s         each stands for the time it weighs
    ANE                 ▐███████████▌  ▐████▌               a union of hardware intervals: exact
    GPU                           ▐███████▌
    waiting           w   w   w   w   w   w                 samples of a blocked thread, where they were recorded

    wall = CPU + ANE alone + GPU alone + waiting + unaccounted

CPU is the weight of the running samples. ANE alone is the ANE's busy time less the weight of the running samples that
were taken while it was busy. GPU alone is the same for the time in which the GPU was busy and the ANE was not. Waiting
is the weight of the waiting samples that were taken while neither was. The rest is unaccounted. A sample stands for
more or less time than the thread really ran, so each part in this order takes no more than what the parts before it
left of the wall time; so no part is ever below zero, and they always add up.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.find import Sampled
from tracekit.analysis.predictions.sampling import sampling_interval
from tracekit.analysis.predictions.spans import Mask, Spans, Times
from tracekit.analysis.running import is_running
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE, ONE_OFF
from tracekit.model.sums import added, summed

Rows = NDArray[np.intp]

PARTS: Final = ("on_cpu_ns", "ane_alone_ns", "gpu_alone_ns", "waiting_ns", "unaccounted_ns")
"""The parts of ``wall_ns``, in the order in which they take their share."""

_SWITCHABLE: Final = ("ANE", "GPU", "CPU")


class EngineTimes(NamedTuple):
    """When the engines were busy."""

    ane: Spans
    gpu: Spans


@dataclass(frozen=True, slots=True, eq=False)
class Breakdown:
    """Predictions with where their time went."""

    table: pd.DataFrame
    """The table given, with these columns, all int64: ``wall_ns``; ``samples``, ``cpu`` and ``cpu_ANE``, ``cpu_GPU``,
    ``cpu_CPU``, ``cpu_none``, ``cpu_unknown``: running samples, and their weight in the profile's unit, by engine;
    ``waited`` weight of waiting samples; ``one_off_ns`` time of loading, compiling and preparing; ``ane_busy_ns``,
    ``gpu_busy_ns``; the parts of ``wall_ns`` (``PARTS``); ``switches``: how often the engine changed from one
    sample to the next."""
    phases: pd.DataFrame
    """``index`` int32, ``engine``, ``phase`` str, ``samples``, ``weight`` int64 of the running samples."""


def break_down(table: pd.DataFrame, sampled: Sampled, busy: EngineTimes) -> Breakdown:
    """Where the time of each prediction went. ``table`` has the leading columns of ``iterations``.

    Samples count that are inside a prediction: by thread where the table knows the prediction's, and work that the
    prediction gave to other threads; otherwise all in its time.
    """
    start, end = table["start_ns"].to_numpy(), table["end_ns"].to_numpy()
    at = _prediction_of(table, sampled)
    rows = np.flatnonzero(at != NONE)
    at = at[rows]
    profile, count = sampled.profile, len(table)
    samples = profile.samples
    time, weight = samples["time_ns"].to_numpy()[rows], samples["weight"].to_numpy()[rows]
    runs = is_running(profile)[rows]
    engine = samples["engine"].cat.codes.to_numpy()[rows]
    one_off = samples["phase"].isin(ONE_OFF).to_numpy()[rows]

    def weight_of(chosen: Mask) -> Times:
        return added(at[chosen], weight[chosen], count)

    columns: dict[str, Times] = {
        "wall_ns": end - start,
        "samples": added(at[runs], np.ones(int(runs.sum()), np.int64), count),
        "cpu": weight_of(runs),
        **{f"cpu_{name}": weight_of(runs & (engine == code)) for code, name in enumerate(ENGINES)},
        "waited": weight_of(~runs),
        "one_off_ns": _time_of(profile, at[runs & one_off], weight[runs & one_off], count),
        "ane_busy_ns": busy.ane.within(start, end),
        "gpu_busy_ns": busy.gpu.within(start, end),
    }
    on_ane = busy.ane.holds(time)
    on_gpu = busy.gpu.holds(time) & ~on_ane
    # The GPU's time that is not the ANE's too.
    only_gpu = busy.ane.joined(busy.gpu).within(start, end) - columns["ane_busy_ns"]
    is_time = profile.meta.unit == "ns"  # else samples claim none of it
    claims = [
        columns["cpu"] * is_time,
        columns["ane_busy_ns"] - weight_of(runs & on_ane) * is_time,
        only_gpu - weight_of(runs & on_gpu) * is_time,
        weight_of(~runs & ~on_ane & ~on_gpu) * is_time,
    ]
    columns.update(zip(PARTS, _claimed(columns["wall_ns"], claims), strict=True))
    columns["switches"] = _switches(sampled, rows, at, count)
    broken = pd.concat([table, pd.DataFrame(columns, index=table.index)], axis=1)
    running, index = samples.iloc[rows[runs]], table["index"].to_numpy()[at[runs]]
    phases = summed(running["weight"].to_numpy(), index=index, engine=running["engine"], phase=running["phase"])
    return Breakdown(broken, phases.astype({"index": "int32"}))


def _claimed(wall: Times, claims: list[Times]) -> list[Times]:
    """What each claim gets of the wall time, in order, none more than is left; last what is left over."""
    left, parts = wall, []
    for claim in claims:
        parts.append(np.clip(claim, 0, left))
        left = left - parts[-1]
    return [*parts, left]


def _prediction_of(table: pd.DataFrame, sampled: Sampled) -> NDArray[np.int64]:
    """For every sample, the row of the prediction that it belongs to; -1 for none."""
    samples = sampled.profile.samples
    time, thread = samples["time_ns"].to_numpy(), samples["thread_id"].to_numpy()
    own = table["thread_id"].to_numpy()
    given_away = _within(table, np.full_like(own, NONE), time, np.full_like(thread, NONE))
    found = np.where(sampled.in_focus, given_away, NONE)
    return found if (own == NONE).all() else np.where(sampled.calling, _within(table, own, time, thread), found)


def _within(table: pd.DataFrame, owner: NDArray[np.int32], time: Times, thread: NDArray[np.int32]) -> NDArray[np.int64]:
    """For every time on a thread, the prediction of that thread which began last, if it has not ended; else -1."""
    if not len(table) or not len(time):
        return np.full(len(time), NONE, np.int64)
    start, end = table["start_ns"].to_numpy(), table["end_ns"].to_numpy()
    low = min(int(start.min()), int(time.min()))
    reach = max(int(end.max()), int(time.max())) - low + 1
    # One number that sorts by thread first and by time within it.
    key = (owner.astype(np.int64) + 1) * reach + (start - low)
    order = np.argsort(key, kind="stable")
    found = np.searchsorted(key[order], (thread.astype(np.int64) + 1) * reach + (time - low), side="right") - 1
    row = order[np.maximum(found, 0)]
    held = (found >= 0) & (owner[row] == thread) & (time < end[row])
    return np.where(held, row, NONE)


def _time_of(profile: Profile, at: NDArray[np.int64], weight: Times, count: int) -> Times:
    """How long some samples stand for: their weight where that is time, else a sampling interval each."""
    is_time = profile.meta.unit == "ns"
    return added(at, weight if is_time else np.full(len(at), sampling_interval(profile), np.int64), count)


def _switches(sampled: Sampled, rows: Rows, at: NDArray[np.int64], count: int) -> Times:
    """Changes between engines from one sample to the next of the same prediction and thread."""
    samples = sampled.profile.samples
    engine = samples["engine"].cat.codes.to_numpy()[rows]
    works = np.isin(engine, [ENGINES.index(name) for name in _SWITCHABLE])
    rows, at, engine = rows[works], at[works], engine[works]
    thread, time = samples["thread_id"].to_numpy()[rows], samples["time_ns"].to_numpy()[rows]
    order = np.lexsort((time, thread, at))
    at, thread, engine = at[order], thread[order], engine[order]
    changed = (np.diff(at) == 0) & (np.diff(thread) == 0) & (np.diff(engine) != 0)
    return added(at[1:][changed], np.ones(int(changed.sum()), np.int64), count)
