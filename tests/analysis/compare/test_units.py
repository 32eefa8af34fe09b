"""The stretches of a recording that are compared with each other."""

import numpy as np
import pandas as pd

from tracekit.analysis.compare.units import BLOCK_NS, UNITS_AT_MOST, prediction_units, time_units


def test_blocks_are_of_20_ms_and_count_where_there_are_samples() -> None:
    units = time_units(np.array([5, 6, BLOCK_NS + 5, 100 * BLOCK_NS], np.int64))
    assert units.of_sample.tolist() == [0, 0, 1, 2]
    assert (units.total, units.step) == (3, BLOCK_NS)


def test_blocks_begin_with_the_first_sample() -> None:
    first = 7_000_000
    assert time_units(first + np.array([0, 19_999_999, 20_000_000], np.int64)).of_sample.tolist() == [0, 0, 1]


def test_blocks_grow_where_there_would_be_more_than_a_thousand() -> None:
    last = 1000 * BLOCK_NS
    assert [time_units(np.array([0, end], np.int64)).step for end in (last - 1, last)] == [BLOCK_NS, BLOCK_NS + 1]


def test_a_long_recording_has_longer_blocks() -> None:
    time = np.append(np.arange(0, 3600 * 10**9, 10**7), 3600 * 10**9 - 1)
    units = time_units(time)
    assert (units.total, units.step) == (UNITS_AT_MOST, 3_600 * 10**6)
    assert np.ptp(np.bincount(units.of_sample)) <= 1


def test_no_samples_no_blocks() -> None:
    units = time_units(np.empty(0, np.int64))
    assert (len(units.of_sample), units.total, len(units.predictions), len(units.of_prediction)) == (0, 0, 0, 0)


def test_a_unit_of_predictions_lasts_to_the_next_and_warmup_is_set_apart() -> None:
    iterations = pd.DataFrame({"start_ns": [30, 10, 20], "warmup": [False, True, False]})
    units = prediction_units(np.array([5, 10, 19, 20, 29, 30, 99], np.int64), iterations)
    assert units.of_sample.tolist() == [-1, -1, -1, 0, 0, 1, 1]
    assert units.of_prediction.tolist() == [1, -1, 0]
    assert units.predictions.tolist() == [1, 1]


def test_of_warmup_alone_there_is_no_unit() -> None:
    iterations = pd.DataFrame({"start_ns": [10, 20], "warmup": True})
    units = prediction_units(np.array([5, 10, 25], np.int64), iterations)
    assert units.of_sample.tolist() == [-1, -1, -1]
    assert (units.total, units.step, units.predictions.tolist()) == (0, 1, [])


def test_many_predictions_are_put_together() -> None:
    count = 2 * UNITS_AT_MOST + 1
    iterations = pd.DataFrame({"start_ns": np.arange(count), "warmup": False})
    units = prediction_units(np.arange(count, dtype=np.int64), iterations)
    assert units.total <= UNITS_AT_MOST
    assert units.step == 3
    assert units.predictions.sum() == count
    assert np.bincount(units.of_sample).tolist() == units.predictions.tolist()
