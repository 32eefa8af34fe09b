"""``tracekit convert``: files for other viewers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Analysis
    from tracekit.report.viewers.converters import ViewerFormat


@options.reading
@options.selecting
def command(
    path: options.PathArgument,
    scope: "options.Scope",
    how: options.Reading,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write; - is stdout.")] = Path("-"),
    format: Annotated[
        Literal["folded", "speedscope", "firefox", "pprof", "chrome", "csv", "parquet"] | None,
        typer.Option("--format", help="The format to write; without it the file's ending decides."),
    ] = None,
    weight: Annotated[
        Literal["weight", "samples"],
        typer.Option("--weight", help="What the numbers are: weights, or counts of samples."),
    ] = "weight",
    images: Annotated[bool, typer.Option("--images", help="folded: write frames as Image`symbol.")] = False,
    engine_roots: Annotated[
        bool, typer.Option("--engine-roots/--no-engine-roots", help="speedscope: begin every stack with its engine.")
    ] = True,
    redact_paths: Annotated[
        bool, typer.Option("--redact-paths", help="Write no folders, which may name you, and no device name.")
    ] = False,
    run: options.Run = None,
    force: options.Force = False,
) -> None:
    """Write the samples for another viewer. Everything is converted, unless --focus names a subtree."""
    from dataclasses import replace

    from tracekit.cli.output import check_free, write_result
    from tracekit.cli.session import read_analysis, say_if_empty
    from tracekit.report.viewers.converters import COUNTING, Look, converted, format_of, redacted

    kind: ViewerFormat = format or format_of(output)
    if weight == "samples" and kind not in COUNTING:
        raise typer.BadParameter(f"--weight is for {', '.join(sorted(COUNTING))}; {kind} holds counts and weights")
    if images and kind != "folded":
        raise typer.BadParameter(f"--images is for folded; {kind} names the images anyway")
    if not engine_roots and kind != "speedscope":
        raise typer.BadParameter(f"--no-engine-roots is for speedscope; {kind} names engines in another way")
    check_free(output, force=force)
    whole = replace(scope, whole=not scope.focus)
    analysis = read_analysis(path, whole, run=run, how=how)
    look = Look(count_samples=weight == "samples", images=images, engine_roots=engine_roots)
    chosen = redacted(analysis) if redact_paths else analysis
    write_result(output, converted(chosen, kind, look, compress=output.suffix == ".gz"), force=force)
    say_if_empty(analysis)
    _say_what_is_missing(analysis, kind)


def _say_what_is_missing(analysis: "Analysis", kind: "ViewerFormat") -> None:
    """Whatever the file does not hold of the samples is said."""
    from tracekit.cli.console import note
    from tracekit.report.viewers.converters import TABLES
    from tracekit.report.viewers.shared import lacks_times

    left_out = analysis.accounting.samples
    if left_out.filtered:
        note(f"{left_out.filtered:,} of {left_out.total:,} samples are not selected and were left out")
    if left_out.no_stack and not (kind in TABLES and analysis.scope.whole):
        note(f"{left_out.no_stack:,} of {left_out.total:,} samples have no stack and were left out")
    if left_out.outside_focus:
        note(f"{left_out.outside_focus:,} of {left_out.total:,} samples are outside the focus and were left out")
    if kind == "firefox" and analysis.profile.meta.unit in ("cycles", "events"):
        note(f"the Firefox Profiler knows no {analysis.profile.meta.unit}: the file counts samples")
    if kind == "firefox" and lacks_times(analysis.focused):
        note("the samples have no times: the file has them a millisecond apart, in their order")
