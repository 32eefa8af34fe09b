"""The call trees of two recordings as one."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.analysis.compare.made import records
from tests.support.profiles import profile_from_text, profiles
from tracekit.analysis.compare.trees import diff_tree
from tracekit.model.folded import to_folded
from tracekit.model.profile import Profile


def test_the_tree_is_the_union_of_both() -> None:
    tree = diff_tree(profile_from_text("main;net 3\nmain;draw 1"), profile_from_text("main;net 5\nmain;load 5"))
    lines = [
        "{}{name} {total_a:.2f} {total_b:.2f} self {self_a:.2f} {self_b:.2f}".format("  " * node["depth"], **node)
        for node in records(tree)
    ]
    assert sorted(lines, key=str.strip) == [
        "  draw 0.25 0.00 self 0.25 0.00",
        "  load 0.00 0.50 self 0.00 0.50",
        "main 1.00 1.00 self 0.00 0.00",
        "  net 0.75 0.50 self 0.75 0.50",
    ]


@given(profiles(), profiles())
@settings(max_examples=20)
def test_each_side_of_the_tree_is_its_own_call_tree(a: Profile, b: Profile) -> None:
    tree = diff_tree(a, b)
    parent = tree["parent_id"].to_numpy()
    assert (parent < np.arange(len(tree))).all()
    for side, profile in (("a", a), ("b", b)):
        own, total = tree[f"self_{side}"].to_numpy(), tree[f"total_{side}"].to_numpy()
        below = np.bincount(parent[parent >= 0], total[parent >= 0], minlength=len(tree))
        assert total == pytest.approx(own + below)
        assert own.sum() == pytest.approx(1 if to_folded(profile) else 0)


def test_a_function_without_a_symbol_has_its_image_and_no_name() -> None:
    tree = diff_tree(profile_from_text("app`main;Lib`0x10 1"), profile_from_text("app`main;Lib`0x20 1"))
    assert tree[["name", "image", "self_a", "self_b"]].values.tolist() == [["main", "app", 0, 0], ["", "Lib", 1, 1]]


def test_a_side_that_weighs_nothing_has_no_shares() -> None:
    tree = diff_tree(profile_from_text("main 0"), profile_from_text("main 3"))
    assert tree[["self_a", "total_a", "self_b", "total_b"]].values.tolist() == [[0, 0, 1, 1]]
