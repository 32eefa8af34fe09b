"""``tracekit report``: the flame report."""

from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options


@options.reading
@options.selecting
def command(
    path: options.PathArgument,
    scope: "options.Scope",
    how: options.Reading,
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML file; - is stdout.")] = Path("report.html"),
    plotlyjs: options.PlotlyJs = options.PlotlySource.INLINE,
    redact_paths: options.RedactPaths = False,
    run: options.Run = None,
    log: options.Log = None,
    model: options.Model = None,
    plan: options.Plan = None,
    force: options.Force = False,
) -> None:
    """Write an interactive flame report: one HTML file that works offline.

    It lists the model's operations where the recording has a compute plan, or --model or --plan tells of them.
    """
    from tracekit.cli.output import check_free
    from tracekit.cli.session import read_analysis, say_if_empty, write_report

    options.check_page(output, plotlyjs)
    check_free(output, force=force)
    analysis = read_analysis(path, scope, run=run, how=how, log=log, model=model, plan=plan)
    write_report(analysis, output, force=force, plotlyjs=plotlyjs.value, redact_paths=redact_paths)
    say_if_empty(analysis)
