"""Instruments' interval tables, drawn from pairs of numbers; and where predictions were found."""

from typing import Any

import pandas as pd

from tests.support.timelines import PID, TICK
from tracekit.analysis.analyze import Analysis


def windows(analysis: Analysis) -> list[tuple[float, float]]:
    """Start and end of every prediction in sampling intervals."""
    table = analysis.measured.iterations.table
    return [(start / TICK, end / TICK) for start, end in zip(table["start_ns"], table["end_ns"], strict=True)]


def ane(*spans: tuple[float, float]) -> pd.DataFrame:
    rows = [(int(s * TICK), int((e - s) * TICK), "Neural Engine Prediction", "Active") for s, e in spans]
    return pd.DataFrame(rows, columns=["start", "duration", "event-label", "state"])


def gpu(*spans: tuple[float, float], pid: int = PID) -> pd.DataFrame:
    rows = [(int(s * TICK), int((e - s) * TICK), "Active", pid) for s, e in spans]
    return pd.DataFrame(rows, columns=["start", "duration", "state", "process.pid"])


def gpu_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["start", "duration", "event-label", "state", "process", "process.pid"])
    return table.astype({"start": "Int64", "duration": "Int64", "process.pid": "Int64"})


def ane_table(*rows: tuple[int, int, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["start", "duration", "event-label", "state"])
    return table.astype({"start": "Int64", "duration": "Int64"})
