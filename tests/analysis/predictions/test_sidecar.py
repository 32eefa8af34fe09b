"""The sidecar and its clocks: predictions in trace time, and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.analysis.predictions.tables import windows
from tests.support.timelines import OTHER_PID, PID, TICK, drawn
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.predictions.sidecar import Windows, agreement
from tracekit.analysis.select import Selection


@dataclass(frozen=True)
class Iteration:
    start_mach: int
    end_mach: int
    is_warmup: bool = False
    start_wall_ns: int = 0


@dataclass(frozen=True)
class Written:
    """A sidecar as analysis sees it."""

    iterations: Sequence[Iteration]
    pid: int = PID
    compute_units: str = "all"
    timebase: tuple[int, int] = (125, 3)
    document: Mapping[str, Any] = field(default_factory=dict)


EPOCH = 9_000_000
DRAWING = "x mm x mm x mm x mm x"


def ticks(milliseconds: float) -> int:
    return EPOCH + round(milliseconds * 24_000)


def clock(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"update-time": [0], "mabs-epoch": [EPOCH], **columns})


def at(*spans: tuple[float, float]) -> list[Iteration]:
    return [Iteration(ticks(start), ticks(end)) for start, end in spans]


PREDICTED = ((0.9, 3.0), (3.9, 6.0), (6.9, 9.0), (9.9, 12.0))


def with_sidecar(harness: Written, tables: dict[str, pd.DataFrame], start_date: str | None = None) -> Analysis:
    return analyze_profile(drawn(DRAWING, start_date=start_date), beside=Beside(tables, harness))


def test_mach_ticks_become_trace_time() -> None:
    analysis = with_sidecar(Written(at(*PREDICTED)), {"time-info": clock()})
    assert analysis.measured.iterations.source == "sidecar"
    assert windows(analysis) == list(PREDICTED)
    assert "the mach clock" in analysis.measured.iterations.note


def test_the_clock_counts_from_its_update() -> None:
    tables = {"time-info": clock().assign(**{"update-time": 500_000, "mabs-epoch": ticks(0.5)})}
    assert windows(with_sidecar(Written(at(*PREDICTED)), tables)) == list(PREDICTED)


def test_ticks_that_are_no_whole_nanoseconds_are_cut_as_the_trace_cuts_them() -> None:
    analysis = with_sidecar(Written([Iteration(EPOCH + 1, EPOCH + 13 * 24_000 + 2)]), {"time-info": clock()})
    table = analysis.measured.iterations.table
    assert (table["start_ns"].iat[0], table["end_ns"].iat[0]) == (41, 13 * TICK + 83)


def test_without_time_info_the_wall_clock_places_the_sidecar() -> None:
    began = int(pd.Timestamp("2026-03-02T10:15:00.000+01:00").value)
    rows = [
        Iteration(ticks(start) + 77, ticks(end) + 77, start_wall_ns=began + round(start * TICK))
        for start, end in PREDICTED
    ]
    analysis = with_sidecar(Written(rows), {}, start_date="2026-03-02T10:15:00.000+01:00")
    assert windows(analysis) == list(PREDICTED)
    assert "the wall clock" in analysis.measured.iterations.note


@pytest.mark.parametrize("date", [None, "", "yesterday", "2026-03-02T10:15:00"])
def test_a_sidecar_that_no_clock_joins_is_left_out_and_said(date: str | None) -> None:
    analysis = with_sidecar(Written(at(*PREDICTED)), {}, start_date=date)
    assert analysis.measured.iterations.source == "none"
    assert "sidecar-without-clock" in [notice.code for notice in analysis.measured.notices]


def test_a_sidecar_that_disagrees_with_the_marker_frames_is_refused() -> None:
    late = [(start + 1.5, end + 1.5) for start, end in PREDICTED]
    analysis = with_sidecar(Written(at(*late)), {"time-info": clock()})
    assert analysis.measured.iterations.source == "none"
    (notice,) = [notice for notice in analysis.measured.notices if notice.code == "sidecar-disagrees"]
    assert "only 38 % of the harness's own frames" in notice.message


def test_nine_of_ten_of_the_harness_s_frames_are_enough() -> None:
    drawing = "x mmmmm x mmmmm x"
    for end, source in ((10.5, "sidecar"), (9.5, "none")):  # the samples are at 1 to 5 and at 7 to 11
        harness = Written(at((1.0, 5.5), (7.0, end)))
        analysis = analyze_profile(drawn(drawing), beside=Beside({"time-info": clock()}, harness))
        assert analysis.measured.iterations.source == source


def test_a_sidecar_of_another_process_is_refused() -> None:
    analysis = with_sidecar(Written(at(*PREDICTED), pid=PID + 1), {"time-info": clock()})
    assert analysis.measured.iterations.source == "none"
    assert "sidecar-of-another-process" in [notice.code for notice in analysis.measured.notices]


@pytest.mark.parametrize("pid,late", [(PID + 1, 0.0), (PID, 1.5)], ids=["another process", "another clock"])
def test_a_sidecar_that_is_refused_says_nothing_at_all(pid: int, late: float) -> None:
    """Neither its model's name, nor its setting, nor how long it loaded."""
    ane = pd.DataFrame({"start": [0], "duration": [9 * TICK], "event-label": ["Net Prediction"], "state": ["Active"]})
    spans = at(*((start + late, end + late) for start, end in PREDICTED))
    harness = Written(spans, pid, "cpuOnly", document={"model": {"path": "/tmp/Net.mlmodelc"}})
    found = with_sidecar(harness, {"time-info": clock(), "ane-hw-intervals": ane})
    assert found.measured.requests["tie"].tolist() == ["none"]
    assert (found.verdict.contradictions, len(found.loads), found.plan) == ((), 0, None)
    used = with_sidecar(
        replace(harness, pid=PID, iterations=at(*PREDICTED)), {"time-info": clock(), "ane-hw-intervals": ane}
    )
    assert used.measured.requests["tie"].tolist() == ["named"]
    assert used.verdict.contradictions != ()


def test_a_sidecar_of_a_process_that_was_left_out_is_not_used() -> None:
    profile = drawn("x cc x cc x", others=[DRAWING])
    beside = Beside({"time-info": clock()}, Written(at(*PREDICTED), OTHER_PID))
    found = analyze_profile(profile, Scope(selection=Selection(processes=("app",))), beside=beside)
    assert found.measured.iterations.source == "none"
    (notice,) = [notice for notice in found.measured.notices if "sidecar" in notice.code]
    assert "which takes no part" in notice.message
    theirs = analyze_profile(profile, Scope(selection=Selection(processes=("other",))), beside=beside)
    assert theirs.measured.iterations.source == "sidecar"


def test_what_the_harness_names_is_not_another_process_s() -> None:
    """The other was seen predicting and the harness was not: its predictions and its model are none of the other's."""
    profile = drawn("x" * 20, others=["x.............cccx"])
    ane = pd.DataFrame({"start": [TICK], "duration": [TICK], "event-label": ["Net Prediction"], "state": ["Active"]})
    harness = Written(at(*PREDICTED), document={"model": {"path": "/tmp/Net.mlmodelc"}})
    found = analyze_profile(profile, beside=Beside({"time-info": clock(), "ane-hw-intervals": ane}, harness))
    assert found.measured.iterations.source == "sidecar"
    (model,) = found.verdict.models
    assert (model.pid, model.answer, model.predictions, model.ane_requests) == (OTHER_PID, "unknown", None, 0)


def test_signposts_check_the_sidecar_where_no_frame_is_marked() -> None:
    signposts = pd.DataFrame(
        {
            "start": [int(start * TICK) for start, _ in PREDICTED],
            "duration": [int((end - start) * TICK) for start, end in PREDICTED],
            "name": ["prediction"] * 4,
            "process.pid": [PID] * 4,
        }
    )
    profile = drawn("x xx x xx x xx x xx x")
    for shift, source in ((0.0, "sidecar"), (2.0, "signposts")):
        moved = [(start + shift, end + shift) for start, end in PREDICTED]
        tables = {"time-info": clock(), "os-signpost-interval": signposts}
        analysis = analyze_profile(profile, beside=Beside(tables, Written(at(*moved))))
        assert analysis.measured.iterations.source == source


@pytest.mark.parametrize(
    "time,inside", [(949_999, 0.0), (950_000, 1.0), (2_000_000, 1.0), (2_049_999, 1.0), (2_050_000, 0.0)]
)
def test_a_time_may_be_50_microseconds_outside_of_a_prediction(time: int, inside: float) -> None:
    starts, ends = np.array([1_000_000, 9_000_000]), np.array([2_000_000, 9_500_000])
    given = Windows(starts, ends, np.zeros(2, bool), "a clock")
    assert agreement(given, np.array([time])) == inside
    assert agreement(given, np.array([time, 9_200_000, 0, 0])) == (inside + 1) / 4
