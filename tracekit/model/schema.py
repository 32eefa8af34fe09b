"""Names, dtypes and meaning of every table.

Ids are row positions (``int32``), -1 means none, weights are integers, no column holds Python objects.

    samples   one sample             time_ns thread_id stack_id weight state core [engine phase rule]
    stacks    one distinct call path parent_id frame_id depth
    frames    one function           name binary_id is_symbolicated file line
    binaries  one image              name path uuid load_addr
    threads   one thread             tid name pid process

    intervals   one hardware or signpost interval   start_ns duration_ns kind label process thread_id depth pid phase
                                                    model
    iterations  one prediction                      index start_ns end_ns warmup thread_id model, then times of it

Stacks are stored shallow first: every parent stands before its children, and rows are sorted by depth. So one
forward pass, level by level, replaces every recursion (after the Firefox Profiler's stack table).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

Unit = Literal["ns", "cycles", "events", "samples"]
"""What a sample's weight counts: CPU nanoseconds, CPU cycles, counter events, or nothing but itself."""

Engine = Literal["ANE", "GPU", "CPU", "none", "unknown"]
"""Who a sample's CPU time drove or was. ``none``: not an engine's work; ``unknown``: Core ML's, engine not known."""

Phase = Literal[
    "execute", "dispatch", "wait", "copy", "convert", "load", "compile", "prepare", "teardown",
    "framework", "contention", "completion", "idle", "other",
]  # fmt: skip
"""What was done: see docs/attribution.md."""

IntervalKind = Literal["ane", "gpu", "mps", "coreml", "coreai", "signpost"]
"""Who reports an interval: the Neural Engine, the GPU, MPSGraph, Core ML's or Core AI's own table, or signposts."""

ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)
PHASES: Final[tuple[Phase, ...]] = get_args(Phase)
AT_WORK: Final[tuple[Phase, ...]] = ("dispatch", "wait", "completion", "execute")
"""Phases in which an engine is driven or waited for, and those in which it computes."""
ONE_OFF: Final[tuple[Phase, ...]] = ("compile", "load", "prepare")
"""Phases of what is done once: it belongs to no prediction in particular."""

INTERVAL_KINDS: Final[tuple[IntervalKind, ...]] = get_args(IntervalKind)

NONE: Final = -1

SAMPLES: Final[Mapping[str, str]] = {
    "time_ns": "int64",
    "thread_id": "int32",
    "stack_id": "int32",
    "weight": "int64",
    "state": "category",
    "core": "int16",
}
ATTRIBUTION: Final[Mapping[str, str]] = {"engine": "category", "phase": "category", "rule": "category"}
STACKS: Final[Mapping[str, str]] = {"parent_id": "int32", "frame_id": "int32", "depth": "int32"}
FRAMES: Final[Mapping[str, str]] = {
    "name": "str",
    "binary_id": "int32",
    "is_symbolicated": "bool",
    "file": "str",
    "line": "int32",
}
BINARIES: Final[Mapping[str, str]] = {"name": "str", "path": "str", "uuid": "str", "load_addr": "uint64"}
THREADS: Final[Mapping[str, str]] = {"tid": "int64", "name": "str", "pid": "int64", "process": "str"}
INTERVALS: Final[Mapping[str, str]] = {
    "start_ns": "int64",
    "duration_ns": "int64",
    "kind": "category",
    "label": "str",
    "process": "str",
    "thread_id": "int32",
    "depth": "int32",
    "pid": "int64",
    "tid": "int64",
    "phase": "category",
    "model": "str",
}
ITERATIONS: Final[Mapping[str, str]] = {
    "index": "int32",
    "start_ns": "int64",
    "end_ns": "int64",
    "warmup": "bool",
    "thread_id": "int32",
    "model": "str",
}


def table(dtypes: Mapping[str, str], columns: Mapping[str, object]) -> pd.DataFrame:
    """A DataFrame with exactly the columns and dtypes of ``dtypes``, in their order."""
    # Arrays, not Series, whose indices would be compared. copy=False: they stay arrays of their own, instead of being
    # gathered into one block a dtype.
    arrays = {name: pd.array(columns[name], dtype=dtype, copy=False) for name, dtype in dtypes.items()}  # type: ignore[call-overload]
    return pd.DataFrame(arrays, copy=False)


def from_rows(dtypes: Mapping[str, str], rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """The same from what each row holds, which may be more."""
    return table(dtypes, {name: [row[name] for row in rows] for name in dtypes})


def from_tuples(dtypes: Mapping[str, str], rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """The same from rows in the order of the columns."""
    return table(dtypes, transposed(dtypes, rows))


def transposed(dtypes: Mapping[str, str], rows: Sequence[tuple[object, ...]]) -> dict[str, object]:
    """Rows in the order of the columns as those columns, each under its name."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in dtypes)
    return {name: list(values) for name, values in zip(dtypes, columns, strict=True)}


def categorical(codes: np.ndarray, categories: list[str]) -> pd.Categorical:
    """Codes into ``categories``; -1 is no value."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(categories, dtype="str"))


def level_slices(depth: np.ndarray) -> list[slice]:
    """The rows of each depth, shallow first. ``depth`` must be sorted, as in every stacks table."""
    if not len(depth):
        return []
    edges = np.searchsorted(depth, np.arange(int(depth[-1]) + 2, dtype=depth.dtype))
    return [slice(low, high) for low, high in pairwise(edges.tolist())]
