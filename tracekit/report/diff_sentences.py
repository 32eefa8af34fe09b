"""What changed between two recordings in sentences, and what its rows are called: terminal, page, notebook, JSON."""

from collections.abc import Mapping
from typing import Any, Final, cast

import pandas as pd

from tracekit.analysis.compare.result import Diff
from tracekit.model.schema import Engine
from tracekit.report.numbers import DRIVING, readable_symbol, share_text, signed_text, visible

_PREDICTION_NAMES: Final = {
    "wall_ns": "length, mean",
    "wall_p50_ns": "length, median",
    "wall_p95_ns": "length, 95th percentile",
    "on_cpu_ns": "on a CPU",
    "ane_alone_ns": "ANE busy, CPU not",
    "gpu_alone_ns": "GPU busy, neither",
    "waiting_ns": "blocked, none busy",
    "unaccounted_ns": "unaccounted",
    "ane_busy_ns": "ANE busy in all",
    "gpu_busy_ns": "GPU busy in all",
    "cpu_ANE": "CPU, driving ANE",
    "cpu_GPU": "CPU, driving GPU",
    "cpu_CPU": "CPU, computing",
    "cpu_none": "CPU, no engine",
    "cpu_unknown": "CPU, unknown",
}


def diff_sentence(diff: Diff) -> str:
    """What changed, or that nothing is shown."""
    head, clauses = diff_answer(diff)
    return f"{head}: {'; '.join(clauses)}."


def diff_answer(diff: Diff) -> tuple[str, list[str]]:
    """The sentence in parts: the answer, and what it rests on, the most telling first."""
    rows = diff.rows
    if not rows["change"].any():
        return _alike(diff)
    if diff.basis == "nothing":
        largest = records(by_size(rows))[0]
        return "Not tested", [f"shares differ by up to {_amount(largest)} ({row_label(largest)})"]
    found = diff.differences
    if found.empty:
        tested = int(rows["is_tested"].sum())
        return "No difference shown", [f"of {tested} rows compared, none changed by more than chance explains"]
    clauses = [
        f"a prediction takes {value_text(row, 'b')} instead of {value_text(row, 'a')}"
        for row in records(found[found["name"] == "wall_ns"])
    ]
    if len({side.unit for side in (*diff.a, *diff.b)}) > 1:
        return "Different", clauses or ["A and B count unlike things; the rows below say what changed in each"]
    clauses += [
        f"{_work_of(row)} {'rose' if row['change'] > 0 else 'fell'} from {value_text(row, 'a')} to "
        f"{value_text(row, 'b')} of CPU time"
        for row in records(by_size(found[found["kind"] == "engine"]))
    ]
    return "Different", [*clauses, *_named_functions(found)]


def _alike(diff: Diff) -> tuple[str, list[str]]:
    """What can be said where nothing that was compared changed."""
    empty = [name for name, sides in (("A", diff.a), ("B", diff.b)) if all(side.is_empty for side in sides)]
    if empty:
        return "Nothing to compare", [f"no sample of {' and of '.join(empty)} is inside the focus"]
    if diff.rows["kind"].isin(["self", "total"]).any():
        return "No difference", ["A and B hold the same shares"]
    return "No difference", ["A and B hold the same shares of engines, phases and rules; functions were not compared"]


def row_label(row: Mapping[str, Any]) -> str:
    """What a row of a comparison is called: an engine, a phase, a rule, a function or a part of a prediction."""
    if row["kind"] == "engine":
        return DRIVING[cast(Engine, row["name"])]
    if row["kind"] == "prediction":
        return _PREDICTION_NAMES[row["name"]]
    if row["kind"] in ("self", "total"):
        return visible(readable_symbol(row["name"]))
    return visible(row["name"])


def _named_functions(found: pd.DataFrame) -> list[str]:
    """The function that rose most and the one that fell most; of several that moved alike, the lightest."""
    functions = found[found["kind"].isin(["self", "total"])]
    size = functions["change"].round(3).abs()
    weighed = functions.assign(size=size, weight=functions["a"] + functions["b"])
    ordered = weighed.sort_values(["size", "weight", "name"], ascending=[False, True, True])
    clauses = []
    for verb, mine in (("rose", ordered[ordered["change"] > 0]), ("fell", ordered[ordered["change"] < 0])):
        if len(mine):
            row = records(mine.head(1))[0]
            image = f" ({visible(row['image'])})" if row["image"] else ""
            clauses.append(f"{row_label(row)}{image} {verb} most, by {_amount(row)}")
    return clauses


def basis_text(diff: Diff) -> str:
    """What the intervals rest on; empty where nothing was tested."""
    return {
        "recordings": "how much the recordings of a side differ from each other",
        "predictions": "how much each recording changes from stretch to stretch of its predictions",
        "time": "how much each recording changes from stretch to stretch of its time",
        "nothing": "",
    }[diff.basis]


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, each by the names of its columns."""
    return rows.to_dict("records")  # type: ignore[return-value]  # column names are strings


def by_size(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a comparison, the largest change first."""
    size = rows["change"].abs()
    return rows.assign(size=size).sort_values(["size", "name"], ascending=[False, True])


def value_text(row: Mapping[str, Any], column: str) -> str:
    """A side's number: ``59.1 %``, of predictions ``3.333 ms``."""
    return f"{row[column] / 1e6:.3f} ms" if row["kind"] == "prediction" else share_text(row[column])


def _work_of(row: Mapping[str, Any]) -> str:
    """What a sentence calls the row of an engine: "no engine fell" would be another message."""
    named = {"none": "work of no engine", "unknown": "work of an unknown engine"}
    return named.get(row["name"], row_label(row))


def _amount(row: Mapping[str, Any]) -> str:
    """The size of a change, without its sign."""
    change = abs(row["change"])
    return f"{change / 1e6:.3f} ms" if row["kind"] == "prediction" else f"{change * 100:.1f} points"


def change_text(row: Mapping[str, Any]) -> str:
    """``+9.8``, in points; of predictions ``+0.512 ms``."""
    change = row["change"]
    return f"{signed_text(change / 1e6, 3)} ms" if row["kind"] == "prediction" else signed_text(change * 100)


def interval_text(row: Mapping[str, Any]) -> str:
    """``+6.0 … +14.0``, as ``change_text``; empty where nothing was tested."""
    if not row["is_tested"]:
        return ""
    scale, digits = (1e-6, 3) if row["kind"] == "prediction" else (100, 1)
    return f"{signed_text(row['low'] * scale, digits)} … {signed_text(row['high'] * scale, digits)}"
