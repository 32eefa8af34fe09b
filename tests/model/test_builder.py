import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tests.model.strategies import built, named_paths, weighted_stacks
from tracekit.errors import InputError
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Notice
from tracekit.model.profile import Meta
from tracekit.model.schema import NONE


def test_the_same_thing_gets_the_same_id() -> None:
    builder = ProfileBuilder()
    assert [builder.binary("A"), builder.binary("B"), builder.binary("A")] == [0, 1, 0]
    assert [builder.frame("f", 0), builder.frame("f", 1), builder.frame("f"), builder.frame("f", 0)] == [0, 1, 2, 0]
    assert [builder.thread(7), builder.thread(8), builder.thread(7, "late name")] == [0, 1, 0]
    assert [builder.state("Running"), builder.state("Blocked"), builder.state("Running")] == [0, 1, 0]
    assert [builder.stack([1, 0]), builder.stack([0, 1]), builder.stack([1, 0])] == [0, 1, 0]


def test_every_part_of_an_image_is_its_identity() -> None:
    builder = ProfileBuilder()
    ids = [
        builder.binary("A", "/a", "U", 1),
        builder.binary("A", "/b", "U", 1),
        builder.binary("A", "/a", "V", 1),
        builder.binary("A", "/a", "U", 2),
    ]
    assert ids == [0, 1, 2, 3]


def test_one_thread_id_in_two_processes_is_two_threads() -> None:
    builder = ProfileBuilder()
    assert builder.thread(7, pid=1) != builder.thread(7, pid=2)


def test_the_first_name_and_source_position_are_kept() -> None:
    builder = ProfileBuilder()
    first = builder.thread(7, "main", 1, "Tool"), builder.stack([builder.frame("f", file="a.m", line=3)])
    again = builder.thread(7, "other", 1, "Other"), builder.stack([builder.frame("f", file="b.m", line=9)])
    for thread, stack in (first, again):
        builder.sample(time_ns=0, thread_id=thread, stack=stack, weight=1)
    profile = builder.build(Meta(unit="ns"))
    assert profile.threads.to_dict("records") == [{"tid": 7, "name": "main", "pid": 1, "process": "Tool"}]
    assert profile.frames[["file", "line"]].to_dict("records") == [{"file": "a.m", "line": 3}]


def test_nothing_is_minus_one() -> None:
    builder = ProfileBuilder()
    assert builder.state("") == NONE
    assert builder.stack([]) == NONE
    builder.sample(time_ns=5, weight=2)
    sample = builder.build(Meta(unit="ns")).samples.iloc[0]
    assert (sample["thread_id"], sample["stack_id"], sample["core"]) == (NONE, NONE, NONE)
    assert builder.build(Meta(unit="ns")).samples["state"].isna().all()


def test_a_sample_keeps_all_it_was_given() -> None:
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("leaf"), builder.frame("root")])
    thread = builder.thread(1)
    builder.sample(time_ns=2**62, thread_id=thread, stack=stack, weight=2**62, state=builder.state("Running"), core=11)
    profile = builder.build(Meta(unit="cycles", source="x"))
    (sample,) = profile.samples.to_dict("records")
    assert sample == {
        "time_ns": 2**62, "thread_id": 0, "stack_id": 1, "weight": 2**62, "state": "Running", "core": 11
    }  # fmt: skip
    assert named_paths(profile) == [("root",), ("root", "leaf")]
    assert profile.meta.source == "x"


def test_samples_keep_their_order() -> None:
    profile = built([(["b"], 3), (["a"], 1), ([], 2)])
    assert profile.samples["weight"].tolist() == [3, 1, 2]
    assert [named_paths(profile)[row] if row != NONE else () for row in profile.samples["stack_id"]] == [
        ("b",),
        ("a",),
        (),
    ]


@given(weighted_stacks())
def test_every_sample_gets_the_stack_it_was_given(stacks: list[tuple[list[str], int]]) -> None:
    profile = built(stacks)
    paths = named_paths(profile)
    found = [list(paths[row]) if row != NONE else [] for row in profile.samples["stack_id"]]
    assert found == [root_first for root_first, _ in stacks]


def test_tables_hold_only_what_samples_use() -> None:
    builder = ProfileBuilder()
    other = builder.frame("other", builder.binary("Unused"))
    used = builder.frame("used", builder.binary("Used"))
    builder.thread(1, "other")
    builder.stack([other, used])
    builder.sample(time_ns=0, thread_id=builder.thread(2, "used"), stack=builder.stack([used, used]), weight=1)
    profile = builder.build(Meta(unit="ns"))
    assert named_paths(profile) == [("used",), ("used", "used")]
    assert [list(table["name"]) for table in (profile.frames, profile.binaries, profile.threads)] == [
        ["used"],
        ["Used"],
        ["used"],
    ]
    assert profile.frames["binary_id"].tolist() == [0]


def test_weights_that_do_not_add_up_in_64_bits_are_refused() -> None:
    builder = ProfileBuilder()
    builder.sample(time_ns=0, weight=2**62)
    builder.sample(time_ns=0, weight=2**62)
    with pytest.raises(InputError, match=r"^big\.txt: the weights add up to more than a 64-bit number"):
        builder.build(Meta(unit="ns", source="big.txt"))


def test_an_empty_builder_builds_empty_tables() -> None:
    profile = ProfileBuilder().build(Meta(unit="samples"))
    tables = (profile.samples, profile.stacks, profile.frames, profile.binaries, profile.threads)
    assert [len(table) for table in tables] == [0] * 5


def test_the_builders_notices_follow_those_of_the_meta() -> None:
    builder = ProfileBuilder()
    builder.notices.add("b", "second")
    builder.notices.add("b", "again")
    profile = builder.build(Meta(unit="ns", notices=(Notice("a", "first"),)))
    assert profile.meta.notices == (Notice("a", "first"), Notice("b", "second", 2))


def test_a_builder_can_go_on_after_it_built() -> None:
    builder = ProfileBuilder()
    builder.sample(time_ns=0, weight=1)
    first = builder.build(Meta(unit="ns"))
    builder.sample(time_ns=0, weight=2)
    assert (first.weight, builder.build(Meta(unit="ns")).weight) == (1, 3)


def test_load_addresses_use_all_64_bits() -> None:
    builder = ProfileBuilder()
    frame = builder.frame("f", builder.binary("kernel", load_addr=2**64 - 1))
    builder.sample(time_ns=0, stack=builder.stack([frame]), weight=1)
    profile = builder.build(Meta(unit="ns"))
    assert profile.binaries["load_addr"].to_numpy().tolist() == [2**64 - 1]
    assert profile.binaries["load_addr"].dtype == np.uint64


def test_ids_mean_the_same_in_siblings_and_samples_do_not_mix() -> None:
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("f", builder.binary("A"))])
    thread = builder.thread(1, "main")
    builder.notices.add("a", "of the first")
    builder.sample(time_ns=0, thread_id=thread, stack=stack, weight=1)
    other = builder.sibling()
    later = builder.stack([other.frame("g")])
    other.sample(time_ns=0, thread_id=thread, stack=stack, weight=2)
    other.sample(time_ns=0, thread_id=thread, stack=later, weight=3)
    first, second = builder.build(Meta(unit="ns")), other.build(Meta(unit="cycles"))
    assert (first.weight, named_paths(first), list(first.threads["name"])) == (1, [("f",)], ["main"])
    assert (second.weight, named_paths(second), list(second.binaries["name"])) == (5, [("f",), ("g",)], ["A"])
    assert (len(first.meta.notices), len(second.meta.notices)) == (1, 0)


def test_whole_columns_give_what_single_samples_give():
    def begun() -> ProfileBuilder:
        builder = ProfileBuilder()
        for name in ("main", "work", "unused"):
            builder.frame(name)
        builder.thread(7, "main", 1, "Tool")
        builder.state("Running")
        return builder

    single, whole = begun(), begun()
    stacks = [single.stack([1, 0]), single.stack([0]), single.stack([1, 0])]
    for time, stack in enumerate([*stacks, -1]):
        single.sample(time_ns=time, thread_id=0, stack=stack, weight=10 + time, state=0, core=time)
    paths = whole.stacks(np.array([0, 1, 0, 0, 1], np.int32), np.array([2, 1, 2], np.int32))
    zeros = np.zeros(4, np.int64)
    whole.samples(
        {
            "time_ns": np.arange(4),
            "thread_id": zeros,
            "path_id": np.array([paths, paths + 1, paths + 2, -1]),
            "weight": 10 + np.arange(4),
            "state": zeros,
            "core": np.arange(4),
        }
    )
    meta = Meta(unit="ns")
    for table in ("samples", "stacks", "frames", "binaries", "threads"):
        pd.testing.assert_frame_equal(getattr(single.build(meta), table), getattr(whole.build(meta), table))


def test_more_thread_states_than_16_bits_hold_are_kept() -> None:
    builder = ProfileBuilder()
    for number in range(40_000):
        builder.sample(time_ns=number, weight=1, state=builder.state(f"state {number}"))
    assert builder.build(Meta("ns")).samples["state"].nunique() == 40_000
