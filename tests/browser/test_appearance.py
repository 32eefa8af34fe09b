"""What eyes and screens ask of the page: forced colours, a palette, and that what is pressed can be read."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reports import boxes, chart_box, open_text, plain
from tests.report.html.pages import PROVENANCE, timed
from tests.report.test_palette import contrast
from tracekit.report.html.report import render
from tracekit.report.palette import LIGHT, SAFE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(shared_page: Page) -> Page:
    return open_text(shared_page, render(timed(), PROVENANCE))


@pytest.fixture
def page(opened: Page) -> Page:
    plain(opened)
    return opened


def colours(page: Page, selector: str, *, part: str = "") -> dict[str, str]:
    """Ink and ground of an element as they are computed, as #rrggbb."""
    found: dict[str, str] = page.evaluate(
        """([selector, part]) => {
            const style = getComputedStyle(document.querySelector(selector), part || null);
            const hex = (colour) => "#" + colour.match(/\\d+/g).slice(0, 3)
                .map((level) => Number(level).toString(16).padStart(2, "0")).join("");
            return { ink: hex(style.color), ground: hex(style.backgroundColor) };
        }""",
        [selector, part],
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_pressed_button_can_be_read_under_the_pointer(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    for selector in ("[data-view=callers]", "[data-flame='']"):
        for act in (page.hover, page.focus):
            act(selector)
            found = colours(page, selector)
            assert contrast(found["ink"], found["ground"]) >= 4.5, (selector, found)
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_those_that_mean_something(page: Page, scheme: Any) -> None:
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    ground = colours(page, "body")["ground"]
    for selector in (".stack .engine-ANE", ".bar .engine-CPU"):
        assert colours(page, selector)["ground"] not in (ground, "#000000", "#ffffff")
    assert colours(page, ".engines .swatch", part="::before")["ground"] == LIGHT["ANE"]
    pressed, other = colours(page, "[data-view=callers]"), colours(page, "[data-view=inverted]")
    assert pressed["ground"] != other["ground"]
    page.emulate_media(forced_colors="none", color_scheme="light")


def test_a_palette_is_chosen_for_the_whole_page_and_remembered(page: Page) -> None:
    ane = next(box["node"] for box in boxes(page) if "Ane" in box["name"])
    assert page.evaluate("(node) => tracekit.viewer.paint.of(tracekit.viewer.tree, node).colour", ane) == LIGHT["ANE"]
    page.get_by_label("Palette").select_option("colour-blind safe")
    page.wait_for_function("(colour) => tracekit.viewer.paint.engines.includes(colour)", arg=SAFE["ANE"])
    assert colours(page, ".engines .swatch", part="::before")["ground"] == SAFE["ANE"]
    for chart in ("#timeline-chart", "#latency-chart"):
        assert SAFE["CPU"] in page.locator(f"{chart} .shapelayer path").evaluate_all(
            """(all) => all.map((each) => "#" + each.style.fill.match(/\\d+/g).slice(0, 3)
                .map((level) => Number(level).toString(16).padStart(2, "0")).join(""))"""
        )
    page.reload()
    page.wait_for_selector(".is-ready")
    expect(page.get_by_label("Palette")).to_have_value("safe")
    page.get_by_label("Palette").select_option("standard")


def test_a_tooltip_goes_when_the_page_is_scrolled(page: Page) -> None:
    box = chart_box(page)
    page.mouse.move(box["x"] + 20, box["y"] + 30)
    expect(page.locator("#flame .tooltip")).to_be_visible()
    page.evaluate("scrollBy(0, 40)")
    expect(page.locator("#flame .tooltip")).to_be_hidden()


def test_time_order_leaves_no_filter_behind(page: Page) -> None:
    whole = boxes(page)
    page.get_by_role("button", name="Time order").click()
    expect(page.locator(".thread")).to_have_value("0")
    page.get_by_role("button", name="Left-heavy").click()
    expect(page.locator(".thread")).to_have_value("-1")
    assert boxes(page) == whole
    page.locator(".thread").select_option("Other · 2")
    page.get_by_role("button", name="Time order").click()
    page.get_by_role("button", name="Left-heavy").click()
    expect(page.locator(".thread")).to_have_value("1")  # it was chosen
