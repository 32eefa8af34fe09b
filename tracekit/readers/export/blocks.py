"""A profile table cut into blocks of whole rows: as a stream comes, or a file at places known beforehand.

Each block has padding around it, for the scanner. Neither pandas nor lxml is loaded here: a helper that scans ahead
(ahead.py) starts with what it needs.
"""

import os
import re
from collections.abc import Iterator, Sequence
from typing import Final

from tracekit.readers.export.digits import PADDING
from tracekit.readers.export.scan import require
from tracekit.readers.source import Reader

ROW: Final = b"<row>"
_ROW_END: Final = b"</row>\n"
_TAIL: Final = re.compile(rb"</node></trace-query-result>\n?")
_MOST_TAIL_BYTES: Final = 64
_BLOCK_BYTES: Final = 2 << 20
_MOST_ROW_BYTES: Final = 4 << 20
_MOST_HEADER_BYTES: Final = 1 << 16
_PADDING: Final = bytes(PADDING)


def header_of(stream: Reader) -> tuple[bytes, bytes]:
    """What stands before the first row, and what was read from it on. Raises UnfamiliarError where there is none."""
    header, found, rest = _at_least(stream, b"", _MOST_HEADER_BYTES).partition(ROW)
    require(bool(found), "another document")
    return header, ROW + rest


def streamed(stream: Reader, begun: bytes) -> Iterator[bytes]:
    """Blocks one after the other, from where a row begins. Raises UnfamiliarError where the document ends otherwise."""
    while True:
        data = _at_least(stream, begun, _BLOCK_BYTES)
        end = data.rfind(_ROW_END) + len(_ROW_END)
        if end < len(_ROW_END):
            require(_TAIL.fullmatch(data) is not None, "another end")
            return
        yield b"".join((_PADDING, memoryview(data)[:end], _PADDING))
        begun = data[end:]
        require(len(begun) < _MOST_ROW_BYTES, "a row of more than 4 MB")


def _at_least(stream: Reader, begun: bytes, size: int) -> bytes:
    parts, length = [begun], len(begun)
    while length < size and (part := stream.read(1 << 20)):
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def is_compressed(descriptor: int) -> bool:
    """Whether an open file begins as gzip does."""
    return os.pread(descriptor, 2, 0) == b"\x1f\x8b"


class Pieces(Sequence[bytes]):
    """The blocks of a file that is not compressed, each to be read by itself, in any order and by several processes.

    They are cut where a row ends next after every two megabytes.
    """

    def __init__(self, descriptor: int, begins: int) -> None:
        """``begins`` is where the first row does.

        Raises:
            UnfamiliarError: the document ends otherwise.
        """
        self._descriptor = descriptor
        self._begins = begins
        size = os.fstat(descriptor).st_size
        tail = os.pread(descriptor, _MOST_TAIL_BYTES, max(size - _MOST_TAIL_BYTES, begins))
        end = tail.rfind(_ROW_END) + len(_ROW_END)
        require(end >= len(_ROW_END) and _TAIL.fullmatch(tail, end) is not None, "another end")
        self._ends = size - len(tail) + end
        self._count = max(1, -(-(self._ends - begins) // _BLOCK_BYTES))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]  # one at a time
        """A block; without rows where one is so long that none ends in it.

        Raises:
            UnfamiliarError: a row is longer than any.
        """
        if not 0 <= number < self._count:
            raise IndexError(number)
        begin, end = self._cut(number), self._cut(number + 1)
        rows = os.pread(self._descriptor, end - begin, begin)
        require(len(rows) == end - begin, "a file that became shorter")
        return b"".join((_PADDING, rows, _PADDING))

    def _cut(self, number: int) -> int:
        if number in (0, self._count):
            return self._ends if number else self._begins
        at = self._begins + number * _BLOCK_BYTES
        ahead = os.pread(self._descriptor, 1 << 16, at)
        found = ahead.find(_ROW_END)
        if found < 0:
            ahead = os.pread(self._descriptor, _MOST_ROW_BYTES, at)
            found = ahead.find(_ROW_END)
            require(found >= 0, "a row of more than 4 MB")
        return at + found + len(_ROW_END)
