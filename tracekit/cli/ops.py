"""``tracekit ops``: the operations of a model."""

from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options

NAME = "ops"


def command(
    path: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A .mlpackage, .mlmodel or .mlmodelc.", show_default=False)
    ],
    every: Annotated[bool, typer.Option("--all", help="Each operation, instead of a line for each type.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Every operation as a .csv, .json or .parquet file; - is CSV on stdout."),
    ] = None,
    force: options.Force = False,
) -> None:
    """List the operations of a Core ML model, with types, shapes and the size of their constants.

    Works on any system, without Core ML and without coremltools.
    """
    from tracekit.analysis.operations.listing import listing
    from tracekit.cli.console import note, show, stdout
    from tracekit.cli.output import check_free, write_result
    from tracekit.mlmodel import open_model
    from tracekit.model.operations import CoreAIModel
    from tracekit.report.formats.tabular import encode, format_of
    from tracekit.report.terminal.ops_text import coreai_view, model_view

    kind = None if output is None else format_of(output)
    check_free(output, force=force)
    model = open_model(path)
    if isinstance(model, CoreAIModel):
        show(coreai_view(model))
        return
    if output is None or kind is None:
        show(model_view(model, one_by_one=every, whole=not stdout().is_terminal))
        return
    table = listing(model)
    write_result(output, encode(table, kind), force=force)
    if str(output) != "-":
        note(f"{len(table):,} rows: {output}")
