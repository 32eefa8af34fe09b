"""A model's operations in a few lines, below what else is told of a recording."""

from collections.abc import Hashable, Mapping
from typing import Any, Final

from tracekit.analysis.findings.find import Explained
from tracekit.analysis.operations.placement import by_type
from tracekit.analysis.words import counted
from tracekit.report.numbers import share_text

_BRIEF: Final = 3
_PLANNED: Final = ("ANE", "GPU", "CPU")


def brief_lines(explained: Explained) -> list[str]:
    """How many operations, where the plan puts them, and the three heaviest types; the rest is for ``tracekit ops``."""
    placement, measured = explained.placement, explained.placement.measured
    rows = by_type(placement).sort_values(["type_weight", "cost", "count"], ascending=False, kind="stable")
    contradicted = set(placement.operations["type"].iloc[explained.rows_of("plan-not-followed")])
    lines = [counted(len(placement.operations), "operation")]
    if placement.has_plan:
        planned = ", ".join(f"{rows[engine].sum():,} on the {engine}" for engine in _PLANNED if rows[engine].any())
        lines[0] += f" in {counted(len(placement.segments), 'run')}; Core ML expects {planned or 'no engine'}"
    for row in rows.head(_BRIEF).to_dict("records"):
        parts = [_expected(row)] if placement.has_plan else []
        parts += [f"{share_text(row['cost'])} of the plan's cost"] if row["cost"] > 0 else []
        if measured is not None and row["type_weight"] >= 0:
            parts.append(f"measured {share_text(row['type_weight'] / (measured.weight or 1))}")
        parts += ["seen on the CPU"] if row["type"] in contradicted else []
        dtypes = f" ({row['dtypes']})" if row["dtypes"] else ""
        lines.append(f"{row['type']} × {row['count']:,}{dtypes}{': ' if parts else ''}{', '.join(parts)}")
    left = len(rows) - _BRIEF
    more = f"{counted(left, 'other type')}, each operation and why" if left > 0 else "each operation and why"
    return [*lines, f"tracekit ops tells more: {more}"]


def _expected(row: Mapping[Hashable, Any]) -> str:
    engines = [f"the {engine}" for engine in _PLANNED if row[engine]]
    return f"expected on {' and '.join(engines) or 'no engine'}"
