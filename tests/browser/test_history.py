"""The page of a batch's trends in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reports import open_text
from tests.report.test_history import RESULTS
from tracekit.report.history import history_page

pytestmark = pytest.mark.browser


def test_it_has_a_heading_a_picture_and_a_table_in_light_and_in_dark(page: Page) -> None:
    open_text(page, history_page(RESULTS))
    expect(page.get_by_role("heading", level=1)).to_have_text("History of 5 recordings")
    expect(page.locator(".groups tbody tr")).to_have_count(4)
    lines = page.locator("#history .scatterlayer .trace")
    expect(lines).to_have_count(4)  # two dated groups, each in both pictures
    inks = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        ink = page.evaluate("getComputedStyle(document.body).color")
        page.wait_for_function(
            "(ink) => getComputedStyle(document.querySelector('#history .ytick text')).fill === ink",
            arg=ink,
        )
        inks.append(ink)
    assert inks[0] != inks[1]
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("() => document.documentElement.scrollWidth <= 390")
