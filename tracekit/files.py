"""What a path names, before anything of it is read; the small files that lie beside a recording; and the folder of
what can be made again.
"""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import Any, Final

from tracekit.errors import InputError, OutputError

MOST_BYTES: Final = 256 << 20
"""More than any rules, sidecar, plan or saved analysis has: a sidecar takes about 200 bytes a prediction."""

STANDARD_INPUT: Final = "standard input"
"""What a recording that came through a pipe is called."""

CACHE_NAMED: Final = "TRACEKIT_CACHE_DIR"
"""An environment variable that names another cache folder."""

_ENDLESS: Final = (
    (stat.S_ISFIFO, "is a pipe"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
    (stat.S_ISSOCK, "is a socket"),
)


def as_argument(path: str) -> str:
    """A path in a command that is shown: quoted for a shell, and never taken for an option; ``-`` stays as it is."""
    return quote(f"./{path}" if path.startswith("-") and path != "-" else path)


def cache_folder() -> Path:
    """The user's folder of what can be made again, which may not be there yet: ``~/Library/Caches/tracekit``,
    ``~/.cache/tracekit`` or Windows' own.
    """
    named = os.environ.get(CACHE_NAMED)
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("tracekit", appauthor=False)


def check_readable(path: Path) -> None:
    """Refuse what may never end: pipes, devices, sockets.

    Raises:
        InputError: it is one, or there is nothing, or the system does not tell.
    """
    mode = _mode(path, "there is no such file or folder")
    for is_kind, what in _ENDLESS:
        if is_kind(mode):
            hint = "Use - to read standard input" if is_kind is stat.S_ISFIFO else "Name a file or a folder"
            raise InputError(what, where=path, hint=hint)


def check_file(path: Path) -> None:
    """Refuse what is no file, such as a folder or a pipe: what lies beside a recording is read from files alone.

    Raises:
        InputError: it is none, or there is nothing, or the system does not tell.
    """
    if str(path) in ("", "."):
        raise InputError("the path is empty", hint="Name a file")
    mode = _mode(path, "there is no such file")
    for is_kind, what in ((stat.S_ISDIR, "is a folder"), *_ENDLESS):
        if is_kind(mode):
            raise InputError(what, where=path, hint="Name a file")


def read_file(path: str | Path, most: int = MOST_BYTES) -> bytes:
    """All of a file of at most so many bytes.

    Raises:
        InputError: it is no file, cannot be read, or has more.
    """
    place = Path(path)
    check_file(place)
    try:
        with place.open("rb") as stream:
            content = stream.read(min(most, place.stat().st_size) + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {reason(error)}", where=path) from error
    if len(content) > most:
        raise InputError(f"has more than {most >> 20} MiB, which is far too much", where=path)
    return content


def read_json(path: str | Path) -> Any:
    """The value in a file of JSON.

    Raises:
        InputError: it cannot be read, or is no JSON.
    """
    return parse_json(read_file(path), str(path))


def parse_json(content: bytes, where: str) -> Any:
    """The value of JSON.

    Raises:
        InputError: it is none, or nests without end.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is no JSON ({error})", where=where) from error


@contextmanager
def writing(where: str | Path) -> Iterator[None]:
    """What the system says to writing in this block, as a sentence.

    Raises:
        OutputError: it refuses.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot be written: {reason(error)}", where=where) from error


def reason(error: Exception) -> str:
    """Why the system refused, without number and path."""
    return str(getattr(error, "strerror", None) or error)


def _mode(path: Path, nothing: str) -> int:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(nothing, where=path) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {reason(error)}", where=path) from error
