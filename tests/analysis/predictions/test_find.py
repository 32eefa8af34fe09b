"""Predictions one by one: where each was found, where its time went, and how long they take."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import profiles
from tests.support.timelines import PID, TICK, analysed, drawn, marked
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.breakdown import PARTS, EngineTimes, break_down
from tracekit.analysis.predictions.find import Sampled
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.predictions.spans import union
from tracekit.analysis.select import Selection
from tracekit.analysis.verdict.gates import Gates, ask
from tracekit.api import analyze, read_beside
from tracekit.attribution.engines import attribute
from tracekit.model import schema
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE
from tracekit.readers import open_trace
from tracekit.report.formats.analysis_json import analysis_document
from tracekit.report.formats.measures import measures_of

SAMPLES = Path(__file__).parents[3] / "sample_traces"
RECORDINGS = ["all-ane", "ane-with-cpu-fallback", "gpu"]


def windows(analysis: Analysis) -> list[tuple[float, float]]:
    """Start and end of every prediction in sampling intervals."""
    table = analysis.measured.iterations.table
    return [(start / TICK, end / TICK) for start, end in zip(table["start_ns"], table["end_ns"], strict=True)]


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


def test_exact_sources_need_no_word() -> None:
    analysis = analysed("x pp x pp x", marks=True, scope=Scope(predictions=7))
    assert (analysis.measured.iterations.source, windows(analysis)) == ("signposts", [(1, 3), (4, 6)])


# ---- Predictions that the app marked, drawn.


def test_threads_predict_on_their_own() -> None:
    analysis = analysed("ppp xx ppp x", "x pp xxxxx p", marks=True)
    assert windows(analysis) == [(0, 3), (1, 3), (5, 8), (8, 9)]
    assert analysis.measured.iterations.table["thread_id"].tolist() == [0, 1, 0, 1]
    assert [n.code for n in analysis.measured.notices] == ["no-hardware-intervals", "predictions-overlap"]


def test_work_that_a_prediction_gave_away_is_counted_in_it() -> None:
    mine = "x ppp xx ppp x"
    analysis = analysed(mine, "x ooo xx x.o x", beside=Beside(marked(mine)))
    assert windows(analysis) == [(1, 4), (6, 9)]
    assert analysis.measured.iterations.table["cpu"].tolist() == [6 * TICK, 4 * TICK]
    assert analysis.measured.iterations.table["cpu_ANE"].tolist() == [3 * TICK, TICK]


def test_another_thread_s_prediction_is_not_counted_in_this_one_s() -> None:
    table = analysed("x pppp x", "x x cc x x", marks=True).measured.iterations.table
    assert table["cpu"].tolist() == [4 * TICK, 2 * TICK]
    assert table["cpu_CPU"].tolist() == [0, 2 * TICK]


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


def test_switches_between_engines_are_counted_within_a_prediction() -> None:
    table = analysed("x aapagc x aaa x caca x", marks=True).measured.iterations.table
    assert table["switches"].tolist() == [2, 0, 3]


def test_another_thread_with_another_engine_is_no_switch() -> None:
    signpost = pd.DataFrame({"start": [0], "duration": [6 * TICK], "name": ["prediction"], "process.pid": [PID]})
    table = analysed("aaaaaa", "cccaac", beside=Beside({"os-signpost-interval": signpost})).measured.iterations.table
    assert table["samples"].tolist() == [12]
    assert table["switches"].tolist() == [2]


def test_predictions_of_no_length_take_no_share_of_the_gpu() -> None:
    signposts = pd.DataFrame({"start": [TICK, 3 * TICK], "duration": 0, "name": "prediction", "process.pid": PID})
    tables = {"os-signpost-interval": signposts, "metal-gpu-intervals": gpu((1, 2))}
    analysis = analysed("x gggg x", beside=Beside(tables))
    assert analysis.measured.iterations.table["wall_ns"].tolist() == [0, 0]
    assert analysis.verdict.answer == "unknown"


def test_waiting_samples_are_no_cpu_time() -> None:
    table = analysed("x p A A p b p x", marks=True).measured.iterations.table
    row = table.iloc[0]
    assert (row["cpu"], row["waited"], row["samples"]) == (3 * TICK, 3 * TICK, 3)
    assert (row["on_cpu_ns"], row["waiting_ns"], row["unaccounted_ns"]) == (3 * TICK, 3 * TICK, 0)


def ane(*spans: tuple[float, float]) -> pd.DataFrame:
    rows = [(int(s * TICK), int((e - s) * TICK), "Neural Engine Prediction", "Active") for s, e in spans]
    return pd.DataFrame(rows, columns=["start", "duration", "event-label", "state"])


def gpu(*spans: tuple[float, float], pid: int = PID) -> pd.DataFrame:
    rows = [(int(s * TICK), int((e - s) * TICK), "Active", pid) for s, e in spans]
    return pd.DataFrame(rows, columns=["start", "duration", "state", "process.pid"])


@pytest.mark.parametrize(
    "drawing,ane_spans,gpu_spans,parts",
    [
        # docs/iterations.md: CPU, ANE alone, GPU alone, waiting, unaccounted
        ("x a....a x", [(1.5, 4.0)], [], [2, 2.5, 0, 0, 1.5]),
        # A sample that was taken while the engine was busy is CPU, and no longer ANE alone.
        ("x a.a..a x", [(1.5, 4.0)], [], [3, 1.5, 0, 0, 1.5]),
        # The GPU's time counts where the ANE was idle.
        ("x a....a x", [(1.5, 4.0)], [(3.5, 5.0)], [2, 2.5, 1, 0, 0.5]),
        ("x a....a x", [(1.5, 4.0)], [(2.0, 3.0)], [2, 2.5, 0, 0, 1.5]),
        # A sample that was taken while both were busy is taken from the ANE's time, and not from the GPU's too.
        ("x a.a....a x", [(1.5, 4.0)], [(1.5, 6.0)], [3, 1.5, 2, 0, 1.5]),
        # A thread that waits while an engine works waits for it.
        ("x aAAAAa x", [(1.5, 4.0)], [], [2, 2.5, 0, 1.5, 0]),
        # Samples stand for more than there is: nothing goes below zero.
        ("x aaaaaa x", [(1.0, 7.0)], [(1.0, 7.0)], [6, 0, 0, 0, 0]),
        # Outside of the prediction nothing counts.
        ("x a....a x", [(0.0, 1.0), (7.0, 9.0)], [(7.5, 8.0)], [2, 0, 0, 0, 4]),
    ],
)
def test_where_the_time_of_a_prediction_went(
    drawing: str, ane_spans: list[tuple[float, float]], gpu_spans: list[tuple[float, float]], parts: list[float]
) -> None:
    beside = Beside({"ane-hw-intervals": ane(*ane_spans), "metal-gpu-intervals": gpu(*gpu_spans)})
    table = analysed(drawing, beside=beside, marks=True).measured.iterations.table
    assert len(table) == 1
    assert (table[list(PARTS)].to_numpy()[0] / TICK).tolist() == parts


spans_drawn = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 300)), max_size=6)


@given(profiles(), spans_drawn, spans_drawn, spans_drawn, st.lists(st.integers(-1, 2), min_size=6, max_size=6))
def test_the_parts_always_add_up(
    profile: Profile,
    predicted: list[tuple[int, int]],
    ane_spans: list[tuple[int, int]],
    gpu_spans: list[tuple[int, int]],
    owners: list[int],
) -> None:
    attributed = attribute(profile)
    in_focus = (attributed.samples["engine"] != "none").to_numpy()
    kinds = schema.categorical(np.zeros(len(in_focus), np.int8), ["Core ML"])
    table = schema.table(
        schema.ITERATIONS,
        {
            "index": range(len(predicted)),
            "start_ns": [start for start, _ in predicted],
            "end_ns": [start + length for start, length in predicted],
            "warmup": [False] * len(predicted),
            "thread_id": owners[: len(predicted)],
            "model": [""] * len(predicted),
        },
    )

    def spans(given: list[tuple[int, int]]) -> Any:
        start = np.array([start for start, _ in given], np.int64)
        return union(start, start + np.array([length for _, length in given], np.int64))

    broken = break_down(
        table,
        Sampled(attributed, np.where(in_focus, 0, NONE).astype(np.int32), in_focus, kinds),
        EngineTimes(spans(ane_spans), spans(gpu_spans)),
    )
    found = broken.table
    assert (found[list(PARTS)].sum(axis=1) == found["wall_ns"]).all()
    assert (found[list(PARTS)] >= 0).all(axis=None)
    assert (found["ane_alone_ns"] <= found["ane_busy_ns"]).all()
    assert (found["gpu_alone_ns"] <= found["gpu_busy_ns"]).all()
    assert found["cpu"].sum() == broken.phases["weight"].sum()
    assert found[[f"cpu_{engine}" for engine in schema.ENGINES]].sum(axis=1).tolist() == found["cpu"].tolist()
    per_phase = broken.phases.groupby("index")["weight"].sum().reindex(range(len(found)), fill_value=0)
    assert per_phase.tolist() == found["cpu"].tolist()


def test_cycles_are_no_time() -> None:
    drawing = "x a....a x"
    tables = {"ane-hw-intervals": ane((1.5, 4.0)), **marked(drawing)}
    analysis = analyze_profile(drawn(drawing, unit="cycles"), beside=Beside(tables))
    row = analysis.measured.iterations.table.iloc[0]
    assert (row["cpu"], row["on_cpu_ns"], row["ane_alone_ns"], row["wall_ns"]) == (2 * TICK, 0, 2.5 * TICK, 6 * TICK)


# ---- The sidecar and its clocks.


@dataclass(frozen=True)
class Iteration:
    start_mach: int
    end_mach: int
    is_warmup: bool = False
    start_wall_ns: int = 0


@dataclass(frozen=True)
class Written:
    """A sidecar as analysis sees it."""

    iterations: Sequence[Iteration]
    pid: int = PID
    compute_units: str = "all"
    timebase: tuple[int, int] = (125, 3)
    document: Mapping[str, Any] = field(default_factory=dict)


EPOCH = 9_000_000
DRAWING = "x mm x mm x mm x mm x"


def ticks(milliseconds: float) -> int:
    return EPOCH + round(milliseconds * 24_000)


def clock(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"update-time": [0], "mabs-epoch": [EPOCH], **columns})


def at(*spans: tuple[float, float]) -> list[Iteration]:
    return [Iteration(ticks(start), ticks(end)) for start, end in spans]


PREDICTED = ((0.9, 3.0), (3.9, 6.0), (6.9, 9.0), (9.9, 12.0))


def with_sidecar(harness: Written, tables: dict[str, pd.DataFrame], start_date: str | None = None) -> Analysis:
    return analyze_profile(drawn(DRAWING, start_date=start_date), beside=Beside(tables, harness))


def test_mach_ticks_become_trace_time() -> None:
    analysis = with_sidecar(Written(at(*PREDICTED)), {"time-info": clock()})
    assert analysis.measured.iterations.source == "sidecar"
    assert windows(analysis) == list(PREDICTED)
    assert "the mach clock" in analysis.measured.iterations.note


def test_the_clock_counts_from_its_update() -> None:
    tables = {"time-info": clock().assign(**{"update-time": 500_000, "mabs-epoch": ticks(0.5)})}
    assert windows(with_sidecar(Written(at(*PREDICTED)), tables)) == list(PREDICTED)


def test_ticks_that_are_no_whole_nanoseconds_are_cut_as_the_trace_cuts_them() -> None:
    analysis = with_sidecar(Written([Iteration(EPOCH + 1, EPOCH + 13 * 24_000 + 2)]), {"time-info": clock()})
    table = analysis.measured.iterations.table
    assert (table["start_ns"].iat[0], table["end_ns"].iat[0]) == (41, 13 * TICK + 83)


def test_without_time_info_the_wall_clock_places_the_sidecar() -> None:
    began = int(pd.Timestamp("2026-03-02T10:15:00.000+01:00").value)
    rows = [
        Iteration(ticks(start) + 77, ticks(end) + 77, start_wall_ns=began + round(start * TICK))
        for start, end in PREDICTED
    ]
    analysis = with_sidecar(Written(rows), {}, start_date="2026-03-02T10:15:00.000+01:00")
    assert windows(analysis) == list(PREDICTED)
    assert "the wall clock" in analysis.measured.iterations.note


@pytest.mark.parametrize("date", [None, "", "yesterday", "2026-03-02T10:15:00"])
def test_a_sidecar_that_no_clock_joins_is_left_out_and_said(date: str | None) -> None:
    analysis = with_sidecar(Written(at(*PREDICTED)), {}, start_date=date)
    assert analysis.measured.iterations.source == "none"
    assert "sidecar-without-clock" in [notice.code for notice in analysis.measured.notices]


def test_a_sidecar_that_disagrees_with_the_marker_frames_is_refused() -> None:
    late = [(start + 1.5, end + 1.5) for start, end in PREDICTED]
    analysis = with_sidecar(Written(at(*late)), {"time-info": clock()})
    assert analysis.measured.iterations.source == "none"
    (notice,) = [notice for notice in analysis.measured.notices if notice.code == "sidecar-disagrees"]
    assert "only 38 % of the harness's own frames" in notice.message


def test_a_sidecar_of_another_process_is_refused() -> None:
    analysis = with_sidecar(Written(at(*PREDICTED), pid=PID + 1), {"time-info": clock()})
    assert analysis.measured.iterations.source == "none"
    assert "sidecar-of-another-process" in [notice.code for notice in analysis.measured.notices]


def test_signposts_check_the_sidecar_where_no_frame_is_marked() -> None:
    signposts = pd.DataFrame(
        {
            "start": [int(start * TICK) for start, _ in PREDICTED],
            "duration": [int((end - start) * TICK) for start, end in PREDICTED],
            "name": ["prediction"] * 4,
            "process.pid": [PID] * 4,
        }
    )
    profile = drawn("x xx x xx x xx x xx x")
    for shift, source in ((0.0, "sidecar"), (2.0, "signposts")):
        moved = [(start + shift, end + shift) for start, end in PREDICTED]
        tables = {"time-info": clock(), "os-signpost-interval": signposts}
        analysis = analyze_profile(profile, beside=Beside(tables, Written(at(*moved))))
        assert analysis.measured.iterations.source == source


def test_signposts_of_others_and_inner_ones_are_no_predictions() -> None:
    rows = [
        (1, 5, "prediction", PID),
        (2, 1, "prediction", PID),  # inside the first: a pipeline's
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
