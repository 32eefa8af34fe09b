"""A call tree within a budget, as drawn; and its laws."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import profile_from_text, profiles
from tracekit.agents.outline import outline
from tracekit.analysis.call_tree import call_tree
from tracekit.model.profile import Profile

SPLIT = """
    main;run;net;conv   3
    main;run;net;copy   1
    main;run;net;conv;mul;add   2
"""


def drawn(profile: Profile, budget: int) -> list[str]:
    calls = outline(profile, budget)["calls"]
    return [f"{'  ' * c['depth']}{c['function']} {c['total']}/{c['self']} +{c['skipped']}" for c in calls]


def test_calls_between_are_skipped() -> None:
    assert drawn(profile_from_text(SPLIT), 10) == [
        "main 6/0 +0",
        "  net 6/0 +1",
        "    conv 5/3 +0",
        "      add 2/2 +1",
        "    copy 1/1 +0",
    ]


def test_a_budget_takes_the_heaviest_with_their_callers() -> None:
    profile = profile_from_text(SPLIT)
    assert drawn(profile, 3) == ["main 6/0 +0", "  net 6/0 +1", "    conv 5/3 +0"]
    assert outline(profile, 3)["left_out"] == 2
    assert drawn(profile, 1) == ["main 6/0 +0"]


def test_one_caller_in_a_straight_line() -> None:
    assert drawn(profile_from_text("a;b;c;d 4"), 9) == ["a 4/0 +0", "  d 4/4 +2"]


def test_no_call_is_taken_before_its_caller_of_the_same_weight() -> None:
    profile = profile_from_text("".join(f"root{n};leaf{n} {n % 7 + 1}\n" for n in range(300)))
    calls = outline(profile, 100)["calls"]
    assert {call["skipped"] for call in calls} == {0}
    assert {call["function"][:4] for call in calls if call["depth"] == 0} == {"root"}


@given(profiles(), st.integers(1, 12))
def test_laws(profile: Profile, budget: int) -> None:
    """Within the budget; all self time with a budget for all; every place is that of the call tree."""
    tree = call_tree(profile)
    small, whole = outline(profile, budget), outline(profile, len(tree) + 1)
    assert len(small["calls"]) == min(budget, len(whole["calls"]))
    assert len(small["calls"]) + small["left_out"] == len(whole["calls"])
    assert sum(call["self"] for call in whole["calls"]) == int(tree["self"].sum())
    for answer in (small, whole):
        above: list[int] = []
        for call in answer["calls"]:
            assert call["depth"] <= len(above)
            level = 1 + above[call["depth"] - 1] if call["depth"] else 0
            above[call["depth"] :] = [level + call["skipped"]]
            place = tree[(tree["name"] == call["function"]) & (tree["depth"] == above[call["depth"]])]
            assert ((place["total"] == call["total"]) & (place["self"] == call["self"])).any()
