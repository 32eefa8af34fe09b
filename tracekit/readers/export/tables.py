"""Rows of any table → a typed DataFrame.

One column a mnemonic. Times, durations, counts and addresses are integers, ``boolean`` is boolean, the rest is text; a
``<sentinel/>`` is ``<NA>``. A thread becomes two columns, ``thread`` (its name) and ``thread.tid``; a process likewise,
``process`` and ``process.pid``; a backtrace becomes its symbols, leaf first, joined by " ← ".
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from tracekit.errors import InputError
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Notices
from tracekit.readers.common import SYMBOL_SEPARATOR, Process, Thread, check_sum, free_name, integers
from tracekit.readers.export.cells import INTEGER_TAGS, Cells, Element
from tracekit.readers.export.damage import check_cell_count, rows_of
from tracekit.readers.export.document import Column, Document, Node
from tracekit.readers.export.stacks import address_names

_INT64_MAX = (1 << 63) - 1
_STACK_TYPES = ("backtrace", "tagged-backtrace", "text-backtrace", "kperf-bt")
_EMPTY: dict[str, type] = {"thread": Thread, "process": Process} | dict.fromkeys(INTEGER_TAGS, int)
"""What a column without values would hold, by its engineering type."""


def read_table(document: Document, schema: str, run: int, *, strict: bool = False) -> pd.DataFrame:
    """All rows of a table. Notices of skipped rows are in ``DataFrame.attrs["notices"]``.

    Raises:
        InputError: the document is malformed; ``strict`` and a row is damaged, or all rows are; or the table is there
            twice, with different columns.
    """
    cells = text_cells()
    notices = Notices()

    def read(node: Node, row: Element) -> list[Any]:
        check_cell_count(row, node)
        return [cells.value(cell) for cell in row]

    rows = rows_of(document, cells, (schema, run), read, notices, strict=strict)
    columns = {node.columns for node in document.nodes if (node.schema, node.run) == (schema, run)}
    if len(columns) > 1:
        raise InputError(
            f"{schema} is there {len(columns)} times with different columns",
            where=document.source.name,
            hint="Export each table to a file of its own",
        )
    frame = _frame(columns.pop(), rows)
    for name in frame.columns:
        if name.startswith("duration") and pd.api.types.is_integer_dtype(frame[name]):
            check_sum(frame[name], name, document.source.name)
    frame.attrs["notices"] = list(notices.collected())
    return frame


def text_cells() -> Cells:
    """Cells that read frames and stacks as text."""
    cells = Cells(ProfileBuilder())

    def named(element: Element) -> str:
        for child in element:
            cells.define_all(child)
        return element.get("name") or element.get("addr") or ""

    def stack(element: Element) -> str:
        names: list[str] = []
        counter: list[int] = []
        addresses: list[int] = []
        for child in element:
            value = cells.value(child)
            if child.tag in ("frame", *_STACK_TYPES):
                names.append(value)
            elif child.tag == "text-address":
                counter.append(value)
            elif child.tag == "text-addresses":
                addresses.extend(value)
        fmt = element.get("fmt") or ""
        names = names or address_names([*counter, *addresses], "" if counter else fmt)
        return SYMBOL_SEPARATOR.join(names) or fmt or element.text or ""

    cells.teach("frame", named)
    cells.teach("binary", named)
    for tag in _STACK_TYPES:
        cells.teach(tag, stack)
    return cells


def _frame(columns: Sequence[Column], rows: list[list[Any]]) -> pd.DataFrame:
    found: dict[str, pd.Series[Any]] = {}
    for position, column in enumerate(columns):
        for name, series in _series(column.mnemonic, column.type, [row[position] for row in rows]):
            found[free_name(name, found)] = series
    return pd.DataFrame(found)


def _series(name: str, kind: str, values: list[Any]) -> Iterable[tuple[str, "pd.Series[Any]"]]:
    """The column or columns of one mnemonic, each with its dtype: by what is in it, or by ``kind`` where nothing is."""
    types = {type(value) for value in values if value is not None} or {_EMPTY.get(kind, str)}
    if types == {Thread}:
        yield name, _texts(values)
        yield f"{name}.tid", _integers([value and value.tid for value in values])
    elif types == {Process}:
        yield name, _texts(values)
        yield f"{name}.pid", _integers([value and value.pid for value in values])
    elif kind == "boolean" and set(values) <= {0, 1, None}:
        yield name, pd.Series([None if value is None else bool(value) for value in values], dtype="boolean")
    elif types == {int}:
        yield name, _integers(values)
    else:
        yield name, _texts(values)


def _texts(values: list[Any]) -> "pd.Series[Any]":
    named = (value.name if isinstance(value, (Thread, Process)) else value for value in values)
    return pd.Series([None if value is None else str(value) for value in named], dtype="str")


def _integers(values: list[Any]) -> "pd.Series[Any]":
    """Text where no 64-bit dtype holds them all."""
    known = [value for value in values if value is not None]
    if min(known, default=0) < 0 and max(known) > _INT64_MAX:
        return _texts(values)
    return integers(values)
