"""What a query may not do, and how it is told."""

import sys
from pathlib import Path

import pandas as pd
import pytest

import tracekit as tk
from tracekit.database import guarded
from tracekit.database.guarded import Guarded, limited_memory
from tracekit.database.query import answer
from tracekit.database.recordings import Recordings
from tracekit.errors import MissingExtraError, QueryError

WEIGHTS = pd.DataFrame({"weight": [2**62, 2**62 - 1, 3], "engine": pd.Categorical(["GPU", "ANE", "ANE"])})


def asked(statement: str, *, most_rows: int = 100, timeout_s: float = 30.0) -> pd.DataFrame:
    database = Guarded(["samples", "ane-hw-intervals"], lambda name: [WEIGHTS])
    return database.query(statement, most_rows=most_rows, timeout_s=timeout_s)[0]


@pytest.mark.parametrize(
    "statement",
    [
        "copy samples to '{file}'",
        "export database '{file}'",
        "attach '{file}' as other",
        "create table more as select 1",
        "insert into samples select * from samples",
        "update samples set weight = 0",
        "delete from samples",
        "drop table samples",
        "set memory_limit = '90GB'",
        "reset lock_configuration",
        "pragma database_list",
        "install httpfs",
        "load httpfs",
        "call pragma_version()",
        "prepare p as select 1",
        "begin transaction",
        "select 1; drop table samples",
        "select 1; select 2",
        "explain analyze select 1",
        "",
        "-- nothing",
        "selec 1",
        "select '",
    ],
)
def test_only_one_select_is_answered(statement: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with pytest.raises(QueryError):
        asked(statement.format(file=file))
    assert not file.exists()


@pytest.mark.parametrize(
    "source",
    [
        "'{file}'",
        "read_csv('{file}')",
        "read_csv_auto('{file}')",
        "read_json('{file}')",
        "read_parquet('{file}')",
        "parquet_metadata('{file}')",
        "read_text('{file}')",
        "read_blob('{file}')",
        "sniff_csv('{file}')",
        "glob('{folder}/*')",
        "query('select * from read_text(''{file}'')')",
        "query_table('{file}')",
        "'https://example.org/x.csv'",
        "json_execute_serialized_sql(json_serialize_sql('select * from read_text(''{file}'')'))",
    ],
)
def test_no_file_is_read(source: str, tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(QueryError):
        asked(f"select * from {source.format(file=file, folder=tmp_path)}")


def test_variables_of_python_are_no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB would look for them where it is called from."""
    monkeypatch.setattr(guarded, "secret", pd.DataFrame({"a": [1]}), raising=False)
    with pytest.raises(QueryError, match="no table secret"):
        asked("select * from secret")


def test_quotes_in_names_are_only_names() -> None:
    name = 'a" as select 1; drop table samples; --'
    database = Guarded([name], lambda _: [pd.DataFrame({'x"; --': [5], "y'": ["z"]})])
    found, _ = database.query(f'select * from "{name.replace(chr(34), 2 * chr(34))}"', most_rows=9, timeout_s=9)
    assert found.to_dict("records") == [{'x"; --': 5, "y'": "z"}]


def test_integers_stay_integers() -> None:
    found = asked("select sum(weight) as s, max(weight) filter (false) as none, engine from samples group by engine")
    assert dict(zip(found["engine"], found["s"], strict=True)) == {"GPU": 2**62, "ANE": 2**62 + 2}
    assert found["none"].isna().all()
    assert [*map(str, found.dtypes)] == ["int64", "Int64", "str"]


def test_a_sum_that_is_no_64_bit_number_is_said() -> None:
    with pytest.raises(QueryError, match="out of range"):
        asked("select sum(a.weight) from samples a, samples b")


def test_texts_compare_as_texts() -> None:
    """Categories would by their position."""
    assert asked("select engine from samples order by engine")["engine"].tolist() == ["ANE", "ANE", "GPU"]


def test_columns_of_one_name_are_told_apart() -> None:
    assert [*asked("select 1 as a, 2 as a, 3 as A").columns] == ["a", "a_2", "A"]


def test_an_answer_is_cut_and_says_so() -> None:
    database = Guarded([], lambda _: [])
    table, is_whole = database.query("select * from range(100_000_000_000)", most_rows=5, timeout_s=30)
    assert (table["range"].tolist(), is_whole) == ([0, 1, 2, 3, 4], False)
    assert database.query("select * from range(5)", most_rows=5, timeout_s=30)[1]


def test_time_is_bounded() -> None:
    with pytest.raises(QueryError, match=r"took longer than 0\.2 s"):
        asked("select count(*) from range(100_000_000_000)", timeout_s=0.2)


def test_memory_is_bounded() -> None:
    with pytest.raises(QueryError, match="more than 2 GiB"):
        asked("select list(range) from range(1_000_000_000)")


@pytest.mark.skipif(sys.platform != "linux", reason="nothing tells elsewhere how much a process has")
def test_a_single_function_cannot_take_more() -> None:
    with limited_memory(256 << 20), pytest.raises(QueryError, match="needs more than"):
        asked("select length(repeat('x', 2_000_000_000))")
    assert asked("select 1 as a")["a"].tolist() == [1]


@pytest.mark.parametrize(
    "statement,told",
    [
        (
            "from ane_hw_intervals",
            'there is no table ane_hw_intervals. The table tables lists all; names like it: "ane-hw-intervals".',
        ),
        (
            "from nothing_like_it_at_all",
            'there is no table nothing_like_it_at_all. Tables: samples, "ane-hw-intervals".',
        ),
        (
            "from ane-hw-intervals",
            'syntax error at or near "-". Names with a hyphen need double quotes: from "ane-hw-intervals".',
        ),
        ("from query_table('samples')", "the table samples is named inside a function. Name it after FROM or JOIN."),
        ("show tables", "SHOW knows only what was read before. Ask: select * from tables."),
        ("drop table samples", "only SELECT is answered: recordings are never changed. Begin with SELECT or WITH."),
    ],
)
def test_a_refusal_is_a_sentence_with_what_to_do(statement: str, told: str) -> None:
    with pytest.raises(QueryError) as refused:
        asked(statement)
    assert str(refused.value) == told


@pytest.mark.parametrize("statement", ["select weigth from samples", "select sum(engine) from samples", "select 1/'x'"])
def test_what_duckdb_says_is_one_line(statement: str) -> None:
    with pytest.raises(QueryError) as refused:
        asked(statement)
    assert "\n" not in str(refused.value)
    assert "Error" not in str(refused.value)


def test_describe_and_summarize_are_answered() -> None:
    assert asked("describe samples")["column_name"].tolist() == ["weight", "engine"]
    assert asked("summarize samples")["count"].tolist() == [3, 3]


def test_without_duckdb_the_line_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"SQL needs DuckDB\. pip install 'tracekit-ane\[sql\]'\."):
        answer(Recordings([]), "select 1")


def test_tk_has_it() -> None:
    assert tk.sql.__module__ == "tracekit.database.query"
