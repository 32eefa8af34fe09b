"""``tracekit verify``: does the native reader say what Apple's own export says?"""

from typing import Annotated

import typer

from tracekit.cli import options


def command(
    path: Annotated[str, typer.Argument(metavar="BUNDLE", help="A .trace bundle.")],
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="EXPORT", help="An export of it; without one, xctrace exports it (Mac)."),
    ] = None,
    run: options.Run = None,
) -> None:
    """Compare tracekit's reading of a bundle with xctrace's export of it, row by row and frame by frame."""
    from tracekit import api
    from tracekit.analysis.compare.readings import compare
    from tracekit.cli.console import show, stdout
    from tracekit.errors import InputError
    from tracekit.report.terminal.trace_text import agreement_view

    native = api.open_trace(path, reader="native").profile(run)
    other = api.open_trace(against) if against is not None else api.open_trace(path, reader="xctrace")
    agreement = compare(native, other.profile(run))
    show(agreement_view(agreement))
    if not agreement.is_complete:
        stdout().file.flush()
        raise InputError("the two readings differ", where=path, hint="Please report it: one of the readers is wrong")
