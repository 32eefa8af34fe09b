"""How the rows of a table lie in its file.

Since Instruments 9 a descriptor lists the fields with their types and order, and how many rows there are. Instruments 8
has none: its fields are the columns of the schema, and what stands behind the last row is zeros.

Until Instruments 11 times had 50 bits and categories 22, packed without a gap:

    point       time 50, category 22                                  9 bytes
    interval    start 50, duration 50, category 22, category 22      18 bytes
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import InputError, UnsupportedError
from tracekit.readers.bundle.storage.uniquing import NULL32

EXPORT_HINT: Final = "On a Mac, export it with: xcrun xctrace export --input run.trace --xpath '//table'"

TIME, DURATION, CATEGORY1, CATEGORY2 = "@time", "@duration", "@category1", "@category2"
_POINT50, _INTERVAL50 = "@point", "@interval"
_UNPACKED: Final = {_POINT50: (TIME, CATEGORY1), _INTERVAL50: (TIME, DURATION, CATEGORY1, CATEGORY2)}

_POINT: Final = [(TIME, "<u8"), (CATEGORY1, "<u4"), (CATEGORY2, "<u4")]
_INTERVAL: Final = [(TIME, "<u8"), (DURATION, "<u8"), (CATEGORY1, "<u4"), (CATEGORY2, "<u4")]
_FIELD_TYPES: Final[dict[int, list[tuple[str, str]]]] = {
    7: _POINT,
    6: _INTERVAL,
    5: [(_INTERVAL50, "V18")],
    4: [(_POINT50, "V9")],
    1: [("", "<u4")],
    2: [("", "<u8")],
}
"""Bytes of each field type; an empty name is the field's own."""

PACKED_TOPOLOGIES: Final = {"XRT50_C22_TypeID": 4, "XRTD50_CC22_TypeID": 5, "XRTD50_CC22_R_TypeID": 5}
"""Tables of these topologies may have no descriptor."""
_EIGHT_BYTES: Final = frozenset(
    f"XR{name}TypeID"
    for name in ("KDebugArgument", "PrototypeValue", "ThreadName", "TimeSampleWeight", "VirtualMemoryAddress")
)
"""Types of columns that took 8 bytes in Instruments 9 and 10; the others took 4."""

_TIME_BITS: Final = np.uint64((1 << 50) - 1)
_CATEGORY_BITS: Final = np.uint64((1 << 22) - 1)

Rows = NDArray[np.void]
"""A structured array: ``@time``, ``@duration``, ``@category1``, ``@category2``, and fields by their mnemonics."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How rows lie in the file, and how many there are."""

    row: np.dtype[np.void]
    """As they are stored; see ``unpacked``."""
    count: int

    @property
    def fields(self) -> tuple[str, ...]:
        """What can be asked of unpacked rows."""
        return unpacked(np.empty(0, self.row)).dtype.names or ()


def described(description: Any, where: str) -> Layout:
    """Fields and row count as a descriptor gives them.

    Raises:
        UnsupportedError: a field type or version that is not known.
        InputError: the descriptor is malformed.
    """
    if not isinstance(description, dict):
        raise InputError("the descriptor describes no table", where=where)
    if description.get("_version") != 1 or description.get("_variableSize"):
        raise UnsupportedError("the table is stored in an unknown way", where=where, hint=EXPORT_HINT)
    count = dictionary(description.get("_props")).get("next_event_id")
    if not isinstance(count, int) or count < 0:
        raise InputError("the descriptor does not say how many rows there are", where=where)
    records = sorted(_field_records(description.get("_fields"), where), key=lambda record: record["_index"])
    row = _row(((each["_name"], each["_type"], each.get("_multi", 1)) for each in records), where)
    if description.get("_minEventSize") != row.itemsize or description.get("_maxEventSize") != row.itemsize:
        raise InputError("the descriptor's fields do not add up to its row size", where=where)
    return Layout(row, count)


def undescribed(topology: str, types: Mapping[str, str], stored: bytes, offset: int, size: int, where: str) -> Layout:
    """The layout of a table of Instruments 8: ``types`` of its columns by field, beside those of the topology.

    ``stored`` is the whole file, whose rows of ``size`` bytes begin at ``offset``.

    Raises:
        UnsupportedError: the columns do not add up to the size of a row.
    """
    fields = [("topology", PACKED_TOPOLOGIES[topology], 1)]
    fields += [(name, 2 if kind in _EIGHT_BYTES else 1, 1) for name, kind in types.items()]
    row = _row(fields, where)
    if row.itemsize != size:
        raise UnsupportedError("the table is stored in an unknown way", where=where, hint=EXPORT_HINT)
    return Layout(row, -(-len(stored[offset:].rstrip(b"\0")) // size))


def unpacked(rows: Rows) -> Rows:
    """Rows with times and categories as fields of their own."""
    names = rows.dtype.names or ()
    packed = next((name for name in names if name in _UNPACKED), None)
    if packed is None:
        return rows
    parts = _point(rows[packed]) if packed == _POINT50 else _interval(rows[packed])
    fields = dict(zip(_UNPACKED[packed], parts, strict=True))
    own = [name for name in names if name != packed]
    dtypes: list[tuple[str, Any]] = [(name, values.dtype) for name, values in fields.items()]
    result = np.empty(len(rows), np.dtype([*dtypes, *((name, rows.dtype[name]) for name in own)]))
    for name in result.dtype.names or ():
        result[name] = fields[name] if name in fields else rows[name]
    return result


def _point(packed: NDArray[np.void]) -> tuple[NDArray[np.unsignedinteger], ...]:
    first, second, _ = _words(packed)
    return first & _TIME_BITS, _category(first >> np.uint64(50) | second << np.uint64(14))


def _interval(packed: NDArray[np.void]) -> tuple[NDArray[np.unsignedinteger], ...]:
    first, second, third = _words(packed)
    duration = (first >> np.uint64(50) | second << np.uint64(14)) & _TIME_BITS
    last = _category(second >> np.uint64(58) | third << np.uint64(6))
    return first & _TIME_BITS, duration, _category(second >> np.uint64(36)), last


def _words(packed: NDArray[np.void]) -> NDArray[np.uint64]:
    """The three words of 64 bits that hold each value, lowest first."""
    stored = np.frombuffer(packed.tobytes(), np.uint8).reshape(len(packed), packed.dtype.itemsize)
    widened = np.zeros((len(packed), 24), np.uint8)
    widened[:, : stored.shape[1]] = stored
    return widened.view("<u8").T


def _category(bits: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """A category; all ones are none, as in wider ones."""
    kept = bits & _CATEGORY_BITS
    return np.where(kept == _CATEGORY_BITS, NULL32, kept).astype(np.uint32)


def _row(fields: Any, where: str) -> np.dtype[np.void]:
    parts: list[tuple[str, str]] = []
    for field, kind, multi in fields:
        if kind not in _FIELD_TYPES or multi != 1:
            raise UnsupportedError(f"a field has the unknown type {kind}", where=where, hint=EXPORT_HINT)
        parts.extend((name or field, size) for name, size in _FIELD_TYPES[kind])
    names = [each for name, _ in parts for each in _UNPACKED.get(name, (name,))]
    if not names or len(set(names)) != len(names):
        raise InputError("the descriptor's fields have no or the same names", where=where)
    return np.dtype(parts)


def _field_records(fields: Any, where: str) -> Sequence[dict[str, Any]]:
    records = [dictionary(dictionary(field).get("$0")) for field in fields] if isinstance(fields, list) else []
    kinds = {"_index": int, "_type": int, "_name": str}
    if not records or not all(isinstance(record.get(key), kind) for record in records for key, kind in kinds.items()):
        raise InputError("the descriptor describes no fields", where=where)
    return records


def dictionary(value: Any) -> dict[Any, Any]:
    """A dictionary, empty where the value is none."""
    return value if isinstance(value, dict) else {}
