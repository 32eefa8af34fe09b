"""What changed between two recordings, and how sure that is.

Compared are shares of the focus (the CPU time inside predictions): of every engine, phase and rule, and of every
function, by self and by total. Where the predictions of both are known, what each took is compared too, per
prediction. A change is a *difference* only if its 95 % interval leaves out 0 and it survives the limit on false claims
over all rows (``stats``). Everything else is "no difference shown", which is not "no difference".

How sure: a recording is a series of units (``units``), and its slow waves say how far a share of it may be off. That is
what chance does inside the two recordings. What another recording of the same would give is known by recording again:
``repeats``.

Where predictions are known, warm-up is set apart.
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.compare.result import (
    QUANTILES,
    Basis,
    Diff,
    judged,
    note_on_nameless,
    notes_on,
    prediction_labels,
    sums_only,
)
from tracekit.analysis.compare.rows import Rows, nameless, rows_of, weights, worth_comparing
from tracekit.analysis.compare.sides import Side, columns_of
from tracekit.analysis.compare.units import UNITS_NEEDED, Parts, Units
from tracekit.analysis.stats import ENOUGH_FOR_P95, compared, compared_quantiles, felt, ratios, share, waves_for


def diff(a: Side, b: Side) -> Diff:
    """Compare two recordings."""
    sides = (a, b)
    notes = notes_on((a,), (b,))
    by_prediction = a.iterations is not None and b.iterations is not None
    units = (a.units(by_prediction=by_prediction), b.units(by_prediction=by_prediction))
    rows: list[pd.DataFrame] = []
    refused: list[str] = []
    shares = None
    if a.focused is not None and b.focused is not None:
        shares = _shares_of_focus(rows_of(a.focused, b.focused), units)
    if shares is not None:
        waves = shares.waves(units)
        refused += _refusal("share", shares, units, by_prediction=by_prediction) if not min(waves) else []
        notes += note_on_nameless(shares.nameless) if min(waves) else []
        rows += [shares.tested(waves)] if min(waves) else []
    if not rows:
        rows.append(sums_only((a,), (b,)))
    if by_prediction:
        lengths = _steady_means(sides, units)
        waves = lengths.waves(units)
        refused += _refusal("length", lengths, units, by_prediction=True) if not min(waves) else []
        rows += [lengths.tested(waves), _quantiles(sides, waves)] if min(waves) else [lengths.untested()]
    found = judged(pd.concat(rows, ignore_index=True))
    is_tested = bool(found["is_tested"].any())
    notes += [*dict.fromkeys(refused), *([_ONE_OF_EACH] if is_tested else [])]
    basis: Basis = "nothing" if not is_tested else "predictions" if by_prediction else "time"
    return Diff((a,), (b,), found, basis, tuple(notes))


_SEVERAL: Final = "record each several times, and compare them with tracekit diff A1 A2 A3 --against B1 B2 B3."
_ONE_OF_EACH: Final = (
    "The intervals know what chance does inside these two recordings. What changes from one recording to the next "
    f"(heat, other programs, what the app happened to do) is in none of them: {_SEVERAL}"
)


def _refusal(what: str, series: "_Series", units: tuple[Units, Units], *, by_prediction: bool) -> list[str]:
    """Why no ``what`` is tested, and what to do about it."""
    if min(each.total for each in units) < UNITS_NEEDED:
        counted = "steady predictions" if by_prediction else "blocks of time in which there are samples"
        return [
            f"Nothing is tested: A has {units[0].total} and B {units[1].total} {counted}, and {UNITS_NEEDED} of each "
            "are needed. Record longer. Text formats hold no times."
        ]
    pasts = [series.past(side) for side in (0, 1)]
    name, unit, past = max(zip("AB", units, pasts, strict=True), key=lambda row: row[2] / row[1].total)
    scale = f"{past * unit.step:,.0f} predictions" if by_prediction else f"{past * unit.step / 1e9:.1f} s"
    return [
        f"No {what} is tested: those of {name} stay alike for about {scale}, so the recording holds too few changes to "
        f"say how sure they are. Record longer, or {_SEVERAL}"
    ]


class _Series(NamedTuple):
    """Some rows of the comparison as the units of both sides have them."""

    labels: pd.DataFrame
    """``kind``, ``name``, ``image``."""
    parts: tuple[Parts, Parts]
    is_tested: NDArray[np.bool_]
    nameless: tuple[float, float] = (0.0, 0.0)
    """How much of each side has no symbol."""

    def past(self, side: int) -> float:
        """Over how many units the past is felt: of the rows of that kind in which it is felt longest."""
        part, whole = self.parts[side]
        kinds = self.labels["kind"].to_numpy()
        return max((felt(part[:, kinds == kind], whole) for kind in np.unique(kinds)), default=1.0)

    def waves(self, units: tuple[Units, Units]) -> tuple[int, int]:
        """How many waves each side may use; 0: none, so that nothing is tested."""
        if min(each.total for each in units) < UNITS_NEEDED:
            return 0, 0
        return waves_for(units[0].total, self.past(0)), waves_for(units[1].total, self.past(1))

    def untested(self) -> pd.DataFrame:
        """The rows without intervals."""
        a, b = (ratios(part, whole) for part, whole in self.parts)
        return self.labels.assign(a=a, b=b, change=b - a, low=np.nan, high=np.nan, p=np.nan, is_tested=False)

    def tested(self, waves: tuple[int, int]) -> pd.DataFrame:
        """The rows with their intervals."""
        a, b = (share(part, whole, count) for (part, whole), count in zip(self.parts, waves, strict=True))
        return pd.concat([self.labels, compared(a, b).assign(is_tested=self.is_tested)], axis=1)


def _shares_of_focus(rows: Rows, units: tuple[Units, Units]) -> _Series | None:
    """Engines, phases, rules and functions as shares of the focus; None where a side has nothing in its units."""
    every = np.arange(len(rows.labels), dtype=np.int32)
    pairs = list(zip(rows.sides, units, strict=True))
    sums = [weights(side, np.minimum(unit.of_sample, 0), 1, every)[0] for side, unit in pairs]
    kept = worth_comparing(rows.labels, sums)
    column = np.full(len(every), -1, np.int32)
    column[kept] = np.arange(len(kept))
    parts = [weights(side, unit.of_sample, unit.total, column) for side, unit in pairs]
    labels = rows.labels.take(kept).reset_index(drop=True)
    is_engine = (labels["kind"] == "engine").to_numpy()
    a, b = (Parts(part, part[:, is_engine].sum(axis=1)) for part in parts)  # every sample has one engine
    if not (a.whole.any() and b.whole.any()):
        return None
    seen = sum(np.count_nonzero(part, axis=0) for part in parts)
    return _Series(labels[["kind", "name", "image"]], (a, b), seen >= UNITS_NEEDED, nameless(rows.labels, sums))


def _steady_means(sides: tuple[Side, Side], units: tuple[Units, Units]) -> _Series:
    """What a steady prediction took: the mean of every column that both have."""
    columns = columns_of(sides)
    parts = []
    for side, unit in zip(sides, units, strict=True):
        assert side.iterations is not None
        steady = unit.of_prediction >= 0
        part = np.zeros((unit.total, len(columns)))
        np.add.at(part, unit.of_prediction[steady], side.iterations[columns].to_numpy(np.float64)[steady])
        parts.append(Parts(part, unit.predictions.astype(np.float64)))
    return _Series(prediction_labels(columns), (parts[0], parts[1]), np.ones(len(columns), bool))


def _quantiles(sides: tuple[Side, Side], waves: tuple[int, int]) -> pd.DataFrame:
    """Percentiles of a steady prediction's length; tested where both are enough to have them."""
    a, b = (side.steady()["wall_ns"].to_numpy(np.float64) for side in sides)
    numbers = compared_quantiles(a, b, waves, tuple(QUANTILES.values()))
    is_tested = (min(len(a), len(b)) >= ENOUGH_FOR_P95) & numbers["p"].notna()
    return pd.concat([prediction_labels(list(QUANTILES)), numbers.assign(is_tested=is_tested)], axis=1)
