"""A command on a large file begins to read it before anything else: loading pandas takes as long as a third of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_LARGE: Final = 2 << 20
"""Bytes. For a smaller file what it takes to begin early would be all that is gained."""


@contextmanager
def reading_ahead(arguments: Sequence[str]) -> Iterator[None]:
    """Let others begin to read the first large file that a command line names, until the block ends.

    Whoever chooses a reader is left to it, and so are the arguments of a program that is recorded.
    """
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    path = next((each for each in ours if not each.startswith("-") and _is_large(each)), None)
    if path is None or any(each.startswith("--reader") for each in ours):
        yield
        return
    from tracekit.readers.begin import beginning

    with beginning(path):
        yield


def _is_large(path: str) -> bool:
    try:
        place = Path(path)
        return place.is_file() and place.stat().st_size >= _LARGE
    except (OSError, ValueError):
        return False
