"""A small campaign in every run of the tests; the large one is in docs/export-format.md."""

import pytest

from tests.fuzz.campaign import KINDS, run
from tests.fuzz.damage import mutated

BY_LINES = {"logs", "journals"}
"""Damaged lines are passed over; hardly ever is all of a file refused."""


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_inputs_are_read_or_refused(kind: str) -> None:
    found = run(kind, 40, seed=0)
    assert set(found) <= {"read", "refused"}
    assert found["read"] > 0
    assert found["refused"] > 0 or kind in BY_LINES


def test_an_input_is_made_from_its_number() -> None:
    import random

    assert mutated(b"abc 123", random.Random("x")) == mutated(b"abc 123", random.Random("x"))
