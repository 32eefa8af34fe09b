"""Forests of stacks: growing them by merging equal call paths, and walking them, level by level, without recursion.

A stacks table is a forest in which no two children of a node have the same frame. ``intern_paths`` and ``regrow`` make
one, shallow first, and say where every path or node of the input went. Within a level rows are sorted by
(parent, frame), so equal inputs give equal tables whatever order their paths came in.

    paths    a b c      stacks   0 a          parent -1
             a b d               1   b        parent  0
             a                   2     c      parent  1
                                 3     d      parent  1
"""

from array import array
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.model.schema import NONE, STACKS, level_slices

Ids = NDArray[np.int32]
Mask = NDArray[np.bool_]


class Forest(NamedTuple):
    """Columns of a stacks table."""

    parent_id: Ids
    frame_id: Ids
    depth: Ids


def forest_of(stacks: pd.DataFrame) -> Forest:
    """The columns of a ``stacks`` table as arrays."""
    return Forest(*(stacks[name].to_numpy() for name in STACKS))


def stacks_table(forest: Forest) -> pd.DataFrame:
    """A grown forest as the ``stacks`` table, which takes over its arrays."""
    return pd.DataFrame(forest._asdict(), copy=False).astype(STACKS)


def intern_paths(frames: Ids, lengths: Ids) -> tuple[Forest, Ids]:
    """Merge call paths given one after the other, **root first**.

    Returns the forest and, for each path, the row of its leaf; -1 for an empty path.
    """
    leaf = np.full(len(lengths), NONE, np.int32)
    growth = _Growth()
    longest_first = np.argsort(-lengths, kind="stable")  # so that of any depth on, the first ones go on
    first = (np.cumsum(lengths, dtype=np.int64) - lengths)[longest_first]
    longer_than = np.searchsorted(-lengths[longest_first], -np.arange(int(lengths.max(initial=0)) + 1)).tolist()
    path, node = np.arange(longer_than[0]), np.full(longer_than[0], NONE, np.int32)
    for depth, goes_on in enumerate(longer_than[1:]):
        # Paths are carried in the order of their nodes, so most of the next level is in order before it is sorted.
        order, node = growth.level(node, frames[first[: longer_than[depth]] + depth][path])
        path = path[order]
        is_over = path >= goes_on
        leaf[longest_first[path[is_over]]] = node[is_over]
        path, node = path[~is_over], node[~is_over]
    return growth.forest(), leaf


def regrow(parent: Ids, frame: Ids, kept: Mask) -> tuple[Forest, Ids]:
    """Rebuild a forest whose nodes were given new parents or frames, merging what became equal.

    ``parent[i]`` is a kept node with a smaller row than ``i``, or -1; it is ignored where ``kept[i]`` is false.
    Returns the new forest and, for each old node, its new row; -1 where the node was not kept.
    """
    node = np.flatnonzero(kept).astype(np.int32)
    place = np.full(len(parent) + 1, NONE, np.int32)  # the last entry answers for parent -1
    place[node] = np.arange(len(node), dtype=np.int32)
    above = place[parent[node]]
    depth = _depths(above)
    moved = np.full(len(node) + 1, NONE, np.int32)
    growth = _Growth()
    order = np.argsort(depth, kind="stable")
    edges = np.searchsorted(depth[order], np.arange(int(depth.max(initial=NONE)) + 2, dtype=depth.dtype))
    for low, high in pairwise(edges.tolist()):
        level = order[low:high]
        by_row, rows = growth.level(moved[above[level]], frame[node[level]])
        moved[level[by_row]] = rows
    place[node] = moved[:-1]
    return growth.forest(), place[:-1]


def in_use(ids: NDArray[np.integer[Any]], count: int) -> Ids:
    """The distinct ids below ``count``, rising; -1 is none. A mark for each that there might be beats sorting them."""
    is_used = np.zeros(count + 1, bool)
    is_used[ids] = True  # -1 marks the last entry, which belongs to no id
    return np.flatnonzero(is_used[:-1]).astype(np.int32)


def paths_of(forest: Forest, rows: NDArray[np.int64]) -> tuple[Ids, Ids]:
    """The call paths of some rows, one after the other, root first, and their lengths: the inverse of interning."""
    lengths = (forest.depth[rows] + 1).astype(np.int32)
    ends = np.cumsum(lengths, dtype=np.int64)
    frames = np.empty(int(lengths.sum()), np.int32)
    node, back = rows.astype(np.int32), 1
    while len(node):
        frames[ends - back] = forest.frame_id[node]
        climbing = forest.parent_id[node] != NONE
        node, ends, back = forest.parent_id[node][climbing], ends[climbing], back + 1
    return frames, lengths


def depth_first(forest: Forest, total: NDArray[np.int64]) -> Ids:
    """Rows in depth-first order, siblings by falling ``total``, ties by row; without recursion.

    Every node knows how many nodes lie in its subtree; its place is its parent's place + 1 + the subtrees of the
    siblings before it.
    """
    parent = forest.parent_id
    levels = level_slices(forest.depth)
    size = np.ones(len(parent), np.int32)
    for above, level in reversed([*pairwise(levels)]):
        np.add.at(size[above], parent[level] - above.start, size[level])
    place = np.zeros(len(parent) + 1, np.int32)
    place[-1] = -1  # parent -1: the roots' imaginary parent stands before row 0
    for level in levels:
        rows = np.arange(level.start, level.stop)
        rows = rows[np.lexsort((rows, -total[rows], parent[rows]))]
        before = np.cumsum(size[rows]) - size[rows]
        first = np.r_[True, parent[rows][1:] != parent[rows][:-1]]
        family = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
        place[rows] = place[parent[rows]] + 1 + before - before[family]
    order = np.empty(len(parent), np.int32)
    order[place[:-1]] = np.arange(len(parent), dtype=np.int32)
    return order


def first_occurrences(forest: Forest, among: Mask) -> Mask:
    """Nodes with no ancestor of the same frame: where a symbol's total counts a sample once.

    Only nodes in ``among`` are looked at; the others count as first.
    """
    parent, frame, depth = forest
    recurs = np.zeros(len(parent), bool)
    for level in level_slices(depth)[1:]:
        node = level.start + np.flatnonzero(among[level])
        ancestor = parent[node]
        while len(node):
            same = frame[node] == frame[ancestor]
            recurs[node[same]] = True
            climbing = ~same & (parent[ancestor] != NONE)
            node, ancestor = node[climbing], parent[ancestor[climbing]]
    return ~recurs


def outermost(forest: Forest, chosen: Mask) -> Ids:
    """For every row, the chosen row nearest the root among itself and its ancestors; else -1.

    a          chosen: b, d      a  -1
      b                            b   b
        c                            c   b
          d                            d   b
    """
    return _nearest(forest, chosen, keeps_above=True)


def innermost(forest: Forest, chosen: Mask) -> Ids:
    """For every row, itself or its nearest ancestor, whichever is chosen; else -1. Above, d's would be d."""
    return _nearest(forest, chosen, keeps_above=False)


def _nearest(forest: Forest, chosen: Mask, *, keeps_above: bool) -> Ids:
    found = np.full(len(chosen) + 1, NONE, np.int32)  # the last entry answers for parent -1
    if chosen.any():
        for level in level_slices(forest.depth):
            above = found[forest.parent_id[level]]
            own = np.arange(level.start, level.stop, dtype=np.int32)
            own_wins = chosen[level] & (above == NONE) if keeps_above else chosen[level]
            found[level] = np.where(own_wins, own, above)
    nearest: Ids = found[:-1]
    return nearest


def climb(forest: Forest, rows: Ids, passed: Mask) -> Ids:
    """For each of some rows, itself or its nearest ancestor whose frame is not ``passed`` over; -1 where there is none.

    ``passed`` has an entry a frame. As ``innermost``, for few rows, without a number for each of the forest.
    """
    found = rows.copy()
    at = np.flatnonzero(found != NONE)
    while len(at := at[passed[forest.frame_id[found[at]]]]):
        found[at] = forest.parent_id[found[at]]
        at = at[found[at] != NONE]
    return found


def _depths(parent: Ids) -> Ids:
    """Depth of every node under its parent. Pointer doubling: log(depth) passes."""
    up = np.append(parent, np.int32(NONE))  # the last entry answers for -1, and stays there
    steps = (up != NONE).astype(np.int32)
    while (up != NONE).any():
        steps += steps[up]
        up = up[up]
    depth: Ids = steps[:-1]
    return depth


class _Growth:
    """A forest under construction; ``level`` is called once for each depth, shallow first."""

    def __init__(self) -> None:
        # Python's arrays, since they grow in place: levels kept apart and joined at the end would be there twice.
        self._parents = array("i")
        self._frames = array("i")
        self._levels: list[int] = []

    def level(self, parent: Ids, frame: Ids) -> tuple[NDArray[np.intp], Ids]:
        """Add the distinct (parent, frame) pairs as the next level.

        Returns the order of the given pairs by their row, and the rows in that order.
        """
        keys = (parent.astype(np.int64) << 32) | frame
        order = np.argsort(keys, kind="stable")  # timsort: fast where much is in order
        keys = keys[order]
        is_first = np.append(True, keys[1:] != keys[:-1])
        distinct = keys[is_first]
        rows: Ids = np.cumsum(is_first, dtype=np.int32) + np.int32(len(self._frames) - 1)
        self._parents.frombytes((distinct >> 32).astype(np.intc).view(np.uint8))
        self._frames.frombytes(distinct.astype(np.intc).view(np.uint8))  # the lower half
        self._levels.append(len(distinct))
        return order, rows

    def forest(self) -> Forest:
        depth = np.repeat(np.arange(len(self._levels), dtype=np.int32), self._levels)
        return Forest(np.frombuffer(self._parents, np.intc), np.frombuffer(self._frames, np.intc), depth)
