"""stdout for the result, stderr for everything else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from time import monotonic
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from tracekit.analysis.analyze import Analysis
    from tracekit.model.facts import Notice
    from tracekit.readers.source import Progress

_PROGRESS_AFTER_S = 0.3
_PROGRESS_AFTER = (4 << 20, 20_000)
"""Bytes and rows: what is smaller is read before anyone asks."""
_PIPE_WIDTH = 10_000
_warnings: ContextVar["list[Notice]"] = ContextVar("of the command that runs")


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
    from tracekit.report.terminal.drawing import to_plain

    console = stdout()
    if console.is_terminal:
        console.print(view, crop=False)  # a command is as long as it is
    else:
        typer.echo(to_plain(view, console.width), nl=False)


def show_analysis(analysis: "Analysis", top: int | None = None) -> None:
    """Print an analysis; where it does not fit on the screen, its answer again below, and what to do next."""
    from rich.console import Group
    from rich.text import Text

    from tracekit.report.next_steps import next_commands
    from tracekit.report.numbers import visible
    from tracekit.report.terminal.analysis_text import analysis_view, answer_view
    from tracekit.report.terminal.drawing import ROWS_SHOWN

    _leave_out(analysis.verdict.sentence)
    console = stdout()
    width = console.width if console.is_terminal else None
    view = analysis_view(analysis, width, top or ROWS_SHOWN)
    show(view)
    if not console.is_terminal:
        return
    if len(console.render_lines(view)) >= console.height:
        show(Group(Text(), answer_view(analysis, width)))
    for command in next_commands(analysis):
        stderr().print(Text(visible(f"next: {command}"), style="dim"), soft_wrap=True)


def note(text: str) -> None:
    """Print a line for the person at the terminal."""
    from rich.text import Text

    from tracekit.report.numbers import visible

    stderr().print(Text(visible(text), style="dim"), soft_wrap=True)


def warn(notices: "tuple[Notice, ...]") -> None:
    """Print warnings, if any, below the result of the command that runs."""
    _warnings.get().extend(notices)


def _leave_out(told: str) -> None:
    """Of the warnings, those that the answer tells."""
    _warnings.set([notice for notice in _warnings.get() if notice.message.rstrip(".") not in told])


def warnings_last(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose warnings stand below its answer: above, they push it out of sight.

    Each is said once: a run repeats what was said of its recording.
    """

    @wraps(command)
    def run(**given: Any) -> None:
        token = _warnings.set([])
        try:
            command(**given)
        finally:
            if notices := tuple(dict.fromkeys(_warnings.get())):
                from tracekit.report.terminal.trace_text import notices_view

                sys.stdout.flush()
                console = stderr()
                console.print(notices_view(notices), soft_wrap=not console.is_terminal)
            _warnings.reset(token)

    return run


@contextmanager
def reading(label: str) -> "Iterator[Progress | None]":
    """A progress bar on stderr, with the rows so far, for reads that take long; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
    from rich.table import Column

    from tracekit.report.numbers import visible

    progress = Progress(
        TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
        BarColumn(bar_width=20),
        DownloadColumn(),
        TextColumn("{task.fields[rows]}"),
        console=stderr(),
        expand=True,
        transient=True,
    )
    task = progress.add_task(escape(visible(label)), total=None, rows="")
    began = monotonic()

    def update(done: int, total: int | None, rows: int) -> None:
        is_large = done > _PROGRESS_AFTER[0] or rows > _PROGRESS_AFTER[1]
        if not is_large or monotonic() - began < _PROGRESS_AFTER_S:
            return
        progress.start()
        progress.update(task, completed=done, total=total, rows=f"{rows:,} rows" if rows else "")

    try:
        yield update
    finally:
        progress.stop()
