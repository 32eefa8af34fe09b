"""How sure a difference between two recordings is: the bootstrap, and a limit on false claims over many rows.

Neighbouring samples are not independent: a millisecond after a sample in a kernel the thread is mostly in the same
kernel. So what is drawn again is not samples but *units*, whole stretches of a recording:

    predictions   where they are known
    blocks        of 20 ms otherwise: long beside a function call and beside most predictions, so that neighbours
                  are nearly independent, and short enough that a second of work gives fifty of them

A share is Σ part / Σ whole over the units of a side. The units of A and of B are drawn again with replacement, 1000
times; the middle 95 % of the differences is the interval (percentile bootstrap; Efron and Tibshirani, An Introduction
to the Bootstrap, 1993, §13.3). A ratio of sums follows units of different weight without further care.

Many rows are compared at once, and one in twenty would be "different" by chance. Benjamini and Hochberg (1995) keep
the expected part of false claims among the claims under 5 %. A percentile of 1000 draws is too coarse for their small
p values, so p is that of Student's t for change / (standard deviation of the draws).
"""

from math import erfc, sqrt
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.model.schema import NONE

Ids = NDArray[np.int32]
Floats = NDArray[np.float64]

BLOCK_NS: Final = 20_000_000
UNITS_AT_MOST: Final = 1_000
"""A longer recording gets longer units: beyond a thousand, intervals hardly narrow and memory only grows."""
UNITS_NEEDED: Final = 10
"""A side with fewer says too little about its own spread. A row is compared where it was seen in so many units of
both sides together: under it, chance alone (0 of 9 against 9 of 9) may look sure."""
RESAMPLES: Final = 1_000
LEVEL: Final = 0.95
FALSE_CLAIMS: Final = 0.03
"""How many of the claims may be false. Student's t is a little too sure of itself with few units, so it is not 5 %.
Chosen of 2, 3 and 5 % on halves drawn from three short recordings (16 to 25 blocks, 100 seeds each) and on 20 planted
shifts of 10 points in two: 5 % claimed a difference in up to 4 of 100, 2 % missed the function of 3 shifts. With 200
seeds and 40 shifts that had no part in the choice, 3 % claimed in up to 2 of 100 and found all."""
_SEED: Final = 20
"""The same two recordings give the same intervals."""


class Units(NamedTuple):
    """The stretches of a recording that are drawn again."""

    of_sample: Ids
    """For every sample its unit; -1: set apart, as it belongs to a warm-up prediction or to none."""
    total: int
    """How many units."""
    predictions: NDArray[np.int64]
    """Predictions in each unit; empty where predictions are not known."""
    of_prediction: Ids
    """For every row of ``iterations`` its unit, -1 for warm-up; empty where predictions are not known."""


def time_units(time_ns: NDArray[np.int64]) -> Units:
    """Units of a recording whose predictions are not known: blocks in which there are samples."""
    none = np.empty(0, np.int64), np.empty(0, np.int32)
    if not len(time_ns):
        return Units(np.empty(0, np.int32), 0, *none)
    since = time_ns - time_ns.min()
    length = max(BLOCK_NS, -(-(int(since.max()) + 1) // UNITS_AT_MOST))
    _, unit = np.unique(since // length, return_inverse=True)
    return Units(unit.astype(np.int32), int(unit.max()) + 1, *none)


def prediction_units(time_ns: NDArray[np.int64], iterations: pd.DataFrame) -> Units:
    """Units of a recording whose predictions are known: from the begin of each steady one to the begin of the next.

    ``iterations`` has ``start_ns`` int64 and ``warmup`` bool, a row a prediction. Samples before the first steady
    prediction are set apart.
    """
    steady = ~iterations["warmup"].to_numpy().astype(bool)
    start = iterations["start_ns"].to_numpy()
    count = int(steady.sum())
    together = -(-count // UNITS_AT_MOST) or 1
    rank = np.full(len(start), NONE, np.int32)
    order = np.argsort(start, kind="stable")
    rank[order[steady[order]]] = np.arange(count, dtype=np.int32) // together
    place = np.searchsorted(start[order], time_ns, side="right") - 1
    of_sample = np.append(rank[order], np.int32(NONE))[place]
    predictions = np.bincount(rank[steady], minlength=0).astype(np.int64)
    return Units(of_sample, len(predictions), predictions, rank)


class Parts(NamedTuple):
    """What is compared, by unit: the parts (a column a row of the result) and the whole they are parts of."""

    part: Floats
    whole: Floats


def compared(a: Parts, b: Parts) -> pd.DataFrame:
    """The change of every part from A to B.

    Columns, all float64: ``a`` and ``b`` (Σ part / Σ whole), ``change`` (b - a), ``low`` and ``high`` (its 95 %
    interval), ``p``.
    """
    value = [_ratio(side.part.sum(axis=0), side.whole.sum()) for side in (a, b)]
    draws = _redrawn(b, _SEED + 1) - _redrawn(a, _SEED)
    return _table(value[0], value[1], draws, min(len(a.whole), len(b.whole)))


def compared_quantiles(a: Floats, b: Floats, quantiles: tuple[float, ...]) -> pd.DataFrame:
    """As ``compared``, for quantiles of the values of A and B (``numpy.quantile``), each value a unit of its own.

    The j-th smallest of n values drawn again is the value at rank ⌊n u⌋, u being the j-th smallest of n uniform
    numbers: Beta(j, n - j + 1). So a quantile is drawn directly, without drawing n values.
    """
    values = [np.sort(side) for side in (a, b)]
    draws = []
    for seed, side in enumerate(values):
        rng = np.random.default_rng(_SEED + seed)
        rank = np.array([_rank(q, len(side)) for q in quantiles])
        uniform = rng.beta(rank, len(side) - rank + 1, size=(RESAMPLES, len(quantiles)))
        draws.append(side[np.minimum((uniform * len(side)).astype(np.int64), len(side) - 1)])
    found = [np.quantile(side, quantiles) for side in values]
    return _table(found[0], found[1], draws[1] - draws[0], min(len(a), len(b)))


def survivors(p: Floats, family: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Benjamini and Hochberg's step-up: which rows stay when so many of the claims may be false.

    The allowance is shared out evenly between families, whatever their size (weights as of Genovese, Roeder and
    Wasserman, 2006): a handful of engines is not made less sure by a thousand functions.
    """
    _, member, size = np.unique(family, return_inverse=True, return_counts=True)
    weight = len(p) / (len(size) * size[member])
    order = np.argsort(p / weight, kind="stable")
    allowed = FALSE_CLAIMS * np.arange(1, len(p) + 1) / max(len(p), 1)
    passing = np.flatnonzero((p / weight)[order] <= allowed)
    kept = np.zeros(len(p), bool)
    if len(passing):
        kept[order[: passing[-1] + 1]] = True
    return kept


def _redrawn(side: Parts, seed: int) -> Floats:
    """[draw, part] → Σ part / Σ whole of units drawn again with replacement."""
    count = len(side.whole)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(np.float64)
    return _ratio(times @ side.part, (times @ side.whole)[:, np.newaxis])


def _ratio(part: Floats, whole: Floats | np.float64) -> Floats:
    """part / whole; 0 where the whole is nothing."""
    ratio: Floats = np.divide(part, whole, out=np.zeros_like(part), where=np.broadcast_to(whole > 0, part.shape))
    return ratio


def _rank(quantile: float, count: int) -> int:
    """The smallest rank, from 1, at which the quantile of ``count`` values lies."""
    return max(1, int(np.ceil(quantile * count - 1e-9)))


def _table(a: Floats, b: Floats, draws: Floats, units: int) -> pd.DataFrame:
    change = b - a
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    p = _p_value(change, draws.std(axis=0, ddof=1), units)
    return pd.DataFrame({"a": a, "b": b, "change": change, "low": low, "high": high, "p": p})


def _p_value(change: Floats, deviation: Floats, units: int) -> Floats:
    """Two-sided p of Student's t, by way of the normal (Abramowitz and Stegun 26.7.8).

    Both the deviation and the degrees of freedom are those of the side with fewer units, which errs to "not shown".
    """
    freedom = units - 1
    deviation = deviation * sqrt(units / freedom)  # drawing again understates the spread of a few units
    # A row that never varies is sure where it changed and says nothing where it did not.
    t = np.divide(change, deviation, out=np.where(change == 0, 0.0, np.inf), where=deviation > 0)
    t = np.minimum(np.abs(t), 1e6)
    z = t * (1 - 1 / (4 * freedom)) / np.sqrt(1 + t**2 / (2 * freedom))
    return np.array([erfc(each / sqrt(2)) for each in z], np.float64)
