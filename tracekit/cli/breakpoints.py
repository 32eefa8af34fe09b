"""``tracekit breakpoints``: LLDB breakpoints that count which engine Core ML calls."""

from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options


def command(
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write; - is stdout.")] = Path(
        "tracekit_breakpoints.py"
    ),
    seen_in: Annotated[
        str | None, typer.Option("--from", metavar="PATH", help="Only the symbols seen in this recording.")
    ] = None,
    rules: options.Rules = None,
    force: options.Force = False,
) -> None:
    """Write a Python file for LLDB: breakpoints that continue by themselves, hits by engine, a verdict at exit.

    In LLDB or Xcode's console: command script import tracekit_breakpoints.py
    """
    from tracekit.attribution.breakpoints import engine_patterns, stage_patterns, symbols_seen
    from tracekit.attribution.own_rules import load_catalogue
    from tracekit.cli.console import note
    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import read_profile
    from tracekit.errors import SelectionError
    from tracekit.recording.lldb.script import SEEDS, Breakpoint, exactly, posix, script

    check_free(output, force=force)
    chosen = load_catalogue(rules)
    if seen_in is None:
        patterns = [(engine, posix(pattern)) for engine, pattern in engine_patterns(chosen.rules)]
        found = [Breakpoint(engine, "regex", pattern) for engine, pattern in patterns if pattern]  # type: ignore[arg-type]
    else:
        seen = symbols_seen(read_profile(seen_in), chosen)
        pairs = zip(seen["engine"], seen["symbol"], strict=True)
        found = [exactly(engine, symbol) for engine, symbol in pairs]
        if not found:
            raise SelectionError(
                "no named function of an engine was seen", where=seen_in, hint="Leave out --from to use the rules"
            )
    breakpoints = [*SEEDS, *found]
    write_result(output, script(breakpoints, stage_patterns(chosen.rules)), force=force)
    if str(output) != "-":
        note(f"{len(breakpoints)} breakpoints. In LLDB: command script import {output}")
