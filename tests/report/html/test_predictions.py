import pytest

from tests.report.html.pages import MILLISECOND, MIXED, PROVENANCE, Page, analysed, timed
from tests.report.plain import unpacked
from tracekit.report.html.predictions import pack_predictions, parts_of
from tracekit.report.html.report import render

MS = MILLISECOND


@pytest.mark.parametrize("hardware", [True, False])
def test_the_parts_of_a_prediction_add_up_to_its_time(hardware: bool) -> None:
    table = timed(hardware=hardware).measured.iterations.table
    parts = parts_of(table)
    for row in range(len(table)):
        assert sum(int(part.times[row]) for part in parts) == table["wall_ns"][row]


def test_parts_are_what_was_measured() -> None:
    analysis = timed()
    parts = {part.name: part.times.tolist() for part in parts_of(analysis.measured.iterations.table)}
    # Five samples in four milliseconds, one of them on another thread: CPU time is cut to the time that there was.
    assert parts["engine-ANE"] == [1_600_000] * 6
    assert parts["engine-none"] == [800_000] * 6
    assert set(parts) == {"engine-ANE", "engine-none", "engine-CPU"}


def test_the_page_tells_the_mean_prediction() -> None:
    page = Page(render(timed(), PROVENANCE))
    assert page.text("//h2[@id='prediction']") == "Where the time of one prediction goes"
    assert page.rows("prediction") == [
        ["on the CPU: driving ANE", "40.0 %", "1.6 ms"],
        ["on the CPU: computing", "40.0 %", "1.6 ms"],
        ["on the CPU: no engine", "20.0 %", "800.0 µs"],
    ]
    assert "No hardware intervals" not in page.text("//section[h2/@id='prediction']/p")
    assert page.texts("//section[h2/@id='prediction']//dl/div/dd") == ["4.0 ms", "4.0 ms", "4.0 ms", "2.5 ms"]


def test_without_hardware_the_page_says_so() -> None:
    page = Page(render(timed(hardware=False), PROVENANCE))
    assert "No hardware intervals were recorded" in page.text("//section[h2/@id='prediction']/p")


def test_without_predictions_there_is_no_such_section() -> None:
    assert not Page(render(analysed(MIXED), PROVENANCE)).has("prediction")
    assert not Page(render(analysed(MIXED), PROVENANCE)).has("timeline")


def test_the_pack_holds_every_prediction() -> None:
    iterations = timed().measured.iterations
    read = unpacked(pack_predictions(iterations.table, iterations.steady))
    assert read.columns["wall"] == [4 * MS] * 6
    assert [part["name"] for part in read.header["parts"]] == ["engine-ANE", "engine-CPU", "engine-none"]
    assert read.columns["part_0"] == [1_600_000] * 6
    assert read.header["p50"] == 4 * MS
