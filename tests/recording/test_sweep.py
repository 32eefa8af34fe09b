"""A sweep: its order, its intervals, and the whole on a fake Mac."""

import json

import pytest

from tests.recording.conftest import Here
from tests.support.fake_mac import FakeMac
from tracekit.recording.harness.command import COMPUTE_UNITS
from tracekit.recording.sweep import shuffled


def test_every_setting_once_a_round_in_an_order_of_its_own() -> None:
    steps = shuffled(3, seed=1)
    rounds = [[step.units for step in steps if step.repeat == repeat] for repeat in (1, 2, 3)]
    assert all(set(each) == set(COMPUTE_UNITS) for each in rounds)
    assert len({tuple(each) for each in rounds}) > 1
    assert steps == shuffled(3, seed=1) != shuffled(3, seed=2)


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
    assert "the control is not clean: 7 rows of the Neural Engine's table" in document["control"][0]
    assert sorted(document["order"]) == sorted(f"{units}-{repeat}" for units in COMPUTE_UNITS for repeat in (1, 2))
    report = (mac.home / "sweep" / "sweep.md").read_text()
    assert "the control is not clean" in report
    assert "no difference shown" in report
    page = (mac.home / "sweep" / "sweep.html").read_text("utf-8")
    assert all(f'id="verdict-{units}"' in page and f'id="latency-{units}"' in page for units in COMPUTE_UNITS)
    assert "the control is not clean: 7 rows" in page
    assert (mac.home / "sweep" / "plotly.min.js").is_file()
    assert len(list((mac.home / "sweep").glob("*.trace"))) == 8


@pytest.mark.parametrize("keep, code", [((), 1), (("--keep-going",), 1)])
def test_a_sweep_where_nothing_records(here: Here, keep: tuple[str, ...], code: int) -> None:
    done = here("sweep", "--repeat", "1", "--json", "sweep/sweep.json", *keep, FAKE_FAILURE="kperf-lock")
    assert done.returncode == code
    assert ("no recording succeeded" in done.stderr) == bool(keep)


def test_conditions_that_differ_are_said(mac: FakeMac, here: Here) -> None:
    done = here(
        "sweep", "--repeat", "1", "--iterations", "5", "--warmup", "0", FAKE_HOT_UNITS="all", FAKE_ITERATION_S="0"
    )
    assert done.returncode == 0, done.stderr
    said = "the thermal state was not the same in all recordings: nominal in 3, serious in all-1; a difference may be"
    assert f"! {said}" in done.stderr
    assert said in (mac.home / "sweep" / "sweep.md").read_text()
    assert (mac.bin / "was-awake").exists()


def test_a_dry_run_of_a_sweep(mac: FakeMac, here: Here) -> None:
    done = here("sweep", "--repeat", "2", "--dry-run")
    lines = done.stdout.splitlines()
    assert sum(" record --template " in line for line in lines) == 8
    assert sum(line.startswith("xcrun clang") for line in lines) == 1
    assert list(mac.home.iterdir()) == []
