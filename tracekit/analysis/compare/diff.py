"""What changed between two recordings, and how sure that is.

Compared are shares of the focus (the CPU time inside predictions): of every engine, phase and rule, and of every
function, by self and by total. Where the predictions of both are known, what each took is compared too, per
prediction. A change is a *difference* only if its 95 % interval leaves out 0 and it survives the limit on false claims
over all rows (``resample.py``). Everything else is "no difference shown", which is not "no difference".

Where predictions are known, warm-up is set apart.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.compare.resample import (
    UNITS_NEEDED,
    Parts,
    Units,
    compared,
    compared_quantiles,
    prediction_units,
    survivors,
    time_units,
)
from tracekit.analysis.compare.rows import Floats, Rows, rows_of, weights
from tracekit.analysis.verdict.judge import Verdict, waiting_was_recorded
from tracekit.model.profile import Profile
from tracekit.model.schema import Unit

Resampled = Literal["predictions", "blocks", "nothing"]

SMALLEST_SHARE: Final = 0.001
"""Functions below this share of both sides together are not compared: each row more makes every other less sure."""

PER_PREDICTION: Final = (
    *("wall_ns", "ane_busy_ns", "gpu_busy_ns", "on_cpu_ns", "waiting_ns", "unaccounted_ns"),
    *("cpu_ANE", "cpu_GPU", "cpu_CPU", "cpu_none", "cpu_unknown"),
)
"""Columns of iterations that are compared, where both sides have them; ``cpu_…`` only where samples weigh time."""

EXACT_SOURCES: Final = frozenset({"sidecar", "signposts"})
"""Where predictions are read from gaps between samples, two may look like one: no length to compare."""
_QUANTILES: Final = {"wall_p50_ns": 0.50, "wall_p95_ns": 0.95}
_ENOUGH_FOR_QUANTILES: Final = 20
"""Predictions below which the 95th percentile is the longest one."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared. Tables are those of ``Analysis``."""

    name: str
    verdict: Verdict
    unit: Unit
    engines: pd.DataFrame
    phases: pd.DataFrame
    rules: pd.DataFrame
    focused: Profile | None
    """The attributed samples inside the focus; None where only sums were saved."""
    iterations: pd.DataFrame | None
    """A row a prediction: ``start_ns``, ``warmup``, and some of ``PER_PREDICTION``; None: not known exactly."""

    @classmethod
    def of(cls, analysis: Analysis) -> "Side":
        """An analysis as a side."""
        found = analysis.measured.iterations
        return cls(
            name=analysis.profile.meta.source,
            verdict=analysis.verdict,
            unit=analysis.accounting.unit,
            engines=analysis.engines,
            phases=analysis.phases,
            rules=analysis.rules,
            focused=analysis.focused,
            iterations=found.table if found.source in EXACT_SOURCES else None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Diff:
    """What was found."""

    a: Side
    b: Side
    rows: pd.DataFrame
    """Columns: ``kind`` (engine, phase, rule, self, total or prediction), ``name``, ``image`` str; ``a``, ``b``,
    ``change`` float64: shares 0 to 1, or for ``prediction`` nanoseconds; ``low``, ``high``, ``p`` float64, NaN where
    not tested; ``is_tested``, ``is_difference`` bool."""
    resampled: Resampled
    """What the intervals rest on; ``nothing``: there are none, and no row is a difference."""
    notes: tuple[str, ...]
    """What limits the comparison, as sentences."""

    @property
    def differences(self) -> pd.DataFrame:
        """The rows whose change is shown."""
        return self.rows[self.rows["is_difference"]].reset_index(drop=True)


def diff(a: Side, b: Side) -> Diff:
    """Compare two recordings."""
    notes = _notes(a, b)
    by_prediction = a.iterations is not None and b.iterations is not None
    units = (_units(a, by_prediction=by_prediction), _units(b, by_prediction=by_prediction))
    resampled: Resampled = "predictions" if by_prediction else "blocks"
    sampled = a.focused is not None and b.focused is not None
    is_enough = min(each.total for each in units) >= UNITS_NEEDED
    if (sampled or by_prediction) and not is_enough:
        notes.append(_too_few(units, resampled))
    if a.focused is not None and b.focused is not None and is_enough:
        shares, nameless = _shares(rows_of(a.focused, b.focused), units)
        rows = [shares]
        notes += _note_on_nameless(nameless)
    else:
        rows = [_sums_only(a, b)]
    if by_prediction and is_enough:
        rows += _predictions((a, b), units)
    is_tested = is_enough and (sampled or by_prediction)
    found = _judged(pd.concat(rows, ignore_index=True))
    return Diff(a, b, found, resampled if is_tested else "nothing", tuple(notes))


def _notes(a: Side, b: Side) -> list[str]:
    notes = []
    if a.unit != b.unit:
        notes.append(f"A counts {a.unit} and B counts {b.unit}: their shares are of unlike things.")
    waiting = [side.focused is not None and waiting_was_recorded(side.focused) for side in (a, b)]
    if a.focused is not None and b.focused is not None and waiting[0] != waiting[1]:
        with_waiting, without = ("A", "B") if waiting[0] else ("B", "A")
        notes.append(
            f"{with_waiting} recorded blocked threads too, and {without} only running ones: their shares are of unlike "
            "things. Compare what was measured per prediction."
        )
    if (a.iterations is None) != (b.iterations is None):
        known = "A" if b.iterations is None else "B"
        notes.append(f"Only of {known} is it known when each prediction began: nothing is compared per prediction.")
    saved = " and ".join(name for name, side in (("A", a), ("B", b)) if side.focused is None)
    if saved:
        notes.append(f"{saved}: a saved result holds sums. Shares carry no interval, and functions are missing.")
    for name, side in (("A", a), ("B", b)):
        if not int(side.engines["samples"].sum()):
            notes.append(f"{name} holds no sample inside the focus.")
    return notes


def _units(side: Side, *, by_prediction: bool) -> Units:
    time = np.empty(0, np.int64) if side.focused is None else side.focused.samples["time_ns"].to_numpy()
    return (
        prediction_units(time, side.iterations) if by_prediction and side.iterations is not None else time_units(time)
    )


def _too_few(units: tuple[Units, Units], resampled: Resampled) -> str:
    what = "steady predictions" if resampled == "predictions" else "blocks of time in which there are samples"
    return (
        f"Nothing is tested: A has {units[0].total} and B {units[1].total} {what}, and {UNITS_NEEDED} of each are "
        "needed. Record longer. Text formats hold no times."
    )


def _sums_only(a: Side, b: Side) -> pd.DataFrame:
    """What even a saved result holds, without intervals."""
    parts = []
    for kind, keys in (("engine", ["engine"]), ("phase", ["engine", "phase"]), ("rule", ["rule"])):
        shares = [_share_by_name(getattr(side, f"{kind}s"), keys, int(side.engines["weight"].sum())) for side in (a, b)]
        both = pd.concat(shares, axis=1, keys=["a", "b"]).fillna(0.0).sort_index().reset_index(names="name")
        parts.append(both.assign(kind=kind, image="", change=both["b"] - both["a"]))
    rows = pd.concat(parts, ignore_index=True).astype({"kind": "str", "name": "str", "image": "str"})
    return rows.assign(low=np.nan, high=np.nan, p=np.nan, is_tested=False)


def _share_by_name(table: pd.DataFrame, keys: list[str], whole: int) -> "pd.Series[float]":
    name = pd.Series([" ".join(row) for row in table[keys].itertuples(index=False)], dtype="str")
    return table["weight"].groupby(name.to_numpy()).sum() / (whole or 1)


def _shares(rows: Rows, units: tuple[Units, Units]) -> tuple[pd.DataFrame, list[float]]:
    """Engines, phases, rules and functions as shares of the focus; and how much of each side has no symbol."""
    every = np.arange(len(rows.labels), dtype=np.int32)
    sums = [
        weights(side, np.minimum(unit.of_sample, 0), 1, every)[0] for side, unit in zip(rows.sides, units, strict=True)
    ]
    kept = _worth_comparing(rows.labels, sums)
    column = np.full(len(every), -1, np.int32)
    column[kept] = np.arange(len(kept))
    parts = [weights(side, unit.of_sample, unit.total, column) for side, unit in zip(rows.sides, units, strict=True)]
    labels = rows.labels.take(kept).reset_index(drop=True)
    is_engine = (labels["kind"] == "engine").to_numpy()
    a, b = (Parts(part, part[:, is_engine].sum(axis=1)) for part in parts)  # every sample has one engine
    seen = sum(np.count_nonzero(part, axis=0) for part in parts)
    numbers = compared(a, b).assign(is_tested=seen >= UNITS_NEEDED)
    is_nameless = ((rows.labels["kind"] == "self") & ~rows.labels["is_named"]).to_numpy()
    is_any = (rows.labels["kind"] == "engine").to_numpy()
    nameless = [float(each[is_nameless].sum() / (each[is_any].sum() or 1)) for each in sums]
    return pd.concat([labels[["kind", "name", "image"]], numbers], axis=1), nameless


def _note_on_nameless(shares: list[float]) -> list[str]:
    if not any(shares):
        return []
    percent = " and ".join(
        f"{share:.1%} of {name}".replace("%", " %") for name, share in zip("AB", shares, strict=True)
    )
    return [f"Functions without a symbol cannot be matched and are set apart: {percent} (self)."]


def _worth_comparing(labels: pd.DataFrame, sums: list[Floats]) -> np.ndarray:
    """Rows that occur; of functions those that have a name and weigh something."""
    engines = (labels["kind"] == "engine").to_numpy()
    share = sum(each / (each[engines].sum() or 1) for each in sums)
    is_function = labels["kind"].isin(["self", "total"]).to_numpy()
    heavy = labels["is_named"].to_numpy() & (share >= 2 * SMALLEST_SHARE)
    return np.flatnonzero(np.where(is_function, heavy, np.asarray(share) > 0))


def _predictions(sides: tuple[Side, Side], units: tuple[Units, Units]) -> list[pd.DataFrame]:
    """What a steady prediction took: means of every column that both have, and percentiles of its length."""
    tables = [side.iterations for side in sides if side.iterations is not None]
    in_time = all(side.unit == "ns" for side in sides)
    columns = [
        name
        for name in PER_PREDICTION
        if all(name in table for table in tables)
        and any(table[name].any() for table in tables)
        and (in_time or name.endswith("_ns"))
    ]
    means, lengths = [], []
    for table, unit in zip(tables, units, strict=True):
        steady = unit.of_prediction >= 0
        part = np.zeros((unit.total, len(columns)))
        np.add.at(part, unit.of_prediction[steady], table[columns].to_numpy(np.float64)[steady])
        means.append(Parts(part, unit.predictions.astype(np.float64)))
        lengths.append(table["wall_ns"].to_numpy(np.float64)[steady])
    enough = min(map(len, lengths)) >= _ENOUGH_FOR_QUANTILES
    percentiles = compared_quantiles(lengths[0], lengths[1], tuple(_QUANTILES.values()))
    return [
        _named(columns, compared(means[0], means[1]), is_tested=True),
        _named(list(_QUANTILES), percentiles, is_tested=enough),
    ]


def _named(names: list[str], numbers: pd.DataFrame, *, is_tested: bool) -> pd.DataFrame:
    labels = pd.DataFrame({"kind": "prediction", "name": names, "image": ""}).astype("str")
    return pd.concat([labels, numbers.assign(is_tested=is_tested)], axis=1)


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with ``is_difference``; numbers of a test only where there was one."""
    tested = rows["is_tested"].to_numpy(bool)
    different = np.zeros(len(rows), bool)
    family = rows["kind"].replace({"total": "self"}).factorize()[0]
    different[tested] = survivors(rows["p"].to_numpy()[tested], family[tested])
    different &= (rows["low"].to_numpy() > 0) | (rows["high"].to_numpy() < 0)
    numbers = {name: rows[name].where(tested) for name in ("low", "high", "p")}
    return rows.assign(**numbers, is_difference=different)[
        ["kind", "name", "image", "a", "b", "change", "low", "high", "p", "is_tested", "is_difference"]
    ]
