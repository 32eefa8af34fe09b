"""Parsers of what xctrace prints."""

import pytest

from tracekit.errors import RecordingError
from tracekit.recording.xctrace.tool import parse_names, parse_version


@pytest.mark.parametrize(
    "printed, build, xcode",
    [
        ("xctrace version 14.3.1 (14E300c)\n", "14E300c", "14"),
        ("xctrace version 15.4 (15F31d)", "15F31d", "15"),
        ("xctrace version 16.0 (16F6)", "16F6", "16"),
        ("xctrace version 26.0 (17A5241e)", "17A5241e", "26.0-26.3"),
        ("xctrace version 26.0 (17C52)", "17C52", "26.0-26.3"),
        ("xctrace version 16.0 (17E202)", "17E202", "26.4"),
        ("xctrace version 16.0 (17F113)", "17F113", "26.5"),
        ("xctrace version 27.0 (27A266a)", "27A266a", "27"),
        ("xctrace version 29.1 (29B7)", "29B7", None),
    ],
)
def test_the_build_tells_the_xcode(printed: str, build: str, xcode: str | None) -> None:
    version = parse_version(printed)
    assert (version.build, version.xcode) == (build, xcode)


def test_a_number_without_its_build_is_no_version() -> None:
    with pytest.raises(RecordingError, match=r"did not say its version but 'xctrace version 16\.0'"):
        parse_version("xctrace version 16.0")


@pytest.mark.parametrize(
    "build, instruments, recording_options",
    [("13F100", False, False), ("14E300c", True, False), ("17F113", True, False), ("27A266a", True, True)],
)
def test_options_by_version(build: str, instruments: bool, recording_options: bool) -> None:
    version = parse_version(f"xctrace version 1.0 ({build})")
    assert version.takes_instruments == instruments
    assert version.takes_recording_options == recording_options


def test_names_are_those_below_headings_in_any_language() -> None:
    text = "warning: something\n== Standardvorlagen ==\nCore ML\nTime Profiler\n\n== Eigene ==\nMine\n"
    assert parse_names(text) == ("Core ML", "Time Profiler", "Mine")
