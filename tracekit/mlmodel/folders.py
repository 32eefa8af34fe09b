"""Files in a model's folder: by names that the folder lists, with bounds on what is read into memory."""

import json
import mmap
import stat
from pathlib import Path
from typing import Any, Final

from tracekit.errors import InputError
from tracekit.mlmodel.wire import Buffer

MAX_TEXT: Final = 512 << 20
"""model.mil of the largest models in public repositories has some 20 MB: their weights are elsewhere."""
MAX_JSON: Final = 64 << 20


def mapped(path: Path) -> Buffer:
    """The bytes of a file, without reading them into memory.

    Raises:
        InputError: there is no such file, it is no plain file, or empty.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError("is no plain file", where=path)
        if not status.st_size:
            raise InputError("the file is empty", where=path)
        with path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from error


def read_text(path: Path) -> str:
    """A text file. Raises InputError where it cannot be read, is too big, or is no UTF-8."""
    data = _read(path, MAX_TEXT)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"is no text: byte {error.start:,} is not UTF-8", where=path) from error


def read_json(path: Path) -> Any:
    """A JSON file. Raises InputError where it cannot be read, is too big, or is no JSON."""
    try:
        return json.loads(_read(path, MAX_JSON))
    except (ValueError, RecursionError) as error:
        raise InputError(f"is no JSON ({error})", where=path) from error


def _read(path: Path, limit: int) -> bytes:
    data = mapped(path)
    if len(data) > limit:
        raise InputError(f"has {len(data):,} bytes, far more than any real one", where=path)
    return bytes(data)
