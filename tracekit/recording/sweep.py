"""A sweep: the same model once with each of Core ML's four settings, and again, in an order that favours none.

The machine warms up, clocks change, other programs come and go: recorded one setting after the other, such drift would
look like a difference between settings. So the order is shuffled, and differences carry an interval.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.recording.harness.command import COMPUTE_UNITS, ComputeUnits

CONTROL: Final[ComputeUnits] = "cpuOnly"
"""With it no interval of the Neural Engine can be this model's."""
BASELINE: Final[ComputeUnits] = "all"

RESAMPLES: Final = 2_000
LEVEL: Final = 0.95
_SEED: Final = 4
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One recording of a sweep."""

    units: ComputeUnits
    repeat: int

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.units}-{self.repeat}"


def shuffled(repeats: int, seed: int) -> list[Step]:
    """Every setting once a round, each round in an order of its own."""
    source = random.Random(seed)  # noqa: S311 - an order, not a secret
    steps = []
    for repeat in range(1, repeats + 1):
        units = list(COMPUTE_UNITS)
        source.shuffle(units)
        steps += [Step(each, repeat) for each in units]
    return steps


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval; None where there is too little to say how sure it is."""

    value: float
    interval: tuple[float, float] | None

    @property
    def leaves_out_zero(self) -> bool:
        """Whether the interval shows a difference."""
        return self.interval is not None and (self.interval[0] > 0 or self.interval[1] < 0)


def median_ns(recordings: Sequence[Sequence[int]]) -> float:
    """The median prediction over all recordings of a setting."""
    return float(np.median(np.concatenate([np.asarray(each) for each in recordings])))


def difference_ns(of: Sequence[Sequence[int]], baseline: Sequence[Sequence[int]]) -> Estimate:
    """By how much the median prediction differs: bootstrap over recordings, then over predictions in each.

    One recording a setting cannot say how much recordings differ among themselves: then there is no interval.
    """
    value = median_ns(of) - median_ns(baseline)
    if min(len(of), len(baseline)) < 2:
        return Estimate(value, None)
    draw = np.random.default_rng(_SEED)
    draws = _medians(of, draw) - _medians(baseline, draw)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return Estimate(value, (low, high))


def _medians(recordings: Sequence[Sequence[int]], draw: np.random.Generator) -> NDArray[np.float64]:
    """The medians of many draws. Recordings of one sweep are equally long; a longer one loses its end."""
    length = min(len(each) for each in recordings)
    given = np.array([list(each)[:length] for each in recordings], np.float64)
    medians = np.empty(RESAMPLES)
    for start in range(0, RESAMPLES, _AT_ONCE):
        size = min(_AT_ONCE, RESAMPLES - start)
        recording = draw.integers(len(given), size=(size, len(given), 1))
        prediction = draw.integers(length, size=(size, len(given), length))
        medians[start : start + size] = np.median(given[recording, prediction].reshape(size, -1), axis=1)
    return medians
