"""What the system logged while a recording was made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from tracekit.model.facts import Notice

LOG: Final[Mapping[str, str]] = {
    "time_ns": "int64",
    "mach": "int64",
    "pid": "int64",
    "thread": "int64",
    "process": "category",
    "subsystem": "category",
    "category": "category",
    "message": "category",
}
"""Columns of ``Log.table``. ``time_ns`` is the time of ``Log.clock`` (-1: the line says none), ``mach`` ticks of the
machine's clock; ``mach``, ``pid`` and ``thread`` are -1 where a line has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """The lines of a log that are about neural networks, in the order of the file."""

    path: str
    table: pd.DataFrame
    lines: int
    """How many entries the log has in all: most are of something else, and are not kept."""
    notices: tuple[Notice, ...] = ()
    """What could not be read of it."""
    clock: Literal["wall", "trace"] = "wall"
    """What its times count: nanoseconds since 1970, or since the recording began."""
