"""The harness itself, run: whatever ends it, what it measured until then is there, with the reason.

What is run is its own source, compiled for this machine with GNUstep's Foundation; Core ML is a stand-in of ours
(gnustep/coreml.m) whose predictions can fail, raise, abort, hang and exit. What that does not show: Core ML, ARC and
autorelease pools, which clang's analyzer reads in test_source.py.
"""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.recording.harness.conftest import Harness
from tracekit.recording.harness.command import read_progress

REASON = 'the stub was told to fail: "quoted" \\ and\ttabbed, größer'


def test_a_run_that_succeeds(harness: Harness) -> None:
    done = harness.run(harness.model(states=["cache"]))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    told = harness.told()
    assert [(each.index, each.is_warmup) for each in told.iterations] == [
        *((index, True) for index in range(10)),
        *((index, False) for index in range(100)),
    ]
    assert (told.ended, told.error, told.account()) == ("done", None, None)
    assert [phase.name for phase in told.phases] == ["load", "warmup", "measure"]
    measure = told.phases[-1]
    measured = [each for each in told.iterations if not each.is_warmup]
    ends = [measure.start_mach, *(tick for each in measured for tick in (each.start_mach, each.end_mach))]
    assert ends == sorted(ends)
    assert ends[-1] <= measure.end_mach
    assert min(told.durations_ns()) >= 100_000  # each sleeps for so long
    assert told.document["state"] == {"names": ["cache"], "reused": True}
    assert {path.name for path in harness.folder.iterdir()} == {"model.mlmodelc", "run.sidecar.json", "harness.log"}


@pytest.mark.parametrize(
    "what, code, ended, error",
    [
        ("fail", 1, "error", f"prediction 19 failed: {REASON}"),
        ("raise", 1, "exception", "NSInvalidArgumentException: the stub was told to raise"),
        ("abort", -signal.SIGABRT, "SIGABRT", None),
        ("exit", 3, "exit", None),
    ],
)
def test_a_prediction_that_ends_the_run_takes_no_other_with_it(
    harness: Harness, what: str, code: int, ended: str, error: str | None
) -> None:
    done = harness.run(harness.model(at={"29": what}))
    assert done.returncode == code
    told = harness.told()
    assert (told.ended, told.error) == (ended, error)
    assert told.predictions == 19
    assert len(told.iterations) == 29
    assert not told.is_whole
    assert "(after 19 measured predictions)" in (told.account() or "")
    assert error is None or error in harness.log.read_text("utf-8")


def until(harness: Harness, predictions: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the progress file says so."""
    progress, late = harness.folder / "progress", time.monotonic() + 10
    while time.monotonic() < late and process.poll() is None:
        step = read_progress(progress)
        if step is not None and step.phase == "measure" and step.done >= predictions:
            return
        time.sleep(0.005)
    raise AssertionError("it never came so far")


def started(harness: Harness, model: Path) -> "subprocess.Popen[bytes]":
    more = ("--progress", str(harness.folder / "progress"), "--iterations", "100000")
    return subprocess.Popen(harness.command(model, *more))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_after_the_prediction_it_is_in(harness: Harness, number: signal.Signals) -> None:
    process = started(harness, harness.model(microseconds=2_000))
    until(harness, 50, process)
    process.send_signal(number)
    assert process.wait(10) == -number  # its parent sees what ended it
    told = harness.told()
    assert told.ended == number.name
    assert told.predictions >= 50
    assert [each.index for each in told.iterations][10:] == list(range(told.predictions))


def test_a_prediction_that_never_returns(harness: Harness) -> None:
    process = started(harness, harness.model(microseconds=2_000, at={"60": "hang"}))
    until(harness, 1, process)
    time.sleep(0.4)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == -signal.SIGALRM  # it ends itself, two seconds later
    assert (harness.told().ended, harness.told().predictions) == ("SIGTERM", 50)


def test_killed_it_leaves_what_it_wrote_within_the_last_second(harness: Harness) -> None:
    process = started(harness, harness.model(microseconds=2_000))
    time.sleep(1.5)
    process.kill()
    process.wait(10)
    told = harness.told()
    assert (told.ended, told.account()) == ("running", f"it was killed (after {told.predictions} measured predictions)")
    assert told.predictions > 100


@pytest.mark.parametrize("what", ["fail", "raise", "abort"])
def test_a_model_that_does_not_load(harness: Harness, what: str) -> None:
    harness.run(harness.model(load=what))
    told = harness.told()
    assert told.iterations == ()
    assert told.ended == {"fail": "error", "raise": "exception", "abort": "SIGABRT"}[what]


def test_a_model_is_compiled_and_what_was_compiled_is_removed(harness: Harness) -> None:
    harness.run(harness.model("model.mlpackage"))
    assert [phase.name for phase in harness.told().phases] == ["compile", "load", "warmup", "measure"]
    assert list(harness.folder.glob("*.mlmodelc")) == []


def test_it_goes_on_until_there_are_enough_seconds(harness: Harness) -> None:
    harness.run(harness.model(microseconds=1_000), "--min-seconds", "0.3", "--iterations", "5", "--warmup", "0")
    told = harness.told()
    (measure,) = [phase for phase in told.phases if phase.name == "measure"]
    assert 0.3e9 <= measure.end_wall_ns - measure.start_wall_ns < 3e9
    assert 100 < told.predictions < 300
    assert told.document["requested"] == {"iterations": 5, "min_seconds": 0.3}


@pytest.mark.parametrize(
    "way, states, size, state",
    [
        ("sync", None, 1, None),
        ("async", None, 1, None),
        ("batch", None, 5, None),
        ("sync", ["cache"], 1, {"names": ["cache"], "reused": True}),
        ("async", ["cache"], 1, {"names": ["cache"], "reused": True}),
        ("state", ["cache"], 1, {"names": ["cache"], "reused": False}),
    ],
)
def test_every_way_to_evaluate(
    harness: Harness, way: str, states: list[str] | None, size: int, state: dict[str, object] | None
) -> None:
    """Our Core ML refuses a model with states that is given none."""
    facts: dict[str, Any] = {"at": {"15": "fail"}} | ({"states": states} if states else {})
    model = harness.model(**facts)
    arguments = ("--evaluate", way, "--batch-size", "5", "--iterations", "5")
    assert harness.run(model, *arguments).returncode == 0, harness.log.read_text()
    told = harness.told()
    assert told.document["evaluate"] == {"kind": way, "batch_size": size}
    assert told.document["state"] == state
    harness.run(model, *arguments[:-1], "6")
    assert harness.told().error == f"prediction 5 failed: {REASON}"


def test_a_model_with_states_takes_no_batches(harness: Harness) -> None:
    assert harness.run(harness.model(states=["cache"]), "--evaluate", "batch").returncode == 1
    assert harness.told().error == "a model with states takes no batches"


def test_a_sidecar_that_cannot_be_written(harness: Harness) -> None:
    for place in ("/nowhere/s.json", f"/{'x' * 2000}/s.json"):
        command = [str(harness.program), "--model", str(harness.model()), "--min-seconds", "0", "--sidecar", place]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 1
        assert f"the sidecar cannot be written: {place}" in done.stderr


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--evaluate", "twice"], "there is no way to evaluate called twice"),
        (["--evaluate", "state"], "the model has no state"),
        (["--compute-units", "none"], "there are no compute units none"),
        (["--input", "x=nothing.npy"], "the model has no input x"),
    ],
)
def test_what_it_refuses(harness: Harness, arguments: list[str], message: str) -> None:
    assert harness.run(harness.model(), *arguments).returncode == 1
    assert message in (harness.told().error or "")
    assert message in harness.log.read_text()


@pytest.mark.parametrize("arguments", [[], ["--model"], ["--iterations", "0"], ["--what", "now"], ["--plan", "x"]])
def test_arguments_it_does_not_understand(harness: Harness, arguments: list[str]) -> None:
    files = ["--model", "m"] if arguments[:1] == ["--plan"] else ["--model", "m", "--sidecar", str(harness.sidecar)]
    extra = ["--sidecar", "y"] if arguments[:1] == ["--plan"] else []
    command = [str(harness.program), *(files if arguments else []), *arguments, *extra]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"usage:" in done.stderr


def test_the_machine_before_and_after(harness: Harness) -> None:
    harness.run(harness.model(), FAKE_THERMAL_STATE="2", FAKE_LOW_POWER="1")
    told = harness.told().document
    assert [(each["when"], each["thermal_state"], each["low_power"]) for each in told["conditions"]] == [
        ("before", "serious", True),
        ("after", "serious", True),
    ]
    assert (told["chip"], told["translated"], told["machine"]) == ("Apple M4", False, "Mac16,1")
    assert told["compute_devices"] == ["CPU", "GPU", "ANE"]


FLOAT32, INT32 = 0x10000 | 32, 0x20000 | 32


def test_inputs_of_every_kind(harness: Harness) -> None:
    np.save(harness.folder / "given.npy", np.zeros((2, 2), np.float32))
    inputs = [
        {"name": "array", "type": 5, "shape": [1, 3, 4], "data_type": FLOAT32},
        {"name": "ranged", "type": 5, "shape": [1, 300], "ranges": [[1, 1], [2, 100]], "data_type": INT32},
        {"name": "listed", "type": 5, "shape": [9], "shapes": [[4], [8]], "data_type": INT32},
        {"name": "file", "type": 5, "shape": [2, 2], "data_type": FLOAT32},
        {"name": "image", "type": 4, "wide": 8, "high": 6},
        {"name": "dictionary", "type": 6},
        {"name": "sequence", "type": 7},
        *({"name": name, "type": number} for name, number in [("whole", 1), ("real", 2), ("words", 3)]),
        {"name": "optional", "type": 3, "optional": True},
    ]
    harness.run(harness.model(inputs=inputs), "--input", f"file={harness.folder}/given.npy")
    told = harness.told().document
    assert {each["name"]: (each["type"], each.get("shape")) for each in told["inputs"]} == {
        "array": ("multiArray", [1, 3, 4]),
        "ranged": ("multiArray", [1, 100]),
        "listed": ("multiArray", [4]),
        "file": ("multiArray", [2, 2]),
        "image": ("image", [6, 8]),
        "dictionary": ("dictionary by string", None),
        "sequence": ("sequence of int64", [3]),
        "whole": ("int64", None),
        "real": ("double", None),
        "words": ("string", None),
    }
    assert told["skipped_inputs"] == ["optional"]


# ── the plan, in a run of its own ─────────────────────────────────────────────────────────────────────────────────


def planned(harness: Harness, plan: str) -> "tuple[int, dict[str, object] | None]":
    answer = harness.folder / "plan.json"
    command = [str(harness.program), "--model", str(harness.model(plan=plan)), "--plan", str(answer)]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode, json.loads(answer.read_bytes()) if answer.exists() else None


def places(document: "dict[str, object] | None") -> list[tuple[object, ...]]:
    assert document is not None
    keys = ("model", "function", "within", "name", "operator")
    return [tuple(each[key] for key in keys) for each in document["operations"]]  # type: ignore[attr-defined]


PROGRAM = [
    ("main", None, "conv0", "conv"),
    ("main", None, "loop", "while_loop"),
    ("main", "loop/0", "branch", "cond"),
    ("main", "loop/0/branch/0", "step", "add"),
    ("main", "loop/0/branch/1", "other", "mul"),
]


def test_a_plan_is_walked_into_its_blocks(harness: Harness) -> None:
    code, document = planned(harness, "")
    assert code == 0
    assert places(document) == [(None, *each) for each in PROGRAM]
    assert document is not None
    first = document["operations"][0]  # type: ignore[index]
    assert (first["supported"], first["preferred"], first["cost"]) == (["CPU", "GPU", "ANE"], "ANE", 0.5)


def test_a_plan_is_walked_through_a_pipeline(harness: Harness) -> None:
    _, document = planned(harness, "pipeline")
    assert places(document) == [
        ("resize", None, None, "scale", "resize"),
        *(("classify", *each) for each in PROGRAM),
    ]


@pytest.mark.parametrize(
    "plan, code, document", [("fail", 0, {"note": REASON}), ("abort", -signal.SIGABRT, None), ("raise", 1, None)]
)
def test_a_plan_that_cannot_be_had(harness: Harness, plan: str, code: int, document: object) -> None:
    assert planned(harness, plan) == (code, document)
