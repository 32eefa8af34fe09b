"""The files of a bundle: in a folder, or in a zip or tar archive that is read in place.

Nothing is written to disk. Files are found by the names that the folder or archive lists, never by a path made from
what a file says, so nothing outside can be reached. Most files are deflated by Instruments itself (zlib); that is told
file by file. What compression may blow up is bounded by the size of the input.
"""

import io
import os
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from tracekit.errors import InputError
from tracekit.files import reason
from tracekit.readers.archive import CHUNK, Container, first_names, inflation_limit, tar_container, zip_container
from tracekit.readers.source import Progress

_MARKS = re.compile(r"^(corespace|Trace\d+\.run)$")
_NEVER_READ = re.compile(
    r"(^|/)(instrument_data|shared_data|currentRun|__MACOSX)/|/spindex\.0$|/UI_state_metadata\.bin$"
)


@dataclass(slots=True)
class BundleFiles:
    """The files of one bundle, by their names inside it."""

    path: Path
    container: Container
    root: str = ""
    """Where the bundle lies in its container, with a ``/`` at the end."""
    progress: Progress | None = None
    done: int = 0
    """Stored bytes read so far. How many will be is not known: most files are never needed."""

    def __contains__(self, name: str) -> bool:
        return self.root + name in self.container.sizes

    def names(self, pattern: str) -> list[re.Match[str]]:
        """The files whose whole name matches, in order."""
        compiled = re.compile(pattern)
        inside = (name[len(self.root) :] for name in self.container.sizes if name.startswith(self.root))
        return [match for name in sorted(inside) if (match := compiled.fullmatch(name))]

    def where(self, name: str) -> str:
        """How errors name a file inside the bundle."""
        return f"{self.path}/{self.root}{name}"

    @property
    def limit(self) -> int:
        """What one file may inflate to, in bytes."""
        return inflation_limit(self.container.size)

    def read(self, name: str, size: int | None = None) -> bytes:
        """The content of a file, inflated where it is deflated; the first ``size`` bytes where that is given.

        Raises:
            InputError: the file is missing, damaged, cut off, or inflates far beyond the size of the bundle.
        """
        where = self.where(name)
        if name not in self:
            raise self._missing(name)
        stored = self.container.sizes[self.root + name]
        try:
            with self.container.open(self.root + name) as stream:
                content = _content(stream, stored, size, self.limit, where)
        except zlib.error as error:
            raise InputError("the file is damaged: it cannot be inflated", where=where) from error
        except OSError as error:
            raise InputError(f"the file cannot be read: {reason(error)}", where=where) from error
        self.done += stored
        if self.progress is not None:
            self.progress(self.done, None, 0)
        return content

    def _missing(self, name: str) -> InputError:
        for folder, why in self.container.unreadable.items():
            if folder == "." or name.startswith(f"{folder}/"):
                return InputError(f"the folder cannot be read: {why}", where=self.where(folder))
        return InputError("the file is missing from the bundle", where=self.where(name))


def sniff(path: Path) -> bool:
    """Whether a path is a ``.trace`` folder, or a zip or tar archive of one. Looks at names, not into files."""
    if path.is_dir():
        return path.suffix == ".trace" or any(_MARKS.match(name) for name in _names_in(path))
    return any(_root_of(name) is not None for name in first_names(path))


def open_files(path: Path, progress: Progress | None = None) -> BundleFiles:
    """The files of the bundle at ``path``: a folder, a zip or a tar archive, plain or compressed with gzip.

    Raises:
        InputError: an archive is damaged, holds several bundles or none, or has members that reach outside.
    """
    if path.is_dir():
        return BundleFiles(path, _folder_container(path), progress=progress)
    container = zip_container(path) if zipfile.is_zipfile(path) else tar_container(path, _NEVER_READ)
    roots = sorted({root for name in container.sizes if (root := _root_of(name)) is not None})
    if len(roots) != 1:
        found = ": " + ", ".join(root.rstrip("/") or "." for root in roots[:4]) if roots else ""
        raise InputError(
            f"the archive holds {len(roots) or 'no'} trace bundle{'s' * (len(roots) > 1)}{found}",
            where=path,
            hint="Pack one .trace folder in an archive of its own",
        )
    return BundleFiles(path, container, roots[0], progress)


def _folder_container(folder: Path) -> Container:
    """The files of a folder. Symbolic links are left out: a bundle has none."""
    sizes: dict[str, int] = {}
    unreadable: dict[str, str] = {}

    def refused(error: OSError) -> None:
        unreadable[Path(error.filename).relative_to(folder).as_posix()] = reason(error)

    for parent, folders, names in os.walk(folder, onerror=refused):
        folders[:] = [name for name in folders if not Path(parent, name).is_symlink()]
        inside = Path(parent).relative_to(folder).as_posix()
        for name in names:
            try:
                status = Path(parent, name).lstat()
            except OSError as error:  # a folder whose names may be read, and nothing more
                unreadable[inside] = reason(error)
                continue
            if stat.S_ISREG(status.st_mode):
                sizes[name if inside == "." else f"{inside}/{name}"] = status.st_size
    return Container(lambda name: (folder / name).open("rb"), sizes, sum(sizes.values()), unreadable)


def _names_in(folder: Path) -> list[str]:
    """What lies in a folder; nothing where it cannot be read."""
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []


def _root_of(name: str) -> str | None:
    """The folder of a bundle that a member's name shows, with a ``/`` at its end; None where it shows none."""
    parts = name.split("/")
    if "__MACOSX" in parts:
        return None
    for depth, part in enumerate(parts):
        if _MARKS.match(part) and depth + 1 < len(parts):
            return "".join(f"{parent}/" for parent in parts[:depth])
        if part.endswith(".trace") and depth + 1 < len(parts):
            return "".join(f"{parent}/" for parent in parts[: depth + 1])
    return None


def _content(stream: io.BufferedIOBase, stored: int, size: int | None, limit: int, where: str) -> bytes:
    """The first ``size`` bytes, or all. Of the stream no more is asked than the ``stored`` bytes and one, which finds
    the end: what is asked for is allocated.
    """
    head = stream.read(2)
    if len(head) == 2 and head[0] == 0x78 and int.from_bytes(head, "big") % 31 == 0:
        data = _inflated(stream, head, limit + 1 if size is None else min(size, limit + 1), where)
    else:
        wanted = stored + 1 if size is None else min(size, stored)
        data = head + stream.read(max(0, wanted - len(head)))
        data = data if size is None else data[:size]
    if len(data) > limit:
        raise InputError(
            f"the file inflates to more than {limit >> 20} MiB, far beyond the size of the bundle", where=where
        )
    return data


def _inflated(stream: io.BufferedIOBase, head: bytes, size: int, where: str) -> bytes:
    """At most ``size`` bytes of a zlib stream that begins with ``head``."""
    engine = zlib.decompressobj()
    parts: list[bytes] = []
    waiting = head
    while size > 0 and not engine.eof:
        waiting = waiting or stream.read(CHUNK)
        if not waiting:
            raise InputError("the file is cut off: its compressed data do not end", where=where)
        part = engine.decompress(waiting, size)
        waiting = engine.unconsumed_tail
        size -= len(part)
        parts.append(part)
    return b"".join(parts)
