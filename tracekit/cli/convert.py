"""``tracekit convert``: files for other viewers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Scope

NAME = "convert"


@options.selecting
def command(
    path: options.PathArgument,
    scope: "Scope",
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write; - is stdout.")] = Path("-"),
    format: Annotated[Literal["folded"], typer.Option("--format", help="The format to write.")] = "folded",  # noqa: ARG001
    weight: Annotated[
        Literal["weight", "samples"],
        typer.Option("--weight", help="What the numbers are: weights, or counts of samples."),
    ] = "weight",
    images: Annotated[bool, typer.Option("--images", help="Write frames as Image`symbol.")] = False,
    run: options.Run = None,
    strict: options.Strict = False,
    force: options.Force = False,
) -> None:
    """Write the stacks for another viewer. Everything is converted, unless --focus names a subtree."""
    from dataclasses import replace

    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import read_analysis
    from tracekit.report.formats.folded import folded_text

    check_free(output, force=force)
    whole = replace(scope, whole=not scope.focus)
    analysis = read_analysis(path, whole, run=run, strict=strict)
    text = folded_text(analysis.focused, count_samples=weight == "samples", images=images)
    write_result(output, text, force=force)
