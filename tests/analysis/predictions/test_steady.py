"""Which predictions are warm-up, how long the others take, and whether that drifts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.timelines import PID, TICK, drawn
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.predictions.steady import Drift, mark_warmup, steady
from tracekit.model import schema
from tracekit.model.schema import Unit


def rows(walls: Sequence[int], one_off: Sequence[int] | None = None) -> pd.DataFrame:
    table = schema.table(
        schema.ITERATIONS,
        {
            name: np.arange(len(walls)) if name == "index" else np.zeros(len(walls), np.int64)
            for name in schema.ITERATIONS
        },
    )
    return table.assign(wall_ns=np.array(walls), one_off_ns=np.array(one_off or [0] * len(walls)))


@pytest.mark.parametrize(
    "walls,one_off,warmup",
    [
        ([900, 100, 101, 99, 100, 100], None, 1),
        ([900, 400, 101, 99, 100, 100, 101], None, 2),
        ([100, 900, 101, 99, 100, 100], None, 0),  # near miss: it stands out, but is not among the first
        ([104, 100, 101, 99, 100, 100], None, 0),  # near miss: within the spread
        ([100, 100, 100, 100, 100, 100], None, 0),
        # Five times 1.4826 times the median distance of 10 from the median of 100: more than 174.13 stands out.
        ([175, 90, 110, 90, 110, 100, 100], None, 1),
        ([174, 90, 110, 90, 110, 100, 100], None, 0),
        # No spread at all: 2 % of the median is taken, so more than 110 stands out.
        ([111, 100, 100, 100, 100, 100], None, 1),
        ([110, 100, 100, 100, 100, 100], None, 0),
        ([110, 100, 101, 99, 100, 100], [30, 0, 0, 0, 0, 0], 1),
        ([110, 100, 101, 99, 100, 100], [20, 0, 0, 0, 0, 0], 0),
        ([900, 100], None, 0),  # too few to tell
        ([900, 900, 900, 900, 1, 1], None, 0),  # most of them cannot stand out
        ([1, 1, 1, 1], [1, 1, 1, 1], 2),  # never more than half
        ([], None, 0),
    ],
)
def test_warm_up_is_what_stands_out_at_the_beginning(walls: list[int], one_off: list[int] | None, warmup: int) -> None:
    found = mark_warmup(rows(walls, one_off))["warmup"].tolist()
    assert found == [True] * warmup + [False] * (len(walls) - warmup)


def test_times_after_warm_up() -> None:
    table = rows([1000, *range(1, 102)]).assign(warmup=[True, *[False] * 101])
    found = steady(table)
    assert found is not None
    assert (found.count, found.warmup) == (101, 1)
    assert (found.p50_ns, found.p95_ns, found.p99_ns, found.iqr_ns, found.mad_ns) == (51, 96, 100, 50, 25)


def test_outliers_are_named_by_their_index() -> None:
    found = steady(rows([100, 101, 99, 100, 350, 100, 101]))
    assert found is not None
    assert found.outliers == (4,)


def test_all_warm_up_leaves_nothing_to_time() -> None:
    assert steady(rows([5, 5]).assign(warmup=True)) is None


def drift(walls: Sequence[int]) -> Drift | None:
    found = steady(rows(walls))
    assert found is not None
    return found.drift


def test_drift_is_shown_where_there_is_some_and_not_where_there_is_none() -> None:
    noise = np.random.default_rng(1).integers(-3, 4, 60)
    climbing = drift((1000 + 2 * np.arange(60) + noise).tolist())
    assert climbing is not None
    assert climbing.is_shown
    assert 110 <= climbing.change_ns <= 130
    level = drift((1000 + noise).tolist())
    assert level is not None
    assert not level.is_shown


def test_nine_predictions_are_too_few_for_drift() -> None:
    assert drift(range(100, 109)) is None
    assert drift(range(100, 110)) is not None


@given(st.integers(-50, 50), st.integers(10, 80))
def test_drift_of_a_straight_line_is_its_slope(slope: int, count: int) -> None:
    assert drift((5000 + np.arange(count) * slope).tolist()) == Drift(*[slope * count] * 3)


def test_many_predictions_are_thinned_and_the_slope_stays() -> None:
    assert drift(np.arange(0, 150_000, 3).tolist()) == Drift(150_000, 150_000, 150_000)


@pytest.mark.parametrize("unit,weight", [("ns", TICK), ("cycles", 3_200_000), ("samples", 1)])
def test_warm_up_is_the_same_whatever_the_samples_weigh(unit: Unit, weight: int) -> None:
    """Ten predictions of ten samples: three that compile for 3, two for 2, which is not more than a fifth."""
    profile = drawn("x" + "kkkccccccc" * 3 + "kkcccccccc" * 2 + "cccccccccc" * 5, unit=unit)
    weighed = profile.with_samples(profile.samples.assign(weight=weight))
    begin = (np.arange(10) * 10 + 1) * TICK
    signposts = pd.DataFrame({"start": begin, "duration": 10 * TICK, "name": "prediction", "process.pid": PID})
    found = analyze_profile(weighed, beside=Beside({"os-signpost-interval": signposts})).measured.iterations
    assert found.table["warmup"].tolist() == [True] * 3 + [False] * 7
    assert found.table["one_off_ns"].tolist() == [3 * TICK] * 3 + [2 * TICK] * 2 + [0] * 5


def test_of_three_the_first_may_be_warm_up_and_of_two_none() -> None:
    assert mark_warmup(rows([900, 100, 100]))["warmup"].tolist() == [True, False, False]
    assert mark_warmup(rows([900, 100], [900, 0]))["warmup"].tolist() == [False, False]


@pytest.mark.parametrize(
    "low,high,shown", [(1, 3, True), (0, 3, False), (-3, 0, False), (-3, -1, True), (-1, 1, False)]
)
def test_a_drift_is_shown_where_its_interval_leaves_out_zero(low: int, high: int, shown: bool) -> None:
    assert Drift(low, low, high).is_shown == shown
