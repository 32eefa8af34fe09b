"""What the files for other viewers share."""

import gzip
from dataclasses import replace

import pytest

from tests.report.viewers import recordings
from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.report.viewers.shared import (
    about,
    duration_ns,
    gzipped,
    lacks_times,
    start_ms,
    thread_title,
    threads_of,
    weighs_cpu_time,
)


def with_facts(**facts: str | float) -> Profile:
    profile = recordings.tiny().profile
    return replace(profile, meta=replace(profile.meta, facts=Facts(**facts)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "date, expected",
    [
        ("1970-01-01T00:00:01.250+00:00", 1250),
        ("2026-03-02T10:15:00.000+01:00", 1772442900000),
        ("2026-03-02T10:15:00", 0),  # of which time zone?
        ("yesterday", 0),
        ("", 0),
    ],
)
def test_the_start_is_known_only_with_its_time_zone(date: str, expected: int) -> None:
    assert start_ms(with_facts(start_date=date)) == expected


@pytest.mark.parametrize(
    "seconds, expected", [(1.5, 1_500_000_000), (0.0, 0), (-1.0, 0), (float("nan"), 0), (float("inf"), 0)]
)
def test_a_duration_is_a_time_that_passed(seconds: float, expected: int) -> None:
    assert duration_ns(with_facts(duration_s=seconds)) == expected


def test_threads_come_heaviest_first_with_their_samples_in_order_of_time() -> None:
    profile = recordings.tiny().focused
    backwards = profile.with_samples(profile.samples.iloc[::-1].reset_index(drop=True))
    found = [(part.thread, backwards.samples["time_ns"][part.rows].tolist()) for part in threads_of(backwards)]
    assert found == [(0, [1, 1_000_001, 2_000_001, 4_000_001, 6_000_001]), (1, [5_000_001])]


def test_a_thread_without_a_row_has_no_name_of_another() -> None:
    profile = recordings.without_threads().focused
    assert [part.thread for part in threads_of(profile)] == [-1]
    assert thread_title(profile, -1) == "no thread"


def test_only_text_formats_lack_times() -> None:
    assert lacks_times(recordings.without_times().focused)
    assert not lacks_times(recordings.without_samples().focused)
    assert not lacks_times(recordings.tiny().focused)


def test_only_nanoseconds_of_running_threads_are_cpu_time() -> None:
    assert weighs_cpu_time(recordings.tiny())
    assert not weighs_cpu_time(recordings.in_cycles())
    assert not weighs_cpu_time(recordings.without_times())
    assert not weighs_cpu_time(recordings.analysed("ane-with-cpu-fallback.trace.zip"))


def test_driving_an_engine_is_never_its_busy_time() -> None:
    said = about(recordings.analysed("ane-with-cpu-fallback.trace.zip"))
    what = "threads' time (running and blocked) of driving them, not the time in which they were busy"
    assert said["Engines"] == what


def test_gzip_holds_no_time_and_no_name() -> None:
    data = gzipped(b"content")
    assert data[:10] == b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
    assert gzip.decompress(data) == b"content"
