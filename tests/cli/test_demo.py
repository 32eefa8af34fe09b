"""``tracekit demo --open``, and the site that CI makes of the samples."""

import re
import shlex
import webbrowser
from pathlib import Path

import pytest

from tests.cli.conftest import Tracekit
from tests.cli.inputs import SAMPLES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("has_browser", [True, False])
def test_the_report_is_shown_in_the_browser(
    tracekit: Tracekit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, has_browser: bool
) -> None:
    asked: list[str] = []

    def browse(url: str) -> bool:
        asked.append(url)
        return has_browser

    monkeypatch.setattr(webbrowser, "open", browse)
    page = tmp_path / "a page.html"
    done = tracekit("demo", "--open", "-o", page, "--plotlyjs", "cdn")
    assert done.code == 0
    assert asked == [page.as_uri()]
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert ("no browser was found" in done.err) == (not has_browser)


def test_what_is_on_stdout_cannot_be_shown(tracekit: Tracekit) -> None:
    assert tracekit("demo", "--open", "-o", "-").code == 2


def test_the_site_is_made_by_commands_that_work(
    tracekit: Tracekit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Those of the workflow, but without Plotly's script in the pages."""
    workflow = (ROOT / ".github" / "workflows" / "pages.yml").read_text("utf-8")
    commands = re.findall(r"- run: tracekit (.+)", workflow)
    (tmp_path / "site").mkdir()
    (tmp_path / "sample_traces").symlink_to(SAMPLES)
    monkeypatch.chdir(tmp_path)
    for command in commands:
        assert tracekit(*shlex.split(command), "--plotlyjs", "cdn").code == 0
    pages = {path.name: path.read_text("utf-8") for path in (tmp_path / "site").iterdir()}
    assert set(pages) == {"index.html", "diff.html"}
    assert not any(str(tmp_path) in page for page in pages.values())
