"""Labels and messages: typed arrays, spelled as xctrace spells them in English.

A typed array holds pairs of the number of an engineering type and a value. Text parts are strings; what stands between
them is spelled by its type: 199,999 for a number, 1.00 ms for a duration, ``WindowServer (394)`` for a process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import InputError
from tracekit.readers.bundle.columns import Kind, kind_of
from tracekit.readers.bundle.names import Names
from tracekit.readers.bundle.storage.uniquing import Uniquing
from tracekit.readers.common import Process, Thread

PRIVATE: Final = "<private>"

_PRIVATE_TYPE: Final = "XRPrivateValueTypeID"
_HEX_TYPE: Final = "XRUnsignedIntegerHexLowercaseTypeID"
_BYTES_TYPE: Final = "XRSizeInBytesTypeID"
_IDENTIFIER_TYPES: Final = ("XRMetalEncoderIDTypeID", "XRMetalCommandBufferIDTypeID")
_MAX_DEPTH: Final = 4
_MAX_LENGTH: Final = 65_536

T = TypeVar("T")


@dataclass(frozen=True)
class Labels:
    """Spells typed arrays."""

    uniquing: Uniquing
    names: Names
    _processes: dict[int, Process] = field(default_factory=dict)
    _threads: dict[int, Thread] = field(default_factory=dict)

    def texts(self, ids: NDArray[np.integer], separator: str) -> list[str]:
        """The texts of some typed arrays.

        Raises:
            InputError: an array is damaged, or nests without end.
        """
        return [self._text(parts, separator, 0) for parts in self._pairs(ids)]

    def values(self, ids: NDArray[np.integer]) -> list[int | str]:
        """The values of some typed arrays of one pair each: numbers as such, everything else as text.

        Raises:
            InputError: an array is damaged, or does not hold one value.
        """
        values: list[int | str] = []
        for parts in self._pairs(ids):
            if len(parts) != 1:
                raise InputError("a value of any type is not one value", where=self.uniquing.typed_arrays.where)
            kind, value = self.uniquing.engineering_type(parts[0][0]), parts[0][1]
            is_number = kind_of(kind) in (Kind.INTEGER, Kind.TIME) or kind == _HEX_TYPE
            values.append(value if is_number else self._part(kind, value, 0))
        return values

    def _pairs(self, ids: NDArray[np.integer]) -> list[list[list[int]]]:
        found = self.uniquing.typed_arrays.gather(ids)
        if (found.lengths % 2).any():
            raise InputError("a typed array is cut off", where=self.uniquing.typed_arrays.where)
        parts = np.split(found.values.reshape(-1, 2), np.cumsum(found.lengths // 2))[:-1]
        return [part.tolist() for part in parts]

    def _text(self, parts: Sequence[Sequence[int]], separator: str, depth: int) -> str:
        if depth > _MAX_DEPTH:
            raise InputError("a label nests without end", where=self.uniquing.typed_arrays.where)
        spelled = (self._part(self.uniquing.engineering_type(number), value, depth) for number, value in parts)
        return separator.join(spelled)[:_MAX_LENGTH]

    def _part(self, kind: str, value: int, depth: int) -> str:
        match kind_of(kind):
            case Kind.STRING:
                return self.uniquing.string(value)
            case Kind.TIME:
                return duration_text(value)
            case Kind.PROCESS:
                return process_text(self._one(self._processes, value, self.names.processes))
            case Kind.THREAD:
                return thread_text(self._one(self._threads, value, self.names.threads))
            case Kind.MESSAGE | Kind.LABEL as nested:
                parts = self._pairs(np.array([value], np.uint64))[0]
                return self._text(parts, " " if nested is Kind.MESSAGE else "", depth + 1)
        if kind == _HEX_TYPE:
            return f"{value:x}"
        if kind == _PRIVATE_TYPE:
            return PRIVATE
        if kind in _IDENTIFIER_TYPES:
            return f"{value:#x}"
        return bytes_text(value) if kind == _BYTES_TYPE else f"{value:,}"

    def _one(self, known: dict[int, T], number: int, read: Callable[[NDArray[np.uint64]], dict[int, T]]) -> T | None:
        if number not in known:
            known.update(read(np.array([number], np.uint64)))
        return known.get(number)


def duration_text(ns: int) -> str:
    """A duration with the unit that suits it."""
    for unit, size in (("s", 10**9), ("ms", 10**6), ("µs", 10**3)):
        if ns >= size:
            return f"{ns / size:,.2f} {unit}"
    return f"{ns} ns"


def bytes_text(count: int) -> str:
    """A size with the unit that suits it."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:,.2f} {unit}"
    return f"{count} Bytes"


def process_text(process: Process | None) -> str:
    """A process as ``Finder (751)``."""
    return f"{process.name} ({process.pid})" if process else ""


def thread_text(thread: Thread | None) -> str:
    """A thread as ``Main Thread 0x2b73e56 (find, pid: 4711)``."""
    if thread is None:
        return ""
    return f"{thread.name} {thread.tid:#x} ({thread.process.name}, pid: {thread.process.pid})"
