"""Weights added up: every sample counts once, in the order of the keys, and nothing is rounded."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.model.schema import categorical
from tracekit.model.sums import added, summed

pytestmark = pytest.mark.no_cover

KINDS = ["b", "a", "c"]
ROWS = st.lists(
    st.tuples(st.integers(-1, 4), st.integers(-1, len(KINDS) - 1), st.integers(0, 2**52)), min_size=0, max_size=40
)


@given(ROWS)
def test_each_combination_that_occurs_is_there_once_in_the_order_of_its_keys(rows: list[tuple[int, int, int]]) -> None:
    number, code, weight = np.array(rows, np.int64).reshape(-1, 3).T
    kind = pd.Series(categorical(code, KINDS))
    found = summed(weight, number=number.astype(np.int32), kind=kind)
    names = [*KINDS, ""]
    count, heavy = Counter(row[:2] for row in rows), Counter[tuple[int, int]]()
    for a, b, each in rows:
        heavy[a, b] += each
    expected = [(a, names[b], count[a, b], heavy[a, b]) for a, b in sorted(count)]
    assert list(found.itertuples(index=False, name=None)) == expected
    assert [str(dtype) for dtype in found.dtypes] == ["int64", "str", "int64", "int64"]


def test_weights_beyond_what_a_float_holds_are_exact() -> None:
    big = 2**53
    weight = np.array([big, 1, big, 1], np.int64)
    place = np.array([0, 0, 2, 0], np.int64)
    assert added(place, weight, 4).tolist() == [big + 2, 0, big, 0]
    assert summed(weight, place=place)["weight"].tolist() == [big + 2, big]
