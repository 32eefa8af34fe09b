"""``validate()`` is the net under every reader and transform, so each of its laws has a table that breaks it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tests.model.strategies import built, named_paths, total_of_prefixes, weighted_stacks
from tracekit.errors import InvariantError
from tracekit.model.profile import Profile, self_and_total, stack_weights


def sound() -> Profile:
    #   0 main
    #   1   net    3
    #   2   load   2
    #   3     conv 1      and one sample without a stack
    return built([(["main", "net"], 3), (["main", "load", "conv"], 1), (["main", "load"], 2), ([], 4)], image="Tool")


def with_table(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Profile:
    """The sound profile with one table changed."""
    whole = sound()
    changed: dict[str, Any] = {name: change(getattr(whole, name))}
    return replace(whole, **changed)


def with_column(table: str, column: str, change: Callable[[pd.Series], object]) -> Profile:
    """The sound profile with one column of one table changed, its dtype kept."""

    def changed(frame: pd.DataFrame) -> pd.DataFrame:
        new = pd.Series(change(frame[column].copy()), index=frame.index).astype(frame[column].dtype)
        return frame.assign(**{column: new})

    return with_table(table, changed)


def put(row: int, value: object) -> Callable[[pd.Series], object]:
    def change(column: pd.Series) -> pd.Series:
        column.iloc[row] = value
        return column

    return change


def test_a_sound_profile_is_returned_as_it_is() -> None:
    profile = sound()
    assert profile.validate() is profile


def test_a_profile_without_samples_is_sound() -> None:
    profile = built([])
    assert profile.validate() is profile
    assert (len(profile), profile.weight) == (0, 0)


@pytest.mark.parametrize("table", ["samples", "stacks", "frames", "binaries", "threads"])
def test_law_every_table_has_all_its_columns(table: str) -> None:
    with pytest.raises(InvariantError, match=f"{table} has columns"):
        with_table(table, lambda frame: frame.drop(columns=frame.columns[-1])).validate()


@pytest.mark.parametrize("table", ["samples", "stacks", "frames", "binaries", "threads"])
def test_law_columns_stand_in_order(table: str) -> None:
    with pytest.raises(InvariantError, match=f"{table} has columns"):
        with_table(table, lambda frame: frame[frame.columns[::-1]]).validate()


@pytest.mark.parametrize("table", ["samples", "stacks", "frames", "binaries", "threads"])
def test_law_no_table_has_a_column_of_its_own(table: str) -> None:
    with pytest.raises(InvariantError, match=f"{table} has columns"):
        with_table(table, lambda frame: frame.assign(extra=np.int32(1))).validate()


@pytest.mark.parametrize(
    "table, column, dtype",
    [
        ("samples", "weight", "float64"),
        ("samples", "stack_id", "int64"),
        ("samples", "state", "object"),
        ("stacks", "parent_id", "int64"),
        ("frames", "name", "object"),
        ("frames", "is_symbolicated", "int64"),
        ("binaries", "load_addr", "int64"),
        ("threads", "tid", "int32"),
    ],
)
def test_law_dtypes_are_exact(table: str, column: str, dtype: Any) -> None:
    with pytest.raises(InvariantError, match=f"{table} has columns"):
        with_table(table, lambda frame: frame.assign(**{column: frame[column].astype(dtype)})).validate()


def test_samples_may_have_the_columns_of_attribution_as_categories() -> None:
    profile = sound()
    label = pd.Categorical(["ANE"] * len(profile))
    labelled = profile.with_samples(profile.samples.assign(engine=label, phase=label, rule=label))
    assert labelled.validate() is labelled
    with pytest.raises(InvariantError, match="samples has columns"):
        profile.with_samples(profile.samples.assign(engine=0)).validate()


@pytest.mark.parametrize(
    "table, column, target",
    [
        ("samples", "thread_id", "threads"),
        ("samples", "stack_id", "stacks"),
        ("stacks", "parent_id", "stacks"),
        ("stacks", "frame_id", "frames"),
        ("frames", "binary_id", "binaries"),
    ],
)
def test_law_ids_point_into_their_table(table: str, column: str, target: str) -> None:
    size = len(getattr(sound(), target))
    for outside in (size, -2):
        with pytest.raises(InvariantError, match=rf"{table}\.{column} points outside its table"):
            with_column(table, column, put(0, outside)).validate()


@pytest.mark.parametrize("table, column", [("samples", "thread_id"), ("samples", "stack_id"), ("frames", "binary_id")])
def test_minus_one_is_a_sound_id(table: str, column: str) -> None:
    with_column(table, column, put(0, -1)).validate()


def test_law_every_stack_has_a_frame() -> None:
    with pytest.raises(InvariantError, match="a stack without a frame"):
        with_column("stacks", "frame_id", put(3, -1)).validate()


@pytest.mark.parametrize("parent", [1, 2])
def test_law_parents_stand_before_their_children(parent: int) -> None:
    with pytest.raises(InvariantError, match="parents first"):
        with_column("stacks", "parent_id", put(1, parent)).validate()


def test_law_stacks_are_sorted_by_depth() -> None:
    whole = sound()
    deep_first = whole.stacks.iloc[[0, 1, 3, 2]].reset_index(drop=True)
    deep_first["parent_id"] = np.array([-1, 0, 1, 0], np.int32)
    with pytest.raises(InvariantError, match="sorted by depth"):
        replace(whole, stacks=deep_first).validate()


@pytest.mark.parametrize("depths", [[1, 1, 1, 2], [0, 0, 1, 2], [0, 1, 1, 1], [0, 1, 1, 3]])
def test_law_a_stack_is_one_deeper_than_its_parent(depths: list[int]) -> None:
    with pytest.raises(InvariantError, match=r"depth = depth of the parent \+ 1"):
        with_column("stacks", "depth", lambda _: depths).validate()


@pytest.mark.parametrize(
    "parents, depths", [([-1, 0, 0, 0], [0, 1, 1, 2]), ([-1, -1, 1, 1], [-1, 0, 1, 1]), ([-1, 0, -1, 1], [0, 1, 1, 2])]
)
def test_law_the_parent_is_on_the_level_above_and_roots_on_the_first(parents: list[int], depths: list[int]) -> None:
    whole = with_column("stacks", "depth", lambda column: column)
    moved = whole.stacks.assign(parent_id=np.array(parents, np.int32), depth=np.array(depths, np.int32))
    with pytest.raises(InvariantError, match=r"depth = depth of the parent \+ 1"):
        replace(whole, stacks=moved).validate()


def test_law_no_two_children_have_the_same_frame() -> None:
    with pytest.raises(InvariantError, match="no two children of a stack have the same frame"):
        with_column("stacks", "frame_id", lambda column: column.where(column.index != 2, column[1])).validate()


@given(weighted_stacks())
def test_law_the_totals_of_roots_add_up_to_the_self_weights(stacks: list[tuple[list[str], int]]) -> None:
    """It follows from the laws of the forest, so ``validate`` need not add them up."""
    profile = built(stacks)
    own, total = stack_weights(profile)
    samples = profile.samples
    assert own.sum() == total[(profile.stacks["depth"] == 0).to_numpy()].sum()
    assert own.sum() == samples["weight"][samples["stack_id"] != -1].sum()


def test_self_and_total_of_the_drawing() -> None:
    own, total = stack_weights(sound())
    by_path = dict(zip(named_paths(sound()), zip(own.tolist(), total.tolist(), strict=True), strict=True))
    assert by_path == {
        ("main",): (0, 6),
        ("main", "net"): (3, 3),
        ("main", "load"): (2, 3),
        ("main", "load", "conv"): (1, 1),
    }


@given(weighted_stacks())
def test_self_and_total_are_the_sums_over_equal_stacks_and_prefixes(stacks: list[tuple[list[str], int]]) -> None:
    profile = built(stacks)
    own, total = stack_weights(profile)
    expected_own: Counter[tuple[str, ...]] = Counter()
    for root_first, weight in stacks:
        expected_own[tuple(root_first)] += weight
    for path, own_weight, total_weight in zip(named_paths(profile), own.tolist(), total.tolist(), strict=True):
        assert own_weight == expected_own[path]
        assert total_weight == total_of_prefixes(stacks)[path]
    assert profile.weight == sum(weight for _, weight in stacks)


def test_self_and_total_take_any_weights_beside_the_table() -> None:
    profile = sound()
    own, total = self_and_total(profile.stacks, np.array([3, -1, 3], np.int32), np.array([10, 99, 5], np.int64))
    assert own.tolist() == [0, 0, 0, 15]
    assert sorted(total.tolist()) == [0, 15, 15, 15]


def test_pipe_calls_the_function_with_the_profile_first() -> None:
    def step(profile: Profile, number: int, *, name: str) -> tuple[Profile, int, str]:
        return profile, number, name

    profile = sound()
    assert profile.pipe(step, 1, name="x") == (profile, 1, "x")


def test_other_samples_leave_the_profile_untouched() -> None:
    profile = sound()
    fewer = profile.with_samples(profile.samples.iloc[:1].reset_index(drop=True))
    assert (len(fewer), len(profile)) == (1, 4)
    assert fewer.stacks is profile.stacks


def test_a_profile_is_shown_by_its_sizes() -> None:
    assert repr(sound()) == "<Profile 4 samples, 10 ns, 4 stack nodes, 4 frames, 1 threads>"
