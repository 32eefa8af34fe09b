"""Bytes of an input, to be read once or several times, with bounds on what compression may blow up."""

import gzip
import io
import sys
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from tracekit.errors import InputError
from tracekit.files import STANDARD_INPUT, reason
from tracekit.readers.archive import check_zip_member, inflation_limit, zip_member, zip_members

HEAD_BYTES = 65536
"""How much of a file is looked at to tell what it is."""

Progress = Callable[[int, int | None, int], None]
"""Told (bytes read, bytes in all or None, rows of XML so far) while a long input is read."""

ReaderChoice = Literal["auto", "fast", "lxml"]
"""How exports are read: ``lxml`` reads all of them, ``fast`` only profile tables just as xctrace writes them."""


@dataclass(frozen=True, slots=True)
class Source:
    """A named piece of input that can be opened again and again."""

    name: str
    open: Callable[[], BinaryIO]
    size: int | None = None
    """Bytes before decompression, for progress and for bounds."""

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """The first bytes, decompressed."""
        with self.reader() as stream:
            return stream.read(size)

    def reader(self, progress: Progress | None = None) -> "Reader":
        """The decompressed bytes."""
        return Reader(self, progress)


class Reader(io.RawIOBase):
    """Decompresses gzip, counts for the progress bar, and refuses a bomb."""

    def __init__(self, source: Source, progress: Progress | None = None) -> None:
        super().__init__()
        self._source = source
        self._raw = source.open()
        self._progress = progress
        self._given = self._rows = 0
        self.is_at_end = False
        self._stream = self._raw
        try:
            magic = self._read(2)
        except InputError:
            self._raw.close()
            raise
        self._raw.seek(0)
        if magic == b"\x1f\x8b":
            self._stream = cast(BinaryIO, gzip.GzipFile(fileobj=self._raw))
        self._limit = inflation_limit(source.size or 0)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._read(size if size >= 0 else 1 << 20)
        self._given += len(data)
        self.is_at_end = not data
        if self._stream is not self._raw and self._given > self._limit:
            raise InputError(
                f"the compressed data inflate to more than {self._limit >> 20} MiB, far beyond any real export",
                where=self._source.name,
            )
        if self._progress is not None:
            self._rows += data.count(b"<row>")
            self._progress(self._raw.tell(), self._source.size, self._rows)
        return data

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile) as error:
            raise InputError(
                f"the compressed data are damaged or cut off ({error})", where=self._source.name
            ) from error
        except OSError as error:
            raise InputError(f"cannot be read: {reason(error)}", where=self._source.name) from error

    def readall(self) -> bytes:
        parts = []
        while part := self.read(1 << 20):
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        self._raw.close()
        super().close()


def file_source(path: Path) -> Source:
    """A file on disk.

    Raises:
        InputError: it cannot be opened.
    """
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(f"cannot be read: {reason(error)}", where=path) from error
    return Source(str(path), lambda: path.open("rb"), size)


def stdin_source() -> Source:
    """Standard input, kept in memory, or in a temporary file beyond 64 MiB, so that it can be read again.

    Raises:
        InputError: it is closed.
    """
    if sys.stdin is None:
        raise InputError("standard input is closed")
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=64 << 20)  # noqa: SIM115 - lives as long as the source
    size = 0
    while block := sys.stdin.buffer.read(1 << 20):
        spool.write(block)
        size += len(block)

    def reopen() -> BinaryIO:
        spool.seek(0)
        return cast(BinaryIO, _KeepOpen(spool))

    weakref.finalize(reopen, spool.close)  # once nobody can ask for it again
    return Source(STANDARD_INPUT, reopen, size)


class _KeepOpen:
    """A stream whose ``close`` leaves the spool open for the next reader."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.read, self.seek, self.tell = stream.read, stream.seek, stream.tell

    def close(self) -> None:
        """Nothing: ``stdin_source`` closes the spool when its source is gone."""


def zip_sources(path: Path) -> list[Source]:
    """The XML members of a zip, read in place; nothing is unpacked to disk, so member names are only labels.

    Raises:
        InputError: the zip is damaged, or a member is encrypted, compressed in an unknown way or absurdly big.
    """
    sources = []
    for info in sorted(zip_members(path), key=lambda info: info.filename):
        if info.filename.endswith((".xml", ".xml.gz")):
            check_zip_member(info, path, info.compress_size)
            opened = partial(zip_member, path, info)
            sources.append(Source(f"{path}/{info.filename}", cast(Callable[[], BinaryIO], opened), info.file_size))
    return sources
