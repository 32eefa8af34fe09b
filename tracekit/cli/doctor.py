"""``tracekit doctor``: can this machine record?"""

import typer

NAME = "doctor"

_SIGN = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


def command() -> None:
    """Check everything a recording needs, and say how to get what is missing.

    Exits with 1 if a recording would fail here. Analysing recordings made elsewhere needs none of it.
    """
    from pathlib import Path

    from rich.text import Text

    from tracekit.cli.console import show
    from tracekit.recording.doctor import can_record, examine
    from tracekit.recording.runner import SystemRunner
    from tracekit.report.numbers import visible

    checks = []
    for check in examine(SystemRunner(), Path.cwd()):
        sign, style = _SIGN[check.status]
        show(Text.assemble((sign, style), f" {check.name:<16} ", visible(check.found)))
        if check.fix:
            show(Text(f"  {'':<16} {visible(check.fix)}", style="bold"))
        checks.append(check)
    if not can_record(checks):
        raise typer.Exit(1)
