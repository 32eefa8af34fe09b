"""``tracekit report``: the flame report."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Scope

NAME = "report"


class PlotlyJs(StrEnum):
    """Where the page gets Plotly's script."""

    INLINE = "inline"
    CDN = "cdn"
    FILE = "file"


@options.selecting
def command(
    path: options.PathArgument,
    scope: "Scope",
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML file; - is stdout.")] = Path("report.html"),
    plotlyjs: Annotated[
        PlotlyJs,
        typer.Option(
            help="Plotly's script: in the page (inline), asked for when the page is opened (cdn), or in plotly.min.js "
            "beside it (file)."
        ),
    ] = PlotlyJs.INLINE,
    redact_paths: Annotated[
        bool, typer.Option("--redact-paths", help="Show paths without their folders, which may name you.")
    ] = False,
    run: options.Run = None,
    rules: options.Rules = None,
    strict: options.Strict = False,
    force: options.Force = False,
) -> None:
    """Write an interactive flame report: one HTML file that works offline."""
    from tracekit.cli.output import check_free
    from tracekit.cli.session import read_analysis, write_report

    if plotlyjs is PlotlyJs.FILE and str(output) == "-":
        raise typer.BadParameter("with --plotlyjs file the report needs a file of its own: give -o FILE")
    check_free(output, force=force)
    analysis = read_analysis(path, scope, run=run, rules=rules, strict=strict)
    write_report(analysis, output, force=force, plotlyjs=plotlyjs.value, redact_paths=redact_paths)
