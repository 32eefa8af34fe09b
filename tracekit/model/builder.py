"""The only way a reader makes a Profile: intern what repeats, collect integers, build once."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import InputError
from tracekit.model import schema
from tracekit.model.facts import Notices
from tracekit.model.forest import intern_paths, stacks_table
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE


class ProfileBuilder:
    """Collects frames, stacks and samples; memory follows distinct stacks plus a few integers a sample.

    ``binary``, ``frame``, ``thread``, ``state`` and ``stack`` return the id of what they were given, the same id for
    the same thing. Stacks are given leaf first, as Instruments writes them.
    """

    def __init__(self) -> None:
        self.notices = Notices()
        self._binaries: dict[tuple[str, str, str, int], int] = {}
        self._frames: dict[tuple[str, int], int] = {}
        self._frame_rows: list[tuple[str, int, bool, str, int]] = []
        self._threads: dict[tuple[int, int], int] = {}
        self._thread_rows: list[tuple[int, str, int, str]] = []
        self._states: dict[str, int] = {}
        self._stacks: dict[bytes, int] = {}
        self._path_frames = array("i")
        self._path_lengths = array("i")
        self._columns = _empty_columns()

    def sibling(self) -> "ProfileBuilder":
        """A builder of another profile in which every id means the same: for documents that hold several."""
        other = copy(self)
        other.notices = Notices()
        other._columns = _empty_columns()
        return other

    def binary(self, name: str, path: str = "", uuid: str = "", load_addr: int = 0) -> int:
        """Id of an image; its name, path, UUID and load address are its identity."""
        return self._binaries.setdefault((name, path, uuid, load_addr), len(self._binaries))

    def frame(
        self, name: str, binary_id: int = NONE, *, is_symbolicated: bool = True, file: str = "", line: int = 0
    ) -> int:
        """Id of a function, which is its symbol and its image; the first source position met is kept."""
        number = self._frames.setdefault((name, binary_id), len(self._frame_rows))
        if number == len(self._frame_rows):
            self._frame_rows.append((name, binary_id, is_symbolicated, file, line))
        return number

    def thread(self, tid: int, name: str = "", pid: int = 0, process: str = "") -> int:
        """Id of a thread of a process; the first name met is kept."""
        number = self._threads.setdefault((pid, tid), len(self._thread_rows))
        if number == len(self._thread_rows):
            self._thread_rows.append((tid, name, pid, process))
        return number

    def state(self, name: str) -> int:
        """Code of a thread state such as ``Running``; -1 for the empty name."""
        return self._states.setdefault(name, len(self._states)) if name else NONE

    def stack(self, leaf_first: Sequence[int]) -> int:
        """Id of a call path, for ``sample``; -1 for an empty one."""
        if not leaf_first:
            return NONE
        frames = array("i", reversed(leaf_first))
        known = self._stacks.setdefault(frames.tobytes(), len(self._path_lengths))
        if known == len(self._path_lengths):
            self._path_frames.extend(frames)
            self._path_lengths.append(len(frames))
        return known

    def stacks(self, frames: NDArray[np.int32], lengths: NDArray[np.int32]) -> int:
        """Add many call paths given one after the other, **root first**; return the id of the first.

        Unlike ``stack`` it does not look for paths that are known: equal ones become one in ``build``.
        """
        first = len(self._path_lengths)
        self._path_frames.frombytes(frames.astype(np.intc).tobytes())
        self._path_lengths.frombytes(lengths.astype(np.intc).tobytes())
        return first

    def samples(self, columns: Mapping[str, NDArray[np.signedinteger[Any]]]) -> None:
        """Add many samples: a column for every argument of ``sample``, ``path_id`` being the stacks'."""
        for name, values in self._columns.items():
            values.frombytes(columns[name].astype(values.typecode).tobytes())

    def sample(
        self,
        *,
        time_ns: int,
        thread_id: int = NONE,
        stack: int = NONE,
        weight: int,
        state: int = NONE,
        core: int = NONE,
    ) -> None:
        """Add one sample; ``stack`` is an id from ``stack``, -1 where no backtrace was recorded."""
        columns = self._columns
        columns["time_ns"].append(time_ns)
        columns["thread_id"].append(thread_id)
        columns["path_id"].append(stack)
        columns["weight"].append(weight)
        columns["state"].append(state)
        columns["core"].append(core)

    def build(self, meta: Meta) -> Profile:
        """The validated profile of all that was added. ``meta.notices`` is filled from the builder's own."""
        # Copied: a builder may go on after it built, and an array that somebody looks at cannot grow.
        columns = {name: np.array(values, values.typecode) for name, values in self._columns.items()}
        return assemble(
            columns,
            states=list(self._states),
            paths=(np.frombuffer(self._path_frames, "i"), np.frombuffer(self._path_lengths, "i")),
            frames=self._frame_rows,
            binaries=self._binaries,
            threads=self._thread_rows,
            meta=meta,
            notices=self.notices,
        )


def _empty_columns() -> dict[str, "array[int]"]:
    types = {"time_ns": "q", "thread_id": "i", "path_id": "i", "weight": "q", "state": "i", "core": "h"}
    return {name: array(code) for name, code in types.items()}


_PART = 1 << 20


def assemble(
    columns: Mapping[str, NDArray[np.signedinteger[Any]]],
    *,
    states: list[str],
    paths: tuple[NDArray[np.int32], NDArray[np.int32]],
    frames: Sequence[tuple[str, int, bool, str, int]],
    binaries: Iterable[tuple[str, str, str, int]],
    threads: Sequence[tuple[int, str, int, str]],
    meta: Meta,
    notices: Notices,
) -> Profile:
    """A validated Profile from whole columns, holding only what its samples use.

    ``paths`` are (frames, root first, one path after the other; length of each); the column ``path_id`` points at
    them, -1 where a sample has no stack. The columns are those of the ``samples`` table otherwise, ``state`` as codes
    into ``states``; ``frames``, ``binaries`` and ``threads`` are rows in the order of their schema.

    Raises:
        InputError: the weights add up to more than 64 bits hold.
    """
    if float(np.sum(columns["weight"], dtype=np.float64)) >= 2.0**63:
        raise InputError("the weights add up to more than a 64-bit number", where=meta.source or None)
    path_id, used_paths = _compacted(columns["path_id"], len(paths[1]))
    forest, leaf_of_path = intern_paths(*_chosen_paths(*paths, used_paths))
    frame_id, used_frames = _compacted(forest.frame_id, len(frames))  # keeps their order, and with it the forest's
    thread_id, used_threads = _compacted(columns["thread_id"], len(threads))
    frame_columns = schema.transposed(schema.FRAMES, [frames[row] for row in used_frames])
    all_binaries = list(binaries)
    binary_id, used_binaries = _compacted(np.array(frame_columns["binary_id"], np.int32), len(all_binaries))
    return Profile(
        samples=schema.table(
            schema.SAMPLES,
            {
                **columns,
                "thread_id": thread_id,
                "stack_id": np.append(leaf_of_path, np.int32(NONE))[path_id],
                "state": schema.categorical(columns["state"], states),
            },
        ),
        stacks=stacks_table(forest._replace(frame_id=frame_id)),
        frames=schema.table(schema.FRAMES, {**frame_columns, "binary_id": binary_id}),
        binaries=schema.from_tuples(schema.BINARIES, [all_binaries[i] for i in used_binaries]),
        threads=schema.from_tuples(schema.THREADS, [threads[i] for i in used_threads]),
        meta=replace(meta, notices=meta.notices + notices.collected()),
    ).validate()


def _compacted(ids: NDArray[np.int32], count: int) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Ids renumbered so that only those in use have a number, in their old order; and the old ids in use."""
    is_used = np.zeros(count + 1, bool)
    for first in range(0, len(ids), _PART):  # numpy turns indices into eight bytes each
        is_used[ids[first : first + _PART]] = True  # -1 marks the last entry, which belongs to no id
    used = np.flatnonzero(is_used[:-1])
    if len(used) == count:
        return ids, used
    renumbered = np.full(count + 1, NONE, np.int32)
    renumbered[used] = np.arange(len(used), dtype=np.int32)
    return renumbered[ids], used


def _chosen_paths(
    frames: NDArray[np.int32], lengths: NDArray[np.int32], chosen: NDArray[np.intp]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Some of the paths, in the same form."""
    if len(chosen) == len(lengths):
        return frames, lengths
    is_chosen = np.zeros(len(lengths), bool)
    is_chosen[chosen] = True
    return frames[np.repeat(is_chosen, lengths)], lengths[chosen]
