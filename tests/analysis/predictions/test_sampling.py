"""How far samples of a thread are apart, and which time each stands for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracekit.analysis.predictions.sampling import in_order, sampling_interval, stretches
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile

_MILLI = 1_000_000


def sampled(*times: tuple[int, int], weight: int = 10 * _MILLI) -> Profile:
    """A profile of samples: thread, and time in milliseconds; recorded every 10."""
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("main")])
    for tid, time in times:
        builder.sample(time_ns=time * _MILLI, stack=stack, weight=weight, thread_id=builder.thread(tid, "", 7, "app"))
    return builder.build(Meta("ns"))


def test_a_sample_lasts_until_the_next_or_for_one_interval() -> None:
    """10 ms apart; 15 ms without a sample are no gap, 16 are one."""
    found = stretches(sampled((1, 0), (1, 10), (1, 20), (1, 35), (1, 45), (1, 61)))
    assert (found.start // _MILLI).tolist() == [0, 10, 20, 35, 45, 61]
    assert (found.end // _MILLI).tolist() == [10, 20, 35, 45, 55, 71]
    assert found.follows.tolist() == [False, True, True, True, True, False]


def test_threads_are_apart_in_whatever_order_they_were_recorded() -> None:
    profile = sampled((2, 3), (1, 1), (2, 2), (1, 0), weight=_MILLI)
    found = stretches(profile)
    assert profile.threads["tid"].to_numpy()[found.thread].tolist() == [2, 2, 1, 1]
    assert (found.start // _MILLI).tolist() == [2, 3, 0, 1]
    assert found.follows.tolist() == [False, True, False, True]


def test_the_interval_is_the_median_of_a_thread_s_own_gaps() -> None:
    assert sampling_interval(sampled((1, 0), (2, 1), (1, 10), (2, 11), (1, 20))) == 10 * _MILLI
    assert sampling_interval(sampled((1, 0), (2, 1))) == 0
    assert sampling_interval(sampled()) == 0


def test_a_thread_that_sleeps_between_its_samples_says_nothing_of_the_interval() -> None:
    paced = [(1, 67 * number) for number in range(9)]
    assert sampling_interval(sampled(*paced, weight=_MILLI)) == _MILLI
    found = stretches(sampled(*paced, weight=_MILLI))
    assert (found.end - found.start == _MILLI).all()


def test_where_no_thread_has_two_samples_each_lasts_a_nanosecond() -> None:
    found = stretches(sampled((1, 0), (2, 7)))
    assert (found.end - found.start).tolist() == [1, 1]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 50)), max_size=30))
def test_stretches_of_a_thread_do_not_overlap_and_every_sample_has_one(times: list[tuple[int, int]]) -> None:
    profile = sampled(*times)
    found = stretches(profile)
    assert sorted(found.rows.tolist()) == list(range(len(times)))
    same = np.diff(found.thread) == 0
    assert (found.end[:-1][same] <= found.start[1:][same]).all()
    assert (found.end[:-1][found.follows[1:]] == found.start[1:][found.follows[1:]]).all()
    assert in_order(profile).rows.tolist() == found.rows.tolist()


def test_threads_may_be_more_than_sixteen_bits_can_tell() -> None:
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("main")])
    count = 40_000
    threads = [builder.thread(tid, "", 7, "app") for tid in range(count)]
    for thread in reversed(threads):
        builder.sample(time_ns=thread, stack=stack, weight=_MILLI, thread_id=thread)
    assert in_order(builder.build(Meta("ns"))).rows.tolist() == list(range(count))[::-1]


def test_what_weighs_less_than_10_microseconds_is_no_interval() -> None:
    paced = [(1, 67 * number) for number in range(9)]
    assert sampling_interval(sampled(*paced, weight=10_000)) == 10_000
    assert sampling_interval(sampled(*paced, weight=9_999)) == 67 * _MILLI
