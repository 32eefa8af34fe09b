"""Zip and tar archives, read in place: nothing of one is written to disk, and what it may blow up is bounded.

The list of members is read once; a member is found by its place in the file. Only members that are stored or deflated
are read: bzip2 and LZMA set aside memory of a size that the archive chooses.
"""

import gzip
import io
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

INFLATION_FLOOR = 64 << 20
INFLATION_RATIO = 200
"""What is compressed may inflate to 64 MiB, or to 200 times its size. Real recordings inflate 5 to 50 times."""

DEFLATE_LIMIT: Final = 1100
"""No deflated stream inflates more than 1032 times; an archive that promises more is made to do harm."""

CHUNK: Final = 1 << 18
_SNIFFED_MEMBERS: Final = 200
_GZIP: Final = b"\x1f\x8b"
_TAR_ERRORS: Final = (tarfile.TarError, OSError, EOFError, ValueError, zlib.error)
_HINT: Final = "Unpack it yourself if you trust it, and open what is in it"


def inflation_limit(size: int) -> int:
    """How many bytes may come out of ``size`` compressed ones."""
    return max(INFLATION_FLOOR, INFLATION_RATIO * size)


def zip_members(path: Path) -> list[zipfile.ZipInfo]:
    """The files in a zip, from its directory.

    Raises:
        InputError: the zip is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [info for info in archive.infolist() if not info.is_dir()]
    except (OSError, ValueError, LookupError, NotImplementedError, zipfile.BadZipFile) as error:
        raise InputError("the zip is damaged: its list of members cannot be read", where=path) from error


def check_zip_member(info: zipfile.ZipInfo, path: Path, size: int) -> None:
    """Refuse a member of a zip of ``size`` bytes that cannot be read, or that would blow up.

    Raises:
        InputError: it is encrypted, compressed in another way, or absurdly big.
    """
    where = f"{path}/{info.filename}"
    if info.flag_bits & 1:
        raise InputError("the member is encrypted", where=where, hint="Unpack the zip first")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError("the member is neither stored nor deflated", where=where, hint="Unpack the zip first")
    if info.file_size > min(DEFLATE_LIMIT * (info.compress_size + 1), inflation_limit(size)):
        raise _absurd(where)


def first_names(path: Path) -> Iterator[str]:
    """Member names of an archive, without reading all of a tar; none where the file is no archive."""
    try:
        if zipfile.is_zipfile(path):
            yield from (info.filename for info in zip_members(path))
        elif _looks_like_tar(path):
            with path.open("rb") as file, _tar(file, INFLATION_FLOOR, path) as archive:
                yield from (member.name for member in islice(archive, _SNIFFED_MEMBERS))
    except (*_TAR_ERRORS, InputError):
        return


class Stream(Protocol):
    """Bytes to be read from the beginning; a read gives fewer bytes than asked for only at the end."""

    def read(self, size: int, /) -> bytes: ...


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
        size, members = path.stat().st_size, zip_members(path)
        for info in members:
            _check_name(info.filename, path)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise InputError(f"the member {info.filename!r} is a link", where=path, hint=_HINT)
            check_zip_member(info, path, size)
        _check_distinct([info.filename for info in members], path)
        by_name = {info.filename: info for info in members}
        return cls(path, by_name, {name: info.file_size for name, info in by_name.items()}, size)

    def open(self, name: str) -> AbstractContextManager[Stream]:
        return ZipMember(self.path, self.members[name])


class ZipMember:
    """The bytes of a zip member, inflated; no list of members is read again for it."""

    _LOCAL_HEADER: Final = struct.Struct("<4s22xHH")

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        self._info, self._left, self._crc = info, info.compress_size, 0
        self._engine = zlib.decompressobj(wbits=-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
        self._waiting = b""
        self._where = f"{path}/{info.filename}"
        self._given = 0
        self._file = path.open("rb")
        self._file.seek(max(info.header_offset, 0))
        header = self._file.read(self._LOCAL_HEADER.size)
        if info.header_offset < 0 or len(header) < self._LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
            self._file.close()
            raise InputError("the zip is damaged: a member is not where it should be", where=self._where)
        _, name_length, extra_length = self._LOCAL_HEADER.unpack(header)
        self._file.seek(name_length + extra_length, io.SEEK_CUR)

    def tell(self) -> int:
        """How many bytes were given."""
        return self._given

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> "ZipMember":
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
        data = b"".join(parts)
        self._given += len(data)
        return data

    def _some(self, size: int) -> bytes:
        """Some bytes, at most ``size``; none at the end."""
        if self._engine is None:
            return self._stored(size)
        while not self._engine.eof:
            self._waiting = self._waiting or self._stored(CHUNK)
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
    def scan(cls, path: Path, never_read: re.Pattern[str]) -> "TarContainer":
        """Read the members, but for those whose names match ``never_read``.

        Raises:
            InputError: the archive is damaged, or a member is no plain file, absurdly big or reaches outside.
        """
        size = path.stat().st_size
        contents: list[tuple[str, bytes]] = []
        try:
            with path.open("rb") as file, _tar(file, inflation_limit(size), path) as archive:
                for member in archive:
                    _check_name(member.name, path)
                    if not (member.isfile() or member.isdir()):
                        raise InputError(f"the member {member.name!r} is a link or a device", where=path, hint=_HINT)
                    if member.isfile() and not never_read.search(member.name):
                        contents.append((member.name, _tar_member(archive, member)))
        except _TAR_ERRORS as error:
            raise InputError("the tar archive is damaged or cut off", where=path) from error
        _check_distinct([name for name, _ in contents], path)
        by_name = dict(contents)
        return cls(by_name, {name: len(data) for name, data in by_name.items()}, size)

    def open(self, name: str) -> AbstractContextManager[Stream]:
        return io.BytesIO(self.contents[name])


def _looks_like_tar(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
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


def _check_name(name: str, path: Path) -> None:
    if not name.isprintable() or not name:
        raise InputError("the archive has a member without a proper name", where=path, hint=_HINT)
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or re.match(r"^[A-Za-z]:", name):
        raise InputError(f"the member {name!r} reaches outside the archive", where=path, hint=_HINT)


def _check_distinct(names: list[str], path: Path) -> None:
    if len(set(names)) != len(names):
        raise InputError("the archive holds a member twice", where=path, hint=_HINT)


def _absurd(path: Path | str) -> InputError:
    return InputError("the archive claims to inflate far beyond any real recording", where=path, hint=_HINT)
