"""The exact commands that xctrace is given."""

from pathlib import Path

import pytest
from lxml import etree

from tracekit.errors import RecordingError
from tracekit.recording.xctrace.commands import (
    Choice,
    RecordCommand,
    detail_xpath,
    export_argv,
    table_xpath,
    time_limit_argument,
)


def test_a_launch_stands_last() -> None:
    command = RecordCommand(
        Choice("Core AI", ("Core ML", "os_signpost")),
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
        Choice("Time Profiler"), Path("/a/r.trace"), "10s", "attach", ("42",), device="D", environment=(("A", "1"),)
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


@pytest.mark.parametrize("name", ["Allocations List", "it's", '"quoted"', 'it\'s "both"', "a]/b"])
def test_a_query_finds_a_detail_by_any_name(name: str) -> None:
    toc = etree.Element("trace-toc")
    run = etree.SubElement(toc, "run")
    tracks = etree.SubElement(run, "tracks")
    for track in ("other", name):
        details = etree.SubElement(etree.SubElement(tracks, "track", name=track), "details")
        for detail in (name, "other"):
            etree.SubElement(details, "detail", name=detail)
    (found,) = toc.xpath(detail_xpath(name, name))
    assert found is tracks[1][0][0]
