"""A comparison as JSON, schema ``tracekit.diff/2``."""

from typing import Any, Final

import pandas as pd

from tracekit.analysis.compare.result import Diff
from tracekit.analysis.compare.sides import Side
from tracekit.report.diff_headline import diff_headline
from tracekit.report.diff_sentences import diff_sentence, records

SCHEMA: Final = "tracekit.diff/2"
_DIGITS: Final = 6
_NUMBERS: Final = ("a", "b", "change", "low", "high")


def diff_document(diff: Diff) -> dict[str, Any]:
    """The document as plain values. ``differences`` are the rows whose change is shown; ``rows`` are all.

    Numbers are shares, 0 to 1, in rows of every ``kind`` but ``prediction``, where they are nanoseconds. ``low`` and
    ``high`` are null where nothing was tested.
    """
    return {
        "schema": SCHEMA,
        "headline": diff_headline(diff),
        "sentence": diff_sentence(diff),
        "a": [_side(side) for side in diff.a],
        "b": [_side(side) for side in diff.b],
        "basis": diff.basis,
        "differences": _records(diff.differences.drop(columns=["is_tested", "is_difference"])),
        "rows": _records(diff.rows),
        "notes": list(diff.notes),
    }


def _side(side: Side) -> dict[str, Any]:
    said = {name: getattr(side.verdict, name) for name in ("answer", "evidence", "sentence")}
    return {"source": side.name, "unit": side.unit, "verdict": said}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [_plain(row) for row in records(rows)]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: None if pd.isna(row[name]) else round(float(row[name]), _DIGITS) for name in _NUMBERS}
    p = None if pd.isna(row["p"]) else float(f"{row['p']:.3g}")  # small ones matter: digits, not places
    return row | numbers | {"p": p}
