"""Images (executables, libraries, kernel extensions) and where they lay in a process's memory.

An address belongs to the segment that covers it. Images come and go, and one may lie where another lay before, so an
image has a lifetime. Recorded lifetimes begin when dyld reported the image, a little after it was mapped, so a lifetime
only decides between images that cover the same address; where just one does, it is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import InputError
from tracekit.model.schema import NONE

CPU_X86_64: Final = 0x01000007
ALWAYS: Final = (-(1 << 62), 1 << 62)
"""A lifetime without ends."""

_POINTER_BITS: Final = np.uint64((1 << 47) - 1)
"""Pointer authentication and tags use the bits above."""

_NOT_CODE: Final = frozenset({"__PAGEZERO", "__LINKEDIT"})
"""Segments that hold no code; ``__LINKEDIT`` is shared by all images of a cache."""

_MAX_OVERLAP: Final = 16


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of an image in memory."""

    name: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Image:
    """An image in a process's memory."""

    uuid: str
    """In capitals, with dashes."""
    path: str
    segments: tuple[Segment, ...]
    cpu_type: int = 0
    lifetime: tuple[int, int] = ALWAYS
    """From when to when it was there, in nanoseconds of the run."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def load_addr(self) -> int:
        """Where ``__TEXT`` begins; 0 for an image without it."""
        return next((segment.start for segment in self.segments if segment.name == "__TEXT"), 0)

    def moved(self, base: int) -> "Image":
        """The image with all addresses ``base`` higher."""
        moved = (replace(part, start=(part.start + base) & (1 << 64) - 1) for part in self.segments)
        return replace(self, segments=tuple(moved))


class AddressSpace:
    """The images of a process, to be asked for many addresses at once."""

    def __init__(self, images: Sequence[Image], where: str) -> None:
        """Sort the segments.

        Raises:
            InputError: more images cover the same address than any process could have.
        """
        self.images = tuple(images)
        parts = [
            (segment.start, min(segment.start + segment.size, (1 << 64) - 1), number, segment)
            for number, image in enumerate(self.images)
            for segment in image.segments
            if segment.name not in _NOT_CODE and segment.size > 0
        ]
        parts.sort(key=lambda part: part[:3])
        self.segments = [(self.images[number], segment) for _, _, number, segment in parts]
        self._starts = np.array([start for start, _, _, _ in parts], np.uint64)
        self._ends = np.array([end for _, end, _, _ in parts], np.uint64)
        self._alive = np.array([image.lifetime for image, _ in self.segments], np.int64).reshape(-1, 2)
        self._layers = _layers(self._starts, self._ends, where)

    @cached_property
    def boundaries(self) -> NDArray[np.int64]:
        """Times at which an address may change its image; empty where no two images ever overlapped."""
        if len(self._layers) < 2:
            return np.empty(0, np.int64)
        times = np.unique(self._alive)
        return times[(times > ALWAYS[0]) & (times < ALWAYS[1])]

    def find(self, addresses: NDArray[np.uint64], times: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of ``segments`` that covers each address at its time; -1 where none does.

        Where only an address without its authentication bits is covered, that one counts.
        """
        found = self._find(addresses, times)
        bare = addresses & _POINTER_BITS
        retry = np.flatnonzero((found == NONE) & (bare != addresses))
        found[retry] = self._find(bare[retry], times[retry])
        return found

    def offsets(self, addresses: NDArray[np.uint64], row: int) -> NDArray[np.int64]:
        """How far addresses lie behind the start of the segment that covers them."""
        start, end = self._starts[row], self._ends[row]
        outside = (addresses < start) | (addresses >= end)
        covered = np.where(outside, addresses & _POINTER_BITS, addresses)
        distances: NDArray[np.int64] = (covered - start).astype(np.int64)
        return distances

    def _find(self, addresses: NDArray[np.uint64], times: NDArray[np.int64]) -> NDArray[np.int64]:
        found = np.full(len(addresses), NONE, np.int64)
        is_alive = np.zeros(len(addresses), bool)
        for layer in self._layers:
            place = np.searchsorted(self._starts[layer], addresses, "right") - 1
            row = layer[place]
            covers = (place >= 0) & (addresses < self._ends[row])
            alive = covers & (self._alive[row, 0] <= times) & (times < self._alive[row, 1])
            better = (alive & ~is_alive) | (covers & (found == NONE))
            found[better] = row[better]
            is_alive |= alive
        return found


def _layers(starts: NDArray[np.uint64], ends: NDArray[np.uint64], where: str) -> list[NDArray[np.int64]]:
    """Rows of segments, sorted by start, split so that within a layer none overlap; one layer in most processes."""
    left = np.arange(len(starts))
    if not len(left) or (ends[:-1] <= starts[1:]).all():
        return [left] if len(left) else []
    layers: list[NDArray[np.int64]] = []
    while len(left):
        if len(layers) == _MAX_OVERLAP:
            raise InputError(f"more than {_MAX_OVERLAP} images cover the same address", where=where)
        taken = _disjoint(starts[left].tolist(), ends[left].tolist())
        layers.append(left[taken])
        left = left[~taken]
    return layers


def _disjoint(starts: list[int], ends: list[int]) -> NDArray[np.bool_]:
    """Which of some segments, sorted by start, to take so that none overlaps one taken before it."""
    taken, free = np.zeros(len(starts), bool), 0
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start >= free:
            taken[row], free = True, end
    return taken
