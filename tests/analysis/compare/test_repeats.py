"""Sides that were recorded several times: the recording is what is counted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from tests.analysis.compare.made import CPU, row, saved, side, side_of_text, sides
from tests.support.halves import focused
from tests.support.mixes import recording
from tracekit.analysis.compare.repeats import diff_sides
from tracekit.analysis.compare.sides import Side
from tracekit.errors import SelectionError


@pytest.mark.parametrize("is_saved", [False, True])
def test_a_share_is_compared_as_welch_does(is_saved: bool) -> None:
    a, b = sides(80, 85, 81), sides(60, 66, 61, 63)
    found = diff_sides(*(tuple(map(saved, each)) if is_saved else each for each in (a, b)))
    ane = row(found, "engine", "ANE")
    test = scipy.stats.ttest_ind([0.60, 0.66, 0.61, 0.63], [0.80, 0.85, 0.81], equal_var=False)
    interval = test.confidence_interval(0.95)
    assert (ane["a"], ane["b"]) == pytest.approx((0.82, 0.625))
    assert (ane["low"], ane["high"], ane["p"]) == pytest.approx((interval.low, interval.high, test.pvalue))
    assert ane["is_difference"]
    assert found.basis == "recordings"


def test_functions_are_compared_where_every_recording_has_samples() -> None:
    a, b = sides(80, 85, 81), sides(60, 66, 61)
    name = CPU.rpartition("`")[2]
    assert row(diff_sides(a, b), "self", name)["change"] == pytest.approx(
        row(diff_sides(a, b), "engine", "CPU")["change"]
    )
    mixed = diff_sides((*a[:2], saved(a[2])), b)
    assert not mixed.rows["kind"].isin(["self", "total"]).any()
    assert "A: a saved result holds sums. Functions are missing." in mixed.notes


def test_recordings_that_differ_as_much_among_themselves_show_no_difference() -> None:
    found = diff_sides(sides(60, 90, 75), sides(55, 85, 72))
    assert found.differences.empty
    assert row(found, "engine", "ANE")["is_tested"]


def test_no_share_changes_by_more_than_all() -> None:
    ane = row(diff_sides(sides(10, 90), sides(20, 70)), "engine", "ANE")
    assert (ane["low"], ane["high"]) == (-1, 1)


def timed(one: Side, wall_ms: list[float]) -> Side:
    wall = (np.array(wall_ms) * 1e6).astype(np.int64)
    start = np.arange(len(wall)) * 100_000_000
    return replace(one, iterations=pd.DataFrame({"start_ns": start, "warmup": False, "wall_ns": wall}))


def test_predictions_are_compared_by_the_mean_of_each_recording() -> None:
    a = tuple(timed(one, [length, length + 2]) for one, length in zip(sides(80, 81, 82), (9, 10, 11), strict=True))
    b = tuple(timed(one, [length] * 3) for one, length in zip(sides(80, 81, 82), (20, 21, 22), strict=True))
    found = diff_sides(a, b)
    wall = row(found, "prediction", "wall_ns")
    assert (wall["a"], wall["b"]) == (11e6, 21e6)
    assert wall["is_difference"]
    assert "wall_p95_ns" not in set(found.rows["name"])  # a percentile of two predictions would be the longer one


def test_percentiles_need_twenty_predictions_of_each_recording() -> None:
    lengths = [float(each) for each in range(1, 21)]
    a = tuple(timed(one, lengths) for one in sides(80, 81))
    b = tuple(timed(one, [2 * each for each in lengths]) for one in sides(80, 81))
    assert row(diff_sides(a, b), "prediction", "wall_p95_ns")["a"] == pytest.approx(np.quantile(lengths, 0.95) * 1e6)
    few = tuple(timed(one, lengths[:19]) for one in sides(80, 81))
    assert "wall_p95_ns" not in set(diff_sides(few, b).rows["name"])


def test_predictions_that_one_recording_does_not_know_are_not_compared() -> None:
    a = tuple(timed(one, [9, 10]) for one in sides(80, 81))
    found = diff_sides(a, (a[0], sides(82)[0]))
    assert not (found.rows["kind"] == "prediction").any()
    assert "Only of A is it known when each prediction began: nothing is compared per prediction." in found.notes


def test_a_recording_without_predictions_takes_no_part() -> None:
    empty = side_of_text("start;work 9")
    found = diff_sides((*sides(80, 82), empty), sides(60, 62))
    assert row(found, "engine", "ANE")["a"] == pytest.approx(0.81)
    assert "A holds a recording with no sample inside the focus." in found.notes
    alone = diff_sides((*sides(80), empty), sides(60, 62))
    assert (alone.basis, alone.differences.empty) == ("nothing", True)


def test_a_recording_that_weighs_nothing_has_no_shares_and_takes_part() -> None:
    found = diff_sides((side_of_text(f"{CPU} 1"), side(1, 0), side(0, 0)), (side(1, 1), side(1, 3)))
    assert row(found, "engine", "ANE")["a"] == pytest.approx(1 / 3)
    assert row(found, "engine", "CPU")["a"] == pytest.approx(1 / 3)
    assert found.rows.index.tolist() == list(range(len(found.rows)))


def test_a_share_is_of_the_whole_recording_however_long_it_is() -> None:
    a, b = ((recording("independent", 0.2, seed), recording("independent", 0.1, seed + 1)) for seed in (1, 3))
    found = row(diff_sides(a, b), "engine", "ANE")
    for name, pair in (("a", a), ("b", b)):
        shares = [(focused(each).samples["engine"] == "ANE").mean() for each in pair]  # all weigh the same
        assert found[name] == pytest.approx(np.mean(shares))


def test_an_engine_that_a_saved_result_does_not_have_is_none_of_it() -> None:
    found = diff_sides(tuple(map(saved, (side_of_text(f"{CPU} 2"), side(1, 1)))), sides(20, 30))
    assert row(found, "engine", "ANE")["a"] == 0.25


def test_one_against_several_is_refused() -> None:
    with pytest.raises(SelectionError, match="several recordings are compared with several, not with one"):
        diff_sides(sides(80), sides(60, 62))


def test_one_of_each_is_a_pair() -> None:
    assert diff_sides(sides(80), sides(60)).basis == "nothing"  # of text, which holds no times


def test_recordings_whose_level_differs_are_told_apart_by_repeating_only() -> None:
    """Each recording has a level of its own, ten points around the same mean: of two such, a pair is sure of what the
    next pair denies. Three of each claim in at most 2 of 20 trials.
    """
    rng = np.random.default_rng(5)

    def once() -> Side:
        return recording("independent", 2.0, int(rng.integers(2**32)), shift=float(rng.normal(0, 0.1)))

    singly = [diff_sides((once(),), (once(),)) for _ in range(20)]
    thrice = [diff_sides((once(), once(), once()), (once(), once(), once())) for _ in range(20)]
    assert sum(len(each.differences) > 0 for each in singly) >= 10
    assert sum(len(each.differences) > 0 for each in thrice) <= 2
