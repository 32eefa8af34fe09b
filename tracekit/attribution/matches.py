"""Which entries match which functions: asked once a function and entry, though many questions need the answer.

Places, rules, roots and whose a prediction is all begin with it. A trace has thousands of functions and a catalogue a
hundred entries, but for most images few entries can match at all, and most of what those say is no.
"""

import weakref
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.attribution.names import own_name
from tracekit.attribution.rules import Entry
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

Rows = NDArray[np.int32]


class Matches:
    """The functions of a profile, and which of them each entry matches, wherever they stand."""

    def __init__(self, frames: pd.DataFrame, binaries: pd.DataFrame) -> None:
        self.count = len(frames)
        self._images: list[str] = [*binaries["name"].tolist(), ""]
        self._of_image: list[list[tuple[int, str]]] = [[] for _ in self._images]
        for row, (name, binary) in enumerate(zip(frames["name"].tolist(), frames["binary_id"].tolist(), strict=True)):
            self._of_image[binary].append((row, own_name(name)))
        self._rows: dict[Entry, Rows] = {}

    def rows(self, entry: Entry) -> Rows:
        """The rows of ``frames`` that an entry matches, in no order."""
        found = self._rows.get(entry)
        if found is None:
            found = self._rows[entry] = np.array(self._asked(entry), np.int32)
        return found

    def first(self, entries: Sequence[Entry]) -> Rows:
        """For every row of ``frames``, the position of the first entry that matches it; else -1."""
        found = np.full(self.count, NONE, np.int32)
        for position in reversed(range(len(entries))):
            found[self.rows(entries[position])] = position
        return found

    def _asked(self, entry: Entry) -> list[int]:
        each_image = zip(self._images, self._of_image, strict=True)
        possible = (functions for image, functions in each_image if entry.allows_image(image))
        if entry.unnamed or entry.symbol is None:
            return [row for functions in possible for row, name in functions if entry.allows_symbol(name)]
        search = entry.symbol.search
        return [row for functions in possible for row, name in functions if search(name) is not None]


_last: Final[list[tuple[weakref.ref[pd.DataFrame], weakref.ref[pd.DataFrame], Matches]]] = []


def matches_of(profile: Profile) -> Matches:
    """The matches of a profile's functions. Those of the last tables that were asked for are kept as long as these
    live: one analysis asks a dozen times. Tables of a profile never change.
    """
    for frames, binaries, known in _last:
        if frames() is profile.frames and binaries() is profile.binaries:
            return known
    matches = Matches(profile.frames, profile.binaries)
    _last[:] = [(weakref.ref(profile.frames), weakref.ref(profile.binaries), matches)]
    return matches
