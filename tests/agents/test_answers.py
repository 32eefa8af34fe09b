"""Answers are exact, small, and of the file as it is now."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import tracekit as tk
from tests.database.samples import analyzed
from tests.docs.pages import ROOT
from tracekit.agents.answers import Answers
from tracekit.agents.folders import Folders
from tracekit.errors import QueryError, SelectionError
from tracekit.recording.harness.models import ML_PROGRAM
from tracekit.report.formats.analysis_json import analysis_document

SAMPLES = ROOT / "sample_traces"
SPLIT, ANE = "ane-with-cpu-fallback.trace.zip", "all-ane.trace.zip"
SMALL = 8_000


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers(Folders([SAMPLES]))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return analysis_document(analyzed(str(SAMPLES / SPLIT)))


def test_the_verdict_is_that_of_the_json(answers: Answers, document: dict[str, Any]) -> None:
    found = answers.verdict(SPLIT)
    for name in ("engines", "phases", "accounting", "focus", "source"):
        assert found[name] == document[name]
    for name in ("answer", "evidence", "sentence"):
        assert found["verdict"][name] == document["verdict"][name]
    assert "rows" not in found["iterations"]


def test_a_verdict_tells_the_phases_of_a_language_model(answers: Answers) -> None:
    name = "everyday/language-model.zip"
    told = analysis_document(analyzed(str(SAMPLES / name)))["generation"]
    assert answers.verdict(name)["generation"] == told
    assert [(row["phase"], row["tokens"]) for row in told] == [("prefill", 1024), ("decode", 48)]


def test_what_is_said_of_engines_names_its_evidence_and_accounting(answers: Answers, document: dict[str, Any]) -> None:
    basis = {"evidence": document["verdict"]["evidence"], "accounting": document["accounting"]}
    tree, compared = answers.tree(SPLIT, nodes=5), answers.compare(SPLIT, ANE)
    assert {name: tree[name] for name in basis} == basis
    assert compared["rests_on"]["a"] == basis
    assert compared["rests_on"]["b"]["accounting"] == analysis_document(analyzed(str(SAMPLES / ANE)))["accounting"]


def test_answers_are_small(answers: Answers) -> None:
    for answer in (
        answers.recordings(),
        answers.open(SPLIT),
        answers.verdict(SPLIT),
        answers.tree(SPLIT, nodes=20),
        answers.tables(SPLIT),
        answers.sql([SPLIT], "select * from samples", rows=20),
        answers.compare(SPLIT, ANE),
    ):
        assert len(json.dumps(answer)) < SMALL


def test_a_tree_is_below_the_symbol_that_was_asked_for(answers: Answers) -> None:
    profile = tk.focus(analyzed(str(SAMPLES / SPLIT)).profile, "E5RT::Ops::Bnns")
    tree = answers.tree(SPLIT, "E5RT::Ops::Bnns", nodes=10_000)
    assert (tree["whole"], tree["left_out"]) == (profile.weight, 0)
    assert sum(call["self"] for call in tree["calls"]) == profile.weight
    with pytest.raises(SelectionError, match="there is no sample with nothing on its stack"):
        answers.tree(SPLIT, "nothing")
    with pytest.raises(SelectionError, match="there is no prediction"):
        answers.tree("no-prediction.xcode27.xml.gz")


def test_sql_says_where_it_was_cut(answers: Answers) -> None:
    cut = answers.sql([SPLIT], "select time_ns from samples order by time_ns", rows=3)
    assert (len(cut["rows"]), cut["more"]) == (3, True)
    whole = answers.sql([SPLIT, ANE, SPLIT], "select answer from traces order by answer")
    assert (whole["columns"], whole["rows"], whole["more"]) == (["answer"], [["partly"], ["yes"]], False)
    with pytest.raises(QueryError, match="only SELECT"):
        answers.sql([SPLIT], "drop table samples")


def test_operations_are_counted_by_type_with_their_findings() -> None:
    answers = Answers(Folders([ML_PROGRAM.parent, SAMPLES]))
    of_model, of_both = answers.ops(ML_PROGRAM.name), answers.ops(SPLIT, ML_PROGRAM.name)
    counts = {row[0]: row[1] for row in of_model["types"]["rows"]}
    assert (counts["conv"], sum(counts.values())) == (6, of_model["count"])
    assert (of_model["has_plan"], of_both["has_plan"]) == (False, True)
    assert of_both["evidence"] == "hardware"
    for finding in of_both["findings"]:
        assert answers.explain(finding["code"])["lines"][0] == f"# {finding['code']}"


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    answers, file = Answers(Folders([tmp_path])), tmp_path / "run.trace.zip"
    shutil.copy(SAMPLES / SPLIT, file)
    assert answers.verdict(file.name)["verdict"]["answer"] == "partly"
    shutil.copy(SAMPLES / ANE, file)
    os.utime(file, ns=(1, 1))
    assert answers.verdict(file.name)["verdict"]["answer"] == "yes"
    file.unlink()
    with pytest.raises(SelectionError):
        answers.verdict(file.name)


def test_runs_are_told_apart(answers: Answers) -> None:
    two = "two-runs.xcode16.4.xml.gz"
    rows = [answers.verdict(two, run)["accounting"]["rows"] for run in (1, 2)]
    assert rows == [len(tk.open_trace(SAMPLES / two).profile(run)) for run in (1, 2)]
    assert [run["run"] for run in answers.open(two)["runs"]] == [1, 2]
