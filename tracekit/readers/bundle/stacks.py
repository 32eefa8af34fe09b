"""Stacks of a table: numbers of type ``XRBacktraceTypeID`` → frames, leaf first.

A stack is an array of chunks; a chunk is the number of an array of addresses (lower half) and the number of a process
(upper half). The first chunk is the leaf, sometimes with the link register behind it; the second are the callers.
Different stacks share chunks, and chunks share addresses, so each distinct thing is looked at once:

    stack 7 = chunks a b     chunk a = frames 1     sites: the distinct (process, address, is it a leaf)
    stack 8 = chunks a c     chunk b = frames 2 3          of all frames, which are then symbolicated
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import InputError
from tracekit.model.schema import NONE
from tracekit.readers.bundle.addresses.symbolication import Sites
from tracekit.readers.bundle.names import Names
from tracekit.readers.bundle.storage.uniquing import Ragged, Uniquing, spread

_LOW: Final = np.uint64(0xFFFFFFFF)
_HIGH: Final = np.uint64(32)
_FRAMES_FLOOR: Final = 4 << 20
_FRAMES_RATIO: Final = 16
"""Distinct stacks may unfold to 4 Mi frames, or 16 for every frame of their distinct chunks. Real ones take 1 to 4."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """Stacks one after the other, each leaf first."""

    site: NDArray[np.int64]
    """Rows of ``sites``, one a frame."""
    lengths: NDArray[np.int64]
    sites: Sites


@dataclass(frozen=True, slots=True)
class Epochs:
    """Spans of a run in which no address changes its image."""

    boundaries: NDArray[np.int64]

    def of(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the span of each time."""
        return np.searchsorted(self.boundaries, times, "right").astype(np.int64)

    def moments(self, epochs: NDArray[np.int64]) -> NDArray[np.int64]:
        """A time within each span."""
        first = self.boundaries[:1] - 1 if len(self.boundaries) else np.zeros(1, np.int64)
        return np.append(first, self.boundaries)[epochs]


def decode_stacks(
    ids: NDArray[np.integer], epochs: NDArray[np.int64], all_epochs: Epochs, uniquing: Uniquing, names: Names
) -> Stacks:
    """The stacks of some numbers, each seen in a span of time.

    Raises:
        InputError: the arrays contradict themselves or unfold far beyond the size of the file.
    """
    chunks = uniquing.arrays.gather(ids)
    found, chunk = _distinct_chunks(chunks, epochs)
    frames = uniquing.arrays.gather(found.word & _LOW)
    if int(frames.lengths[chunk].sum()) > max(_FRAMES_FLOOR, _FRAMES_RATIO * len(frames.values)):
        raise InputError("the stacks unfold far beyond the size of the file", where=uniquing.arrays.where)
    sites, site = _distinct_sites(frames, found, all_epochs, names)
    lengths = frames.lengths[chunk]
    ends = np.append(0, np.cumsum(lengths))
    last = np.cumsum(chunks.lengths)
    return Stacks(site[spread(frames.starts[chunk], lengths)], ends[last] - ends[last - chunks.lengths], sites)


@dataclass(frozen=True, slots=True)
class _Chunks:
    """Distinct chunks."""

    word: NDArray[np.uint64]
    epoch: NDArray[np.int64]
    is_first: NDArray[np.bool_]


def distinct(keys: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sorted distinct keys, all below ``size``, and the place of each key among them; without sorting where it can."""
    if size > 8 * len(keys) + 1024:
        found, place = np.unique(keys, return_inverse=True)
        return found, place
    there = np.zeros(size, bool)
    there[keys] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[keys]


def _distinct_chunks(chunks: Ragged, epochs: NDArray[np.int64]) -> tuple[_Chunks, NDArray[np.int64]]:
    """Distinct chunks of some stacks, and which one each chunk is."""
    word, of_chunk = np.unique(chunks.values, return_inverse=True)
    span, of_stack = np.unique(epochs, return_inverse=True)
    is_first = np.zeros(len(of_chunk), bool)
    is_first[chunks.starts[chunks.lengths > 0]] = True
    spans = max(1, len(span))
    keys = (of_chunk * spans + np.repeat(of_stack, chunks.lengths)) * 2 + is_first
    key, chunk = distinct(keys, 2 * len(word) * spans)
    return _Chunks(word[key // 2 // spans], span[key // 2 % spans], key % 2 == 1), chunk


def _distinct_sites(frames: Ragged, chunks: _Chunks, epochs: Epochs, names: Names) -> tuple[Sites, NDArray[np.int64]]:
    """Distinct places of the frames of distinct chunks, and which one each frame is."""
    pid, of_chunk = np.unique(_pids(chunks.word >> _HIGH, names), return_inverse=True)
    span, span_of_chunk = np.unique(chunks.epoch, return_inverse=True)
    spans = max(1, len(span))
    owner, owner_of_chunk = np.unique(of_chunk * spans + span_of_chunk, return_inverse=True)
    address, of_frame = np.unique(frames.values, return_inverse=True)
    is_leaf = np.zeros(len(of_frame), bool)
    is_leaf[frames.starts[chunks.is_first & (frames.lengths > 0)]] = True
    owners = max(1, len(owner))
    keys = (of_frame * owners + np.repeat(owner_of_chunk, frames.lengths)) * 2 + is_leaf
    key, site = distinct(keys, 2 * len(address) * owners)
    who = owner[key // 2 % owners]
    sites = Sites(pid[who // spans], address[key // 2 // owners], key % 2 == 1, epochs.moments(span[who % spans]))
    return sites, site


def _pids(processes: NDArray[np.uint64], names: Names) -> NDArray[np.int64]:
    """Process ids of numbers of processes; -1 where there is none."""
    number, which = np.unique(processes, return_inverse=True)
    known = names.processes(number)
    pids = [known[process].pid if process in known else NONE for process in number.tolist()]
    return np.array(pids, np.int64)[which]
