"""The truth adds up, tells of the rows that are there, and gives the verdict that its numbers call for."""

import gzip
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest

from sample_traces.compose import AddressSpace, Timeline, part, program_image
from sample_traces.everyday.live import everyday
from sample_traces.recording import Answer, Core, Engine, Label, Phase, Process
from sample_traces.scenarios import recordings
from sample_traces.truth import run_truth
from tests.samples.exports import EXPORTS, NAMES, rows, truth

every_recording = pytest.mark.parametrize("name", NAMES)
every_export = pytest.mark.parametrize("name", EXPORTS)
RUNS = [(name, run) for name in NAMES for run in truth(name)["runs"]]
every_run = pytest.mark.parametrize("run", [run for _, run in RUNS], ids=[f"{name}-{run['run']}" for name, run in RUNS])


def both(entry: dict[str, Any]) -> tuple[int, int]:
    return entry["rows"], entry["weight_ns"]


def total(entries: list[dict[str, Any]]) -> tuple[int, int]:
    return sum(entry["rows"] for entry in entries), sum(entry["weight_ns"] for entry in entries)


@every_run
def test_every_row_is_in_one_place(run: dict[str, Any]) -> None:
    places = [run["no_stack"], run["outside_focus"], run["in_focus"]]
    assert total(places) == both(run)
    assert total(run["in_focus"]["engines"]) == both(run["in_focus"])
    assert total(run["in_focus"]["phases"]) == both(run["in_focus"])
    assert total(run["outside_focus"]["activities"]) == both(run["outside_focus"])


@every_run
def test_phases_add_up_to_their_engine(run: dict[str, Any]) -> None:
    weights: Counter[str] = Counter()
    for phase in run["in_focus"]["phases"]:
        weights[phase["engine"]] += phase["weight_ns"]
    assert weights == {one["engine"]: one["weight_ns"] for one in run["in_focus"]["engines"]}


@every_run
def test_only_known_words_are_used(run: dict[str, Any]) -> None:
    assert {phase["engine"] for phase in run["in_focus"]["phases"]} <= set(get_args(Engine))
    assert {phase["phase"] for phase in run["in_focus"]["phases"]} <= set(get_args(Phase))
    assert run["verdict"]["answer"] in get_args(Answer)


@every_run
def test_the_verdict_is_what_the_numbers_call_for(run: dict[str, Any]) -> None:
    focus = run["in_focus"]
    ane = sum(one["weight_ns"] for one in focus["engines"] if one["engine"] == "ANE")
    elsewhere = sum(
        one["weight_ns"]
        for one in focus["phases"]
        if one["engine"] in ("CPU", "GPU") and one["phase"] in ("execute", "dispatch")
    )
    if ane:
        answer = "yes" if elsewhere < 0.05 * focus["weight_ns"] else "partly"
    else:
        answer = "no" if focus["rows"] >= 30 and elsewhere else "unknown"
    assert run["verdict"]["answer"] == answer


def test_the_recordings_call_for_every_answer() -> None:
    assert {run["verdict"]["answer"] for _, run in RUNS} == set(get_args(Answer))


@every_run
def test_iterations_follow_one_another_within_the_run(run: dict[str, Any]) -> None:
    bounds = [edge for one in run["iterations"] for edge in (one["start_ns"], one["end_ns"])]
    assert all(earlier < later for earlier, later in pairwise(bounds))


@every_export
def test_the_truth_tells_of_the_rows_that_are_there(name: str) -> None:
    for run in truth(name.split(".xcode")[0])["runs"]:
        own = [row for row in rows(name) if row.run == run["run"]]
        assert (len(own), sum(row.weight_ns for row in own)) == both(run)
        assert sum(row.frames is None for row in own) == run["no_stack"]["rows"]


@pytest.mark.parametrize("name", ["legacy-nn-ane.xcode16.4.xml.gz", "mlprogram-split.xcode26.5.xml"])
def test_predictions_on_the_main_thread_lie_in_the_iterations(name: str) -> None:
    (run,) = truth(name.split(".xcode")[0])["runs"]
    assert len(run["iterations"]) == 100
    for row in rows(name):
        within = any(one["start_ns"] <= row.time_ns <= one["end_ns"] for one in run["iterations"])
        if row.thread.startswith("Main Thread") and row.frames is not None:
            assert within == any(symbol.startswith("-[MLModel prediction") for symbol, _ in row.frames)


def test_the_truth_comes_from_labels_and_not_from_names() -> None:
    """Symbols that cry ANE count as the GPU where the part says so, and outside where no part opens the focus."""
    name = "-[_ANEClient evaluateWithModel:options:request:qos:error:]"
    inside = part(f"App`main\nAppleNeuralEngine`{name}", Label("GPU", "wait"), opens_focus=True)
    outside = part(f"App`main\nAppleNeuralEngine`{name}", Label("ANE", "wait"), activity="play")
    program = program_image("App", "/App", launch="")
    timeline = Timeline(AddressSpace("", {}), program, Process(1, "App", "/App"), (Core(0, "P"),), seed="")
    timeline.run(timeline.thread("Main Thread", "main"), inside, outside, inside)
    counted = json.loads(json.dumps(run_truth(1, timeline.finish("2026-01-01T00:00:00.000+00:00", "unknown"))))
    assert [(one["engine"], one["phase"], one["rows"]) for one in counted["in_focus"]["phases"]] == [("GPU", "wait", 2)]
    assert [(one["activity"], one["rows"]) for one in counted["outside_focus"]["activities"]] == [("play", 1)]


def test_every_stack_in_the_focus_has_a_label_and_every_other_an_activity() -> None:
    for recording in recordings():
        stacks = {sample.stack for run in recording.runs for sample in run.samples if sample.stack is not None}
        assert all(stack.label is not None if stack.in_focus else stack.activity for stack in stacks)


def test_no_real_stack_was_copied_whole(real_data: Path) -> None:
    lines = (real_data / "stacks.jsonl").read_text().splitlines()
    lines += gzip.decompress((real_data / "coreml_predict_macos15.6.jsonl.gz").read_bytes()).decode().splitlines()
    real = {tuple(frame["symbol"] for frame in json.loads(line)["frames"]) for line in lines}
    made = {
        tuple(frame.function.name for frame in sample.stack.frames)
        for recording in (*recordings(), *(lived.recording for lived in everyday()))
        for run in recording.runs
        for sample in run.samples
        if sample.stack is not None
    }
    assert not real & made
