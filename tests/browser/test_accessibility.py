"""No serious violation that axe-core knows, of the whole page, in light and in dark, wide and on a phone."""

import os
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.reports import SAMPLES, open_text, plain
from tests.report.html.comparisons import compare
from tests.report.html.pages import MIXED, PROVENANCE, analysed, timed
from tests.report.html.sweeps import swept
from tests.report.test_history import RESULTS
from tracekit import api
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


@pytest.fixture(scope="module")
def reports(shared_page: Page, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("axe")
    paths = []
    pages = {
        "timed": render(timed(), PROVENANCE),
        "mixed": render(analysed(MIXED), PROVENANCE),
        "operations": render(api.analyze(SAMPLES / "ane-with-cpu-fallback.trace.zip"), PROVENANCE),
        "comparison": compare(*(api.analyze(SAMPLES / f"{name}.trace.zip") for name in ("all-ane", "gpu"))).page,
        "sweep": swept(),
        "history": history_page(RESULTS),
    }
    for name, text in pages.items():
        paths.append(folder / f"{name}.html")
        paths[-1].write_text(text, "utf-8")
    return paths


def test_axe_finds_nothing_serious(shared_page: Page, reports: list[Path], axe: str, tmp_path: Path) -> None:
    page = shared_page
    found: list[str] = []
    for path in reports:
        open_text(page, tmp_path, path.read_text("utf-8"))
        page.evaluate(axe)  # by the debugger, so that the page's policy does not forbid it
        for scheme, width, forced in (("light", 1440, "none"), ("light", 1024, "active"), ("dark", 390, "none")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, forced_colors=forced)  # type: ignore[arg-type]
            page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")  # as it is seen
            acts = ["null"]
            if page.locator("#flame").count():
                acts.append("tracekit.viewer.set({ colour: 'phase', search: 'E5RT', zoom: 1 })")
            for act in acts:
                page.evaluate(f"async () => {{ await {act}; }}")
                found += [f"{path.stem}, {scheme}, {width}: {each}" for each in violations(page)]
            if len(acts) > 1:
                page.evaluate("document.querySelector('dialog').showModal()")
                found += [f"{path.stem}, {scheme}, keys: {each}" for each in violations(page)]
                page.evaluate("document.querySelector('dialog').close()")
                plain(page)
    assert found == []


def violations(page: Page) -> list[str]:
    result: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']][:3]}"
        for each in result["violations"]
        if each["impact"] in SERIOUS
    ]


def test_headings_go_down_a_level_at_a_time(shared_page: Page, reports: list[Path], tmp_path: Path) -> None:
    for path in reports:
        open_text(shared_page, tmp_path, path.read_text("utf-8"))
        levels = shared_page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), path.stem


def test_everything_is_reached_by_the_tab_key(shared_page: Page, reports: list[Path], tmp_path: Path) -> None:
    page = open_text(shared_page, tmp_path, reports[0].read_text("utf-8"))
    page.set_viewport_size({"width": 1280, "height": 900})
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className || document.activeElement.textContent"))
    for control in ("chart", "colour", "thread", "search", "copy-stack", "save", "help", "flame-chart"):
        assert any(control in each.split() for each in reached), control
