"""Unions of intervals against counting every nanosecond."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracekit.analysis.predictions.spans import Spans, union

pieces = st.lists(st.tuples(st.integers(-20, 40), st.integers(-3, 25)), max_size=12)
"""(start, duration): overlapping, nested, out of order, empty, and turned around."""
times = st.lists(st.integers(-30, 80), max_size=10)


def spans(given_pieces: list[tuple[int, int]]) -> Spans:
    start = np.array([start for start, _ in given_pieces], np.int64)
    return union(start, start + np.array([length for _, length in given_pieces], np.int64))


def counted(given_pieces: list[tuple[int, int]]) -> set[int]:
    """Every nanosecond that is covered."""
    return {moment for start, length in given_pieces for moment in range(start, start + length)}


@given(pieces)
def test_the_union_equals_a_count(given_pieces: list[tuple[int, int]]) -> None:
    found = spans(given_pieces)
    assert found.total == len(counted(given_pieces))
    assert (found.ends > found.starts).all()
    assert (found.starts[1:] > found.ends[:-1]).all()
    moments = {m for s, e in zip(found.starts.tolist(), found.ends.tolist(), strict=True) for m in range(s, e)}
    assert moments == counted(given_pieces)


@given(pieces, times, times)
def test_what_lies_in_a_window_equals_a_count(
    given_pieces: list[tuple[int, int]], starts: list[int], lengths: list[int]
) -> None:
    windows = [(start, start + length) for start, length in zip(starts, lengths, strict=False)]
    low, high = (np.array([window[i] for window in windows], np.int64) for i in (0, 1))
    covered = counted(given_pieces)
    expected = [len(covered & set(range(start, end))) for start, end in windows]
    assert spans(given_pieces).within(low, high).tolist() == expected


@given(pieces, times)
def test_before_and_holds_equal_a_count(given_pieces: list[tuple[int, int]], moments: list[int]) -> None:
    found, covered = spans(given_pieces), counted(given_pieces)
    at = np.array(moments, np.int64)
    assert found.before(at).tolist() == [sum(moment < time for moment in covered) for time in moments]
    assert found.holds(at).tolist() == [time in covered for time in moments]


@given(pieces, pieces)
def test_joining_is_the_union_of_both(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    assert spans(one).joined(spans(other)).total == len(counted([*one, *other]))
