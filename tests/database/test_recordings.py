"""Which tables there are, what they are called, and that several recordings stay apart."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tracekit as tk
from tests.database.samples import ALL, GPU, LEGACY, SPLIT, analyzed, opened
from tests.docs.pages import ROOT
from tracekit.database.recordings import MEANING, open_recordings
from tracekit.model import schema
from tracekit.model.facts import Facts, Notice
from tracekit.model.trace import TableInfo, Trace
from tracekit.recording.harness.models import ML_PROGRAM
from tracekit.report.formats.analysis_json import analysis_document

IDS = {"stacks": "stack_id", "frames": "frame_id", "binaries": "binary_id", "threads": "thread_id"}
SCHEMAS = {
    "samples": {**schema.SAMPLES, **schema.ATTRIBUTION, "in_prediction": "bool", "is_running": "bool"},
    "stacks": schema.STACKS,
    "frames": schema.FRAMES,
    "binaries": schema.BINARIES,
    "threads": schema.THREADS,
    "intervals": schema.INTERVALS,
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_columns_are_those_of_the_schema(name: str) -> None:
    (table,) = open_recordings([opened(SPLIT)]).parts(name)
    head = ["trace", *([IDS[name]] if name in IDS else [])]
    assert [*table.columns] == [*head, *SCHEMAS[name]]
    assert {name: str(table[name].dtype) for name in SCHEMAS[name]} == SCHEMAS[name]


def test_predictions_begin_with_the_columns_of_the_schema() -> None:
    (table,) = open_recordings([opened(SPLIT)]).parts("iterations")
    assert [*table.columns][: 1 + len(schema.ITERATIONS)] == ["trace", *schema.ITERATIONS]


def test_the_page_explains_every_table() -> None:
    page = (ROOT / "docs" / "sql.md").read_text("utf-8").partition("## Tables")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", page, re.M) == [*MEANING, "tables"]


def test_ids_point_into_their_own_recording() -> None:
    """The tables of three recordings, joined by ids alone, are those of each."""
    recordings = open_recordings([opened(path) for path in ALL])
    tables = {name: pd.concat(recordings.parts(name), ignore_index=True) for name in SCHEMAS}
    for name, id_name in IDS.items():
        assert (tables[name][id_name] == np.arange(len(tables[name]))).all()
    for name, column, target in (
        ("samples", "stack_id", "stacks"),
        ("samples", "thread_id", "threads"),
        ("stacks", "parent_id", "stacks"),
        ("stacks", "frame_id", "frames"),
        ("frames", "binary_id", "binaries"),
    ):
        known = tables[name][tables[name][column] >= 0]
        assert (tables[target]["trace"].to_numpy()[known[column]] == known["trace"]).all()
    frame = tables["stacks"]["frame_id"].to_numpy()[tables["samples"]["stack_id"]]
    leaves = tables["frames"]["name"].to_numpy()[frame]
    for path in ALL:
        profile = analyzed(path).profile
        own = profile.frames["name"].to_numpy()[profile.stacks["frame_id"].to_numpy()[profile.samples["stack_id"]]]
        has_stack = (profile.samples["stack_id"] >= 0).to_numpy()
        assert (leaves[(tables["samples"]["trace"] == path).to_numpy()][has_stack] == own[has_stack]).all()


def test_a_table_that_only_some_have_is_of_those() -> None:
    found = tk.sql([opened(path) for path in ALL], 'select distinct trace from "metal-gpu-intervals"')
    assert found["trace"].tolist() == [GPU]


@pytest.mark.parametrize("path", [SPLIT, GPU])
def test_instruments_tables_hold_what_the_table_command_shows(path: str) -> None:
    trace = opened(path)
    for info in trace.tables():
        expected = trace.table(info.schema)
        found = tk.sql(trace, f'select * exclude (trace) from "{info.schema}"')
        assert [*found.columns] == [*expected.columns]
        assert len(found) == len(expected)
        for name in expected.columns:
            if pd.api.types.is_integer_dtype(expected[name].dtype):
                assert found[name].equals(expected[name].astype(found[name].dtype))


def test_only_what_a_query_names_is_read() -> None:
    """An export without samples can be asked for its other tables."""

    class Run:
        number = 1
        facts = Facts()

        def schemas(self) -> list[str]:
            return [info.schema for info in self.tables()]

        def tables(self) -> list[TableInfo]:
            return [TableInfo("time-info"), TableInfo("samples"), TableInfo("broken")]

        def profile(self) -> tk.Profile:
            raise tk.InputError("has no samples", where="x")

        def table(self, schema: str) -> pd.DataFrame:
            if schema == "broken":
                raise tk.InputError("is broken", where="x")
            return pd.DataFrame({"trace": [1], "Name": ["a"], "name": ["b"]})

    trace = Trace("x", "export", (Run(),))
    found = tk.sql(trace, 'select * from "time-info"')
    assert found.to_dict("records") == [{"trace": "x", "trace_2": 1, "Name": "a", "name_2": "b"}]
    for name in ("samples", "broken"):
        with pytest.raises(tk.InputError):
            tk.sql(trace, f"from {name}")
    assert tk.sql(trace, "select name from tables where name = 'samples'")["name"].tolist() == ["samples"]


@pytest.mark.parametrize("model", [None, ML_PROGRAM])
def test_operations_are_those_that_ops_lists(model: Path | None) -> None:
    explained = tk.explain_operations(analyzed(SPLIT), model=model)
    found = tk.sql(opened(SPLIT), "select * exclude (trace) from operations", model=model)
    expected = explained.placement.operations.drop(columns="row")
    assert len(found) > 0
    for name in expected.columns:
        assert found[name].astype("str").tolist() == expected[name].astype("str").tolist(), name


def test_a_recording_without_a_plan_has_no_operations() -> None:
    found = tk.sql([opened(LEGACY), opened(SPLIT)], "select distinct trace from operations")
    assert found["trace"].tolist() == [SPLIT]
    assert tk.sql(opened(LEGACY), "select name, preferred from operations").empty


def test_the_second_run_can_be_asked() -> None:
    two = str(ROOT / "sample_traces" / "two-runs.xcode16.4.xml.gz")
    trace = opened(two)
    counts = [tk.sql(trace, "select count(*) as n from samples", run=run)["n"].tolist() for run in (1, 2)]
    assert counts == [[len(trace.profile(run))] for run in (1, 2)]
    assert tk.sql(trace, "select run from traces", run=2)["run"].tolist() == [2]


def test_what_limits_a_recording_is_said_once_of_each_whatever_is_asked_of_it() -> None:
    said = Notice("partial", "something is missing")
    recordings = open_recordings([replace(opened(path), notices=(said, said)) for path in (SPLIT, GPU)])
    for name in ("samples", "stacks", "threads"):
        recordings.parts(name)
    assert [each for each in recordings.notices() if each.code == "partial"] == [replace(said, count=2)]


def test_no_recording_or_the_same_twice_is_refused() -> None:
    with pytest.raises(tk.SelectionError, match="no recording is given"):
        tk.sql([], "select 1")
    with pytest.raises(tk.SelectionError, match="given twice"):
        tk.sql([opened(LEGACY), opened(LEGACY)], "select 1")


@pytest.mark.parametrize("name", ["language-model", "core-ai-without-samples"])
def test_phases_of_a_language_model_are_those_of_the_json(name: str) -> None:
    trace = opened(str(ROOT / "sample_traces" / "everyday" / f"{name}.zip"))
    rows = tk.sql(trace, "select * exclude (trace) from generation")
    told = analysis_document(tk.analyze(trace))["generation"]
    assert len(rows) == len(told)
    for row, said in zip(rows.to_dict("records"), told, strict=True):
        none = {key: None for key, value in row.items() if value is pd.NA or (isinstance(value, int) and value == -1)}
        assert {key: value for key, value in (row | none).items() if key != "tokens_ns"} == said
    sums = tk.sql(trace, "select sum(tokens) from generation where phase in ('prefill', 'decode') and tokens >= 0")
    assert sums.fillna(0).iloc[0, 0] == sum(row["tokens"] or 0 for row in told if row["phase"] in ("prefill", "decode"))
