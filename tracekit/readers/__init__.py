"""The one door: a path → a Trace. Look at what is there, hand over to the reader that knows it.

    -, a file    first bytes ─► export (XML), text (Deep Copy, sample, folded), or snapshot (crash, LLDB, spindump)
    a folder     names ─► bundle, or the exports that lie in it
    a zip, tar   names of members ─► bundle, or the exports in it

A pipe, a device or a socket is refused before anything of it is read: it may never end.
Bundles of a kind that the native reader refuses can be read from an export, where the caller knows how to make one.
"""

import zipfile
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tracekit.errors import InputError, SelectionError, UnknownFormatError, UnsupportedError
from tracekit.files import as_argument, check_readable, reason
from tracekit.readers.cache.folder import is_worth_keeping
from tracekit.readers.refusals import named
from tracekit.readers.source import HEAD_BYTES, Progress, ReaderChoice, Source, file_source, stdin_source, zip_sources

if TYPE_CHECKING:
    from tracekit.model.trace import Trace
    from tracekit.readers.substitute import Export

ReaderName = Literal["auto", "native", "xctrace", "fast", "lxml"]
"""Bundles: ``native``, or ``xctrace``, which ``auto`` takes where the native one refuses. Exports: ``fast`` or
``lxml``, which ``auto`` takes where the fast one refuses."""

_LONGEST_LINE: Final = 16 << 20
_OFTEN_IN_FOLDERS: Final = (".trace", ".zip", ".tar.gz")
"""Ends of names of recordings that people keep in a folder."""

KNOWN: Final = (
    "tracekit reads .trace bundles, xctrace exports (.xml, .xml.gz, a folder or zip of them), "
    "Instruments' Deep Copy text, `sample` output, folded stacks, crash reports, `bt all` of LLDB and spindump reports"
)


def open_trace(
    path: str | Path,
    *,
    reader: ReaderName = "auto",
    strict: bool = False,
    progress: Progress | None = None,
    export: "Export | None" = None,
) -> "Trace":
    """Open any input that tracekit knows; ``-`` is standard input.

    ``strict`` refuses what would otherwise be skipped and counted. ``progress`` is told how far a long read is.
    ``export`` makes a zip of exports of a bundle; without it what the native reader refuses stays refused.

    Raises:
        UnknownFormatError: nothing here knows the file.
        SelectionError: the reader that was asked for does not read this kind of input.
        InputError: it cannot be read as what it claims to be.
    """
    name = str(path)
    if name == "-":
        return _open_file(stdin_source(), strict=strict, progress=progress, reader=_for_exports(reader, name))
    if not name:
        raise InputError("the path is empty", hint="Name a file or a folder; - is standard input")
    place = Path(path)
    check_readable(place)
    from tracekit.readers import bundle

    if bundle.sniff(place):
        return _open_bundle(place, reader, strict=strict, progress=progress, export=export)
    choice = _for_exports(reader, name)
    if refused := named(name):
        raise refused
    if place.is_dir():
        files = [file_source(file) for file in _exports_in(place)]
        return _open_many(name, files, strict=strict, progress=progress, reader=choice)
    if zipfile.is_zipfile(place):
        return _open_many(name, zip_sources(place), strict=strict, progress=progress, reader=choice)

    def read() -> "Trace":
        return _open_file(file_source(place), strict=strict, progress=progress, reader=choice)

    if choice != "auto" or not is_worth_keeping(place):
        return read()  # who asks for a reader wants that one to read
    from tracekit.readers.cache.remember import remembered

    return remembered(place, name, f"strict={strict}", read)


def _open_bundle(
    place: Path, reader: ReaderName, *, strict: bool, progress: Progress | None, export: "Export | None"
) -> "Trace":
    from tracekit.readers import bundle
    from tracekit.readers.substitute import open_substitute, with_substitute

    if reader in ("fast", "lxml"):
        raise SelectionError(f"--reader {reader} is for exports", where=place, hint="Bundles: native or xctrace")

    def exported() -> "Trace":
        if export is None:
            raise SelectionError("nothing here can export a bundle", where=place, hint="Use --reader native")
        from tracekit.readers.export.trace import open_export

        exports = _exports_among(zip_sources(export(place)))
        return open_export(str(place), exports, strict=strict, progress=progress)

    if reader == "xctrace":
        return exported()
    try:
        trace = bundle.open_bundle(place, strict=strict, progress=progress)
    except UnsupportedError as refusal:
        if reader == "native" or export is None:
            raise
        return open_substitute(refusal, exported)
    return trace if reader == "native" or export is None else with_substitute(trace, exported)


def _open_file(source: Source, *, strict: bool, progress: Progress | None, reader: ReaderChoice) -> "Trace":
    from tracekit.readers.export import trace as export

    head = source.head()
    if not head.strip():
        raise InputError("the file is empty", where=source.name)
    markup = export.sniff(head)
    if markup in ("toc", "result"):
        return export.open_export(source.name, [source], strict=strict, progress=progress, reader=reader)
    from tracekit.readers import snapshots, text

    if len(head) == HEAD_BYTES and b"\n" not in head and b";" in head:
        head = source.head(_LONGEST_LINE)  # of a folded stack, which cannot be told from a part of it
    kind = text.sniff(head)
    if markup and kind is None:
        return export.open_export(source.name, [source], strict=strict, progress=progress, reader=reader)
    report = snapshots.sniff(head) if kind is None or kind == "folded" else None
    if report is not None:
        with source.reader(progress) as stream:
            return snapshots.open_snapshot(source.name, stream.readall(), report, strict=strict)
    if kind is None:
        raise named(source.name, head) or UnknownFormatError("the format is not known", where=source.name, hint=KNOWN)
    with source.reader(progress) as stream:
        return text.open_text(source.name, stream.readall(), kind, strict=strict)


def _open_many(
    name: str, sources: list[Source], *, strict: bool, progress: Progress | None, reader: ReaderChoice
) -> "Trace":
    from tracekit.readers.export import trace as export

    exports = _exports_among(sources)
    if not exports:
        hint = _what_to_type(Path(name)) or KNOWN
        raise UnknownFormatError("holds no exported table and no trace bundle", where=name, hint=hint)
    return export.open_export(name, exports, strict=strict, progress=progress, reader=reader)


def _what_to_type(place: Path) -> str:
    """Of a folder that is no recording and holds some: how to name them; empty where it holds none."""
    if not place.is_dir():
        return ""
    names = [path.name for path in place.iterdir()]
    ends = [end for end in _OFTEN_IN_FOLDERS if any(name.endswith(end) for name in names)]
    if not ends:
        return ""
    patterns = " ".join(as_argument(str(Path(escape(str(place)), f"*{end}"))) for end in ends)
    return f"A folder is one recording; for each that lies in it: tracekit batch {patterns}"


def _exports_among(sources: list[Source]) -> list[Source]:
    from tracekit.readers.export import trace as export

    return [source for source in sources if export.sniff(source.head()) in ("toc", "result")]


def _for_exports(reader: ReaderName, name: str) -> ReaderChoice:
    if reader == "native" or reader == "xctrace":
        raise SelectionError(f"--reader {reader} is for .trace bundles", where=name, hint="Exports: fast or lxml")
    return reader


def _exports_in(folder: Path) -> list[Path]:
    """The files directly in a folder whose name says XML, in order."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and path.name.endswith((".xml", ".xml.gz")))
    except OSError as error:
        raise InputError(f"cannot be read: {reason(error)}", where=folder) from error
