"""What samples alone prove of the number of predictions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.timelines import analysed


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
