import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.readers.export.digits import PADDING, Bytes, digit_count, has_leading_zero

PAD = bytes(PADDING)


def places(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


@given(st.lists(st.integers(0, 10**16 - 1), min_size=1, max_size=20))
def test_numbers_of_any_length_are_read(numbers):
    texts = [str(number).encode() for number in numbers]
    data = PAD + b"x".join(texts) + PAD
    lengths = np.array([len(text) for text in texts])
    ends = PADDING + np.cumsum(lengths + 1) - 1
    values, are_digits = Bytes(data).long_numbers(ends, lengths)
    assert values.tolist() == numbers
    assert are_digits.all()


@given(st.binary(min_size=1, max_size=8))
def test_only_digits_are_digits(text):
    _, are_digits = Bytes(PAD + text + PAD).numbers(places(PADDING + len(text)), places(len(text)))
    assert are_digits.tolist() == [text.isdigit()]


@pytest.mark.parametrize("text", [b"a", b"eight by", b"longer than a word", b"exactly sixteen!"])
@pytest.mark.parametrize("change", [0, -1])
def test_a_text_is_found_only_where_it_stands_whole(text, change):
    almost = bytearray(text)
    almost[change] ^= 1
    data = PAD + text + bytes(almost) + PAD
    found = Bytes(data).spells(places(PADDING, PADDING + len(text)), text)
    assert found.tolist() == [True, False]


def test_lengths_and_leading_zeros():
    numbers = places(0, 9, 10, 99, 100, 99_999_999, 10**16 - 1)
    assert digit_count(numbers).tolist() == [len(str(number)) for number in numbers.tolist()]
    assert has_leading_zero(places(7, 7, 10, 0), places(1, 2, 2, 1)).tolist() == [False, True, False, True]
