"""``tracekit ops``: the operations of a model, and where they run."""

from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options


@options.reading
def command(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A .mlpackage, .mlmodel or .mlmodelc; or a recording.")],
    how: options.Reading,
    model: options.Model = None,
    plan: options.Plan = None,
    every: Annotated[bool, typer.Option("--all", help="Each operation, instead of a line for each type.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Every operation as a .csv, .json or .parquet file; - is CSV on stdout."),
    ] = None,
    run: options.Run = None,
    sidecar: options.Sidecar = None,
    log: options.Log = None,
    force: options.Force = False,
) -> None:
    """List a model's operations: types, shapes, sizes; which engine each is planned for and ran on, and why.

    A model alone is read on any system, without Core ML. A recording adds what was measured; the plan is that of its
    sidecar, or --plan.
    """
    from tracekit import api
    from tracekit.analysis.analyze import EVERYTHING_PREDICTED
    from tracekit.analysis.operations.placement import table_of
    from tracekit.cli.console import note, show, stdout
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import read_analysis
    from tracekit.mlmodel import is_model, open_model
    from tracekit.model.operations import CoreAIModel
    from tracekit.report.formats.tabular import encode, format_of
    from tracekit.report.terminal.ops_text import coreai_view, explained_view

    kind = None if output is None else format_of(output)
    check_free(output, force=force)
    source, number = "", 1
    if model is None and is_model(Path(path)):
        alone = open_model(path)
        if isinstance(alone, CoreAIModel):
            show(coreai_view(alone))
            return
        explained = api.explain_operations(alone, plan=plan)
    else:
        analysis = read_analysis(
            path, EVERYTHING_PREDICTED, run=run, how=how, sidecar=sidecar, log=log, model=model, plan=plan
        )
        source, number = analysis.profile.meta.source, analysis.profile.meta.run
        explained = api.explain_operations(analysis)
    if output is None or kind is None:
        is_whole = not stdout().is_terminal
        show(explained_view(explained, source=source, run=number, one_by_one=every, whole=is_whole))
        return
    table = table_of(explained.placement)
    write_result(output, encode(table, kind), force=force)
    if str(output) != "-":
        note(f"{len(table):,} rows: {output}")
