"""A path → a Trace: look at the first bytes, hand over to the reader that knows them."""

import stat
import zipfile
from pathlib import Path

from tracekit.errors import InputError, UnknownFormatError
from tracekit.model.trace import Trace
from tracekit.readers.source import Progress, ReaderChoice, Source, file_source, reason, stdin_source, zip_sources

KNOWN = (
    "tracekit reads .trace bundles, xctrace exports (.xml, .xml.gz, a folder or zip of them), "
    "Instruments' Deep Copy text, `sample` output and folded stacks"
)


def open_trace(
    path: str | Path, *, strict: bool = False, progress: Progress | None = None, reader: ReaderChoice = "auto"
) -> Trace:
    """Open any input that tracekit knows; ``-`` is standard input.

    ``strict`` refuses what would otherwise be skipped and counted. ``progress`` is told how far a long read is.
    ``reader`` is for exports: ``fast``, ``lxml``, or the fast one wherever it can.

    Raises:
        UnknownFormatError: nothing here knows the file.
        InputError: it cannot be read as what it claims to be.
    """
    name = str(path)
    if name == "-":
        return _open_file(stdin_source(), strict=strict, progress=progress, reader=reader)
    if not name:
        raise InputError("the path is empty", hint="Name a file or a folder; - is standard input")
    place = Path(path)
    if stat.S_ISFIFO(_mode(place)):
        raise InputError("is a pipe", where=name, hint="Use - to read standard input")
    from tracekit.readers import bundle

    if bundle.sniff(place):
        return bundle.open_bundle(place)
    if place.is_dir():
        files = [file_source(file) for file in _exports_in(place)]
        return _open_many(name, files, strict=strict, progress=progress, reader=reader)
    if zipfile.is_zipfile(place):
        return _open_many(name, zip_sources(place), strict=strict, progress=progress, reader=reader)
    return _open_file(file_source(place), strict=strict, progress=progress, reader=reader)


def _open_file(source: Source, *, strict: bool, progress: Progress | None, reader: ReaderChoice) -> Trace:
    from tracekit.readers import export, text

    head = source.head()
    if not head.strip():
        raise InputError("the file is empty", where=source.name)
    markup, kind = export.sniff(head), text.sniff(head)
    if markup in ("toc", "result") or (markup and kind is None):
        return export.open_export(source.name, [source], strict=strict, progress=progress, reader=reader)
    if kind is None:
        raise UnknownFormatError("the format is not known", where=source.name, hint=KNOWN)
    with source.reader(progress) as stream:
        return text.open_text(source.name, stream.readall(), kind, strict=strict)


def _open_many(
    name: str, sources: list[Source], *, strict: bool, progress: Progress | None, reader: ReaderChoice
) -> Trace:
    from tracekit.readers import export

    exports = [source for source in sources if export.sniff(source.head()) in ("toc", "result")]
    if not exports:
        raise UnknownFormatError("holds no exported table and no trace bundle", where=name, hint=KNOWN)
    return export.open_export(name, exports, strict=strict, progress=progress, reader=reader)


def _mode(place: Path) -> int:
    """What kind of file a path is.

    Raises:
        InputError: there is none, or the system does not tell.
    """
    try:
        return place.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("there is no such file or folder", where=place) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {reason(error)}", where=place) from error


def _exports_in(folder: Path) -> list[Path]:
    """The files directly in a folder whose name says XML, in order."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and path.name.endswith((".xml", ".xml.gz")))
    except OSError as error:
        raise InputError(f"cannot be read: {reason(error)}", where=folder) from error
