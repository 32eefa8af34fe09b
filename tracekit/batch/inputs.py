"""Which recordings are meant, and whether one changed."""

import glob
import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from tracekit.errors import InputError


def expand(patterns: Sequence[str], *, without: Collection[Path] = ()) -> list[str]:
    """The files and folders that some patterns name (``*``, ``?``, ``[…]``, ``**``), each once, sorted.

    What lies inside a matched folder is part of it. Hidden files match only where a pattern spells their dot.

    Raises:
        InputError: a pattern names nothing.
    """
    left_out = {path.absolute() for path in without}
    found: set[str] = set()
    for pattern in patterns:
        # A path that is there is meant literally, also with a bracket in its name.
        names = [pattern] if os.path.lexists(pattern) else glob.glob(pattern, recursive=True)  # noqa: PTH207 - patterns may be absolute
        if not names:
            raise InputError("names no file or folder", where=pattern, hint="Quote patterns: 'traces/*.trace'")
        found |= {str(Path(name)) for name in names if Path(name).absolute() not in left_out}
    return sorted(name for name in found if not any(str(folder) in found for folder in Path(name).parents))


def fingerprint(path: str) -> str:
    """Changes when a recording, or a sidecar or a log beside it, changes: from names, sizes and times of its files.

    The contents are not read: a batch that goes on would have to read terabytes to find that nothing changed.

    Raises:
        OSError: it is gone.
    """
    digest = hashlib.sha256()
    for name, status in _files(Path(path)):
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _files(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    if path.is_dir():
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                file = Path(folder, name)
                yield str(file.relative_to(path)), file.lstat()
    else:
        yield "", path.stat()
    stem = glob.escape(path.name.partition(".")[0])
    for pattern in ("*sidecar.json", "log.ndjson"):
        for beside in sorted(path.parent.glob(f"{stem}.{pattern}")) if stem else []:
            yield beside.name, beside.lstat()
