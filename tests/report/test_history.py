"""Trends over a batch's table."""

import json
import re

import pandas as pd
import pytest
from rich.console import Console

from tests.support.bless import Golden
from tracekit.batch.rows import results_table
from tracekit.batch.work import Row
from tracekit.report.history import NOT_NAMED, history_figure, history_page, history_view, trends


def row(path: str, **values: object) -> Row:
    known = {"run": 1, "status": "ok", "answer": "yes", "share_ANE": 0.9, "process": "App", "os": "macOS 26.0"}
    return {"path": path, **known, **values}


_ROWS = [
    row(
        "c.trace",
        recorded="2026-01-03T10:00:00Z",
        share_ANE=0.2,
        answer="partly",
        p95_ns=4_000_000,
        model="Net.mlpackage",
    ),
    row("a.trace", recorded="2026-01-02T10:00:00Z", share_ANE=0.9, p95_ns=2_000_000, model="Net.mlpackage"),
    row("b.trace", recorded="2026-01-01T10:00:00Z", model="Net.mlpackage", compute_units="all", p95_ns=3_000_000),
    row("d.trace", share_ANE=None, answer="unknown"),
    row("e.trace", os="macOS 27.0"),
    {"path": "f.trace", "run": None, "status": "error", "reason": "the file is empty."},
]
RESULTS = results_table(_ROWS)


def text_of(results: pd.DataFrame, width: int = 160) -> str:
    console = Console(width=width, color_system=None, record=True, quiet=False)
    with console.capture() as captured:
        console.print(history_view(results))
    return captured.get()


def test_groups_are_by_model_os_and_compute_units_and_oldest_first() -> None:
    assert [(*trend[:4], trend.rows["path"].tolist()) for trend in trends(RESULTS)] == [
        ("App", "macOS 26.0", "", False, ["d.trace"]),
        ("App", "macOS 27.0", "", False, ["e.trace"]),
        ("Net.mlpackage", "macOS 26.0", "", True, ["a.trace", "c.trace"]),
        ("Net.mlpackage", "macOS 26.0", "all", True, ["b.trace"]),
    ]


def test_undated_recordings_are_apart_and_have_no_trend() -> None:
    undated = [row(f"{name}.trace", model="Net.mlpackage", share_ANE=share) for name, share in (("x", 0.3), ("y", 0.1))]
    both = results_table([*_ROWS, *undated])
    dated, apart = (trend for trend in trends(both) if trend[:3] == ("Net.mlpackage", "macOS 26.0", ""))
    assert (dated.driving, dated.sparks, dated.when) == ("90.0 % → 20.0 %", "█▂", "2026-01-02 to 2026-01-03")
    assert (apart.driving, apart.sparks, apart.when) == ("10.0 % to 30.0 %", "", "undated")
    assert "x.trace" not in str(history_figure(both).to_json())


def test_without_a_date_there_is_no_picture() -> None:
    page = history_page(RESULTS[RESULTS["recorded"].isna()])
    assert 'id="history"' not in page
    assert "undated" in page
    assert len(page) < 1_000_000, "Plotly's script is of no use here"


def test_no_trend_goes_through_what_has_no_name() -> None:
    rows = [row(f"{day}.trace", process=None, recorded=f"2026-01-0{day}T10:00:00Z") for day in (1, 2)]
    (trend,) = trends(results_table(rows))
    assert (trend.title, trend.has_order, trend.driving) == (f"{NOT_NAMED} · macOS 26.0", False, "90.0 %")
    assert {trace.mode for trace in history_figure(results_table(rows)).data} == {"markers"}


@pytest.mark.parametrize("width", [50, 80])
def test_it_is_read_in_narrow_terminals(width: int) -> None:
    text = text_of(RESULTS, width)
    assert max(map(len, text.splitlines())) <= width
    assert "  driving ANE  90.0 % → 20.0 %  █▂\n" in text
    assert "Net.mlpackage · macOS 26.0 · all\n" in text


def test_the_text(golden: Golden) -> None:
    golden("history.txt", text_of(RESULTS))


def test_a_table_without_a_good_row() -> None:
    assert trends(RESULTS[RESULTS["status"] == "error"]) == []
    assert "1 could not be read" in text_of(RESULTS[RESULTS["status"] == "error"])
    assert history_page(RESULTS.head(0))


def test_the_figure_holds_the_numbers() -> None:
    figure = history_figure(RESULTS)
    above = {trace.name: list(trace.y) for trace in figure.data if trace.showlegend is None}
    assert above["Net.mlpackage · macOS 26.0"] == pytest.approx([90, 20])
    below = {trace.name: list(trace.y) for trace in figure.data if trace.showlegend is False}
    assert below["Net.mlpackage · macOS 26.0"] == pytest.approx([2, 4])


def test_the_page_is_the_same_each_time_and_asks_nothing_of_the_network() -> None:
    page = history_page(RESULTS)
    assert page == history_page(RESULTS)
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page)


def test_hostile_names_stay_text() -> None:
    name = "</script><img src=x onerror=alert(1)>\x1b[2J"
    results = results_table([row(name, model=name, process=name, recorded="2026-01-01T10:00:00Z")])
    page = history_page(results)
    assert name not in page
    assert "<img src=x" not in page
    assert "\x1b" not in text_of(results)
    (first, *_) = history_figure(results).data
    assert "&lt;img" in first.name
    assert json.dumps(first.name)
