"""Ticks of a machine's clocks against exact arithmetic, and tables that do not say."""

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.analysis.predictions.ticks import Epoch, epochs, moment


def said(**columns: Any) -> pd.DataFrame:
    """A table ``time-info`` of one row; hyphens are written as underscores."""
    return pd.DataFrame({name.replace("_", "-"): [value] for name, value in columns.items()}, dtype=object)


@given(
    st.integers(0, 10**12), st.integers(0, 10**15), st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 10**13)
)
def test_a_tick_is_its_part_of_a_nanosecond(time: int, tick: int, numer: int, denom: int, later: int) -> None:
    (found,) = Epoch(time, tick, numer, denom).time_of(np.array([tick + later])).tolist()
    exact = time + later * Fraction(numer, denom)
    assert abs(found - exact) <= 1 + exact * Fraction(1, 2**50)


def test_each_clock_has_a_moment_of_its_own() -> None:
    table = said(update_time=5, mabs_epoch=100, mct_epoch=900, timebase_info=(125 << 32) + 3)
    assert epochs(table) == (Epoch(5, 100, 125, 3), Epoch(5, 900, 125, 3))
    assert (moment(table), moment(table, "mct-epoch")) == ((5, 100), (5, 900))


@pytest.mark.parametrize(
    "table,found",
    [
        (None, None),
        (said(mabs_epoch=7).head(0), None),
        (said(update_time=3), None),
        (said(update_time=3, mabs_epoch=None), None),
        (said(update_time=3, mabs_epoch="7 ticks"), None),
        (said(update_time=3, mabs_epoch=7), (3, 7)),
        # Without a time of update, the moment is the recording's beginning.
        (said(mabs_epoch=7), (0, 7)),
        (said(update_time=None, mabs_epoch=7), (0, 7)),
    ],
)
def test_a_moment_is_there_where_the_table_says_it(table: pd.DataFrame | None, found: tuple[int, int] | None) -> None:
    assert moment(table) == found


@pytest.mark.parametrize("base", [None, "fast", 0, 3, 125 << 32, ((1 << 20) << 32) + 1, (1 << 32) + (1 << 20)])
def test_without_the_length_of_a_tick_no_clock_is_known(base: object) -> None:
    assert epochs(said(update_time=5, mabs_epoch=100, timebase_info=base)) == ()


def test_no_table_knows_a_clock_and_a_tick_of_a_nanosecond_does() -> None:
    assert (epochs(None), epochs(said(update_time=5)), epochs(said(timebase_info=(1 << 32) + 1).head(0))) == (
        (),
        (),
        (),
    )
    assert epochs(said(mabs_epoch=7, timebase_info=(1 << 32) + 1)) == (Epoch(0, 7, 1, 1),)


def test_what_is_further_away_than_64_bits_count_is_there_at_their_edge() -> None:
    far = np.array([-(1 << 62), 1 << 62])
    assert Epoch(0, 0, 1000, 1).time_of(far).tolist() == far.tolist()
