"""The operations of a model as the page shows them: a strip of runs, and a table."""

from typing import Any, Final

import numpy as np

from tracekit.analysis.operations.measured import key_of
from tracekit.analysis.operations.placement import Placement
from tracekit.report.diff_sentences import records

ROWS_SHOWN: Final = 1_000
"""Of a model with more, the costliest."""


def shown_operations(placement: Placement) -> dict[str, Any]:
    """What the page shows of a placement.

    A run is operations one after the other that are planned for one engine: ``share`` of the strip's width is theirs,
    and they read ``given`` values from runs on other engines. Of an operation, ``measured`` is the share of what was
    sampled in predictions, of all operations of its type (-1: none was seen by name), and ``mark`` is what functions
    of its type have in their names.
    """
    rows = _rows(placement)
    costly = sorted(rows, key=lambda row: -row["cost"])[:ROWS_SHOWN]
    return {
        "runs": _runs(placement),
        "rows": sorted(costly, key=lambda row: row["place"]),
        "left_out": len(rows) - len(costly),
        "transfers": len(placement.transfers),
        "has_plan": placement.has_plan,
    }


def _runs(placement: Placement) -> list[dict[str, Any]]:
    segments, transfers = placement.segments, placement.transfers
    planned = int(segments["count"].sum())
    of_target = placement.operations["segment"].to_numpy()[transfers["target"].to_numpy()]
    given = np.bincount(of_target, minlength=len(segments)) if len(transfers) else np.zeros(len(segments), int)
    shown = segments[["engine", "count", "cost"]].assign(
        number=np.arange(1, len(segments) + 1), share=segments["count"] / planned, given=given
    )
    return records(shown)


def _rows(placement: Placement) -> list[dict[str, Any]]:
    operations, measured = placement.operations, placement.measured
    marks, total = {}, 1
    if measured is not None:
        marks = dict(zip(measured.table["key"][::-1], measured.table["mark"][::-1], strict=True))
        total = measured.weight or 1
    weight = operations["type_weight"]
    shown = operations[["name", "type", "makes", "supported", "reason"]].assign(
        place=np.arange(len(operations)),
        engine=operations["preferred"],
        cost=operations["cost"].fillna(0.0),
        run=operations["segment"] + 1,
        measured=(weight / total).where(weight >= 0, -1.0),
        mark=[marks.get(key_of(kind), "") for kind in operations["type"]],
    )
    return records(shown)
