"""Ticks of a machine's clocks → time since a recording began, by the recording's table ``time-info``.

    time = update-time + (tick − epoch) × numer / denom

The table has an epoch for each clock: ``mabs-epoch`` of mach_absolute_time, which stands still while the machine
sleeps, and ``mct-epoch`` of mach_continuous_time. ``timebase-info`` is read as numerator × 2^32 + denominator, as in
the one recording that was seen (125 and 3: 24 million ticks a second).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MACH: Final = "mabs-epoch"
_EPOCHS: Final = (MACH, "mct-epoch")
_LARGEST_TERM: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Epoch:
    """A moment on both clocks: ``tick`` ticks are ``time_ns`` of the recording."""

    time_ns: int
    tick: int
    numer: int
    denom: int

    def time_of(self, ticks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Time since the recording began; of what is years away, years."""
        time = self.time_ns + (ticks.astype(np.float64) - self.tick) * (self.numer / self.denom)
        return np.clip(time, -(1 << 62), 1 << 62).astype(np.int64)


def moment(table: pd.DataFrame | None, epoch: str = MACH) -> tuple[int, int] | None:
    """Time since the recording began, and tick of the same moment, by one clock; None where the table does not say."""
    if table is None or table.empty or epoch not in table:
        return None
    row = table.iloc[0]
    tick = _whole(row[epoch])
    return None if tick is None else (_whole(row.get("update-time", 0)) or 0, tick)


def epochs(table: pd.DataFrame | None) -> tuple[Epoch, ...]:
    """What a table ``time-info`` says of each clock; empty where it says nothing, or not how long a tick is."""
    if table is None or table.empty or "timebase-info" not in table:
        return ()
    numer, denom = divmod(_whole(table["timebase-info"].iloc[0]) or 0, 1 << 32)
    if not (0 < numer < _LARGEST_TERM and 0 < denom < _LARGEST_TERM):
        return ()
    moments = (moment(table, name) for name in _EPOCHS)
    return tuple(Epoch(*found, numer, denom) for found in moments if found is not None)


def _whole(value: object) -> int | None:
    if isinstance(value, str) or pd.isna(value):  # type: ignore[call-overload]
        return None
    return int(value)  # type: ignore[call-overload,no-any-return]
