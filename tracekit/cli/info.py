"""``tracekit info``: what a recording says of itself."""

from tracekit.cli import options


def command(path: options.PathArgument) -> None:
    """Show every run: device, OS, Xcode, template, target, duration, tables."""
    from rich.text import Text

    from tracekit import api
    from tracekit.cli.console import reading, show, warn
    from tracekit.report.numbers import visible
    from tracekit.report.terminal.trace_text import facts_view

    with reading(path) as progress:
        trace = api.open_trace(path, progress=progress)
        runs = [(run, run.tables()) for run in trace.runs]
    show(Text(f"{visible(trace.path)}  ({trace.format}, {len(runs)} run{'s' if len(runs) != 1 else ''})"))
    for run, tables in runs:
        show(Text(f"\nrun {run.number}", style="bold"))
        show(facts_view(run.facts))
        rows = sum(info.rows or 0 for info in tables)
        count = f"{len(tables)} table{'s' if len(tables) != 1 else ''}, {rows:,} rows read" if tables else "no tables"
        show(Text(count, style="dim"))
    warn(trace.notices)
