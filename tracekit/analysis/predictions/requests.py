"""How often an engine was asked to work, exactly, as its own rows say: by model and by kind.

    depth 0   ├─ Neural Engine Prediction ─────┤ ├─ Neural Engine Prediction ─┤ ├─ Neural Engine Load ─┤
    depth 1     ├─ Flowers_main__Op0… ─────┤       ├─ Letters_main__Op0… ─┤
    requests  one of Flowers                     one of Letters                1 load of no named model

A row inside another of its own kind is a part of it, and may name the model that the outer one does not. A request is
not a prediction: one prediction may ask once, several times, or never.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.spans import durations, edges
from tracekit.model.schema import NONE, ONE_OFF, from_rows

Mask = NDArray[np.bool_]
Ids = NDArray[np.intp]

ENGINE_OF: Final = {"ane": "ANE", "mps": "GPU", "coreml": "none", "coreai": "none"}
"""The kinds of interval that are requests, and which engine was asked. Of Core ML's rows the label says it."""

_COREML_ENGINES: Final = {"CPU": "CPU", "GPU": "GPU", "Neural Engine": "ANE"}
_PREDICTION: Final = "Prediction"
"""Core ML's rows with this label are whole predictions (``find.py``), not requests of an engine; so are Core AI's that
execute."""

KIND_OF: Final = {"execute": "prediction", "other": "unknown", **{phase: phase for phase in ONE_OFF}}
"""What a row of a phase is called. ``unknown``: active, and its label is not known: work of an unknown kind."""

REQUESTS: Final = {
    "engine": "str",
    "model": "str",
    "kind": "str",
    "table": "str",
    **dict.fromkeys(("count", "busy_ns", "mean_ns", "p50_ns", "p95_ns", "longest_ns"), "int64"),
}


def outermost(intervals: pd.DataFrame) -> pd.DataFrame:
    """One row a request of ``intervals``, whose columns it keeps, in order of time.

    ``model`` is what the row or the first row inside it names. Rows inside another of the same kind and phase are left
    out.
    """
    is_prediction = (intervals["kind"] == "coreml") & intervals["label"].str.startswith(_PREDICTION)
    is_prediction |= (intervals["kind"] == "coreai") & (intervals["phase"] == "execute")
    is_request = intervals["kind"].isin(ENGINE_OF) & ~is_prediction
    rows = intervals[is_request.to_numpy()].reset_index(drop=True)
    parent = _parents(rows)
    phase, kind, depth = rows["phase"].cat.codes.to_numpy(), rows["kind"].cat.codes.to_numpy(), rows["depth"].to_numpy()
    is_part = (parent != NONE) & (phase == phase[parent]) & (kind == kind[parent])
    model = rows["model"].to_numpy(object).copy()
    for level in np.unique(depth[is_part])[::-1]:
        part = np.flatnonzero(is_part & (depth == level) & (model != ""))[::-1]  # the first writes last
        part = part[model[parent[part]] == ""]
        model[parent[part]] = model[part]
    found: pd.DataFrame = rows.assign(model=pd.Series(model, dtype="str"))[~is_part].reset_index(drop=True)
    return found


def requests(asked: pd.DataFrame) -> pd.DataFrame:
    """The requests of ``outermost``, counted.

    Columns: ``engine`` (ANE, GPU, CPU; none: loads and preparations of Core ML and Core AI), ``model`` (empty: not
    named), ``kind`` (prediction, load, compile, prepare, unknown), ``table`` (whose rows: ane, mps, coreml, coreai)
    str; ``count``; ``busy_ns`` the union of them, and ``mean_ns``, ``p50_ns``, ``p95_ns``, ``longest_ns`` int64; in
    order of each one's first request.
    """
    if asked.empty:
        return from_rows(REQUESTS, [])
    table_of, engine = asked["kind"].astype("str"), engines_asked(asked)
    keys = pd.DataFrame({"engine": engine, "model": asked["model"], "kind": kinds_of(asked), "table": table_of})
    start, duration = asked["start_ns"].to_numpy(), asked["duration_ns"].to_numpy()
    number = keys.groupby(list(keys), sort=False).ngroup().to_numpy()
    found = []
    for group, key in enumerate(keys.drop_duplicates().to_dict("records")):
        mine = number == group
        found.append({str(name): value for name, value in key.items()} | durations(start[mine], duration[mine]))
    return from_rows(REQUESTS, found)


def kinds_of(asked: pd.DataFrame) -> "pd.Series[str]":
    """What each request is called."""
    return asked["phase"].astype("str").map(KIND_OF).fillna("unknown")


def engines_asked(asked: pd.DataFrame) -> "pd.Series[str]":
    """Which engine each request is of."""
    engine = asked["kind"].astype("str").map(ENGINE_OF)
    for start, name in _COREML_ENGINES.items():
        engine = engine.mask((asked["kind"] == "coreml") & asked["label"].str.startswith(start), name)
    return engine


def _parents(rows: pd.DataFrame) -> Ids:
    """For every row, the row a level above it, of the same kind, that began last and holds it; -1 for none."""
    depth, kind = rows["depth"].to_numpy(), rows["kind"].cat.codes.to_numpy()
    start, end = edges(rows)
    parent = np.full(len(rows), NONE, np.intp)
    for level in np.unique(depth):
        for each in np.unique(kind):
            inner = np.flatnonzero((depth == level) & (kind == each))
            outer = np.flatnonzero((depth == level - 1) & (kind == each))
            if not len(outer):
                continue
            outer = outer[np.argsort(start[outer], kind="stable")]
            at = np.searchsorted(start[outer], start[inner], side="right") - 1
            found = outer[np.maximum(at, 0)]
            holds = (at >= 0) & (end[found] >= end[inner])
            parent[inner] = np.where(holds, found, NONE)
    return parent
