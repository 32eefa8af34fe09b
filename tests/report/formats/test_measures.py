"""What gates look at is what a recording shows, whether it was saved or not."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.support.everyday import analysed, truth_of
from tests.support.samples import analysis_of
from tracekit.analysis.analyze import Scope, analyze_profile
from tracekit.analysis.verdict.gates import Gates, ask
from tracekit.analysis.verdict.work import work_of
from tracekit.api import analyze
from tracekit.readers import open_trace
from tracekit.report.formats.analysis_json import analysis_document, to_json
from tracekit.report.formats.measures import measures_of

SAMPLES = Path(__file__).parents[3] / "sample_traces"


@pytest.mark.parametrize("name", ["all-ane", "ane-with-cpu-fallback", "gpu", "mlprogram-split.xcode26.5.xml"])
def test_a_saved_analysis_measures_what_its_recording_does(name: str) -> None:
    analysis = analysis_of(name)
    measures = measures_of(json.loads(to_json(analysis_document(analysis))))
    assert measures.work == work_of(analysis.focused)
    assert measures.models == analysis.verdict.models
    assert measures.evidence == analysis.verdict.evidence


def test_what_the_tables_of_a_recording_say() -> None:
    ane, fallback, gpu = (
        measures_of(analysis_document(analysis_of(name))) for name in ("all-ane", "ane-with-cpu-fallback", "gpu")
    )
    assert ane.asked == {"Flowers": 107}
    assert list(ane.loads_ns) == ["Flowers"]
    assert fallback.asked == {"Letters_0": 110, "Letters_1": 110}
    assert not fallback.loads_ns
    assert fallback.untied_loads_ns > 0
    assert gpu.gpu_busy is not None
    assert Fraction(47, 100) < gpu.gpu_busy < Fraction(48, 100)
    assert fallback.gpu_busy is None  # not recorded


def request(**given: Any) -> dict[str, Any]:
    row = {"engine": "ANE", "model": "A", "kind": "load", "table": "ane", "count": 1, "busy_ns": 5, "tie": "named"}
    return row | given


@pytest.mark.parametrize(
    "rows,loads,untied",
    [
        ([request(), request(kind="compile", busy_ns=7)], {"A": 12}, 0),
        ([request(), request(table="coreml", engine="none", tie="none", busy_ns=9)], {"A": 9}, 0),
        ([request(busy_ns=9), request(table="coreml", engine="none", tie="none", busy_ns=5)], {"A": 9}, 0),
        ([request(), request(model="B", busy_ns=9)], {"A": 5, "B": 9}, 0),
        ([request(tie="none", model="")], {}, 5),
        ([request(kind="prediction"), request(kind="unknown")], {}, 0),
        ([], {}, 0),
    ],
)
def test_loads(rows: list[dict[str, Any]], loads: dict[str, int], untied: int) -> None:
    document = analysis_document(analysis_of("mlprogram-split.xcode26.5.xml"))
    measures = measures_of({**document, "requests": rows, "loads": []})
    assert measures.loads_ns == loads
    assert measures.untied_loads_ns == untied


@pytest.mark.parametrize("prepare,load,expected", [(None, 20, 20), (3, 20, 23), (None, 4, 5), (3, None, 5)])
def test_the_harness_times_the_whole_load(prepare: int | None, load: int | None, expected: int) -> None:
    """What the Neural Engine's table says of it lies inside; of two sources the longer counts."""
    document = analysis_document(analysis_of("mlprogram-split.xcode26.5.xml"))
    told = [{"model": "A", "prepare_ns": prepare, "load_ns": load}]
    assert measures_of({**document, "requests": [request()], "loads": told}).loads_ns == {"A": expected}


def test_where_no_percentile_is_known_it_says_why() -> None:
    nothing = measures_of(analysis_document(analysis_of("mlprogram-split.xcode26.5.xml")))
    assert nothing.p95_ns is None
    assert nothing.p95_note.startswith("nothing tells them apart")
    document = analysis_document(analysis_of("all-ane"))
    assert measures_of(document).p95_ns == document["iterations"]["p95_ns"]
    assert measures_of(document).p95_note == ""
    assert measures_of(document).predictions == 100
    untold = {**document, "iterations": {**document["iterations"], "p95_ns": None}}
    assert "warm-up" in measures_of(untold).p95_note
    rows = [{**row, "model": f"Letters{row['index'] % 2}"} for row in document["iterations"]["rows"]]
    assert "--model" in measures_of({**untold, "iterations": {**untold["iterations"], "rows": rows}}).p95_note


def test_in_folded_text_a_line_is_many_samples(tmp_path: Path) -> None:
    text = tmp_path / "x.folded"
    text.write_text("start;CoreML`-[MLModel predictionFromFeatures:error:] 40\n")
    analysis = analyze_profile(open_trace(text).profile())
    assert measures_of(analysis_document(analysis)).work.running == 40


def test_the_user_s_word_is_named_where_it_gave_the_lengths(tmp_path: Path) -> None:
    split = analysis_of("mlprogram-split.xcode26.5.xml")
    at_least = split.measured.iterations.at_least
    said = analyze(SAMPLES / "mlprogram-split.xcode26.5.xml", scope=Scope(predictions=at_least))
    measures = measures_of(analysis_document(said))
    assert measures.p95_ns is not None
    assert measures.p95_note == "as you said"


# ---- Core AI, whose table names models and functions.

_BOTH = Gates(max_p95_ns=20_000_000, max_load_ns=10**9)


def test_core_ai_s_loads_are_those_of_the_process_whose_predictions_its_table_tells_of() -> None:
    """Its preparations are of each call, a part of it as one public report counts them: they load nothing."""
    loads = [one for one in truth_of("core-ai-on-the-gpu")["requests"] if one["kind"] == "load"]
    measures = measures_of(analysis_document(analysed("core-ai-on-the-gpu")))
    assert measures.loads_ns == {"Story": sum(one["busy_ns"] for one in loads)}
    assert measures.untied_loads_ns == 0


def test_a_function_of_core_ai_is_measured_by_its_own_times_and_its_model_s_load() -> None:
    measures = measures_of(analysis_document(analysed("core-ai-on-the-gpu")))
    longest, load = ask(_BOTH, measures, models=["Story · decode"])
    assert longest.sentence.startswith("95 of 100 predictions take up to ")
    assert "several models" not in longest.sentence
    assert load.sentence.startswith("loading Story took ")
    assert [each.result for each in ask(_BOTH, measures)] == ["not measurable", "passed"]


def test_what_is_not_measurable_without_samples_says_so() -> None:
    measures = measures_of(analysis_document(analysed("core-ai-without-samples")))
    whole, _ = ask(_BOTH, measures)
    assert whole.sentence.endswith("they are of several models; ask each with --model")
    (required,) = ask(Gates(require_ane=("*",)), measures)
    assert required.sentence == "nothing tells of a model *: no sample fell inside a prediction"
