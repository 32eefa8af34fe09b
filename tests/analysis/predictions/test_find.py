"""Predictions one by one: where each was found, where its time went, and how long they take."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.analysis.predictions.tables import windows
from tests.support.timelines import OTHER_PID, PID, TICK, analysed
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.breakdown import PARTS
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.select import Selection
from tracekit.analysis.verdict.gates import Gates, ask
from tracekit.api import analyze, read_beside
from tracekit.model import schema
from tracekit.readers import open_trace
from tracekit.report.formats.analysis_json import analysis_document
from tracekit.report.formats.measures import measures_of

SAMPLES = Path(__file__).parents[3] / "sample_traces"
RECORDINGS = ["all-ane", "ane-with-cpu-fallback", "gpu"]


# ---- The samples of three recordings, against their truth.


def truth_of(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SAMPLES / name / "truth.json").read_text())["iterations"]
    return found


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("suffix", ["", ".trace.zip"], ids=["export", "bundle"])
def test_every_figure_of_every_prediction_equals_the_truth(name: str, suffix: str) -> None:
    """To the nanosecond: the truth was counted moment by moment when the recording was composed."""
    found = analyze(SAMPLES / f"{name}{suffix}").measured.iterations
    assert found.source == "sidecar"
    truth = truth_of(name)
    columns = ["start_ns", "end_ns", "warmup", "wall_ns", "ane_busy_ns", "gpu_busy_ns", *PARTS]
    assert found.table[columns].to_dict("records") == [{name: one[name] for name in columns} for one in truth]
    phases: list[dict[str, int]] = [{} for _ in truth]
    for row in found.phases.to_dict("records"):
        phases[row["index"]][f"{row['engine']} {row['phase']}"] = row["weight"]
    assert phases == [one["cpu"] for one in truth]
    engines = [f"cpu_{engine}" for engine in schema.ENGINES]
    assert (found.table[engines].sum(axis=1) == found.table["cpu"]).all()
    assert found.table["cpu"].tolist() == [sum(one["cpu"].values()) for one in truth]


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_parts_add_up_to_the_wall_time_of_every_prediction(name: str) -> None:
    table = analyze(SAMPLES / name).measured.iterations.table
    assert len(table) == 110
    assert (table[list(PARTS)].sum(axis=1) == table["wall_ns"]).all()
    assert (table[list(PARTS)] >= 0).all(axis=None)


def without_sidecar(name: str) -> Analysis:
    trace = open_trace(SAMPLES / name)
    return analyze_profile(trace.profile(), beside=Beside(read_beside(trace).tables))


@pytest.mark.parametrize("name,source", [("ane-with-cpu-fallback", "coreml-table"), ("gpu", "signposts")])
def test_without_the_sidecar_rows_of_predictions_give_the_same(name: str, source: str) -> None:
    found = without_sidecar(name).measured.iterations
    assert found.source == source
    truth = truth_of(name)
    for column in ("start_ns", "end_ns", "ane_busy_ns", "gpu_busy_ns", *PARTS):
        assert found.table[column].tolist() == [one[column] for one in truth], column


def test_core_ml_s_table_names_the_model_of_each_prediction() -> None:
    assert set(without_sidecar("ane-with-cpu-fallback").measured.iterations.table["model"]) == {"Letters"}


@pytest.mark.parametrize("recording,true", [("legacy-nn-ane", 100), ("cpu-only", 100), ("two-runs", 25)])
def test_samples_alone_give_no_prediction_and_a_bound_below_the_truth(recording: str, true: int) -> None:
    file = next(SAMPLES.glob(f"{recording}.xcode16.4.xml.gz"))
    truth = json.loads((SAMPLES / f"{recording}.truth.json").read_text())["runs"][0]["iterations"]
    found = analyze(file, run=1).measured.iterations
    assert found.source == "none"
    assert found.table.empty
    assert found.steady is None
    assert true == len(truth)
    assert found.at_least > 0


# ---- The user's word.


def test_as_many_as_the_samples_prove_are_the_runs_between() -> None:
    drawing = "xx ppp xx pa .. pp xx ? pp xxx"
    analysis = analysed(drawing, scope=Scope(predictions=3))
    assert analysis.measured.iterations.source == "user"
    assert windows(analysis) == [(2, 5), (7, 13), (16, 18)]
    saved = analysis_document(analysis)
    assert (saved["iterations"]["count"], saved["predictions"]["said"]) == (3, 3)


@pytest.mark.parametrize("said", [1, 2, 5, 100])
def test_any_other_number_gives_means_and_no_lengths(said: int) -> None:
    analysis = analysed("xx ppp xx pa .. pp xx pp xxx", scope=Scope(predictions=said))
    assert analysis.measured.iterations.source == "none"
    saved = analysis_document(analysis)
    assert saved["iterations"] is None
    assert saved["predictions"] == {
        "source": "none",
        "count": None,
        "at_least": 3,
        "said": said,
        "note": analysis.measured.iterations.note,
    }
    (outcome,) = ask(Gates(max_p95_ns=10**12), measures_of(saved))
    assert outcome.result == "not measurable"


@pytest.mark.parametrize("said", [None, 2, 7])
def test_exact_sources_need_no_word_and_another_one_is_told(said: int | None) -> None:
    analysis = analysed("x pp x pp x", marks=True, scope=Scope(predictions=said))
    assert (analysis.measured.iterations.source, windows(analysis)) == ("signposts", [(1, 3), (4, 6)])
    told = [notice.message for notice in analysis.measured.notices if notice.code == "predictions-said"]
    expected = "you said that there were 7 predictions; the recording tells of 2, which count"
    assert told == ([expected] if said == 7 else [])


# ---- Predictions that the app marked, drawn.


def test_threads_predict_on_their_own() -> None:
    analysis = analysed("ppp xx ppp x", "x pp xxxxx p", marks=True)
    assert windows(analysis) == [(0, 3), (1, 3), (5, 8), (8, 9)]
    assert analysis.measured.iterations.table["thread_id"].tolist() == [0, 1, 0, 1]
    assert [n.code for n in analysis.measured.notices] == ["no-hardware-intervals", "predictions-overlap"]


def test_profiles_without_times_have_no_predictions_to_find() -> None:
    analysis = analysed("p")
    assert analysis.measured.iterations.source == "none"
    assert analysis.measured.iterations.table.empty
    assert analysis.measured.iterations.steady is None


def test_a_time_range_leaves_out_what_is_not_wholly_in_it() -> None:
    scope = Scope(selection=Selection(time_range=(1 * TICK, 9 * TICK)))
    analysis = analysed("pp x pp x pp x pp", scope=scope, marks=True)
    assert windows(analysis) == [(3, 5), (6, 8)]


def test_the_harness_s_frames_mark_warm_up() -> None:
    table = analysed("wwww x ww x mm x mm x mm", scope=Scope(predictions=5)).measured.iterations.table
    assert table["warmup"].tolist() == [True, True, False, False, False]


def test_signposts_of_threads_without_a_sample_count() -> None:
    """Two threads predict at once; of neither is there a sample."""
    rows = [(0, 10, 31), (2, 3, 32), (4, 3, 32), (4, 1, 31)]
    table = pd.DataFrame(
        {
            "start": [start * TICK for start, _, _ in rows],
            "duration": [lasts * TICK for _, lasts, _ in rows],
            "name": "prediction",
            "process.pid": PID,
            "start-thread.tid": [tid for *_, tid in rows],
        }
    )
    analysis = analysed("xxxx", beside=Beside({"os-signpost-interval": table}))
    assert windows(analysis) == [(0, 10), (2, 5), (4, 7)]
    assert analysis.measured.intervals["tid"].tolist() == [31, 32, 32, 31]
    assert set(analysis.measured.intervals["thread_id"]) == {-1}


def test_signposts_of_every_process_that_was_seen_predicting_count() -> None:
    table = pd.DataFrame(
        {
            "start": [TICK, 2 * TICK, 3 * TICK],
            "duration": TICK,
            "name": "prediction",
            "process.pid": [PID, OTHER_PID, 9],
        }
    )
    beside = Beside({"os-signpost-interval": table})
    assert len(analysed("xpx", others=["xxpx"], beside=beside).measured.iterations.table) == 2
    assert len(analysed("xpx", others=["xxxx"], beside=beside).measured.iterations.table) == 1


def test_signposts_of_others_and_inner_ones_are_no_predictions() -> None:
    rows = [
        (1, 5, "prediction", PID),
        (2, 1, "prediction", PID),  # inside the first: a pipeline's
        (4, 2, "prediction", PID),  # inside it to its very end
        (7, 2, "Predict", PID),
        (10, 2, "prediction", PID + 1),
        (13, 2, "prediction of rain", PID),
    ]
    table = pd.DataFrame(rows, columns=["start", "duration", "name", "process.pid"])
    table[["start", "duration"]] *= TICK
    analysis = analysed("x ppppp x pp xxxxxxx", beside=Beside({"os-signpost-interval": table}))
    assert windows(analysis) == [(1, 6), (7, 9)]
    assert "the app's signposts" in analysis.measured.iterations.note


def test_predictions_of_core_ml_at_once_are_all_counted_and_parts_of_a_pipeline_are_not() -> None:
    """Core ML's rows name no thread: one inside another may be another thread's, unless it names a parent."""
    rows = [
        (1, 5, "Net-1", ""),
        (2, 2, "Net-1", ""),  # another thread's, inside the first
        (8, 4, "Pipeline-2", ""),
        (9, 2, "Part-3", "Pipeline-2"),
    ]
    table = pd.DataFrame(rows, columns=["start", "duration", "model-name", "parent-model-name"])
    table = table.assign(**{"event-label": "Prediction"})
    table[["start", "duration"]] *= TICK
    analysis = analysed("x ppppp x ppppp x", beside=Beside({"coreml-os-signpost": table}))
    assert windows(analysis) == [(1, 6), (2, 4), (8, 12)]


# ---- A real recording.


@pytest.fixture(scope="module")
def real(real_data: Path) -> Analysis:
    """Ten calls, as MPSGraph's own table says too."""
    trace = real_data / "bundles" / "coreml-gpu_xcode16.4_no-form-template.trace.zip"
    # The first two follow one another with nothing but a gap between them, which proves nothing.
    assert analyze(trace).measured.iterations.at_least == 9
    return analyze(trace, scope=Scope(predictions=10))


def test_ten_predictions_of_a_real_recording(real: Analysis) -> None:
    found = real.measured.iterations
    assert found.source == "user"
    assert len(found.table) == 10
    wall = (found.table["wall_ns"] / 1e6).round(1).tolist()
    assert wall[0] == 152.0
    assert all(14.0 <= one <= 16.0 for one in wall[1:])
    assert found.table["warmup"].tolist() == [True, *[False] * 9]
    first = found.phases[(found.phases["index"] == 0) & (found.phases["phase"] == "compile")]
    assert first["weight"].tolist() == [91_000_000]
    assert not (found.phases.loc[found.phases["index"] > 0, "phase"] == "compile").any()
    assert (found.table[list(PARTS)].sum(axis=1) == found.table["wall_ns"]).all()


def test_its_gpu_is_busy_a_ninth_of_the_time_that_driving_it_takes(real: Analysis) -> None:
    hardware = real.measured.hardware
    assert hardware is not None
    assert hardware.gpu is not None
    assert hardware.ane is not None
    assert (hardware.gpu.own_ns, hardware.gpu.in_predictions_ns) == (30_214_422, 30_214_422)
    # Each of the ten holds its 34 intervals, which the predictions' bounds were not made from.
    assert hardware.gpu.predictions == 10
    assert (hardware.ane.intervals, hardware.ane.busy_ns) == (0, 0)
    rows = real.measured.intervals
    ours = rows[(rows["kind"] == "gpu").to_numpy() & (rows["process"] == "MambaASRRunner").to_numpy()]
    table = real.measured.iterations.table
    per = [int(ours["start_ns"].between(s, e).sum()) for s, e in zip(table["start_ns"], table["end_ns"], strict=True)]
    assert per == [34] * 10
