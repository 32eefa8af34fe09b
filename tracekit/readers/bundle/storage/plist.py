"""Property lists, one object at a time.

``form.template`` is a binary plist of several megabytes of which a few hundred objects matter, so objects are decoded
when they are asked for. That also bounds what a malicious file can cost: each object is decoded once, and all of them
together may not be longer than the file, which objects that overlap would be.
"""

import plistlib
import struct
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError  # only the name of what plistlib raises

from tracekit.errors import InputError

BINARY_MAGIC = b"bplist00"
_TRAILER = struct.Struct(">6xBBQQQ")
_NUMBERS = {1: "B", 2: "H", 4: "I"}
"""How ``struct`` names references of so many bytes, which are most."""


@dataclass(frozen=True, slots=True)
class Uid:
    """A reference of a keyed archive: the number of an object in ``$objects``."""

    number: int


@dataclass(frozen=True, slots=True)
class Refs:
    """An array or set: the numbers of its members in the plist."""

    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A dictionary: the numbers of its keys and values in the plist."""

    keys: tuple[int, ...]
    values: tuple[int, ...]


Value = None | bool | int | float | str | bytes | Uid | Refs | Pairs


class BinaryPlist:
    """A binary property list whose objects are decoded on demand."""

    def __init__(self, data: bytes, where: str) -> None:
        """Read the trailer.

        Raises:
            InputError: it is no binary plist, or its trailer contradicts its length.
        """
        self._data, self._where = data, where
        if not data.startswith(BINARY_MAGIC) or len(data) < len(BINARY_MAGIC) + _TRAILER.size:
            raise InputError("the file is not a binary property list", where=where)
        self._offset_size, self._ref_size, self._count, self.top, self._table = _TRAILER.unpack_from(
            data, len(data) - _TRAILER.size
        )
        if not (1 <= self._offset_size <= 8 and 1 <= self._ref_size <= 8):
            raise self._damaged("its trailer has impossible sizes")
        if self._table + self._count * self._offset_size > len(data):
            raise self._damaged("its offset table lies outside")
        self._left = self._table
        self._decoded: dict[int, Value] = {}

    def __getitem__(self, number: int) -> Value:
        """The object ``number``; containers give the numbers of what they hold.

        Raises:
            InputError: there is no such object, or it is damaged.
        """
        if number in self._decoded:
            return self._decoded[number]
        if not 0 <= number < self._count:
            raise self._damaged(f"it refers to an object {number} of {self._count}")
        place = self._table + number * self._offset_size
        start = int.from_bytes(self._data[place : place + self._offset_size], "big")
        self._decoded[number] = value = self._decode(start)
        return value

    def mapping(self, number: int) -> dict[str, int]:
        """A dictionary with text keys: the numbers of its values; empty where the object is something else."""
        pairs = self[number]
        return self.named(pairs) if isinstance(pairs, Pairs) else {}

    def named(self, pairs: Pairs) -> dict[str, int]:
        """The numbers of a dictionary's values by their keys that are texts."""
        keys = [self[key] for key in pairs.keys]
        return {key: value for key, value in zip(keys, pairs.values, strict=True) if isinstance(key, str)}

    def _decode(self, start: int) -> Value:
        marker = self._bytes(start, 1)[0]
        kind, low = marker >> 4, marker & 15
        if kind == 0:
            return self._singleton(low)
        if kind == 1:
            return self._integer(start + 1, 1 << low)
        if kind in (2, 3):
            return self._real(start + 1, 1 << low)
        if kind == 8:
            return Uid(self._number(start + 1, low + 1))
        count, start = self._length(start, low)
        if kind == 4:
            return self._bytes(start, count)
        if kind == 5:
            return self._bytes(start, count).decode("ascii", "replace")
        if kind == 6:
            return self._bytes(start, 2 * count).decode("utf-16-be", "replace")
        if kind == 13:
            return Pairs(self._refs(start, count), self._refs(start + count * self._ref_size, count))
        if kind in (10, 12):
            return Refs(self._refs(start, count))
        raise self._damaged(f"it has an object of the unknown kind {kind}")

    def _singleton(self, low: int) -> Value:
        if low in (0, 8, 9):
            return {0: None, 8: False, 9: True}[low]
        raise self._damaged(f"it has an object of the unknown kind 0x{low:02x}")

    def _integer(self, start: int, size: int) -> int:
        if size > 16:
            raise self._damaged("it has an integer of more than 16 bytes")
        return int.from_bytes(self._bytes(start, size), "big", signed=size >= 8)

    def _real(self, start: int, size: int) -> float:
        if size not in (4, 8):
            raise self._damaged(f"it has a real number of {size} bytes")
        value: float = struct.unpack(">f" if size == 4 else ">d", self._bytes(start, size))[0]
        return value

    def _length(self, start: int, low: int) -> tuple[int, int]:
        """The length of a string or container and where its content begins."""
        if low != 15:
            return low, start + 1
        marker = self._bytes(start + 1, 1)[0]
        if marker >> 4 != 1 or marker & 15 > 3:
            raise self._damaged("it has an object without a length")
        size = 1 << (marker & 15)
        return self._number(start + 2, size), start + 2 + size

    def _refs(self, start: int, count: int) -> tuple[int, ...]:
        size = self._ref_size
        data = self._bytes(start, count * size)
        if size in _NUMBERS:
            return struct.unpack(f">{count}{_NUMBERS[size]}", data)
        return tuple(int.from_bytes(data[at : at + size], "big") for at in range(0, len(data), size))

    def _number(self, start: int, size: int) -> int:
        return int.from_bytes(self._bytes(start, size), "big")

    def _bytes(self, start: int, size: int) -> bytes:
        """A piece of the file, charged to what all objects together may take."""
        if start + size > self._table:
            raise self._damaged("it is cut off")
        self._left -= size
        if self._left < 0:
            raise self._damaged("its objects overlap")
        return self._data[start : start + size]

    def _damaged(self, why: str) -> InputError:
        return InputError(f"the property list is damaged: {why}", where=self._where)


def read_xml_plist(data: bytes, where: str) -> Any:
    """A small XML property list as plain values. Entities are refused by plistlib itself.

    Raises:
        InputError: it is malformed.
    """
    try:
        return plistlib.loads(data, fmt=plistlib.FMT_XML)
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, ExpatError) as error:
        raise InputError(f"the property list is damaged ({error})", where=where) from error
