"""What samples alone prove of the number of predictions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.timelines import TICK, analysed
from tracekit.analysis.analyze import Scope, analyze_profile
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta


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
    found = analysed(drawing).measured.iterations
    assert found.at_least == at_least
    assert found.table.empty


def test_threads_add_up() -> None:
    assert analysed("pp x pp x", "x p x p x p").measured.iterations.at_least == 5


def test_work_on_another_thread_ends_nothing_and_adds_nothing() -> None:
    assert analysed("x ppp xx ppp x", "x ooo xx ooo x").measured.iterations.at_least == 2


@pytest.mark.no_cover
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 4)), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_the_bound_never_exceeds_the_truth_whatever_is_not_sampled(loop: list[tuple[int, int]], seed: int) -> None:
    """Predictions and pauses of known lengths, of which any tick may go unsampled or lose its stack."""
    drawn = "".join("p" * length + "x" * pause for length, pause in loop)
    dice = np.random.default_rng(seed).integers(0, 4, len(drawn))
    seen = "".join({0: ".", 1: "?"}.get(int(die), sign) for die, sign in zip(dice, drawn, strict=True))
    true = len(loop)
    assert analysed(seen).measured.iterations.at_least <= true
    # Without any loss it is the number of runs that something parts.
    assert analysed(drawn).measured.iterations.at_least == len([run for run in drawn.split("x") if run])


@pytest.mark.parametrize(
    "drawing,said,found",
    [
        # As many as samples elsewhere part: each to one interval after its last sample, or to the next sample.
        ("pp x p x", 2, [(0, 2), (3, 4)]),
        ("pp . x ppp", 2, [(0, 2), (4, 7)]),
        # As many as there are if gaps of more than 1.5 intervals part too.
        ("ppp . pp . p x pp", 4, [(0, 3), (4, 6), (7, 8), (9, 11)]),
        # Where more than one sample is missing beside a run, the prediction may have waited there: no lengths.
        ("ppp . pp .. p x pp", 4, []),
        ("x pp .. x ppp x", 2, []),
        ("x .. pp x ppp x", 2, []),
        ("ppp . pp .. p x pp", 2, [(0, 9), (10, 12)]),
        ("ppp . pp .. p x pp", 3, []),
        ("ppp . pp .. p x pp", 5, []),
        # A sample without a stack is none elsewhere, and no gap.
        ("pp ? pp x p", 2, [(0, 5), (6, 7)]),
        ("pp ? pp x p", 3, []),
    ],
)
def test_the_runs_that_are_the_predictions_if_there_were_just_so_many(
    drawing: str, said: int, found: list[tuple[int, int]]
) -> None:
    table = analysed(drawing, scope=Scope(predictions=said)).measured.iterations.table
    assert list(zip(table["start_ns"] // TICK, table["end_ns"] // TICK, strict=True)) == found


def test_runs_end_where_the_next_sample_of_their_thread_begins() -> None:
    """A sample that comes early: the run does not reach into what was seen elsewhere."""
    builder, names = ProfileBuilder(), ["-[MLModel predictionFromFeatures:error:]", "main"]
    inside, outside = (builder.stack([builder.frame(name) for name in part]) for part in (names, names[1:]))
    thread = builder.thread(5, "worker", 7, "app")
    for time, stack in [(0, inside), (10, inside), (14, outside), (20, inside), (30, inside), (40, inside)]:
        builder.sample(time_ns=time * TICK, thread_id=thread, stack=stack, weight=10 * TICK)
    profile = builder.build(Meta("ns"))
    table = analyze_profile(profile, Scope(predictions=2)).measured.iterations.table
    assert list(zip(table["start_ns"] // TICK, table["end_ns"] // TICK, strict=True)) == [(0, 14), (20, 50)]
