"""``tracekit record`` with the real harness behind the fake ``xctrace``: what its user reads when it fails."""

import json
from pathlib import Path

import pytest

from tests.recording.conftest import Here
from tests.support.fake_mac import FakeMac
from tracekit.recording.harness.sidecar import read_sidecar


def record(mac: FakeMac, here: Here, program: Path, *arguments: str, **facts: object) -> tuple[int, str]:
    model = mac.home / "model.mlpackage"
    model.write_text(json.dumps({"inputs": [], "microseconds": 500} | facts))
    options = ("--model", str(model), "--min-seconds", "0", "-o", "run.trace", "--no-analyze")
    done = here("record", *options, *arguments, FAKE_HARNESS=str(program))
    return done.returncode, done.stderr


def test_all_is_well(mac: FakeMac, here: Here, program: Path) -> None:
    code, said = record(mac, here, program)
    assert code == 0, said
    told = read_sidecar(mac.home / "run.sidecar.json")
    assert told.predictions == 100
    assert [each["operator"] for each in told.document["compute_plan"]["operations"]][:2] == ["conv", "while_loop"]
    assert not (mac.home / ".run.recording").exists()


@pytest.mark.parametrize(
    "what, sentence",
    [
        ("fail", "ended with status 1: prediction 19 failed: the stub was told to fail"),
        ("raise", "ended with status 1: NSInvalidArgumentException: the stub was told to raise"),
        ("abort", "it was ended by SIGABRT"),
        ("exit", "ended with status 3: something in it called exit()"),
    ],
)
def test_what_was_measured_is_kept_and_the_reason_said(
    mac: FakeMac, here: Here, program: Path, what: str, sentence: str
) -> None:
    code, said = record(mac, here, program, at={"29": what})
    assert code == 1
    last = said.splitlines()[-1]
    assert sentence in last
    assert "(after 19 measured predictions)" in last
    assert "The recording is kept" in last
    assert read_sidecar(mac.home / "run.sidecar.json").predictions == 19


def test_a_prediction_that_never_returns_meets_the_time_limit(mac: FakeMac, here: Here, program: Path) -> None:
    code, said = record(mac, here, program, "--time-limit", "1500ms", at={"29": "hang"})
    assert code == 0, said
    assert "! the time limit ended the target before it was done: it was killed (after 19 measured" in said


def test_a_plan_that_ends_its_process_ends_nothing_else(mac: FakeMac, here: Here, program: Path) -> None:
    code, said = record(mac, here, program, plan="abort")
    assert code == 0, said
    told = read_sidecar(mac.home / "run.sidecar.json").document
    assert told["compute_plan"] is None
    assert told["compute_plan_note"] == "asking for Core ML's plan ended the process with signal 6"


def test_no_plan(mac: FakeMac, here: Here, program: Path) -> None:
    code, said = record(mac, here, program, "--no-plan", plan="abort")
    assert code == 0, said
    assert read_sidecar(mac.home / "run.sidecar.json").document["compute_plan"] is None
    assert "Core ML's plan" not in said
