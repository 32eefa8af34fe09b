"""The files that hold a model's constants. Only their sizes are looked at."""

from collections.abc import Callable
from dataclasses import dataclass

from tracekit.errors import InputError


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight files of one model."""

    source: str
    """The model, for errors."""
    size_of: Callable[[str], int | None] = lambda _: None
    """Size of a file by the path that the model gives it; None where it is not there. Weights are often left away
    where only operations are looked at, and then nothing is checked."""

    def check(self, file: str, offset: int, size: int) -> None:
        """Check that a file can hold a constant.

        Raises:
            InputError: it is too short.
        """
        held = self.size_of(file)
        if held is not None and offset + size > held:
            shown = " ".join(file.split())
            raise InputError(
                f"a constant of {size:,} bytes at {offset:,} lies beyond the end of {shown} ({held:,} bytes)",
                where=self.source,
                hint="The model or its weights are cut off or swapped: copy them again",
            )
