"""Where the page gets Plotly's script, and what it is without."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.report.html.pages import MIXED, PROVENANCE, analysed
from tracekit.report.html.page import PLOTLY_FILE, plotly_script
from tracekit.report.html.report import render

pytestmark = pytest.mark.browser


@pytest.fixture
def bare(context: BrowserContext) -> Iterator[Page]:
    """A page that may ask for something, and may fail to get it."""
    page = context.new_page()
    yield page
    page.close()


def test_from_a_file_beside_the_page(page: Page, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(render(analysed(MIXED), PROVENANCE, plotlyjs="file"), "utf-8")
    (tmp_path / PLOTLY_FILE).write_text(plotly_script(), "utf-8")
    page.goto((tmp_path / "report.html").as_uri())
    page.wait_for_selector(".is-ready")


def test_from_plotlys_server_and_only_the_very_script(bare: Page, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(render(analysed(MIXED), PROVENANCE, plotlyjs="cdn"), "utf-8")
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        headers = {"access-control-allow-origin": "*", "content-type": "text/javascript; charset=utf-8"}
        route.fulfill(body=plotly_script() + ("" if len(asked) == 1 else ";alert(1)"), headers=headers)

    bare.route(re.compile("^https:"), answer)
    bare.goto((tmp_path / "report.html").as_uri())
    bare.wait_for_selector(".is-ready")
    assert len(asked) == 1
    assert asked[0].startswith("https://cdn.plot.ly/plotly-")
    bare.reload()
    expect(bare.locator("#flame .needs-plotly")).to_be_visible()


def test_without_plotly_the_page_says_what_is_missing(bare: Page, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(render(analysed(MIXED), PROVENANCE, plotlyjs="file"), "utf-8")
    bare.goto((tmp_path / "report.html").as_uri())
    expect(bare.locator("#flame .needs-plotly")).to_have_text(
        "Plotly's script did not load, so there is no flame graph. The tables below need none."
    )
    expect(bare.locator("table.symbols tbody tr")).to_have_count(7)
