"""Numbers and lists as sentences have them: tables of what is read."""

import pandas as pd
import pytest

from tracekit.analysis.words import counted, listed, milliseconds, percent, sentence, tally


@pytest.mark.parametrize(
    "parts,text", [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), (("x", "y"), "x and y")]
)
def test_a_list_ends_in_and(parts: list[str], text: str) -> None:
    assert listed(parts) == text


@pytest.mark.parametrize(
    "share,text",
    [
        (0, "0.0 %"),
        (1e-9, "under 0.1 %"),  # never 0 for what is there
        (0.00099, "under 0.1 %"),
        (0.001, "0.1 %"),
        (0.043, "4.3 %"),
        (0.099, "9.9 %"),
        (0.1, "10 %"),
        (0.432, "43 %"),
        (1, "100 %"),
    ],
)
def test_a_share_has_the_digits_that_matter(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    "nanoseconds,text",
    [
        (0, "0.00 ms"),
        (375_000, "0.38 ms"),
        (999_999, "1.00 ms"),
        (10**6, "1.0 ms"),
        (30_240_000, "30.2 ms"),
        (999_950_001, "1000.0 ms"),  # just over a half is rounded up
        (10**9 - 1, "1000.0 ms"),
        (10**9, "1.00 s"),
        (5_005_000_001, "5.01 s"),
        (1_234_500_000_000, "1,234.50 s"),
    ],
)
def test_a_time_has_the_unit_that_fits(nanoseconds: int, text: str) -> None:
    assert milliseconds(nanoseconds) == text


@pytest.mark.parametrize("count,text", [(0, "0 runs"), (1, "1 run"), (2, "2 runs"), (1234, "1,234 runs")])
def test_one_is_not_plural(count: int, text: str) -> None:
    assert counted(count, "run") == text


def test_the_commonest_are_told_with_their_number() -> None:
    names = pd.Series(["conv"] * 1200 + ["linear"] * 2 + ["relu"])
    assert tally(names, 2) == "conv × 1,200, linear × 2"


def test_a_sentence_begins_with_a_capital_and_ends_in_a_stop() -> None:
    assert sentence(["first part", "Core ML's second"]) == "First part; Core ML's second."
