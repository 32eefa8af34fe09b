"""The numbers of a sweep: how sure a difference between settings is."""

from statistics import fmean, median

import numpy as np
import pytest
from scipy.stats import ttest_ind

from tracekit.analysis.compare.settings import (
    Swept,
    compare_settings,
    difference,
    differing_conditions,
    foreign_rows,
)


def swept(name: str, durations: list[int], **given: object) -> Swept:
    facts = {"answer": "no", "sentence": "No.", "samples": 9, "shares": {"CPU": 1.0}, "ane_rows": 0}
    return Swept(name=name, units=name.partition("-")[0], durations=durations, **(facts | given))  # type: ignore[arg-type]


def test_a_setting_is_the_mean_of_its_recordings_medians() -> None:
    recordings = [
        swept("all-1", [10, 30, 20]),
        swept("cpuOnly-1", [90, 100]),
        swept("all-2", [40], answer="yes", shares={"ANE": 0.5, "CPU": 0.5}),
        swept("cpuAndGPU-1", []),
    ]
    cpu, gpu, every = compare_settings(recordings, ["cpuOnly", "cpuAndGPU", "nothing", "all"], "all")
    assert (every.median_ns, every.against_baseline) == (fmean([median([10, 30, 20]), 40]), None)
    assert (every.answers, every.shares("ANE"), len(every.recordings)) == (["no", "yes"], [0.0, 0.5], 2)
    assert cpu.against_baseline is not None
    assert (cpu.against_baseline.value, cpu.against_baseline.interval) == (95.0 - 30.0, None)
    assert not cpu.against_baseline.is_shown
    assert (gpu.median_ns, gpu.against_baseline) == (None, None)


def test_the_interval_is_welch_s() -> None:
    random = np.random.default_rng(5)
    one, other = random.normal(10, 2, 5).tolist(), random.normal(14, 5, 3).tolist()
    found = difference(one, other)
    expected = ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert found is not None
    assert found.interval == pytest.approx((expected.low, expected.high))
    assert found.value == pytest.approx(fmean(one) - fmean(other))


def test_recordings_that_never_vary_are_sure() -> None:
    same, other = difference([5.0, 5.0], [5.0, 5.0]), difference([6.0, 6.0], [5.0, 5.0])
    assert same is not None
    assert not same.is_shown
    assert other is not None
    assert other.is_shown


@pytest.mark.parametrize("repeats", [2, 3, 5])
def test_recordings_that_differ_by_chance_are_seldom_called_different(repeats: int) -> None:
    random = np.random.default_rng(11)
    claims = 0
    for _ in range(200):
        found = difference(*random.normal(10_000, 100, (2, repeats)).tolist())
        claims += found is not None and found.is_shown
    assert claims <= 14  # 5 % is 10


def test_the_control_s_intervals_are_other_programs() -> None:
    recordings = [
        swept("cpuOnly-1", [1], ane_rows=None),
        swept("cpuOnly-2", [1], ane_rows=7),
        swept("all-1", [1], ane_rows=100),
    ]
    assert foreign_rows(recordings, "cpuOnly") == 7
    assert foreign_rows(recordings[:1], "cpuOnly") == 0
    assert foreign_rows(recordings[2:], "cpuOnly") == 0


def test_conditions_that_differ_are_named_with_their_recordings() -> None:
    recordings = [
        swept("all-1", [1], conditions={"thermal state": "nominal", "system": "25B78"}),
        swept("all-2", [1], conditions={"thermal state": "serious", "system": "25B78"}),
        swept("all-3", [1]),  # an older harness says nothing
    ]
    assert differing_conditions(recordings) == {"thermal state": {"nominal": ["all-1"], "serious": ["all-2"]}}
