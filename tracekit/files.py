"""What a path names, before anything of it is read."""

import stat
from pathlib import Path

from tracekit.errors import InputError

_ENDLESS = (
    (stat.S_ISFIFO, "is a pipe", "Use - to read standard input"),
    (stat.S_ISCHR, "is a device", "Name a file or a folder"),
    (stat.S_ISBLK, "is a device", "Name a file or a folder"),
    (stat.S_ISSOCK, "is a socket", "Name a file or a folder"),
)


def check_readable(path: Path) -> None:
    """Refuse what may never end: pipes, devices, sockets.

    Raises:
        InputError: it is one, or there is nothing, or the system does not tell.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("there is no such file or folder", where=path) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {reason(error)}", where=path) from error
    for is_kind, what, hint in _ENDLESS:
        if is_kind(mode):
            raise InputError(what, where=path, hint=hint)


def reason(error: Exception) -> str:
    """Why the system refused, without number and path."""
    return str(getattr(error, "strerror", None) or error)
