"""One table of a run: rows of fixed size, in a file that describes itself.

    schema.xml              columns: mnemonic, title, engineering type, and which of them the topology field holds
    bulkstore_descriptor    fields with their types and order, and how many rows there are
    bulkstore               a header, then the rows, packed without padding, then zeros

The layout always comes from the descriptor, never from a table's name: the same table had other columns in other
versions of Instruments.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from tracekit.errors import InputError, UnsupportedError
from tracekit.model.facts import Notices
from tracekit.readers.bundle.storage.files import BundleFiles
from tracekit.readers.bundle.storage.keyed_archive import KeyedArchive
from tracekit.readers.bundle.storage.layouts import (
    CATEGORY1,
    CATEGORY2,
    DURATION,
    EXPORT_HINT,
    PACKED_TOPOLOGIES,
    TIME,
    Layout,
    Rows,
    described,
    dictionary,
    undescribed,
    unpacked,
)
from tracekit.readers.common import STRICT_HINT

_TOPOLOGY_FIELDS: Final = {
    "XRTraceRelativeTimestampFieldID": TIME,
    "XRDurationFieldID": DURATION,
    "XRCategory1FieldID": CATEGORY1,
    "XRCategory2FieldID": CATEGORY2,
}
_QUOTED_ATTRIBUTES: Final = frozenset(
    {"codes", "pmc-events", "pmi-event", "subsystem", "category", "dynamic-tracing-enabled-subsystems"}
)
"""Attributes that hold texts; others hold words of a fixed list, such as ``SINGLE``, numbers, or truth values."""

_MAGIC: Final = 0x12340A0A
_VERSION: Final = 3
_HEADER: Final = np.dtype([("magic", "<u4"), ("version", "<u4"), ("length", "<u4"), ("offset", "<u4"), ("row", "<u4")])
_STORE_PATH: Final = re.compile(r"run\d+/core/stores/[\w.-]+")

_LOOK_BEHIND: Final = 1 << 20
"""How many bytes behind the last row are looked at: padding may inflate to much more."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    mnemonic: str
    title: str
    type: str
    """The engineering type, such as ``XRThreadTypeID``."""
    field: str
    """The field of a row that holds it."""


@dataclass(frozen=True)
class Store:
    """One table; its files are read when they are needed."""

    files: BundleFiles
    folder: str
    schema: str
    attributes: dict[str, str]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in the order of the schema.

        Raises:
            InputError: ``schema.xml`` is missing or malformed.
        """
        columns = [element.attrib for element in self._described_by_xml.iter("column")]
        if not columns or any("mnemonic" not in column or "engineeringType" not in column for column in columns):
            raise InputError("the schema names no columns", where=self.files.where(f"{self.folder}/schema.xml"))
        return tuple(
            Column(
                mnemonic := str(column["mnemonic"]),
                str(column.get("engineeringName", mnemonic)),
                str(column["engineeringType"]),
                _TOPOLOGY_FIELDS.get(str(column.get("topologyField", "")), mnemonic),
            )
            for column in columns
        )

    @cached_property
    def layout(self) -> Layout:
        """Fields and row count.

        Raises:
            UnsupportedError: a field type or version that is not known.
            InputError: the descriptor is missing or malformed.
        """
        name = f"{self.folder}/bulkstore_descriptor"
        topology = self._described_by_xml.get("topology", "")
        if name not in self.files and topology in PACKED_TOPOLOGIES:
            return self._undescribed(topology)
        where = self.files.where(name)
        return described(KeyedArchive(self.files.read(name), where).root().field("$0").plain(), where)

    def rows(self, notices: Notices | None = None, *, strict: bool = False) -> Rows:
        """All rows, as they lie in the file.

        Behind the last row stand zeros. What else stands there are rows that the descriptor does not count; they are
        left out and told to ``notices`` (``strict``: refused).

        Raises:
            UnsupportedError: the file is of an unknown version.
            InputError: it is damaged, or shorter than its rows.
        """
        layout = self.layout
        where = self.files.where(self._rows_name)
        is_there = layout.count or self._rows_name in self.files
        start = self.files.read(self._rows_name, _HEADER.itemsize) if is_there else b""
        if layout.count == 0 and len(start) < _HEADER.itemsize:
            return unpacked(np.empty(0, layout.row))
        offset, size = self._header(start)
        if size != layout.row.itemsize:
            raise InputError("the row size is not the one of the descriptor", where=where)
        end = offset + layout.count * size
        data = _exactly(self.files.read(self._rows_name, end + _LOOK_BEHIND), end, where)
        uncounted = -(-len(data[end:].rstrip(b"\0")) // size)
        if uncounted and strict:
            raise InputError(_uncounted(self, uncounted), where=where, hint="Without --strict they are left out")
        if uncounted and notices is not None:
            notices.add("skipped-row:not-counted", f"{_uncounted(self, uncounted)}; they were left out", uncounted)
        return unpacked(np.frombuffer(data, layout.row, layout.count, offset))

    @property
    def _rows_name(self) -> str:
        return f"{self.folder}/bulkstore"

    @cached_property
    def _described_by_xml(self) -> "etree._Element":
        name = f"{self.folder}/schema.xml"
        return _parse_xml(self.files.read(name), self.files.where(name))

    def _undescribed(self, topology: str) -> Layout:
        """The layout of a table of Instruments 8, from its columns."""
        stored = self.files.read(self._rows_name)
        offset, size = self._header(stored)
        types = {column.field: column.type for column in self.columns if column.field == column.mnemonic}
        return undescribed(topology, types, stored, offset, size, self.files.where(self.folder))

    def _header(self, stored: bytes) -> tuple[int, int]:
        """Where rows begin, and the size of one."""
        where = self.files.where(self._rows_name)
        head = np.frombuffer(_exactly(stored, _HEADER.itemsize, where), _HEADER, 1)[0]
        if head["magic"] != _MAGIC or head["version"] != _VERSION:
            raise UnsupportedError("the rows are stored in an unknown way", where=where, hint=EXPORT_HINT)
        return int(head["offset"]), int(head["row"])

    def count_impossible(
        self, possible: NDArray[np.bool_], what: str, notices: Notices, *, strict: bool, at_least_one: bool = False
    ) -> None:
        """Count rows that are skipped, since ``what`` they have cannot be (``strict``: refuse them).

        Raises:
            InputError: ``strict``; or ``at_least_one`` row must be possible, and none is.
        """
        if possible.all():
            return
        first, count = int(np.argmin(possible)) + 1, int((~possible).sum())
        said = f"row {first} of {self.schema} has a {what} that cannot be"
        if strict or (at_least_one and not possible.any()):
            raise InputError(said, where=self.files.where(self.folder), hint=STRICT_HINT if strict else None)
        notices.add("skipped-row:bad-number", f"{said}; the row was skipped", count)

    def column(self, mnemonic: str) -> Column | None:
        """A column by its mnemonic, if the rows hold it."""
        fields = self.layout.fields
        return next((column for column in self.columns if column.mnemonic == mnemonic and column.field in fields), None)


def list_stores(files: BundleFiles, run: int) -> tuple[Store, ...]:
    """The tables of a run, in the order of their stores.

    Raises:
        InputError: the list is missing or malformed.
    """
    name = f"corespace/run{run}/core/table-manager/tables.plist"
    details = KeyedArchive(files.read(name), files.where(name)).root().get("tableDetails")
    stores: dict[str, Store] = {}
    for detail in details.entries().values():
        path, spec = detail.get("storeSubpath").text(), detail.get("spec")
        schema = spec.field("schemaName").text()
        if path is None or schema is None or not _STORE_PATH.fullmatch(path):
            raise InputError("the list of tables is damaged", where=files.where(name))
        attributes = dictionary(spec.field("attributes").plain())
        known = {key: text for key, value in attributes.items() if (text := _attribute(key, value)) is not None}
        stores[path] = Store(files, f"corespace/{path}", schema, dict(sorted(known.items())))
    return tuple(stores[path] for path in sorted(stores, key=_store_number))


def _attribute(name: str, value: Any) -> str | None:
    """An attribute as ``xctrace export --toc`` writes it: texts quoted, words not, truth values as numbers."""
    if isinstance(value, (list, str)):
        parts = value if isinstance(value, list) else [value]
        return " ".join(f'"{part}"' if name in _QUOTED_ATTRIBUTES else str(part) for part in parts)
    return str(int(value)) if isinstance(value, (bool, int)) else None


def _store_number(path: str) -> tuple[int, str]:
    digits = re.search(r"(\d+)$", path)
    return (int(digits[1]) if digits and len(digits[1]) < 10 else -1, path)


def _uncounted(store: Store, rows: int) -> str:
    return f"behind the {store.layout.count} rows that {store.schema} says it has stand {rows} more"


def _exactly(data: bytes, size: int, where: str) -> bytes:
    if len(data) < size:
        raise InputError(f"the file is cut off: {len(data)} bytes of {size}", where=where)
    return data


def _parse_xml(data: bytes, where: str) -> "etree._Element":
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError("the XML is malformed", where=where) from error
