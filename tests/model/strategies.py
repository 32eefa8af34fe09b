"""Profiles for property tests, and slow but plain answers to compare with."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracekit.model.builder import ProfileBuilder
from tracekit.model.forest import Forest, intern_paths
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE

Path = tuple[int, ...]

paths = st.lists(st.lists(st.integers(0, 3), max_size=6).map(tuple), max_size=12)
"""Call paths, root first, some empty, of few frames so that many share a prefix and some recur."""

names = st.sampled_from(["main", "net", "conv", "-[A b:]", "ns::f(int) const"])
hostile_names = st.one_of(
    st.text(max_size=5),
    st.sampled_from(
        ["", " ", ";", "a;b", "a b 12", "12", "#x", "# x", "x`y", "`", "a\rb\nc", "a\u2028b", "a\x0bb", "\x1b[31m", "?"]
    ),
)


def weighted_stacks(name: st.SearchStrategy[str] = names) -> st.SearchStrategy[list[tuple[list[str], int]]]:
    """(names from the root, weight) of some samples; a name list may be empty, which is no stack."""
    return st.lists(st.tuples(st.lists(name, max_size=4), st.integers(0, 1000)), max_size=10)


def interned(given: Sequence[Path]) -> tuple[Forest, NDArray[np.int32]]:
    """``intern_paths`` of plain tuples."""
    frames = np.array([frame for path in given for frame in path], np.int32)
    return intern_paths(frames, np.array([len(path) for path in given], np.int32))


def path_at(forest: Forest, row: int) -> Path:
    """The frames from the root to a row, found by climbing."""
    path: list[int] = []
    while row != NONE:
        path.insert(0, int(forest.frame_id[row]))
        row = int(forest.parent_id[row])
    return tuple(path)


def all_paths(forest: Forest) -> list[Path]:
    """The path of every row, in order of rows."""
    return [path_at(forest, row) for row in range(len(forest.parent_id))]


def built(stacks: list[tuple[list[str], int]], image: str = "") -> Profile:
    """A profile of these stacks, one sample each."""
    builder = ProfileBuilder()
    binary = builder.binary(image) if image else NONE
    thread = builder.thread(1, "main")
    for root_first, weight in stacks:
        leaf_first = [builder.frame(name, binary) for name in reversed(root_first)]
        builder.sample(time_ns=0, thread_id=thread, stack=builder.stack(leaf_first), weight=weight)
    return builder.build(Meta(unit="ns"))


def named_paths(profile: Profile) -> list[tuple[str, ...]]:
    """The frame names from the root to every row of ``stacks``."""
    forest = Forest(*(profile.stacks[name].to_numpy() for name in ("parent_id", "frame_id", "depth")))
    name = list(profile.frames["name"])
    return [tuple(name[frame] for frame in path) for path in all_paths(forest)]


def total_of_prefixes(stacks: list[tuple[list[str], int]]) -> Counter[tuple[str, ...]]:
    """The weight of all samples whose stack begins with a path, by path."""
    total: Counter[tuple[str, ...]] = Counter()
    for root_first, weight in stacks:
        for depth in range(1, len(root_first) + 1):
            total[tuple(root_first[:depth])] += weight
    return total
