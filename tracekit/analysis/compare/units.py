"""The stretches of a recording that are compared with each other, in order of time.

    predictions   where it is known when each began
    blocks        of 20 ms otherwise: so short that a second gives fifty, and so long that what the work does stands
                  out from the chance of where a sample falls

A unit need not be independent of the one before: ``stats`` asks the series of units how far its past is felt.
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.model.schema import NONE

Ids = NDArray[np.int32]
Floats = NDArray[np.float64]

BLOCK_NS: Final = 20_000_000
UNITS_AT_MOST: Final = 1_000
"""A longer recording gets longer units: beyond a thousand, intervals hardly narrow and memory only grows."""
UNITS_NEEDED: Final = 10
"""A side with fewer says too little about its own spread. A row is compared where it was seen in so many units of
both sides together: under it, chance alone (0 of 9 against 9 of 9) may look sure."""


class Units(NamedTuple):
    """The units of a recording."""

    of_sample: Ids
    """For every sample its unit; -1: set apart, as it belongs to a warm-up prediction or to none."""
    total: int
    """How many units."""
    step: int
    """What a unit holds at most: nanoseconds, or predictions where those are known."""
    predictions: NDArray[np.int64]
    """Predictions in each unit; empty where predictions are not known."""
    of_prediction: Ids
    """For every row of ``iterations`` its unit, -1 for warm-up; empty where predictions are not known."""


def time_units(time_ns: NDArray[np.int64]) -> Units:
    """Units of a recording whose predictions are not known: blocks in which there are samples."""
    none = np.empty(0, np.int64), np.empty(0, np.int32)
    if not len(time_ns):
        return Units(np.empty(0, np.int32), 0, BLOCK_NS, *none)
    since = time_ns - time_ns.min()
    length = max(BLOCK_NS, -(-(int(since.max()) + 1) // UNITS_AT_MOST))
    _, unit = np.unique(since // length, return_inverse=True)
    return Units(unit.astype(np.int32), int(unit.max()) + 1, length, *none)


def prediction_units(time_ns: NDArray[np.int64], iterations: pd.DataFrame) -> Units:
    """Units of a recording whose predictions are known: from the begin of each steady one to the begin of the next.

    ``iterations`` has ``start_ns`` int64 and ``warmup`` bool, a row a prediction. Samples before the first steady
    prediction are set apart.
    """
    steady = ~iterations["warmup"].to_numpy().astype(bool)
    start = iterations["start_ns"].to_numpy()
    count = int(steady.sum())
    together = -(-count // UNITS_AT_MOST) or 1
    rank = np.full(len(start), NONE, np.int32)
    order = np.argsort(start, kind="stable")
    rank[order[steady[order]]] = np.arange(count, dtype=np.int32) // together
    place = np.searchsorted(start[order], time_ns, side="right") - 1
    of_sample = np.append(rank[order], np.int32(NONE))[place]
    predictions = np.bincount(rank[steady]).astype(np.int64)
    return Units(of_sample, len(predictions), together, predictions, rank)


class Parts(NamedTuple):
    """What is compared, by unit: the parts (a column a row of the result) and the whole they are parts of."""

    part: Floats
    whole: Floats
