"""Rows of any table → a typed DataFrame.

One column a mnemonic: times and durations in nanoseconds, numbers, truth values, and texts. A thread becomes two
columns, ``thread`` (its name) and ``thread.tid``; a process likewise, ``process`` and ``process.pid``; a backtrace
becomes its symbols, leaf first, joined by " ← ". Missing values are ``<NA>``. Rows are sorted by time.

``DataFrame.attrs["raw"]`` names the engineering types of columns that are not known and so are given as they lie in
the file; ``DataFrame.attrs["notices"]`` says which rows are not among them and why.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.errors import InputError
from tracekit.model.facts import Notices
from tracekit.model.instruments import TIME_LIMIT
from tracekit.readers.bundle.addresses.symbolication import Finder
from tracekit.readers.bundle.columns import Kind, kind_of
from tracekit.readers.bundle.labels import Labels
from tracekit.readers.bundle.names import Names
from tracekit.readers.bundle.shown import shown
from tracekit.readers.bundle.stacks import Epochs, decode_stacks
from tracekit.readers.bundle.storage.keyed_archive import uuid_text
from tracekit.readers.bundle.storage.layouts import TIME, Rows
from tracekit.readers.bundle.storage.stores import Column, Store
from tracekit.readers.bundle.storage.uniquing import NULL32, NULL64, Uniquing
from tracekit.readers.common import SYMBOL_SEPARATOR, Process, Thread, check_sum, free_name, integer_column, integers

_TEXT_FLOOR: Final = 256 << 20
_TEXT_RATIO: Final = 8
"""The texts of a column may hold 256 Mi characters, or 8 for every byte of the bundle's largest possible file."""

Numbers = NDArray[np.unsignedinteger[Any]]
T = TypeVar("T")


@dataclass(frozen=True)
class Tables:
    """Reads tables of a run."""

    uniquing: Uniquing
    names: Names
    find: Finder
    strict: bool = False

    def read(self, stores: Sequence[Store]) -> pd.DataFrame:
        """The rows of some tables of the same schema, in time order.

        Raises:
            InputError, UnsupportedError: a table cannot be read.
        """
        first = stores[0]
        alike = [store for store in stores if store.layout.row == first.layout.row and store.columns == first.columns]
        notices = Notices()
        rows = np.concatenate([store.rows(notices, strict=self.strict) for store in alike])
        rows = rows[self._possible(rows, first, notices)]
        if TIME in (rows.dtype.names or ()):
            rows = rows[np.argsort(rows[TIME], kind="stable")]
        columns: dict[str, pd.Series[Any]] = {}
        raw: dict[str, str] = {}
        for column in first.columns:
            for name, series in self._column(column, rows, first):
                free = free_name(name, columns)
                columns[free] = series
                if kind_of(column.type) is Kind.RAW and series.notna().any():
                    raw[free] = column.type
        frame = pd.DataFrame(
            {name: series.array for name, series in columns.items()}, pd.RangeIndex(len(rows)), copy=False
        )
        frame.attrs["raw"] = raw
        _note(notices, first.schema, stores, alike)
        frame.attrs["notices"] = list(notices.collected())
        return frame

    def _possible(self, rows: Rows, store: Store, notices: Notices) -> NDArray[np.bool_]:
        """Which rows have times and durations that can be; the others are counted (``strict``: refused)."""
        possible = np.ones(len(rows), bool)
        for column in store.columns:
            if kind_of(column.type) is Kind.TIME and column.field in (rows.dtype.names or ()):
                values = rows[column.field]
                possible &= (values < TIME_LIMIT) | (values == NULL64)
        store.count_impossible(possible, "time or duration", notices, strict=self.strict)
        return possible

    def _column(self, column: Column, rows: Rows, store: Store) -> Iterator[tuple[str, "pd.Series[Any]"]]:
        if column.field not in (rows.dtype.names or ()):
            raise InputError(
                f"the column {shown(column.mnemonic)} is not in the rows",
                where=store.files.where(f"{store.folder}/schema.xml"),
            )
        values = rows[column.field]
        null = NULL32 if values.dtype.itemsize == 4 else NULL64
        name, kind = column.mnemonic, kind_of(column.type)
        if kind in (Kind.INTEGER, Kind.RAW):
            yield name, integer_column(values, values == null)
        elif kind is Kind.TIME:
            missing = values == null  # int64 where every row has a time
            times = integer_column(values, missing) if missing.any() else pd.Series(values.astype(np.int64))
            if "Duration" in column.type:
                check_sum(times, name, store.files.where(store.folder))
            yield name, times
        elif kind is Kind.BOOLEAN:
            yield name, pd.Series(pd.arrays.BooleanArray(values != 0, values == null))
        elif kind is Kind.THREAD:
            yield from _named(name, values, null, self.names.threads, "tid")
        elif kind is Kind.PROCESS:
            yield from _named(name, values, null, self.names.processes, "pid")
        elif kind is Kind.ANY:
            yield name, self._any(values, null)
        else:
            yield name, _texts(values, null, self._text_of(kind), store.files.limit, store.files.where(store.folder))

    def _text_of(self, kind: Kind) -> Callable[[Numbers], list[str]]:
        """How distinct values of a kind become texts."""
        labels = Labels(self.uniquing, self.names)
        return {
            Kind.STRING: self._strings,
            Kind.THREAD_NAME: lambda values: self._strings(values >> np.uint64(32)),
            Kind.BACKTRACE: self._backtraces,
            Kind.CALLSTACK: self._callstacks,
            Kind.LABEL: lambda values: labels.texts(values, ""),
            Kind.MESSAGE: lambda values: labels.texts(values, " "),
            Kind.LOCATION: self._locations,
        }[kind]

    def _strings(self, values: Numbers) -> list[str]:
        return [self.uniquing.string(value) for value in values.tolist()]

    def _any(self, values: Numbers, null: int) -> "pd.Series[Any]":
        """Numbers where all values are numbers, texts otherwise."""
        number, which = np.unique(values, return_inverse=True)
        found = _known(number, null, Labels(self.uniquing, self.names).values)
        if any(isinstance(value, str) for value in found):
            return _spread_texts([None if value is None else str(value) for value in found], which)
        return _spread_integers([value for value in found if not isinstance(value, str)], which)

    def _backtraces(self, values: Numbers) -> list[str]:
        always = Epochs(np.empty(0, np.int64))
        stacks = decode_stacks(values, np.zeros(len(values), np.int64), always, self.uniquing, self.names)
        found = self.find(stacks.sites)
        names = [found.names[name] for name in found.name[stacks.site].tolist()]
        ends = np.cumsum(stacks.lengths).tolist()
        return [
            SYMBOL_SEPARATOR.join(names[end - length : end])
            for end, length in zip(ends, stacks.lengths.tolist(), strict=True)
        ]

    def _callstacks(self, values: Numbers) -> list[str]:
        """Stacks as the kernel took them, before Instruments joined and named them: addresses."""
        records = self.uniquing.arrays.gather(values)
        if (records.lengths < 2).any():
            raise InputError("a call stack is cut off", where=self.uniquing.arrays.where)
        callers = records.values[records.starts]
        has_callers = callers != NULL32
        frames = self.uniquing.arrays.gather(callers[has_callers])
        addresses = iter(np.split(frames.values, np.cumsum(frames.lengths))[:-1])
        leaves = records.values[records.starts + 1].tolist()
        return [
            SYMBOL_SEPARATOR.join(f"{address:#x}" for address in (leaf, *(next(addresses).tolist() if there else ())))
            for leaf, there in zip(leaves, has_callers.tolist(), strict=True)
        ]

    def _locations(self, values: Numbers) -> list[str]:
        """Places in code, as image UUID and offset."""
        halves = self.uniquing.arrays.tuples(values >> np.uint64(32), 2).tolist()
        offsets = (values & np.uint64(NULL32)).tolist()
        uuids = [uuid_text(high.to_bytes(8, "big") + low.to_bytes(8, "big")) for high, low in halves]
        return [f"{uuid} + {offset:#x}" for uuid, offset in zip(uuids, offsets, strict=True)]


def _texts(
    values: Numbers, null: int, text_of: Callable[[Numbers], list[str]], limit: int, where: str
) -> "pd.Series[Any]":
    number, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    texts = _known(number, null, text_of)
    size = sum(len(text) * count for text, count in zip(texts, counts.tolist(), strict=True) if text)
    if size > max(_TEXT_FLOOR, _TEXT_RATIO * limit):
        raise InputError(f"the texts of a column would take {size >> 20} MiB", where=where)
    return _spread_texts(texts, which)


def _known(number: Numbers, null: int, read: Callable[[Numbers], Sequence[T]]) -> list[T | None]:
    """What is read of some numbers, without asking for what is no value."""
    known = number[number != null]
    found = dict(zip(known.tolist(), read(known), strict=True))
    return [found.get(each) for each in number.tolist()]


def _named(
    name: str, values: Numbers, null: int, known: Callable[[Numbers], Mapping[int, Process | Thread]], identity: str
) -> Iterator[tuple[str, "pd.Series[Any]"]]:
    """Threads or processes: their names, and in a column of their own their ids."""
    number, which = np.unique(values, return_inverse=True)
    found = [*map(known(number[number != null]).get, number.tolist())]
    yield name, _spread_texts([each and each.name for each in found], which)
    yield f"{name}.{identity}", _spread_integers([each and each[0] for each in found], which)


def _spread_texts(texts: Sequence[str | None], which: NDArray[np.intp]) -> "pd.Series[Any]":
    distinct = np.empty(len(texts), object)
    distinct[:] = texts
    return pd.Series(distinct[which], dtype="str")


def _spread_integers(numbers: Sequence[int | None], which: NDArray[np.intp]) -> "pd.Series[Any]":
    return pd.Series(integers(numbers).array[which])


def _note(notices: Notices, schema: str, stores: Sequence[Store], alike: Sequence[Store]) -> None:
    others = len(stores) - len(alike)
    if len(alike) > 1:
        message = f"the run has {len(alike)} tables {schema} with rows; their rows stand together, sorted by time"
        notices.add("joined-tables", message)
    if others:
        notices.add("other-tables", f"{others} more tables {schema} have other columns and were left out", others)
