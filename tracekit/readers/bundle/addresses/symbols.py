"""Symbol archives: ``symbols/stores/<UUID>.symbolsarchive``, the functions of an image that samples hit.

    header     96 bytes: version, counts of everything below, the image's UUID and CPU
    segments   u64 address, u64 size, 16 name                  addresses here are relative to the image
    sections   24 bytes
    symbols    u32 address, size, flags, display name or 0, mangled name, first inlined function or -1
    inlined    u32 address, size, flags, display, mangled, first inner or -1, call file, call line, call column
    lines      u32 address, size, file, line (0: made by the compiler), column
    names      two indexes of symbols by name
    strings    zero-terminated; names above are offsets in it

Inlined functions stand level by level: first those called by symbols, then those inlined into them, and so on, each
level sorted by address. So the innermost at an address is the one found on the deepest level.
"""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import InputError, UnsupportedError
from tracekit.model.schema import NONE
from tracekit.readers.bundle.addresses.signatures import segment_name

VERSIONS: Final = (1, 7)
"""1 was written by Instruments 12 and 13, 7 by Xcode 16 to 26; both have the same layout."""

DEDUPLICATED: Final = 0x800
"""Flag of a function that the linker merged with others: its name says nothing of who ran."""

DEDUPLICATED_NAME: Final = "<deduplicated_symbol>"

_HEADER_SIZE: Final = 0x60
_STRING_BYTES: Final = struct.Struct("<II")
_STRING_BYTES_AT: Final = 0x54
_SEGMENT: Final = np.dtype([("address", "<u8"), ("size", "<u8"), ("name", "V16")])
_SECTION: Final = np.dtype([("unknown", "V24")])
_SYMBOL: Final = np.dtype(
    [(name, "<u4") for name in ("address", "size", "flags", "display", "mangled")] + [("inner", "<i4")]
)
_INLINED: Final = np.dtype([*_SYMBOL.descr, ("file", "<u4"), ("line", "<u4"), ("column", "<u4")])
_LINE: Final = np.dtype([(name, "<u4") for name in ("address", "size", "file", "line", "column")])
_FAR: Final = 1 << 40
"""Beyond any symbol, whose addresses have 32 bits."""

_MAX_LEVELS: Final = 256
_MAX_LINE: Final = (1 << 31) - 1
_NAMES_RATIO: Final = 4
"""All names together may take 4 times the string table: a display name is mostly the end of the mangled one."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one function or inlined function."""

    display: str
    mangled: str
    is_deduplicated: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """What an archive says of some offsets, aligned with them."""

    function: NDArray[np.int64]
    """A number for ``SymbolArchive.names``; -1 where no symbol covers the offset."""
    file: NDArray[np.int64]
    """A place in the strings for ``SymbolArchive.string``; 0 for none."""
    line: NDArray[np.int64]


class SymbolArchive:
    """The symbols of one image, to be asked for many offsets at once."""

    def __init__(self, data: bytes, where: str) -> None:
        """Split the archive in its tables.

        Raises:
            UnsupportedError: a version that is not known, or parts that do not add up to the file.
        """
        self._where = where
        if len(data) < _HEADER_SIZE:
            raise InputError("the symbol archive is cut off", where=where)
        version, size, *counts = struct.unpack_from("<7I", data)
        self.cpu_type: int = struct.unpack_from("<I", data, 0x44)[0]
        strings, second_index = _STRING_BYTES.unpack_from(data, _STRING_BYTES_AT)
        segments, sections, symbols, inlined, lines = counts
        kinds = ((_SEGMENT, segments), (_SECTION, sections), (_SYMBOL, symbols), (_INLINED, inlined), (_LINE, lines))
        tables = sum(kind.itemsize * count for kind, count in kinds)
        indexes = 4 * symbols + (4 * symbols if version == 1 else second_index)
        if version not in VERSIONS or size != len(data) or _HEADER_SIZE + tables + indexes + strings != len(data):
            raise UnsupportedError(
                f"the symbol archive is damaged or of an unknown version ({version})",
                where=where,
                hint="Open the recording in Instruments, or export it with xctrace",
            )
        at, parts = _HEADER_SIZE, []
        for kind, count in kinds:
            parts.append(np.frombuffer(data, kind, count, at))
            at += kind.itemsize * count
        self._strings = data[len(data) - strings :]
        segments_found = [(segment_name(bytes(part["name"])), part) for part in parts[0][::-1]]
        self.segments = {name: min(int(part["address"]), _FAR) for name, part in segments_found}
        """Where segments begin; the first of a name counts."""
        self.text_size = next((int(part["size"]) for name, part in segments_found if name == "__TEXT"), 0)
        self._symbols, self._inlined, self._lines = parts[2], parts[3], parts[4]
        self._known_strings: dict[int, str] = {0: ""}
        self._left = _NAMES_RATIO * strings
        self._levels = _levels(self._inlined)

    def find(self, offsets: NDArray[np.int64]) -> Lookup:
        """The innermost function and the source line at some offsets, which are relative to the image."""
        symbol = _covering(self._symbols, np.arange(len(self._symbols)), offsets)
        function = symbol.copy()
        size = _taken(self._symbols["size"], symbol)
        is_merged = _taken(self._symbols["flags"], symbol) & DEDUPLICATED != 0
        for level in self._levels:
            inner = _covering(self._inlined, level, offsets)
            inner_size = _taken(self._inlined["size"], inner)
            is_closer = (inner != NONE) & (symbol != NONE) & ~is_merged & (inner_size < size)
            function = np.where(is_closer, len(self._symbols) + inner, function)
            size = np.where(is_closer, inner_size, size)
        line = _covering(self._lines, np.arange(len(self._lines)), offsets)
        number = _taken(self._lines["line"], line)
        known = (line != NONE) & (symbol != NONE) & (number <= _MAX_LINE)
        return Lookup(function, np.where(known, _taken(self._lines["file"], line), 0), np.where(known, number, 0))

    def names(self, function: int) -> Names:
        """The names of a function that ``find`` found."""
        count = len(self._symbols)
        record = self._symbols[function] if function < count else self._inlined[function - count]
        merged = function < count and bool(record["flags"] & DEDUPLICATED)
        return Names(self.string(int(record["display"])), self.string(int(record["mangled"])), merged)

    def string(self, at: int) -> str:
        """The string at an offset of the string table; empty for offset 0.

        Raises:
            InputError: it lies outside, or the strings asked for overlap too much to be names.
        """
        if at not in self._known_strings:
            end = self._strings.find(b"\0", at)
            self._left -= end - at
            if at > len(self._strings) or end < 0 or self._left < 0:
                raise InputError("the names of the symbol archive are damaged", where=self._where)
            self._known_strings[at] = self._strings[at:end].decode("utf-8", "replace")
        return self._known_strings[at]


def _levels(inlined: NDArray[np.void]) -> list[NDArray[np.int64]]:
    """The rows of each level of inlining, outermost first."""
    levels: list[NDArray[np.int64]] = []
    low, count = 0, len(inlined)
    while low < count and len(levels) < _MAX_LEVELS:
        inner = inlined["inner"][low:]
        deeper = inner[inner >= 0]
        high = min(int(deeper.min()), count) if len(deeper) else count
        if high <= low:
            break
        levels.append(np.arange(low, high))
        low = high
    return levels


def _covering(table: NDArray[np.void], rows: NDArray[np.int64], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The row, among ``rows``, whose range covers each offset; -1 for none.

    Functions that the linker merged begin at the same address; the first of them stands for all.
    """
    if not len(rows):
        return np.full(len(offsets), NONE, np.int64)
    start, first = np.unique(table["address"][rows].astype(np.int64), return_index=True)
    rows = rows[first]
    place = np.searchsorted(start, offsets, "right") - 1
    row = rows[place]
    inside = (place >= 0) & (offsets < start[place] + table["size"][row])
    return np.where(inside, row, NONE)


def _taken(values: NDArray[np.uint32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """``values[rows]``, for rows that may be -1."""
    return values[rows].astype(np.int64) if len(values) else np.zeros(len(rows), np.int64)
