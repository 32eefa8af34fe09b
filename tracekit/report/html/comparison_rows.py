"""The rows of a comparison as a page writes them: what differs first, then engines with their phases, and rules."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pandas as pd

from tracekit.analysis.compare.result import Diff
from tracekit.analysis.summary import Accounting
from tracekit.report.diff_sentences import by_size, change_text, interval_text, records, row_label, value_text
from tracekit.report.numbers import weight_text

FUNCTIONS_NAMED: Final = 6
"""So many of the functions that differ are named before everything else."""


Row = dict[str, Any]
"""A row of ``Diff.rows`` as it is written: ``key`` is the name as the comparison has it; ``way``, ``less``, ``more`` or
``same``, is what its change is coloured as."""


def groups(diff: Diff) -> list[dict[str, Any]]:
    """What differs: predictions and engines in full, and the functions that changed most."""
    found = diff.differences
    parts = {
        "One prediction": _of_kind(diff.rows, "prediction"),
        f"Share of CPU time{', after warm-up' if diff.is_after_warmup else ''}": _of_kind(diff.rows, "engine"),
        "Functions, by themselves": _telling(found[found["kind"] == "self"]).head(FUNCTIONS_NAMED),
        "Functions, with what they call": _telling(found[found["kind"] == "total"]).head(FUNCTIONS_NAMED),
    }
    return [{"title": title, "rows": _written(diff, rows)} for title, rows in parts.items() if len(rows)]


def _of_kind(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    return rows[(rows["kind"] == kind) & ((rows["a"] != 0) | (rows["b"] != 0))]


def _telling(functions: pd.DataFrame) -> pd.DataFrame:
    """Functions by the size of their change; of several that moved alike only the lightest, which is the innermost."""
    alike = functions.assign(alike=functions["change"].round(3), weight=functions["a"] + functions["b"])
    lightest = alike.sort_values(["weight", "name"], kind="stable").drop_duplicates("alike")
    return by_size(lightest)


def _written(diff: Diff, rows: pd.DataFrame) -> list[Row]:
    """Rows of one group. Their axis reaches as far as any change or interval: that of times, or that of shares."""
    is_time = diff.rows["kind"] == "prediction"
    alike = diff.rows[is_time if (rows["kind"] == "prediction").any() else ~is_time]
    farthest = float(np.nanmax(np.abs(alike[["change", "low", "high"]].to_numpy()), initial=0.0)) or 1.0
    return [_row(row, farthest) for row in records(rows)]


def _row(row: Mapping[str, Any], scale: float) -> Row:
    change, is_share = row["change"], row["kind"] != "prediction"
    told = "difference" if row["is_difference"] else "no difference shown" if row["is_tested"] else "not tested"
    way = "same" if not row["is_difference"] else "more" if change > 0 else "less"
    return {
        "key": row["name"],
        "name": row_label(row),
        "image": row["image"],
        "a": value_text(row, "a"),
        "b": value_text(row, "b"),
        "change": f"{change_text(row)} points" if is_share else change_text(row),
        "interval": interval_text(row),
        "told": told,
        "p": "" if not row["is_tested"] else "p < 0.0001" if row["p"] < 0.0001 else f"p = {row['p']:.2g}",
        "way": way,
        "effect": _effect(row, scale),
    }


def _effect(row: Mapping[str, Any], scale: float) -> dict[str, float]:
    """A change and its interval as places on an axis from 0 to 100, no change at 50."""
    change, low, high = (50 + 50 * row[name] / scale for name in ("change", "low", "high"))
    if not row["is_tested"]:
        low = high = change
    return {"left": min(change, 50.0), "width": abs(change - 50), "low": low, "high": high}


def rules(diff: Diff) -> list[Row]:
    """The rules of both sides, the largest change first."""
    return _written(diff, by_size(_of_kind(diff.rows, "rule")))


def engines(diff: Diff) -> list[tuple[Row, list[tuple[str, Row]]]]:
    """Each engine's row with the rows of its phases."""
    phases = [(row["key"].split(" ", 1), row) for row in _written(diff, by_size(_of_kind(diff.rows, "phase")))]
    return [
        (engine, [(phase, row) for (name, phase), row in phases if name == engine["key"]])
        for engine in _written(diff, _of_kind(diff.rows, "engine"))
    ]


def accounted(accounting: Accounting) -> list[tuple[str, list[str]]]:
    """Where the rows of a side went, counted and weighed: all, then in the order of ``Tally``."""
    rows = list(asdict(accounting.samples).values())
    weight = list(asdict(accounting.weight).values())[:-1]
    return [
        ("rows", [f"{number:,}" for number in rows]),
        ("weight", [*(weight_text(number, accounting.unit) for number in weight), "not known" if rows[-1] else "–"]),
    ]
