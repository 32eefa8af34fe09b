"""Each transform is specified by a drawing."""

from collections import Counter

import pytest
from hypothesis import given

from tests.support.profiles import profile_from_text, profiles
from tests.support.trees import format_tree
from tracekit.analysis.summary import by_engine
from tracekit.analysis.transforms import (
    charge_image_to_caller,
    charge_to_caller,
    flatten_recursion,
    focus,
    invert,
    prune,
)
from tracekit.attribution.engines import attribute
from tracekit.errors import SelectionError
from tracekit.model.folded import frame_labels
from tracekit.model.forest import forest_of, paths_of
from tracekit.model.profile import Profile


def stacks_of(profile: Profile) -> list[tuple[tuple[str, ...], int]]:
    """Every sample's stack, root first, and weight: what the laws below are written in."""
    names = frame_labels(profile, images=True)
    parent, frame = profile.stacks["parent_id"].tolist(), profile.stacks["frame_id"].tolist()
    samples = profile.samples
    result = []
    for leaf, weight in zip(samples["stack_id"].tolist(), samples["weight"].tolist(), strict=True):
        path: list[str] = []
        stack = leaf
        while stack >= 0:
            path.append(names[frame[stack]])
            stack = parent[stack]
        result.append((tuple(reversed(path)), weight))
    return result


def test_focus_keeps_the_subtree_of_the_match() -> None:
    profile = profile_from_text("""
        main;predict;net;conv   3
        main;predict;net;copy   1
        main;load;parse         2
    """)
    assert format_tree(focus(profile, "net")) == [
        "net     total 4  self 0",
        "  conv  total 3  self 3",
        "  copy  total 1  self 1",
    ]


def test_focus_takes_the_match_nearest_the_root() -> None:
    profile = profile_from_text("""
        main;predict;net;predict;leaf   3
        other;predict;net               1
    """)
    assert format_tree(focus(profile, "predict")) == [
        "predict      total 4  self 0",
        "  net        total 4  self 1",
        "    predict  total 3  self 0",
        "      leaf   total 3  self 3",
    ]


def test_focus_of_nothing_is_empty() -> None:
    focused = focus(profile_from_text("main;work 3"), "absent")
    assert len(focused) == 0
    assert format_tree(focused) == []
    focused.validate()


def test_focus_without_a_pattern_goes_to_the_prediction() -> None:
    profile = profile_from_text("""
        main;CoreML`-[MLModel predictionFromFeatures:error:];CoreML`-[MLE5Engine predictionFromFeatures:error:]  2
        main;CoreML`+[MLModel modelWithContentsOfURL:configuration:error:]                                       5
    """)
    assert format_tree(focus(profile)) == [
        "-[MLModel predictionFromFeatures:error:]       total 2  self 0",
        "  -[MLE5Engine predictionFromFeatures:error:]  total 2  self 2",
    ]


def test_prune_drops_the_subtree_and_its_samples() -> None:
    profile = profile_from_text("""
        main;work       3
        main;lock;spin  4
        main            1
    """)
    assert format_tree(prune(profile, "lock")) == [
        "main    total 4  self 1",
        "  work  total 3  self 3",
    ]


def test_charge_to_caller_gives_self_time_to_the_caller_and_lifts_callees() -> None:
    profile = profile_from_text("""
        main;work            1
        main;work;lock       2
        main;work;lock;spin  4
    """)
    assert format_tree(charge_to_caller(profile, "lock")) == [
        "main      total 7  self 0",
        "  work    total 7  self 3",
        "    spin  total 4  self 4",
    ]


def test_charge_to_caller_merges_what_becomes_equal() -> None:
    profile = profile_from_text("""
        main;glue;leaf  1
        main;leaf       2
        main;glue;glue  4
    """)
    assert format_tree(charge_to_caller(profile, "glue")) == [
        "main    total 7  self 4",
        "  leaf  total 3  self 3",
    ]


def test_a_root_has_no_caller_to_charge() -> None:
    assert format_tree(charge_to_caller(profile_from_text("main;work 1"), "main")) == [
        "main    total 1  self 0",
        "  work  total 1  self 1",
    ]


def test_charging_an_image_merges_its_frames() -> None:
    profile = profile_from_text("app`main;libobjc`objc_msgSend;app`work 3\napp`main;libobjc`objc_retain 1")
    assert format_tree(charge_image_to_caller(profile, "libobjc")) == [
        "main    total 4  self 1",
        "  work  total 3  self 3",
    ]


def test_flatten_recursion_merges_direct_recursion_only() -> None:
    profile = profile_from_text("""
        fact;fact;fact  5
        fact            1
        even;odd;even   2
    """)
    assert format_tree(flatten_recursion(profile)) == [
        "fact      total 6  self 6",
        "even      total 2  self 0",
        "  odd     total 2  self 0",
        "    even  total 2  self 2",
    ]


def test_invert_puts_leaves_on_top() -> None:
    profile = profile_from_text("""
        a;b  3
        a;c  1
        a    2
    """)
    assert format_tree(invert(profile)) == [
        "b    total 3  self 0",
        "  a  total 3  self 3",
        "a    total 2  self 2",
        "c    total 1  self 0",
        "  a  total 1  self 1",
    ]


def test_attributing_after_charging_loses_the_label() -> None:
    """Why attribute() comes first: merging a frame into its caller removes the frame that decides."""
    profile = profile_from_text("""
        main;Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()   5
        main;Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync() 2
    """)
    right = charge_to_caller(attribute(profile), "E5RT::Ops")
    wrong = attribute(charge_to_caller(profile, "E5RT::Ops"))
    assert dict(by_engine(right)[["engine", "weight"]].itertuples(index=False)) == {"ANE": 5, "CPU": 2}
    assert dict(by_engine(wrong)[["engine", "weight"]].itertuples(index=False)) == {"none": 7}


@pytest.mark.parametrize("pattern", ["", "re:(", "   "])
def test_a_pattern_that_cannot_be_parsed_is_refused(pattern: str) -> None:
    with pytest.raises(SelectionError):
        focus(profile_from_text("a 1"), pattern)


@given(profiles())
def test_every_transform_keeps_the_laws_and_the_weight_it_should(profile: Profile) -> None:
    with_stack = [(path, weight) for path, weight in stacks_of(profile) if path]
    for transform in (flatten_recursion, lambda p: charge_to_caller(p, "lock", "work")):
        after = transform(profile).validate()
        assert after.weight == profile.weight
        assert len(after) == len(profile)
    inverted = invert(profile).validate()
    assert Counter(stacks_of(inverted)) == Counter((tuple(reversed(path)), w) for path, w in stacks_of(profile))
    assert Counter(stacks_of(invert(inverted))) == Counter(stacks_of(profile))
    focused = focus(profile, "app").validate()
    expected = [(path[path.index("app") :], weight) for path, weight in with_stack if "app" in path]
    assert Counter(stacks_of(focused)) == Counter(expected)
    pruned = prune(profile, "lock").validate()
    assert Counter(stacks_of(pruned)) == Counter((path, w) for path, w in stacks_of(profile) if "lock" not in path)


@given(profiles())
def test_charging_is_removing_the_frame_from_every_path_but_a_root(profile: Profile) -> None:
    def charged(path: tuple[str, ...]) -> tuple[str, ...]:
        return path[:1] + tuple(frame for frame in path[1:] if not frame.startswith("lock"))

    after = charge_to_caller(profile, "lock")
    assert Counter(stacks_of(after)) == Counter((charged(path), weight) for path, weight in stacks_of(profile))


@given(profiles())
def test_paths_of_is_the_parent_chain(profile: Profile) -> None:
    forest = forest_of(profile.stacks)
    rows = profile.samples["stack_id"][profile.samples["stack_id"] >= 0].to_numpy()
    frames, lengths = paths_of(forest, rows)
    names = frame_labels(profile, images=True)
    text, position = [], 0
    for length in lengths.tolist():
        text.append(tuple(names[frame] for frame in frames[position : position + length].tolist()))
        position += length
    assert text == [path for path, _ in stacks_of(profile) if path]
