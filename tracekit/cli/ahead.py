"""A command on a large file begins to read it before anything else: loading pandas takes as long as a third of it."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

_LARGE: Final = 2 << 20
"""Bytes. For a smaller file what it takes to begin early would be all that is gained."""


def reading_ahead(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose ``path``, if it names a large file, is read by others while the command loads what it needs."""

    @wraps(command)
    def run(**given: Any) -> None:
        path = given.get("path")
        if not isinstance(path, str) or not _is_large(path):
            command(**given)
            return
        from tracekit.readers.begin import beginning

        with beginning(path, given.get("reader") or "auto"):
            command(**given)

    return run


def _is_large(path: str) -> bool:
    try:
        place = Path(path)
        return place.is_file() and place.stat().st_size >= _LARGE
    except (OSError, ValueError):
        return False
