"""The folders that an agent was given, and nothing beside them."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tracekit.errors import InputError, SelectionError

ENDINGS: Final = (".trace", ".zip", ".xml", ".xml.gz", ".tar.gz", ".tgz", ".txt", ".folded")
"""How files are called that may be recordings. Whatever a file is called, it can be opened by its name."""


class Folders:
    """Paths are those inside, after every symbolic link."""

    def __init__(self, folders: Sequence[str | Path]) -> None:
        """Raises:
        InputError: one is no folder.
        """
        self.roots = tuple(Path(folder).resolve() for folder in folders)
        for root in self.roots:
            if not root.is_dir():
                raise InputError("is no folder", where=root)

    def path(self, name: str) -> Path:
        """What a name means: an absolute path, or one seen from the first folder that has it.

        Raises:
            SelectionError: it, or a link in it, leads out of the folders; or there is nothing.
        """
        for root in self.roots:
            place = _resolved(root / name)
            if place is not None and self._holds(place):
                self._check_links(place)
                return place
        given = ", ".join(map(str, self.roots))
        raise SelectionError(
            "there is no such recording in the folders that were given", where=name, hint=f"Folders: {given}"
        )

    def recordings(self) -> Iterator[Path]:
        """What may be a recording, by its name; no hidden files, and nothing inside a bundle."""
        for root in self.roots:
            for folder, folders, files in os.walk(root):
                bundles = [name for name in folders if name.endswith(".trace")]
                folders[:] = sorted(name for name in folders if name not in bundles and not name.startswith("."))
                for name in sorted([*bundles, *files]):
                    place = Path(folder, name)
                    if name.lower().endswith(ENDINGS) and not name.startswith(".") and self._holds(_resolved(place)):
                        yield place

    def _holds(self, place: Path | None) -> bool:
        return place is not None and any(place.is_relative_to(root) for root in self.roots)

    def _check_links(self, place: Path) -> None:
        for folder, folders, files in os.walk(place):
            for each in (Path(folder, name) for name in (*folders, *files)):
                if each.is_symlink() and not self._holds(_resolved(each)):
                    raise SelectionError("holds a link that leads out of the folders that were given", where=each)


def _resolved(place: Path) -> Path | None:
    """What is there after every link; None where nothing is, links go round, or no file can have that name."""
    try:
        return place.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        return None
