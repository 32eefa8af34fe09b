"""How sure a number is: intervals, tests, and drift, for measurements that follow one another.

Neighbours are alike: a millisecond after a sample in a kernel the thread is mostly in the same kernel, and an app may
work on one thing for a while and then on another. So the spread of single measurements says too little about the spread
of their mean. What says it are the *slow waves* of the series: cosines of a half, one, one and a half … periods over
the whole of it. The square of what a wave weighs in the series estimates the variance of the mean, and the average over
some waves has as many degrees of freedom as there are waves (Lazarus, Lewis, Stock and Watson, HAR Inference:
Recommendations for Practice, 2018, "EWC").

The fewer waves, the longer the stretches that they compare: a change of mix that lasts much less than the period of the
fastest of them does no harm. So how many are used is told by the series itself, by how long its past is felt. Where
that is longer than a quarter of the series, there is no telling, and nothing is tested.
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

LEVEL: Final = 0.95
FALSE_CLAIMS: Final = 0.03
"""How many of the claims may be false. Spread is itself only estimated, so it is not 5 %. With it, 16 of
600 equal pairs had any claim (docs/diff.md)."""
ENOUGH_FOR_P95: Final = 20
"""Values below which the 95th percentile is the longest one."""
ENOUGH_FOR_P99: Final = 100
FEWEST_WAVES: Final = 4
MOST_WAVES: Final = 40
"""More would make an interval 1 % narrower."""
_TIMES_FELT: Final = 4
"""The fastest wave has a period of 8 times what the past is felt: then the waves understate the variance of a series
that forgets exponentially by 0.82 / 4², 5 % (its spectrum, averaged over their frequencies)."""
_WINDOW: Final = 5
"""Sokal's: the correlation is summed up over so many times of what is found."""
_NOTHING: Final = 1e-20
"""A variance that is rounding."""
_MOST_FOR_DRIFT: Final = 600
"""Theil–Sen compares all pairs; a longer series is thinned evenly."""


class Estimate(NamedTuple):
    """Some numbers (a column of a series each), and how sure each is."""

    value: Floats
    variance: Floats
    freedom: int


def ratios(part: Floats, whole: Floats) -> Floats:
    """Σ part / Σ whole of every column, over all rows; 0 where the whole is nothing."""
    total = whole.sum()
    return part.sum(axis=0) / total if total > 0 else np.zeros(part.shape[1])


def felt(part: Floats, whole: Floats) -> float:
    """Over how many rows the past is felt, at least 1: all columns' integrated correlation time, 1 + 2 Σ r(k).

    Summed up to the first k of five times the sum, beyond which there is only noise (Sokal, Monte Carlo Methods in
    Statistical Mechanics, 1997, §3).
    """
    rest = _rest(part, whole)
    count = len(rest)
    power = np.abs(np.fft.rfft(rest, 2 * count, axis=0)) ** 2
    covariance = np.fft.irfft(power.sum(axis=1), 2 * count)[:count]
    if covariance[0] <= _NOTHING * count:
        return 1.0
    sums = 2 * np.cumsum(covariance / covariance[0]) - 1
    last = int(np.argmax(np.arange(count) >= _WINDOW * sums))  # the sum over all is 0, so there is one
    # The mean was taken from the same rows, which makes every covariance too small by about the mean's variance.
    return max(1.0, float(sums[last]) / (1 - min(0.9, (2 * last + 1) / count)))


def waves_for(count: int, felt: float) -> int:
    """How many waves may be used of a series of ``count`` rows; 0 where its past is felt too long to tell anything."""
    possible = count / (_TIMES_FELT * felt)
    return int(np.clip(possible, FEWEST_WAVES, MOST_WAVES)) if possible >= 1 else 0


def share(part: Floats, whole: Floats, waves: int) -> Estimate:
    """Σ part / Σ whole over the rows of a series, in order of time. ``whole`` may not be 0 everywhere."""
    weights = _waves(len(whole), 1, waves) @ _rest(part, whole)
    return Estimate(ratios(part, whole), (weights**2).mean(axis=0) / len(whole), waves)


def mean(values: Floats) -> Estimate:
    """The mean of independent rows, such as one a recording; at least two."""
    count = len(values)
    return Estimate(values.mean(axis=0), values.var(axis=0, ddof=1) / count, count - 1)


def compared(a: Estimate, b: Estimate) -> pd.DataFrame:
    """The change of every number from A to B, by Welch's t.

    Columns, all float64: ``a``, ``b``, ``change`` (b - a), ``low`` and ``high`` (its 95 % interval), ``p``.
    """
    from scipy.special import stdtrit

    change = b.value - a.value
    variance = a.variance + b.variance
    squares = a.variance**2 / a.freedom + b.variance**2 / b.freedom
    freedom = np.divide(variance**2, squares, out=np.ones_like(change), where=squares > 0)
    reach = stdtrit(freedom, (1 + LEVEL) / 2) * np.sqrt(variance)
    p = _two_sided(change, np.sqrt(variance), freedom)
    table = {"a": a.value, "b": b.value, "change": change, "low": change - reach, "high": change + reach, "p": p}
    return pd.DataFrame(table)


def compared_quantiles(a: Floats, b: Floats, waves: tuple[int, int], quantiles: tuple[float, ...]) -> pd.DataFrame:
    """As ``compared``, for quantiles of the values of two series, in order of time (``numpy.quantile``).

    How sure a quantile is: as sure as the share of values up to it (Woodruff, Confidence Intervals for Medians, 1952).
    The intervals of both are joined as Zou and Donner say (Construction of confidence limits …, 2008). Where one of
    them reaches beyond all values, ``low``, ``high`` and ``p`` are NaN.
    """
    from scipy.special import stdtrit

    rows = []
    freedom = min(waves)
    for quantile in quantiles:
        at_a, low_a, high_a = _quantile(a, quantile, waves[0])
        at_b, low_b, high_b = _quantile(b, quantile, waves[1])
        change = at_b - at_a
        below, above = np.hypot(at_b - low_b, high_a - at_a), np.hypot(high_b - at_b, at_a - low_a)
        deviation = (below if change > 0 else above) / stdtrit(freedom, (1 + LEVEL) / 2)
        p = _two_sided(np.array([change]), np.array([deviation]), np.array([freedom]))[0]
        rows.append((at_a, at_b, change, change - below, change + above, p))
    return pd.DataFrame(rows, columns=["a", "b", "change", "low", "high", "p"], dtype="float64")


def survivors(p: Floats, family: NDArray[np.int64]) -> Mask:
    """Benjamini and Hochberg's step-up: which rows stay when ``FALSE_CLAIMS`` of the claims may be false.

    The allowance is shared out evenly between families, whatever their size (weights as of Genovese, Roeder and
    Wasserman, 2006): a handful of engines is not made less sure by a thousand functions.
    """
    if not len(p):
        return np.zeros(0, bool)
    from scipy.stats import false_discovery_control

    _, member, size = np.unique(family, return_inverse=True, return_counts=True)
    weight = len(p) / (len(size) * size[member])
    kept: Mask = false_discovery_control(np.minimum(p / weight, 1.0)) <= FALSE_CLAIMS
    return kept


class Slope(NamedTuple):
    """Change from one row to the next, with its 95 % interval."""

    slope: float
    low: float
    high: float


def theil_sen(values: Floats | NDArray[np.int64]) -> Slope | None:
    """The median slope of all pairs, and the interval that Kendall's statistic gives it (Sen, 1968).

    Kendall's statistic varies more where neighbours are alike: by how much, the slow waves of the ranks say, without
    the slope and without the first wave, which looks like one. None where the past is felt too long to tell.
    (By hand: scipy.stats.theilslopes knows independent values only, and costs an analysis a second to import.)
    """
    from scipy.special import stdtrit

    at = _evenly_thinned(len(values))
    used, chosen = len(at), np.asarray(values, np.float64)[at]
    first, second = np.triu_indices(used, 1)
    slopes = np.sort((chosen[second] - chosen[first]) / (at[second] - at[first]))
    slope = float(np.median(slopes))
    rank = np.asarray(pd.Series(chosen - slope * at).round(6).rank(), np.float64)[:, np.newaxis]
    ones = np.ones(used)
    waves = waves_for(used, felt(rank, ones))
    if not waves:
        return None
    rest = _rest(rank, ones)
    spread = float((rest**2).mean())
    slow = float(((_waves(used, 2, waves) @ rest) ** 2).mean())
    inflation = slow / spread if spread > _NOTHING else 0.0
    ties = np.unique(chosen, return_counts=True)[1].astype(np.float64)
    kendall = (_kendall(np.array([float(used)])) - _kendall(ties)) / 18
    reach = float(stdtrit(waves, (1 + LEVEL) / 2)) * np.sqrt(kendall * inflation)
    high = min(round((len(slopes) + reach) / 2), len(slopes) - 1)
    return Slope(slope, float(slopes[len(slopes) - 1 - high]), float(slopes[high]))


def _rest(part: Floats, whole: Floats) -> Floats:
    """What each row adds to the error of Σ part / Σ whole, times the number of rows."""
    rest: Floats = (part - whole[:, np.newaxis] * ratios(part, whole)) / whole.mean()
    return rest


def _waves(count: int, first: int, waves: int) -> Floats:
    """[wave, row]: cosines of length 1, at right angles to each other and to a constant."""
    wave = np.arange(first, first + waves)[:, np.newaxis]
    cosines: Floats = np.sqrt(2 / count) * np.cos(np.pi * wave * (np.arange(count) + 0.5) / count)
    return cosines


def _quantile(values: Floats, quantile: float, waves: int) -> tuple[float, float, float]:
    """A quantile and its interval."""
    from scipy.special import stdtrit

    at = float(np.quantile(values, quantile))
    is_up_to = (values <= at).astype(np.float64)[:, np.newaxis]
    variance = share(is_up_to, np.ones(len(values)), waves).variance[0]
    reach = float(stdtrit(waves, (1 + LEVEL) / 2) * np.sqrt(variance))
    if not 0 <= quantile - reach <= quantile + reach <= 1:
        return at, np.nan, np.nan
    low, high = np.quantile(values, [quantile - reach, quantile + reach]).tolist()
    return at, low, high


def _two_sided(change: Floats, deviation: Floats, freedom: Floats) -> Floats:
    """p of Student's t. What never varies is sure where it changed, and says nothing where it did not."""
    from scipy.special import stdtr

    t = np.divide(np.abs(change), deviation, out=np.where(change == 0, 0.0, np.inf), where=deviation != 0)
    p: Floats = 2 * stdtr(freedom, -t)
    return p


def _evenly_thinned(count: int) -> NDArray[np.int64]:
    """Rows of a series, evenly apart, the same from either end."""
    if count <= _MOST_FOR_DRIFT:
        return np.arange(count)
    half = np.linspace(0, count - 1, _MOST_FOR_DRIFT)[: _MOST_FOR_DRIFT // 2].astype(np.int64)
    return np.concatenate([half, count - 1 - half[::-1]])


def _kendall(counts: Floats) -> float:
    """Σ n (n - 1) (2 n + 5): 18 times the variance of Kendall's statistic, or what ties take off it."""
    return float((counts * (counts - 1) * (2 * counts + 5)).sum())
