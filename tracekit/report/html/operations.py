"""The operations of a model as the page shows them: a strip of runs, and a table."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tracekit.analysis.operations.measured import key_of
from tracekit.analysis.operations.placement import Placement
from tracekit.model.schema import NONE

ROWS_SHOWN: Final = 1_000
"""Of a model with more, the costliest."""


@dataclass(frozen=True, slots=True)
class Run:
    """Operations one after the other that are planned for one engine."""

    number: int
    engine: str
    count: int
    cost: float
    share: float
    """Of the strip's width: its operations among all that are planned."""
    given: int
    """Values that it reads from runs on other engines."""


@dataclass(frozen=True, slots=True)
class Row:
    """One operation."""

    place: int
    name: str
    type: str
    makes: str
    engine: str
    supported: str
    cost: float
    run: int
    measured: float
    """Share of what was sampled in predictions, of all operations of its type; -1 where none was seen by name."""
    mark: str
    """What functions of its type have in their names."""
    reason: str


@dataclass(frozen=True, slots=True)
class ShownOperations:
    """What the page shows."""

    runs: list[Run]
    rows: list[Row]
    left_out: int
    transfers: int
    has_plan: bool


def shown_operations(placement: Placement) -> ShownOperations:
    """A placement as rows and runs."""
    rows = _rows(placement)
    kept = rows
    if len(rows) > ROWS_SHOWN:
        kept = sorted(sorted(rows, key=lambda row: -row.cost)[:ROWS_SHOWN], key=lambda row: row.place)
    return ShownOperations(
        runs=_runs(placement),
        rows=kept,
        left_out=len(rows) - len(kept),
        transfers=len(placement.transfers),
        has_plan=placement.has_plan,
    )


def _runs(placement: Placement) -> list[Run]:
    segments, transfers = placement.segments, placement.transfers
    planned = int(segments["count"].sum())
    of_target = placement.operations["segment"].to_numpy()[transfers["target"].to_numpy()]
    given = np.bincount(of_target, minlength=len(segments)) if len(transfers) else np.zeros(len(segments), int)
    columns = (segments[name].tolist() for name in ("engine", "count", "cost"))
    return [
        Run(number, engine, count, cost, count / planned, int(into))
        for number, (engine, count, cost, into) in enumerate(zip(*columns, given, strict=True), 1)
    ]


def _rows(placement: Placement) -> list[Row]:
    operations, measured = placement.operations, placement.measured
    marks, total = {}, 0
    if measured is not None:
        marks = dict(zip(measured.table["key"][::-1], measured.table["mark"][::-1], strict=True))
        total = measured.weight
    names = ("name", "type", "makes", "preferred", "supported", "cost", "segment", "type_weight", "reason")
    columns = (operations[name].tolist() for name in names)
    return [
        Row(
            place=place,
            name=name,
            type=kind,
            makes=makes,
            engine=engine,
            supported=supported,
            cost=cost if cost == cost else 0.0,  # NaN: the plan gives none
            run=segment + 1 if segment != NONE else 0,
            measured=weight / (total or 1) if weight >= 0 else -1.0,
            mark=marks.get(key_of(kind), ""),
            reason=reason,
        )
        for place, (name, kind, makes, engine, supported, cost, segment, weight, reason) in enumerate(
            zip(*columns, strict=True)
        )
    ]
