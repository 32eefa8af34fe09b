"""Intervals, p values, the limit on false claims and drift: against libraries, against theory, and by counting."""

from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from tracekit.analysis.stats import (
    ENOUGH_FOR_P95,
    ENOUGH_FOR_P99,
    FALSE_CLAIMS,
    FEWEST_WAVES,
    MOST_WAVES,
    Estimate,
    _evenly_thinned,
    compared,
    compared_quantiles,
    felt,
    mean,
    ratios,
    share,
    survivors,
    theil_sen,
    waves_for,
)

ONES = np.ones(400)


def autoregressive(rng: np.random.Generator, count: int, phi: float) -> np.ndarray:
    """A series of variance 1, each value ``phi`` times the one before and something new."""
    new = rng.normal(size=count + 100) * np.sqrt(1 - phi**2)
    for at in range(1, len(new)):
        new[at] += phi * new[at - 1]
    return new[100:]


# ---- A share and its variance.


def test_a_share_is_a_ratio_of_sums_not_a_mean_of_ratios() -> None:
    part, whole = np.array([[1.0], [9.0]]), np.array([5.0, 95.0])
    assert ratios(part, whole).tolist() == [0.1]
    assert ratios(part, np.zeros(2)).tolist() == [0.0]
    assert ratios(part / 1024, whole / 1024).tolist() == [0.1]


def test_the_variance_is_the_mean_square_of_the_waves_written_out() -> None:
    """Three waves of ten values, each sum by hand."""
    values = np.random.default_rng(2).normal(5, 1, 10)
    squares = []
    for wave in (1, 2, 3):
        cosines = [np.cos(np.pi * wave * (2 * at + 1) / 20) for at in range(10)]
        squares.append(2 / 10 * sum(c * v for c, v in zip(cosines, values, strict=True)) ** 2)
    found = share(values[:, np.newaxis], np.ones(10), 3)
    assert found.value[0] == pytest.approx(values.mean())
    assert found.variance[0] == pytest.approx(sum(squares) / 3 / 10)
    assert found.freedom == 3


def test_the_variance_of_independent_values_is_that_of_theory() -> None:
    """How much the ratio itself varies from one draw to the next."""
    rng = np.random.default_rng(3)
    whole = rng.uniform(1, 3, (200, 400))
    part = rng.binomial(1, 0.3, (200, 400)) * whole
    found = np.mean([share(p[:, np.newaxis], w, 20).variance[0] for p, w in zip(part, whole, strict=True)])
    assert found == pytest.approx((part.sum(axis=1) / whole.sum(axis=1)).var(ddof=1), rel=0.1)


@pytest.mark.parametrize("phi", [0.5, 0.8])
def test_the_variance_of_values_that_are_alike_is_that_of_their_mean(phi: float) -> None:
    """Of an autoregressive series (1 + φ) / (1 - φ) times that of independent values."""
    rng = np.random.default_rng(4)
    found = [share(autoregressive(rng, 400, phi)[:, np.newaxis], ONES, 8).variance[0] for _ in range(150)]
    assert np.mean(found) * 400 == pytest.approx((1 + phi) / (1 - phi), rel=0.15)


def test_a_whole_that_follows_its_part_leaves_no_doubt() -> None:
    whole = np.random.default_rng(5).uniform(1, 9, 50)
    assert share(np.stack([whole, 0 * whole], axis=1), whole, 5).variance == pytest.approx([0, 0])


# ---- How long the past is felt.


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_how_long_the_past_is_felt_is_that_of_theory(phi: float) -> None:
    rng = np.random.default_rng(6)
    found = [felt(autoregressive(rng, 2000, phi)[:, np.newaxis], np.ones(2000)) for _ in range(20)]
    assert np.mean(found) == pytest.approx((1 + phi) / (1 - phi), rel=0.15)


def test_a_mix_that_lasts_is_felt_as_long_as_it_lasts() -> None:
    rng = np.random.default_rng(7)
    found = [felt(np.repeat(rng.normal(size=(100, 3)), 8, axis=0), np.ones(800)) for _ in range(60)]
    assert np.mean(found) == pytest.approx(8, rel=0.1)


def felt_by_hand(columns: list[list[float]]) -> float:
    """1 + 2 Σ r(k) up to the first k of five times the sum, and what taking the mean took off it."""
    count = len(columns[0])
    rests = [[value - sum(column) / count for value in column] for column in columns]

    def together(lag: int) -> float:
        return sum(rest[at] * rest[at + lag] for rest in rests for at in range(count - lag))

    total = 1.0
    for lag in range(1, count):
        total += 2 * together(lag) / together(0)
        if lag >= 5 * total:
            break
    return max(1.0, total / (1 - min(0.9, (2 * lag + 1) / count)))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=40))
def test_how_long_the_past_is_felt_is_what_sokal_says(values: list[tuple[int, int]]) -> None:
    columns = [list(map(float, column)) for column in zip(*values, strict=True)]
    if any(len(set(column)) > 1 for column in columns):
        found = felt(np.array(values, np.float64), np.ones(len(values)))
        assert found == pytest.approx(felt_by_hand(columns))


@pytest.mark.parametrize("values", [np.zeros((9, 2)), np.full((9, 1), 0.1), np.zeros((9, 0))])
def test_what_never_varies_has_no_past(values: np.ndarray) -> None:
    assert felt(values, np.ones(9)) == 1


def test_the_longer_the_past_the_fewer_the_waves() -> None:
    assert [waves_for(400, felt) for felt in (1, 5, 10, 25, 99, 100, 101)] == [
        MOST_WAVES,
        20,
        10,
        4,
        4,
        FEWEST_WAVES,
        0,
    ]
    assert [waves_for(count, 1) for count in (3, 4, 30, 160, 10_000)] == [0, FEWEST_WAVES, 7, MOST_WAVES, MOST_WAVES]


# ---- Two of them compared.


@given(
    st.lists(st.floats(-1e3, 1e3, width=16), min_size=2, max_size=8),
    st.lists(st.floats(-1e3, 1e3, width=16), min_size=2, max_size=8),
)
def test_independent_values_are_compared_as_scipy_does(a: list[float], b: list[float]) -> None:
    row = compared(*(mean(np.array(side)[:, np.newaxis]) for side in (a, b))).iloc[0]
    assert row["change"] == pytest.approx(np.mean(b) - np.mean(a))
    if min(np.var(a), np.var(b)) > 1e-9:
        test = scipy.stats.ttest_ind(b, a, equal_var=False)
        interval = test.confidence_interval(0.95)
        assert row["p"] == pytest.approx(test.pvalue, abs=1e-9)
        assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_p_and_interval_are_students() -> None:
    """t = 2.776 leaves out 5 % at 4 degrees of freedom: one side that is known for sure has no part in it."""
    sure, unsure = Estimate(np.zeros(1), np.zeros(1), 7), Estimate(np.array([2.776]), np.ones(1), 4)
    row = compared(sure, unsure).iloc[0]
    assert row["p"] == pytest.approx(0.05, abs=1e-4)
    assert row["low"] == pytest.approx(0, abs=1e-3)
    assert row["high"] == pytest.approx(2 * 2.776, abs=1e-3)


@pytest.mark.parametrize("change,p", [(0.0, 1.0), (1.0, 0.0)])
def test_what_never_varies_is_sure_or_says_nothing(change: float, p: float) -> None:
    row = compared(Estimate(np.ones(1), np.zeros(1), 5), Estimate(np.ones(1) + change, np.zeros(1), 5)).iloc[0]
    assert row["p"] == p
    assert (row["low"], row["high"]) == (change, change)


# ---- Quantiles.


def test_a_quantile_is_what_numpy_says_and_its_interval_lies_around_it() -> None:
    a, b = (
        np.random.default_rng(seed).permutation(np.arange(first, first + 400.0)) for seed, first in ((8, 1), (9, 11))
    )
    table = compared_quantiles(a, b, (40, 40), (0.5, 0.95))
    assert table["a"].tolist() == pytest.approx([200.5, 380.05])
    assert table["change"].tolist() == pytest.approx([10, 10])
    assert (table["low"] < 10).all()
    assert (table["high"] > 10).all()


def test_the_interval_of_a_median_is_that_of_theory() -> None:
    """Of a normal distribution its variance is π / 2 n: the mean width over many draws."""
    rng = np.random.default_rng(10)
    tables = [compared_quantiles(rng.normal(size=400), rng.normal(size=400), (40, 40), (0.5,)) for _ in range(60)]
    width = np.mean([table["high"][0] - table["low"][0] for table in tables])
    assert width == pytest.approx(2 * 1.99 * np.sqrt(2 * np.pi / 2 / 400), rel=0.1)


def test_p_of_a_quantile_is_under_5_percent_where_its_interval_leaves_out_zero() -> None:
    rng = np.random.default_rng(11)
    for shift in np.linspace(-0.5, 0.5, 41):
        row = compared_quantiles(rng.normal(size=200), rng.normal(shift, 1, 200), (20, 30), (0.5,)).iloc[0]
        assert (row["p"] < 0.05) == (row["low"] > 0 or row["high"] < 0)


@pytest.mark.parametrize("count,quantile", [(200, 0.7), (201, 0.5)])  # of 201, the median is one of the values
def test_the_interval_of_a_quantile_is_that_of_the_share_up_to_it(count: int, quantile: float) -> None:
    """Beside a side that is known for sure: B is higher by as much as A may be lower."""
    a, sure = np.random.default_rng(18).exponential(size=count), np.full(count, 5.0)
    row = compared_quantiles(a, sure, (12, 40), (quantile,)).iloc[0]
    at = np.quantile(a, quantile)
    up_to = share((a <= at)[:, np.newaxis].astype(float), np.ones(count), 12)
    reach = scipy.stats.t.ppf(0.975, 12) * np.sqrt(up_to.variance[0])
    low, high = np.quantile(a, [quantile - reach, quantile + reach])
    assert (row["low"], row["high"]) == pytest.approx((5 - high, 5 - low))
    back = compared_quantiles(sure, a, (40, 12), (quantile,)).iloc[0]
    assert (back["low"], back["high"]) == pytest.approx((low - 5, high - 5))


@pytest.mark.parametrize("quantile", [0.05, 0.95])
def test_a_quantile_that_may_lie_beyond_all_values_has_no_interval(quantile: float) -> None:
    few, many = np.random.default_rng(12).normal(size=(2, 400))
    row = compared_quantiles(few[:30], many, (7, 40), (quantile,)).iloc[0]
    assert row[["low", "high", "p"]].isna().all()
    assert row["a"] == np.quantile(few[:30], quantile)


@pytest.mark.parametrize("percent,enough", [(95, ENOUGH_FOR_P95), (99, ENOUGH_FOR_P99)])
def test_a_percentile_of_fewer_is_the_longest(percent: int, enough: int) -> None:
    """The least rank with so many percent of the values up to it."""
    ranks = {count: -(-percent * count // 100) for count in range(1, 200)}
    assert min(count for count, rank in ranks.items() if rank < count) == enough


# ---- Many rows at once.


def by_hand(p: list[float], limit: float) -> list[bool]:
    """Benjamini and Hochberg as their paper says it, for one family."""
    ordered = sorted(p)
    k = max((i for i, each in enumerate(ordered, 1) if each * len(p) / i <= limit), default=0)
    return [k > 0 and each <= ordered[k - 1] for each in p]


@given(st.lists(st.one_of(st.floats(0, 1), st.floats(0, 0.05)), max_size=12))
def test_survivors_of_one_family_are_benjamini_and_hochbergs(p: list[float]) -> None:
    found = survivors(np.array(p, np.float64), np.zeros(len(p), np.int64))
    assert found.tolist() == by_hand(p, FALSE_CLAIMS)


def test_a_small_family_is_not_made_less_sure_by_a_large_one() -> None:
    p = np.array([0.004, *[0.9] * 200])
    assert not survivors(p, np.zeros(201, np.int64))[0]
    assert survivors(p, np.array([0, *[1] * 200], np.int64))[0]


# ---- Drift.


@given(st.lists(st.integers(0, 40), min_size=10, max_size=60))
def test_the_slope_is_scipys_and_the_interval_lies_around_it(values: list[int]) -> None:
    found = theil_sen(np.array(values))
    if found is not None:
        assert found.slope == pytest.approx(scipy.stats.theilslopes(values).slope)
        assert found.low <= found.slope <= found.high


@given(st.lists(st.integers(0, 10**6), min_size=10, max_size=60))
def test_backwards_the_drift_is_the_other_way(values: list[int]) -> None:
    there, back = theil_sen(np.array(values)), theil_sen(np.array(values[::-1]))
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert back == pytest.approx((-there.slope, -there.high, -there.low))


@pytest.mark.parametrize("count", [600, 601, 1_000, 60_000])
def test_a_long_series_is_thinned_evenly_to_six_hundred_from_end_to_end(count: int) -> None:
    at = _evenly_thinned(count)
    assert (len(at), at[0], at[-1]) == (600, 0, count - 1)
    assert np.array_equal(at, count - 1 - at[::-1])
    assert np.abs(at - np.linspace(0, count - 1, 600)).max() <= 1


def test_backwards_a_thinned_series_is_the_same() -> None:
    values = np.random.default_rng(13).normal(size=5_003)
    there, back = theil_sen(values), theil_sen(values[::-1])
    assert there is not None
    assert back == pytest.approx((-there.slope, -there.high, -there.low))


@given(st.lists(st.integers(0, 12), min_size=10, max_size=60))
def test_the_interval_reaches_as_far_as_kendalls_statistic_times_the_slow_waves(values: list[int]) -> None:
    """Σ over ties, cosines and pairs written out."""
    count = len(values)
    pairs = list(combinations(range(count), 2))
    slopes = sorted((values[j] - values[i]) / (j - i) for i, j in pairs)
    slope = float(np.median(slopes))
    ranks = scipy.stats.rankdata([round(value - slope * at, 6) for at, value in enumerate(values)])
    rests = ranks - ranks.mean()
    waves = waves_for(count, felt(ranks[:, np.newaxis], np.ones(count)))
    found = theil_sen(np.array(values))
    if not waves or not rests.any():
        assert found is None or found.low == found.high
        return
    squares = [
        sum(np.cos(np.pi * wave * (at + 0.5) / count) * rest for at, rest in enumerate(rests)) ** 2 * 2 / count
        for wave in range(2, 2 + waves)
    ]
    ties = sum(n * (n - 1) * (2 * n + 5) for n in Counter(values).values())
    kendall = (count * (count - 1) * (2 * count + 5) - ties) / 18
    reach = scipy.stats.t.ppf(0.975, waves) * np.sqrt(kendall * np.mean(squares) / np.mean(rests**2))
    last = min(round((len(pairs) + reach) / 2), len(pairs) - 1)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((slopes[len(pairs) - 1 - last], slopes[last]))


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_drift_is_seldom_shown_where_neighbours_are_alike_and_nothing_drifts(phi: float) -> None:
    """Of 100 series that end at the level at which they began, at most 8 are said to drift."""
    rng = np.random.default_rng(16)
    found = [theil_sen(autoregressive(rng, 100, phi)) for _ in range(100)]
    assert sum(each is not None and (each.low > 0 or each.high < 0) for each in found) <= 8
    assert sum(each is not None for each in found) >= 90


def test_a_drift_of_three_deviations_is_found_among_independent_values() -> None:
    rng = np.random.default_rng(17)
    found = [theil_sen(rng.normal(size=100) + np.linspace(0, 3, 100)) for _ in range(20)]
    assert all(each is not None and each.low > 0 for each in found)


@pytest.mark.parametrize("values", [np.repeat([0.0, 1.0], 20), np.abs(np.arange(-20.0, 20.0))])
def test_a_series_that_is_all_past_tells_no_drift(values: np.ndarray) -> None:
    assert theil_sen(values) is None


def test_what_is_compared_is_a_table_of_numbers() -> None:
    found = compared(mean(np.ones((2, 3))), mean(np.ones((2, 3))))
    assert list(found) == ["a", "b", "change", "low", "high", "p"]
    assert (found.dtypes == "float64").all()
    assert isinstance(found, pd.DataFrame)
