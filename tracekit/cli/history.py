"""``tracekit history``: trends over the table of a batch."""

from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options


def command(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="The table that `tracekit batch` wrote.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Plot the trends into an HTML file.")] = None,
    force: options.Force = False,
) -> None:
    """Show how the share of the Neural Engine and the time of a prediction went, by model, OS and compute units."""
    from tracekit.batch.rows import read_results
    from tracekit.cli.console import note, show
    from tracekit.cli.output import check_free, write_result
    from tracekit.report.history import history_page, history_view

    check_free(output, force=force)
    table = read_results(results)
    if output is not None:
        write_result(output, history_page(table), force=force)
        if str(output) == "-":
            return
        note(f"trends: {output}")
    show(history_view(table))
