"""Predictions one by one: where each was found, where its time went, and how long they take."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.analysis.predictions.tables import interval_rows, sampled, windows
from tests.support.samples import analysis_of
from tests.support.timelines import OTHER_PID, PID, TICK, analysed
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.bound import lower_bound
from tracekit.analysis.predictions.breakdown import PARTS
from tracekit.analysis.predictions.find import Predictions, Sampled, find_predictions, prediction_rows
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.predictions.sidecar import Windows
from tracekit.analysis.select import Selection
from tracekit.analysis.verdict.gates import Gates, ask
from tracekit.api import analyze, read_beside
from tracekit.model import schema
from tracekit.readers import open_trace
from tracekit.report.formats.analysis_json import analysis_document
from tracekit.report.formats.measures import measures_of
from tracekit.report.sentences import predictions_lines

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
    found = analysis_of(f"{name}{suffix}").measured.iterations
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
    table = analysis_of(name).measured.iterations.table
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


@pytest.mark.parametrize(
    "said, told",
    [
        (1, "you said that there were 1 prediction; the samples prove at least 3"),
        (2, "you said that there were 2 predictions; the samples prove at least 3"),
        (5, None),
        (100, None),
    ],
)
def test_any_other_number_gives_no_lengths_and_a_mean_only_where_it_can_be_true(said: int, told: str | None) -> None:
    analysis = analysed("xx ppp xx pa .. pp xx pp xxx", scope=Scope(predictions=said))
    (first,) = predictions_lines(analysis)
    assert first.startswith("At least 3 predictions: " if told else f"{said} predictions, as you said")
    assert ("on average" in first) == (said == 5)  # nine samples of a millisecond are no mean of a hundred
    assert [each.message for each in analysis.measured.notices if each.code == "predictions-said"] == [told] * bool(
        told
    )
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


# ---- Each source by itself.


def windows_at(*spans: tuple[float, float], warmup: int = 0) -> Windows:
    starts, ends = (np.array([round(span[i] * TICK) for span in spans], np.int64) for i in (0, 1))
    return Windows(starts, ends, np.arange(len(spans)) < warmup, "a clock", "Net")


def found_in(
    profile: Sampled,
    *rows: dict[str, object],
    at: Windows | None = None,
    pid: int | None = PID,
    said: int | None = None,
) -> tuple[Predictions, list[str]]:
    bound = lower_bound(profile.profile, profile.root, profile.calling)
    found, notices = find_predictions(profile, interval_rows(*rows), at, pid, bound, said)
    return found, [notice.message for notice in notices]


@pytest.mark.parametrize(
    "drawing,said,expected",
    [
        ("pp x p x", 2, [(0, 2), (3, 4)]),
        # As many as there are if gaps of more than 1.5 intervals part too.
        ("ppp . pp . p x pp", 4, [(0, 3), (4, 6), (7, 8), (9, 11)]),
        # Where more than one sample is missing beside a run, the prediction may have waited there: no lengths.
        ("ppp . pp .. p x pp", 4, []),
        ("x pp .. x ppp x", 2, []),
        ("x .. pp x ppp x", 2, []),
        ("ppp . pp .. p x pp", 3, []),
        ("x", 0, []),
    ],
)
def test_the_runs_that_are_the_predictions_if_there_were_just_so_many(
    drawing: str, said: int, expected: list[tuple[int, int]]
) -> None:
    found, _ = found_in(sampled(drawing), said=said)
    assert list(zip(found.table["start_ns"] // TICK, found.table["end_ns"] // TICK, strict=True)) == expected
    assert found.source == ("user" if expected else "none")
    assert ("each run of samples is one" in found.note) == (expected == [(0, 2), (3, 4)])


@pytest.mark.parametrize("drawing,marks", [("m x p", True), ("w x p", True), ("p x p", False)])
def test_the_harness_s_own_frames_say_which_runs_were_warm_up(drawing: str, marks: bool) -> None:
    found, _ = found_in(sampled(drawing), said=2)
    assert found.marks_warmup == marks
    assert found.table["warmup"].tolist() == [drawing[0] == "w", False]


def test_a_source_that_says_nothing_of_warm_up_leaves_it_to_the_times() -> None:
    by_rows, _ = found_in(sampled("x"), {"kind": "signpost", "label": "predict", "pid": PID})
    assert (by_rows.marks_warmup, by_rows.table["warmup"].tolist()) == (False, [False])
    by_none, _ = found_in(sampled("x"))
    assert (by_none.marks_warmup, by_none.source) == (False, "none")
    by_sidecar, _ = found_in(sampled("x"), at=windows_at((0, 1), (1, 2), warmup=1))
    assert (by_sidecar.marks_warmup, by_sidecar.table["warmup"].tolist()) == (True, [True, False])
    assert by_sidecar.table[["thread_id", "model"]].values.tolist() == [[-1, "Net"], [-1, "Net"]]


def test_predictions_are_in_order_of_start_and_then_of_end() -> None:
    rows = [{"kind": "signpost", "label": "predict", "pid": PID, "tid": tid} for tid in range(4)]
    for row, (start, length) in zip(rows, [(5, 3), (2, 9), (5, 1), (0, 1)], strict=True):
        row |= {"start_ns": start, "duration_ns": length, "thread_id": length}
    found, _ = found_in(sampled("x"), *rows)
    assert found.table[["index", "start_ns", "end_ns", "thread_id"]].values.tolist() == [
        [0, 0, 1, 1],
        [1, 2, 11, 9],
        [2, 5, 6, 1],
        [3, 5, 8, 3],
    ]


@pytest.mark.parametrize("said,told", [(None, 0), (2, 0), (3, 1), (0, 1)])
def test_the_user_s_word_is_weighed_against_a_sidecar_too(said: int | None, told: int) -> None:
    found, messages = found_in(sampled("x"), at=windows_at((0, 1), (2, 3)), said=said)
    assert (found.source, len(messages)) == ("sidecar", told)


def ten(*, inside: int, sign: str = "p") -> str:
    """Ten samples, of which so many are in the first ten ticks."""
    return sign * inside + "x" * (20 - inside) + sign * (10 - inside)


@pytest.mark.parametrize("sign", ["p", "m", "w"])
@pytest.mark.parametrize("inside,used", [(10, True), (9, True), (8, False)])
def test_nine_of_ten_samples_inside_it_make_a_sidecar_of_this_recording(sign: str, inside: int, used: bool) -> None:
    found, messages = found_in(sampled(ten(inside=inside, sign=sign)), at=windows_at((0, 10)))
    assert (found.source == "sidecar") == used
    named = "samples" if sign == "p" else "the harness's own frames"
    assert messages == (
        []
        if used
        else [f"the sidecar was not used: only 80 % of {named} lie in the predictions that it names, placed by a clock"]
    )


@pytest.mark.parametrize("samples,used", [("pp", True), ("ppp", False)])
def test_a_sidecar_is_checked_by_three_samples_or_none(samples: str, used: bool) -> None:
    found, _ = found_in(sampled(samples), at=windows_at((10, 20)))
    assert (found.source == "sidecar") == used


def test_another_process_s_samples_and_handed_on_work_check_no_sidecar() -> None:
    assert found_in(sampled("xxxx", "oooo"), at=windows_at((10, 20)))[0].source == "sidecar"
    assert found_in(sampled("xxxx", others=["pppp"]), at=windows_at((10, 20)))[0].source == "sidecar"
    # Whose the sidecar is was not said.
    assert found_in(sampled("pppp"), at=windows_at((10, 20)), pid=None)[0].source == "sidecar"
    assert found_in(sampled("pppp"), at=windows_at((10, 20)))[0].source == "none"


def test_marked_frames_are_asked_before_signposts_and_those_before_samples() -> None:
    """By their middles: the first half of each is outside of what the sidecar names."""
    inside = [
        {"kind": "signpost", "label": "predict", "pid": PID, "start_ns": at * TICK, "duration_ns": 9 * TICK}
        for at in (6, 7, 8)
    ]
    assert found_in(sampled("pppp"), *inside, at=windows_at((10, 20)))[0].source == "sidecar"
    assert found_in(sampled("mmmm"), *inside, at=windows_at((10, 20)))[0].source == "signposts"
    outside = [{**row, "duration_ns": 3 * TICK} for row in inside]
    assert found_in(sampled("xxxxxxxxxxpppp"), *outside, at=windows_at((10, 20)))[0].source == "signposts"
    anothers = [{**row, "pid": OTHER_PID} for row in outside]
    assert found_in(sampled("xxxxxxxxxxpppp"), *anothers, at=windows_at((10, 20)))[0].source == "sidecar"


def test_a_sidecar_without_predictions_leaves_the_word_to_the_rows() -> None:
    row: dict[str, object] = {"kind": "signpost", "label": "predict", "pid": PID}
    assert found_in(sampled("x"), row, at=windows_at())[0].source == "signposts"


def test_which_rows_are_predictions() -> None:
    """Core ML's before Core AI's before signposts; of signposts the processes' own, which name themselves."""
    rows: list[dict[str, object]] = [
        {"kind": "signpost", "label": "predict", "pid": PID, "start_ns": 1},
        {"kind": "signpost", "label": "Prediction", "pid": PID, "start_ns": 2},
        {"kind": "signpost", "label": "predictions", "pid": PID, "start_ns": 3},
        {"kind": "signpost", "label": "predict", "pid": OTHER_PID, "start_ns": 4},
        {"kind": "ane", "label": "prediction", "start_ns": 5},
        {"kind": "coreai", "label": "predict", "phase": "load", "start_ns": 6},
        {"kind": "coreai", "label": "main", "start_ns": 7},
        {"kind": "coreml", "label": "CPU", "start_ns": 8},
        {"kind": "coreml", "label": "Prediction", "start_ns": 9},
    ]

    def chosen(*kinds: str) -> list[int]:
        table = interval_rows(*(row for row in rows if row["kind"] in kinds))
        return prediction_rows(table, [PID])["start_ns"].tolist()

    assert chosen("signpost", "ane", "coreai", "coreml") == [9]
    assert chosen("signpost", "ane", "coreai") == [7]
    assert chosen("signpost", "ane") == [1, 2]
    assert chosen("ane") == []


@pytest.mark.parametrize("pid,count", [(None, 1), (PID, 1), (OTHER_PID, 2)])
def test_signposts_are_those_of_the_process_and_of_all_that_predict(pid: int | None, count: int) -> None:
    rows = [{"kind": "signpost", "label": "predict", "pid": each, "tid": each} for each in (PID, OTHER_PID)]
    assert len(found_in(sampled("pp", others=["xx"]), *rows, pid=pid)[0].table) == count


def inference(start: int, length: int, depth: int, label: str, model: str = "Chat") -> dict[str, object]:
    row = {"kind": "coreai", "start_ns": start, "duration_ns": length, "depth": depth}
    return {**row, "label": label, "model": model}


def test_a_function_that_begins_inside_another_further_out_is_a_part_of_it() -> None:
    found = prediction_rows(
        interval_rows(
            inference(0, 10, 0, "main"),
            inference(9, 5, 1, "inside"),  # begins inside
            inference(9, 5, 0, "beside"),  # of the same level: a call at once
            inference(14, 5, 1, "inside"),  # begins where all have ended
            inference(20, 10, 1, "loop"),
            inference(21, 5, 2, "deeper"),  # inside one of the second level
            inference(1, 5, 3, "other", model="Voice"),
            inference(2, 5, 0, "a", model="Two"),
            inference(9, 5, 0, "b", model="Two"),
        ),
        [],
    )
    assert found[["model", "start_ns"]].values.tolist() == [
        ["Chat · main", 0],
        ["Chat · beside", 9],
        ["Chat · inside", 14],
        ["Chat · loop", 20],
        ["Voice", 1],
        ["Two · a", 2],
        ["Two · b", 9],
    ]


def test_signposts_inside_one_of_the_same_thread_are_its_parts() -> None:
    spans = [
        (0, 10, 1),
        (0, 4, 1),  # begins with the first, inside
        (6, 4, 1),  # ends with it
        (8, 4, 1),  # ends later: none of its parts
        (9, 2, 1),  # inside that
        (3, 2, 2),  # another thread's
        (12, 1, 1),  # begins where the last ends
    ]
    rows = [
        {"kind": "signpost", "label": "predict", "pid": PID, "start_ns": start, "duration_ns": length, "tid": tid}
        for start, length, tid in reversed(spans)
    ]
    found, _ = found_in(sampled("x"), *rows)
    lengths = (found.table["end_ns"] - found.table["start_ns"]).tolist()
    assert list(zip(found.table["start_ns"], lengths, strict=True)) == [(0, 10), (3, 2), (8, 4), (12, 1)]


def test_parts_of_a_core_ml_pipeline_are_further_in() -> None:
    rows = [
        {"kind": "coreml", "label": "Prediction", "depth": depth, "start_ns": at}
        for at, depth in enumerate((1, 0, 2, 0))
    ]
    found, _ = found_in(sampled("x"), *rows)
    assert (found.source, found.table["start_ns"].tolist()) == ("coreml-table", [1, 3])


def test_the_processes_that_take_part_and_those_that_predict() -> None:
    found = sampled("xx", others=["xp"])
    assert (found.pids, found.predicting_pids) == ({PID, OTHER_PID}, {OTHER_PID})
    nobodys = replace(
        found, profile=replace(found.profile, samples=found.profile.samples.assign(thread_id=np.int32(-1)))
    )
    assert nobodys.pids == set()
