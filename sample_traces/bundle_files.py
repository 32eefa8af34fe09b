"""The files a ``.trace`` bundle is made of, one function or class each; docs/trace-bundle.md describes them.

Everything here turns plain values into bytes. ``bundle.py`` puts the files together.
"""

import plistlib
import struct
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

ALWAYS_TICKS = (0, (1 << 63) - 1)
NULL32, NULL64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
BLOCK = 0x100000
CPU_TYPES = {"arm64": 0x0100000C, "arm64e": 0x0100000C, "x86_64": 0x01000007}

# ---- Keyed archives.


@dataclass(frozen=True)
class Object:
    """An object of a class of Instruments."""

    class_name: str
    fields: Mapping[str, object]


@dataclass(frozen=True)
class IntKeyed:
    """An ``XRIntKeyedDictionary``."""

    values: Mapping[int, object]


@dataclass(frozen=True)
class Uuid:
    """An ``NSUUID``."""

    text: str


def keyed_archive(top: Mapping[str, object]) -> bytes:
    """Plain values, and the objects above, as ``NSKeyedArchiver`` writes them."""
    return _Archiver().archive(top)


class _Archiver:
    def __init__(self) -> None:
        self._objects: list[object] = ["$null"]
        self._classes: dict[str, plistlib.UID] = {}
        self._texts: dict[str, plistlib.UID] = {}

    def archive(self, top: Mapping[str, object]) -> bytes:
        named = {name: self._reference(value) for name, value in top.items()}
        frame = {"$version": 100_000, "$archiver": "NSKeyedArchiver", "$top": named, "$objects": self._objects}
        return plistlib.dumps(frame, fmt=plistlib.FMT_BINARY, sort_keys=False)

    def _reference(self, value: object) -> plistlib.UID:
        if value is None:
            return plistlib.UID(0)
        if isinstance(value, str):
            if value not in self._texts:
                self._texts[value] = self._add(value)
            return self._texts[value]
        if isinstance(value, int | float):
            return self._add(value)
        place = self._add(None)
        self._objects[place.data] = self._container(value)
        return place

    def _container(self, value: object) -> dict[str, object]:
        if isinstance(value, bytes):
            return {"NS.data": value, "$class": self._class("NSMutableData")}
        if isinstance(value, Uuid):
            return {"NS.uuidbytes": uuid.UUID(value.text).bytes, "$class": self._class("NSUUID")}
        if isinstance(value, IntKeyed):
            pairs = [part for key, item in value.values.items() for part in (key, self._reference(item))]
            numbered = {f"${index}": part for index, part in enumerate([len(value.values), *pairs])}
            return {**numbered, "$class": self._class("XRIntKeyedDictionary")}
        if isinstance(value, Object):
            fields = {name: self._inline(item) for name, item in value.fields.items()}
            return {**fields, "$class": self._class(value.class_name)}
        if isinstance(value, Mapping):
            keys, values = ([self._reference(item) for item in part] for part in (value.keys(), value.values()))
            return {"NS.keys": keys, "NS.objects": values, "$class": self._class("NSMutableDictionary")}
        assert isinstance(value, Iterable)
        return {"NS.objects": [self._reference(item) for item in value], "$class": self._class("NSArray")}

    def _inline(self, value: object) -> object:
        """Numbers stand in the object itself."""
        return value if isinstance(value, int | float) else self._reference(value)

    def _class(self, name: str) -> plistlib.UID:
        if name not in self._classes:
            self._classes[name] = self._add({"$classname": name, "$classes": [name, "NSObject"]})
        return self._classes[name]

    def _add(self, value: object) -> plistlib.UID:
        self._objects.append(value)
        return plistlib.UID(len(self._objects) - 1)


# ---- Strings and arrays that rows refer to.


@dataclass
class Strings:
    """``uniquing/strings``: each string once, found by its number."""

    numbers: dict[str, int] = field(default_factory=lambda: {"": 0, "Unknown": 1})

    def add(self, text: str) -> int:
        """The number of a string."""
        return self.numbers.setdefault(text, len(self.numbers))

    def file(self) -> bytes:
        """The property list of all of them."""
        items = "".join(f"\t<string>{_escaped(text)}</string>\n" for text in self.numbers)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
            f'<plist version="1.0">\n<array>\n{items}</array>\n</plist>\n'
        ).encode()


def _escaped(text: str) -> str:
    return text.translate({ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"})


class Uniquer:
    """``integeruniquer``: each array of numbers once, in blocks that no array crosses."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, ...], int] = {}
        self._index = bytearray(struct.pack("<I20xII8x", 0x01234567, 0x400000, BLOCK))
        self._data = bytearray(32)

    def add(self, values: Iterable[int]) -> int:
        """The number of an array."""
        array = tuple(values)
        if array not in self._numbers:
            self._numbers[array] = len(self._numbers)
            packed = struct.pack(f"<I{len(array)}Q", len(array), *array)
            if len(self._data) % BLOCK + len(packed) > BLOCK:
                self._data += b"\xab" * (-len(self._data) % BLOCK)  # what lies here means nothing
            block, offset = divmod(len(self._data), BLOCK)
            self._index += struct.pack("<II", offset, block)
            self._data += packed
        return self._numbers[array]

    def files(self) -> tuple[bytes, bytes]:
        """Index and data."""
        return bytes(self._index), bytes(self._data + bytes(-len(self._data) % 4096))


# ---- Tables.

Topology = Literal["point", "interval"]
_TOPOLOGIES = {"point": (7, "XRT64_CC32_R_TypeID", "<QII"), "interval": (6, "XRTD64_CC32_R_TypeID", "<QQII")}
_TOPOLOGY_FIELDS = {
    "time": "XRTraceRelativeTimestampFieldID",
    "duration": "XRDurationFieldID",
    "category1": "XRCategory1FieldID",
    "category2": "XRCategory2FieldID",
}
_FIELD_CODES = {1: "I", 2: "Q"}


class Column(NamedTuple):
    """A column: ``place`` is a part of the topology (time, duration, category1, category2), or the field type."""

    mnemonic: str
    engineering_type: str
    place: str | int


@dataclass(frozen=True)
class Table:
    """A table with its rows, whose values stand in the order of ``columns``."""

    schema: str
    topology: Topology
    columns: Sequence[Column]
    rows: Sequence[Sequence[int]]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """The files of its store."""
        return {
            "schema.xml": self._schema(),
            "spec.plist": keyed_archive({"root": self.spec()}),
            "bulkstore_descriptor": self._descriptor(),
            "bulkstore": self._bulkstore(),
            "spindex.0": b"",
        }

    def spec(self) -> Object:
        """What the list of tables says of it."""
        return Object(
            "XRAnalysisCoreTableSpec",
            {"schemaName": self.schema, "engineeringName": self.schema, "attributes": self.attributes},
        )

    @property
    def _row(self) -> struct.Struct:
        fields = "".join(_FIELD_CODES[column.place] for column in self.columns if isinstance(column.place, int))
        return struct.Struct(_TOPOLOGIES[self.topology][2] + fields)

    def _schema(self) -> bytes:
        columns = "".join(
            f'<column mnemonic="{name}" engineeringName="{name.title()}" engineeringType="XR{kind}TypeID"'
            + (f' topologyField="{_TOPOLOGY_FIELDS[place]}"' if isinstance(place, str) else "")
            + "/>"
            for name, kind, place in self.columns
        )
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f'<schema name="{self.schema}" topology="{_TOPOLOGIES[self.topology][1]}">{columns}</schema>\n'
        ).encode()

    def _descriptor(self) -> bytes:
        names = [("topology", _TOPOLOGIES[self.topology][0])]
        names += [(column.mnemonic, column.place) for column in self.columns if isinstance(column.place, int)]
        fields = [
            Object("XRFieldDescriptor", {"$0": {"_name": name, "_index": index, "_type": kind, "_multi": 1}})
            for index, (name, kind) in enumerate(names)
        ]
        description = {
            "_name": self.schema,
            "_minEventSize": self._row.size,
            "_maxEventSize": self._row.size,
            "_variableSize": False,
            "_version": 1,
            "_fields": fields,
            "_props": {"next_event_id": len(self.rows), "storage_manager_version": 1},
        }
        return keyed_archive({"root": Object("XREventDescriptor", {"$0": description})})

    def _bulkstore(self) -> bytes:
        row = self._row
        header = struct.pack("<5I", 0x12340A0A, 3, 40, 0x1000, row.size)
        parts = [header, bytes(0x1000 - len(header)), *(row.pack(*self._in_file_order(values)) for values in self.rows)]
        size = sum(map(len, parts))
        return b"".join([*parts, bytes(-size % 4096)])

    def _in_file_order(self, values: Sequence[int]) -> list[int]:
        named = dict(zip((column.place for column in self.columns), values, strict=False))
        topology = ["time", *(["duration"] if self.topology == "interval" else []), "category1", "category2"]
        fields = [value for value, column in zip(values, self.columns, strict=True) if isinstance(column.place, int)]
        return [*(named.get(part, 0) for part in topology), *fields]


def tables_plist(tables: Sequence[Table], run: int) -> bytes:
    """The list of tables. Instruments lists most of them twice, as what is written and as what is read."""
    details = {
        2 * index + side: {"storeSubpath": store_path(run, index), "side": side, "spec": table.spec()}
        for index, table in enumerate(tables)
        for side in (0, 1)
    }
    root = {"lastStoreIdx": len(tables), "nextTableID": 2 * len(tables), "tableDetails": IntKeyed(details)}
    return keyed_archive({"root": root})


def store_path(run: int, index: int) -> str:
    """Where the store of a table lies in ``corespace``."""
    return f"run{run}/core/stores/indexed-store-{index}"


# ---- Images and symbols.


@dataclass(frozen=True)
class Inlined:
    """A function that was inlined; addresses are relative to the image."""

    address: int
    size: int
    symbol: str
    inlined: tuple["Inlined", ...] = ()


@dataclass(frozen=True)
class Symbol:
    """A function; addresses are relative to the image. ``display`` is its name where that is not the demangled one."""

    address: int
    size: int
    symbol: str
    display: str = ""
    flags: int = 0x33484401
    inlined: tuple[Inlined, ...] = ()


class Line(NamedTuple):
    """A piece of code from one source line."""

    address: int
    size: int
    file: str
    line: int


@dataclass(frozen=True)
class Binary:
    """An image, where it lay, and what its symbol archive holds. ``archive`` 0 leaves the archive out."""

    path: str
    uuid: str
    load_address: int
    symbols: tuple[Symbol, ...] = ()
    lines: tuple[Line, ...] = ()
    cpu: str = "arm64"
    text_size: int = 0x100000
    ticks: tuple[int, int] = ALWAYS_TICKS
    archive: int = 7
    in_cache: bool = False

    @property
    def segments(self) -> tuple[tuple[str, int, int], ...]:
        """Names, addresses in memory, sizes."""
        end = self.load_address + self.text_size
        return (
            ("__TEXT", self.load_address, self.text_size),
            ("__DATA_CONST", end, 0x4000),
            ("__LINKEDIT", 0x7_0000_0000, 0x4000),
        )


def signature(pid: int, binaries: Iterable[Binary], base: int = 0, cache: tuple[str, int] | None = None) -> bytes:
    """A list of images, whose addresses count from ``base``; ``cache`` is the UUID and base of the shared cache."""
    images = list(binaries)
    parts = [struct.pack("<6I", 0xFF01FF02, 1, pid & NULL32, 0, 32, len(images))]
    for image in images:
        path = image.path.encode() + bytes(8 - len(image.path.encode()) % 8)
        parts.append(uuid.UUID(image.uuid).bytes)
        parts.append(struct.pack("<8xQQ4I", *image.ticks, CPU_TYPES[image.cpu], 2, len(image.segments), len(path)))
        parts.append(path)
        parts += [struct.pack("<16sQQ", name.encode(), start - base, size) for name, start, size in image.segments]
    if cache is not None:
        parts.append(struct.pack("<II16sQ", 0x00C0FFEE, 4, uuid.UUID(cache[0]).bytes, cache[1]) + bytes(32))
    return b"".join(parts)


def symbols_archive(binary: Binary) -> bytes:
    """The symbols of an image. Its segments lie one after the other, from 0."""
    strings = _Names()
    segments, place = b"", 0
    for name, _, size in binary.segments:
        segments += struct.pack("<QQ16s", place, size, name.encode())
        place += size
    inlined, first_of_symbol = _inlined_records(binary.symbols, strings)
    symbols = b"".join(
        struct.pack("<5Ii", *_named(symbol, strings, symbol.flags, symbol.display), first)
        for symbol, first in zip(binary.symbols, first_of_symbol, strict=True)
    )
    lines = b"".join(
        struct.pack("<5I", line.address, line.size, strings.add(line.file), line.line, 1) for line in binary.lines
    )
    count = len(binary.symbols)
    indexes = struct.pack(f"<{count}I", *range(count)) * 2
    tables = segments + struct.pack("<QQQ", 0, 0, 0) + symbols + inlined + lines + indexes
    size = 0x60 + len(tables) + len(strings.data)
    counts = (len(binary.segments), 1, count, len(inlined) // 36, len(binary.lines))
    header = struct.pack("<7I", binary.archive, size, *counts) + bytes(24) + uuid.UUID(binary.uuid).bytes
    header += struct.pack("<II8xIII", CPU_TYPES[binary.cpu], 2, len(strings.data), 4 * count * (binary.archive > 1), 0)
    return header + tables + strings.data


class _Names:
    """Zero-terminated strings; the first is empty, so that 0 can stand for none."""

    def __init__(self) -> None:
        self.data = b"\0"
        self._places: dict[str, int] = {"": 0}

    def add(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = len(self.data)
            self.data += text.encode() + b"\0"
        return self._places[text]


def _named(function: Symbol | Inlined, strings: _Names, flags: int, display: str = "") -> tuple[int, ...]:
    return function.address, function.size, flags, strings.add(display), strings.add(function.symbol)


def _inlined_records(symbols: Sequence[Symbol], strings: _Names) -> tuple[bytes, list[int]]:
    """Records level by level, siblings together, the last of them marked; and the first record of each symbol."""
    levels: list[list[tuple[Inlined, bool]]] = []
    groups: list[tuple[Inlined, ...]] = [symbol.inlined for symbol in symbols]
    while any(groups):
        level = [(function, function is group[-1]) for group in groups for function in group]
        levels.append(level)
        groups = [function.inlined for function, _ in level]
    starts = [sum(map(len, levels[:depth])) for depth in range(len(levels) + 1)]
    records = b""
    for depth, level in enumerate(levels):
        first = starts[depth + 1]
        for function, is_last in level:
            flags = 0x85610501 | (0x40000000 if is_last else 0)
            record = _named(function, strings, flags)
            records += struct.pack(
                "<5IiIII", *record, first if function.inlined else -1, strings.add("/src/lib.h"), 1, 1
            )
            first += len(function.inlined)
    first_of_symbol, place = [], 0
    for symbol in symbols:
        first_of_symbol.append(place if symbol.inlined else -1)
        place += len(symbol.inlined)
    return records, first_of_symbol


def deflated(data: bytes) -> bytes:
    """A file as Instruments compresses it when it saves."""
    return zlib.compress(data)
