"""``tracekit diff``: what changed between two recordings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracekit._version import __version__
from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Scope
    from tracekit.analysis.compare.diff import Diff

NAME = "diff"

_A = Annotated[
    str, typer.Argument(metavar="A", help="A recording, or a saved `analyze --json`: before.", show_default=False)
]
_B = Annotated[str, typer.Argument(metavar="B", help="The same: after.", show_default=False)]


@options.selecting
def command(
    a: _A,
    b: _B,
    scope: "Scope",
    json: options.Json = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write an interactive report of both (HTML).")
    ] = None,
    plotlyjs: options.PlotlyJs = options.PlotlySource.INLINE,
    redact_paths: options.RedactPaths = False,
    tree: Annotated[bool, typer.Option("--tree", help="Show both call trees as one, too.")] = False,
    min_share: options.MinShare = 0.01,
    run: options.Run = None,
    run_b: Annotated[
        int | None, typer.Option("--run-b", help="Run of B, where it is another.", rich_help_panel="Select")
    ] = None,
    rules: options.Rules = None,
    strict: options.Strict = False,
    force: options.Force = False,
) -> None:
    """Compare engines, phases, functions and predictions of two recordings, and say how sure each change is."""
    from tracekit.analysis.compare.diff import Side, diff
    from tracekit.cli.console import show
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import command_line, provenance_of, read_analysis, write_page
    from tracekit.report.formats.analysis_json import to_json
    from tracekit.report.formats.diff_json import diff_document
    from tracekit.report.formats.saved_analysis import is_json, read_saved, side_of
    from tracekit.report.html.compared import Compared
    from tracekit.report.terminal.diff_text import diff_view

    def read(path: str, run: int | None) -> tuple[Side, Compared]:
        if is_json(path):
            document = read_saved(path)
            side = side_of(document)
            return side, Compared.saved(document, side, command=command_line(), tracekit_version=__version__)
        analysis = read_analysis(path, scope, run=run, rules=rules, strict=strict)
        return Side.of(analysis), Compared.of(analysis, provenance_of(analysis))

    options.check_report(report, json, plotlyjs, redact_paths=redact_paths)
    check_free(json, report, force=force)
    (side_a, about_a), (side_b, about_b) = read(a, run), read(b, run_b if run_b is not None else run)
    found = diff(side_a, side_b)
    if json is not None:
        write_result(json, to_json(diff_document(found)), force=force)
    if report is not None:
        from tracekit.report.html.comparison import render_comparison

        page = render_comparison(found, (about_a, about_b), plotlyjs=plotlyjs.value, redact_paths=redact_paths)
        write_page(page, report, force=force, plotlyjs=plotlyjs.value)
    if "-" in (str(json), str(report)):
        return
    show(diff_view(found))
    if tree:
        _show_tree(found, min_share)


def _show_tree(found: "Diff", min_share: float) -> None:
    from tracekit.cli.console import note, stdout
    from tracekit.report.terminal.diff_tree_text import diff_tree_lines, plain_diff_tree_lines

    a, b = found.a.focused, found.b.focused
    if a is None or b is None:
        note("A saved result holds no call tree.")
        return
    console = stdout()
    if not console.is_terminal:
        for line in plain_diff_tree_lines(a, b, min_share=min_share):
            typer.echo(line)
        return
    for drawn in diff_tree_lines(a, b, min_share=min_share, width=console.width):
        console.print(drawn)
