"""Core AI's table: calls counted once, by model and function, and what runs say beside it. The truth is composed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import profile_from_text
from tests.support.timelines import PID, TICK
from tracekit.analysis.analyze import Analysis, analyze_profile
from tracekit.analysis.predictions.find import prediction_rows
from tracekit.analysis.predictions.intervals import intervals
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.verdict.gates import Gates, ask
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Facts
from tracekit.model.profile import Meta, Profile
from tracekit.report.formats.analysis_json import analysis_document
from tracekit.report.formats.measures import measures_of
from tracekit.report.html.timeline import pack_timeline
from tracekit.report.viewers.events import lanes_of

Row = tuple[int, int, str, str, str, int]
"""Start, duration, model, function, category, level."""
_COLUMNS = ("start", "duration", "model-name", "function-name", "category", "level")


def odie(rows: Sequence[Row]) -> pd.DataFrame:
    """``ODIEProfile`` with the columns that a public report names, as exports give them."""
    table = pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"level": "Int64", "start": "Int64", "duration": "Int64"})
    table["base-function-name"] = table["function-name"]
    return table.assign(phase="", color="", activity="")


def called(*rows: Row) -> list[tuple[object, ...]]:
    """Model, start and duration of each prediction, in order of time."""
    found = prediction_rows(intervals({"ODIEProfile": odie(rows)}), [PID]).sort_values("start_ns", kind="stable")
    return list(found[["model", "start_ns", "duration_ns"]].itertuples(index=False, name=None))


def call(start: int, duration: int, model: str = "Chat", function: str = "main", level: int = 0) -> list[Row]:
    """A call as the report counts them: two inferences, of two levels, and a preparation."""
    return [
        (start, duration, model, function, "Inference", level),
        (start, 1, model, function, "Setup", level + 1),
        (start + 1, duration - 1, model, function, "Inference", level + 1),
    ]


# ---- One row a call.


def test_of_nested_levels_one_counts() -> None:
    assert called(*call(0, 10), *call(20, 12)) == [("Chat", 0, 10), ("Chat", 20, 12)]


def test_a_row_further_in_never_counts_where_its_function_is_further_out() -> None:
    assert called((0, 10, "Chat", "main", "Inference", 0), (11, 3, "Chat", "main", "Inference", 1)) == [("Chat", 0, 10)]


def test_the_outermost_level_is_each_model_s_own() -> None:
    assert called(*call(0, 10, "A", level=2), *call(20, 12, "B")) == [("A", 0, 10), ("B", 20, 12)]


def test_a_function_inside_another_is_a_part_and_one_beside_it_is_not() -> None:
    whole, part = (0, 10, "Chat", "main", "Inference", 0), (2, 5, "Chat", "segment", "Inference", 1)
    assert called(whole, part) == [("Chat", 0, 10)]
    assert called(whole, (12, 5, *part[2:])) == [("Chat · main", 0, 10), ("Chat · segment", 12, 5)]
    # Another model's call at the same time is no part of this one's.
    assert called(whole, (2, 5, "Voice", "main", "Inference", 1)) == [("Chat", 0, 10), ("Voice", 2, 5)]


def test_calls_of_one_level_at_once_are_calls() -> None:
    assert called((0, 10, "A", "main", "Inference", 0), (2, 5, "A", "main", "Inference", 0)) == [
        ("A", 0, 10),
        ("A", 2, 5),
    ]
    rows = odie([(0, 9 * TICK, "A", "main", "Inference", 0), (TICK, TICK, "A", "main", "Inference", 0)])
    assert len(analyze_profile(sampled("GPU", 3), beside=Beside({"ODIEProfile": rows})).measured.iterations.table) == 2


@pytest.mark.parametrize("category", ["Setup", "Load", "Inference setup", "inferences", ""])
def test_other_categories_are_no_prediction(category: str) -> None:
    assert called((0, 10, "Chat", "main", category, 0), (0, 10, "Chat", "predict", category, 0)) == []


def test_without_levels_nothing_is_counted() -> None:
    table = odie(call(0, 10))
    assert not len(intervals({"ODIEProfile": table.drop(columns="level")}))
    assert not len(intervals({"ODIEProfile": table.assign(level=pd.Series([None] * 3, dtype="Int64"))}))
    assert not len(intervals({"ODIEProfile": table.head(0)}))


@given(st.lists(st.tuples(st.integers(2, 30), st.integers(0, 9), st.sampled_from("ab")), max_size=8), st.integers(1, 4))
def test_levels_below_change_nothing(calls: list[tuple[int, int, str]], levels: int) -> None:
    """However deep each call nests, the calls are those that were drawn."""
    rows: list[Row] = []
    expected = []
    start = 0
    several = len({function for _, _, function in calls}) > 1
    for length, pause, function in calls:
        rows += [(start, length, "M", function, "Inference", level) for level in range(levels)]
        expected.append((f"M · {function}" if several else "M", start, length))
        start += length + pause
    assert called(*rows) == expected


# ---- A recording, with samples.

_RUN = ("MyApp`main", "CoreAI`InferenceFunction.run(inputs:)", "CoreAIRuntime`CoreAIRuntime.ExecutionContext.run()")
_GRAPH = (
    *_RUN,
    "MetalPerformanceShadersGraph`MetalPerformanceShadersGraph.MPSGraphDelegateKernel.inferValue(_:)",
    "MetalPerformanceShadersGraph`MPSRuntime::evaluateOps",
)
_STACKS = {
    "GPU": (*_GRAPH, "MetalPerformanceShadersGraph`GPU::GPURegionCallOpHandler::encodeOp"),
    "ANE": (
        *_GRAPH,
        "MetalPerformanceShadersGraph`GPU::ANERegionCallOpHandler::encodeOp(GPU::EncodeDescriptor*)",
        "AppleNeuralEngine`-[_ANEClient doEvaluateDirectWithModel:options:request:qos:error:]",
    ),
    "CPU": (
        *_RUN,
        "CoreMLOdie`CoreMLOdie.BNNSDelegateKernel.inferValue()",
        "libBNNS.dylib`BNNSGraphContextExecute_v2",
    ),
}
_COUNT = 40
_PERIOD = 10 * TICK


def lengths(function: str) -> list[int]:
    """The truth: how long each call of a function lasts."""
    first = {"prefill": 5_000_000, "decode": 2_000_000}[function]
    return [first + 1_000 * (7 * number % _COUNT) for number in range(_COUNT)]


def sampled(engine: str, count: int = 2 * _COUNT) -> Profile:
    """A sample in the midst of each of the first calls."""
    builder = ProfileBuilder()
    thread = builder.thread(1, "main", PID, "MyApp")
    frames = [frame.split("`", 1) for frame in reversed(_STACKS[engine])]
    stack = builder.stack([builder.frame(symbol, builder.binary(image)) for image, symbol in frames])
    for number in range(count):
        time = number * _PERIOD + TICK
        builder.sample(time_ns=time, thread_id=thread, stack=stack, weight=TICK, state=builder.state("Running"))
    return builder.build(Meta("ns", facts=Facts(pid=PID)))


def recorded() -> pd.DataFrame:
    """A load, then prefills, then decodes."""
    rows: list[Row] = [(0, 500, "Chat", "", "Load", 0)]
    for block, function in enumerate(("prefill", "decode")):
        for number, length in enumerate(lengths(function)):
            rows += call((block * _COUNT + number) * _PERIOD, length, function=function)
    return odie(rows)


def analysed(engine: str, **tables: pd.DataFrame) -> Analysis:
    return analyze_profile(sampled(engine), beside=Beside({"ODIEProfile": recorded(), **tables}))


def empty_ane() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="Int64") for name in ("start", "duration")}).assign(
        **{name: pd.Series(dtype="str") for name in ("event-label", "state")}
    )


def test_times_of_each_function_equal_the_truth() -> None:
    found = analysed("GPU").measured.iterations
    assert found.source == "odie-profile"
    assert len(found.table) == 2 * _COUNT
    assert set(found.by_model) == {"Chat · decode", "Chat · prefill"}
    for function in ("prefill", "decode"):
        rows = found.table[found.table["model"] == f"Chat · {function}"]
        assert rows["wall_ns"].tolist() == lengths(function)
        steady = found.by_model[f"Chat · {function}"]
        kept = np.array(lengths(function))[~rows["warmup"].to_numpy()]
        assert (steady.p50_ns, steady.p95_ns) == tuple(np.round(np.percentile(kept, [50, 95])).astype(int))


def test_loads_and_preparations_are_counted_by_model() -> None:
    found = analysed("GPU").measured.requests
    assert sorted(found[["engine", "model", "kind", "table", "count"]].itertuples(index=False, name=None)) == [
        ("none", "Chat", "load", "coreai", 1),
        ("none", "Chat", "prepare", "coreai", 2 * _COUNT),
    ]


@pytest.mark.parametrize("engine", ["GPU", "ANE", "CPU"])
@pytest.mark.parametrize("table", [True, False], ids=["empty-ane-table", "no-ane-table"])
def test_the_engine_is_told_by_the_samples(engine: str, table: bool) -> None:
    """Core AI's table adds no engine; and that of the Neural Engine is never read as "not used" where it is empty."""
    tables = {"ane-hw-intervals": empty_ane()} if table else {}
    verdict = analysed(engine, **tables).verdict
    if engine != "ANE":
        assert (verdict.answer, verdict.evidence) == ("no", "stacks")
        assert f"on the {engine}" in verdict.sentence
    else:
        assert (verdict.answer, verdict.evidence) == ("yes", "stacks")


@pytest.mark.parametrize("engine,answer", [("GPU", "unknown"), ("ANE", "yes")])
@pytest.mark.parametrize("rows", [0, 1], ids=["empty", "another-s-row"])
def test_a_table_without_its_rows_adds_nothing_to_few_samples_of_core_ai(engine: str, answer: str, rows: int) -> None:
    """A row of Core ML's shows that the table could be written, and not that Core AI's work would be in it."""
    label = "Other Prediction"
    stray = pd.DataFrame({"start": [900 * _PERIOD], "duration": [10], "event-label": [label], "state": ["Active"]})
    beside = Beside({"ODIEProfile": recorded(), "ane-hw-intervals": stray if rows else empty_ane()})
    verdict = analyze_profile(sampled(engine, 3), beside=beside).verdict
    assert verdict.answer == answer
    assert verdict.contradictions == ()


def test_rows_that_name_its_model_are_the_process_s_and_speak() -> None:
    label = "Chat Prediction"
    own = pd.DataFrame({"start": [_PERIOD], "duration": [10], "event-label": [label], "state": ["Active"]})
    assert analysed("GPU", **{"ane-hw-intervals": own}).measured.ane is not None
    verdict = analysed("ANE", **{"ane-hw-intervals": own}).verdict
    assert (verdict.answer, verdict.evidence) == ("partly", "hardware")  # in one of its predictions


def test_encoding_that_costs_as_much_as_the_gpu_s_work_is_named_of_core_ai_too() -> None:
    def busy(each: int) -> dict[str, str]:
        rows = [(number * _PERIOD + TICK, each, "Active", PID) for number in range(2 * _COUNT)]
        table = pd.DataFrame(rows, columns=["start", "duration", "state", "process.pid"])
        return {each.code: each.sentence for each in analysed("GPU", **{"metal-gpu-intervals": table}).seen}

    assert busy(TICK)["encoding"].startswith("A prediction spends 1.0 ms of CPU time on encoding")
    assert "encoding" not in busy(2 * TICK)
    assert "gpu-rows-missing" not in busy(TICK)
    empty = pd.DataFrame({"start": [], "duration": [], "process.pid": []}).astype("int64").assign(state="")
    assert "gpu-rows-missing" in {each.code for each in analysed("GPU", **{"metal-gpu-intervals": empty}).seen}


def test_its_table_tells_of_the_load_and_gates_ask_each_function_of_a_model() -> None:
    analysis = analysed("GPU")
    (load,) = analysis.loads.to_dict("records")
    assert (load["model"], load["tie"], load["load_ns"]) == ("Chat", "named", 500)
    measures = measures_of(analysis_document(analysis))
    gates = Gates(max_p95_ns=3 * TICK, max_load_ns=499)
    assert [(each.gate, each.result) for each in ask(gates, measures, None, ["Chat"])] == [
        ("max-p95 (Chat · prefill)", "failed"),
        ("max-load (Chat · prefill)", "failed"),
        ("max-p95 (Chat · decode)", "passed"),
        ("max-load (Chat · decode)", "failed"),
    ]
    # Near miss: a model whose name merely begins so.
    assert {each.result for each in ask(gates, measures, None, ["Ch"])} == {"not measurable"}
    for engine, state in (("ANE", "passed"), ("CPU", "failed")):
        found = measures_of(analysis_document(analysed(engine)))
        (answer,) = ask(Gates(require_ane=("Chat",)), found, None, ())
        assert (answer.gate, answer.result) == ("require-ane (Chat)", state)


def test_what_specialises_is_named_on_the_stacks_of_loading() -> None:
    text = "start;MyApp`main;CoreAI`AIModel.specialize(contentsOf:);libsystem_malloc.dylib`malloc 9"
    assert analyze_profile(profile_from_text(text)).load_waits == ("Core AI's specialisation",)


def test_tables_alone_decide_no_engine() -> None:
    nothing = ProfileBuilder().build(Meta("ns", facts=Facts(pid=PID)))
    tables = {"ODIEProfile": recorded(), "ane-hw-intervals": empty_ane()}
    found = analyze_profile(nothing, beside=Beside(tables))
    assert found.verdict.answer == "unknown"
    assert "Core AI's table says when 80 predictions ran, not on which engine" in found.verdict.sentence
    assert len(found.measured.iterations.table) == 2 * _COUNT


def test_an_empty_table_says_nothing() -> None:
    with_it = analyze_profile(sampled("GPU"), beside=Beside({"ODIEProfile": recorded().head(0)}))
    without = analyze_profile(sampled("GPU"), beside=Beside({}))
    assert with_it.measured.iterations.source == without.measured.iterations.source == "none"
    assert with_it.verdict == without.verdict


def test_it_is_drawn_and_said_as_core_ai_s() -> None:
    analysis = analysed("GPU")
    assert "Core AI" in {lane.name for lane in lanes_of(analysis)}
    assert pack_timeline(analysis)
