"""What the analysing commands do first: open the input, with progress, and analyse it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracekit.cli.options import Reading

if TYPE_CHECKING:
    from tracekit.analysis.analyze import Analysis, Scope
    from tracekit.model.profile import Profile
    from tracekit.readers import ReaderName
    from tracekit.report.html.page import PlotlyJs
    from tracekit.report.layout import Provenance


def read_profile(path: str, run: int | None = None, symbols: Sequence[Path] = ()) -> "Profile":
    """The samples of an input; warnings go to stderr, below the result."""
    from tracekit import api
    from tracekit.cli.console import reading, warn

    with reading(path) as progress:
        trace = api.open_trace(path, progress=progress, symbols=symbols)
        profile = trace.profile(run)
    warn((*trace.notices, *profile.meta.notices))
    return profile


def read_analysis(
    path: str,
    scope: "Scope",
    *,
    run: int | None,
    how: Reading = Reading(),  # noqa: B008 - frozen
    sidecar: Path | None = None,
    log: Path | None = None,
    model: Path | None = None,
    plan: Path | None = None,
    reader: "ReaderName" = "auto",
) -> "Analysis":
    """The analysis of an input; warnings go to stderr, below the result."""
    from tracekit import api
    from tracekit.analysis.predictions.measure import NO_HARDWARE
    from tracekit.cli.console import reading, warn

    with reading(path) as progress:
        trace = api.open_trace(path, reader=reader, strict=how.strict, progress=progress, symbols=how.symbols)
        analysis = api.analyze(
            trace, scope=scope, run=run, rules=how.rules, sidecar=sidecar, log=log, model=model, plan=plan
        )
    # The verdict itself says what it means that no hardware interval was read.
    said = tuple(notice for notice in analysis.measured.notices if notice.code != NO_HARDWARE.code)
    warn((*trace.notices, *analysis.profile.meta.notices, *said))
    return analysis


def say_if_empty(analysis: "Analysis") -> None:
    """Where the recording holds no sample, and the result says nothing of it: which recording would."""
    from tracekit.cli.console import note
    from tracekit.report.next_steps import has_no_samples, recording_command

    if has_no_samples(analysis):
        note(f"The recording holds no samples. What would tell: {recording_command(analysis)}")


def write_report(
    analysis: "Analysis", path: Path, *, force: bool, plotlyjs: "PlotlyJs" = "inline", redact_paths: bool = False
) -> None:
    """Write the flame report and say where."""
    from tracekit.report.html.report import render

    page = render(analysis, provenance_of(analysis), plotlyjs=plotlyjs, redact_paths=redact_paths)
    write_page(page, path, force=force, plotlyjs=plotlyjs)


def write_page(page: str, path: Path, *, force: bool, plotlyjs: "PlotlyJs" = "inline") -> None:
    """Write a page and say where; with ``file`` Plotly's script beside it, unless it is there.

    Raises:
        OutputError: one of them cannot be written; then neither is, as far as that is known before.
    """
    from tracekit.cli.console import note
    from tracekit.cli.output import check_free, write_result
    from tracekit.report.html.page import PLOTLY_FILE, plotly_script

    script = path.with_name(PLOTLY_FILE)
    is_missing = plotlyjs == "file" and not (script.is_file() and script.read_bytes() == plotly_script().encode())
    check_free(path, script if is_missing else None, force=force)
    write_result(path, page, force=force)
    if is_missing:
        write_result(script, plotly_script(), force=force)
    if str(path) != "-":
        note(f"report: {path}")


def open_page(path: Path) -> None:
    """Show a page in the browser; where there is none, say so."""
    import webbrowser

    from tracekit.cli.console import note

    if not webbrowser.open(path.resolve().as_uri()):
        note(f"no browser was found: open {path} in one")


def provenance_of(analysis: "Analysis") -> "Provenance":
    """Where the numbers of a report come from, with the command that made it."""
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
        **{name: source[name] or "" for name in ("xcode", "template", "device", "os", "process")},
        command=command_line(),
        tracekit_version=__version__,
        unit=meta.unit,
    )


def command_line() -> str:
    """The command that runs, as it can be pasted into a shell."""
    import shlex
    import sys

    return shlex.join(["tracekit", *sys.argv[1:]])
