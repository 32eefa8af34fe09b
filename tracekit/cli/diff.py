"""``tracekit diff``: what changed between two recordings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Scope

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
    json: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the result as JSON; - writes it to stdout instead of text."),
    ] = None,
    tree: Annotated[bool, typer.Option("--tree", help="Show both call trees as one, too.")] = False,
    min_share: Annotated[
        float, typer.Option("--min-share", min=0.0, max=1.0, help="Leave out nodes of the tree below this share.")
    ] = 0.01,
    run: options.Run = None,
    run_b: Annotated[
        int | None, typer.Option("--run-b", help="Run of B, where it is another.", rich_help_panel="Select")
    ] = None,
    rules: options.Rules = None,
    strict: options.Strict = False,
    force: options.Force = False,
) -> None:
    """Compare engines, phases, functions and predictions of two recordings, and say how sure each change is."""
    from tracekit.analysis.diff import Side, diff
    from tracekit.cli.console import note, show, stdout
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import read_analysis
    from tracekit.report.diff_text import diff_tree_view, diff_view
    from tracekit.report.formats.analysis_json import to_json
    from tracekit.report.formats.diff_json import diff_document
    from tracekit.report.formats.saved_analysis import is_json, read_saved, side_of

    def side(path: str, run: int | None) -> Side:
        if is_json(path):
            return side_of(read_saved(path))
        return Side.of(read_analysis(path, scope, run=run, rules=rules, strict=strict))

    if json is not None:
        check_free(json, force=force)
    found = diff(side(a, run), side(b, run_b if run_b is not None else run))
    if json is not None:
        write_result(json, to_json(diff_document(found)), force=force)
    if str(json) == "-":
        return
    show(diff_view(found))
    if tree and found.a.focused is not None and found.b.focused is not None:
        console = stdout()
        for line in diff_tree_view(found.a.focused, found.b.focused, min_share):
            console.print(line, overflow="ellipsis", no_wrap=True, crop=console.is_terminal)
    elif tree:
        note("A saved result holds no call tree.")
