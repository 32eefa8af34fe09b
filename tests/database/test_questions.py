"""The twenty queries of docs/sql.md run, and say what the analysis says."""

import re
from functools import cache

import pandas as pd
import pytest

import tracekit as tk
from tests.database.samples import ALL, GPU, SPLIT, analyzed, opened
from tests.docs.pages import ROOT, blocks_of
from tracekit.analysis.predictions.spans import union
from tracekit.analysis.running import running
from tracekit.database.guarded import Guarded
from tracekit.database.recordings import open_recordings
from tracekit.report.formats.analysis_json import analysis_document

PAGE = (ROOT / "docs" / "sql.md").read_text("utf-8")
QUESTIONS = [block.text for block in blocks_of(PAGE) if block.info == "sql"]
TITLES = re.findall(r"^\*\*(\d+\. .+?)\*\*", PAGE, re.M)
NUMBERS = range(1, len(QUESTIONS) + 1)


@cache
def database(*paths: str) -> Guarded:
    recordings = open_recordings([opened(path) for path in paths])
    return Guarded(recordings.names(), recordings.parts)


def asked(number: int, *paths: str) -> pd.DataFrame:
    table, is_whole = database(*paths).query(QUESTIONS[number - 1], most_rows=100_000, timeout_s=60)
    assert is_whole
    return table


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype("str").sort_values([*table.columns], ignore_index=True)


def test_there_are_twenty_each_with_its_title() -> None:
    assert [int(title.partition(".")[0]) for title in TITLES] == [*NUMBERS] == [*range(1, 21)]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_question_is_answered(number: int) -> None:
    assert len(asked(number, SPLIT)) > 0


@pytest.mark.parametrize("number", [number for number in NUMBERS if "trace" in QUESTIONS[number - 1].split("from")[0]])
def test_a_recording_among_others_answers_as_it_does_alone(number: int) -> None:
    """Those that tell recordings apart, and take no first rows of all."""
    if "limit" in QUESTIONS[number - 1] or "process-info" in QUESTIONS[number - 1]:
        return
    together = asked(number, *ALL)
    for path in (SPLIT, GPU):
        alone = asked(number, path)
        mine = together[together["trace"] == path][alone.columns]
        pd.testing.assert_frame_equal(in_order(mine), in_order(alone))


@pytest.mark.parametrize("path", ALL)
def test_totals_equal_the_json(path: str) -> None:
    document = analysis_document(analyzed(path))
    for number, name, columns in (
        (2, "engines", ["engine", "samples", "weight"]),
        (3, "phases", ["engine", "phase", "samples", "weight"]),
        (8, "rules", ["rule", "engine", "phase", "samples", "weight"]),
    ):
        rows = {tuple(row[column] for column in columns) for row in document[name]}
        assert {*asked(number, path)[columns].itertuples(index=False, name=None)} == rows


@pytest.mark.parametrize("path", ALL)
def test_every_row_is_there(path: str) -> None:
    accounting = analysis_document(analyzed(path))["accounting"]
    counts = tk.sql(
        opened(path),
        """select count(*), sum(weight), count_if(in_prediction), count_if(stack_id < 0) as no_stack,
        count_if(stack_id >= 0 and not in_prediction) as outside from samples""",
    )
    expected = [accounting["rows"], accounting["weight"]["total"], accounting["attributed"]]
    assert counts.iloc[0].tolist() == [*expected, accounting["no_stack"], accounting["outside_focus"]]
    assert set(map(str, counts.dtypes)) == {"int64"}


def test_functions_and_images_are_those_of_the_call_tree() -> None:
    analysis = analyzed(SPLIT)
    inside = running(analysis.profile.with_samples(analysis.profile.samples[analysis.in_focus].reset_index(drop=True)))
    functions = tk.by_symbol(inside)
    own = functions.set_index(["symbol", "binary"])["self"]
    found = asked(4, SPLIT)
    assert found["self"].tolist() == [own[key] for key in zip(found["function"], found["image"], strict=True)]
    assert found["self"].iloc[0] == own.max()
    assert sorted(asked(5, SPLIT)["total"]) == sorted(functions["total"].nlargest(10))
    images = tk.by_binary(inside).set_index("binary")["weight"].to_dict()
    assert asked(6, SPLIT).set_index("image")["self"].to_dict() == images


@pytest.mark.parametrize("path", [SPLIT, GPU])
def test_busy_time_is_the_union_of_intervals(path: str) -> None:
    table = analyzed(path).measured.intervals
    working = table[(table["phase"] == "execute") & table["kind"].isin(["ane", "gpu"])]
    expected = {}
    for kind, rows in working.groupby("kind", observed=True):
        start = rows["start_ns"].to_numpy()
        expected[kind] = union(start, start + rows["duration_ns"].to_numpy()).total
    found = asked(18, path)
    assert dict(zip(found["kind"], found["busy_ns"], strict=True)) == expected


def test_predictions_last_as_long_as_the_analysis_says() -> None:
    steady = analyzed(SPLIT).measured.iterations.steady
    assert steady is not None
    found = asked(16, SPLIT).iloc[0]
    assert (found["predictions"], round(found["p50"]), round(found["p95"])) == (
        steady.count,
        steady.p50_ns,
        steady.p95_ns,
    )
