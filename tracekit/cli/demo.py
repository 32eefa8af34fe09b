"""``tracekit demo``: the main job on a bundled sample."""

from pathlib import Path
from typing import Annotated

import typer

NAME = "demo"
SAMPLE = "ane-with-cpu-fallback.trace.zip"


def command(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the report.")] = Path("report.html"),
) -> None:
    """Analyse a bundled synthetic recording, print the verdict, and write report.html (replaced if it is there)."""
    from tracekit.analysis.analyze import Scope
    from tracekit.cli.console import note, show
    from tracekit.cli.session import read_analysis, write_report
    from tracekit.report.text import analysis_view

    sample = sample_folder() / SAMPLE
    note(f"tracekit analyze {sample} --report {output}")
    note("")
    analysis = read_analysis(str(sample), Scope(), run=None)
    show(analysis_view(analysis))
    write_report(analysis, output, force=True)


def sample_folder() -> Path:
    """The bundled samples: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_samples"
    return installed if installed.is_dir() else package.parent / "sample_traces"
