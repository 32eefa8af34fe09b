"""``tracekit sql``: formats, what it refuses, and one line for every problem."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Tracekit
from tests.cli.inputs import NO_PREDICTION, SAMPLE, first_rows

ENGINES = "select engine, count(*) as samples, null as nothing from samples group by engine order by samples, engine"


def test_a_table_is_printed(tracekit: Tracekit) -> None:
    done = tracekit("sql", SAMPLE, "select 'ANE' as engine, 12 as samples, 0.5 as share, true as is_it, null as n")
    assert done == (0, "engine  samples  share  is_it  n\nANE          12    0.5   true\n", "")


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_formats_hold_the_same(kind: str, tracekit: Tracekit, tmp_path: Path) -> None:
    file = tmp_path / f"answer.{kind}"
    done = tracekit("sql", SAMPLE, ENGINES, "-o", file)
    assert (done.code, done.out) == (0, "")
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        "csv": pd.read_csv,
        "json": pd.read_json,
        "parquet": pd.read_parquet,
    }
    found = readers[kind](file)
    shown = json.loads(tracekit("sql", SAMPLE, ENGINES, "--format", "json").out)
    assert found[["engine", "samples"]].to_dict("records") == [
        {"engine": row["engine"], "samples": row["samples"]} for row in shown
    ]
    assert [*found.columns] == [*shown[0]] == ["engine", "samples", "nothing"]


def test_the_format_asked_for_wins_over_the_ending(tracekit: Tracekit, tmp_path: Path) -> None:
    file = tmp_path / "answer.csv"
    tracekit("sql", SAMPLE, "select 1 as a", "--format", "table", "-o", file)
    assert file.read_text() == "a\n1\n"


def test_an_answer_is_never_written_over_a_file(tracekit: Tracekit, tmp_path: Path) -> None:
    file = tmp_path / "answer.csv"
    file.write_text("mine")
    assert tracekit("sql", SAMPLE, "select 1", "-o", file).code == 1
    assert file.read_text() == "mine"
    assert tracekit("sql", SAMPLE, "select 1 as a", "-o", file, "--force").code == 0
    assert file.read_text() == "a\n1\n"


def test_many_recordings_and_standard_input(tracekit: Tracekit) -> None:
    done = tracekit(
        "sql", "-", NO_PREDICTION, "select trace, count(*) as n from samples group by all order by n",
        "--format", "json", stdin=first_rows(20).encode(),
    )  # fmt: skip
    rows = json.loads(done.out)
    assert [row["trace"] for row in rows] == ["standard input", str(NO_PREDICTION)]
    assert rows[0]["n"] == 20


def test_long_answers_say_what_is_left_out(tracekit: Tracekit) -> None:
    lines = tracekit("sql", SAMPLE, "select * from range(1234)").out.splitlines()
    assert (lines[1].strip(), lines[-2].strip(), lines[-1]) == ("0", "999", "… and 234 more")


def test_names_from_a_trace_cannot_move_the_cursor(tracekit: Tracekit) -> None:
    done = tracekit("sql", SAMPLE, "select chr(27) || '[2J' as name, ['a' || chr(7)] as names")
    assert "\x1b" not in done.out
    assert "\x07" not in done.out


@pytest.mark.parametrize(
    "arguments,code",
    [([SAMPLE], 2), ([SAMPLE, "select 1", "-o", "answer.txt"], 1), ([SAMPLE, "drop table samples"], 1)],
)
def test_a_problem_is_one_line(arguments: list[object], code: int, tracekit: Tracekit) -> None:
    done = tracekit("sql", *arguments)
    assert (done.code, done.out) == (code, "")
    assert code == 2 or len(done.err.splitlines()) == 1


def test_what_was_skipped_is_said(tracekit: Tracekit) -> None:
    damaged = 3 * b"main;predict 3\n" + b"what is this\n"
    done = tracekit("sql", "-", "select count(*) as n from samples", stdin=damaged)
    assert done.out == "n\n3\n"
    assert done.err.startswith("! ")


def test_help_says_where_the_tables_are(monkeypatch: pytest.MonkeyPatch, tracekit: Tracekit) -> None:
    assert "select * from tables" in " ".join(tracekit("sql", "--help").out.replace("│", "").split())
