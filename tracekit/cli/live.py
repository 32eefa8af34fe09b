"""A recording, looked on from the terminal: stages and progress on stderr."""

import sys
from typing import TYPE_CHECKING

from tracekit.cli.console import note, stderr
from tracekit.recorder import Listener

if TYPE_CHECKING:
    from rich.status import Status

    from tracekit.recording.harness.command import Step
    from tracekit.recording.xctrace.session import Moment

_STOPPING = (
    "Stopping: xctrace saves what it recorded, which can take minutes.",
    "Still saving. Killing xctrace now would leave a recording that nothing opens; "
    "one more Ctrl-C leaves it to finish by itself.",
)


class Live(Listener):
    """Prints stages as lines and, on a terminal, what goes on as a line that changes."""

    def __init__(self) -> None:
        self._status: Status | None = None

    def __enter__(self) -> "Live":
        if sys.stderr.isatty():
            self._status = stderr().status("")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def stage(self, text: str) -> None:
        note(f"{text} …")
        self._show(text)

    def moment(self, moment: "Moment", step: "Step | None") -> None:
        done = f" · {step.phase} {step.done}/{step.of}" if step is not None else ""
        self._show(f"{moment.stage} · {moment.elapsed_s:.0f} s{done}")

    def stopping(self, count: int) -> None:
        if count <= len(_STOPPING):
            note(_STOPPING[count - 1])

    def table(self, schema: str, number: int, of: int) -> None:
        from tracekit.report.numbers import visible

        self._show(f"exporting {visible(schema)} ({number} of {of})")

    def warning(self, error: Exception) -> None:
        note(f"! {error}")

    def _show(self, text: str) -> None:
        if self._status is not None:
            from rich.text import Text

            self._status.update(Text(text))
