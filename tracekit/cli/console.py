"""stdout for the result, stderr for everything else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from tracekit.analysis.analyze import Analysis
    from tracekit.model.facts import Notice

_PROGRESS_AFTER_S = 1.0
_PIPE_WIDTH = 10_000


def stdout() -> "Console":
    """The console results go to; without colour and with lines as long as they are where it is no terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def stderr() -> "Console":
    """The console of notes and progress."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def show(view: "RenderableType") -> None:
    """Print a result."""
    from tracekit.report.terminal.text import to_plain

    console = stdout()
    if console.is_terminal:
        console.print(view)
    else:
        typer.echo(to_plain(view, console.width), nl=False)


def show_analysis(analysis: "Analysis", top: int | None = None) -> None:
    """Print an analysis; where it does not fit on the screen, its answer again as the last line."""
    from rich.console import Group
    from rich.text import Text

    from tracekit.report.terminal.text import ROWS_SHOWN, analysis_view, answer_view

    console = stdout()
    width = console.width if console.is_terminal else None
    view = analysis_view(analysis, width, top or ROWS_SHOWN)
    show(view)
    if console.is_terminal and len(console.render_lines(view)) >= console.height:
        show(Group(Text(), answer_view(analysis, width)))


def note(text: str) -> None:
    """Print a line for the person at the terminal."""
    from rich.text import Text

    from tracekit.report.numbers import visible

    console = stderr()
    console.print(Text(visible(text), style="dim"), soft_wrap=not console.is_terminal)


def warn(notices: "tuple[Notice, ...]") -> None:
    """Print warnings, if any, each once: a run repeats what was said of its recording."""
    if notices:
        from tracekit.report.terminal.text import notices_view

        console = stderr()
        console.print(notices_view(tuple(dict.fromkeys(notices))), soft_wrap=not console.is_terminal)


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
