"""``tracekit tables``: which tables a recording has."""

from tracekit.cli import options


def command(path: options.PathArgument, run: options.Run = None) -> None:
    """List the tables of a run, with their rows."""
    from tracekit import api
    from tracekit.cli.console import reading, show, warn
    from tracekit.report.terminal.trace_text import tables_view

    with reading(path) as progress:
        trace = api.open_trace(path, progress=progress)
        tables = trace.tables(run)
    show(tables_view(tables))
    warn(trace.notices)
