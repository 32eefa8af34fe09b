"""The table of failures: each known text, and near misses."""

import pytest

from tracekit.recording.xctrace.failures import KNOWN, explain, last_line


@pytest.mark.parametrize(
    "text, code, id",
    [
        ('xcrun: error: unable to find utility "xctrace", not a developer tool or in PATH', 72, "command-line-tools"),
        ('xcrun: error: unable to find utility "xctrace"', 1, "command-line-tools"),
        ("You have not agreed to the Xcode license agreements.", 69, "licence"),
        ("_lockKPerf: could not lock kperf. Likely another session just started.", 1, "kperf-lock"),
        (
            "Target process is marked restricted and cannot be traced while System Integrity Protection is enabled",
            1,
            "restricted-target",
        ),
        ("Failed to gain authorization", 1, "developer-tools-security"),
        ("Failed to attach to target process", 1, "injection"),
        ("No devices found matching Jane", 1, "wrong-device"),
        ("write: No space left on device", 1, "disk-full"),
        ("Cannot find process matching name: Maps", 1, "no-process"),
        ("", 21, "no-process"),
        ("Cannot find template matching name: Neural", 1, "no-template"),
        ("Instrument with name 'GPU' cannot be found", 1, "no-instrument"),
        ("", 57, "recording-options"),
        ("Export failed: Document Missing Template Error", 10, "unfinished-bundle"),
        ("This version does not support the new engineering type 'coreml-model-event'", 1, "newer-trace"),
    ],
)
def test_known_failures(text: str, code: int, id: str) -> None:
    failure = explain(text, code)
    assert failure is not None
    assert failure.id == id


@pytest.mark.parametrize(
    "text, code",
    [
        ("Recording completed. Saving output file...", 0),
        ("Target app exited, ending recording...", 54),
        ("Starting recording with the Time Profiler template. Launching process: device-license.", 1),
        ("Segmentation fault", 139),
    ],
)
def test_what_is_no_known_failure(text: str, code: int) -> None:
    assert explain(text, code) is None


def test_text_wins_over_the_code() -> None:
    failure = explain("No space left on device", 72)
    assert failure is not None
    assert failure.id == "disk-full"


def test_every_failure_is_one_sentence_with_a_fix() -> None:
    assert len({failure.id for failure in KNOWN}) == len(KNOWN)
    for failure in KNOWN:
        message = str(failure.error())
        assert "\n" not in message
        assert failure.fix in message


def test_the_last_words_of_a_tool() -> None:
    assert last_line("one\ntwo \n\n") == "two"
    assert last_line("\n") == "it printed nothing"
