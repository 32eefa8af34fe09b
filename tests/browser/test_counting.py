"""What widths are of: CPU time, and only when asked the time of blocked threads, too; and which colours come first."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reports import open_text
from tests.report.html.pages import NO_PREDICTION, PROVENANCE
from tests.support.profiles import profile_from_text
from tests.support.samples import analysis_of
from tracekit.analysis.analyze import analyze_profile
from tracekit.report.html.report import render

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def blocked() -> str:
    return render(analysis_of("ane-with-cpu-fallback.trace.zip"), PROVENANCE)


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_blocked_threads_count_only_when_asked(shared_page: Page, blocked: str, width: int) -> None:
    shared_page.set_viewport_size({"width": width, "height": 900})
    page = open_text(shared_page, blocked)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator(".zoom-amount")).to_have_text("511.0 ms")
    page.select_option(".waits", "blocked")
    expect(page.locator(".zoom-amount")).to_have_text("963.0 ms")
    assert "waiting=1" in page.evaluate("location.hash")
    page.reload()
    page.wait_for_selector(".is-ready")
    expect(page.locator(".zoom-amount")).to_have_text("963.0 ms")
    page.select_option(".waits", "running")
    expect(page.locator(".zoom-amount")).to_have_text("511.0 ms")


def test_where_only_threads_that_ran_were_recorded_there_is_no_choice(shared_page: Page) -> None:
    page = open_text(shared_page, render(analyze_profile(profile_from_text(NO_PREDICTION)), PROVENANCE))
    expect(page.locator(".waits")).to_be_hidden()


def test_where_no_engine_is_seen_colours_are_of_images(shared_page: Page, blocked: str) -> None:
    page = open_text(shared_page, render(analyze_profile(profile_from_text(NO_PREDICTION)), PROVENANCE))
    expect(page.locator(".colour")).to_have_value("image")
    page = open_text(shared_page, blocked)
    expect(page.locator(".colour")).to_have_value("engine")
