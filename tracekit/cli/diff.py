"""``tracekit diff``: what changed between two recordings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from tracekit._version import __version__
from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.analysis.compare.result import Diff

_AGAINST = "--against"


class Command(TyperCommand):
    """A command whose ``--against`` takes all that follows up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write ``--against B1 B2`` as ``--against B1 --against B2``, which is what options know."""
        spread, follows = [], False
        for word in args:
            if word.startswith("-") and word != "-":
                follows = word == _AGAINST
                spread += [] if follows else [word]
            else:
                spread += [_AGAINST, word] if follows else [word]
        if _AGAINST in args and _AGAINST not in spread:
            spread.append(_AGAINST)  # without a recording: the parser says so
        return super().parse_args(ctx, spread)


@options.reading
@options.selecting
def command(
    recordings: Annotated[
        list[str],
        typer.Argument(
            metavar="A B",
            help="Two recordings, or saved `analyze --json`: before and after. With --against: several of before.",
        ),
    ],
    scope: "options.Scope",
    how: options.Reading,
    against: Annotated[
        list[str] | None, typer.Option(_AGAINST, metavar="B1 B2 …", help="Several recordings of after.")
    ] = None,
    json: options.Json = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write an interactive report of both (HTML).")
    ] = None,
    plotlyjs: options.PlotlyJs = options.PlotlySource.INLINE,
    redact_paths: options.RedactPaths = False,
    tree: Annotated[bool, typer.Option("--tree", help="Show both call trees as one, too.")] = False,
    min_share: options.MinShare = 0.01,
    run: options.Run = None,
    run_b: Annotated[int | None, options.select("--run-b", help="Run of B, where it is another.")] = None,
    force: options.Force = False,
) -> None:
    """Compare engines, phases, functions and predictions of two recordings, and say how sure each change is.

    Give several of each, as A1 A2 A3 --against B1 B2 B3, to know what changes from one recording to the next.
    """
    from tracekit.analysis.compare.repeats import diff_sides
    from tracekit.analysis.compare.sides import Side
    from tracekit.cli.console import show, stdout
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
        analysis = read_analysis(path, scope, run=run, how=how)
        return Side.of(analysis), Compared.of(analysis, provenance_of(analysis))

    paths_a, paths_b = _paths(recordings, against, is_drawn=tree or report is not None)
    options.check_report(report, json, plotlyjs, redact_paths=redact_paths)
    check_free(json, report, force=force)
    a = [read(path, run) for path in paths_a]
    b = [read(path, run_b if run_b is not None else run) for path in paths_b]
    found = diff_sides(tuple(side for side, _ in a), tuple(side for side, _ in b))
    if json is not None:
        write_result(json, to_json(diff_document(found)), force=force)
    if report is not None:
        from tracekit.report.html.comparison import render_comparison

        page = render_comparison(found, (a[0][1], b[0][1]), plotlyjs=plotlyjs.value, redact_paths=redact_paths)
        write_page(page, report, force=force, plotlyjs=plotlyjs.value)
    if "-" in (str(json), str(report)):
        return
    console = stdout()
    show(diff_view(found, console.width if console.is_terminal else None))
    if tree:
        _show_tree(found, min_share)


def _paths(recordings: list[str], against: list[str] | None, *, is_drawn: bool) -> tuple[list[str], list[str]]:
    """The recordings of A and of B; refuses what cannot be meant."""
    if against is None:
        if len(recordings) != 2:
            raise typer.BadParameter("name two recordings, A and B; for several of each: A1 A2 A3 --against B1 B2 B3")
        return recordings[:1], recordings[1:]
    for side in (recordings, against):
        if len(set(side)) < len(side):
            raise typer.BadParameter(f"{max(side, key=side.count)} is named twice on one side: it is one recording")
    if min(len(recordings), len(against)) < 2:
        raise typer.BadParameter("--against compares several recordings with several: name at least two of each")
    if is_drawn:
        raise typer.BadParameter("--report and --tree draw one recording beside another: leave out --against for them")
    return recordings, against


def _show_tree(found: "Diff", min_share: float) -> None:
    from tracekit.cli.console import note, stdout
    from tracekit.report.terminal.diff_tree_text import diff_tree_lines, plain_diff_tree_lines

    a, b = found.a[0].focused, found.b[0].focused
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
