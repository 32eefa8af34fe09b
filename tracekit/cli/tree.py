"""``tracekit tree``: the call tree in the terminal."""

from typing import Annotated

import typer

from tracekit.cli import options


@options.reading
@options.selecting
def command(
    path: options.PathArgument,
    scope: "options.Scope",
    how: options.Reading,
    min_share: options.MinShare = 0.01,
    inverted: Annotated[
        bool, typer.Option("--invert", help="From the leaves: who calls what time is spent in.")
    ] = False,
    top: options.Top = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Count blocked threads, too: time, not CPU time.")] = False,
    wide: Annotated[
        bool, typer.Option("--wide", help="Whole names, however long the lines. A pipe gets them anyway.")
    ] = False,
    run: options.Run = None,
) -> None:
    """Show the call tree, coloured by engine, heaviest first.

    Shares are of CPU time. Only branches are indented: a line without a branch is called by the line above it.
    Without a prediction in the trace, the whole profile is shown. In a pipe: columns for other programs, indented by
    two blanks for each caller.
    """
    from tracekit.analysis.running import ran_or_all
    from tracekit.analysis.transforms import invert
    from tracekit.cli.console import note, stdout
    from tracekit.cli.session import read_analysis, say_if_empty
    from tracekit.report.terminal.tree_text import plain_tree_lines, tree_lines

    analysis = read_analysis(path, scope, run=run, how=how)
    say_if_empty(analysis)
    profile = analysis.focused
    if not len(profile) and len(analysis.profile):
        note("No prediction was found: this is the whole profile.")
        profile = analysis.profile
    profile = profile if waiting else ran_or_all(profile)
    profile = invert(profile) if inverted else profile
    console = stdout()
    if not console.is_terminal:
        for line in plain_tree_lines(profile, min_share=min_share, top=top, inverted=inverted):
            typer.echo(line)
        return
    width = None if wide else console.width
    for drawn in tree_lines(profile, min_share=min_share, top=top, width=width, inverted=inverted):
        console.print(drawn, soft_wrap=wide)
