"""Which samples take part: by name, by number, by time."""

import numpy as np
import pytest

from tests.support.profiles import profile_from_stacks, profile_from_text
from tracekit.analysis.analyze import Scope, analyze_profile
from tracekit.analysis.select import Selection, nanoseconds, nearest_symbols, parse_time_range, select, selected
from tracekit.errors import SelectionError
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE


def test_a_selection_of_what_is_not_there_lists_what_is() -> None:
    profile = profile_from_stacks([{"frames": [{"symbol": "main"}], "thread_name": "worker", "tid": 7}])
    with pytest.raises(SelectionError, match=r"there is no thread 'x' in the recording. There are: worker \(7\)"):
        analyze_profile(profile, Scope(selection=Selection(threads=("x",))))
    assert len(analyze_profile(profile, Scope(selection=Selection(threads=("0x7",)))).profile) == 1


@pytest.mark.parametrize(
    "text,expected",
    [
        ("1.5s..2s", (1_500_000_000, 2_000_000_000)),
        ("200ms..", (200_000_000, None)),
        ("..3", (None, 3_000_000_000)),
        ("1us..2.5us", (1000, 2500)),
        ("0.1..0.2", (100_000_000, 200_000_000)),
    ],
)
def test_time_ranges(text: str, expected: tuple[int | None, int | None]) -> None:
    assert parse_time_range(text) == expected


@pytest.mark.parametrize("text", ["", "..", "1s", "2s..1s", "a..b", "1s..1s", "-1s..2s"])
def test_a_time_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SelectionError):
        parse_time_range(text)


def sampled() -> Profile:
    """Four samples at 0, 10, 20 and 30 ns, each on a thread of its own."""
    builder = ProfileBuilder()
    for row, (name, tid, process, pid) in enumerate(
        [("main", 16, "app", 7), ("worker", 17, "app", 7), ("main", 18, "other", 8), ("", 19, "7", 9)]
    ):
        stack = builder.stack([builder.frame(f"leaf {row}"), builder.frame("start")])
        builder.sample(time_ns=10 * row, thread_id=builder.thread(tid, name, pid, process), stack=stack, weight=1)
    builder.sample(time_ns=40, thread_id=NONE, stack=NONE, weight=1)
    return builder.build(Meta("ns"))


@pytest.mark.parametrize(
    "selection,rows",
    [
        (Selection(), [0, 1, 2, 3, 4]),
        (Selection(processes=("app",)), [0, 1]),
        (Selection(processes=("8",)), [2]),
        (Selection(processes=("0x8",)), [2]),
        # A name that is another's number means both.
        (Selection(processes=("7",)), [0, 1, 3]),
        (Selection(processes=("app", "other")), [0, 1, 2]),
        (Selection(threads=("main",)), [0, 2]),
        (Selection(threads=("0x11", "18")), [1, 2]),
        (Selection(processes=("app",), threads=("main",)), [0]),
        # The end of a range is left out, its beginning is not.
        (Selection(time_range=(10, 30)), [1, 2]),
        (Selection(time_range=(None, 10)), [0]),
        (Selection(time_range=(40, None)), [4]),
        (Selection(prune=("leaf 1",)), [0, 2, 3, 4]),
        (Selection(prune=("start",)), [4]),
        (Selection(prune=("leaf 0", "leaf 3"), time_range=(0, 21)), [1, 2]),
    ],
)
def test_which_samples_take_part(selection: Selection, rows: list[int]) -> None:
    profile = sampled()
    assert np.flatnonzero(selected(profile, selection)).tolist() == rows
    chosen = select(profile, selection)
    assert chosen.samples["time_ns"].tolist() == [10 * row for row in rows]
    assert chosen.samples.index.tolist() == list(range(len(rows)))


@pytest.mark.parametrize(
    "count,listed", [(8, r"t00 \(0\), .*t07 \(7\)"), (9, r".*t07 \(7\) and 1 more"), (11, r".*t07 \(7\) and 3 more")]
)
def test_only_eight_of_many_names_are_listed(count: int, listed: str) -> None:
    builder = ProfileBuilder()
    for tid in range(count):
        builder.sample(time_ns=0, thread_id=builder.thread(tid, f"t{tid:02}"), stack=NONE, weight=1)
    with pytest.raises(SelectionError, match=rf"There are: {listed}\.$"):
        selected(builder.build(Meta("ns")), Selection(threads=("nobody",)))


def test_three_functions_are_the_nearest_those_that_hold_the_word_first() -> None:
    """The shortest of them first, and then what is spelled alike."""
    profile = profile_from_text("workers;preworker;worked;work;wrok;other 1")
    assert nearest_symbols(profile, "re:work") == ["work", "worked", "workers"]
    assert nearest_symbols(profile, "wrk") == ["wrok", "work", "worked"]  # none holds it


@pytest.mark.parametrize(
    "text,expected",
    [
        ("1.5s", 1_500_000_000),
        ("2", 2_000_000_000),
        ("200 ms", 200_000_000),
        ("3us", 3_000),
        ("3µs", 3_000),
        ("10ns", 10),
        ("1m", 60_000_000_000),
        ("0.0000000019s", 1),
    ],
)
def test_times(text: str, expected: int) -> None:
    assert nanoseconds(text) == expected


@pytest.mark.parametrize("text", ["", "s", "1 h", "-1s", "1e3", "1.s", ".5s"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SelectionError, match=r"is not a time\. Write it as"):
        nanoseconds(text)


@pytest.mark.parametrize(
    "pattern, near",
    [
        ("-[MLModel predictFromFeatures", "The nearest: -[MLModel predictionFromFeatures:error:]"),
        ("*PREDICTIONFROM*", "The nearest: -[MLModel predictionFromFeatures:error:]"),
        ("zzz", "tracekit tree --no-focus shows the functions there are"),
    ],
)
def test_a_focus_that_matches_nothing_is_an_error_with_the_nearest_functions(pattern: str, near: str) -> None:
    profile = profile_from_text("main;CoreML`-[MLModel predictionFromFeatures:error:];run 3")
    with pytest.raises(SelectionError, match="no function matches --focus") as caught:
        analyze_profile(profile, Scope(focus=(pattern,)))
    assert near in str(caught.value)
