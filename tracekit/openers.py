"""Opening an input by the reader that was asked for: tracekit's own, or Apple's xctrace where it is installed.

``auto`` reads bundles natively. Where a bundle is of a kind that the native reader refuses and this machine has
xctrace, it is exported and the export is read, and a notice says so.
"""

import atexit
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from tracekit.errors import SelectionError, TracekitError, UnsupportedError
from tracekit.model.facts import Notice
from tracekit.model.trace import Trace
from tracekit.readers import bundle, export, open_trace
from tracekit.readers.source import Progress, zip_sources
from tracekit.recorder import export_recording
from tracekit.recording import portable
from tracekit.recording.harness.command import Step
from tracekit.recording.runner import Runner, SystemRunner
from tracekit.recording.session import Moment
from tracekit.recording.xctrace import find_xctrace

ReaderName = Literal["auto", "native", "xctrace", "fast", "lxml"]


def open_with(
    path: str | Path,
    reader: ReaderName = "auto",
    *,
    run: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
    runner: Runner | None = None,
) -> Trace:
    """Open a trace with a reader: for bundles ``native`` or ``xctrace``, for exports ``fast`` or ``lxml``.

    Raises:
        SelectionError: the reader does not read this kind of input.
        RecordingError: ``xctrace`` was asked for and is not there, or refuses the bundle.
        InputError: the input cannot be read.
    """
    is_bundle = str(path) != "-" and Path(path).exists() and bundle.sniff(Path(path))
    if not is_bundle:
        if reader == "native" or reader == "xctrace":
            raise SelectionError(f"--reader {reader} is for .trace bundles", where=path, hint="Exports: fast or lxml")
        return open_trace(path, strict=strict, progress=progress, reader=reader)
    if reader in ("fast", "lxml"):
        raise SelectionError(f"--reader {reader} is for exports", where=path, hint="Bundles: native or xctrace")
    if reader == "xctrace":
        return open_exported(Path(path), runner or SystemRunner(), strict=strict)
    try:
        trace = open_trace(path, strict=strict, progress=progress)
        if reader == "auto":
            trace.run(run).profile()  # what the native reader refuses, it refuses here; the profile is kept
    except UnsupportedError as refusal:
        if reader == "native":
            raise
        return _by_xctrace_instead(Path(path), refusal, runner or SystemRunner(), strict=strict)
    return trace


def open_exported(path: Path, runner: Runner, *, strict: bool = False) -> Trace:
    """A bundle through ``xctrace export``. The exports live in a temporary folder until the program ends.

    Raises:
        RecordingError: there is no xctrace, or it cannot export the bundle.
    """
    folder = TemporaryDirectory(prefix="tracekit-")
    atexit.register(folder.cleanup)
    output = Path(folder.name) / f"{path.stem}.tracekit.zip"
    export_recording(find_xctrace(runner), path, output, _Silent())
    exports = [source for source in zip_sources(output) if export.sniff(source.head()) in ("toc", "result")]
    return export.open_export(str(path), exports, strict=strict)


def _by_xctrace_instead(path: Path, refusal: UnsupportedError, runner: Runner, *, strict: bool) -> Trace:
    try:
        trace = open_exported(path, runner, strict=strict)
    except TracekitError:
        raise refusal from None
    said = Notice("read-by-xctrace", f"read through xctrace export, since the native reader refuses it: {refusal.what}")
    return replace(trace, notices=(*trace.notices, said))


class _Silent:
    """Nobody looks on."""

    def stage(self, text: str) -> None: ...

    def moment(self, moment: Moment, step: Step | None) -> None: ...

    def stopping(self, count: int) -> None: ...

    def table(self, progress: portable.Progress) -> None: ...

    def warning(self, error: Exception) -> None: ...
