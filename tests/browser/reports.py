"""Reports in a browser: opening them, and where things are in them."""

import atexit
from collections.abc import Callable
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from playwright.sync_api import Page, expect

from tests.report.plain import placed
from tracekit.model.profile import Profile

SAMPLES = Path(__file__).parents[2] / "sample_traces"
ROW = 20
Open = Callable[[str], Page]


_MAIN_ENDS = "</main>\n"
_LINES = 20_000
"""More than any report has before its scripts."""


def open_text(page: Page, text: str, fragment: str = "") -> Page:
    """The text of a report as a page, drawn.

    Most of the work of opening a report is to compile Plotly's script. Chromium does that once for all pages that
    have it on the same line of the same address; so every tab has one address, and blank lines before the scripts.
    """
    assert page.context.browser is not None
    tabs = [tab for context in page.context.browser.contexts for tab in context.pages]
    file = _folder() / f"report-{tabs.index(page)}.html"
    content, end, scripts = text.partition(_MAIN_ENDS)
    file.write_text(content + end + "\n" * (_LINES - content.count("\n")) + scripts, encoding="utf-8")
    if fragment:
        page.goto("about:blank")  # to another fragment of the same address, nothing would be loaded
    page.goto(file.as_uri() + fragment)
    page.wait_for_selector(".is-ready")
    return page


@cache
def _folder() -> Path:
    """Where the reports are that are open."""
    folder = mkdtemp(prefix="tracekit-reports-")
    atexit.register(rmtree, folder)
    return Path(folder)


def plain(page: Page) -> None:
    """As the page was when it was opened."""
    page.evaluate("tracekit.viewer.set(plainState(tracekit.viewer.profile))")
    page.evaluate("document.activeElement.blur()")


def settled(page: Page) -> None:
    """Wait until the charts have followed the window, and are painted."""
    page.wait_for_function(
        """() => [...document.querySelectorAll(".js-plotly-plot")].every(
            (chart) => chart.querySelector(".main-svg").clientWidth === chart.clientWidth)"""
    )
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")


def chart_box(page: Page) -> Any:
    """Where the flame graph is in the window, scrolled into it."""
    page.evaluate(
        """async () => {
            document.querySelector(".flame-chart").scrollIntoView();
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));  // scrolling hides tooltips
        }"""
    )
    return page.locator(".flame-chart").bounding_box()


def place_of(page: Page, profile: Profile, symbol: str, zoom: str = "") -> tuple[float, float]:
    """Where the middle of the one call of a symbol is in the window; ``zoom`` is the symbol zoomed to."""
    calls = {path[-1][0]: call for path, call in placed(profile).items()}
    whole = calls[zoom] if zoom else {"x0": 0, "total": profile.weight}
    box = chart_box(page)
    middle = (calls[symbol]["x0"] + calls[symbol]["total"] / 2 - whole["x0"]) / whole["total"]
    return box["x"] + middle * box["width"], box["y"] + (calls[symbol]["depth"] + 1.5) * ROW


def hover(page: Page, place: tuple[float, float]) -> list[str]:
    """The lines of the flame graph's tooltip there."""
    page.mouse.move(place[0] - 3, place[1])
    page.mouse.move(*place)
    tooltip = page.locator("#flame .tooltip")
    expect(tooltip).to_be_visible()
    return tooltip.inner_text().split("\n")


def labels(page: Page) -> list[str]:
    """The names that are written in the flame graph."""
    return page.locator(".flame-chart .scatterlayer text").all_text_contents()


def boxes(page: Page) -> list[dict[str, Any]]:
    """The calls that are drawn: name, row, left, width, colour."""
    found: list[dict[str, Any]] = page.evaluate(
        """() => {
            const { flame, tree, paint } = tracekit.viewer;
            return flame.boxes.map(({ node, left, width, top }) => ({
                ...{ node, name: tracekit.viewer.nameOf(node), row: top / ROW, left, width },
                colour: paint.of(tree, node).colour,
                total: tree.amounts.weight[node] * tracekit.viewer.profile.scale,
            }));
        }"""
    )
    return found
