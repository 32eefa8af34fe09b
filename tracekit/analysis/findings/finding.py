"""One thing worth acting on."""

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from tracekit.analysis.findings.catalogue import entry

Rests = Literal["model", "plan", "trace", "log"]

WORTH_NAMING: Final = 0.05
"""From this share on something is named."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and on what that rests. ``code`` has an entry in the catalogue."""

    code: str
    evidence: tuple[Rests, ...]
    sentence: str
    operations: tuple[int, ...] = ()
    """Rows of a placement's ``operations``."""
    symbols: tuple[str, ...] = ()
    """Functions that were seen, heaviest first."""

    @classmethod
    def on(cls, operations: pd.DataFrame, code: str, *evidence: Rests, said: str) -> "Finding":
        """Of some rows of a placement's ``operations``."""
        return cls(code, evidence, said, tuple(operations.index.tolist()))

    @property
    def fix(self) -> str:
        """What to do, from the catalogue."""
        return entry(self.code).fix
