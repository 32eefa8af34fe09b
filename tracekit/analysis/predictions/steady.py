"""Which predictions are warm-up, and how long the others take.

Warm-up is what the source says. Where it says nothing, it is the first predictions that stand out: those that took
longer than the median by more than 5 robust standard deviations (1.4826 × MAD), or spent a fifth of their time in
loading, compiling and preparing. They end with the first that does not stand out, and are never more than half.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tracekit.analysis.predictions.spans import Mask, Times
from tracekit.analysis.stats import theil_sen

STANDS_OUT: Final = 5.0
ONE_OFF_SHARE: Final = 0.2
LEAST_SPREAD: Final = 0.02
"""A spread under 2 % of the median is taken as 2 %: predictions that all take the same time have no outliers."""
ENOUGH_FOR_DRIFT: Final = 10
_MAD_TO_SIGMA: Final = 1.4826


@dataclass(frozen=True, slots=True)
class Drift:
    """Change over the whole of the steady predictions: slope × their number, with its 95 % interval."""

    change_ns: int
    low_ns: int
    high_ns: int

    @property
    def is_shown(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low_ns > 0 or self.high_ns < 0


@dataclass(frozen=True, slots=True)
class Steady:
    """The wall times of the predictions after warm-up."""

    count: int
    warmup: int
    p50_ns: int
    p95_ns: int
    p99_ns: int
    iqr_ns: int
    mad_ns: int
    drift: Drift | None
    """None where they are too few to tell, or too much like their neighbours."""
    outliers: tuple[int, ...]
    """``index`` of predictions after warm-up that stand out."""


def after_warmup(table: pd.DataFrame) -> pd.DataFrame:
    """The predictions after warm-up; all, where nothing else is there."""
    chosen = table[~table["warmup"].to_numpy()]
    return chosen if len(chosen) else table


def mark_warmup(table: pd.DataFrame) -> pd.DataFrame:
    """``iterations`` with ``warmup`` found from ``wall_ns`` and ``one_off_ns``; see above."""
    wall = table["wall_ns"].to_numpy()
    if len(wall) < 3:
        return table
    unusual = _stands_out(wall) | (table["one_off_ns"].to_numpy() > ONE_OFF_SHARE * wall)
    leading = np.logical_and.accumulate(unusual)
    leading[len(wall) // 2 :] = False
    return table.assign(warmup=leading)


def steady(table: pd.DataFrame) -> Steady | None:
    """How long the predictions after warm-up take; None where there is none."""
    rows = table[~table["warmup"].to_numpy()]
    wall = rows["wall_ns"].to_numpy()
    if not len(wall):
        return None
    p25, p50, p75, p95, p99 = (round(value) for value in np.percentile(wall, [25, 50, 75, 95, 99]).tolist())
    return Steady(
        count=len(wall),
        warmup=len(table) - len(wall),
        p50_ns=p50,
        p95_ns=p95,
        p99_ns=p99,
        iqr_ns=p75 - p25,
        mad_ns=int(np.median(np.abs(wall - np.median(wall)))),
        drift=_drift(wall),
        outliers=tuple(rows["index"].to_numpy()[_stands_out(wall)].tolist()),
    )


def _drift(wall: Times) -> Drift | None:
    if len(wall) < ENOUGH_FOR_DRIFT:
        return None
    found = theil_sen(wall)
    return None if found is None else Drift(*(round(slope * len(wall)) for slope in found))


def _stands_out(wall: Times) -> Mask:
    """Which are longer than the median by far more than the others differ from it."""
    middle = float(np.median(wall))
    spread = max(_MAD_TO_SIGMA * float(np.median(np.abs(wall - middle))), LEAST_SPREAD * middle)
    return wall > middle + STANDS_OUT * spread
