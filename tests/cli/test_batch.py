"""``tracekit batch`` and ``tracekit history`` at the command line."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from tests.batch.readers import here
from tracekit.batch.journal import journal_path
from tracekit.cli.app import app
from tracekit.errors import InputError, MissingExtraError, OutputError

SAMPLES = Path(__file__).parents[2] / "sample_traces"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("two-runs.xcode16.4.xml.gz", "cpu-only.xcode16.4.xml.gz"):
        shutil.copy(SAMPLES / name, tmp_path)
    (tmp_path / "junk.xml").write_text("junk")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings are read in this process, which needs no second to start."""
    monkeypatch.setattr("tracekit.batch.processes.on_processes", here)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_a_row_a_run_then_the_history(folder: Path) -> None:
    result = run("batch", "*.xml*", "-o", "r.csv", "--workers", "1")
    assert result.exit_code == 0
    assert "3 recordings, 1 of them without a result: see the column reason, 4 rows: r.csv" in result.stderr
    assert "junk.xml: the format is not known" in result.stderr
    assert result.stdout == ""
    assert pd.read_csv("r.csv")["answer"].fillna("").tolist() == ["no", "", "yes", "no"]
    history = run("history", "r.csv", "-o", "trends.html")
    for told in ("1 recording, undated: 1 no", "2 recordings, undated: 1 yes, 1 no"):
        assert told in history.stdout
    assert "1 could not be read" in history.stdout
    assert Path("trends.html").read_text().startswith("<!DOCTYPE html>")


def test_started_again_it_replaces_its_own_file_only(folder: Path, without_workers: None) -> None:
    Path("mine.csv").write_text("mine")
    with pytest.raises(OutputError, match="already exists"):
        run("batch", "*.xml", "-o", "mine.csv")
    assert Path("mine.csv").read_text() == "mine"
    run("batch", "*.xml", "-o", "r.csv")
    before = Path("r.csv").read_bytes()
    assert "(1 of them by an earlier batch)" in run("batch", "*.xml", "-o", "r.csv").stderr
    assert Path("r.csv").read_bytes() == before
    assert journal_path(Path("r.csv")).exists()


def test_the_scope_is_that_of_analyze(folder: Path, without_workers: None) -> None:
    run("batch", "cpu-only*", "-o", "a.json")
    run("batch", "cpu-only*", "-o", "b.json", "--no-focus")
    assert pd.read_json("a.json")["samples"].item() < pd.read_json("b.json")["samples"].item()


@pytest.mark.parametrize(
    "options,code",
    [(["-o", "-"], 2), (["-o", "r.csv", "--workers", "0"], 2)],
)
def test_usage(options: list[str], code: int, folder: Path, without_workers: None) -> None:
    assert run("batch", "*.xml", *options).exit_code == code


def test_where_none_could_be_read_it_fails_and_says_so_last(folder: Path, without_workers: None) -> None:
    result = run("batch", "*.xml", "-o", "r.csv")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "1 recording, all without a result: see the column reason, 1 row: r.csv"
    assert pd.read_csv("r.csv")["status"].tolist() == ["error"]


def test_the_table_is_csv_where_nothing_else_is_asked_for(folder: Path, without_workers: None) -> None:
    assert run("batch", "cpu-only*").exit_code == 0
    assert len(pd.read_csv("results.csv")) == 1


def test_parquet_without_pyarrow_is_an_error_before_the_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracekit.report.formats.tabular.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tracekit-ane\[parquet\]'"):
        run("batch", "*.xml*", "-o", "r.parquet")
    assert not [*folder.glob("*r.parquet*")]


def test_workers_are_for_this_machine(folder: Path) -> None:
    options = ["-o", "r.csv", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"]
    assert run("batch", "*.xml", *options).exit_code == 2


@pytest.mark.parametrize("output,words", [("r.txt", "not known by its ending"), ("no/r.csv", "folder does not exist")])
def test_where_nothing_can_be_written(output: str, words: str, folder: Path) -> None:
    with pytest.raises(OutputError, match=words):
        run("batch", "*.xml", "-o", output)


def test_a_pattern_that_names_nothing(folder: Path) -> None:
    with pytest.raises(InputError, match="names no file"):
        run("batch", "*.trace", "-o", "r.csv")
    assert not journal_path(Path("r.csv")).exists()


def test_history_of_something_else(folder: Path) -> None:
    with pytest.raises(InputError, match="is no table of a batch"):
        run("history", "junk.xml")
