"""``tracekit explain``: the page of a finding."""

from typing import Annotated

import typer


def command(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="Such as fp32-compute. Without one: all of them.")
    ] = None,
) -> None:
    """Say what a finding means: what it rests on, why it matters, an example, and what to do."""
    from tracekit.analysis.findings.catalogue import entries, entry

    if code is not None:
        typer.echo(entry(code).page(), nl=False)
        return
    width = max(map(len, entries()))
    for each in entries().values():
        typer.echo(f"{each.code:{width}}  {each.title}  ({', '.join(each.evidence)})")
