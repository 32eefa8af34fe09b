"""One thing worth acting on."""

from dataclasses import dataclass
from typing import Literal

Rests = Literal["model", "plan", "trace", "log"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and on what that rests. ``code`` has an entry in the catalogue."""

    code: str
    evidence: tuple[Rests, ...]
    sentence: str
    operations: tuple[int, ...] = ()
    """Rows of a placement's ``operations``."""
