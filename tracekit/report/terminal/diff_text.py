"""A comparison for the terminal: what changed in a sentence, then the numbers.

Every name from a trace goes through ``visible`` and into a ``Text``, never into markup.
"""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tracekit.analysis.compare.result import Diff
from tracekit.analysis.compare.sides import Side
from tracekit.report.diff_headline import diff_headline
from tracekit.report.diff_sentences import (
    basis_text,
    by_size,
    change_text,
    diff_answer,
    interval_text,
    records,
    row_label,
    value_text,
)
from tracekit.report.numbers import visible
from tracekit.report.terminal.diff_table import MARK, DiffRow, Layout, diff_table

_ROWS_SHOWN: Final = 10
_PARTS: Final = "per prediction, ms"
"""The table that is shown whole: its parts add up."""


def diff_view(diff: Diff, width: int | None = None) -> RenderableType:
    """What it means, the sentence, what is compared with what, the rows that changed, and what the intervals rest on.

    For a terminal of that width; without one, whole names on lines as long as they are.
    """
    head, clauses = diff_answer(diff)
    style = {"Different": "bold yellow", "Not tested": "bold"}.get(head, "bold green")
    headline = Text(diff_headline(diff), style="bold")
    told = [Padding(Text(clause), (0, 0, 0, 2), expand=False) for clause in clauses]
    parts: list[RenderableType] = [headline, Text.assemble((head, style), ":"), *told, Text()]
    parts += [_side_line(name, side) for name, sides in (("A", diff.a), ("B", diff.b)) for side in sides]
    parts.append(Text())
    sections = {title: [_written(row) for row in records(mine)] for title, mine in _sections(diff).items()}
    shown = {title: mine if title == _PARTS else mine[:_ROWS_SHOWN] for title, mine in sections.items()}
    layout = Layout.of([row for mine in shown.values() for row in mine], width)
    for title, mine in shown.items():
        parts += diff_table(title, mine, layout)
        if len(mine) < len(sections[title]):
            parts.append(Text(f"and {len(sections[title]) - len(mine)} more", style="dim"))
        parts.append(Text())
    parts += [Text(visible(note), style="dim") for note in (*_basis(diff, layout), *diff.notes)]
    return Group(*parts)


def _sections(diff: Diff) -> dict[str, pd.DataFrame]:
    """The rows that are told, by the heading of their table; without those that have none."""
    rows, found = diff.rows, diff.differences
    share = f"share of CPU time{', after warm-up' if diff.is_after_warmup else ''}"
    titles = {"prediction": _PARTS, "engine": share, "phase": "phase", "rule": "rule"}
    sections = {}
    for kind, title in titles.items():
        mine = rows[(rows["kind"] == kind) & ((rows["change"] != 0) | (kind == "engine"))]
        sections[title] = mine if kind in ("prediction", "engine") else by_size(mine)
    for kind, title in (("self", "function (self)"), ("total", "function (total)")):
        sections[title] = by_size(found[found["kind"] == kind])
    return {title: mine for title, mine in sections.items() if len(mine)}


def _basis(diff: Diff, layout: Layout) -> tuple[str, ...]:
    """What "differs" means here, and the mark that stands for it where words have no room."""
    differs = f"differs ({MARK})" if layout.has_marks else "differs"
    said = f"Intervals: 95 %, from {basis_text(diff)}. What {differs} also survives comparing so many rows at once."
    return () if diff.basis == "nothing" else (said,)


def _side_line(name: str, side: Side) -> Text:
    verdict = f"{side.verdict.answer} ({side.verdict.evidence})"
    return Text.assemble((f"{name}  ", "bold"), visible(side.name) or "-", (f"  {verdict}", "dim"))


def _written(row: Mapping[str, Any]) -> DiffRow:
    """A row for the table; the heading of predictions has their unit."""
    numbers = (value_text(row, "a"), value_text(row, "b"), change_text(row))
    a, b, change = (number.removesuffix(" ms") for number in numbers)
    return DiffRow(
        name=row_label(row),
        image=visible(row["image"]),
        numbers=(a, b, change, interval_text(row)),
        differs="yes" if row["is_difference"] else "not shown" if row["is_tested"] else "not tested",
        style=change_style(row["change"]) if row["is_difference"] else "",
    )


def change_style(change: float) -> str:
    """The colour of what rose or fell."""
    return "yellow" if change > 0 else "cyan" if change < 0 else ""
