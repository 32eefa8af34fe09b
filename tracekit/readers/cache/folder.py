"""Where entries lie: in the user's own cache folder, for nobody else, and never more than a bound.

An entry is a file named after its key. It is written under another name first, so that whoever reads it sees all of it.
"""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tracekit.files import cache_folder, reason

OFF: Final = "TRACEKIT_NO_CACHE"
"""An environment variable: with any value nothing is kept, and nothing that was kept is used."""

MOST_BYTES: Final = 10**9
"""Of all entries; the ones that were not used for longest go first."""

MOST_OF_ONE: Final = MOST_BYTES // 4
"""Of an entry; a larger one would leave no room for others."""

LEAST_BYTES: Final = 4 << 20
"""Of a file; a smaller one is read as quickly as an entry is found."""

_SUFFIX: Final = ".tables"
_AS_IT_IS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_SYSTEM_HAS_USERS: Final = hasattr(os, "getuid")


def is_worth_keeping(path: Path) -> bool:
    """Whether what is read of a path may be kept: it is a large file, and the user wants it."""
    try:
        return not os.environ.get(OFF) and path.is_file() and path.stat().st_size >= LEAST_BYTES
    except OSError:
        return False


def why_not() -> str:
    """Why the folder is not used, where it is there and cannot be; empty where it can."""
    try:
        status = cache_folder().lstat()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return reason(error)
    return "" if _is_private(status, stat.S_ISDIR) else "it is no folder, or others may write to it"


def kept() -> tuple[int, int]:
    """How many entries there are, and their bytes together."""
    sizes = [status.st_size for status, _ in _entries(cache_folder())]
    return len(sizes), sum(sizes)


def may_have(path: Path) -> bool:
    """Whether there is an entry of a file of the same size, which most likely is this one."""
    try:
        return next(cache_folder().glob(f"{path.stat().st_size}-*{_SUFFIX}"), None) is not None
    except OSError:
        return False


def load(of: Path, key: str) -> bytearray | None:
    """The entry of a file; None where there is none that can be trusted."""
    try:
        path = cache_folder() / _name(of, key)
        if not _is_private(path.parent.lstat(), stat.S_ISDIR):
            return None
        with os.fdopen(os.open(path, _AS_IT_IS), "rb") as file:
            status = os.fstat(file.fileno())
            if not _is_private(status, stat.S_ISREG) or status.st_size > MOST_OF_ONE:
                return None
            data = bytearray(status.st_size)
            if file.readinto(data) != len(data):
                return None
        os.utime(path)  # it was used
    except OSError:
        return None
    return data


def store(of: Path, key: str, parts: list[bytes] | None) -> None:
    """Keep an entry, if it can be kept; nothing depends on it."""
    if parts is None or sum(map(len, parts)) > MOST_OF_ONE:
        return
    place = cache_folder()
    with suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(place.lstat(), stat.S_ISDIR):
            return
        _write(place / _name(of, key), parts)
        _make_room(place)


def _name(of: Path, key: str) -> str:
    return f"{of.stat().st_size}-{key}{_SUFFIX}"


def _write(path: Path, parts: list[bytes]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")  # 0600, as mkstemp makes it
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _entries(place: Path) -> Iterator[tuple[os.stat_result, Path]]:
    for path in place.glob(f"*{_SUFFIX}"):
        with suppress(OSError):  # another command may have removed it since
            yield path.lstat(), path


def _make_room(place: Path) -> None:
    """Remove what was not used for longest, until the rest is within the bound."""
    entries = list(_entries(place))
    left = sum(status.st_size for status, _ in entries)
    for status, path in sorted(entries, key=lambda entry: entry[0].st_mtime_ns):
        if left <= MOST_BYTES:
            return
        path.unlink(missing_ok=True)
        left -= status.st_size


def _is_private(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether something is of a kind, and nobody else can have written to it."""
    is_ours = not _SYSTEM_HAS_USERS or (status.st_uid == os.getuid() and not status.st_mode & 0o022)
    return is_kind(status.st_mode) and is_ours
