"""The report in a real browser. The ``page`` fixture fails a test whose page warns, throws or asks for anything."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.report.pages import MIXED, NO_PREDICTION, PROVENANCE, analysed, report_of
from tests.report.plain import placed
from tests.report.test_html import HOSTILE, hostile_profile
from tracekit.analysis.analyze import Analysis, analyze_profile
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES
from tracekit.readers import open_trace
from tracekit.report.html import render
from tracekit.report.layout import flame_layout
from tracekit.report.numbers import share_text, weight_text

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[2] / "sample_traces"
ROW = 20
ANE_CALL = "E5RT::Ops::AneInferenceOperation::ExecuteSync()"
CPU_CALL = "E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"
OPEN = Callable[[str], Page]


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> OPEN:
    """Opens the text of a report, and waits until it is drawn."""

    def open_text(text: str) -> Page:
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8")
        page.goto(file.as_uri())
        page.wait_for_selector(".is-drawn")
        return page

    return open_text


@pytest.fixture
def mixed(opened: OPEN) -> tuple[Page, Profile]:
    analysis = analysed(MIXED)
    return opened(render(analysis, PROVENANCE)), analysis.focused


def sample(name: str) -> Analysis:
    return analyze_profile(open_trace(SAMPLES / name).profile())


def chart_box(page: Page) -> Any:
    """Where the flame graph is in the window, scrolled into it."""
    page.evaluate("document.getElementById('flame-graph').scrollIntoView()")
    return page.locator(".flame-chart").bounding_box()


def place_of(page: Page, profile: Profile, symbol: str, zoom: str = "") -> tuple[float, float]:
    """Where the middle of the one call of a symbol is in the window; ``zoom`` is the symbol zoomed to."""
    calls = {path[-1][0]: call for path, call in placed(profile).items()}
    whole = calls[zoom] if zoom else {"x0": 0, "total": profile.weight}
    box = chart_box(page)
    middle = (calls[symbol]["x0"] + calls[symbol]["total"] / 2 - whole["x0"]) / whole["total"]
    return box["x"] + middle * box["width"], box["y"] + (calls[symbol]["depth"] + 1.5) * ROW


def hover(page: Page, place: tuple[float, float]) -> list[str]:
    """The lines of the tooltip there."""
    page.mouse.move(place[0] - 3, place[1])
    page.mouse.move(*place)
    expect(page.locator(".tooltip")).to_be_visible()
    return page.locator(".tooltip").inner_text().split("\n")


def bars(page: Page) -> int:
    return page.locator(".flame-chart .barlayer .point").count()


def labels(page: Page) -> list[str]:
    return page.locator(".flame-chart .scatterlayer text").all_text_contents()


def test_every_call_that_can_be_seen_is_drawn(mixed: tuple[Page, Profile]) -> None:
    page, profile = mixed
    width = page.evaluate("document.querySelector('.flame-chart').clientWidth")
    layout = flame_layout(profile)
    seen = layout["total"] >= profile.weight / width
    assert bars(page) == int(seen.sum()) + 1  # and the focus itself
    texts = labels(page)
    assert texts[:2] == ["focus", "-[MLModel predictionFromFeatures:error:]"]
    assert ANE_CALL in texts


@pytest.mark.parametrize(
    "name", ["legacy-nn-ane.xcode16.4.xml.gz", "mlprogram-split.xcode27.xml.gz", "cpu-only.xcode16.4.xml.gz"]
)
def test_the_script_lays_out_the_tree_as_python_does(opened: OPEN, name: str) -> None:
    analysis = sample(name)
    page = opened(report_of(open_trace(SAMPLES / name).profile()))
    tree: dict[str, Any] = page.evaluate(
        """async () => {
            const tree = layOut(await unpack(document.getElementById("profile").textContent));
            const lists = ["depth", "parent", "x0", "total", "self", "count", "engine"];
            return { scale: tree.scale, ...Object.fromEntries(lists.map((key) => [key, [...tree[key]]])) };
        }"""
    )
    layout = flame_layout(analysis.focused)
    for column in ("x0", "total", "self"):
        assert [value * tree["scale"] for value in tree[column][1:]] == layout[column].tolist()
    assert tree["count"][1:] == layout["count"].tolist()
    assert tree["depth"][1:] == (layout["depth"] + 1).tolist()
    assert tree["parent"][1:] == (layout["parent"] + 1).tolist()
    assert [ENGINES[code] for code in tree["engine"][1:]] == [ENGINES[code] for code in layout["engine"]]
    assert tree["total"][0] * tree["scale"] == analysis.focused.weight


def test_the_script_writes_numbers_as_python_does(mixed: tuple[Page, Profile]) -> None:
    page, _ = mixed
    weights = [0, 1, 999, 1000, 1250, 1350, 1_150_000, 1_250_000, 1_750_000, 999_950_000, 1_062_500_000, 61_234_567_890]
    for unit in ("ns", "cycles", "events", "samples"):
        written = page.evaluate("([weights, unit]) => weights.map((w) => weightText(w, unit))", [weights, unit])
        assert written == [weight_text(weight, unit) for weight in weights]
    shares = [0, 0.0001, 0.00049, 0.0005, 0.00125, 0.00375, 0.0115, 0.123456, 0.5, 1]
    assert page.evaluate("(shares) => shares.map(shareText)", shares) == [share_text(share) for share in shares]


def test_the_tooltip_tells_a_call_in_full(mixed: tuple[Page, Profile]) -> None:
    page, profile = mixed
    assert hover(page, place_of(page, profile, ANE_CALL)) == [
        *(ANE_CALL, "Espresso"),
        *("Total", "47.0 ms", "Self", "7.0 ms", "Samples", "2", "Share of focus", share_text(47e6 / profile.weight)),
        *("driving ANE", "47.0 ms"),
    ]
    page.mouse.move(5, 5)
    expect(page.locator(".tooltip")).to_be_hidden()


def test_a_click_zooms_and_reset_restores(mixed: tuple[Page, Profile]) -> None:
    page, profile = mixed
    before, at_first = bars(page), labels(page)
    reset = page.get_by_role("button", name="Reset zoom")
    expect(reset).to_be_disabled()
    hover(page, place_of(page, profile, CPU_CALL))
    page.mouse.click(*place_of(page, profile, CPU_CALL))
    expect(page.locator(".zoom-name")).to_have_text(CPU_CALL)
    whole = profile.weight
    expect(page.locator(".zoom-amount")).to_have_text(f"11.0 ms · {share_text(11e6 / whole)} of focus")
    assert ANE_CALL not in labels(page)
    assert labels(page)[:3] == ["focus", "-[MLModel predictionFromFeatures:error:]", CPU_CALL]
    inner = hover(page, place_of(page, profile, "BNNSGraphContextExecute_v2", zoom=CPU_CALL))
    assert inner[inner.index("Share of focus") + 1] == share_text(9e6 / whole)
    assert inner[inner.index("Share of zoom") + 1] == share_text(9 / 11)
    reset.click()
    expect(page.locator(".zoom-amount")).to_have_text(weight_text(whole, "ns"))
    assert (bars(page), labels(page)) == (before, at_first)


def test_a_click_on_a_call_above_zooms_out_to_it(mixed: tuple[Page, Profile]) -> None:
    page, profile = mixed
    page.mouse.click(*place_of(page, profile, CPU_CALL))
    expect(page.locator(".zoom-name")).to_have_text(CPU_CALL)
    box = chart_box(page)
    page.mouse.click(box["x"] + box["width"] - 30, box["y"] + 0.5 * ROW)
    expect(page.locator(".zoom-name")).to_have_text("focus")


def test_hostile_names_are_shown_as_text(opened: OPEN) -> None:
    profile = hostile_profile(HOSTILE)
    page = opened(report_of(profile))
    page.on("dialog", lambda dialog: pytest.fail(f"a script of the trace ran: {dialog.message}"))
    focused = analyze_profile(profile).focused
    assert {*HOSTILE[:3], "\\u{202e}gpj.exe", "a\\u{1b}[31mb"} <= set(labels(page))
    assert hover(page, place_of(page, focused, HOSTILE[0]))[:2] == [HOSTILE[0], "Espresso"]
    assert hover(page, place_of(page, focused, f"{HOSTILE[1]}1"))[:2] == [f"{HOSTILE[1]}1", HOSTILE[1]]
    page.mouse.click(*place_of(page, focused, HOSTILE[2]))
    expect(page.locator(".zoom-name")).to_have_text(HOSTILE[2])
    assert page.locator("img, b").count() == 0


def test_symbols_sort_by_the_column_that_is_pressed(mixed: tuple[Page, Profile]) -> None:
    page, _ = mixed
    rows = page.locator("table.symbols tbody tr")

    def numbers(column: int) -> list[float]:
        return [float(str(cell.get_attribute("data-value"))) for cell in rows.locator(f"td:nth-child({column})").all()]

    assert numbers(2) == sorted(numbers(2), reverse=True)
    page.get_by_role("button", name="Total", exact=True).click()
    assert numbers(4) == sorted(numbers(4), reverse=True)
    expect(page.locator("table.symbols th[aria-sort]")).to_have_text("Total")
    page.get_by_role("button", name="Total", exact=True).click()
    assert numbers(4) == sorted(numbers(4))
    page.get_by_role("button", name="Symbol", exact=True).click()
    assert rows.first.inner_text().startswith("-[_ANEClient")


def test_the_flame_graph_follows_the_width_of_the_window(mixed: tuple[Page, Profile]) -> None:
    page, _ = mixed
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_function(
        "document.querySelector('.flame-chart .main-svg').clientWidth"
        " === document.querySelector('.flame-chart').clientWidth"
    )
    assert page.evaluate("document.querySelector('.flame-chart').clientWidth") < 700


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("name", ["mlprogram-split.xcode27.xml.gz", "no-prediction.xcode27.xml.gz"])
def test_a_look(opened: OPEN, page: Page, screenshots: Path, name: str, scheme: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    opened(report_of(open_trace(SAMPLES / name).profile()))
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    page.screenshot(path=screenshots / f"report-{name.split('.')[0]}-{scheme}-{width}.png", full_page=True)


def test_without_a_prediction_the_whole_profile_is_drawn(opened: OPEN) -> None:
    page = opened(render(analysed(NO_PREDICTION), PROVENANCE))
    assert labels(page)[:3] == ["whole profile", "start", "main"]


def test_a_change_of_the_colour_scheme_redraws(mixed: tuple[Page, Profile]) -> None:
    page, profile = mixed
    page.mouse.click(*place_of(page, profile, CPU_CALL))
    expect(page.locator(".zoom-name")).to_have_text(CPU_CALL)
    first = page.locator(".flame-chart .barlayer .point path").first
    light = first.evaluate("element => element.style.fill")
    page.emulate_media(color_scheme="dark")
    expect(first).not_to_have_css("fill", light)
