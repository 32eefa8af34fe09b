"""Which code read: another version of the readers may find something else in the same file."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from tracekit._version import __version__

_PACKAGE: Final = Path(__file__).parents[2]
_THAT_READ: Final = ("readers", "model")


@lru_cache(maxsize=1)
def code_version() -> str:
    """The version of tracekit, and of the files that read: they change between two versions while one works on them."""
    sources = sorted(path for folder in _THAT_READ for path in (_PACKAGE / folder).rglob("*.py"))
    states = ((path.name, path.stat()) for path in sources)
    return f"{__version__} {[(name, state.st_size, state.st_mtime_ns) for name, state in states]}"
