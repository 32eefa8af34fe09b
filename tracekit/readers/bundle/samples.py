"""Rows of ``time-profile``, ``cpu-profile`` or ``counters-profile`` → Profile.

Frames, images and threads are numbered in the order in which rows name them, which is also what reading an export
does, so that both readers give the same Profile for the same recording.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.errors import InputError, UnsupportedError
from tracekit.model.builder import assemble
from tracekit.model.facts import Notices
from tracekit.model.folded import is_address
from tracekit.model.instruments import CORE_LIMIT, TIME_LIMIT, UNITS, WEIGHT_LIMIT
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE, Unit, categorical
from tracekit.readers.bundle.addresses.symbolication import Finder, Functions, numbered
from tracekit.readers.bundle.names import Names
from tracekit.readers.bundle.shown import shown
from tracekit.readers.bundle.stacks import Epochs, Stacks, decode_stacks, distinct
from tracekit.readers.bundle.storage.layouts import EXPORT_HINT, Rows
from tracekit.readers.bundle.storage.stores import Store
from tracekit.readers.bundle.storage.uniquing import NULL32, Uniquing, spread

_UNIT_OF_TYPE: Final[dict[str, Unit]] = {
    "XRTimeSampleWeightTypeID": "ns",
    "XRCycleWeightTypeID": "cycles",
    "XRPMCEventTypeID": "events",
}
"""What a weight of type ``any`` counts, by the engineering type that is stored with it."""

_COLUMN_TYPES: Final = {
    "time": "XRSampleTimestampTypeID",
    "thread": "XRThreadTypeID",
    "core": "XRCPUCoreTypeID",
    "thread-state": "XRThreadStateTypeID",
    "stack": "XRBacktraceTypeID",
}
_WEIGHT_TYPES: Final = ("XRTimeSampleWeightTypeID", "XRCycleWeightTypeID", "XRAnyTypeID")


@dataclass(frozen=True, slots=True)
class Samples:
    """Columns of a profile table, cleaned of rows that cannot be."""

    time: NDArray[np.int64]
    thread: NDArray[np.int64]
    core: NDArray[np.int16]
    state: NDArray[np.int64]
    weight: NDArray[np.int64]
    stack: NDArray[np.int64]
    """-1 where no backtrace was recorded."""
    unit: Unit


def read_samples(store: Store, uniquing: Uniquing, notices: Notices, *, strict: bool = False) -> Samples:
    """The rows of a profile table, in time order. Rows that cannot be are skipped and counted (``strict``: refused).

    Raises:
        UnsupportedError: a column is missing, or of a type that is not known.
        InputError: the table is damaged.
    """
    rows = store.rows(notices, strict=strict)
    fields = _fields(store)
    time, core = rows[fields["time"]], rows[fields["core"]].astype(np.int64)
    weight, unit = _weights(store, rows, fields["weight"], uniquing)
    core = np.where(core == NULL32, NONE, core)
    usable = (time < TIME_LIMIT) & (weight < WEIGHT_LIMIT) & (core < CORE_LIMIT)
    store.count_impossible(usable, "time, weight or core", notices, strict=strict, at_least_one=True)
    order = np.flatnonzero(usable)
    order = order[np.argsort(time[order], kind="stable")]
    stack = rows[fields["stack"]][order].astype(np.int64)
    return Samples(
        time[order].astype(np.int64),
        rows[fields["thread"]][order].astype(np.int64),
        core[order].astype(np.int16),
        rows[fields["thread-state"]][order].astype(np.int64),
        weight[order].astype(np.int64),
        np.where(stack == NULL32, NONE, stack),
        unit,
    )


def _fields(store: Store) -> dict[str, str]:
    fields = {}
    for mnemonic in (*_COLUMN_TYPES, "weight"):
        column = store.column(mnemonic)
        known = _WEIGHT_TYPES if mnemonic == "weight" else (_COLUMN_TYPES[mnemonic],)
        if column is None or column.type not in known:
            found = f"of the unknown type {shown(column.type)}" if column else "missing"
            raise UnsupportedError(
                f"the column {mnemonic} of {store.schema} is {found}",
                where=store.files.where(f"{store.folder}/schema.xml"),
                hint=EXPORT_HINT,
            )
        fields[mnemonic] = column.field
    return fields


def _weights(store: Store, rows: Rows, field: str, uniquing: Uniquing) -> tuple[NDArray[np.uint64], Unit]:
    """Weights and what they count; those of type ``any`` are numbers of pairs (type, value)."""
    weights: NDArray[np.uint64] = rows[field].astype(np.uint64)
    column = store.column("weight")
    if column is None or column.type != "XRAnyTypeID" or not len(weights):
        return weights, UNITS[store.schema]
    number, which = np.unique(weights, return_inverse=True)
    kinds, values = uniquing.typed_arrays.tuples(number, 2).T
    return values[which], _unit(store, {uniquing.engineering_type(kind) for kind in np.unique(kinds).tolist()})


def _unit(store: Store, kinds: set[str]) -> Unit:
    where = store.files.where(store.folder)
    unknown = sorted(kinds - set(_UNIT_OF_TYPE))
    if unknown:
        raise UnsupportedError(
            f"weights of {store.schema} are of the unknown type {shown(unknown[0])}", where=where, hint=EXPORT_HINT
        )
    units = sorted({_UNIT_OF_TYPE[kind] for kind in kinds})
    if len(units) > 1:
        raise InputError(
            f"rows of {store.schema} weigh in {' and in '.join(units)}, which cannot be added", where=where
        )
    return units[0]


@dataclass(frozen=True, slots=True)
class Unfolded:
    """The stacks of samples and what was found at their places."""

    path_id: NDArray[np.int64]
    """The stack of each sample; -1 for none."""
    stacks: Stacks
    functions: Functions


def unfold(samples: Samples, epochs: Epochs, find: Finder, uniquing: Uniquing, names: Names) -> Unfolded:
    """The distinct stacks of some samples, in the order in which they were first seen.

    Raises:
        InputError, UnsupportedError: what the samples refer to is damaged, or of a kind that is not known.
    """
    epoch, has_stack = epochs.of(samples.time), np.flatnonzero(samples.stack != NONE)
    spans = int(epoch.max(initial=0)) + 1
    which, key = pd.factorize(samples.stack[has_stack] * spans + epoch[has_stack])
    path_id = np.full(len(samples.stack), NONE, np.int64)
    path_id[has_stack] = which
    stacks = decode_stacks(key // spans, key % spans, epochs, uniquing, names)
    return Unfolded(path_id, stacks, find(stacks.sites))


def build_profile(
    samples: Samples, unfolded: Unfolded, uniquing: Uniquing, names: Names, *, meta: Meta, notices: Notices
) -> Profile:
    """The Profile of some samples.

    Raises:
        InputError: what the samples refer to is damaged.
    """
    stacks = unfolded.stacks
    frames, frame_of_site, binaries = _frames(stacks, unfolded.functions)
    states, state = _states(samples.state, uniquing)
    threads, thread_id = _threads(samples.thread, names)
    columns: dict[str, NDArray[np.signedinteger[Any]]] = {
        "time_ns": samples.time,
        "thread_id": thread_id,
        "path_id": unfolded.path_id.astype(np.int32),
        "weight": samples.weight,
        "state": state,
        "core": samples.core,
    }
    root_first = stacks.site[spread(np.cumsum(stacks.lengths) - 1, stacks.lengths, step=-1)]
    return assemble(
        columns,
        states=states,
        paths=(frame_of_site[root_first], stacks.lengths.astype(np.int32)),
        frames=frames,
        binaries=binaries,
        threads=threads,
        meta=meta,
        notices=notices,
    )


def backtrace_table(unfolded: Unfolded) -> pd.DataFrame:
    """One row a frame of a sample; see ``tracekit.readers.bundle.stacks``."""
    stacks, found = unfolded.stacks, unfolded.functions
    sample = np.flatnonzero(unfolded.path_id != NONE)
    path = unfolded.path_id[sample]
    lengths = stacks.lengths[path]
    site = stacks.site[spread((np.cumsum(stacks.lengths) - stacks.lengths)[path], lengths)]
    binary = found.binary[site]
    columns: dict[str, object] = {
        "sample": np.repeat(sample, lengths),
        "depth": spread(np.zeros(len(lengths), np.int64), lengths),
        "address": stacks.sites.address[site],
        "name": _category(found.names, found.name[site]),
        "file": _category(found.files, found.file[site]),
        "line": found.line[site],
    }
    for position, column in enumerate(("binary", "path", "uuid")):
        columns[column] = _category([str(image[position]) for image in found.binaries], binary)
    load_addr = np.array([image[3] for image in found.binaries] + [0], np.uint64)
    return pd.DataFrame({**columns, "load_addr": load_addr[binary]})


def _category(values: list[str], codes: NDArray[np.int64]) -> pd.Categorical:
    """Texts by their numbers; equal ones become one category, -1 is no value."""
    numbers, distinct_values = pd.factorize(np.array(values, object))
    return categorical(np.append(numbers, NONE)[codes], list(distinct_values))


def _frames(
    stacks: Stacks, found: Functions
) -> tuple[list[tuple[str, int, bool, str, int]], NDArray[np.int32], list[tuple[str, str, str, int]]]:
    """Frames in the order in which stacks name them, the frame of each site, and the images in the same order.

    A function has the source position of the first of its addresses that a row names.
    """
    count = len(found.binaries) + 1
    key, frame_of_site = distinct(found.name * count + found.binary + 1, len(found.names) * count)
    seen = frame_of_site[stacks.site]
    first = np.zeros(len(key), np.int64)
    first[seen[::-1]] = np.arange(len(seen))[::-1]
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    site = stacks.site[first[order]]
    binary = found.binary[site]
    used = pd.unique(binary[binary != NONE])
    renumbered = np.full(count, NONE, np.int64)
    renumbered[used] = np.arange(len(used))
    is_symbolicated = [not is_address(name) for name in found.names]
    rows = zip(
        found.name[site].tolist(),
        renumbered[binary].tolist(),
        found.file[site].tolist(),
        found.line[site].tolist(),
        strict=True,
    )
    frames = [
        (found.names[name], image, is_symbolicated[name], found.files[file], line) for name, image, file, line in rows
    ]
    return frames, rank[frame_of_site], [found.binaries[image] for image in used.tolist()]


def _states(state: NDArray[np.int64], uniquing: Uniquing) -> tuple[list[str], NDArray[np.int16]]:
    which, number = pd.factorize(state)
    texts = [uniquing.string(at) if at != NULL32 else "" for at in number.tolist()]
    states: dict[str, int] = {}
    codes = [numbered(text, states) if text else NONE for text in texts]
    return list(states), np.array(codes, np.int16)[which]


def _threads(thread: NDArray[np.int64], names: Names) -> tuple[Sequence[tuple[int, str, int, str]], NDArray[np.int32]]:
    which, number = pd.factorize(thread)
    known = names.threads(number)
    ids: dict[tuple[int, int], int] = {}
    rows: list[tuple[int, str, int, str]] = []
    by_number = np.full(len(number), NONE, np.int32)
    for at, found in enumerate(map(known.get, number.tolist())):
        if found is not None:
            identity = (found.process.pid, found.tid)
            by_number[at] = numbered(identity, ids)
            if len(ids) > len(rows):
                rows.append((found.tid, found.name, found.process.pid, found.process.name))
    return rows, by_number[which]
