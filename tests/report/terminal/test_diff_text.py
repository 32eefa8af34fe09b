"""A comparison as it is read: the sentence, the table, the JSON."""

import json
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console, RenderableType

from tests.support.bless import Golden
from tests.support.halves import halves_by_block, lengthened, shifted
from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.compare.diff import diff
from tracekit.analysis.compare.sides import Side
from tracekit.readers import open_trace
from tracekit.report.diff_sentences import diff_sentence
from tracekit.report.formats.analysis_json import to_json
from tracekit.report.formats.diff_json import diff_document
from tracekit.report.terminal.diff_text import diff_view

SAMPLES = Path(__file__).parents[3] / "sample_traces"


@cache
def recorded(name: str = "legacy-nn-ane.xcode16.4.xml.gz") -> Side:
    return replace(Side.of(analyze_profile(open_trace(SAMPLES / name).profile())), name=name)


def text_of(view: RenderableType) -> str:
    console = Console(width=160, color_system=None, record=True, file=StringIO())
    console.print(view)
    return console.export_text()


def test_the_text(golden: Golden) -> None:
    before = lengthened(recorded())
    after, _ = shifted(before, part=0.1)
    found = diff(before, replace(after, name="after.xml"))
    golden("diff.txt", text_of(diff_view(found, 160)))


def test_the_sentence_names_engines_and_the_function() -> None:
    after, on_stack = shifted(recorded(), part=0.1)
    sentence = diff_sentence(diff(recorded(), after))
    assert sentence.startswith("Different: ")
    assert "driving ANE fell from 60.9 % to 50.9 %" in sentence
    assert "CPU rose from 31.7 % to 41.7 %" in sentence
    (named,) = (name for name in on_stack if f"{name} (" in sentence)
    assert named.startswith("Espresso::topk_kernel_cpu")


def test_no_difference_is_not_claimed_to_be_none() -> None:
    a, b = halves_by_block(recorded(), 0)
    assert diff_sentence(diff(a, b)).startswith("No difference shown: of ")
    assert diff_sentence(diff(recorded(), recorded())) == "No difference: A and B hold the same shares."


def test_what_was_not_compared_is_not_called_the_same() -> None:
    def side(text: str) -> Side:
        return Side.of(analyze_profile(profile_from_text(text)))

    predict = "CoreML`-[MLModel predictionFromFeatures:error:]"
    one, other = side(f"{predict};one 9"), side(f"{predict};other 9")
    assert diff_sentence(diff(one, other)).endswith("of engines, phases and rules; functions were not compared.")
    assert diff_sentence(diff(side("main 9"), side("main 9"))) == (
        "Nothing to compare: no sample of A and of B is inside the focus."
    )


def test_what_is_not_tested_says_so() -> None:
    a, b = (
        Side.of(analyze_profile(profile_from_text(f"CoreML`-[MLModel predictionFromFeatures:error:];{leaf} 9")))
        for leaf in ("Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()", "libBNNS.dylib`BNNSFilterApply")
    )
    found = diff(a, b)
    assert diff_sentence(found).startswith("Not tested: shares differ by up to 100.0 points")
    assert "not tested" in text_of(diff_view(found))


def test_predictions_are_told_in_milliseconds() -> None:
    def side(length: int) -> Side:
        wall = np.full(80, length) + np.random.default_rng(1).permutation(80) * 500
        table = pd.DataFrame({"start_ns": np.arange(80) * 20_000_000, "warmup": False, "wall_ns": wall})
        return replace(recorded(), iterations=table)

    found = diff(side(2_000_000), side(2_500_000))
    assert "a prediction takes 2.520 ms instead of 2.020 ms" in diff_sentence(found)
    assert "length, 95th percentile" in text_of(diff_view(found))


def test_json_holds_what_was_found() -> None:
    after, _ = shifted(recorded(), part=0.1)
    found = diff(recorded(), after)
    document = json.loads(to_json(diff_document(found)))
    assert document["schema"] == "tracekit.diff/2"
    assert len(document["differences"]) == len(found.differences) > 0
    assert len(document["rows"]) == len(found.rows)
    assert {row["name"] for row in document["differences"] if row["kind"] == "engine"} == {"ANE", "CPU"}
    untested = [row for row in document["rows"] if not row["is_tested"]]
    assert untested
    assert all(row["low"] is None and row["p"] is None for row in untested)


def test_json_of_a_recording_and_itself_has_no_difference() -> None:
    assert diff_document(diff(recorded(), recorded()))["differences"] == []
