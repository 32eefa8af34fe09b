"""The verdict over samples, hardware, predictions and plan: answers, and contradictions that are said."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.support.bless import Golden
from tests.support.judged import Spans, Written, ane, judged, loop, on_ane, planned, starts
from tests.support.samples import analysis_of
from tests.support.timelines import TICK, analysed
from tracekit.analysis.analyze import Scope
from tracekit.analysis.predictions.measure import NO_HARDWARE, Beside
from tracekit.api import analyze
from tracekit.report.formats.analysis_json import analysis_document
from tracekit.report.terminal.analysis_text import analysis_view
from tracekit.report.terminal.drawing import to_plain

SAMPLES = Path(__file__).parents[3] / "sample_traces"
RECORDINGS = ["all-ane", "ane-with-cpu-fallback", "gpu"]


# ---- Answers by hardware.


@pytest.mark.parametrize(
    "prediction,count,used,answer",
    [
        ("aa", 20, 20, "yes"),
        ("aa", 20, 19, "partly"),  # 95 of 100 do, 5 % do not
        ("aa", 40, 39, "yes"),  # 97.5 %
        ("aac", 20, 20, "partly"),  # a third of the CPU time computes
        ("aaaaaaaaaaaaaaaaaaaac", 10, 10, "yes"),  # under 5 %
        ("aaag", 20, 20, "partly"),
        ("ppp", 20, 20, "unknown"),  # rows name no process: nothing says that these are its own
        ("ccc", 20, 0, "no"),
        ("ggg", 20, 0, "no"),
        ("c", 2, 0, "no"),  # two samples are too few to say no, a recorded table is not
        ("ppp", 20, 0, "unknown"),  # nothing worked that anybody saw
        ("cpp", 20, 0, "unknown"),  # more of it names no engine than names one
        ("ccpp", 20, 0, "no"),
    ],
)
def test_answers_by_hardware(prediction: str, count: int, used: int, answer: str) -> None:
    verdict = judged(loop(prediction, count), on_ane(prediction, count, used)).verdict
    assert verdict.answer == answer
    assert verdict.contradictions == ()
    assert verdict.evidence == "hardware"
    if used and answer != "unknown":
        assert f"{used} of {count} predictions used the Neural Engine (hardware intervals)" in verdict.sentence


def test_the_gpu_s_own_time_makes_it_partly() -> None:
    prediction, count = "aaaa", 10
    begin = starts(prediction, count)
    for busy, answer in ((0.15, "yes"), (0.25, "partly")):  # of four intervals: under and over 5 %
        spans = [(start + 1.0, start + 1.0 + busy) for start in begin]
        assert judged(loop(prediction, count), on_ane(prediction, count), spans).verdict.answer == answer


def test_a_gpu_that_worked_is_enough_for_no_where_the_ane_was_recorded() -> None:
    prediction, count = "ppp", 10
    spans = [(start + 0.5, start + 2.0) for start in starts(prediction, count)]
    assert judged(loop(prediction, count), [], spans).verdict.answer == "no"
    assert judged(loop(prediction, count), None, spans).verdict.answer == "unknown"


def test_without_the_ane_s_table_the_gpu_s_is_told_beside_the_samples_verdict() -> None:
    prediction, count = "ggg", 20
    spans = [(start + 0.5, start + 1.5) for start in starts(prediction, count)]
    verdict = judged(loop(prediction, count), None, spans).verdict
    assert (verdict.answer, verdict.evidence) == ("no", "stacks")
    assert "The GPU was busy 20.0 ms in them, beside 60.0 ms of CPU time spent for it." in verdict.sentence


def test_loading_and_compiling_on_the_ane_is_no_use_of_it() -> None:
    prediction, count = "ccc", 20
    for label in ("Neural Engine Load", "Neural Engine Compile"):
        tables = {"ane-hw-intervals": ane(on_ane(prediction, count), label)}
        assert analysed(loop(prediction, count), beside=Beside(tables)).verdict.answer == "no"


# ---- Contradictions are said.


def test_ane_symbols_without_intervals() -> None:
    verdict = judged(loop("aa", 20), []).verdict
    assert (verdict.answer, verdict.evidence) == ("unknown", "hardware")
    assert verdict.contradictions == (
        "40 samples show predictions asking for the Neural Engine, but its interval table holds no work",
    )
    assert verdict.contradictions[0] in verdict.sentence


def test_ane_symbols_with_intervals_elsewhere() -> None:
    verdict = judged(loop("aa", 20), [(0.0, 2.0)]).verdict
    assert verdict.answer == "unknown"
    assert "all of its intervals lie elsewhere" in verdict.contradictions[0]


def test_intervals_without_a_prediction() -> None:
    verdict = judged("xxxxxxxx", [(1.0, 3.0)]).verdict
    assert (verdict.answer, verdict.evidence) == ("unknown", "hardware")
    assert "The Neural Engine worked 2.0 ms while it was recorded, for which process its table" in verdict.sentence


@pytest.mark.parametrize("setting,said", [("cpuOnly", "the CPU only"), ("cpuAndGPU", "CPU and GPU only")])
def test_a_setting_that_leaves_the_ane_out_against_samples_that_ask_for_it(setting: str, said: str) -> None:
    asked = judged(loop("aac", 20), on_ane("aac", 20), harness=Written(setting)).verdict
    assert asked.answer == "unknown"
    assert f"loaded for {said}, but 40 samples show predictions asking" in asked.contradictions[0]
    # Rows that nobody asked for are another's, and decide nothing.
    others = judged(loop("ccc", 60), on_ane("ccc", 60), harness=Written(setting)).verdict
    assert (others.answer, others.contradictions) == ("no", ())
    assert "60 requests (30.0 ms) of no known process" in others.sentence


@pytest.mark.parametrize(
    "count,used,answer",
    [
        (60, 60, "unknown"),  # 180 samples, and the ANE worked in a sixth of their time
        (60, 18, "unknown"),  # a twentieth of it
        (60, 17, "no"),  # less: stray rows of another
        (20, 3, "no"),  # of 60 samples, too
    ],
)
def test_many_samples_of_which_none_asks_speak_against_rows_that_name_no_process(
    count: int, used: int, answer: str
) -> None:
    verdict = judged(loop("ccc", count), on_ane("ccc", count, used)).verdict
    assert verdict.answer == answer
    if answer == "unknown":
        assert f"its rows name no process, and none of {3 * count} samples" in verdict.contradictions[0]
    else:
        assert f"{used} requests ({used / 2:.1f} ms) of no known process" in verdict.sentence


def test_rows_that_may_be_this_process_s_leave_open_what_few_samples_do_not_show() -> None:
    """99 samples are too few to speak against rows that fill a sixth of the predictions; and 12 against any."""
    for count, used in ((33, 33), (4, 1)):
        verdict = judged(loop("ccc", count), on_ane("ccc", count, used)).verdict
        assert (verdict.answer, verdict.decided_by, verdict.contradictions) == ("unknown", "too few samples", ())
    # Where predictions are known one by one, rows outside of them are not theirs.
    outside = [(0.25, 0.75)]
    assert judged(loop("ccc", 4), outside).verdict.answer == "no"
    assert judged(loop("ccc", 4), outside, marks=False).verdict.answer == "unknown"


def test_a_model_that_is_named_and_never_asked_for_contradicts_itself() -> None:
    row = {"event-label": ["Prediction"], "model-name": ["Net-1"], "start": [4 * TICK], "duration": [3 * TICK]}
    named = {"coreml-os-signpost": pd.DataFrame(row)}
    for count, answer in ((60, "unknown"), (20, "partly")):
        tables = {"ane-hw-intervals": ane(on_ane("ccc", count), "Net Prediction"), **named}
        verdict = analysed(loop("ccc", count), beside=Beside(tables)).verdict
        assert verdict.answer == answer
        assert ("of this process's model, but none of 180 samples" in verdict.sentence) == (answer == "unknown")


@pytest.mark.parametrize(
    "prediction,spans,harness,said",
    [
        ("ccc", [], planned(ANE=30, CPU=2), "prefers the Neural Engine for 30 of 32 operations, but nothing"),
        ("ccc", None, planned(ANE=30), "but nothing of it was seen in the samples"),
        ("aaa", on_ane("aaa", 20), planned(CPU=4), "for no operation, but it worked"),
        ("aaa", None, planned(CPU=4), "for no operation, but it worked"),
    ],
)
def test_the_plan_against_what_was_measured(prediction: str, spans: Spans | None, harness: Written, said: str) -> None:
    with_plan = judged(loop(prediction, 20), spans, harness=harness).verdict
    assert len(with_plan.contradictions) == 1
    assert said in with_plan.contradictions[0]
    # A plan is a prediction: it never changes the answer.
    assert with_plan.answer == judged(loop(prediction, 20), spans).verdict.answer


@pytest.mark.parametrize(
    "prediction,spans,harness",
    [
        ("aaa", on_ane("aaa", 20), planned(ANE=30, CPU=2)),
        ("ccc", [], planned(CPU=30)),
        ("ccc", [], Written(document={"compute_plan": None})),
        ("ccc", [], Written(document={"compute_plan": {"operations": "?"}})),
        ("ccc", [], planned()),
    ],
)
def test_a_plan_that_fits_or_is_not_there_contradicts_nothing(prediction: str, spans: Spans, harness: Written) -> None:
    assert judged(loop(prediction, 20), spans, harness=harness).verdict.contradictions == ()


def test_few_samples_do_not_contradict_a_plan() -> None:
    assert judged(loop("c", 5), None, harness=planned(ANE=3)).verdict.contradictions == ()


@pytest.mark.parametrize("drawing", ["xxxx paaapp " * 20 + "xx", "xxxx pa .. pp " * 20 + "xx", "paaapp" * 20])
def test_samples_alone_give_no_count_and_no_length(drawing: str) -> None:
    analysis = judged(drawing, [(at * 10 + 5.5, at * 10 + 8.0) for at in range(12)], marks=False)
    assert analysis.verdict.answer == "yes"
    text = to_plain(analysis_view(analysis))
    assert re.search(r"\d of (about )?[\d,]+ predictions", text) is None
    assert " a prediction" not in text
    assert "one prediction" not in text
    document = analysis_document(analysis)
    assert document["iterations"] is None
    assert document["predictions"]["count"] is None
    assert "12 requests" in analysis.verdict.sentence


# ---- What is said where nothing was recorded, and of whole recordings.


def test_without_any_interval_table_it_is_said_once_and_the_rest_is_there() -> None:
    analysis = judged(loop("aac", 20))
    assert [notice.code for notice in analysis.measured.notices] == [NO_HARDWARE.code]
    assert analysis.measured.hardware is None
    assert analysis.verdict.answer == "partly"
    text = to_plain(analysis_view(analysis))
    assert text.count("do not say how long") == 1
    document = analysis_document(analysis)
    assert document["hardware"] is None
    assert [warning["code"] for warning in document["warnings"]] == [NO_HARDWARE.code]


@pytest.mark.parametrize("name", RECORDINGS)
def test_whole_recordings_read_well(name: str, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES)
    analysis = analyze(name)
    truth = json.loads((SAMPLES / name / "truth.json").read_text())
    assert analysis.verdict.answer == truth["verdict"]["answer"]
    assert analysis.verdict.evidence == "hardware"
    assert analysis.verdict.contradictions == ()
    text, _, _ = to_plain(analysis_view(analysis)).partition("CPU time inside predictions")
    golden(f"one_clock/{name}.txt", text)


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_document_keeps_the_contract(name: str) -> None:
    document = json.loads(json.dumps(analysis_document(analysis_of(name)), allow_nan=False))
    assert {"ane", "gpu"} <= set(document["hardware"])
    iterations = document["iterations"]
    assert {"count", "warmup", "p50_ns", "p95_ns", "per_engine"} <= set(iterations)
    assert (iterations["count"], iterations["warmup"], iterations["source"]) == (100, 10, "sidecar")
    sums = iterations["sums"]
    parts = ("on_cpu_ns", "ane_alone_ns", "gpu_alone_ns", "waiting_ns", "unaccounted_ns")
    assert sums["wall_ns"] == sum(sums[part] for part in parts)
    assert sums["wall_ns"] == sum(row["wall_ns"] for row in iterations["rows"] if not row["warmup"])
    assert set(document["verdict"]) == {"answer", "evidence", "sentence", "decided_by", "contradictions"}


def test_a_bundle_says_what_its_exports_say() -> None:
    for name in RECORDINGS:
        bundle, export = analysis_of(f"{name}.trace.zip"), analysis_of(name)
        assert bundle.verdict == export.verdict
        assert bundle.measured.hardware == export.measured.hardware
        pd.testing.assert_frame_equal(bundle.measured.intervals, export.measured.intervals)
        pd.testing.assert_frame_equal(bundle.measured.iterations.table, export.measured.iterations.table)


def test_a_real_recording_says_that_the_gpu_was_busy_a_ninth_of_what_driving_it_cost(real_data: Path) -> None:
    trace = real_data / "bundles" / "coreml-gpu_xcode16.4_no-form-template.trace.zip"
    assert "The GPU was busy 30.2 ms for this process." in analyze(trace).verdict.sentence
    analysis = analyze(trace, scope=Scope(predictions=10))
    verdict = analysis.verdict
    assert (verdict.answer, verdict.evidence) == ("no", "hardware")
    assert "nothing asks for the Neural Engine in 286 samples inside predictions" in verdict.sentence
    assert "The GPU was busy 30.2 ms in them, beside 267.0 ms of CPU time spent for it." in verdict.sentence
    assert "The first prediction is set apart: 152.0 ms, with 91.0 ms compiling" in verdict.sentence
    assert [each.code for each in analysis.findings] == ["compile", "encoding"]
