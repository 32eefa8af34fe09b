"""The files that hold a model's constants. Only their sizes are looked at."""

import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tracekit.errors import InputError


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight files of one model."""

    source: str
    """The model, for errors."""
    folder: Path | None = None
    """Where its files lie. Weights are often left away where only operations are looked at: then nothing is checked."""

    def check(self, file: str, offset: int, size: int) -> None:
        """Check that a file can hold a constant.

        Raises:
            InputError: it is too short.
        """
        held = None if self.folder is None else _size_in(self.folder, file.removeprefix("@model_path/"))
        if held is not None and offset + size > held:
            shown = " ".join(file.split())
            raise InputError(
                f"a constant of {size:,} bytes at {offset:,} lies beyond the end of {shown} ({held:,} bytes)",
                where=self.source,
                hint="The model or its weights are cut off or swapped: copy them again",
            )


def _size_in(folder: Path, name: str) -> int | None:
    """Size of the file that a model names by a path inside its folder; None where there is none, or it lies outside."""
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts:
        return None
    try:
        status = (folder / inside).stat()
    except (OSError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
