"""Sides of a comparison made by hand, and the rows of what was found."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.compare.result import Diff
from tracekit.analysis.compare.sides import Side

PREDICT = "start;CoreML`-[MLModel predictionFromFeatures:error:]"
CPU = f"{PREDICT};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"
ANE = f"{PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()"


@cache
def side_of_text(text: str) -> Side:
    """The side of folded text, which holds no times."""
    return Side.of(analyze_profile(profile_from_text(text)))


def side(ane: int, cpu: int) -> Side:
    """A recording of so much of each."""
    return side_of_text(f"{ANE} {ane}\n{CPU} {cpu}")


def sides(*ane: int) -> tuple[Side, ...]:
    """Recordings of 100, so much of it of the ANE."""
    return tuple(side(each, 100 - each) for each in ane)


def saved(one: Side) -> Side:
    """What a saved result holds of it."""
    return replace(one, focused=None)


def predictions(wall_ns: np.ndarray, *, warmup: int = 0) -> pd.DataFrame:
    """Predictions one after another, the Neural Engine at work for half of each."""
    start = np.cumsum(wall_ns) - wall_ns
    return pd.DataFrame(
        {"start_ns": start, "warmup": np.arange(len(start)) < warmup, "wall_ns": wall_ns, "ane_busy_ns": wall_ns // 2}
    )


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table."""
    return table.to_dict("records")  # type: ignore[return-value]  # column names are strings


def row(found: Diff, kind: str, name: str) -> Mapping[str, Any]:
    """The one row of that kind and name."""
    (only,) = (each for each in records(found.rows) if (each["kind"], each["name"]) == (kind, name))
    return only
