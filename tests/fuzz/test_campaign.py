"""A small campaign in every run of the tests; the large one is in docs/export-format.md."""

import pytest

from tests.fuzz.campaign import KINDS, mutated, run


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_inputs_are_read_or_refused(kind: str) -> None:
    found = run(kind, 60, seed=0)
    assert set(found) <= {"read", "refused"}
    assert found["read"] > 0 < found["refused"]


def test_an_input_is_made_from_its_number() -> None:
    import random

    assert mutated(b"abc 123", random.Random("x")) == mutated(b"abc 123", random.Random("x"))
