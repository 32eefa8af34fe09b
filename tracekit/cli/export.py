"""``tracekit export``: a recording as one file that is readable on any machine."""

from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options


def command(
    bundle: Annotated[Path, typer.Argument(metavar="RUN.trace", help="A recording.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The zip; default: RUN.tracekit.zip.")] = None,
    force: options.Force = False,
) -> None:
    """Export what analysis can use, and details of tracks (Allocations, Leaks), with this Mac's xctrace, into one zip.

    The target's environment is left out, and paths lose the names of users.
    """
    from tracekit import recorder
    from tracekit.cli.console import note
    from tracekit.cli.live import Live
    from tracekit.cli.output import check_free
    from tracekit.recording.runner import SystemRunner
    from tracekit.recording.xctrace.tool import find_xctrace

    bundle = bundle.absolute()
    zipped = (output or bundle.with_name(bundle.name.removesuffix(".trace") + ".tracekit.zip")).absolute()
    check_free(zipped, force=force)
    with Live() as live:
        exported = recorder.export_recording(find_xctrace(SystemRunner()), bundle, zipped, live)
    for table in exported:
        note(f"{table.schema:<28} {table.status:<7} {table.rows:>12,} rows")
    note(f"exports: {zipped}")
