"""Threads that ran and threads that were blocked."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tracekit.analysis.running import blocked, is_running, ran_or_all, running, waiting_was_recorded
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile


def profile_of(states: Sequence[str]) -> Profile:
    """A sample for every state, the empty one not known, each weighing twice the one before."""
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("main")])
    for at, state in enumerate(states):
        builder.sample(time_ns=at, stack=stack, weight=2**at, state=builder.state(state))
    return builder.build(Meta("ns"))


def test_a_state_that_is_not_known_is_running() -> None:
    profile = profile_of(["Running", "Blocked", "", "Runnable"])
    assert is_running(profile).tolist() == [True, False, True, False]
    assert running(profile).samples["weight"].tolist() == [1, 4]
    assert blocked(profile).samples["weight"].tolist() == [2, 8]


@pytest.mark.parametrize(
    "states,weights",
    [(["Running", "Blocked"], [1]), (["", "Blocked"], [1]), (["Blocked", "Blocked"], [1, 2]), ([], [])],
)
def test_where_none_ran_all_are_shown(states: list[str], weights: list[int]) -> None:
    assert ran_or_all(profile_of(states)).samples["weight"].tolist() == weights


@pytest.mark.parametrize(
    "states,said,expected",
    [
        (["Running", "Blocked"], None, True),
        (["Running"], None, False),
        (["Running"], "0", False),
        (["Running"], "1", True),  # though no thread of these waited
        ([], "1", True),
        ([], None, False),
    ],
)
def test_waiting_is_recorded_where_a_thread_waits_or_the_recording_says_so(
    states: list[str], said: str | None, expected: bool
) -> None:
    profile = profile_of(states)
    attributes = () if said is None else (("record-waiting-threads", said),)
    assert waiting_was_recorded(replace(profile, meta=replace(profile.meta, attributes=attributes))) == expected
