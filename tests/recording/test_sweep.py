"""A sweep: its order, its intervals, and the whole on a fake Mac."""

import json

import numpy as np
import pytest

from tests.recording.conftest import Here
from tests.support.fake_mac import FakeMac
from tracekit.recording.harness.command import COMPUTE_UNITS
from tracekit.recording.sweep import _student, difference_ns, median_ns, shuffled


def test_every_setting_once_a_round_in_an_order_of_its_own() -> None:
    steps = shuffled(3, seed=1)
    rounds = [[step.units for step in steps if step.repeat == repeat] for repeat in (1, 2, 3)]
    assert all(set(each) == set(COMPUTE_UNITS) for each in rounds)
    assert len({tuple(each) for each in rounds}) > 1
    assert steps == shuffled(3, seed=1) != shuffled(3, seed=2)


def recordings(random: np.random.Generator, level: float, drift: float) -> list[list[int]]:
    return [random.normal(level + random.normal(0, drift), 5, 100).astype(int).tolist() for _ in range(4)]


def test_a_difference_is_found_and_none_is_not() -> None:
    random = np.random.default_rng(1)
    slow, fast = recordings(random, 2000, 5), recordings(random, 1000, 5)
    found = difference_ns(slow, fast)
    assert found.interval is not None
    assert found.leaves_out_zero
    assert found.interval[0] < 1000 < found.interval[1]
    assert not difference_ns(recordings(random, 1000, 50), recordings(random, 1000, 50)).leaves_out_zero


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(7)
    hits = 0
    for _ in range(12):
        given = [recordings(random, 1000, 5), recordings(random, 900, 5)]
        low, high = difference_ns(*given).interval or (0, 0)
        hits += low <= 100 <= high
    assert hits >= 8


@pytest.mark.parametrize("repeats", [2, 3, 5])
def test_recordings_that_differ_by_chance_are_seldom_called_different(repeats: int) -> None:
    """Each of the same setting, and as far from one another as predictions are: at most 5 of 100 claims."""
    random = np.random.default_rng(11)

    def some() -> list[list[int]]:
        levels = random.normal(10_000, 100, repeats)
        return [random.normal(level, 100, 40).astype(int).tolist() for level in levels]

    assert sum(difference_ns(some(), some()).leaves_out_zero for _ in range(40)) <= 3


def test_the_quantiles_are_student_s() -> None:
    # Two-sided 5 %, from any table of Student's t.
    given = {1: 12.706, 2: 4.303, 4: 2.776, 6: 2.447, 7: 2.365, 8: 2.306, 10: 2.228, 18: 2.101, 60: 2.000}
    assert {freedom: round(_student(freedom), 3) for freedom in given} == pytest.approx(given, abs=0.012)


def test_one_recording_has_no_interval() -> None:
    one = difference_ns([[5, 6, 7]], [[1, 2, 3]])
    assert (one.value, one.interval, one.leaves_out_zero) == (4.0, None, False)
    assert median_ns([[1, 2], [9]]) == 2.0


def test_a_sweep_ends_with_one_table_and_one_report(mac: FakeMac, here: Here) -> None:
    done = here(
        *("sweep", "--repeat", "2", "--iterations", "20", "--warmup", "0", "--json", "-"),
        *("--report", "sweep/sweep.html", "--plotlyjs", "file"),
        FAKE_SLOW_UNITS="cpuOnly",
        FAKE_NOISY_ANE="1",
        FAKE_ITERATION_S="0",
        FAKE_SAMPLE="cpu-only",
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    by_units = {row["units"]: row for row in document["settings"]}
    assert [row["units"] for row in document["settings"]] == list(COMPUTE_UNITS)
    assert by_units["cpuOnly"]["is_different"]
    assert by_units["cpuOnly"]["interval_ns"][0] > 0
    assert by_units["cpuAndGPU"]["is_different"] is False
    assert by_units["all"]["against_all_ns"] is None
    assert by_units["cpuOnly"]["answers"] != ["yes"]
    assert "the control is not clean: 7 intervals of the Neural Engine" in document["control"][0]
    assert sorted(document["order"]) == sorted(f"{units}-{repeat}" for units in COMPUTE_UNITS for repeat in (1, 2))
    report = (mac.home / "sweep" / "sweep.md").read_text()
    assert "the control is not clean" in report
    assert "no difference shown" in report
    page = (mac.home / "sweep" / "sweep.html").read_text("utf-8")
    assert all(f'id="verdict-{units}"' in page and f'id="latency-{units}"' in page for units in COMPUTE_UNITS)
    assert "the control is not clean: 7 intervals" in page
    assert (mac.home / "sweep" / "plotly.min.js").is_file()
    assert len(list((mac.home / "sweep").glob("*.trace"))) == 8


@pytest.mark.parametrize("keep, code", [((), 1), (("--keep-going",), 1)])
def test_a_sweep_where_nothing_records(here: Here, keep: tuple[str, ...], code: int) -> None:
    done = here("sweep", "--repeat", "1", "--json", "sweep/sweep.json", *keep, FAKE_FAILURE="kperf-lock")
    assert done.returncode == code
    assert ("no recording succeeded" in done.stderr) == bool(keep)
