"""What the analysing commands do first: open the input, with progress, and analyse it."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Analysis, Scope
    from tracekit.model.profile import Profile
    from tracekit.report.layout import Provenance


def read_profile(path: str, *, run: int | None, strict: bool) -> "Profile":
    """The samples of an input; warnings go to stderr."""
    from tracekit import api
    from tracekit.cli.console import reading, warn

    with reading(path) as progress:
        profile = api.open_trace(path, strict=strict, progress=progress).profile(run)
    warn(profile.meta.notices)
    return profile


def read_analysis(
    path: str, scope: "Scope", *, run: int | None, rules: Path | None = None, strict: bool = False
) -> "Analysis":
    """The analysis of an input."""
    from tracekit import api

    return api.analyze(read_profile(path, run=run, strict=strict), scope=scope, rules=rules)


def write_report(analysis: "Analysis", path: Path, *, force: bool) -> None:
    """Write the flame report and say where."""
    from tracekit.cli.console import note
    from tracekit.cli.output import write_result
    from tracekit.report.html import render

    write_result(path, render(analysis, provenance_of(analysis)), force=force)
    if str(path) != "-":
        note(f"report: {path}")


def provenance_of(analysis: "Analysis") -> "Provenance":
    """Where the numbers of a report come from, with the command that made it."""
    import shlex
    import sys

    from tracekit._version import __version__
    from tracekit.report.formats.analysis_json import source_of
    from tracekit.report.layout import Provenance

    meta = analysis.profile.meta
    source = source_of(meta)
    return Provenance(
        source=meta.source,
        format=meta.format,
        run=meta.run,
        table=meta.table,
        xcode=source["xcode"] or "",
        template=source["template"] or "",
        device=source["device"] or "",
        os=source["os"] or "",
        process=source["process"] or "",
        command=shlex.join(["tracekit", *sys.argv[1:]]),
        tracekit_version=__version__,
        unit=meta.unit,
    )
