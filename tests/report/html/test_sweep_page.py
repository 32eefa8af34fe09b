"""The report of a sweep."""

import re
from dataclasses import replace

import pytest

from tests.report.html.pages import MIXED, NO_PREDICTION, PROVENANCE, Page, analysed, shape_of
from tests.report.html.sweeps import CONTROL, SETTINGS, TABLE, recording, sampled, swept
from tests.report.plain import unpacked
from tracekit.analysis.verdict.judge import Verdict
from tracekit.report.html.sweep_page import Recording, render_sweep


@pytest.fixture(scope="module")
def text() -> str:
    return swept()


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_the_settings_that_use_the_neural_engine_come_first(page: Page) -> None:
    assert page.text("//h1") == "With cpuAndNeuralEngine and all"
    assert page.texts("//p[@class='limit']") == list(CONTROL)


@pytest.mark.parametrize(
    "answers,expected",
    [
        (["no", "no"], "With no setting"),
        (["unknown", "unknown"], "Unknown"),
        (["no", "unknown"], "Unknown"),
        (["no", "yes"], "With all"),
        (["partly", "yes"], "With cpuOnly and all"),
    ],
)
def test_the_answer(answers: list[str], expected: str) -> None:
    recordings = [
        replace(recording(f"{units}-1", analysed(MIXED)), verdict=Verdict(answer, "stacks", f"{answer}: so."))  # type: ignore[arg-type]
        for units, answer in zip(("cpuOnly", "all"), answers, strict=True)
    ]
    assert Page(render_sweep(recordings, TABLE, order=[], control=[])).text("//h1") == expected


def test_a_card_a_setting(page: Page) -> None:
    assert page.texts("//article/p[@class='subject']") == list(SETTINGS)
    assert page.texts("//article/h3") == ["No", "Partly", "Yes"]


def test_recordings_that_disagree_are_both_told() -> None:
    given = [recording("all-1", analysed(MIXED)), recording("all-2", analysed(NO_PREDICTION))]
    assert Page(render_sweep(given, TABLE, order=[], control=[])).texts("//article/h3") == ["Partly / Unknown"]


def test_the_table_is_as_it_was_given(page: Page) -> None:
    assert page.rows("settings") == [list(row) for row in TABLE.rows]


def test_the_bars_are_the_mean_predictions_on_one_scale(text: str, page: Page) -> None:
    walls = []
    for each in sampled():
        table = each.about.predictions
        assert table is not None
        walls.append(table.loc[~table["warmup"], "wall_ns"].mean())
    bars = re.findall(r'<div class="stack">(.*?)</div>', text)
    widths = [sum(map(float, re.findall(r"width: ([0-9.]+)%", bar))) for bar in bars]
    assert widths == pytest.approx([100 * wall / max(walls) for wall in walls], abs=0.01)
    sums = [sum(column) for column in zip(*page.values("prediction"), strict=True)]
    assert sums == pytest.approx(walls, abs=20)


def test_recordings_of_a_setting_follow_one_another() -> None:
    once = sampled()[-1]
    twice = render_sweep([once, replace(once, name="all-2")], TABLE, order=[], control=[])
    (packed,) = re.findall(r'id="latency-all-data">([^<]+)<', twice)
    table = once.about.predictions
    assert table is not None
    steady = table.loc[~table["warmup"], "wall_ns"].tolist()
    assert unpacked(packed).columns["wall"] == [*steady, *steady]


def with_durations() -> list[Recording]:
    return [recording(f"{units}-1", analysed(MIXED), [3_000_000, 5_000_000]) for units in ("cpuOnly", "all")]


def test_without_exact_predictions_there_are_shares_and_what_the_harness_measured() -> None:
    text = render_sweep(with_durations(), TABLE, order=[], control=[])
    page = Page(text)
    assert not page.has("prediction")
    assert page.texts("//div[@class='bar-label']") == ["cpuOnly", "all"]
    (packed,) = re.findall(r'id="latency-all-data">([^<]+)<', text)
    assert unpacked(packed).columns["wall"] == [3_000_000, 5_000_000]
    assert page.texts("//p[@class='plot-name']")[0] == "cpuOnly · median 4.0 ms, p95 4.9 ms, p99 5.0 ms"


def test_without_times_there_is_no_chart() -> None:
    text = render_sweep([recording("all-1", analysed(MIXED))], TABLE, order=[], control=[])
    assert not Page(text).has("latency")
    assert len(text) < 1_000_000, "Plotly's script is of no use here"


def test_what_failed_is_named(page: Page) -> None:
    rows = page.rows("recordings")
    assert [row[0] for row in rows] == ["all-1", "cpuAndGPU-1", "cpuOnly-1", "cpuAndNeuralEngine-1"]
    assert rows[2][1] == "left out: it failed, or the sweep was stopped before"
    assert rows[0][1].startswith("Yes: ")


def test_untrusted_text_never_becomes_markup(text: str) -> None:
    shapes = []
    for name in ("harmless", "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "\u202egpj"):
        verdict = Verdict("yes", "stacks", f"Yes: {name}.", contradictions=(name,))
        given = replace(recording("all-1", analysed(MIXED)), verdict=verdict)
        shown = render_sweep([given], TABLE._replace(rows=[(name,)]), order=[name], control=[name])
        assert "\u202e" not in shown
        shapes.append(shape_of(shown))
    assert all(shape == shapes[0] for shape in shapes)


def test_the_same_input_gives_the_same_bytes(text: str) -> None:
    assert swept() == text


def test_folders_and_devices_are_left_out_on_demand() -> None:
    provenance = replace(
        PROVENANCE, command="tracekit sweep --model /Users/anna/Secret/M.mlpackage", device="Anna's Mac"
    )
    given = Recording.of("all-1", "all", analysed(MIXED), provenance)
    assert "anna" in render_sweep([given], TABLE, order=[], control=[]).lower()
    assert "anna" not in render_sweep([given], TABLE, order=[], control=[], redact_paths=True).lower()
