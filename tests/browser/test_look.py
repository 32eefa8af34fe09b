"""Screenshots of whole reports, to be looked at; and that nothing scrolls sideways or is cut in print."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.reports import SAMPLES, open_text
from tracekit import api
from tracekit.report.html import render
from tracekit.report.layout import Provenance

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["all-ane", "mlprogram-split.xcode27.xml.gz", "no-prediction.xcode27.xml.gz"])
def report(
    request: pytest.FixtureRequest, shared_page: Page, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Page]:
    analysis = api.analyze(SAMPLES / request.param)
    provenance = Provenance.of(analysis.profile.meta, command="tracekit report", tracekit_version="0.1.0")
    folder = tmp_path_factory.mktemp("look")
    return request.param.split(".")[0], open_text(shared_page, folder, render(analysis, provenance))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_a_look(report: tuple[str, Page], screenshots: Path, scheme: Any, width: int) -> None:
    name, page = report
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    page.screenshot(path=screenshots / f"report-{name}-{scheme}-{width}.png", full_page=True)


def test_in_print_the_controls_are_gone(report: tuple[str, Page], screenshots: Path) -> None:
    name, page = report
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size({"width": 1000, "height": 900})
    assert page.locator("nav, .toolbar").evaluate_all("(all) => all.every((each) => !each.checkVisibility())")
    page.pdf(path=screenshots / f"report-{name}.pdf", print_background=True)
    page.emulate_media(media="screen")
