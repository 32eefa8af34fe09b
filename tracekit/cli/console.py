"""stdout for the result, stderr for everything else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from tracekit.model.facts import Notice

_PROGRESS_AFTER_S = 1.0


def stdout() -> "Console":
    """The console results go to; without colour where it is no terminal, at full width where it is a pipe."""
    from rich.console import Console

    return Console(soft_wrap=False, highlight=False, width=None if sys.stdout.isatty() else 200)


def stderr() -> "Console":
    """The console of notes and progress."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def show(view: "RenderableType") -> None:
    """Print a result."""
    stdout().print(view)


def note(text: str) -> None:
    """Print a line for the person at the terminal."""
    from rich.text import Text

    from tracekit.report.numbers import visible

    stderr().print(Text(visible(text), style="dim"), soft_wrap=True)


def warn(notices: "tuple[Notice, ...]") -> None:
    """Print warnings, if any."""
    if notices:
        from tracekit.report.text import notices_view

        stderr().print(notices_view(notices), soft_wrap=True)


@contextmanager
def reading(label: str) -> Iterator[Callable[[int, int | None], None] | None]:
    """A progress bar on stderr for reads that take long; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=stderr(), transient=True
    )
    task = progress.add_task(label, total=None)
    began = monotonic()

    def update(done: int, total: int | None) -> None:
        if monotonic() - began < _PROGRESS_AFTER_S:
            return
        progress.start()
        progress.update(task, completed=done, total=total)

    try:
        yield update
    finally:
        progress.stop()
