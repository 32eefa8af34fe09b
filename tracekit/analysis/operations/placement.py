"""A model's operations with the engine that each is planned for, what was measured of its type, and why.

One row an operation. Four sources meet here, and each column says from which it is:

    model      name, type, function, what it reads and makes
    plan       preferred, supported, cost: what Core ML expects (``plan.py``)
    trace      type_weight: of all operations of its type together (``measured.py``)
    compiler   reason: what Core ML's compiler or its log wrote about an engine

Runs of operations that are planned for one engine are segments. Where a segment reads what another engine's made,
there is a transfer.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from tracekit.analysis.operations.listing import listing
from tracekit.analysis.operations.measured import MeasuredTypes, key_of
from tracekit.model.operations import BITS, Model
from tracekit.model.schema import NONE

_OF_MODEL: Final = (
    *("part", "function", "depth", "name", "type", "reads", "makes", "outputs", "constant_bytes", "reason"),
)
"""Columns of a listing that stay."""
_KEY: Final = ["part", "function", "name"]


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """See the top of this file.

    ``operations``: ``row`` int32 (of the model's table; -1 where the plan alone tells of it), ``part``, ``function``,
    ``depth`` int16, ``name``, ``type``, ``reads``, ``makes``, ``outputs``, ``constant_bytes`` int64, ``reason``,
    ``preferred``, ``supported`` str, ``cost`` float64 (NaN: none), ``segment`` int32 (-1: not planned),
    ``type_weight`` int64 (-1: its type was not seen by name).

    ``segments``: ``segment`` int32, ``part``, ``function``, ``engine`` str, ``first``, ``last`` int32 (rows of
    ``operations``), ``count`` int32, ``cost`` float64.

    ``transfers``: ``source``, ``target`` int32 (rows of ``operations``), ``from_engine``, ``to_engine``, ``name``,
    ``dtype``, ``shape`` str, ``bytes`` int64 (-1: not fixed).
    """

    operations: pd.DataFrame
    segments: pd.DataFrame
    transfers: pd.DataFrame
    model: Model | None
    has_plan: bool
    unmatched_plan: int
    """Rows of the plan that are no operation of the model: then plan and model may be of two versions."""
    measured: MeasuredTypes | None = None
    os: str = ""
    """On which the plan was made; empty where nothing tells."""


def place(model: Model | None, plan: pd.DataFrame | None, measured: MeasuredTypes | None = None) -> Placement:
    """Join what is there: a model, a plan, or both; and what a recording shows."""
    operations, unmatched = _joined(model, plan)
    segment = _segments_of(operations)
    operations = operations.assign(segment=segment, type_weight=_type_weights(operations, measured))
    segments, transfers = _segments_along(operations), _transfers(operations, model)
    os = str(plan.attrs.get("os", "")) if plan is not None else ""
    return Placement(operations, segments, transfers, model, plan is not None, unmatched, measured, os)


def with_reasons(placement: Placement, reasons: pd.DataFrame) -> Placement:
    """With what a log says of types (``log.reasons_in``), where the compiled model says nothing itself."""
    said = {key_of(kind): reason for kind, reason in zip(reasons["type"], reasons["reason"], strict=True)}
    operations = placement.operations
    found = operations["type"].map(lambda kind: said.get(key_of(kind), ""))
    reason = operations["reason"].where(operations["reason"] != "", found)
    return replace(placement, operations=operations.assign(reason=reason.astype("str")))


def table_of(placement: Placement) -> pd.DataFrame:
    """One row an operation, constants too where there is a model: the columns of ``listing`` where there is one, then
    ``preferred``, ``supported``, ``cost``, ``segment`` and ``type_weight``.
    """
    if placement.model is None:
        return placement.operations.drop(columns="row")
    every = listing(placement.model)
    mine = placement.operations.set_index("row")
    empty = {"preferred": "", "supported": "", "segment": NONE, "type_weight": NONE, "reason": ""}
    added = mine[["preferred", "supported", "cost", "segment", "type_weight", "reason"]].reindex(every.index)
    added = added.fillna(empty).astype({"segment": "int32", "type_weight": "int64"})
    return every.assign(**{str(name): column for name, column in added.items()})


def by_type(placement: Placement) -> pd.DataFrame:
    """Operations gathered by type, most first.

    Columns: ``type`` str, ``count`` int64, ``dtypes`` str (``fp32 → fp16``, several with ``, ``), ``ANE``, ``GPU``,
    ``CPU`` int64 (how many are planned for each), ``cost`` float64 (sum; 0 without a plan), ``constant_bytes`` int64,
    ``type_weight`` int64, ``reason``, ``example`` str.
    """
    rows = placement.operations
    pair = rows["reads"] + " → " + rows["makes"]
    pair = pair.where((rows["reads"] != rows["makes"]) & (rows["reads"] != "") & (rows["makes"] != ""), rows["makes"])
    planned = {engine: (rows["preferred"] == engine).astype("int64") for engine in ("ANE", "GPU", "CPU")}
    rows = rows.assign(dtypes=pair, **planned)
    gathered = rows.groupby("type", sort=False).agg(
        count=("name", "size"),
        dtypes=("dtypes", _distinct),
        ANE=("ANE", "sum"),
        GPU=("GPU", "sum"),
        CPU=("CPU", "sum"),
        cost=("cost", "sum"),
        constant_bytes=("constant_bytes", "sum"),
        type_weight=("type_weight", "max"),
        reason=("reason", _distinct),
        example=("name", "first"),
    )
    order = ["cost", "count", "type"]
    return gathered.reset_index().sort_values(order, ascending=[False, False, True], ignore_index=True)


def _distinct(texts: pd.Series) -> str:
    return ", ".join(dict.fromkeys(text for text in texts if text))


def handovers(placement: Placement) -> np.ndarray:
    """How often at least the plan changes engines on the way from the model's inputs to each operation.

        x ─ conv ANE 0 ─ topk CPU 1 ─ relu ANE 2 ─ add ANE 2      operations of one number and engine can be one piece,
        y ─ relu CPU 0 ──────────────────────────────┘            in whatever order a file has them

    Without a model nothing tells what reads what: then it is the number of its run.
    """
    rows, model = placement.operations, placement.model
    if model is None:
        return rows["segment"].to_numpy()
    engine = rows["preferred"].tolist()
    _, sources, targets = _edges(rows, model)
    level = [0] * len(rows)
    for source, target in zip(sources.tolist(), targets.tolist(), strict=True):  # each after all that it reads from
        if source != NONE and target != NONE:
            changes = engine[source] != engine[target] and engine[source] != "" and engine[target] != ""
            level[target] = max(level[target], level[source] + changes)
    return np.array(level, np.int32)


def _joined(model: Model | None, plan: pd.DataFrame | None) -> tuple[pd.DataFrame, int]:
    """Operations with their plan, and how many rows of the plan found none. Constants are left out."""
    if model is None:
        if plan is None:
            raise ValueError("neither a model nor a plan was given")
        return _planned_alone(plan), 0
    rows = listing(model).assign(row=np.arange(len(model.operations), dtype=np.int32))
    rows = rows[~rows["is_constant"]].reset_index(drop=True)
    rows = rows[["row", *_OF_MODEL]]
    if plan is None:
        return rows.assign(preferred="", supported="", cost=np.nan), 0
    mine = rows.assign(name=_plan_names(model, rows["row"].to_numpy()))
    theirs = _written_out(plan)
    functions = rows["function"].unique()
    only = str(functions[0]) if len(functions) == 1 else ""
    theirs = theirs.assign(function=theirs["function"].where(theirs["function"] != "", only))
    mine, theirs = _numbered(mine), _numbered(theirs)
    wanted = [*_KEY, "key", "occurrence"]
    joined = mine[wanted].merge(theirs[[*wanted, "preferred", "supported", "cost"]], on=wanted, how="left")
    found = int(joined["preferred"].notna().sum())
    texts = {name: joined[name].fillna("").astype("str") for name in ("preferred", "supported")}
    return rows.assign(**texts, cost=joined["cost"]), len(theirs) - found


def _planned_alone(plan: pd.DataFrame) -> pd.DataFrame:
    """The plan's own rows, with nothing in the columns that only a model has."""
    kept = _written_out(plan)
    texts = {name: pd.Series("", index=kept.index, dtype="str") for name in ("reads", "makes", "outputs", "reason")}
    rows = kept.assign(row=np.full(len(kept), NONE, np.int32), constant_bytes=np.zeros(len(kept), np.int64), **texts)
    return rows[["row", *_OF_MODEL, "preferred", "supported", "cost"]]


def _written_out(plan: pd.DataFrame) -> pd.DataFrame:
    """The plan's rows that are no constants, with text for categories."""
    texts = dict.fromkeys(("part", "function", "name", "type", "preferred", "supported"), "str")
    return plan[~plan["type"].astype("str").str.startswith("const")].reset_index(drop=True).astype(texts)


def _plan_names(model: Model, rows: np.ndarray) -> np.ndarray:
    """How a plan names operations: a program's by their first output, a network's layers by their own name."""
    made = model.values[model.values["direction"] == "out"].drop_duplicates("operation_id")
    first = made.set_index("operation_id")["name"].reindex(rows).to_numpy()
    own = model.operations["name"].to_numpy()[rows]
    is_program = (model.operations["opset"].astype("str") != "").to_numpy()[rows] | (model.kind == "mlmodelc")
    return np.where(is_program & pd.notna(first), first, own)


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """With the key of each one's type, and a number for each of several that are named alike."""
    keyed = rows.assign(key=rows["type"].map(key_of))
    return keyed.assign(occurrence=keyed.groupby([*_KEY, "key"]).cumcount())


def _segments_of(operations: pd.DataFrame) -> np.ndarray:
    """The segment of each operation: a new one begins with another engine, function or part."""
    planned = operations.loc[operations["preferred"] != "", ["part", "function", "preferred"]]
    begins = (planned != planned.shift()).any(axis=1)
    return (begins.cumsum() - 1).reindex(operations.index, fill_value=NONE).to_numpy(np.int32)


def _segments_along(operations: pd.DataFrame) -> pd.DataFrame:
    rows = operations.assign(at=np.arange(len(operations), dtype=np.int32))
    rows = rows[rows["segment"] != NONE]
    gathered = rows.groupby("segment").agg(
        part=("part", "first"),
        function=("function", "first"),
        preferred=("preferred", "first"),  # agg has an argument that is called engine
        first=("at", "min"),
        last=("at", "max"),
        count=("at", "size"),
        cost=("cost", "sum"),
    )
    named = gathered.reset_index().rename(columns={"preferred": "engine"})
    return named.astype({"segment": "int32", "count": "int32"})


def _transfers(operations: pd.DataFrame, model: Model | None) -> pd.DataFrame:
    """Values that are made on one engine and read on another, by the plan; each once for an engine that reads it."""
    columns = {
        "source": "int32", "target": "int32", "from_engine": "str", "to_engine": "str",
        "name": "str", "dtype": "str", "shape": "str", "bytes": "int64",
    }  # fmt: skip
    if model is None or not (operations["segment"] != NONE).any():
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})
    reads, source, target = _edges(operations, model)
    engine = np.append(operations["preferred"].to_numpy(object), "")
    made_on, read_on = engine[source], engine[target]
    crossing = (made_on != read_on) & (made_on != "") & (read_on != "")
    kept = reads[crossing]
    found = pd.DataFrame(
        {
            "source": source[crossing],
            "target": target[crossing],
            "from_engine": made_on[crossing],
            "to_engine": read_on[crossing],
            "name": kept["name"].to_numpy(),
            "dtype": kept["dtype"].astype("str").to_numpy(),
            "shape": kept["shape"].to_numpy(),
            "bytes": _bytes(kept),
        }
    )
    return found.drop_duplicates(["source", "to_engine", "name"], ignore_index=True).astype(columns)


def positions(operations: pd.DataFrame, model: Model) -> np.ndarray:
    """For each operation of the model its row in a placement's ``operations``; -1 for constants."""
    at = np.full(len(model.operations), NONE, np.int32)
    at[operations["row"].to_numpy()] = np.arange(len(operations))
    return at


def _edges(operations: pd.DataFrame, model: Model) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """What operations read of each other, with the rows of who made it and of who reads it; -1 for constants."""
    at = positions(operations, model)
    reads = model.values[(model.values["direction"] == "in") & (model.values["source_id"] != NONE)]
    return reads, at[reads["source_id"].to_numpy()], at[reads["operation_id"].to_numpy()]


def _bytes(values: pd.DataFrame) -> np.ndarray:
    """What each takes; -1 where that is not fixed, or not known."""
    bits = values["dtype"].astype("str").map(BITS).fillna(0).to_numpy(np.int64)
    elements = values["elements"].to_numpy()
    return np.where((elements >= 0) & (bits > 0), (np.minimum(elements, 1 << 56) * bits + 7) // 8, NONE)


def _type_weights(operations: pd.DataFrame, measured: MeasuredTypes | None) -> np.ndarray:
    if measured is None:
        return np.full(len(operations), NONE, np.int64)
    by_key = measured.table.groupby("key")["weight"].sum().to_dict()
    return np.array([by_key.get(key_of(kind), NONE) for kind in operations["type"]], np.int64)
