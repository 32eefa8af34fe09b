"""``tracekit doctor``: can this machine record? And what has no name in a recording?"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.recording.doctor import Check

_SIGN = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


def command(
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="[TRACE]",
            help="A recording: which of its functions have no names, whose they are, and what would name them.",
        ),
    ] = None,
    device: Annotated[str | None, typer.Option("--device", help="A device's name or UDID: is it ready, too?")] = None,
    json: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the checks as JSON; - writes it to stdout instead of text."),
    ] = None,
    run: options.Run = None,
    dsym: options.Dsym = None,
    force: options.Force = False,
) -> None:
    """Check everything a recording needs, and say how to get what is missing; or what names a TRACE lacks.

    Exits with 1 if a recording would fail here. Analysing recordings made elsewhere needs none of it.
    """
    if path is not None:
        if device is not None:
            raise typer.BadParameter("--device is for this machine, not for a recording")
        _of_recording(path, json, run, dsym or [], force=force)
        return
    if run is not None or dsym:
        raise typer.BadParameter("--run and --dsym are for a recording: name one")
    from rich.text import Text

    from tracekit.cli.console import show
    from tracekit.cli.output import check_free, write_result
    from tracekit.recording.doctor import can_record, document_of, examine
    from tracekit.recording.runner import SystemRunner
    from tracekit.report.numbers import visible

    check_free(json, force=force)
    checks = []
    for check in chain(examine(SystemRunner(), Path.cwd(), device=device), _kept()):
        checks.append(check)
        if str(json) == "-":
            continue
        sign, style = _SIGN[check.status]
        show(Text.assemble((sign, style), f" {check.name:<16} ", visible(check.found)))
        if check.fix:
            show(Text(f"  {'':<16} {visible(check.fix)}", style="bold"))
    if json is not None:
        from tracekit.report.formats.analysis_json import to_json

        write_result(json, to_json(document_of(checks)), force=force)
    if not can_record(checks):
        raise typer.Exit(1)


def _kept() -> "Iterator[Check]":
    """What is kept of large files that were read before, and where; or why it is not used."""
    import os

    from tracekit.analysis.words import counted
    from tracekit.files import CACHE_NAMED, cache_folder
    from tracekit.readers.cache import folder
    from tracekit.recording.doctor import Check
    from tracekit.report.numbers import bytes_text

    files, size = folder.kept()
    most = f"at most {bytes_text(folder.MOST_BYTES)}, may be deleted"
    found = f"{counted(files, 'file')} read before, {bytes_text(size)} in {cache_folder()} ({most})"
    if os.environ.get(folder.OFF):
        yield Check("cache", "ok", f"{found}; not used: {folder.OFF} is set")
    elif reason := folder.why_not():
        fix = f"Remove it, or name another folder in {CACHE_NAMED}; till then every command reads a large file anew"
        yield Check("cache", "warn", f"{cache_folder()} is not used: {reason}", fix)
    else:
        yield Check("cache", "ok", found)


def _of_recording(path: str, json: Path | None, run: int | None, dsym: list[Path], *, force: bool) -> None:
    from tracekit.analysis.unnamed import unnamed
    from tracekit.cli.console import show
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import read_profile
    from tracekit.report.formats.analysis_json import to_json
    from tracekit.report.formats.unnamed_json import unnamed_document
    from tracekit.report.terminal.unnamed_text import unnamed_view

    check_free(json, force=force)
    profile = read_profile(path, run, dsym)
    found = unnamed(profile)
    if json is not None:
        write_result(json, to_json(unnamed_document(found, profile.meta)), force=force)
    if str(json) != "-":
        show(unnamed_view(found, path, profile.meta.run))
