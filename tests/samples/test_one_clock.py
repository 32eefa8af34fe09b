"""The recordings with hardware intervals are as they are described, and their truth adds up."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from sample_traces.iteration_truth import is_inference, iteration_truth
from sample_traces.one_clock import one_clock_recordings
from sample_traces.recording import Interval, Iteration, Recording
from sample_traces.sidecar import sidecar_json

FOLDER = Path(__file__).parents[2] / "sample_traces"
PARTS = ("on_cpu_ns", "ane_alone_ns", "gpu_alone_ns", "waiting_ns", "unaccounted_ns")
every_recording = pytest.mark.parametrize(
    "recording", sorted(path.parent.name for path in FOLDER.glob("*/truth.json")), indirect=True
)


def recordings() -> dict[str, Recording]:
    return {recording.name: recording for recording in one_clock_recordings()}


@pytest.fixture
def recording(request: pytest.FixtureRequest) -> Recording:
    """The recording of that name, made when a test first asks."""
    return recordings()[request.param]


@every_recording
def test_the_truth_of_every_prediction_adds_up(recording: Recording) -> None:
    truth = json.loads((FOLDER / recording.name / "truth.json").read_text())
    assert len(truth["iterations"]) == 110
    for one in truth["iterations"]:
        assert one["wall_ns"] == one["end_ns"] - one["start_ns"] == sum(one[part] for part in PARTS)
        assert min(one[part] for part in PARTS) >= 0


@every_recording
def test_predictions_end_after_their_requests(recording: Recording) -> None:
    """No interval of the process reaches over the end of a prediction: it returns when its work is done."""
    (run,) = recording.runs
    ends = sorted((one.start_ns, one.end_ns) for one in run.iterations)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(ends))
    for one in run.intervals:
        is_ours = one.process == run.process or one.label.endswith("AneInference")
        if is_ours:
            assert any(start <= one.start_ns and one.start_ns + one.duration_ns <= end for start, end in ends)


def test_the_three_cases_show_what_they_are_for() -> None:
    tables = {name: set(recording.runs[0].tables) for name, recording in recordings().items()}
    assert {"ane-hw-intervals", "ane-hw-intervals-internal"} <= set.union(*tables.values())
    assert {"coreml-os-signpost", "os-signpost-interval", "mps-hw-intervals"} <= set.union(*tables.values())
    states = {name: {sample.state for sample in r.runs[0].samples} for name, r in recordings().items()}
    assert [name for name, seen in states.items() if "Blocked" in seen] == ["ane-with-cpu-fallback"]
    rows = recordings()["all-ane"].runs[0].intervals
    labels = {one.label for one in rows}
    assert {"Neural Engine Load Flowers.mlmodelc", "Neural Engine Compile"} <= labels
    assert {one.state for one in rows} == {"Active", "Idle"}
    starts = [one.start_ns for one in rows]
    assert starts != sorted(starts)


def test_work_is_told_from_loading_compiling_and_rest() -> None:
    def row(label: str, state: str = "Active") -> Interval:
        return Interval("ane-hw-intervals", 0, 1, label, state=state)

    assert is_inference(row("Neural Engine Prediction"))
    assert is_inference(row("m_main__Op0_AneInference"))
    assert not is_inference(row("Neural Engine Load"))
    assert not is_inference(row("Neural Engine Prediction", "Idle"))


def test_the_sidecar_s_ticks_are_the_times_of_the_predictions() -> None:
    recording = recordings()["all-ane"]
    document = json.loads(sidecar_json(recording, recording.runs[0]))
    for told, one in zip(document["iterations"], recording.runs[0].iterations, strict=True):
        assert [(told[edge] - 33_000_000_000_000) * 125 // 3 for edge in ("start_mach", "end_mach")] == [
            one.start_ns,
            one.end_ns,
        ]
        assert told["warmup"] == one.is_warmup


def test_the_truth_counts_overlaps_once_and_cuts_at_the_prediction() -> None:
    recording = recordings()["gpu"]
    (run,) = recording.runs
    one = Iteration(run.iterations[20].start_ns, run.iterations[20].end_ns)
    ours = [
        each
        for each in run.intervals
        if each.process == run.process
        and each.table == "metal-gpu-intervals"
        and one.start_ns < each.start_ns < one.end_ns
    ]
    found = iteration_truth(run, one)
    covered = sorted((each.start_ns, each.start_ns + each.duration_ns) for each in ours)
    assert len(covered) == 5
    assert found["gpu_busy_ns"] < sum(end - start for start, end in covered)  # type: ignore[operator]
