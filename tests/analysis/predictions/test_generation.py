"""What language models did: phases, tokens and rates, from signposts and from Foundation Models' tables."""

from typing import Any

import pandas as pd
import pytest

from tests.support.judged import ane, gpu
from tests.support.timelines import PID, TICK, analysed
from tracekit.analysis.analyze import Scope
from tracekit.analysis.predictions.generation import tokens_per_second
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.select import Selection
from tracekit.report.evidence_lines import generation_lines
from tracekit.report.formats.analysis_json import analysis_document

CORE_AI, MLX = "com.apple.coreai-models.performance", "ai.mlx.bench"
MS = 1_000_000


def signposts(*spans: tuple[str, float, float, str], subsystem: str = CORE_AI, pid: int = PID) -> pd.DataFrame:
    """Intervals: name, begin and end in ms, and the message of the begin."""
    rows = [
        (int(begin * MS), int((end - begin) * MS), name, subsystem, message, pid) for name, begin, end, message in spans
    ]
    return pd.DataFrame(rows, columns=["start", "duration", "name", "subsystem", "start-message", "process.pid"])


def told(tables: dict[str, pd.DataFrame], drawing: str = "", scope: Scope | None = None) -> dict[str, dict[str, Any]]:
    """What is found, by name of the phase."""
    analysis = analysed(drawing or "xx c xx", beside=Beside(tables), scope=scope)
    return {row["name"]: row for row in analysis_document(analysis)["generation"]}


def steps(count: int, each: float, begin: float) -> list[tuple[str, float, float, str]]:
    return [("Extend", begin + at * each, begin + (at + 1) * each, f"step={at + 1}") for at in range(count)]


def test_prefill_and_decode_are_apart() -> None:
    prompt = ("Prompt", 0.0, 400.0, "engine=Core AI, tokens=512")
    table = signposts(prompt, *steps(40, 50.0, 400.0), ("Decode", 410.0, 410.1, "step=1"))
    found = told({"os-signpost-interval": table})
    assert [row["phase"] for row in found.values()] == ["prefill", "decode", "text from tokens"]
    prefill, decode = found["Prompt"], found["Extend"]
    assert (prefill["count"], prefill["tokens"], prefill["tokens_per_s"]) == (1, 512, 1280.0)
    assert (decode["count"], decode["tokens"], decode["tokens_per_s"]) == (40, 40, 20.0)
    assert (decode["mean_ns"], decode["p50_ns"], decode["p95_ns"]) == (50 * MS, 50 * MS, 50 * MS)
    # Near miss: Decode of that package makes text of a token; it decodes nothing.
    assert (found["Decode"]["tokens"], found["Decode"]["tokens_per_s"]) == (None, None)


def test_tokens_are_said_or_not_known() -> None:
    found = told(
        {
            "os-signpost-interval": signposts(
                ("Prompt", 0, 100, "tokens=10"),
                ("Prompt", 200, 300, "engine=x"),
                ("Extend", 300, 320, "step=1, tokens=4"),
                ("LogitsInference", 0, 90, "tokens=10, processed=0"),
            )
        }
    )
    # A span that says none is in no rate.
    assert (found["Prompt"]["count"], found["Prompt"]["tokens"], found["Prompt"]["tokens_per_s"]) == (2, 10, 100.0)
    assert (found["Extend"]["tokens"], found["Extend"]["tokens_per_s"]) == (4, 200.0)
    # What the model runs is in both phases: of it there is no rate.
    assert (found["LogitsInference"]["tokens"], found["LogitsInference"]["tokens_per_s"]) == (10, None)


def test_the_benchmark_of_mlx_has_its_own_words() -> None:
    spans = [("prefill", 0, 200, "prompt_tokens=100"), *[("decode_step", 200 + at, 201 + at, "") for at in range(5)]]
    found = told({"OSSignpostIntervals": signposts(*spans, ("sdpa", 0, 1, ""), subsystem=MLX)})
    assert [(row["source"], row["phase"], row["tokens"], row["tokens_per_s"]) for row in found.values()] == [
        ("mlx-swift-lm", "prefill", 100, 500.0),
        ("mlx-swift-lm", "decode", 5, 1000.0),
    ]


def test_events_that_are_paired_and_a_span_in_two_tables_count_once() -> None:
    events = pd.DataFrame(
        [
            (0, "Begin", "Prompt", CORE_AI, 7, "tokens=6", PID),
            (60 * MS, "End", "Prompt", CORE_AI, 7, "", PID),
            (70 * MS, "Begin", "Extend", CORE_AI, 8, "", PID),
        ],
        columns=["time", "event-type", "name", "subsystem", "identifier", "message", "process.pid"],
    )
    both = {"os-signpost": events, "os-signpost-interval": signposts(("Prompt", 0, 60, "tokens=6"))}
    found = told(both)
    assert list(found) == ["Prompt"]
    assert (found["Prompt"]["count"], found["Prompt"]["tokens_per_s"]) == (1, 100.0)


def test_others_are_left_alone() -> None:
    spans = ("Prompt", 0.0, 1.0, "tokens=1")
    assert told({"os-signpost-interval": signposts(spans, pid=PID + 1)}) == {}
    assert told({"os-signpost-interval": signposts(spans, subsystem="com.example")}) == {}
    assert told({"os-signpost-interval": signposts(("Reset", 0, 1, ""))}) == {}
    assert told({"os-signpost-interval": signposts(spans).drop(columns="subsystem")}) == {}
    assert told({}) == {}


def test_a_time_range_takes_the_spans_that_begin_in_it() -> None:
    table = {"os-signpost-interval": signposts(*steps(10, 1.0, 0.0))}
    chosen = told(table, "c" * 20, Scope(Selection(time_range=(2 * MS, 5 * MS))))
    assert chosen["Extend"]["count"] == 4


def test_which_engine_worked_in_which_phase() -> None:
    """Prefill on the Neural Engine, decode on the GPU."""
    rows = signposts(("Prompt", 0, 10, "tokens=8"), ("Extend", 10, 20, ""))
    tables = {
        "os-signpost-interval": rows,
        "ane-hw-intervals": ane([(1, 9)]),
        "metal-gpu-intervals": gpu([(12, 15)]),
    }
    assert TICK == MS
    found = told(tables, "aaaaaaaaaa gggggggggg")
    driven = ["cpu_ANE", "cpu_GPU", "ane_busy_ns", "gpu_busy_ns"]
    assert [found["Prompt"][name] for name in driven] == [10 * MS, 0, 8 * MS, 0]
    assert [found["Extend"][name] for name in driven] == [0, 10 * MS, 0, 3 * MS]
    without = told({"os-signpost-interval": rows}, "aaaaaaaaaa gggggggggg")["Prompt"]
    assert [without[name] for name in driven] == [10 * MS, 0, None, None]
    ((_, lines),) = generation_lines(analysed("aaaaaaaaaa gggggggggg", beside=Beside(tables)).measured.generation)
    assert [line.partition("; ")[2] for line in lines] == [
        "8 tokens, 800.0 a second; by its samples on the Neural Engine; the Neural Engine busy 8.0 ms",
        "1 token, 100.0 a second; by its samples on the GPU; the GPU busy 3.0 ms",
    ]


def event(at_ms: float, key: str, said: str) -> tuple[int, str]:
    return int(at_ms * MS), f"REQ,EVENT,{key},TURN,SESSION::{said}"


def events(*rows: tuple[int, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["timestamp", "message"])


def inference(*rows: tuple[str, float, float, str, str, str]) -> pd.DataFrame:
    """Request, begin and end in ms, tokens of the prompt, of the answer, and from the cache."""
    names = ["model-request-id", "start", "duration", "prompt-tokens", "response-tokens", "cached-tokens"]
    made = [(key, int(begin * MS), int((end - begin) * MS), *tokens) for key, begin, end, *tokens in rows]
    return pd.DataFrame(made, columns=names)


ASKED, ANSWERS, DONE = ('{"event":"request_start"}', '{"event":"response_start"}', '{"event":"response_complete"}')
COUNTED = '{"event":"response_complete","data":{"generatedTokenCount":30}}'
REQUEST = (event(0, "A", ASKED), event(500, "A", ANSWERS), event(1500, "A", DONE))


def test_foundation_models_tell_prefill_from_decode() -> None:
    table = inference(("A", 0, 1500, "100", "40", "0"))
    found = told({"FMEventTable": events(*REQUEST), "ModelInferenceTable": table})
    rates = [(row["phase"], row["count"], row["p50_ns"], row["tokens"], row["tokens_per_s"]) for row in found.values()]
    assert rates == [("prefill", 1, 500 * MS, 100, 200.0), ("decode", 1, 1000 * MS, 40, 40.0)]


@pytest.mark.parametrize(
    "table,tokens",
    [
        (None, [None, None]),
        (inference(("B", 0, 1500, "100", "40", "0")), [None, None]),  # another request's
        (inference(("A", 9000, 9500, "100", "40", "0")), [None, None]),  # the same one's, later
        (inference(("A", 0, 1500, "100", "40", "7")), [None, 40]),  # a part of the prompt was known already
        (inference(("A", 0, 700, "60", "10", "0"), ("A", 400, 1500, "40", "30", "0")), [100, 40]),
        (inference(("A", 0, 1500, "", "many", "0")), [None, None]),
    ],
)
def test_tokens_of_a_request_are_its_own(table: pd.DataFrame | None, tokens: list[int | None]) -> None:
    tables = {"FMEventTable": events(*REQUEST)} | ({} if table is None else {"ModelInferenceTable": table})
    assert [row["tokens"] for row in told(tables).values()] == tokens


def test_an_answer_is_of_the_request_of_its_key_that_began_last() -> None:
    rows = [
        event(0, "A", ASKED),
        event(10, "B", ASKED),
        event(20, "A", ASKED),
        event(50, "A", ANSWERS),
        event(55, "A", ANSWERS),
        event(60, "C", ANSWERS),
        event(90, "B", ANSWERS),
        event(190, "B", COUNTED),
        event(200, "A", '{"event":"other"}'),
        (5 * MS, "no event"),
        event(5, "A", "{not json"),
        event(6, "A", '{"event":"request_start","data":"' + "x" * 5_000 + '"}'),
    ]
    found = told({"FMEventTable": events(*rows)})
    prefill, decode = found["request_start to response_start"], found["response_start to response_complete"]
    assert (prefill["count"], prefill["busy_ns"], prefill["longest_ns"]) == (2, 80 * MS, 80 * MS)
    assert (decode["count"], decode["p50_ns"], decode["tokens"], decode["tokens_per_s"]) == (1, 100 * MS, 30, 300.0)


def test_without_events_a_request_is_a_whole_and_has_no_rate() -> None:
    found = told({"ModelInferenceTable": inference(("A", 0, 1500, "100", "40", "0"))})
    (row,) = found.values()
    assert (row["phase"], row["count"], row["tokens"], row["tokens_per_s"]) == ("request", 1, 40, None)


def test_models_that_were_loaded() -> None:
    table = pd.DataFrame(
        {
            "start": [0, MS, 2 * MS],
            "duration": [118 * MS, 327 * MS, 5 * MS],
            "to-state": ["loaded", "loaded", "unloaded"],
        }
    )
    (row,) = told({"ModelLoadingTable": table}).values()
    assert (row["phase"], row["count"], row["longest_ns"]) == ("load", 2, 327 * MS)


def test_lines_say_a_95th_percentile_of_20_spans_or_more() -> None:
    def lines(count: int) -> list[str]:
        tables = {"os-signpost-interval": signposts(*steps(count, 50.0, 0.0), ("ModelLoad", 0, 9, "model=x"))}
        return generation_lines(analysed("x", beside=Beside(tables)).measured.generation)[0][1]

    assert lines(20) == [
        "decode (Extend): 20 × p50 50.0 ms, p95 50.0 ms, mean 50.0 ms; 20 tokens, 20.0 a second",
        "load (ModelLoad): 1 × p50 9.0 ms, mean 9.0 ms",
    ]
    assert lines(19)[0] == "decode (Extend): 19 × p50 50.0 ms, mean 50.0 ms; 19 tokens, 20.0 a second"


@pytest.mark.parametrize("tokens,time,rate", [(-1, 5, None), (5, 0, None), (0, 10, 0.0), (3, 10**9, 3.0)])
def test_a_rate(tokens: int, time: int, rate: float | None) -> None:
    assert tokens_per_second(tokens, time) == rate
