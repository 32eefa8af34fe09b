"""``tracekit demo``: the main job on a bundled sample."""

from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options

SAMPLE = "ane-with-cpu-fallback.trace.zip"


def command(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the report.")] = Path("report.html"),
    opened: Annotated[bool, typer.Option("--open", help="Show the report in the browser.")] = False,
    plotlyjs: options.PlotlyJs = options.PlotlySource.INLINE,
    redact_paths: options.RedactPaths = False,
) -> None:
    """Analyse a bundled synthetic recording, print the verdict, and write report.html (replaced if it is there)."""
    from tracekit.analysis.analyze import Scope
    from tracekit.cli.console import note, show_analysis
    from tracekit.cli.session import open_page, read_analysis, write_report

    options.check_page(output, plotlyjs)
    if opened and str(output) == "-":
        raise typer.BadParameter("--open needs a report in a file, not on stdout")
    sample = sample_folder() / SAMPLE
    note(f"tracekit analyze {sample} --report {output}")
    note("")
    analysis = read_analysis(str(sample), Scope(), run=None)
    show_analysis(analysis)
    write_report(analysis, output, force=True, plotlyjs=plotlyjs.value, redact_paths=redact_paths)
    if opened:
        open_page(output)


def sample_folder() -> Path:
    """The bundled samples: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_samples"
    return installed if installed.is_dir() else package.parent / "sample_traces"
