"""``tracekit analyze``: the main job."""

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
    json: options.Json = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write an interactive flame report (HTML).")
    ] = None,
    plotlyjs: options.PlotlyJs = options.PlotlySource.INLINE,
    redact_paths: options.RedactPaths = False,
    top: options.Top = None,
    run: options.Run = None,
    sidecar: options.Sidecar = None,
    log: options.Log = None,
    model: options.Model = None,
    plan: options.Plan = None,
    reader: options.Reader = "auto",
    force: options.Force = False,
) -> None:
    """Which engine ran the model: verdict, engines, phases and accounting."""
    from tracekit.cli.console import show_analysis
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import read_analysis, write_report
    from tracekit.report.formats.analysis_json import analysis_document, to_json

    options.check_report(report, json, plotlyjs, redact_paths=redact_paths)
    check_free(json, report, force=force)
    analysis = read_analysis(
        path, scope, run=run, how=how, sidecar=sidecar, log=log, model=model, plan=plan, reader=reader
    )
    if json is not None:
        write_result(json, to_json(analysis_document(analysis)), force=force)
    if report is not None:
        write_report(analysis, report, force=force, plotlyjs=plotlyjs.value, redact_paths=redact_paths)
    if str(json) != "-" and str(report) != "-":
        show_analysis(analysis, top)
