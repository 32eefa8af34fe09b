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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, TypeVar, cast

from tracekit.errors import InputError

INFLATION_FLOOR = 64 << 20
INFLATION_RATIO = 200
"""What is compressed may inflate to 64 MiB, or to 200 times its size. Real recordings inflate 5 to 50 times."""

DEFLATE_LIMIT: Final = 1100
"""No deflated stream inflates more than 1032 times; an archive that promises more is made to do harm."""

CHUNK: Final = 1 << 18
_SNIFFED_MEMBERS: Final = 200
_LOCAL_HEADER: Final = struct.Struct("<26xHH")
"""Ends with the lengths of the name and of what else stands before the data."""
_GZIP: Final = b"\x1f\x8b"
_TAR_ERRORS: Final = (tarfile.TarError, OSError, EOFError, ValueError, zlib.error)
_HINT: Final = "Unpack it yourself if you trust it, and open what is in it"

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class Container:
    """Where stored files come from."""

    open: Callable[[str], io.BufferedIOBase]
    """The stored bytes of a file in ``sizes``."""
    sizes: Mapping[str, int]
    """Names, with ``/`` between folders, and stored sizes in bytes."""
    size: int
    """What all of it takes on disk, in bytes."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Folders that could not be looked into, and why."""


def zip_container(path: Path) -> Container:
    """The members of a zip, every one checked before any is read. The file is open only while a member is read.

    Raises:
        InputError: the zip is damaged, or a member is encrypted, a link, absurdly big or reaches outside.
    """
    size, members = path.stat().st_size, zip_members(path)
    for info in members:
        _check_name(info.filename, path)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise InputError(f"the member {info.filename!r} is a link", where=path, hint=_HINT)
        check_zip_member(info, path, size)
    by_name = _distinct([(info.filename, info) for info in members], path)
    sizes = {name: info.file_size for name, info in by_name.items()}
    return Container(lambda name: zip_member(path, by_name[name]), sizes, size)


def zip_member(path: Path, info: zipfile.ZipInfo) -> zipfile.ZipExtFile:
    """The bytes of a zip member, inflated; no list of members is read again for it.

    Raises:
        InputError: it is not where the list says; or, when it is read, not what the list says.
    """
    where = f"{path}/{info.filename}"
    file = path.open("rb")
    file.seek(max(info.header_offset, 0))
    header = file.read(_LOCAL_HEADER.size)
    if info.header_offset < 0 or len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        file.close()
        raise InputError("the zip is damaged: a member is not where it should be", where=where)
    file.seek(sum(_LOCAL_HEADER.unpack(header)), io.SEEK_CUR)
    return _ZipMember(file, info, where)


class _ZipMember(zipfile.ZipExtFile):
    def __init__(self, file: BinaryIO, info: zipfile.ZipInfo, where: str) -> None:
        super().__init__(file, "r", info, close_fileobj=True)
        self._where = where

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return super().read(size)
        except (zipfile.BadZipFile, EOFError) as error:
            raise InputError("the zip is damaged: a member differs from its checksum", where=self._where) from error


def tar_container(path: Path, never_read: re.Pattern[str]) -> Container:
    """The members of a tar archive, but for those whose names match ``never_read``. They are kept in memory: a
    compressed tar can only be read from its beginning.

    Raises:
        InputError: the archive is damaged, or a member is no plain file, absurdly big or reaches outside.
    """
    size = path.stat().st_size
    found: list[tuple[str, bytes]] = []
    try:
        with path.open("rb") as file, _tar(file, inflation_limit(size), path) as archive:
            for member in archive:
                _check_name(member.name, path)
                if not (member.isfile() or member.isdir()):
                    raise InputError(f"the member {member.name!r} is a link or a device", where=path, hint=_HINT)
                if member.isfile() and not never_read.search(member.name):
                    found.append((member.name, cast(BinaryIO, archive.extractfile(member)).read()))
    except _TAR_ERRORS as error:
        raise InputError("the tar archive is damaged or cut off", where=path) from error
    contents = _distinct(found, path)
    return Container(lambda name: io.BytesIO(contents[name]), {name: len(contents[name]) for name in contents}, size)


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


def _check_name(name: str, path: Path) -> None:
    if not name.isprintable() or not name:
        raise InputError("the archive has a member without a proper name", where=path, hint=_HINT)
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or re.match(r"^[A-Za-z]:", name):
        raise InputError(f"the member {name!r} reaches outside the archive", where=path, hint=_HINT)


def _distinct(members: list[tuple[str, T]], path: Path) -> dict[str, T]:
    by_name = dict(members)
    if len(by_name) != len(members):
        raise InputError("the archive holds a member twice", where=path, hint=_HINT)
    return by_name


def _absurd(path: Path | str) -> InputError:
    return InputError("the archive claims to inflate far beyond any real recording", where=path, hint=_HINT)
