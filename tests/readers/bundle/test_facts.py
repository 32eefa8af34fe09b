"""Facts are those of the table of contents, and secrets are not among them."""

from typing import Any

import pytest

from tests.support.bundle_writer import FACTS, sample_trace, template
from tracekit.model.facts import Facts
from tracekit.readers.bundle.facts import read_facts
from tracekit.readers.bundle.storage.keyed_archive import NOTHING_ARCHIVED, KeyedArchive


def facts(**changed: Any) -> Facts:
    return sample_trace(form=template(facts={**FACTS, **changed})).runs[0].facts


def test_facts_of_a_launched_target() -> None:
    assert facts() == Facts(
        device="Test Mac",
        device_model="MacBook Pro",
        os="15.4 (24E248)",
        platform="macOS",
        xcode="16.0 (16F6)",
        template="Time Profiler",
        process="Demo",
        pid=4711,
        target_type="launched",
        exit_status=0,
        termination_reason="exit(0)",
        start_date="2025-06-15T17:06:40.250+02:00",
        end_date="2025-06-15T17:06:42.500+02:00",
        duration_s=2.25,
        end_reason="Target app exited",
        recording_mode="Deferred",
        time_limit="12 hours",
    )


@pytest.mark.parametrize("number, name", [(0, "all"), (1, "launched"), (2, "attached"), (9, None)])
def test_target_types(number: int, name: str | None) -> None:
    assert facts(targetType=number).target_type == name


def test_a_target_type_that_is_not_recorded_is_not_known() -> None:
    unsaid = {name: value for name, value in FACTS.items() if name != "targetType"}
    assert sample_trace(form=template(facts=unsaid)).runs[0].facts.target_type is None


def test_what_is_null_is_not_known() -> None:
    found = facts(_targetProcessName=None, _targetProcessPid=None, _targetExitStatus=None, targetType=0)
    assert (found.process, found.pid, found.exit_status, found.termination_reason) == (None, None, None, None)


@pytest.mark.parametrize("status, information, reason", [("3", None, "exit(3)"), ("0", 0, "exit(0)"), ("9", 11, None)])
def test_the_reason_of_termination(status: str, information: int | None, reason: str | None) -> None:
    found = facts(_targetExitStatus=status, _targetTerminationInformation=information)
    assert (found.exit_status, found.termination_reason) == (int(status), reason)


@pytest.mark.parametrize("pid", ["", "x", "-1", "٣", "9" * 30, 5])
def test_a_pid_that_is_no_number_is_not_known(pid: object) -> None:
    assert facts(_targetProcessPid=pid).pid is None


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 1e300, float("nan"), "x", None])
def test_a_date_that_cannot_be_is_not_known(seconds: object) -> None:
    assert facts(_rawEndTime=seconds).end_date is None


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf"), 1e9, "x", None])
def test_a_duration_that_cannot_be_is_not_known(seconds: object) -> None:
    assert facts(_rawDuration=seconds).duration_s is None


def test_dates_are_rounded_to_milliseconds() -> None:
    assert facts(_rawEndTime=1772731662.277975).end_date == "2026-03-05T18:27:42.278+01:00"


def test_durations_are_rounded_to_microseconds() -> None:
    assert facts(_rawDuration=3.398756980895996).duration_s == 3.398757


def test_without_a_record_nothing_is_known() -> None:
    assert read_facts(KeyedArchive(NOTHING_ARCHIVED, "x").root()) == Facts()
    assert sample_trace(form=None).runs[0].facts == Facts()
    assert sample_trace(form=template(runs=[7])).runs[0].facts == Facts()


def test_the_environment_and_the_arguments_of_the_target_are_nowhere() -> None:
    trace = sample_trace()
    everything = [repr(trace.runs[0].facts), repr(trace.profile().meta), repr(trace.tables())]
    everything += [trace.table(info.schema).to_csv() for info in trace.tables()]
    assert "do-not-show" not in "".join(everything)
