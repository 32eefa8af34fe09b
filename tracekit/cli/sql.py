"""``tracekit sql``: questions that no other command answers."""

import os
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from tracekit.cli import options

_ROWS_SHOWN = 1_000
_GRACE_S = 5.0
_FILE_WIDTH = 10_000

Format = Literal["table", "csv", "json", "parquet"]


@options.reading
def command(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH... QUERY", help="Recordings, and one SELECT; `select * from tables` lists what there is."
        ),
    ],
    how: options.Reading,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="How to write the answer; without it the file's ending decides, or a table."),
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write; - is stdout.")] = Path("-"),
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, metavar="S", help="Most seconds for the query.")] = 60,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="MODEL", help="The model that was recorded, for the table operations."),
    ] = None,
    run: options.Run = None,
    force: options.Force = False,
) -> None:
    """Ask one or many recordings in SQL, read-only: samples, stacks, intervals, predictions, operations, all tables."""
    from tracekit import api
    from tracekit.cli.console import note, reading, show, warn
    from tracekit.cli.output import check_free, write_result
    from tracekit.database.guarded import ended_after, limited_memory
    from tracekit.database.query import answer
    from tracekit.database.recordings import open_recordings
    from tracekit.report.formats.tabular import encode, format_of
    from tracekit.report.terminal.drawing import to_plain
    from tracekit.report.terminal.rows_text import rows_view

    *paths, query = arguments
    if not paths:
        raise typer.BadParameter("give a recording and a query: tracekit sql run.trace 'select * from tables'")
    kind: Format = format or ("table" if str(output) == "-" else format_of(output))
    check_free(output, force=force)
    with reading(paths[0]) as progress:
        traces = [api.open_trace(path, strict=how.strict, progress=progress, symbols=how.symbols) for path in paths]
        recordings = open_recordings(traces, run=run, rules=how.rules, model=model)
        with limited_memory(), ended_after(timeout + _GRACE_S, partial(_end, timeout)):
            table = answer(recordings, query, timeout_s=timeout)
    warn(recordings.notices())
    if kind == "table" and str(output) == "-":
        show(rows_view(table, _ROWS_SHOWN))
        return
    content = to_plain(rows_view(table, len(table)), _FILE_WIDTH) if kind == "table" else encode(table, kind)
    write_result(output, content, force=force)
    if str(output) != "-":
        note(f"{len(table):,} rows: {output}")


def _end(timeout: float) -> None:
    """End the program where a query is deaf to its interruption. Nothing is being written meanwhile."""
    typer.echo(f"tracekit: the query took longer than {timeout:g} s, and did not stop when told to.", err=True)
    os._exit(1)
