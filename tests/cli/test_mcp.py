"""``tracekit mcp``: how it starts; a session is held in tests/agents."""

import sys

import pytest

from tests.cli.conftest import Tracekit
from tests.cli.inputs import SAMPLE, SAMPLES


def test_without_mcp_the_line_that_installs_it_is_said(tracekit: Tracekit, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    done = tracekit("mcp", SAMPLES)
    assert done == (1, "", "tracekit: an agent's server needs mcp. pip install 'tracekit-ane[mcp]'.\n")


def test_what_is_no_folder_is_refused(tracekit: Tracekit) -> None:
    assert tracekit("mcp", SAMPLE) == (1, "", f"tracekit: {SAMPLE}: is no folder.\n")
    assert tracekit("mcp").code == 2
