"""One table of a run: rows of fixed size, in a file that describes itself.

    schema.xml              columns: mnemonic, title, engineering type, and which of them the topology field holds
    bulkstore_descriptor    fields with their types and order, and how many rows there are
    bulkstore               a header, then the rows, packed without padding, then zeros

The layout always comes from the descriptor, never from a table's name: the same table had other columns in other
versions of Instruments.
"""

import re
from collections.abc import Sequence
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

EXPORT_HINT: Final = "On a Mac, export it with: xcrun xctrace export --input run.trace --xpath '//table'"

TIME, DURATION, CATEGORY1, CATEGORY2 = "@time", "@duration", "@category1", "@category2"
_TOPOLOGY_FIELDS: Final = {
    "XRTraceRelativeTimestampFieldID": TIME,
    "XRDurationFieldID": DURATION,
    "XRCategory1FieldID": CATEGORY1,
    "XRCategory2FieldID": CATEGORY2,
}
_FIELD_TYPES: Final[dict[int, list[tuple[str, str]]]] = {
    7: [(TIME, "<u8"), (CATEGORY1, "<u4"), (CATEGORY2, "<u4")],
    6: [(TIME, "<u8"), (DURATION, "<u8"), (CATEGORY1, "<u4"), (CATEGORY2, "<u4")],
    1: [("", "<u4")],
    2: [("", "<u8")],
}
"""Bytes of each field type; an empty name is the field's own. Type 7 is the topology of points, 6 of intervals."""
_TYPE_BEFORE_12: Final = 4

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

Rows = NDArray[np.void]
"""A structured array: ``@time``, ``@duration``, ``@category1``, ``@category2``, and fields by their mnemonics."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    mnemonic: str
    title: str
    type: str
    """The engineering type, such as ``XRThreadTypeID``."""
    field: str
    """The field of a row that holds it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How rows lie in the file, and how many there are."""

    row: np.dtype[np.void]
    count: int


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
        name = f"{self.folder}/schema.xml"
        root = _parse_xml(self.files.read(name), self.files.where(name))
        columns = [dict(element.attrib) for element in root.iter("column")]
        if not columns or any("mnemonic" not in column or "engineeringType" not in column for column in columns):
            raise InputError("the schema names no columns", where=self.files.where(name))
        return tuple(_column({str(key): str(value) for key, value in column.items()}) for column in columns)

    @cached_property
    def layout(self) -> Layout:
        """Fields and row count, from the descriptor.

        Raises:
            UnsupportedError: a field type or version that is not known.
            InputError: the descriptor is missing or malformed.
        """
        name = f"{self.folder}/bulkstore_descriptor"
        where = self.files.where(name)
        description = KeyedArchive(self.files.read(name), where).root().field("$0").plain()
        if not isinstance(description, dict):
            raise InputError("the descriptor describes no table", where=where)
        if description.get("_version") != 1 or description.get("_variableSize"):
            raise UnsupportedError("the table is stored in an unknown way", where=where, hint=EXPORT_HINT)
        count = _dictionary(description.get("_props")).get("next_event_id")
        if not isinstance(count, int) or count < 0:
            raise InputError("the descriptor does not say how many rows there are", where=where)
        row = _row_dtype(description.get("_fields"), where)
        if description.get("_minEventSize") != row.itemsize or description.get("_maxEventSize") != row.itemsize:
            raise InputError("the descriptor's fields do not add up to its row size", where=where)
        return Layout(row, count)

    def rows(self, notices: Notices | None = None, *, strict: bool = False) -> Rows:
        """All rows, as they lie in the file.

        Behind the last row stand zeros. What else stands there are rows that the descriptor does not count; they are
        left out and told to ``notices`` (``strict``: refused).

        Raises:
            UnsupportedError: the file is of an unknown version.
            InputError: it is damaged, or shorter than its rows.
        """
        layout = self.layout
        name = f"{self.folder}/bulkstore"
        where = self.files.where(name)
        start = self.files.read(name, _HEADER.itemsize) if layout.count or name in self.files else b""
        if layout.count == 0 and len(start) < _HEADER.itemsize:
            return np.empty(0, layout.row)
        head = np.frombuffer(_exactly(start, _HEADER.itemsize, where), _HEADER)[0]
        if head["magic"] != _MAGIC or head["version"] != _VERSION:
            raise UnsupportedError("the rows are stored in an unknown way", where=where, hint=EXPORT_HINT)
        if head["row"] != layout.row.itemsize:
            raise InputError("the row size is not the one of the descriptor", where=where)
        size = int(head["offset"]) + layout.count * layout.row.itemsize
        data = _exactly(self.files.read(name, size + _LOOK_BEHIND), size, where)
        uncounted = -(-len(data[size:].rstrip(b"\0")) // layout.row.itemsize)
        if uncounted and strict:
            raise InputError(_uncounted(self, uncounted), where=where, hint="Without --strict they are left out")
        if uncounted and notices is not None:
            notices.add("skipped-row:not-counted", f"{_uncounted(self, uncounted)}; they were left out", uncounted)
        return np.frombuffer(data, layout.row, layout.count, int(head["offset"]))

    def column(self, mnemonic: str) -> Column | None:
        """A column by its mnemonic, if the rows hold it."""
        fields = self.layout.row.names or ()
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
        attributes = _dictionary(spec.field("attributes").plain())
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


def _column(attributes: dict[str, str]) -> Column:
    mnemonic = attributes["mnemonic"]
    field = _TOPOLOGY_FIELDS.get(attributes.get("topologyField", ""), mnemonic)
    return Column(mnemonic, attributes.get("engineeringName", mnemonic), attributes["engineeringType"], field)


def _row_dtype(fields: Any, where: str) -> np.dtype[np.void]:
    parts: list[tuple[str, str]] = []
    for field in sorted(_field_records(fields, where), key=lambda record: record["_index"]):
        kind = field["_type"]
        if kind == _TYPE_BEFORE_12:
            raise UnsupportedError(
                "the recording was made by an Instruments before version 12", where=where, hint="Record it again"
            )
        if kind not in _FIELD_TYPES or field.get("_multi", 1) != 1:
            raise UnsupportedError(f"a field has the unknown type {kind}", where=where, hint=EXPORT_HINT)
        parts.extend((name or field["_name"], size) for name, size in _FIELD_TYPES[kind])
    if not parts or len({name for name, _ in parts}) != len(parts):
        raise InputError("the descriptor's fields have no or the same names", where=where)
    return np.dtype(parts)


def _field_records(fields: Any, where: str) -> Sequence[dict[str, Any]]:
    records = [_dictionary(_dictionary(field).get("$0")) for field in fields] if isinstance(fields, list) else []
    kinds = {"_index": int, "_type": int, "_name": str}
    if not records or not all(isinstance(record.get(key), kind) for record in records for key, kind in kinds.items()):
        raise InputError("the descriptor describes no fields", where=where)
    return records


def _dictionary(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


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
