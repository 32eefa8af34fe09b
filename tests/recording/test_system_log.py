"""The target's log: the command, and what is kept of the answer."""

from pathlib import Path

import pytest

from tracekit.model.facts import Facts
from tracekit.recording.runner import SystemRunner
from tracekit.recording.system_log import collect, command

FACTS = Facts(pid=42, start_date="2026-01-20T17:44:51.900+01:00", end_date="2026-01-20T17:44:52.162+01:00")


def tool(folder: Path, script: str) -> str:
    path = folder / "log"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_whole_of_the_recording_is_asked_for() -> None:
    assert command(FACTS) == (
        *("/usr/bin/log", "show", "--style", "ndjson", "--info", "--debug"),
        *("--start", "2026-01-20 16:44:51+0000", "--end", "2026-01-20 16:44:53+0000"),
        *("--predicate", "processID == 42"),
    )


@pytest.mark.parametrize("facts", [Facts(pid=1), Facts(start_date="x", end_date="y", pid=1)])
def test_what_is_not_known_is_not_asked(facts: Facts) -> None:
    assert command(facts) is None


def test_only_messages_are_kept(tmp_path: Path) -> None:
    lines = '{"eventMessage":"one"}\\n{"count":1,"finished":1}'
    output = tmp_path / "run.log.ndjson"
    assert collect(SystemRunner(), FACTS, output, tool(tmp_path, f"printf '{lines}\\n'")) is None
    assert output.read_text() == '{"eventMessage":"one"}\n'


def test_nothing_logged_leaves_no_file(tmp_path: Path) -> None:
    output = tmp_path / "run.log.ndjson"
    assert collect(SystemRunner(), FACTS, output, tool(tmp_path, "echo '{\"finished\":1}'")) is None
    assert collect(SystemRunner(), FACTS, output, str(tmp_path / "none")) is None
    refused = tool(tmp_path, "echo 'log: Could not open local log store: Operation not permitted' >&2; exit 64")
    assert "Operation not permitted" in (collect(SystemRunner(), FACTS, output, refused) or "")
    assert not output.exists()
