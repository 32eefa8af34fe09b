"""Whether a recording is good, by what was written."""

import pytest

from tracekit.model.facts import Facts
from tracekit.recording import evidence
from tracekit.recording.xctrace.session import Ended


def ended(code: int = 0, printed: str = "", *, interrupted: bool = False) -> Ended:
    return Ended(code, printed, interrupted, 1.0)


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
