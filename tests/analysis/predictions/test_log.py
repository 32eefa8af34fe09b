"""What a process's log proves of the Neural Engine: requests counted once, by region and status, and joined by time."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.logs import ANSWERS, ASKS, BEGAN, FAILS, entry, inferences, ndjson
from tests.support.timelines import PID, TICK, drawn
from tracekit.analysis.analyze import Analysis, analyze_profile
from tracekit.analysis.predictions.log import Logged, logged
from tracekit.analysis.predictions.measure import Beside
from tracekit.model.facts import Facts, Notice
from tracekit.readers.logs import read_log

RECORDED = Facts(start_date=BEGAN.isoformat(), end_date=BEGAN.replace(second=5).isoformat())
OTHER = PID + 1
MODEL = "_ANEModel: { modelURL=file:///private/var/Letters.mlmodelc/ : string_id=0x00000040 : state=1 }"


@pytest.fixture
def said(tmp_path: Path) -> Any:
    """Entries → what is found in them, and the notices."""

    def find(
        entries: Iterable[dict[str, Any]], pid: int | None = PID, facts: Facts = RECORDED
    ) -> tuple[Logged, tuple[Notice, ...]]:
        (tmp_path / "run.ndjson").write_bytes(ndjson(entries))
        return logged(read_log(tmp_path / "run.ndjson"), pid, facts)

    return find


def counted(found: Logged) -> list[list[Any]]:
    return found.requests.to_numpy().tolist()


def test_13_regions_and_340_inferences(said: Any) -> None:
    found, notices = said(inferences(13, 340, [(77, 0x12), (4_000, 0x1D)]))
    assert notices == ()
    assert (found.count, found.regions, found.inferences) == (4_420, 13, 340)
    assert found.statuses == {0: 4_418, 0x12: 1, 0x1D: 1}
    assert found.failed == {0x12: 1, 0x1D: 1}
    failing = found.requests[found.requests["status"] > 0]
    assert failing["region"].tolist() == [f"0x{0x40 + 4_000 % 13:08x}", f"0x{0x40 + 77 % 13:08x}"]
    assert found.processes.to_numpy().tolist() == [["App", PID, 4_420, 13, 2]]


@pytest.mark.parametrize(
    "lines, rows, count",
    [
        (["ANEProgramProcessRequestDirect() lModel.string_id:0x1 status=0x0"], [["0x1", 0, 1]], 1),
        (["ANEProgramProcessRequestDirect() status=0x12 modelStringID: 7"], [["7", 18, 1]], 1),
        ([ASKS.format(1)], [["0x00000001", -1, 1]], 1),
        ([ANSWERS.format(0)] * 3, [["", 0, 3]], 3),
        ([ASKS.format(1), FAILS.format(0x1D)], [["0x00000001", 0x1D, 1]], 1),
        ([FAILS.format(0x1D)] * 2, [["", 0x1D, 2]], 2),
        ([ASKS.format(1), ANSWERS.format(0), FAILS.format(0x12)], [["", 18, 1], ["0x00000001", 0, 1]], 2),
        (["ANEProgramProcessRequestDirect() <private>", "ANE status=0x3"], [], 0),
    ],
)
def test_what_a_request_wrote_is_one_row(said: Any, lines: list[str], rows: list[list[Any]], count: int) -> None:
    found, _ = said(map(entry, lines))
    assert (counted(found), found.count) == (rows, count)


def test_threads_are_told_apart(said: Any) -> None:
    both = [
        entry(ASKS.format(1), thread=1), entry(ASKS.format(2), thread=2),
        entry(ANSWERS.format(0x12), thread=2), entry(ANSWERS.format(0), thread=1),
    ]  # fmt: skip
    found, _ = said(both)
    assert counted(found) == [["0x00000001", 0, 1], ["0x00000002", 0x12, 1]]


def test_answers_on_other_threads_are_of_the_same_requests(said: Any) -> None:
    """Requests that do not wait are answered elsewhere: of which region is not known, how many is."""
    asks = [entry(ASKS.format(number % 2), thread=1) for number in range(6)]
    found, _ = said([*asks, *(entry(ANSWERS.format(0), thread=9) for _ in range(6))])
    assert (found.count, found.regions, found.inferences, found.statuses) == (6, 2, 3, {0: 6})
    assert counted(found) == [["", 0, 6], ["0x00000000", -1, 3], ["0x00000001", -1, 3]]


def test_regions_that_were_not_asked_equally_often_have_no_inferences(said: Any) -> None:
    found, _ = said(list(inferences(3, 5))[:-2])
    assert (found.count, found.regions, found.inferences) == (14, 3, None)


def test_only_the_drivers_own_lines_count_where_there_are_any(said: Any) -> None:
    repeated = entry(FAILS.format(0x12), subsystem="com.apple.coreml")
    assert said([*inferences(1, 4), repeated, repeated])[0].count == 4
    assert said([repeated, repeated])[0].failed == {0x12: 2}


def test_another_process_is_counted_and_no_evidence(said: Any) -> None:
    found, notices = said([entry(each["eventMessage"], pid=OTHER) for each in inferences(2, 3)])
    assert [notice.code for notice in notices] == ["log-of-another-process"]
    assert (found.count, found.statuses) == (0, {})
    assert found.processes.to_numpy().tolist() == [["aned", OTHER, 6, 2, 0]]


def test_a_recording_without_a_process_takes_the_only_one(said: Any) -> None:
    assert said(inferences(1, 2), None)[0].count == 2
    two, notices = said([*inferences(1, 2), entry(ANSWERS.format(0), pid=OTHER)], None)
    assert (two.count, len(two.processes), len(notices)) == (0, 2, 1)


def test_lines_of_another_time_are_left_out(said: Any) -> None:
    found, notices = said([entry(ANSWERS.format(0), at_ms=each) for each in (-60_000, 0, 4_000, 60_000)])
    assert (found.count, found.clock, notices) == (2, "the wall clock", ())


@pytest.mark.parametrize("facts", [Facts(), Facts(start_date="2026-09-01")])
def test_without_a_date_all_is_counted(said: Any, facts: Facts) -> None:
    found, _ = said([entry(ANSWERS.format(0), at_ms=each) for each in (-60_000, 0)], PID, facts)
    assert (found.count, found.clock) == (2, "")


def test_a_log_of_another_day_is_counted_and_said(said: Any) -> None:
    found, notices = said([entry(ANSWERS.format(0), at_ms=-1e8)])
    assert (found.count, found.clock, notices[0].code) == (1, "", "log-of-another-time")


def test_what_else_is_read(said: Any) -> None:
    espresso = "com.apple.espresso"
    found, _ = said(
        [
            entry("Unsupported op 12 (topk): rank 4", subsystem=espresso),
            entry("Unsupported op 13 (topk): another", subsystem=espresso),
            entry("[CostModelFeature] a", subsystem=espresso),
            entry("_ANECompiler : ANECCompile() FAILED", subsystem=espresso),
            entry("ANECCompile FAILED(11)", subsystem=espresso),
            entry("ANECCompile() done", subsystem=espresso),
            entry("error: kIOGPUCommandBufferCallbackErrorBackgroundExecutionNotPermitted", subsystem=""),
            entry(MODEL),
            entry("ANE: downloaded Faces.mlmodelc", subsystem="com.example.app"),
        ]
    )
    assert found.unsupported.to_numpy().tolist() == [["topk", "rank 4"]]
    assert (found.cost_lines, found.compile_failures, found.background_denials) == (1, 2, 1)
    assert found.models == ("Letters",)


TABLE = pd.DataFrame(
    [(TICK, TICK, "Letters_0 Prediction", "Active")], columns=["start", "duration", "event-label", "state"]
)


def analysed_with(path: Path, entries: Iterable[dict[str, Any]], drawing: str) -> Analysis:
    (path / "run.ndjson").write_bytes(ndjson(entries))
    beside = Beside({"ane-hw-intervals": TABLE}, log=read_log(path / "run.ndjson"))
    return analyze_profile(drawn(drawing, start_date=BEGAN.isoformat()), beside=beside)


def test_a_model_that_the_log_names_ties_its_rows(tmp_path: Path) -> None:
    (tied,) = analysed_with(tmp_path, [entry(MODEL)], "ppppp").measured.requests["tie"]
    (other,) = analysed_with(tmp_path, [entry(MODEL, pid=OTHER)], "ppppp").measured.requests["tie"]
    (another_time,) = analysed_with(tmp_path, [entry(MODEL, at_ms=-1e8)], "ppppp").measured.requests["tie"]
    assert (tied, other, another_time) == ("named", "none", "none")


def test_the_verdict_says_what_failed(tmp_path: Path) -> None:
    said = analysed_with(tmp_path, inferences(2, 3, [(1, 0x12), (2, 0x1D)]), "ap" * 20).verdict.sentence
    assert "2 of 6 requests to the Neural Engine ended with status 0x12 and 0x1d" in said
    well = analysed_with(tmp_path, inferences(2, 3), "ap" * 20).verdict.sentence
    assert "log" not in well


def test_requests_that_no_sample_asks_for_are_a_contradiction(tmp_path: Path) -> None:
    entries = list(inferences(1, 3))
    against = analysed_with(tmp_path, entries, "c" * 120)
    assert "the process's log holds 3 requests" in against.verdict.contradictions[0]
    assert against.verdict.answer == "unknown"
    assert not analysed_with(tmp_path, entries, "c" * 60).verdict.contradictions
    assert not analysed_with(tmp_path, entries, "ac" * 60).verdict.contradictions[1:]
    elsewhere = [entry(each["eventMessage"], at_ms=-1e8) for each in entries]
    assert "log" not in " ".join(analysed_with(tmp_path, elsewhere, "c" * 120).verdict.contradictions)


PER_TICK = 125 / 3
"""Nanoseconds: 24 million ticks a second."""
TIMEBASE = (125 << 32) + 3


def clocks(**epochs: int) -> pd.DataFrame:
    """A table ``time-info``: the recording began at those ticks."""
    names = {f"{name}-epoch": [tick] for name, tick in epochs.items()}
    return pd.DataFrame({"update-time": [0], "timebase-info": [TIMEBASE], **names})


def of_ticks(tmp_path: Path, *at_ms: float, table: pd.DataFrame | None, duration: float | None = 2) -> Logged:
    """What is found of requests so many ms after 10 billion ticks, in a recording of 2 s that has no date."""
    entries = [
        entry(ANSWERS.format(0)) | {"machTimestamp": 10_000_000_000 + round(ms * 1e6 / PER_TICK)} for ms in at_ms
    ]
    (tmp_path / "run.ndjson").write_bytes(ndjson(entries))
    return logged(read_log(tmp_path / "run.ndjson"), PID, Facts(duration_s=duration), table)[0]


def test_ticks_join_a_log_to_a_recording_without_a_date(tmp_path: Path) -> None:
    found = of_ticks(tmp_path, -60_000, 10, 1_500, 60_000, table=clocks(mabs=10_000_000_000))
    assert (found.clock, found.count) == ("the mach clock", 2)


def test_of_two_clocks_the_one_that_places_lines_in_the_recording_counts(tmp_path: Path) -> None:
    slept = 10_000_000_000 + round(3_600e9 / PER_TICK)
    assert of_ticks(tmp_path, 10, table=clocks(mabs=slept, mct=10_000_000_000)).clock == "the mach clock"
    assert of_ticks(tmp_path, 10, table=clocks(mabs=10_000_000_000, mct=slept)).clock == "the mach clock"
    # Never slept: both say the same.
    assert of_ticks(tmp_path, 10, table=clocks(mabs=10_000_000_000, mct=10_000_000_000)).clock == "the mach clock"


def test_ticks_that_two_clocks_place_differently_join_nothing(tmp_path: Path) -> None:
    later = 10_000_000_000 + round(30e9 / PER_TICK)
    found = of_ticks(tmp_path, 10, 30_010, table=clocks(mabs=10_000_000_000, mct=later))
    assert (found.clock, found.count) == ("", 2)


@pytest.mark.parametrize(
    "table,duration",
    [
        (None, 2),
        (clocks(), 2),
        (clocks(mabs=99_000_000_000_000), 2),
        (clocks(mabs=10_000_000_000), None),
        (clocks(mabs=10_000_000_000).assign(**{"timebase-info": 0}), 2),
        (clocks(mabs=10_000_000_000).assign(**{"timebase-info": "125/3"}), 2),
        (clocks(mabs=10_000_000_000).drop(columns="timebase-info"), 2),
        (clocks(mabs=10_000_000_000).head(0), 2),
    ],
)
def test_what_joins_nothing_is_counted(tmp_path: Path, table: pd.DataFrame | None, duration: float | None) -> None:
    found = of_ticks(tmp_path, 10, table=table, duration=duration)
    assert (found.clock, found.count) == ("", 1)
