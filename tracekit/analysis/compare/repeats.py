"""What changed between two sides that were recorded several times each.

Here the recording is what is counted. Each gives one number a row (a share, a mean, a percentile), and how much those
of a side differ from each other says how sure their mean is: Student's t, as Welch has it. So the intervals hold what
one pair of recordings cannot know: heat, other programs, what the app happened to do. Two of each are few, and
intervals are as wide as that; a third and a fourth narrow them most.

Engines, phases and rules are compared of saved results too: their shares need no samples.
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.compare.diff import diff
from tracekit.analysis.compare.result import (
    QUANTILES,
    Diff,
    judged,
    note_on_nameless,
    notes_on,
    prediction_labels,
    sums_only,
)
from tracekit.analysis.compare.rows import nameless, rows_of, weights, worth_comparing
from tracekit.analysis.compare.sides import SUMMED, Side, columns_of
from tracekit.analysis.stats import ENOUGH_FOR_P95, compared, mean
from tracekit.errors import SelectionError
from tracekit.model.profile import Profile

Floats = NDArray[np.float64]
Sides = tuple[Side, ...]

FEWEST: Final = 2
"""Of one recording nobody knows how much the next differs."""


class _Values(NamedTuple):
    """Some rows of the comparison as every recording has them."""

    labels: pd.DataFrame
    """``kind``, ``name``, ``image``."""
    of_recording: Floats
    """[recording, row], those of A first."""


def diff_sides(a: Sides, b: Sides) -> Diff:
    """Compare one recording with one other, or several of A with several of B.

    Raises:
        SelectionError: there is one of a side and several of the other.
    """
    if len(a) == len(b) == 1:
        return diff(a[0], b[0])
    if min(len(a), len(b)) < FEWEST:
        hint = "Name at least two of each, or one of each"
        raise SelectionError("several recordings are compared with several, not with one", hint=hint)
    return _diff_repeated(a, b)


def _diff_repeated(a: Sides, b: Sides) -> Diff:
    """Compare two sides, each recorded several times. A recording with nothing in the focus takes no part."""
    notes = notes_on(a, b)
    a_used, b_used = (tuple(side for side in sides if not side.is_empty) for sides in (a, b))
    if min(len(a_used), len(b_used)) < FEWEST:
        notes.append("Nothing is tested: it takes two recordings of each side that hold samples inside the focus.")
        return Diff(a, b, judged(sums_only(a, b)), "nothing", tuple(notes))
    every = (*a_used, *b_used)
    profiles = [side.focused for side in every if side.focused is not None]
    if len(profiles) == len(every):
        shares, unnamed = _shares_of_each(every, profiles, len(a_used))
        notes += note_on_nameless(unnamed)
    else:
        shares = _sums_of_each(every)
    found = [shares, _steady_values(every)] if _are_exact(every) else [shares]
    rows = []
    for labels, values in found:
        numbers = compared(mean(values[: len(a_used)]), mean(values[len(a_used) :]))
        rows.append(pd.concat([labels, numbers.assign(is_tested=True)], axis=1))
    return Diff(a, b, judged(pd.concat(rows, ignore_index=True)), "recordings", tuple(notes))


def _are_exact(every: Sides) -> bool:
    """Whether all say when their predictions began, and have some after warm-up."""
    return all(len(side.steady()) for side in every)


def _shares_of_each(every: Sides, profiles: list[Profile], first: int) -> tuple[_Values, tuple[float, float]]:
    """Engines, phases, rules and functions; and how much of A (the ``first`` ones) and of B has no symbol."""
    rows = rows_of(*profiles)
    each_row = np.arange(len(rows.labels), dtype=np.int32)
    exact = _are_exact(every)
    counted = [np.minimum(side.units(by_prediction=exact).of_sample, 0) for side in every]
    sums = np.stack([weights(one, unit, 1, each_row)[0] for one, unit in zip(rows.sides, counted, strict=True)])
    is_engine = (rows.labels["kind"] == "engine").to_numpy()
    whole = sums[:, is_engine].sum(axis=1, keepdims=True)
    values = np.divide(sums, whole, out=np.zeros_like(sums), where=whole > 0)
    means = [values[:first].mean(axis=0), values[first:].mean(axis=0)]
    kept = worth_comparing(rows.labels, means)
    labels = rows.labels.take(kept).reset_index(drop=True)[["kind", "name", "image"]]
    return _Values(labels, values[:, kept]), nameless(rows.labels, means)


def _sums_of_each(every: Sides) -> _Values:
    shares = [pd.concat([side.sums(kind) for side in every], axis=1).fillna(0.0).sort_index() for kind in SUMMED]
    labels = [pd.DataFrame({"kind": kind, "name": rows.index}) for kind, rows in zip(SUMMED, shares, strict=True)]
    named = pd.concat(labels, ignore_index=True).assign(image="").astype("str")
    return _Values(named, np.concatenate([rows.to_numpy(np.float64) for rows in shares]).T)


def _steady_values(every: Sides) -> _Values:
    """Means of what a steady prediction took, and percentiles of its length where each recording has enough."""
    columns = columns_of(every)
    tables = [side.steady() for side in every]
    enough = min(map(len, tables)) >= ENOUGH_FOR_P95
    quantiles = QUANTILES if enough else {}
    values = [
        [*table[columns].to_numpy(np.float64).mean(axis=0), *np.quantile(table["wall_ns"], list(quantiles.values()))]
        for table in tables
    ]
    return _Values(prediction_labels([*columns, *quantiles]), np.array(values))
