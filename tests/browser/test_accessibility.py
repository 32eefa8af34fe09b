"""No serious violation that axe-core knows, of the whole page, in light and in dark, wide and on a phone."""

import os
import shutil
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.reports import open_text, plain, settled
from tests.report.html.comparisons import compare
from tests.report.html.pages import MIXED, PROVENANCE, analysed, timed
from tests.report.html.sweeps import swept
from tests.report.test_history import RESULTS
from tests.support.samples import analysis_of
from tracekit.report.history import history_page
from tracekit.report.html.report import render

pytestmark = pytest.mark.browser

AXE = "4.14.1"
CACHE = Path(__file__).parents[2] / "build" / "npm"
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core's script, installed once by npm."""
    script = CACHE / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file() or f"axe v{AXE} " not in script.read_text("utf-8")[:200]:
        npm = shutil.which("npm")
        if npm is None:
            missing("there is no npm, which brings axe-core")
        CACHE.mkdir(parents=True, exist_ok=True)
        argv = [str(npm), "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(CACHE), f"axe-core@{AXE}"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            missing(f"npm could not install axe-core {AXE}: {done.stderr[-400:]}")
    return script.read_text("utf-8")


def missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


PAGES: dict[str, Callable[[], str]] = {
    "timed": lambda: render(timed(), PROVENANCE),
    "mixed": lambda: render(analysed(MIXED), PROVENANCE),
    "operations": lambda: render(analysis_of("ane-with-cpu-fallback.trace.zip"), PROVENANCE),
    "comparison": lambda: compare(analysis_of("all-ane.trace.zip"), analysis_of("gpu.trace.zip")).page,
    "sweep": swept,
    "history": lambda: history_page(RESULTS),
}


@pytest.fixture(scope="module", params=PAGES)
def report(request: pytest.FixtureRequest, shared_page: Page, axe: str) -> Page:
    page = open_text(shared_page, PAGES[request.param]())
    page.evaluate(axe)  # by the debugger, so that the page's policy does not forbid it
    return page


@pytest.mark.parametrize(
    "scheme, width, forced", [("light", 1440, "none"), ("light", 1024, "active"), ("dark", 390, "none")]
)
def test_axe_finds_nothing_serious(report: Page, scheme: Any, width: int, forced: Any) -> None:
    report.set_viewport_size({"width": width, "height": 900})
    report.emulate_media(color_scheme=scheme, forced_colors=forced)
    settled(report)
    assert violations(report, "document") == []
    if report.locator("#flame").count():
        report.evaluate("tracekit.viewer.set({ colour: 'phase', search: 'E5RT', zoom: 1 })")
        assert violations(report, REDRAWN) == []
        report.evaluate("document.querySelector('dialog').showModal()")
        assert violations(report, "'dialog[open]'") == []
        report.evaluate("document.querySelector('dialog').close()")
        plain(report)


REDRAWN = "{ include: [...document.querySelectorAll('section:has(> #flame), section:has(> #operations)')] }"
"""The parts of the page that change with the view of the flame graph."""


def violations(page: Page, part: str) -> list[str]:
    result: dict[str, Any] = page.evaluate(f"axe.run({part}, {{ resultTypes: ['violations'] }})")
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']][:3]}"
        for each in result["violations"]
        if each["impact"] in SERIOUS
    ]


def test_headings_go_down_a_level_at_a_time(report: Page) -> None:
    levels = report.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_everything_is_reached_by_the_tab_key(shared_page: Page) -> None:
    page = open_text(shared_page, PAGES["timed"]())
    page.set_viewport_size({"width": 1280, "height": 900})
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className || document.activeElement.textContent"))
    for control in ("chart", "colour", "thread", "search", "copy-stack", "save", "help", "flame-chart"):
        assert any(control in each.split() for each in reached), control
