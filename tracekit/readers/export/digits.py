"""Numbers and words read from many places of a block of bytes at once.

Eight bytes are one 64-bit word, the byte at the lowest address its lowest. Eight decimal digits in a word become a
number in three multiplications: neighbours are joined to pairs, pairs to fours, fours to the whole.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Words = NDArray[np.uint64]
Mask = NDArray[np.bool_]

PADDING: Final = 32
"""Bytes that must stand before and after whatever is read, so that every word read lies inside the block."""

_ZEROS: Final = np.uint64(0x3030303030303030)
_OVER_NINE: Final = np.uint64(0x7676767676767676)  # added to a digit it stays under 0x80, to anything above it does not
_TOP_BITS: Final = np.uint64(0x8080808080808080)
_POWERS: Final = 10 ** np.arange(1, 17)


class Bytes:
    """A block that can be read as a word from any byte on."""

    def __init__(self, data: bytes) -> None:
        self.each = np.frombuffer(data, np.uint8)
        self._words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))

    def words(self, places: Places) -> Words:
        """The eight bytes that begin at each place."""
        found: Words = self._words[places]
        return found

    def spells(self, places: Places, text: bytes) -> Mask:
        """Where ``text`` stands at a place."""
        is_there = np.ones(len(places), bool)
        for offset in range(0, len(text), 8):
            part = text[offset : offset + 8]
            is_there &= (self.words(places + offset) & low_bytes(len(part))) == word(part)
        return is_there

    def numbers(self, ends: Places, lengths: Places) -> tuple[NDArray[np.int64], Mask]:
        """The numbers of 1 to 8 digits that end before ``ends``, and where all their bytes are digits."""
        words = (self.words(ends - 8) ^ _ZEROS) & (~np.uint64(0) << ((8 - lengths) << 3).astype(np.uint64))
        return _joined(words), (((words + _OVER_NINE) | words) & _TOP_BITS) == 0

    def long_numbers(self, ends: Places, lengths: Places) -> tuple[NDArray[np.int64], Mask]:
        """The same for 1 to 16 digits."""
        low, low_fine = self.numbers(ends, np.minimum(lengths, 8))
        high = np.zeros(len(ends), np.int64)
        is_long = lengths > 8
        high[is_long], high_fine = self.numbers(ends[is_long] - 8, lengths[is_long] - 8)
        low_fine[is_long] &= high_fine
        return high * 10**8 + low, low_fine


def word(text: bytes) -> np.uint64:
    """Up to eight bytes as they stand in a word, the rest of it 0."""
    return np.uint64(int.from_bytes(text, "little"))


def low_bytes(count: int) -> np.uint64:
    """The mask of the first ``count`` bytes of a word."""
    return np.uint64((1 << 8 * count) - 1)


def digit_count(numbers: NDArray[np.int64]) -> Places:
    """How many digits each number has, 1 to 17."""
    counts: Places = np.searchsorted(_POWERS, numbers, side="right") + 1
    return counts


def has_leading_zero(numbers: NDArray[np.int64], lengths: Places) -> Mask:
    """Where a number of so many digits begins with a 0."""
    result: Mask = numbers < np.insert(_POWERS, 0, 1)[lengths - 1]
    return result


def _joined(digits: Words) -> NDArray[np.int64]:
    pairs = (digits * np.uint64(2561)) >> np.uint64(8)  # 2561 = 10 · 2⁸ + 1: ten times a digit and its neighbour
    fours = ((pairs & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(6553601)) >> np.uint64(16)
    whole = ((fours & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(42949672960001)) >> np.uint64(32)
    return whole.view(np.int64)
