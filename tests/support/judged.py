"""Recordings as drawings (``timelines.py``) with what hardware tables and the harness say beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tests.support.timelines import PID, TICK, analysed
from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.measure import Beside

Spans = list[tuple[float, float]]


@dataclass(frozen=True)
class Written:
    """A sidecar that names no prediction, only what was asked for and planned."""

    compute_units: str = "all"
    document: Mapping[str, Any] = field(default_factory=dict)
    pid: int = PID
    timebase: tuple[int, int] = (125, 3)
    iterations: tuple[Any, ...] = ()


def planned(**operations: int) -> Written:
    placed = [{"preferred": device} for device, count in operations.items() for _ in range(count)]
    return Written(document={"compute_plan": {"operations": [*placed, {"preferred": None}]}})


def ane(spans: Spans, label: str = "Neural Engine Prediction") -> pd.DataFrame:
    rows = [(int(start * TICK), int((end - start) * TICK), label, "Active") for start, end in spans]
    return pd.DataFrame(rows, columns=["start", "duration", "event-label", "state"])


def gpu(spans: Spans, pid: int = PID) -> pd.DataFrame:
    rows = [(int(start * TICK), int((end - start) * TICK), "Active", pid) for start, end in spans]
    return pd.DataFrame(rows, columns=["start", "duration", "state", "process.pid"])


def judged(
    drawing: str,
    ane_spans: Spans | None = None,
    gpu_spans: Spans | None = None,
    harness: Written | None = None,
    *,
    marks: bool = True,
) -> Analysis:
    """A recording; with ``marks``, the app's signposts say when each prediction began and ended."""
    tables = {}
    if ane_spans is not None:
        tables["ane-hw-intervals"] = ane(ane_spans)
    if gpu_spans is not None:
        tables["metal-gpu-intervals"] = gpu(gpu_spans)
    return analysed(drawing, beside=Beside(tables, harness), marks=marks)


def loop(prediction: str, count: int) -> str:
    return f"xxxx {prediction} " * count + "xx"


def starts(prediction: str, count: int) -> list[float]:
    """When each prediction of a loop begins, in sampling intervals."""
    return [4.0 + number * (4 + len(prediction)) for number in range(count)]


def on_ane(prediction: str, count: int, used: int | None = None) -> Spans:
    """The ANE worked half an interval in each of the first ``used`` predictions of a loop."""
    begin = starts(prediction, count)[: count if used is None else used]
    return [(start + 0.25, start + 0.75) for start in begin]
