"""Whether a recording is good, by what was written."""

from dataclasses import replace

import pytest

from tracekit.model.facts import Facts
from tracekit.recording import evidence
from tracekit.recording.xctrace.session import Ended


def ended(code: int = 0, printed: str = "", *, interrupted: bool = False) -> Ended:
    return Ended(code, printed, interrupted)


LAUNCHED = Facts(process="App", target_type="launched", exit_status=0, end_reason="Target app exited")


@pytest.mark.parametrize(
    "facts, how, expected",
    [
        (LAUNCHED, ended(), []),
        (LAUNCHED, ended(54), []),
        (Facts(target_type="launched", exit_status=9, end_reason="Time limit reached"), ended(54), ["warning"]),
        (Facts(target_type="attached", end_reason="Time limit reached"), ended(), []),
        (
            Facts(process="App", target_type="launched", exit_status=3, end_reason="Target app exited"),
            ended(54),
            ["fatal"],
        ),
        (Facts(target_type="launched", exit_status=2), ended(54, interrupted=True), ["warning"]),
        (LAUNCHED, ended(0, "Failed to gain authorization"), ["warning"]),
    ],
)
def test_how_the_target_ended(facts: Facts, how: Ended, expected: list[str]) -> None:
    assert [finding.severity for finding in evidence.judge_target(facts, how)] == expected


def test_the_target_s_own_words() -> None:
    facts = Facts(process="App", target_type="launched", exit_status=1, end_reason="Target app exited")
    (finding,) = evidence.judge_target(facts, ended(54), "no such input")
    assert str(finding.error).startswith("the target App ended with status 1: no such input. Run it by hand")


@pytest.mark.parametrize(
    "rows, listed, message",
    [
        ({"time-profile": 3}, ["time-profile"], None),
        ({"cpu-profile": 3}, ["cpu-profile"], None),
        ({"time-profile": 0}, ["time-profile"], "holds no CPU samples"),
        ({}, ["time-profile"], "holds no CPU samples"),
        ({"ane-hw-intervals": 9}, ["ane-hw-intervals"], "no table of CPU samples"),
    ],
)
def test_tables(rows: dict[str, int], listed: list[str], message: str | None) -> None:
    findings = evidence.judge_tables(rows, listed)
    assert [finding.severity for finding in findings] == ([] if message is None else ["fatal"])
    assert message is None or message in str(findings[0].error)


@pytest.mark.parametrize(
    "how, message",
    [
        (ended(3, "Oh\nno"), "ended with code 3 and wrote nothing: no"),
        (ended(54, "words"), "ended with code 54 and wrote nothing: words"),
        (ended(57), "refused the recording options"),
    ],
)
def test_nothing_written(how: Ended, message: str) -> None:
    assert message in str(evidence.without_bundle(how))


@pytest.mark.parametrize(
    "how, printed, message",
    [
        (ended(0), "Document Missing Template Error", "was never finished"),
        (ended(0), "", "was never finished"),
        (ended(1, "No space left on device"), "Document Missing Template Error", "disk is full; the bundle was not"),
        (None, "does not support the new engineering type", "newer Xcode"),
    ],
)
def test_no_table_of_contents(how: Ended | None, printed: str, message: str) -> None:
    assert message in str(evidence.without_contents(how, printed, "/r.trace"))


@pytest.mark.parametrize(
    "facts, is_whole, how, expected",
    [
        (replace(LAUNCHED, exit_status=None), True, ended(), []),
        (replace(LAUNCHED, exit_status=None), False, ended(54), ["fatal"]),
        (replace(LAUNCHED, exit_status=None), None, ended(54), []),
        (LAUNCHED, False, ended(), ["fatal"]),  # the sidecar knows better
        (replace(LAUNCHED, end_reason="Time limit reached", exit_status=9), True, ended(54), ["fatal"]),
        (replace(LAUNCHED, end_reason="Time limit reached"), False, ended(54), ["warning"]),
        (LAUNCHED, False, ended(54, interrupted=True), ["warning"]),
    ],
)
def test_what_the_harness_says_of_its_end(facts: Facts, is_whole: bool | None, how: Ended, expected: list[str]) -> None:
    assert [finding.severity for finding in evidence.judge_target(facts, how, is_whole=is_whole)] == expected


@pytest.mark.parametrize(
    "conditions, message",
    [
        ({"thermal state": "fair", "low-power mode": "off", "Rosetta": "False"}, None),
        ({"thermal state": "critical"}, "the Mac was hot (thermal state critical)"),
        ({"low-power mode": "on"}, "low-power mode"),
        ({"Rosetta": "True"}, "ran under Rosetta"),
    ],
)
def test_a_machine_that_is_slower_than_it_is(conditions: dict[str, str], message: str | None) -> None:
    findings = evidence.judge_conditions(conditions)
    assert [finding.severity for finding in findings] == ([] if message is None else ["warning"])
    assert message is None or message in str(findings[0].error)


@pytest.mark.parametrize(
    "how, printed, expected",
    [
        (ended(3, "nobody knows"), "", True),
        (ended(1, "Cannot find template matching name: X"), "", True),
        (ended(0, ""), "Document Missing Template Error", True),
        (ended(1, "No space left on device"), "", False),
        (ended(0, ""), "does not support the new engineering type", False),
        (ended(54, "", interrupted=True), "Document Missing Template Error", False),
    ],
)
def test_what_a_simpler_template_might_mend(how: Ended, printed: str, expected: bool) -> None:
    assert evidence.may_be_the_template(how, printed) == expected
