"""Trace Event JSON. Perfetto's own importer is not to be had here: the rules it has are checked on the file."""

import json
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.viewers import recordings
from tests.report.viewers.recordings import BUNDLES, EXPORTS, REAL, analysed, attributed, engines, unversioned
from tests.support.bless import Golden
from tests.support.profiles import profiles
from tracekit.analysis.analyze import Analysis
from tracekit.errors import InputError
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE
from tracekit.report.viewers.chrome import chrome_trace
from tracekit.report.viewers.events import Event, apart
from tracekit.report.viewers.shared import symbols_of

MAKERS = (
    *(recordings.tiny, recordings.small, recordings.without_samples, recordings.without_threads),
    *(recordings.in_cycles, recordings.hostile, recordings.language_model),
)


class Slice(NamedTuple):
    track: str
    name: str
    start: float
    end: float
    callers: tuple[str, ...]
    facts: dict[str, Any]


class File:
    """The slices of a file, nested as a viewer nests them: every end ends the last begin of its track."""

    def __init__(self, file: bytes) -> None:
        document = json.loads(file.decode("utf-8"))
        assert set(document) == {"otherData", "traceEvents"}
        names = [e for e in document["traceEvents"] if e["ph"] == "M" and e["name"] == "thread_name"]
        self.names = {(event["pid"], event["tid"]): event["args"]["name"] for event in names}
        assert len({tid for _, tid in self.names}) == len(self.names)  # Perfetto names threads by tid alone
        self.slices: list[Slice] = []
        open_: dict[tuple[int, int], list[dict[str, Any]]] = {}
        last: dict[tuple[int, int], float] = {}
        for event in document["traceEvents"]:
            track = event["pid"], event["tid"]
            assert all(0 < number < 2**31 for number in track)
            if event["ph"] == "M":
                continue
            assert event["ts"] >= last.get(track, -1e300)  # in order of time
            last[track] = event["ts"]
            stack = open_.setdefault(track, [])
            if event["ph"] == "B":
                stack.append(event)
            else:
                assert event["ph"] == "E"
                begun = stack.pop()
                callers = tuple(each["name"] for each in stack)
                name = self.names.get(track, "no thread")
                facts = begun.get("args", {})
                self.slices.append(Slice(name, begun["name"], begun["ts"], event["ts"], callers, facts))
        assert not any(open_.values())

    def engines(self, what: str = "weight") -> dict[str, int]:
        sums: Counter[str] = Counter()
        for each in self.slices:
            if each.track.endswith(" · engines"):
                sums[each.facts["engine"]] += each.facts[what]
        return dict(sums)


def test_a_small_profile_in_full(golden: Golden) -> None:
    golden("convert/tiny.trace.json", unversioned(chrome_trace(recordings.tiny())))


@pytest.mark.parametrize("make", MAKERS)
def test_every_slice_that_begins_ends(make: Callable[[], Analysis]) -> None:
    file = chrome_trace(make())
    File(file)
    assert all(line.isprintable() for line in file.decode("utf-8").splitlines())


@pytest.mark.parametrize("name", [*BUNDLES, *EXPORTS])
def test_totals_of_engines_are_those_that_tracekit_prints(name: str) -> None:
    analysis = analysed(name)
    file = File(chrome_trace(analysis))
    assert file.engines() == engines(analysis)
    assert file.engines("samples") == engines(analysis, "samples")


@pytest.mark.parametrize("name", REAL)
def test_totals_of_engines_of_real_recordings(real_data: Path, name: str) -> None:
    analysis = recordings.real(real_data, name)
    assert File(chrome_trace(analysis)).engines() == engines(analysis)


@given(profiles())
def test_at_the_time_of_every_sample_its_calls_are_open(profile: Profile) -> None:
    if not profile.samples["time_ns"].any():
        return
    analysis = attributed(profile)
    file = File(chrome_trace(analysis))
    for measure in ("samples", "weight"):
        assert file.engines(measure) == engines(analysis, measure)
    focused = analysis.focused
    names = symbols_of(focused)
    frame, parent = focused.stacks["frame_id"].tolist(), focused.stacks["parent_id"].tolist()
    opened = {(each.start, each.callers, each.name) for each in file.slices}
    within = {(each.callers, each.name): each for each in file.slices}
    for time, node in zip(focused.samples["time_ns"].tolist(), focused.samples["stack_id"].tolist(), strict=True):
        path: list[str] = []
        while node != NONE:
            path.insert(0, names[frame[node]])
            node = parent[node]
        *callers, name = path
        assert (tuple(callers), name) in within
        begun = [start for start, above, each in opened if (above, each) == (tuple(callers), name)]
        assert min(begun) <= time / 1000


def test_calls_that_go_on_are_one_slice() -> None:
    slices = [each for each in File(chrome_trace(recordings.small())).slices if each.track == "Main Thread"]
    mains = [each for each in slices if each.name == "main"]
    predicts = [each for each in slices if each.name.startswith("-[MLModel predict")]
    # samples a millisecond apart from 10 ms, five of six milliseconds; the last of a run stands for an interval
    assert [(each.start, each.end) for each in mains] == [(10_000 + 6_000 * n, 15_000 + 6_000 * n) for n in range(6)]
    assert [(each.start, each.end) for each in predicts] == [(10_000 + 6_000 * n, 14_000 + 6_000 * n) for n in range(6)]
    assert all(each.callers == ("main",) for each in predicts)


def test_predictions_and_hardware_have_tracks_of_their_own() -> None:
    slices = File(chrome_trace(recordings.small())).slices
    hardware = [(each.name, each.start, each.end) for each in slices if each.track == "Neural Engine (hardware)"]
    assert hardware == [("Model Prediction", 10_000.0 + 6_000 * n, 12_500.0 + 6_000 * n) for n in range(6)]
    assert [each.name for each in slices if each.track == "Predictions"] == [f"Prediction {n}" for n in range(6)]


def test_phases_of_language_models_have_tracks_of_their_own() -> None:
    slices = [each for each in File(chrome_trace(recordings.language_model())).slices if "Language" in each.track]
    assert {
        (each.track, each.name, each.start / 1000, each.end / 1000, each.facts.get("tokens", "")) for each in slices
    } == recordings.PHASES_SHOWN
    assert all(each.callers == () for each in slices)  # what lies in another is no part of it: it has its own row


def test_without_times_there_is_no_trace() -> None:
    with pytest.raises(
        InputError, match=r"its samples have no times, which a trace viewer needs\. Use --format speedsc"
    ):
        chrome_trace(recordings.without_times())


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6)), max_size=12))
def test_rows_of_intervals_do_not_overlap_and_are_as_few_as_can_be(given_: list[tuple[int, int]]) -> None:
    events = [Event("ane", "x", str(n), start, start + length, "ANE", {}) for n, (start, length) in enumerate(given_)]
    rows = apart(events)
    assert sorted(event for row in rows for event in row) == sorted(events)
    for row in rows:
        assert all(a.end_ns <= b.start_ns for a, b in pairwise(row))
    at_once = [sum(e.start_ns <= time < e.end_ns for e in events) for time in np.arange(0, 27)]
    if all(event.end_ns > event.start_ns for event in events):
        assert len(rows) == max(at_once, default=0)
