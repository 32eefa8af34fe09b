"""What samples alone prove of the number of predictions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.predictions.tables import attributed, sampled
from tests.support.timelines import TICK
from tracekit.analysis.predictions.bound import Bound, lower_bound
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE


def bound_of(*threads: str) -> Bound:
    found = sampled(*threads)
    return lower_bound(found.profile, found.root, found.calling)


def spans(runs: pd.DataFrame) -> list[tuple[int, int]]:
    return list(zip(runs["start_ns"] // TICK, runs["end_ns"] // TICK, strict=True))


@pytest.mark.parametrize(
    "drawing,at_least",
    [
        ("xxx", 0),
        ("xx ppp xx", 1),
        ("ppp", 1),
        # A sample elsewhere, between two inside, ends one.
        ("pp x pp", 2),
        ("p x p x p", 3),
        # Near misses: two in a row, a gap, a sample without a stack, a wait.
        ("pp pp", 1),
        ("pp . pp", 1),
        ("pp .................... pp", 1),
        ("pp ? pp", 1),
        ("pp ?.? pp", 1),
        ("pa AA ap", 1),
        ("pp . x . pp", 2),
        # What it gave to another thread, alone, is one at least, in however many pieces.
        ("xx ooo xx oo x", 1),
    ],
)
def test_what_the_samples_of_a_thread_prove(drawing: str, at_least: int) -> None:
    assert bound_of(drawing).at_least == at_least


def test_threads_add_up() -> None:
    assert bound_of("pp x pp x", "x p x p x p").at_least == 5


def test_work_on_another_thread_ends_nothing_and_adds_nothing() -> None:
    assert bound_of("x ppp xx ppp x", "x ooo xx ooo x").at_least == 2


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 4)), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_the_bound_never_exceeds_the_truth_whatever_is_not_sampled(loop: list[tuple[int, int]], seed: int) -> None:
    """Predictions and pauses of known lengths, of which any tick may go unsampled or lose its stack."""
    drawn = "".join("p" * length + "x" * pause for length, pause in loop)
    dice = np.random.default_rng(seed).integers(0, 4, len(drawn))
    seen = "".join({0: ".", 1: "?"}.get(int(die), sign) for die, sign in zip(dice, drawn, strict=True))
    true = len(loop)
    assert bound_of(seen).at_least <= true
    # Without any loss it is the number of runs that something parts.
    assert bound_of(drawn).at_least == len([run for run in drawn.split("x") if run])


@pytest.mark.parametrize(
    "drawing,runs,parted",
    [
        # A run ends one interval after its last sample, or with the next sample; a gap of more than 1.5 parts one too.
        ("pp x p x", [(0, 2), (3, 4)], [(0, 2), (3, 4)]),
        ("pp . x ppp", [(0, 2), (4, 7)], [(0, 2), (4, 7)]),
        ("ppp . pp . p x pp", [(0, 8), (9, 11)], [(0, 3), (4, 6), (7, 8), (9, 11)]),
        ("ppp . pp .. p x pp", [(0, 9), (10, 12)], [(0, 3), (4, 6), (8, 9), (10, 12)]),
        # A sample without a stack is none elsewhere, and no gap.
        ("pp ? pp x p", [(0, 5), (6, 7)], [(0, 5), (6, 7)]),
        ("xx", [], []),
    ],
)
def test_the_runs_that_samples_elsewhere_or_gaps_part(
    drawing: str, runs: list[tuple[int, int]], parted: list[tuple[int, int]]
) -> None:
    found = bound_of(drawing)
    assert (spans(found.runs), spans(found.parted)) == (runs, parted)


@pytest.mark.parametrize(
    "drawing,has_edges",
    [
        ("x p . p x", [True]),  # a gap inside is no edge
        ("x p . x . p x", [True, True]),  # one sample is missing: the edge is known to an interval
        ("x p .. x p x", [False, True]),  # the prediction may have waited after its run,
        ("x p x .. p x", [True, False]),  # or before it
        ("p x p", [True, True]),  # the first and the last of a thread
    ],
)
def test_where_a_prediction_may_be_longer_than_its_run(drawing: str, has_edges: list[bool]) -> None:
    assert bound_of(drawing).runs["has_edges"].tolist() == has_edges


def test_an_edge_of_exactly_two_and_a_half_intervals_is_one() -> None:
    def edges(until: int) -> list[bool]:
        profile = recorded([(0, "x"), (10, "p"), (20, "p"), (30, "p"), (30 + until, "x"), (40 + until, "x")])
        return run_table(profile)["has_edges"].tolist()

    assert (edges(25), edges(26)) == ([True], [False])


def test_a_gap_of_exactly_one_and_a_half_intervals_parts_nothing() -> None:
    def count(until: int) -> int:
        found = attributed(recorded([(0, "p"), (10, "p"), (20, "p"), (20 + until, "p"), (30 + until, "p")]))
        return len(lower_bound(found.profile, found.root, found.calling).parted)

    assert (count(15), count(16)) == (1, 2)


def test_runs_end_where_the_next_sample_of_their_thread_begins() -> None:
    """A sample that comes early: the run does not reach into what was seen elsewhere."""
    profile = recorded([(0, "p"), (10, "p"), (14, "x"), (20, "p"), (30, "p"), (40, "p")])
    assert spans(run_table(profile)) == [(0, 14), (20, 50)]


def test_a_run_says_its_thread_and_its_first_sample_in_order_of_time() -> None:
    found = bound_of("xxx pp x", "p x ppp")
    assert found.runs[["start_ns", "thread_id", "first"]].values.tolist() == [
        [0, 1, 6],
        [2 * TICK, 1, 8],
        [3 * TICK, 0, 3],
    ]
    assert found.runs.index.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "root,at_least",
    [
        ("-[MLModel predictionFromFeatures:error:]", 2),
        # Calls that return before the prediction is made prove one at least, however often they are seen.
        ("-[MLModel predictionFromFeatures:completionHandler:]", 1),
        ("-[MLModel predictionsFromBatch:submit:error:]", 1),
    ],
)
def test_a_call_that_only_submits_is_no_run(root: str, at_least: int) -> None:
    found = attributed(recorded([(0, "p"), (10, "x"), (20, "p"), (30, "x")], root))
    assert found.in_focus.sum() == 2
    assert lower_bound(found.profile, found.root, found.calling).at_least == at_least


def test_rows_of_no_known_thread_and_without_times_are_at_least_one() -> None:
    nobodys = attributed(recorded([(0, "p"), (10, "x"), (20, "p")], thread=False))
    assert lower_bound(nobodys.profile, nobodys.root, nobodys.calling).at_least == 1
    untimed = attributed(recorded([(0, "p"), (0, "x"), (0, "p")]))
    found = lower_bound(untimed.profile, untimed.root, untimed.calling)
    assert (found.at_least, len(found.runs)) == (1, 0)
    # Near miss: a nanosecond apart.
    timed = attributed(recorded([(0, "p"), (1, "x"), (2, "p")], tick=1))
    assert lower_bound(timed.profile, timed.root, timed.calling).at_least == 2
    nothing = attributed(recorded([]))
    assert lower_bound(nothing.profile, nothing.root, nothing.calling).at_least == 0


CALL = "-[MLModel predictionFromFeatures:error:]"


def recorded(samples: list[tuple[int, str]], root: str = CALL, thread: bool = True, tick: int = TICK) -> Profile:
    """A thread sampled every 10 ticks, as its weights say: ``p`` inside a prediction, ``x`` elsewhere."""
    builder = ProfileBuilder()
    stack = {
        sign: builder.stack([builder.frame(name) for name in names])
        for sign, names in {"p": [root, "main"], "x": ["main"]}.items()
    }
    on = builder.thread(5, "worker", 7, "app") if thread else NONE
    for time, sign in samples:
        builder.sample(time_ns=time * tick, thread_id=on, stack=stack[sign], weight=10 * TICK)
    return builder.build(Meta("ns"))


def run_table(profile: Profile) -> pd.DataFrame:
    found = attributed(profile)
    return lower_bound(found.profile, found.root, found.calling).runs
