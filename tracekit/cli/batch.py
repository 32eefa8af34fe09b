"""``tracekit batch``: many recordings, one table."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.batch.run import Watch
    from tracekit.batch.work import Outcome

_GIB = 1024**3


@options.reading
@options.selecting
def command(
    patterns: Annotated[
        list[str], typer.Argument(metavar="PATTERN...", help="Recordings, or patterns such as 'traces/**/*.trace'.")
    ],
    scope: "options.Scope",
    how: options.Reading,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A .csv, .json or .parquet file (which needs pyarrow).")
    ] = Path("results.csv"),
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes at a time; as many as cores by default.")
    ] = None,
    worker_memory: Annotated[
        float | None,
        typer.Option(
            "--worker-memory",
            min=0.25,
            metavar="GIB",
            help="Memory of a process; its part of the machine's by default.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="Work on this Dask cluster instead.")
    ] = None,
    log: options.Log = None,
    force: options.Force = False,
) -> None:
    """Analyse many recordings: a row for each of their runs, also for those that cannot be read.

    A batch that was stopped goes on where it was when it is started again in the same way. It exits with 1 where no
    recording could be read.
    """
    from tracekit.analysis.words import counted
    from tracekit.batch.cluster import on_cluster
    from tracekit.batch.journal import journal_path
    from tracekit.batch.processes import default_memory, default_workers, on_processes
    from tracekit.batch.rows import Options
    from tracekit.batch.run import run_batch
    from tracekit.cli.console import note
    from tracekit.cli.main import EXIT_PROBLEM
    from tracekit.cli.output import check_free, write_result
    from tracekit.report.formats.tabular import encode, format_of

    if scheduler is not None and (workers is not None or worker_memory is not None):
        raise typer.BadParameter("--workers and --worker-memory are for this machine, not for a --scheduler")
    kind = format_of(output)
    if str(output) == "-":
        raise typer.BadParameter("a batch needs a file: its journal lies beside it")
    check_free(output, force=force or journal_path(output).exists())
    count = workers or default_workers()
    memory = default_memory(count) if worker_memory is None else int(worker_memory * _GIB)
    execute = (
        partial(on_processes, workers=count, memory=memory)
        if scheduler is None
        else partial(on_cluster, address=scheduler)
    )
    given = Options(scope, how.rules, how.strict, log, how.symbols)
    with _progress() as watch:
        batch = run_batch(patterns, output, execute, options=given, watch=watch)
    write_result(output, encode(batch.table, kind), force=True)
    before = f" ({batch.known} of them by an earlier batch)" if batch.known else ""
    is_in_vain = batch.failed == batch.recordings
    which = "all" if is_in_vain else f"{batch.failed} of them"
    failed = f", {which} without a result: see the column reason" if batch.failed else ""
    read, rows = counted(batch.recordings, "recording"), counted(len(batch.table), "row")
    note(f"{read}{before}{failed}, {rows}: {output}")
    if is_in_vain:
        raise typer.Exit(EXIT_PROBLEM)


@contextmanager
def _progress() -> "Iterator[Watch]":
    """A bar on stderr where it is a terminal; in any case a line for each recording that could not be read."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from tracekit.cli.console import note, stderr

    bar = Progress(
        TextColumn("reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=stderr(),
        transient=True,
    )
    bar.disable = not stderr().is_terminal
    task = bar.add_task("reading", total=None)

    def watch(done: int, total: int, outcome: "Outcome | None") -> None:
        bar.update(task, completed=done, total=total)
        for row in outcome.rows if outcome is not None else ():
            if row["status"] == "error" and outcome is not None:
                how = f" ({outcome.lost})" if outcome.lost else ""
                note(f"{outcome.path}: {row['reason']}{how}")

    with bar:
        yield watch
