"""Chromium for the tests of pages: one that is installed, never one that is downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"

ON_PATH = ("chromium", "chromium-browser", "google-chrome")
ON_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# There is no GPU on a CI machine. All else that keeps Chromium quiet on a closed network and at home in a
# container (--disable-background-networking, --disable-component-update, --disable-sync, a small /dev/shm,
# a new profile) is among Playwright's own flags.
FLAGS = ("--disable-gpu", "--disable-quic", "--process-per-site")
"""All tabs of a context are in one process, which compiles Plotly's script once (reports.open_text)."""
# A report is one file that loads nothing.
LOCAL = ("about:", "blob:", "data:", "file:")


def find_chromium() -> str | None:
    """The browser to drive: $TRACEKIT_CHROMIUM, else one on PATH, else one among macOS's applications."""
    named = os.environ.get("TRACEKIT_CHROMIUM")
    if named:
        return named
    found = [path for name in ON_PATH if (path := shutil.which(name))]
    return next((path for path in (*found, *ON_MACOS) if Path(path).exists()), None)


# Not for the whole session: Playwright keeps an event loop running in the main thread, and a later test that
# starts its own (asyncio.run) would be refused.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        reason = (
            f"no Chromium: none of {', '.join(ON_PATH)} is on PATH"
            " (apt-get install chromium, or name one in TRACEKIT_CHROMIUM)"
        )
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, chromium_sandbox=False, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def context(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Where the tabs of all tests are; one tab stays open, so that their process stays, and what it compiled."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    empty = tmp_path_factory.mktemp("tab") / "empty.html"
    empty.touch()
    context.new_page().goto(empty.as_uri())
    yield context
    context.close()


@contextmanager
def clean_page(context: BrowserContext) -> Iterator[Page]:
    """A new tab; in the end an error when its page warned, threw or asked for anything but itself."""
    page = context.new_page()
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "trace"):
            problems.append(f"console {message.type}: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith(LOCAL):
            problems.append(f"request to {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"uncaught: {error}"))
    page.on("request", on_request)
    yield page
    page.close()
    if problems:
        pytest.fail("\n".join(["the page is not clean:", *problems]), pytrace=False)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A clean page of a test's own."""
    with clean_page(context) as page:
        yield page


@pytest.fixture(scope="module")
def shared_page(context: BrowserContext) -> Iterator[Page]:
    """A clean page for the tests of a file."""
    with clean_page(context) as page:
        yield page


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder for screenshots, which CI keeps: ``page.screenshot(path=screenshots / "report.png")``."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
