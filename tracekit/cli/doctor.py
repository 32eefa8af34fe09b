"""``tracekit doctor``: can this machine record?"""

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options

NAME = "doctor"

_SIGN = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


def command(
    device: Annotated[
        str | None, typer.Option("--device", help="A device's name or UDID: is it ready, too?", show_default=False)
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the checks as JSON; - writes it to stdout instead of text."),
    ] = None,
    force: options.Force = False,
) -> None:
    """Check everything a recording needs, and say how to get what is missing.

    Exits with 1 if a recording would fail here. Analysing recordings made elsewhere needs none of it.
    """
    from rich.text import Text

    from tracekit.cli.console import show
    from tracekit.cli.output import check_free, write_result
    from tracekit.recording.doctor import can_record, document_of, examine
    from tracekit.recording.runner import SystemRunner
    from tracekit.report.numbers import visible

    check_free(json, force=force)
    checks = []
    for check in examine(SystemRunner(), Path.cwd(), device=device):
        checks.append(check)
        if str(json) == "-":
            continue
        sign, style = _SIGN[check.status]
        show(Text.assemble((sign, style), f" {check.name:<16} ", visible(check.found)))
        if check.fix:
            show(Text(f"  {'':<16} {visible(check.fix)}", style="bold"))
    if json is not None:
        write_result(json, json_text.dumps(document_of(checks), indent=2, ensure_ascii=False) + "\n", force=force)
    if not can_record(checks):
        raise typer.Exit(1)
