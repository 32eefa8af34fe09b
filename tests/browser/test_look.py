"""Screenshots of whole reports, to be looked at; and that nothing scrolls sideways or is cut in print."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.reports import open_text, settled
from tests.report.html.comparisons import compare
from tests.report.html.sweeps import swept
from tests.support.samples import analysis_of
from tracekit.report.html.report import render
from tracekit.report.layout import Provenance

pytestmark = pytest.mark.browser


def one(name: str) -> str:
    """The report of a sample."""
    analysis = analysis_of(name)
    return render(analysis, Provenance.of(analysis.profile.meta, command="tracekit report", tracekit_version="0.1.0"))


def two(before: str, after: str) -> str:
    """The comparison of two samples."""
    return compare(*(analysis_of(f"{name}.trace.zip") for name in (before, after))).page


PAGES: dict[str, Callable[[], str]] = {
    "all-ane": partial(one, "all-ane.trace.zip"),
    "mlprogram-split": partial(one, "mlprogram-split.xcode27.xml.gz"),
    "no-prediction": partial(one, "no-prediction.xcode27.xml.gz"),
    "two-processes": partial(one, "everyday/two-processes.zip"),
    "to-cpu-fallback": partial(two, "all-ane", "ane-with-cpu-fallback"),
    "to-gpu": partial(two, "all-ane", "gpu"),
    "to-itself": partial(two, "all-ane", "all-ane"),
    "sweep": swept,
}


@pytest.fixture(scope="module", params=PAGES)
def report(request: pytest.FixtureRequest, shared_page: Page) -> tuple[str, Page]:
    return request.param, open_text(shared_page, PAGES[request.param]())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_a_look(report: tuple[str, Page], screenshots: Path, scheme: Any, width: int) -> None:
    name, page = report
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    page.screenshot(path=screenshots / f"report-{name}-{scheme}-{width}.png", full_page=True)


def test_in_print_the_controls_are_gone(report: tuple[str, Page], screenshots: Path) -> None:
    name, page = report
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size({"width": 1000, "height": 900})
    assert page.locator("nav, .toolbar").evaluate_all("(all) => all.every((each) => !each.checkVisibility())")
    page.pdf(path=screenshots / f"report-{name}.pdf", print_background=True)
    page.emulate_media(media="screen")
