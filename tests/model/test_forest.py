from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.strategies import Path, all_paths, interned, path_at, paths
from tracekit.model.forest import (
    Forest,
    climb,
    depth_first,
    first_occurrences,
    forest_of,
    in_use,
    innermost,
    outermost,
    paths_of,
    regrow,
    stacks_table,
)
from tracekit.model.schema import NONE, STACKS


def test_interning_merges_common_prefixes_and_says_where_each_path_ends() -> None:
    a, b, c, d = range(4)
    forest, leaf = interned([(a, b, c), (a, b, d), (a,)])
    #   0 a
    #   1   b
    #   2     c
    #   3     d
    assert forest.frame_id.tolist() == [a, b, c, d]
    assert forest.parent_id.tolist() == [NONE, 0, 1, 1]
    assert forest.depth.tolist() == [0, 1, 2, 2]
    assert leaf.tolist() == [2, 3, 0]


def test_several_roots_stand_beside_each_other() -> None:
    forest, leaf = interned([(7, 1), (5, 1), (7,)])
    assert forest.frame_id.tolist() == [5, 7, 1, 1]
    assert forest.parent_id.tolist() == [NONE, NONE, 0, 1]
    assert leaf.tolist() == [3, 2, 1]


def test_recursion_keeps_every_call() -> None:
    forest, leaf = interned([(1, 1, 1)])
    assert forest.parent_id.tolist() == [NONE, 0, 1]
    assert leaf.tolist() == [2]


def test_an_empty_path_ends_nowhere() -> None:
    forest, leaf = interned([(), (4,), ()])
    assert leaf.tolist() == [NONE, 0, NONE]
    assert len(forest.parent_id) == 1


def test_no_paths_make_an_empty_forest() -> None:
    forest, leaf = interned([])
    assert [len(column) for column in (*forest, leaf)] == [0, 0, 0, 0]
    assert [column.dtype for column in forest] == [np.int32] * 3


@pytest.mark.parametrize("frame", [0, 1, 2**31 - 1])
def test_frame_ids_of_any_size_come_back(frame: int) -> None:
    forest, _ = interned([(frame, 0, frame)])
    assert all_paths(forest) == [(frame,), (frame, 0), (frame, 0, frame)]


@given(paths)
def test_interning_then_reading_back_is_the_identity(given_paths: list[Path]) -> None:
    forest, leaf = interned(given_paths)
    rows = leaf[leaf != NONE].astype(np.int64)
    frames, lengths = paths_of(forest, rows)
    assert frames.tolist() == [frame for path in given_paths for frame in path]
    assert lengths.tolist() == [len(path) for path in given_paths if path]


@given(paths)
def test_rows_are_the_distinct_prefixes(given_paths: list[Path]) -> None:
    forest, _ = interned(given_paths)
    prefixes = {path[:depth] for path in given_paths for depth in range(1, len(path) + 1)}
    assert Counter(all_paths(forest)) == Counter(prefixes)


@given(paths)
def test_parents_stand_first_and_rows_are_sorted_by_depth_parent_and_frame(given_paths: list[Path]) -> None:
    forest, _ = interned(given_paths)
    rows = list(zip(forest.depth.tolist(), forest.parent_id.tolist(), forest.frame_id.tolist(), strict=True))
    assert rows == sorted(set(rows))
    for row, (depth, parent, _) in enumerate(rows):
        assert parent < row
        assert depth == (0 if parent == NONE else rows[parent][0] + 1)


@given(paths, st.randoms(use_true_random=False))
def test_the_forest_does_not_depend_on_the_order_of_the_paths(given_paths: list[Path], random: Random) -> None:
    shuffled = given_paths.copy()
    random.shuffle(shuffled)
    for column, other in zip(interned(given_paths)[0], interned(shuffled)[0], strict=True):
        assert column.tolist() == other.tolist()


@given(paths)
def test_the_table_of_a_forest_is_the_forest(given_paths: list[Path]) -> None:
    forest, _ = interned(given_paths)
    table = stacks_table(forest)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == dict(STACKS)
    assert all_paths(forest_of(table)) == all_paths(forest)


def test_paths_of_reads_rows_in_the_order_asked_for_and_repeats_them() -> None:
    forest, leaf = interned([(1, 2), (3,)])
    frames, lengths = paths_of(forest, leaf[[1, 0, 0]].astype(np.int64))
    assert (frames.tolist(), lengths.tolist()) == ([3, 1, 2, 1, 2], [1, 2, 2])


@given(paths)
def test_regrowing_an_unchanged_forest_is_the_identity(given_paths: list[Path]) -> None:
    forest, _ = interned(given_paths)
    again, row = regrow(forest.parent_id, forest.frame_id, np.ones(len(forest.depth), np.bool_))
    assert row.tolist() == list(range(len(row)))
    for column, other in zip(forest, again, strict=True):
        assert column.tolist() == other.tolist()


def test_regrowing_merges_what_became_equal() -> None:
    #   a           a
    #     b           x
    #       d    →      d
    #     c             e
    #       e
    a, b, c, d, e, x = range(6)
    forest, _ = interned([(a, b, d), (a, c, e)])
    renamed = np.array([a, x, x, d, e], np.int32)
    assert renamed.tolist() == np.where(np.isin(forest.frame_id, [b, c]), x, forest.frame_id).tolist()
    merged, row = regrow(forest.parent_id, renamed, np.ones(5, np.bool_))
    assert all_paths(merged) == [(a,), (a, x), (a, x, d), (a, x, e)]
    assert row.tolist() == [0, 1, 1, 2, 3]


@given(paths, st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_regrowing_renamed_frames_gives_the_renamed_paths(given_paths: list[Path], rename: list[int]) -> None:
    forest, _ = interned(given_paths)
    renamed = np.array(rename, np.int32)[forest.frame_id]
    grown, row = regrow(forest.parent_id, renamed, np.ones(len(renamed), np.bool_))
    expected = [tuple(rename[frame] for frame in path) for path in all_paths(forest)]
    assert [path_at(grown, int(index)) for index in row] == expected
    assert Counter(all_paths(grown)) == Counter(set(expected))


@given(paths, st.sets(st.integers(0, 3)))
def test_regrowing_without_some_frames_gives_the_paths_without_them(given_paths: list[Path], gone: set[int]) -> None:
    forest, _ = interned(given_paths)
    kept = ~np.isin(forest.frame_id, list(gone))
    grown, row = regrow(_nearest_kept(forest, kept), forest.frame_id, kept)
    expected = [tuple(frame for frame in path if frame not in gone) for path in all_paths(forest)]
    assert [path_at(grown, int(new)) for new in row[kept]] == [
        path for path, keep in zip(expected, kept, strict=True) if keep
    ]
    assert (row[~kept] == NONE).all()
    assert Counter(all_paths(grown)) == Counter(set(expected) - {()})


def _nearest_kept(forest: Forest, kept: np.ndarray) -> np.ndarray:
    parent = forest.parent_id.copy()
    for row in range(len(parent)):
        while parent[row] != NONE and not kept[parent[row]]:
            parent[row] = forest.parent_id[parent[row]]
    return parent


@given(paths, st.data())
def test_depth_first_is_a_preorder_with_siblings_by_falling_total(given_paths: list[Path], data: st.DataObject) -> None:
    forest, _ = interned(given_paths)
    count = len(forest.depth)
    total = np.array(data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)), np.int64)

    def preorder(parent: int) -> list[int]:
        children = sorted(np.flatnonzero(forest.parent_id == parent).tolist(), key=lambda row: (-total[row], row))
        return [row for child in children for row in (child, *preorder(child))]

    assert depth_first(forest, total).tolist() == preorder(NONE)


def test_a_chain_deeper_than_the_recursion_limit_is_no_problem() -> None:
    forest, leaf = interned([tuple([1] * 3000)])
    everything = np.ones(3000, np.bool_)
    assert leaf.tolist() == [2999]
    assert depth_first(forest, np.ones(3000, np.int64)).tolist() == list(range(3000))
    assert regrow(forest.parent_id, forest.frame_id, everything)[1].tolist() == list(range(3000))
    assert paths_of(forest, np.array([2999]))[1].tolist() == [3000]


@given(paths, st.sets(st.integers(0, 4)))
def test_the_outermost_and_the_innermost_chosen_row_are_found_on_each_path(
    given_paths: list[Path], frames: set[int]
) -> None:
    forest, _ = interned(given_paths)
    chosen = np.isin(forest.frame_id, list(frames))
    found = zip(outermost(forest, chosen).tolist(), innermost(forest, chosen).tolist(), strict=True)
    for row, (outer, inner) in enumerate(found):
        line, above = [], row
        while above != NONE:
            line.append(above)
            above = int(forest.parent_id[above])
        hits = [each for each in line if chosen[each]]
        assert (outer, inner) == ((hits[-1], hits[0]) if hits else (NONE, NONE))


@given(paths, st.sets(st.integers(0, 5)))
def test_climbing_passes_over_frames_as_the_innermost_of_the_others(given_paths: list[Path], passed: set[int]) -> None:
    forest, leaf = interned(given_paths)
    is_passed = np.array([frame in passed for frame in range(int(forest.frame_id.max(initial=0)) + 1)])
    nearest = np.append(innermost(forest, ~is_passed[forest.frame_id]), NONE)
    assert climb(forest, leaf, is_passed).tolist() == nearest[leaf].tolist()


@given(st.lists(st.integers(NONE, 9)))
def test_the_ids_in_use_are_the_distinct_ones(ids: list[int]) -> None:
    assert in_use(np.array(ids, np.int32), 10).tolist() == sorted(set(ids) - {NONE})


@given(paths)
def test_first_occurrences_are_frames_without_themselves_above(given_paths: list[Path]) -> None:
    forest, _ = interned(given_paths)
    everywhere = np.ones(len(forest.frame_id), bool)
    for row, is_first in enumerate(first_occurrences(forest, everywhere).tolist()):
        path = path_at(forest, row)
        assert is_first == (path[-1] not in path[:-1])
    assert first_occurrences(forest, ~everywhere).all()
