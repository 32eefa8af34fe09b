"""Instruments' interval tables → the ``intervals`` table, and what of it an engine's busy time is.

Only Active rows count. Rows of the Neural Engine name neither process nor thread: whose they are is for ``credit.py``
to decide. Their labels tell predictions from loading and compiling, which are no inference, and often name a model.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.spans import Spans, spans_of
from tracekit.model import schema
from tracekit.model.instruments import CORE_AI_TABLE, EVENT_TABLE, INTERVAL_TABLES, REGION_TABLE
from tracekit.model.schema import INTERVAL_KINDS, INTERVALS, NONE, PHASES, IntervalKind, Phase

_LABEL: Final = ("event-label", "signpost-name", "name", "label")
_PROCESS: Final = ("process", "start-process", "end-process")
_PID: Final = ("process.pid", "start-process.pid", "end-process.pid")
_TID: Final = ("start-thread.tid", "thread.tid", "end-thread.tid")
_DEPTH: Final = ("event-depth", "depth")
_MODEL: Final = ("model-name",)
_PARENT: Final = ("parent-model-name",)
_FUNCTION: Final = ("function-name", "base-function-name", "category")

_INSTANCE = re.compile(r"-\d+$")
"""Core ML numbers the models that it loads: ``Letters-7``."""
_REGION = re.compile(r"_[^\W_]+__Op\d+_AneInference\b")
"""What follows the model in ``Flowers_main__Op0_AneInference``: the function and the operation."""
_KIND = r"(Prediction|Compile|(Unl|L)oad)"
_ANE_KIND = re.compile(rf"^Neural Engine\b( {_KIND}\b)?|(^|\s){_KIND}\W*$")
_MPS_BUFFER = re.compile(r"\s*\(CommandBuffer: [^)]*\)")

_ANE_PHASES: Final[tuple[tuple[re.Pattern[str], Phase], ...]] = (
    # The end decides first: a model may be called LoadForecast.
    (re.compile(r"(Prediction|AneInference)\W*$"), "execute"),
    (re.compile(r"\b(Unl|L)oad"), "load"),
    (re.compile(r"Compil", re.I), "compile"),
    (re.compile(r"Prediction|AneInference"), "execute"),
)
_COREML_PHASES: Final[tuple[tuple[re.Pattern[str], Phase], ...]] = (
    (re.compile(r"^Prepare"), "prepare"),
    (re.compile(r"^(Prediction|CPU|GPU|Neural Engine)"), "execute"),
    (re.compile(r"^(Unl|L)oad"), "load"),
    (re.compile(r"^Compil"), "compile"),
)
_COREAI_PHASES: Final[tuple[tuple[re.Pattern[str], Phase], ...]] = (
    (re.compile(r"^Inference$"), "execute"),
    (re.compile(r"^Load$"), "load"),
    (re.compile(r"^Setup$"), "prepare"),
)
_ANY: Final[tuple[tuple[re.Pattern[str], Phase], ...]] = ((re.compile(""), "execute"),)
_PHASES_OF: Final[Mapping[IntervalKind, tuple[tuple[re.Pattern[str], Phase], ...]]] = {
    "ane": _ANE_PHASES,
    "gpu": _ANY,
    "mps": _ANY,
    "coreml": _COREML_PHASES,
    "coreai": _COREAI_PHASES,
    "signpost": (),
}


def intervals(tables: Mapping[str, pd.DataFrame], threads: pd.DataFrame | None = None) -> pd.DataFrame:
    """All intervals of some tables on one clock, in order of time.

    ``tables`` are Instruments' tables by schema, as ``Run.table`` gives them; those that hold no intervals are left
    alone. ``threads`` is a profile's, to find ``thread_id`` in.

    Columns: ``start_ns``, ``duration_ns`` int64; ``kind`` category (``ane``, ``gpu``, ``mps``, ``coreml``, ``coreai``,
    ``signpost``); ``label`` (Core AI's is the function), ``process`` str (empty: not known); ``thread_id`` int32 (a row
    of ``threads``, -1 none: also of a thread without a sample); ``depth`` int32; ``pid``, ``tid`` int64, as the system
    numbers process and thread (-1: not known); ``phase`` category: ``execute`` is an engine's work, ``load``,
    ``compile`` and ``prepare`` are not, ``other`` is anybody's guess; ``model`` str: what the row or its label names,
    empty where it names none. A signpost that several tables hold is there once.
    """
    parts = []
    for name, kind in INTERVAL_TABLES.items():
        if name in tables and len(tables[name]):
            rows = _PREPARED[name](tables[name]) if name in _PREPARED else tables[name]
            if "start" in rows and "duration" in rows:
                parts.append(_read(rows, kind, threads))
    if not parts:
        return _typed({name: [] for name in INTERVALS})
    joined = {name: np.concatenate([part[name] for part in parts]) for name in INTERVALS}
    order = np.lexsort((joined["depth"], joined["start_ns"]))
    found = _typed({name: values[order] for name, values in joined.items()})
    again = found.duplicated(["start_ns", "duration_ns", "label", "pid", "tid"]) & (found["kind"] == "signpost")
    return found[~again.to_numpy()].reset_index(drop=True)


def is_active(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """For every row of one of Instruments' tables, whether it is of work: all, where they have no ``state``."""
    if "state" not in rows:
        return np.ones(len(rows), bool)
    return (rows["state"].astype("str").str.casefold() == "active").to_numpy(bool)


def busy(table: pd.DataFrame, *kinds: IntervalKind, pid: int | None = None) -> Spans:
    """When an engine worked: the union of its ``execute`` intervals; with ``pid``, of that process alone."""
    chosen = table["kind"].isin(kinds) & (table["phase"] == "execute")
    if pid is not None:
        chosen &= table["pid"] == pid
    return spans_of(table[chosen])


def paired(events: pd.DataFrame) -> pd.DataFrame:
    """Signpost events → intervals: every Begin that is followed by an End of the same signpost.

    The same signpost: process, subsystem, category, name and identifier. The columns are those of the Begin, with
    ``start`` and ``duration``. What has no other end is left out.
    """
    keys = [name for name in ("process.pid", "subsystem", "category", "name", "identifier") if name in events]
    if "event-type" not in events or "time" not in events or not keys:
        return events.head(0).assign(start=pd.Series(dtype="int64"), duration=pd.Series(dtype="int64"))
    ordered = events.sort_values("time", kind="stable")
    follower = ordered.groupby(keys, dropna=False, sort=False)[["time", "event-type"]].shift(-1)
    kind = ordered["event-type"].astype("str").str.casefold()
    ends = follower["event-type"].astype("str").str.casefold() == "end"
    is_pair = ((kind == "begin") & ends).to_numpy()
    begun = ordered[is_pair]
    return begun.assign(start=begun["time"], duration=follower["time"][is_pair] - begun["time"])


def _regions(rows: pd.DataFrame) -> pd.DataFrame:
    """Points of interest that last."""
    return rows[(rows["class"] == "Interval").to_numpy(bool)] if "class" in rows else rows.head(0)


def _core_ai_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Core AI's rows whose level is known, called by their function. Without a level, parts would count as wholes."""
    if "level" not in rows:
        return rows.head(0)
    rows = rows.assign(depth=pd.to_numeric(rows["level"], errors="coerce"), label="")
    for name in _FUNCTION:
        if name in rows:
            rows["label"] = rows["label"].mask(rows["label"] == "", rows[name].astype("str").fillna(""))
    return rows[rows["depth"].notna()]


_PREPARED: Final[Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]]] = {
    EVENT_TABLE: paired,
    REGION_TABLE: _regions,
    CORE_AI_TABLE: _core_ai_rows,
}


def _read(rows: pd.DataFrame, kind: IntervalKind, threads: pd.DataFrame | None) -> dict[str, NDArray[Any]]:
    """The columns of one table's rows that are Active and have a start and a duration."""
    whole = rows["start"].notna() & rows["duration"].notna()
    rows = rows[whole.to_numpy(bool) & is_active(rows)]
    label = first_texts(rows, _LABEL)
    telling = first_texts(rows, ("category",)) if kind == "coreai" else label
    pid, tid = numbers(rows, _PID), numbers(rows, _TID)
    return {
        "start_ns": rows["start"].to_numpy(np.int64),
        "duration_ns": rows["duration"].to_numpy(np.int64),
        "kind": np.full(len(rows), INTERVAL_KINDS.index(kind), np.int8),
        "label": label,
        "process": first_texts(rows, _PROCESS),
        "thread_id": _thread_ids(tid, pid, threads),
        "depth": (np.maximum(numbers(rows, _DEPTH), 0) + _has_parent(kind, rows)).astype(np.int32),
        "pid": pid,
        "tid": tid,
        "phase": _phases(kind, telling),
        "model": _models_named(kind, label, rows),
    }


def _has_parent(kind: IntervalKind, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a row of Core ML is of a part of another model: it names that as its parent."""
    parent = first_texts(rows, _PARENT)
    named: NDArray[np.bool_] = (kind == "coreml") & (parent != "") & (parent != first_texts(rows, _MODEL))
    return named


def _phases(kind: IntervalKind, labels: NDArray[Any]) -> NDArray[np.int8]:
    """The phase that each label tells, as a position in ``PHASES``."""
    codes, distinct = pd.factorize(labels)
    told = [next((phase for pattern, phase in _PHASES_OF[kind] if pattern.search(text)), "other") for text in distinct]
    return np.array([PHASES.index(phase) for phase in told], np.int8)[codes]


def _models_named(kind: IntervalKind, label: NDArray[Any], rows: pd.DataFrame) -> NDArray[Any]:
    codes, distinct = pd.factorize(first_texts(rows, _MODEL) if kind in ("coreml", "coreai") else label)
    names: NDArray[Any] = np.array([model_named(kind, str(text)) for text in distinct], object)
    return names[codes]


def model_named(kind: IntervalKind, text: str) -> str:
    """The model that a label of an engine, or a framework's column of models, names; empty where it names none.

    ``Flowers_main__Op0_AneInference`` and ``Flowers Prediction`` name Flowers, ``Neural Engine Load
    Flowers.mlmodelc`` does too, ``Neural Engine Prediction`` names none. ``Letters-7`` is the model Letters.
    """
    if kind == "ane":
        return _ANE_KIND.sub("", _REGION.sub("", text)).strip().removesuffix(".mlmodelc")
    if kind == "mps":
        return _MPS_BUFFER.sub("", text).strip()
    if kind == "coreml":
        return _INSTANCE.sub("", text.strip())
    return text.strip() if kind == "coreai" else ""


def _thread_ids(tid: NDArray[np.int64], pid: NDArray[np.int64], threads: pd.DataFrame | None) -> NDArray[np.int32]:
    """Rows of ``threads``. Thread ids are unique on a machine, so that the process needs no asking where it is not
    known; where it is, it must be the same.
    """
    if threads is None or threads.empty:
        return np.full(len(tid), NONE, np.int32)
    known, owner = threads["tid"].to_numpy(), threads["pid"].to_numpy()
    order = np.argsort(known, kind="stable")
    at = order[np.minimum(np.searchsorted(known[order], tid), len(known) - 1)]
    same = (known[at] == tid) & ((pid == NONE) | (owner[at] == pid))
    return np.where(same, at, NONE).astype(np.int32)


def numbers(rows: pd.DataFrame, names: tuple[str, ...]) -> NDArray[np.int64]:
    """The numbers of the first of some columns that a table has; -1 where there is none."""
    column = next((name for name in names if name in rows), None)
    if column is None:
        return np.full(len(rows), NONE, np.int64)
    return pd.to_numeric(rows[column], errors="coerce").fillna(NONE).to_numpy(np.int64)


def first_texts(rows: pd.DataFrame, names: tuple[str, ...]) -> NDArray[Any]:
    """The texts of the first of some columns that a table has; empty where it has none, and where a text is missing."""
    column = next((name for name in names if name in rows), None)
    if column is None:
        return np.full(len(rows), "", object)
    return rows[column].astype("str").fillna("").to_numpy(object)


def _typed(columns: Mapping[str, Any]) -> pd.DataFrame:
    kinds = schema.categorical(np.asarray(columns["kind"], np.int8), list(INTERVAL_KINDS))
    phases = schema.categorical(np.asarray(columns["phase"], np.int8), list(PHASES))
    return schema.table(INTERVALS, {**columns, "kind": kinds, "phase": phases})
