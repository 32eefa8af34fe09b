"""Predictions as parts of their time: what the bar of one and the chart of all are drawn from."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.steady import Steady
from tracekit.model.schema import ENGINES
from tracekit.report.html.packing import packed
from tracekit.report.numbers import DRIVING

Times = NDArray[np.int64]

_HARDWARE: Final = (
    ("ane_alone_ns", "busy-ane", "ANE busy, the CPU free"),
    ("gpu_alone_ns", "busy-gpu", "GPU busy, the CPU free"),
    ("waiting_ns", "waiting", "blocked, no engine busy"),
    ("unaccounted_ns", "unaccounted", "not accounted for"),
)
_DOING: Final = {"CPU": "computing"}
_WHOLE: Final = {"name": "span-prediction", "label": "the prediction"}


class Part(NamedTuple):
    """One part of the time of predictions."""

    name: str
    """What it is coloured as: ``engine-ANE`` …, ``busy-ane``, ``busy-gpu``, ``waiting``, ``unaccounted``."""
    label: str
    times: Times
    """Nanoseconds, a number a prediction; the parts of a prediction add up to its time."""


def parts_of(table: pd.DataFrame) -> list[Part]:
    """The parts of ``Iterations.table`` that occur: CPU time by engine, hardware beside it, waiting, and the rest.

    CPU time is cut where samples weigh more than the prediction lasted, in the proportions of the engines.
    """
    on_cpu, cpu = table["on_cpu_ns"].to_numpy(), np.maximum(table["cpu"].to_numpy(), 1)
    until = np.cumsum([table[f"cpu_{engine}"].to_numpy() for engine in ENGINES], axis=0)
    edges = [np.zeros(len(table), np.int64), *(np.rint(on_cpu * (sums / cpu)).astype(np.int64) for sums in until)]
    found = [
        Part(f"engine-{engine}", f"on the CPU: {_DOING.get(engine, DRIVING[engine])}", edges[at + 1] - edges[at])
        for at, engine in enumerate(ENGINES)
    ]
    found += [Part(name, label, table[column].to_numpy()) for column, name, label in _HARDWARE]
    return [part for part in found if part.times.any()]


def pack_durations(wall: Sequence[int], steady: Steady) -> str:
    """As ``pack_predictions``, of predictions of which only the length is known."""
    header = {"parts": [_WHOLE], "p50": steady.p50_ns, "p95": steady.p95_ns}
    times = np.asarray(wall, np.int64)
    return packed(header, {"wall": times, "warmup": np.zeros(len(times), np.int64), "part_0": times})


def pack_predictions(table: pd.DataFrame, steady: Steady | None) -> str:
    """Predictions, rows of ``Iterations.table``, as text for the page's scripts; empty where there is none.

    Columns: ``wall`` and ``part_0`` … of the header's ``parts``, in nanoseconds; ``warmup``.
    """
    if not len(table):
        return ""
    found = parts_of(table)
    header = {
        "parts": [{"name": part.name, "label": part.label} for part in found],
        "p50": steady.p50_ns if steady else 0,
        "p95": steady.p95_ns if steady else 0,
    }
    columns = {f"part_{at}": part.times for at, part in enumerate(found)}
    warmup = table["warmup"].to_numpy().astype(np.int64)
    return packed(header, {"wall": table["wall_ns"].to_numpy(), "warmup": warmup, **columns})
