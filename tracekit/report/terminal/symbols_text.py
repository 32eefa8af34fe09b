"""What ``tracekit symbols`` shows: what the rules know of a library's functions."""

from collections.abc import Iterator

import pandas as pd
from rich.table import Table
from rich.text import Text

from tracekit.attribution.known_symbols import Changes
from tracekit.report.numbers import visible

_SHOWN = 30
_NUMBERS = ("functions", "classes", "before", "after")


def rules_view(table: pd.DataFrame) -> Table:
    """How many functions each rule matches, with an example."""
    view = _table("rule", "engine", "phase", "functions", "example")
    for row in table.itertuples(index=False):
        view.add_row(str(row.rule), str(row.engine), str(row.phase), f"{row.names:,}", visible(str(row.example))[:90])
    return view


def classes_view(classes: pd.DataFrame) -> Table:
    """Classes by engine, and those that no rule knows."""
    known, unknown = classes[classes["rule"] != ""], classes[classes["rule"] == ""]
    view = _table("engine classes", "classes", "")
    for engine, count in known["engine"].value_counts().sort_index().items():
        view.add_row(str(engine), f"{count:,}", "")
    view.add_row("no rule knows", f"{len(unknown):,}", "")
    for row in unknown.head(_SHOWN).itertuples(index=False):
        view.add_row("", f"{row.methods:,}", visible(str(row.name)))
    if len(unknown) > _SHOWN:
        view.add_row("", "", f"and {len(unknown) - _SHOWN} more")
    return view


def undecided_lines(methods: pd.DataFrame) -> Iterator[Text]:
    """Every method that no rule decides: it is what the catalogue lacks."""
    undecided = methods.loc[methods["rule"] == "", "method"]
    share = f"{len(undecided) / (len(methods) or 1):.1%}".replace("%", " %")
    yield Text(f"{len(methods):,} methods of engine classes, of which no rule decides {len(undecided):,} ({share})")
    yield from (Text(f"  {visible(str(method))}") for method in undecided)


def changes_lines(changes: Changes) -> Iterator[Text | Table]:
    """What is new and gone, and what of it each rule matches."""
    yield Text(f"{len(changes.added):,} functions are new, {len(changes.removed):,} are gone")
    view = _table("rule", "before", "after")
    for row in changes.rules.itertuples(index=False):
        view.add_row(str(row.rule), f"{row.before:,}", f"{row.after:,}")
    yield view
    for sign, names in (("+", changes.added), ("-", changes.removed)):
        yield from (Text(f"{sign} {visible(name)}"[:180]) for name in names[:_SHOWN])
        if len(names) > _SHOWN:
            yield Text(f"{sign} and {len(names) - _SHOWN:,} more", style="dim")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in _NUMBERS else "left")
    return table
