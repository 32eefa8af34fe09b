"""Intervals, p values and the limit on false claims, against what is known of them."""

from math import isclose

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.analysis.compare.resample import (
    BLOCK_NS,
    FALSE_CLAIMS,
    UNITS_AT_MOST,
    Parts,
    compared,
    compared_quantiles,
    prediction_units,
    survivors,
    time_units,
)


def parts(part: list[float], whole: list[float]) -> Parts:
    return Parts(np.array(part, np.float64)[:, np.newaxis], np.array(whole, np.float64))


def test_a_share_is_a_ratio_of_sums_not_a_mean_of_ratios() -> None:
    row = compared(parts([1, 9], [1, 99]), parts([5, 5], [50, 50])).iloc[0]
    assert (row["a"], row["b"]) == (0.1, 0.1)
    assert row["change"] == 0


def test_the_interval_is_that_of_theory() -> None:
    """The difference of two means of n values of variance v has the standard deviation √(2 v / n)."""
    rng = np.random.default_rng(1)
    a, b = (rng.normal(10, 1, (400, 1)) for _ in range(2))
    row = compared(Parts(a, np.ones(400)), Parts(b, np.ones(400))).iloc[0]
    assert isclose(row["high"] - row["low"], 2 * 1.96 * (2 / 400) ** 0.5, rel_tol=0.1)
    assert row["low"] < row["change"] < row["high"]


def test_p_is_near_students() -> None:
    """t = 2.262 at 9 degrees of freedom leaves out 5 %."""
    a = np.arange(10.0)[:, np.newaxis]
    spread = a.std(ddof=1) * (2 / 10) ** 0.5
    row = compared(Parts(a, np.ones(10)), Parts(a + 2.262 * spread, np.ones(10))).iloc[0]
    assert isclose(row["p"], 0.05, rel_tol=0.2)


@pytest.mark.parametrize("change,p", [(0.0, 1.0), (1.0, 0.0)])
def test_what_never_varies_is_sure_or_says_nothing(change: float, p: float) -> None:
    same = np.full((20, 1), 3.0)
    row = compared(Parts(same, np.ones(20)), Parts(same + change, np.ones(20))).iloc[0]
    assert row["p"] == pytest.approx(p, abs=1e-6)
    assert (row["low"], row["high"]) == (change, change)


def test_a_quantile_is_what_numpy_says_of_the_values() -> None:
    a, b = np.arange(1.0, 101), np.arange(11.0, 111)
    table = compared_quantiles(a, b, (0.5, 0.95))
    assert table["a"].tolist() == pytest.approx([50.5, 95.05])
    assert table["change"].tolist() == pytest.approx([10, 10])
    assert (table["low"] < 10).all()
    assert (table["high"] > 10).all()


def test_a_quantiles_draws_are_those_of_drawing_the_values() -> None:
    """The shortcut through the Beta distribution against the plain bootstrap."""
    rng = np.random.default_rng(5)
    values = np.sort(rng.exponential(size=60))
    same = np.full(60, 0.0)
    row = compared_quantiles(same, values, (0.9,)).iloc[0]
    drawn = np.sort(rng.choice(values, (20_000, 60)), axis=1)[:, 53]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert isclose(row["low"], low, rel_tol=0.1)
    assert isclose(row["high"], high, rel_tol=0.1)


def by_hand(p: list[float], limit: float) -> list[bool]:
    """Benjamini and Hochberg as their paper says it, for one family; a p just at the limit rounds as ours does."""
    ordered = sorted(p)
    k = max((i for i, each in enumerate(ordered, 1) if each <= limit * i / len(p)), default=0)
    return [k > 0 and each <= ordered[k - 1] for each in p]


@given(st.lists(st.floats(0, 1), max_size=12))
def test_survivors_of_one_family_are_benjamini_and_hochbergs(p: list[float]) -> None:
    found = survivors(np.array(p, np.float64), np.zeros(len(p), np.int64))
    assert found.tolist() == by_hand(p, FALSE_CLAIMS)


def test_a_small_family_is_not_made_less_sure_by_a_large_one() -> None:
    p = np.array([0.004, *[0.5] * 200])
    assert not survivors(p, np.zeros(201, np.int64))[0]
    assert survivors(p, np.array([0, *[1] * 200], np.int64))[0]


def test_blocks_are_of_20_ms_and_count_where_there_are_samples() -> None:
    units = time_units(np.array([5, 6, BLOCK_NS + 5, 100 * BLOCK_NS], np.int64))
    assert units.of_sample.tolist() == [0, 0, 1, 2]
    assert units.total == 3


def test_a_long_recording_has_longer_blocks() -> None:
    time = np.arange(0, 3600 * 10**9, 10**7)
    units = time_units(time)
    assert units.total == UNITS_AT_MOST
    assert np.ptp(np.bincount(units.of_sample)) <= 1


def test_no_samples_no_blocks() -> None:
    assert time_units(np.empty(0, np.int64)).total == 0


def test_a_unit_of_predictions_lasts_to_the_next_and_warmup_is_set_apart() -> None:
    iterations = pd.DataFrame({"start_ns": [30, 10, 20], "warmup": [False, True, False]})
    units = prediction_units(np.array([5, 10, 19, 20, 29, 30, 99], np.int64), iterations)
    assert units.of_sample.tolist() == [-1, -1, -1, 0, 0, 1, 1]
    assert units.of_prediction.tolist() == [1, -1, 0]
    assert units.predictions.tolist() == [1, 1]


def test_many_predictions_are_put_together() -> None:
    count = 2 * UNITS_AT_MOST + 1
    iterations = pd.DataFrame({"start_ns": np.arange(count), "warmup": False})
    units = prediction_units(np.arange(count, dtype=np.int64), iterations)
    assert units.total <= UNITS_AT_MOST
    assert units.predictions.sum() == count
    assert np.bincount(units.of_sample).tolist() == units.predictions.tolist()
