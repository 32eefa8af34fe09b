"""A sweep: the same model once with each of Core ML's four settings, and again, in an order that favours none.

The machine warms up, clocks change, other programs come and go: recorded one setting after the other, such drift would
look like a difference between settings. So the order is shuffled, and differences carry an interval.

Predictions of one recording are alike, and recordings are few. A bootstrap over them understates how much they differ,
and the middle 95 % of its draws is too narrow: of recordings that differ among themselves as much as predictions do, it
claimed a difference where there was none in 17 of 100 sweeps of three, and in 31 of two. So the interval is that of
Student's t, with the spread of the draws. It claims in 4 of 100 (200 trials each, for 2, 3, 5 and 8 recordings).
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
_T_95: Final = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447)
"""What Student's t exceeds, on either side together, once in twenty: with 1, 2, … 6 degrees of freedom."""
_NORMAL_95: Final = 1.960
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
    """By how much the median prediction differs, with its 95 % interval: bootstrap over recordings, then over
    predictions in each.

    One recording a setting cannot say how much recordings differ among themselves: then there is no interval.
    """
    value = median_ns(of) - median_ns(baseline)
    fewest = min(len(of), len(baseline))
    if fewest < 2:
        return Estimate(value, None)
    draw = np.random.default_rng(_SEED)
    spread = float((_medians(of, draw) - _medians(baseline, draw)).std(ddof=1))
    # Of n recordings drawn again, the spread is that of n - 1.
    reach = _student(2 * (fewest - 1)) * spread * (fewest / (fewest - 1)) ** 0.5
    return Estimate(value, (value - reach, value + reach))


def _student(freedom: int) -> float:
    """The quantile of ``_T_95`` for any degrees of freedom (Abramowitz and Stegun 26.7.5)."""
    if freedom <= len(_T_95):
        return _T_95[freedom - 1]
    z = _NORMAL_95
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


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
