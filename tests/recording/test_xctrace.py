"""Parsers of what xctrace prints, and the exact commands it is given."""

from pathlib import Path

import pytest

from tracekit.errors import RecordingError
from tracekit.recording.xctrace import (
    RecordCommand,
    export_argv,
    parse_names,
    parse_version,
    table_xpath,
    time_limit_argument,
)


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


def test_a_launch_stands_last() -> None:
    command = RecordCommand(
        template="Core AI",
        instruments=("Core ML", "os_signpost"),
        output=Path("/a/run.unfinished.trace"),
        time_limit="600s",
        kind="launch",
        target=("/b/app", "--time-limit", "5s"),
        environment=(("A", "1 2"),),
        recording_options=Path("/a/options.json"),
        target_stdout=Path("/a/log"),
    )
    assert command.argv("/x/xctrace") == [
        *("/x/xctrace", "record", "--template", "Core AI", "--instrument", "Core ML", "--instrument", "os_signpost"),
        *("--output", "/a/run.unfinished.trace", "--time-limit", "600s", "--no-prompt"),
        *("--recording-options", "/a/options.json", "--env", "A=1 2", "--target-stdout", "/a/log"),
        *("--launch", "--", "/b/app", "--time-limit", "5s"),
    ]


def test_attaching_takes_neither_environment_nor_output() -> None:
    command = RecordCommand(
        "Time Profiler", (), Path("/a/r.trace"), "10s", "attach", ("42",), device="D", environment=(("A", "1"),)
    )
    assert command.argv("xctrace") == [
        *("xctrace", "record", "--template", "Time Profiler", "--device", "D", "--output", "/a/r.trace"),
        *("--time-limit", "10s", "--no-prompt", "--attach", "42"),
    ]


def test_an_export_is_one_argument_each() -> None:
    assert export_argv("x", Path("/r.trace"), Path("/o"), table_xpath("time-profile")) == [
        *("x", "export", "--input", "/r.trace", "--xpath", '/trace-toc/run/data/table[@schema="time-profile"]'),
        *("--output", "/o"),
    ]
    assert export_argv("x", Path("/r.trace"), Path("/o")) == [
        "x",
        "export",
        "--input",
        "/r.trace",
        "--toc",
        "--output",
        "/o",
    ]


@pytest.mark.parametrize(
    "text, argument, seconds",
    [("90", "90s", 90), ("90s", "90s", 90), ("2.5s", "2500ms", 2.5), ("500ms", "500ms", 0.5), ("2m", "120s", 120)],
)
def test_time_limits_are_whole_numbers(text: str, argument: str, seconds: float) -> None:
    assert time_limit_argument(text) == (argument, seconds)


@pytest.mark.parametrize("text", ["", "soon", "-3s", "0s", "3 d"])
def test_what_is_no_time_limit(text: str) -> None:
    with pytest.raises(RecordingError, match="is no time limit"):
        time_limit_argument(text)
