"""``tracekit diff`` at the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracekit.cli.app import app
from tracekit.errors import OutputError

SAMPLES = Path(__file__).parents[2] / "sample_traces"
A, B = str(SAMPLES / "legacy-nn-ane.xcode16.4.xml.gz"), str(SAMPLES / "cpu-only.xcode16.4.xml.gz")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["diff", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_sentence_comes_first() -> None:
    assert run(A, B).startswith("Different: ")


def test_a_recording_and_itself() -> None:
    assert run(A, A).startswith("No difference: ")
    assert json.loads(run(A, A, "--json", "-"))["differences"] == []


def test_a_saved_analysis_stands_for_a_recording(tmp_path: Path) -> None:
    saved = str(tmp_path / "a.json")
    CliRunner().invoke(app, ["analyze", A, "--json", saved], catch_exceptions=False)
    assert run(saved, A).startswith("No difference: ")
    assert run(saved, B, "--tree").startswith("Not tested: ")


def test_two_runs_of_one_document() -> None:
    runs = str(SAMPLES / "two-runs.xcode16.4.xml.gz")
    document = json.loads(run(runs, runs, "--run", "1", "--run-b", "2", "--json", "-"))
    assert (document["a"]["verdict"]["answer"], document["b"]["verdict"]["answer"]) == ("yes", "no")


def test_the_tree_follows() -> None:
    assert "executePlan" in run(A, B, "--tree")
    assert "total A" not in run(A, B)


def test_a_file_is_not_replaced(tmp_path: Path) -> None:
    output = tmp_path / "d.json"
    output.write_text("mine")
    with pytest.raises(OutputError, match="already exists"):
        CliRunner().invoke(app, ["diff", A, B, "--json", str(output)], catch_exceptions=False)
    assert output.read_text() == "mine"
    run(A, B, "--json", str(output), "--force")
    assert json.loads(output.read_text())["schema"] == "tracekit.diff/1"
