"""What is converted for speedscope, in speedscope itself: the viewer of its npm package, offline."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.browser.conftest import LOCAL
from tests.report.viewers import recordings
from tests.report.viewers.recordings import BUNDLES, analysed, engines
from tests.support.tools import package
from tracekit.analysis.analyze import Analysis
from tracekit.report.viewers.shared import thread_title, threads_of
from tracekit.report.viewers.speedscope import speedscope

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The viewer's page."""
    return package("speedscope-1.25.0", tmp_path_factory.mktemp("speedscope")) / "dist" / "release" / "index.html"


@pytest.fixture
def window(context: BrowserContext) -> Iterator[Page]:
    """A page of its own: the viewer draws with WebGL, and Chromium warns about that on a machine without a GPU."""
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"uncaught: {error}"))
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    page.on("request", stay_here)
    yield page
    page.close()


def stay_here(request: Request) -> None:
    if not request.url.startswith(LOCAL):
        pytest.fail(f"request to {request.url}")


def opened(page: Page, viewer: Path, folder: Path, file: bytes, view: str) -> Page:
    """The viewer with a file, as speedscope's own command opens it."""
    script = folder / "profile.js"
    arguments = f'"run.speedscope.json", {json.dumps(base64.b64encode(file).decode())}'
    script.write_text(f"speedscope.loadFileFromBase64({arguments})")
    page.goto(f"{viewer.as_uri()}#localProfilePath={str(script).lstrip('/')}&view={view}")
    return page


def nanoseconds(shown: str) -> float:
    """``132.00ms``, as speedscope writes a time."""
    match = re.match(r"([\d.]+)(ns|µs|ms|s)\b", shown)
    assert match is not None, shown
    return float(match[1]) * {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}[match[2]]


def totals_shown(page: Page) -> dict[str, float]:
    """The total of every function in the table of the sandwich view."""
    page.set_viewport_size({"width": 1280, "height": 12_000})  # only rows that can be seen are there
    expect(page.locator("table tr").nth(1)).to_be_visible()
    steady(page, "document.querySelectorAll('table tr').length")
    rows = page.locator("table tr").evaluate_all("(rows) => rows.map((row) => [...row.cells].map((c) => c.innerText))")
    return {name.strip(): nanoseconds(total.strip()) for total, _, name in rows[1:]}


def steady(page: Page, number: str) -> None:
    """Wait until a number of the page has been the same for ten frames."""
    page.evaluate(
        f"""async () => {{
            for (let before = NaN, same = 0; same < 10; same = {number} === before ? same + 1 : 0) {{
                before = {number};
                await new Promise((done) => requestAnimationFrame(done));
            }}
        }}"""
    )


@pytest.mark.parametrize("name", BUNDLES)
def test_threads_and_totals_are_those_of_tracekit(
    window: Page, viewer: Path, tmp_path: Path, screenshots: Path, name: str
) -> None:
    analysis = analysed(name)
    page = opened(window, viewer, tmp_path, speedscope(analysis), "sandwich")
    threads = threads_of(analysis.focused)
    title = thread_title(analysis.focused, threads[0].thread)
    count = f" (1/{len(threads)})" if len(threads) > 1 else ""
    expect(page.get_by_text(f"{title}{count}")).to_be_visible()
    found = totals_shown(page)
    for engine, weight in of_heaviest_thread(analysis).items():
        assert found[engine] == pytest.approx(weight, rel=0.005)  # three digits are shown
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("about:blank")
    opened(page, viewer, tmp_path, speedscope(analysis), "left-heavy")
    expect(page.get_by_text(f"{title}{count}")).to_be_visible()
    page.wait_for_timeout(500)  # a canvas tells nobody when it is drawn
    page.screenshot(path=screenshots / f"speedscope-{name.partition('.')[0]}.png")


def of_heaviest_thread(analysis: Analysis) -> dict[str, int]:
    samples = analysis.focused.samples
    rows = threads_of(analysis.focused)[0].rows
    return engines(recordings.whole_of(analysis, samples.take(rows)))


def test_hostile_names_are_text(window: Page, viewer: Path, tmp_path: Path) -> None:
    page = opened(window, viewer, tmp_path, speedscope(recordings.hostile()), "sandwich")
    expect(page.get_by_role("cell", name="<img src=x onerror=alert(1)>", exact=True)).to_be_visible()
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(
    "make, title",
    [
        (recordings.without_samples, "no samples"),
        (recordings.without_times, "unnamed · 0"),
        (recordings.without_threads, "no thread"),
    ],
)
def test_sparse_profiles_open(
    window: Page, viewer: Path, tmp_path: Path, make: Callable[[], Analysis], title: str
) -> None:
    page = opened(window, viewer, tmp_path, speedscope(make()), "time-ordered")
    expect(page.get_by_text(title)).to_be_visible()
