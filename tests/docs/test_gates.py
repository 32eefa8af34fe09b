"""The gates that the documentation shows fail the recording with CPU fallback and pass the one that was fixed."""

import re
import shlex

import pytest
from typer.testing import CliRunner

from tests.docs.pages import ROOT, markdown_of
from tests.docs.test_outputs import shown
from tracekit.cli.app import app

BAD, GOOD = (f"sample_traces/{name}.trace.zip" for name in ("ane-with-cpu-fallback", "all-ane"))
PAGES = ("README.md", "docs/ci.md")


def gates_of(page: str) -> set[str]:
    """The options of each ``tracekit check`` that a page runs on a sample."""
    commands = [each.command for each in shown(markdown_of(ROOT / page), page)]
    return {found[1] for command in commands if (found := re.fullmatch(r"tracekit check \S+ (.+)", command))}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("recording,code", [(BAD, 3), (GOOD, 0)])
def test_gates_of_a_page_tell_bad_from_good(
    page: str, recording: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert gates_of(page)
    for options in gates_of(page):
        assert CliRunner().invoke(app, ["check", recording, *shlex.split(options)]).exit_code == code, options


def test_gates_of_the_workflow_tell_bad_from_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """``ci.yml`` runs the action on both, with gates of its own."""
    monkeypatch.chdir(ROOT)
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    steps = re.findall(r"trace: (\S+)\n\s+gates: (.+)", workflow)
    codes = {CliRunner().invoke(app, ["check", trace, *options.split()]).exit_code: trace for trace, options in steps}
    assert codes == {0: GOOD, 3: BAD}
