"""What a comparison found, and what limits it."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from tracekit.analysis.compare.sides import SUMMED, Side
from tracekit.analysis.stats import survivors
from tracekit.model.shown import html_of

Basis = Literal["recordings", "predictions", "time", "nothing"]

QUANTILES: Final = {"wall_p50_ns": 0.50, "wall_p95_ns": 0.95}


@dataclass(frozen=True, slots=True, eq=False)
class Diff:
    """What was found."""

    a: tuple[Side, ...]
    """The recordings of A: one, or several of the same."""
    b: tuple[Side, ...]
    rows: pd.DataFrame
    """Columns: ``kind`` (engine, phase, rule, self, total or prediction), ``name``, ``image`` str; ``a``, ``b``,
    ``change`` float64: shares 0 to 1, or for ``prediction`` nanoseconds; ``low``, ``high``, ``p`` float64, NaN where
    not tested; ``is_tested``, ``is_difference`` bool."""
    basis: Basis
    """What the intervals rest on; ``nothing``: there are none, and no row is a difference."""
    notes: tuple[str, ...]
    """What limits the comparison, as sentences."""

    def __repr__(self) -> str:
        """In one line; the dataclass's own would print every table."""
        return f"<Diff by {self.basis}, {len(self.differences)} of {len(self.rows)} rows differ>"

    def _repr_html_(self) -> str:
        return html_of("Diff", self)

    @property
    def is_after_warmup(self) -> bool:
        """Whether shares and lengths leave out warm-up: predictions are known of all recordings, and some have it."""
        tables = [side.iterations for side in (*self.a, *self.b)]
        known = [table for table in tables if table is not None]
        return len(known) == len(tables) and any(bool(table["warmup"].any()) for table in known)

    @property
    def differences(self) -> pd.DataFrame:
        """The rows whose change is shown."""
        return self.rows[self.rows["is_difference"]].reset_index(drop=True)


def notes_on(a: tuple[Side, ...], b: tuple[Side, ...]) -> list[str]:
    """What makes two sides unlike, or leaves something out."""
    both = (("A", a), ("B", b))
    notes = []
    units = [sorted({side.unit for side in sides}) for _, sides in both]
    if len({*units[0], *units[1]}) > 1:
        counts = " and ".join(f"{name} counts {', '.join(unit)}" for (name, _), unit in zip(both, units, strict=True))
        notes.append(f"{counts}: their shares are of unlike things.")
    known = [name for name, sides in both if all(side.iterations is not None for side in sides)]
    if len(known) == 1 or (not known and any(side.iterations is not None for side in (*a, *b))):
        which = f"Only of {known[0]}" if known else "Not of every recording"
        notes.append(f"{which} is it known when each prediction began: nothing is compared per prediction.")
    saved = " and ".join(name for name, sides in both if any(side.focused is None for side in sides))
    if saved:
        interval = "Shares carry no interval, and functions" if len(a) == len(b) == 1 else "Functions"
        notes.append(f"{saved}: a saved result holds sums. {interval} are missing.")
    for name, sides in both:
        if any(side.is_empty for side in sides):
            what = "no sample" if len(sides) == 1 else "a recording with no sample"
            notes.append(f"{name} holds {what} inside the focus.")
    return notes


def note_on_nameless(shares: tuple[float, float]) -> list[str]:
    """That functions without a symbol are set apart, where there are some."""
    if not any(shares):
        return []
    a, b = (f"{share * 100:.1f} %" for share in shares)
    return [f"Functions without a symbol cannot be matched and are set apart: {a} of A and {b} of B (self)."]


def sums_only(a: tuple[Side, ...], b: tuple[Side, ...]) -> pd.DataFrame:
    """What even a saved result holds, without intervals: the mean over the recordings of each side."""
    parts = []
    for kind in SUMMED:
        means = [pd.concat([side.sums(kind) for side in sides], axis=1).fillna(0.0).mean(axis=1) for sides in (a, b)]
        both = pd.concat(means, axis=1, keys=["a", "b"]).fillna(0.0).sort_index().reset_index(names="name")
        parts.append(both.assign(kind=kind, image="", change=both["b"] - both["a"]))
    rows = pd.concat(parts, ignore_index=True).astype({"kind": "str", "name": "str", "image": "str"})
    return rows.assign(low=np.nan, high=np.nan, p=np.nan, is_tested=False)


def prediction_labels(names: list[str]) -> pd.DataFrame:
    """The first columns of rows of the kind ``prediction``."""
    return pd.DataFrame({"kind": "prediction", "name": names, "image": ""}).astype("str")


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with ``is_difference``; numbers of a test only where there was one."""
    tested = rows["is_tested"].to_numpy(bool)
    different = np.zeros(len(rows), bool)
    family = rows["kind"].replace({"total": "self"}).factorize()[0]
    different[tested] = survivors(rows["p"].to_numpy()[tested], family[tested])
    is_share = rows["kind"] != "prediction"  # no share changes by more than all
    low, high = (rows[name].mask(is_share, rows[name].clip(-1, 1)) for name in ("low", "high"))
    numbers = {name: values.where(tested) for name, values in (("low", low), ("high", high), ("p", rows["p"]))}
    return rows.assign(**numbers, is_difference=different)[
        ["kind", "name", "image", "a", "b", "change", "low", "high", "p", "is_tested", "is_difference"]
    ]
