"""``tracekit tree``: the call tree in the terminal."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Scope

NAME = "tree"


@options.selecting
def command(
    path: options.PathArgument,
    scope: "Scope",
    min_share: Annotated[
        float, typer.Option("--min-share", min=0.0, max=1.0, help="Leave out nodes below this share of the whole.")
    ] = 0.01,
    inverted: Annotated[
        bool, typer.Option("--invert", help="From the leaves: who calls what time is spent in.")
    ] = False,
    run: options.Run = None,
    rules: options.Rules = None,
    strict: options.Strict = False,
) -> None:
    """Show the call tree, coloured by engine, heaviest first.

    Without a prediction in the trace, the whole profile is shown.
    """
    from tracekit.analysis.transforms import invert
    from tracekit.cli.console import note, stdout
    from tracekit.cli.session import read_analysis
    from tracekit.report.text import tree_view

    analysis = read_analysis(path, scope, run=run, rules=rules, strict=strict)
    profile = analysis.focused
    if not len(profile) and len(analysis.profile):
        note("No prediction was found: this is the whole profile.")
        profile = analysis.profile
    console = stdout()
    for line in tree_view(invert(profile) if inverted else profile, min_share):
        if console.is_terminal:
            console.print(line, overflow="ellipsis", no_wrap=True)
        else:
            console.print(line, soft_wrap=True)  # whole lines for grep, however deep
