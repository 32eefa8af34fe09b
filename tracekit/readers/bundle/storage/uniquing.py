"""What rows refer to: strings, arrays of numbers, and typed arrays, each stored once.

``uniquing/strings`` is an XML property list of strings. An integer uniquer is an index of 8 bytes an array (offset in
its block, number of the block) and data: at that place a count, then as many 64-bit numbers. An array never crosses a
block, and what lies between the last array of a block and its end is anything, so arrays are only found by the index.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import InputError, UnsupportedError
from tracekit.readers.bundle.storage.files import BundleFiles
from tracekit.readers.bundle.storage.keyed_archive import KeyedArchive
from tracekit.readers.common import unescaped

NULL32: Final = 0xFFFFFFFF
NULL64: Final = 0xFFFFFFFFFFFFFFFF

_INDEX_MAGIC: Final = 0x01234567
_INDEX_HEADER: Final = np.dtype([("magic", "<u4"), ("unknown", "V24"), ("block", "<u4"), ("zeros", "V8")])
_INDEX_ENTRY: Final = np.dtype([("offset", "<u4"), ("block", "<u4")])
_EMPTY_INDEX: Final = np.array((_INDEX_MAGIC, b"", 1, b""), _INDEX_HEADER).tobytes()
_STRING: Final = re.compile(r"<string>([^<]*)</string>|<string/>")

_GATHER_FLOOR: Final = 4 << 20
_GATHER_RATIO: Final = 8
"""Arrays gathered at once may hold 4 Mi numbers, or 8 times what the file holds. Real stacks share 1 to 3 times."""


@dataclass(frozen=True, slots=True)
class Ragged:
    """Arrays one after the other: ``values`` of all, and the ``lengths`` of each."""

    values: NDArray[np.uint64]
    lengths: NDArray[np.int64]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each array begins in ``values``."""
        return np.cumsum(self.lengths) - self.lengths


def spread(starts: NDArray[np.int64], lengths: NDArray[np.int64], step: int = 1) -> NDArray[np.int64]:
    """Numbers that count up from each start, ``lengths`` of them, one run after the other."""
    before = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(starts, lengths) + step * (np.arange(len(before)) - before)


class ArrayUniquer:
    """Arrays of 64-bit numbers, found by their index."""

    def __init__(self, index: bytes, data: bytes, where: str) -> None:
        """Read the index.

        Raises:
            UnsupportedError: the index is of an unknown kind.
        """
        self.where = where
        index = index or _EMPTY_INDEX
        header = np.frombuffer(index, _INDEX_HEADER, 1)[0] if len(index) >= _INDEX_HEADER.itemsize else None
        if header is None or header["magic"] != _INDEX_MAGIC or header["block"] == 0:
            raise UnsupportedError("the index of stored arrays is of an unknown kind", where=where)
        count = (len(index) - _INDEX_HEADER.itemsize) // _INDEX_ENTRY.itemsize
        entries = np.frombuffer(index, _INDEX_ENTRY, count, _INDEX_HEADER.itemsize)
        self._places = entries["block"].astype(np.int64) * int(header["block"]) + entries["offset"]
        self._words = np.frombuffer(data, "<u4", len(data) // 4)

    def __len__(self) -> int:
        return len(self._places)

    def gather(self, ids: NDArray[np.integer]) -> Ragged:
        """The arrays of these ids, in their order.

        Raises:
            InputError: an id is not in the index, an array lies outside the file, or they are far too many.
        """
        wanted = ids.astype(np.int64)
        if len(wanted) and not (wanted.min() >= 0 and wanted.max() < len(self._places)):
            raise InputError(f"a row refers to an array that is not one of {len(self)}", where=self.where)
        places = self._places[wanted]
        if ((places < 0) | (places % 4 != 0) | (places // 4 >= len(self._words))).any():
            raise self._outside()
        first = places // 4
        lengths = self._words[first].astype(np.int64)
        if (first + 1 + 2 * lengths > len(self._words)).any():
            raise self._outside()
        total = int(lengths.sum())
        if total > max(_GATHER_FLOOR, _GATHER_RATIO * len(self._words) // 2):
            raise InputError("the stored arrays unfold far beyond the size of the file", where=self.where)
        low = spread(first + 1, lengths, step=2)
        values = self._words[low] | self._words[low + 1].astype(np.uint64) << np.uint64(32)
        return Ragged(values, lengths)

    def tuples(self, ids: NDArray[np.integer], width: int) -> NDArray[np.uint64]:
        """The arrays of these ids as rows of a matrix.

        Raises:
            InputError: see ``gather``; or an array is not of this width.
        """
        found = self.gather(ids)
        if (found.lengths != width).any():
            raise InputError(f"a stored array should hold {width} numbers", where=self.where)
        return found.values.reshape(-1, width)

    def _outside(self) -> InputError:
        return InputError("a stored array lies outside the file", where=self.where)


@dataclass(frozen=True)
class Uniquing:
    """The strings and arrays of a run, read when they are needed."""

    files: BundleFiles
    run: int

    @cached_property
    def strings(self) -> list[str]:
        """All strings.

        Raises:
            InputError: the list is missing or malformed.
        """
        name = self._name("strings")
        text = self.files.read(name).decode("utf-8", "replace")
        strings: list[str] = _STRING.findall(text)
        if len(strings) != text.count("<string") or "<array" not in text:
            raise InputError("the list of strings is damaged", where=self.files.where(name))
        return [unescaped(string) if "&" in string else string for string in strings]

    @cached_property
    def arrays(self) -> ArrayUniquer:
        """Arrays of numbers: threads, processes, stacks, UUIDs."""
        return self._uniquer("arrayUniquer")

    @cached_property
    def typed_arrays(self) -> ArrayUniquer:
        """Arrays of pairs (number of an engineering type, value): labels, messages, values of any type."""
        return self._uniquer("typedArrayUniquer")

    @cached_property
    def engineering_types(self) -> list[str]:
        """Names of the engineering types, by number."""
        name = self._name("EngineeringTypes.etypes")
        root = KeyedArchive(self.files.read(name), self.files.where(name)).root()
        return [element.text() or "" for element in root.elements()]

    def engineering_type(self, number: int) -> str:
        """The name of an engineering type; empty where there is none of that number."""
        return self.engineering_types[number] if 0 <= number < len(self.engineering_types) else ""

    def string(self, index: int) -> str:
        """A string by its number; empty where there is none."""
        return self.strings[index] if 0 <= index < len(self.strings) else ""

    def _uniquer(self, folder: str) -> ArrayUniquer:
        name = self._name(f"{folder}/integeruniquer")
        index, data = self.files.read(f"{name}.index"), self.files.read(f"{name}.data")
        return ArrayUniquer(index, data, self.files.where(f"{name}.data"))

    def _name(self, name: str) -> str:
        return f"corespace/run{self.run}/core/uniquing/{name}"
