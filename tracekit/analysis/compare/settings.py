"""A sweep's numbers: one model with each of Core ML's settings, so many recordings each.

Predictions of one recording are alike, and recordings are few: the unit is the recording. A setting's median is the
mean of its recordings' medians, and how sure a difference is says Welch's t over those. One recording cannot say how
much recordings differ among themselves: then there is no interval.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tracekit.analysis import stats


@dataclass(frozen=True, slots=True)
class Swept:
    """One recording of a sweep, analysed."""

    name: str
    units: str
    answer: str
    sentence: str
    samples: int
    """In predictions: what the answer rests on."""
    shares: Mapping[str, float]
    """Of the weight in predictions, by engine."""
    durations: Sequence[int]
    """Of the predictions after warm-up, in nanoseconds, as the harness measured them."""
    ane_rows: int | None
    """Rows of the Neural Engine's table, whoever's; None where it was not recorded."""
    conditions: Mapping[str, str] = field(default_factory=dict)
    """What should be the same in all recordings, such as ``{"thermal state": "nominal"}``."""


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much a setting's median differs from the baseline's, in nanoseconds."""

    value: float
    interval: tuple[float, float] | None
    """95 %; None where there is too little to say."""

    @property
    def is_shown(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.interval is not None and (self.interval[0] > 0 or self.interval[1] < 0)


@dataclass(frozen=True, slots=True)
class Setting:
    """All recordings of one setting."""

    units: str
    recordings: tuple[Swept, ...]
    median_ns: float | None
    against_baseline: Difference | None

    @property
    def answers(self) -> list[str]:
        """The answers that occur."""
        return sorted({each.answer for each in self.recordings})

    def shares(self, engine: str) -> list[float]:
        """An engine's share in each recording."""
        return [each.shares.get(engine, 0.0) for each in self.recordings]


def compare_settings(recordings: Sequence[Swept], order: Sequence[str], baseline: str) -> list[Setting]:
    """A setting for every one of ``order`` that was recorded."""
    by_units: dict[str, list[Swept]] = defaultdict(list)
    for each in recordings:
        by_units[each.units].append(each)
    medians = {
        units: [float(np.median(each.durations)) for each in by_units[units] if len(each.durations)] for units in order
    }
    return [
        Setting(
            units,
            tuple(by_units[units]),
            float(np.mean(medians[units])) if len(medians[units]) else None,
            difference(medians[units], medians[baseline]) if units != baseline else None,
        )
        for units in order
        if by_units[units]
    ]


def difference(medians: Sequence[float], baseline: Sequence[float]) -> Difference | None:
    """The difference of two settings' medians, one of each recording; None where one has none."""
    if not medians or not baseline:
        return None
    value = float(np.mean(medians) - np.mean(baseline))
    if min(len(medians), len(baseline)) < 2:
        return Difference(value, None)
    one, other = (stats.mean(np.array(each, np.float64)[:, np.newaxis]) for each in (baseline, medians))
    row = stats.compared(one, other).iloc[0]
    return Difference(value, (float(row["low"]), float(row["high"])))


def foreign_rows(recordings: Sequence[Swept], control: str) -> int:
    """How many rows of the Neural Engine's table the dirtiest recording of the control has: all are others'."""
    return max((each.ane_rows or 0 for each in recordings if each.units == control), default=0)


def differing_conditions(recordings: Sequence[Swept]) -> dict[str, dict[str, list[str]]]:
    """What was not the same in all recordings: for each condition its values, with the recordings that had them."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for each in recordings:
        for condition, value in each.conditions.items():
            found[condition][value].append(each.name)
    return {condition: dict(values) for condition, values in found.items() if len(values) > 1}
