"""``tracekit table``: any Instruments table as data."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options


def command(
    path: options.PathArgument,
    schema: Annotated[str, typer.Option("--schema", help="The table, such as time-profile; see `tracekit tables`.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A .csv, .json or .parquet file; - is CSV on stdout.")
    ] = Path("-"),
    run: options.Run = None,
    strict: options.Strict = False,
    force: options.Force = False,
) -> None:
    """Write any table as CSV, JSON or Parquet: one typed column a mnemonic, times in nanoseconds."""
    from tracekit import api
    from tracekit.cli.console import note, reading, warn
    from tracekit.cli.output import check_free, write_result
    from tracekit.report.formats.tabular import encode, format_of
    from tracekit.report.numbers import visible

    kind = format_of(output)
    check_free(output, force=force)
    with reading(path) as progress:
        trace = api.open_trace(path, strict=strict, progress=progress)
        frame = trace.table(schema, run)
    data = encode(frame, kind)
    if str(output) == "-" and sys.stdout.isatty():  # a file gets names as they are, a terminal none that command it
        data = "\n".join(visible(line) for line in data.decode().split("\n")).encode()
    write_result(output, data, force=force)
    warn((*trace.notices, *frame.attrs["notices"]))
    if raw := frame.attrs.get("raw"):
        note(f"not decoded, given as numbers: {', '.join(raw)}")
    if str(output) != "-":
        note(f"{len(frame):,} rows: {output}")
