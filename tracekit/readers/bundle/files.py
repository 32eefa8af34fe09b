"""The files of a bundle: in a folder, or in a zip or tar archive that is read in place.

Nothing is written to disk. Files are found by the names that the folder or archive lists, never by a path made from
what a file says, so nothing outside can be reached. Most files are deflated by Instruments itself (zlib); that is told
file by file. What compression may blow up is bounded by the size of the input.
"""

import gzip
import io
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from tracekit.errors import InputError
from tracekit.files import reason
from tracekit.readers.source import Progress

INFLATION_FLOOR = 64 << 20
INFLATION_RATIO = 100
"""One file may inflate to 64 MiB, or to 100 times the whole bundle as it lies on disk. Real ones stay below 10."""

DEFLATE_LIMIT = 1100
"""No deflated stream inflates more than 1032 times; an archive that promises more is made to do harm."""

_CHUNK = 1 << 18
_SNIFFED_MEMBERS = 200
_MARKS = re.compile(r"^(corespace|Trace\d+\.run)$")
_NEVER_READ = re.compile(
    r"(^|/)(instrument_data|shared_data|currentRun|__MACOSX)/|/spindex\.0$|/UI_state_metadata\.bin$"
)
_GZIP = b"\x1f\x8b"
_TAR_ERRORS = (tarfile.TarError, OSError, EOFError, ValueError, zlib.error)
_ARCHIVE_HINT = "Unpack it yourself if you trust it, and open the .trace folder"


class Stream(Protocol):
    """Bytes to be read from the beginning; a read gives fewer bytes than asked for only at the end."""

    def read(self, size: int, /) -> bytes: ...


class Container(Protocol):
    """Where stored files come from."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Names, with ``/`` between folders, and stored sizes in bytes."""

    @property
    def size(self) -> int:
        """What all of it takes on disk, in bytes."""

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Folders that could not be looked into, and why."""

    def open(self, name: str) -> AbstractContextManager[Stream]:
        """The stored bytes of a file in ``sizes``."""


@dataclass(slots=True)
class Meter:
    """How many stored bytes were read so far; how many will be is not known, since most files are never needed."""

    progress: Progress | None = None
    done: int = 0

    def add(self, size: int) -> None:
        self.done += size
        if self.progress is not None:
            self.progress(self.done, None)


@dataclass(frozen=True, slots=True)
class BundleFiles:
    """The files of one bundle, by their names inside it."""

    path: Path
    container: Container
    root: str = ""
    """Where the bundle lies in its container, with a ``/`` at the end."""
    meter: Meter = field(default_factory=Meter)

    def __contains__(self, name: str) -> bool:
        return self.root + name in self.container.sizes

    def names(self, pattern: str) -> list[re.Match[str]]:
        """The files whose whole name matches, in order."""
        compiled = re.compile(pattern)
        inside = (name[len(self.root) :] for name in self.container.sizes if name.startswith(self.root))
        return [match for name in sorted(inside) if (match := compiled.fullmatch(name))]

    def where(self, name: str) -> str:
        """How errors name a file inside the bundle."""
        return f"{self.path}/{self.root}{name}"

    @property
    def limit(self) -> int:
        """What one file may inflate to, in bytes."""
        return max(INFLATION_FLOOR, INFLATION_RATIO * self.container.size)

    def read(self, name: str, size: int | None = None) -> bytes:
        """The content of a file, inflated where it is deflated; the first ``size`` bytes where that is given.

        Raises:
            InputError: the file is missing, damaged, cut off, or inflates far beyond the size of the bundle.
        """
        where = self.where(name)
        if name not in self:
            raise self._missing(name)
        stored = self.container.sizes[self.root + name]
        try:
            with self.container.open(self.root + name) as stream:
                content = _content(stream, stored, size, self.limit, where)
        except zlib.error as error:
            raise InputError("the file is damaged: it cannot be inflated", where=where) from error
        except OSError as error:
            raise InputError(f"the file cannot be read: {reason(error)}", where=where) from error
        self.meter.add(stored)
        return content

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Folders of the bundle that the system did not let us look into, and why."""
        return {name.removeprefix(self.root): why for name, why in self.container.unreadable.items()}

    def _missing(self, name: str) -> InputError:
        for folder, why in self.unreadable.items():
            if folder == "." or name.startswith(f"{folder}/"):
                return InputError(f"the folder cannot be read: {why}", where=f"{self.path}/{self.root}{folder}")
        return InputError("the file is missing from the bundle", where=self.where(name))


def is_bundle(path: Path) -> bool:
    """Whether a path looks like a bundle or an archive of one; looks at names only."""
    if path.is_dir():
        return path.suffix == ".trace" or any(_MARKS.match(name) for name in _names_in(path))
    return any(_root_of(name) is not None for name in _first_names(path))


def open_files(path: Path, progress: Progress | None = None) -> BundleFiles:
    """The files of the bundle at ``path``: a folder, a zip or a tar archive, plain or compressed with gzip.

    Raises:
        InputError: an archive is damaged, holds several bundles or none, or has members that reach outside.
    """
    if path.is_dir():
        return BundleFiles(path, FolderContainer.scan(path), meter=Meter(progress))
    container = ZipContainer.scan(path) if zipfile.is_zipfile(path) else TarContainer.scan(path)
    roots = sorted({root for name in container.sizes if (root := _root_of(name)) is not None})
    if len(roots) != 1:
        found = ": " + ", ".join(root.rstrip("/") or "." for root in roots[:4]) if roots else ""
        raise InputError(
            f"the archive holds {len(roots) or 'no'} trace bundle{'s' * (len(roots) > 1)}{found}",
            where=path,
            hint="Pack one .trace folder in an archive of its own",
        )
    return BundleFiles(path, container, roots[0], Meter(progress))


@dataclass(frozen=True, slots=True)
class FolderContainer:
    """Files of a folder. Symbolic links are left out: a bundle has none."""

    folder: Path
    sizes: Mapping[str, int]
    size: int
    unreadable: Mapping[str, str]

    @classmethod
    def scan(cls, folder: Path) -> "FolderContainer":
        sizes: dict[str, int] = {}
        unreadable: dict[str, str] = {}

        def refused(error: OSError) -> None:
            unreadable[Path(error.filename).relative_to(folder).as_posix()] = reason(error)

        for parent, folders, names in os.walk(folder, onerror=refused):
            folders[:] = [name for name in folders if not Path(parent, name).is_symlink()]
            inside = Path(parent).relative_to(folder).as_posix()
            for name in names:
                try:
                    status = Path(parent, name).lstat()
                except OSError as error:  # a folder whose names may be read, and nothing more
                    unreadable[inside] = reason(error)
                    continue
                if stat.S_ISREG(status.st_mode):
                    sizes[name if inside == "." else f"{inside}/{name}"] = status.st_size
        return cls(folder, sizes, sum(sizes.values()), unreadable)

    def open(self, name: str) -> AbstractContextManager[Stream]:
        return (self.folder / name).open("rb")


@dataclass(frozen=True, slots=True)
class ZipContainer:
    """Members of a zip; the file is open only while a member is read."""

    path: Path
    members: Mapping[str, zipfile.ZipInfo]
    sizes: Mapping[str, int]
    size: int
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def scan(cls, path: Path) -> "ZipContainer":
        """Check every member before any is read.

        Raises:
            InputError: the zip is damaged, or a member is encrypted, a link, absurdly big or reaches outside.
        """
        size = path.stat().st_size
        try:
            with zipfile.ZipFile(path) as archive:
                members = [info for info in archive.infolist() if not info.is_dir()]
        except (OSError, ValueError, LookupError, NotImplementedError, zipfile.BadZipFile) as error:
            raise InputError("the zip is damaged: its list of members cannot be read", where=path) from error
        for info in members:
            _check_name(info.filename, path)
            _check_zip_member(info, size, path)
        _check_distinct([info.filename for info in members], path)
        by_name = {info.filename: info for info in members}
        return cls(path, by_name, {name: info.file_size for name, info in by_name.items()}, size)

    def open(self, name: str) -> AbstractContextManager[Stream]:
        return _ZipMember(self.path, self.members[name])


class _ZipMember:
    """The bytes of a zip member, inflated."""

    _LOCAL_HEADER: Final = struct.Struct("<4s22xHH")

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        self._info, self._left, self._crc = info, info.compress_size, 0
        self._engine = zlib.decompressobj(wbits=-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
        self._waiting = b""
        self._file = path.open("rb")
        self._file.seek(info.header_offset)
        header = self._file.read(self._LOCAL_HEADER.size)
        if len(header) < self._LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
            self._file.close()
            raise InputError("the zip is damaged: a member is not where it should be", where=f"{path}/{info.filename}")
        _, name_length, extra_length = self._LOCAL_HEADER.unpack(header)
        self._file.seek(name_length + extra_length, io.SEEK_CUR)
        self._where = f"{path}/{info.filename}"

    def __enter__(self) -> "_ZipMember":
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def read(self, size: int, /) -> bytes:
        parts: list[bytes] = []
        while size > 0 and (part := self._some(size)):
            parts.append(part)
            size -= len(part)
            self._crc = zlib.crc32(part, self._crc)
        if size > 0 and self._crc != self._info.CRC:
            raise InputError("the zip is damaged: a member differs from its checksum", where=self._where)
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        """Some bytes, at most ``size``; none at the end."""
        if self._engine is None:
            return self._stored(size)
        while not self._engine.eof:
            self._waiting = self._waiting or self._stored(_CHUNK)
            ends = not self._waiting
            part = self._engine.decompress(self._waiting, size)
            self._waiting = self._engine.unconsumed_tail
            if part or ends:
                return part
        return b""

    def _stored(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


@dataclass(frozen=True, slots=True)
class TarContainer:
    """Members of a tar archive, kept in memory: a compressed tar can only be read from its beginning."""

    contents: Mapping[str, bytes]
    sizes: Mapping[str, int]
    size: int
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def scan(cls, path: Path) -> "TarContainer":
        """Read the members that may be needed.

        Raises:
            InputError: the archive is damaged, or a member is no plain file, absurdly big or reaches outside.
        """
        size = path.stat().st_size
        contents: list[tuple[str, bytes]] = []
        try:
            with path.open("rb") as file, _tar(file, max(INFLATION_FLOOR, INFLATION_RATIO * size), path) as archive:
                for member in archive:
                    _check_name(member.name, path)
                    if not (member.isfile() or member.isdir()):
                        raise InputError(
                            f"the member {member.name!r} is a link or a device", where=path, hint=_ARCHIVE_HINT
                        )
                    if member.isfile() and not _NEVER_READ.search(member.name):
                        contents.append((member.name, _tar_member(archive, member)))
        except _TAR_ERRORS as error:
            raise InputError("the tar archive is damaged or cut off", where=path) from error
        _check_distinct([name for name, _ in contents], path)
        by_name = dict(contents)
        return cls(by_name, {name: len(data) for name, data in by_name.items()}, size)

    def open(self, name: str) -> AbstractContextManager[Stream]:
        return io.BytesIO(self.contents[name])


def _names_in(folder: Path) -> list[str]:
    """What lies in a folder; nothing where it cannot be read."""
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []


def _first_names(path: Path) -> Iterator[str]:
    """Member names of an archive, without reading all of a tar; none where the file is no archive."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as members:
                yield from members.namelist()
        elif _looks_like_tar(path):
            with path.open("rb") as file, _tar(file, INFLATION_FLOOR, path) as archive:
                yield from (member.name for member in islice(archive, _SNIFFED_MEMBERS))
    except (*_TAR_ERRORS, InputError, zipfile.BadZipFile, NotImplementedError):
        return


def _looks_like_tar(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(_CHUNK)
    if head.startswith(_GZIP):
        head = zlib.decompressobj(wbits=31).decompress(head, 512)
    return head[257:262] == b"ustar"


def _tar(file: BinaryIO, limit: int, path: Path) -> tarfile.TarFile:
    """A tar archive as a stream of at most ``limit`` bytes: headers, too, may claim any size."""
    magic = file.read(2)
    file.seek(0)
    plain = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if magic == _GZIP else file
    return tarfile.open(fileobj=cast(BinaryIO, _Limited(plain, limit, path)), mode="r|")


class _Limited:
    """A stream that refuses to give more than ``left`` bytes."""

    def __init__(self, stream: BinaryIO, left: int, path: Path) -> None:
        self._stream, self._left, self._path = stream, left, path

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _absurd(self._path)
        return data


def _tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    assert stream is not None, "a plain file"
    with stream:
        return stream.read()


def _root_of(name: str) -> str | None:
    """The folder of a bundle that a member's name shows, with a ``/`` at its end; None where it shows none."""
    parts = name.split("/")
    if "__MACOSX" in parts:
        return None
    for depth, part in enumerate(parts):
        if _MARKS.match(part) and depth + 1 < len(parts):
            return "".join(f"{parent}/" for parent in parts[:depth])
        if part.endswith(".trace") and depth + 1 < len(parts):
            return "".join(f"{parent}/" for parent in parts[: depth + 1])
    return None


def _check_name(name: str, path: Path) -> None:
    if not name.isprintable() or not name:
        raise InputError("the archive has a member without a proper name", where=path, hint=_ARCHIVE_HINT)
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or re.match(r"^[A-Za-z]:", name):
        raise InputError(f"the member {name!r} reaches outside the archive", where=path, hint=_ARCHIVE_HINT)


def _check_zip_member(info: zipfile.ZipInfo, size: int, path: Path) -> None:
    if stat.S_ISLNK(info.external_attr >> 16):
        raise InputError(f"the member {info.filename!r} is a link", where=path, hint=_ARCHIVE_HINT)
    if info.flag_bits & 1:
        raise InputError(f"the member {info.filename!r} is encrypted", where=path, hint="Unpack it first")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"the member {info.filename!r} is compressed in an unknown way", where=path)
    if info.file_size > min(DEFLATE_LIMIT * (info.compress_size + 1), max(INFLATION_FLOOR, INFLATION_RATIO * size)):
        raise _absurd(path)


def _check_distinct(names: list[str], path: Path) -> None:
    if len(set(names)) != len(names):
        raise InputError("the archive holds a member twice", where=path, hint=_ARCHIVE_HINT)


def _absurd(path: Path) -> InputError:
    return InputError("the archive claims to inflate far beyond any real bundle", where=path, hint=_ARCHIVE_HINT)


def _content(stream: Stream, stored: int, size: int | None, limit: int, where: str) -> bytes:
    """The first ``size`` bytes, or all. Of the stream no more is asked than the ``stored`` bytes and one, which finds
    the end: what is asked for is allocated.
    """
    head = stream.read(2)
    if len(head) == 2 and head[0] == 0x78 and int.from_bytes(head, "big") % 31 == 0:
        data = _inflated(stream, head, limit + 1 if size is None else min(size, limit + 1), where)
    else:
        wanted = stored + 1 if size is None else min(size, stored)
        data = head + stream.read(max(0, wanted - len(head)))
        data = data if size is None else data[:size]
    if len(data) > limit:
        raise InputError(
            f"the file inflates to more than {limit >> 20} MiB, far beyond the size of the bundle", where=where
        )
    return data


def _inflated(stream: Stream, head: bytes, size: int, where: str) -> bytes:
    """At most ``size`` bytes of a zlib stream that begins with ``head``."""
    engine = zlib.decompressobj()
    parts: list[bytes] = []
    waiting = head
    while size > 0 and not engine.eof:
        waiting = waiting or stream.read(_CHUNK)
        if not waiting:
            raise InputError("the file is cut off: its compressed data do not end", where=where)
        part = engine.decompress(waiting, size)
        waiting = engine.unconsumed_tail
        size -= len(part)
        parts.append(part)
    return b"".join(parts)
