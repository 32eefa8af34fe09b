"""What the system logged of a recorded process: ``log show``, as one JSON object a line.

The Neural Engine's requests are logged in the process that makes them, which its interval table does not name. The log
may hold anything a program wrote, so it stays beside the recording and goes into no zip.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tracekit.errors import RecordingError
from tracekit.model.facts import Facts
from tracekit.recording.runner import Runner

TOOL: Final = "/usr/bin/log"
WITHIN_S: Final = 120.0


def command(facts: Facts, tool: str = TOOL) -> tuple[str, ...] | None:
    """The command that reads the log of the recorded process over the recording; None where either is not known."""
    if facts.pid is None or facts.start_date is None or facts.end_date is None:
        return None
    try:
        start, end = (datetime.fromisoformat(date) for date in (facts.start_date, facts.end_date))
    except ValueError:
        return None
    return (
        *(tool, "show", "--style", "ndjson", "--info", "--debug"),
        *("--start", _second(start), "--end", _second(end + timedelta(seconds=1))),
        *("--predicate", f"processID == {facts.pid}"),
    )


def collect(runner: Runner, facts: Facts, output: Path, tool: str = TOOL) -> str | None:
    """Write the log, where there is one. Why not, where it could not be read; None where all is well, or where this
    machine has no such tool.
    """
    asked = command(facts, tool)
    if asked is None or not Path(tool).exists():
        return None
    try:
        answer = runner.ask(asked, within_s=WITHIN_S)
    except RecordingError as error:
        return error.what
    lines = [line for line in answer.out.splitlines(keepends=True) if '"eventMessage"' in line]
    if answer.code != 0:
        return (answer.err.strip().splitlines() or [f"it ended with code {answer.code}"])[-1]
    if lines:
        output.write_text("".join(lines), "utf-8")
    return None


def _second(time: datetime) -> str:
    """A time as ``log`` takes it."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+0000")
