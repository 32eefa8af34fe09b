"""Exit codes: 1 with one line on stderr for a problem, 2 for usage, 130 for Ctrl-C; and never a traceback."""

import gzip
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Tracekit
from tests.cli.inputs import SAMPLE, first_rows
from tests.readers.export.bad_inputs import BAD_INPUTS, without_parsers_words
from tests.readers.export.documents import with_times
from tracekit.cli import session

READING = (["analyze"], ["tree"], ["convert"], ["info"], ["tables"], ["table", "--schema", "time-profile"])


@pytest.mark.parametrize("what", BAD_INPUTS)
def test_bad_input_is_one_line_and_exit_1(
    tracekit: Tracekit, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = BAD_INPUTS[what].make(tmp_path)
    done = tracekit("analyze", path, "--json", "out.json")
    assert (done.code, done.out) == (1, "")
    assert without_parsers_words(done.err) == f"tracekit: {BAD_INPUTS[what].sentence}\n"
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize("command", READING, ids=lambda command: command[0])
def test_every_command_says_the_same_of_bad_input(
    tracekit: Tracekit, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for bad in (BAD_INPUTS["malformed: cut off after a row"], BAD_INPUTS["with a DTD: an entity that is a file"]):
        done = tracekit(command[0], bad.make(tmp_path), *command[1:])
        assert (done.code, done.out) == (1, "")
        assert without_parsers_words(done.err) == f"tracekit: {bad.sentence}\n"


BUNDLE = next(SAMPLE.parent.glob("*.trace.zip"))
ENDLESS = (
    *READING,
    *(
        ["report", "-o", "x.html"],
        ["check", "--min-ane=0.5"],
        ["diff", str(SAMPLE)],
        ["verify"],
        ["verify", str(BUNDLE), "--against"],
    ),
    *(["symbols"], ["batch", "-o", "x.csv"]),
)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("command", ENDLESS, ids=" ".join)
def test_what_never_ends_is_not_read(
    tracekit: Tracekit, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    for path, what in {"pipe": "is a pipe", "/dev/zero": "is a device"}.items():
        done = tracekit(*command, path)
        assert f"{path}: {what}." in done.err
        assert done.code == 1
        Path("x.csv").unlink(missing_ok=True)


@pytest.mark.parametrize(
    "command", [["analyze"], ["tree"], ["report", "-o", "x.html"], ["convert", "-o", "x.firefox.json"]]
)
def test_no_command_stumbles_over_one(
    tracekit: Tracekit, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.xml.gz").write_bytes(gzip.compress(with_times(-(1 << 63), 5).encode()))
    done = tracekit(*command, "x.xml.gz")
    assert done.code == 0
    assert "the row was skipped" in done.err


SELECTIONS = {
    ("analyze", "--run=3"): "there is no run 3. Runs: 1.",
    ("analyze", "--thread=nobody"): "there is no thread 'nobody' in the recording. There are: ",
    ("analyze", "--process=nobody"): "there is no process 'nobody' in the recording. There are: ",
    ("analyze", "--time-range=5"): "'5' is not a time range. Write it as 1.5s..2s, 200ms.. or ..3s.",
    ("analyze", "--time-range=2s..1s"): "the time range '2s..1s' ends before it begins.",
    ("analyze", "--time-range=1x.."): "'1x' is not a time. Write it as 1.5s, 200ms, 3us or 10ns.",
    ("table", "--schema=nothing"): "there is no table 'nothing' in run 1. Tables here: time-profile.",
    ("tables", "--run=7"): "there is no run 7. Runs: 1.",
    ("table", "--schema=time-profile", "-o", "x.xlsx"): (
        "x.xlsx: the format is not known by its ending. Use .csv, .json or .parquet."
    ),
}


@pytest.mark.parametrize("arguments", SELECTIONS, ids=" ".join)
def test_what_is_not_there_is_said_with_what_there_is(tracekit: Tracekit, arguments: tuple[str, ...]) -> None:
    command, *options = arguments
    done = tracekit(command, SAMPLE, *options)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert SELECTIONS[arguments] in done.err


def test_a_pattern_that_cannot_be_parsed(tracekit: Tracekit) -> None:
    done = tracekit("analyze", SAMPLE, "--focus", "re:(")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "re:(" in done.err


USAGE = [
    ["analyze"],
    ["analyze", SAMPLE, "--no-such-option"],
    ["analyze", SAMPLE, "--run", "one"],
    ["analyze", SAMPLE, "--focus", "a", "--no-focus"],
    ["analyze", SAMPLE, "--json", "x", "--report", "x"],
    ["analyze", SAMPLE, "--json", "-", "--report", "-"],
    ["tree", SAMPLE, "--min-share", "2"],
    ["table", SAMPLE],
    ["convert", SAMPLE, "--format", "pprof-of-1999"],
    ["convert", SAMPLE, "--weight", "bytes"],
    ["no-such-command"],
    ["--no-such-option"],
]


@pytest.mark.parametrize("arguments", USAGE, ids=lambda arguments: " ".join(map(str, arguments[:1] + arguments[2:])))
def test_wrong_usage_is_exit_2(tracekit: Tracekit, arguments: list[object]) -> None:
    done = tracekit(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Usage: " in done.err


def test_without_arguments_the_help_is_shown(tracekit: Tracekit) -> None:
    done = tracekit()
    assert done.code == 2
    assert "analyze" in done.out + done.err


# ---- What happens while a command runs.


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(session, "read_analysis", fail)


@pytest.mark.parametrize(
    "error, code, line",
    [
        (KeyboardInterrupt(), 130, ""),
        (
            MemoryError(),
            1,
            "tracekit: there is not enough memory for this input. Export a smaller part of the recording.\n",
        ),
        (
            RuntimeError("what\x1b[31m now"),
            1,
            "tracekit: internal error (RuntimeError: what\\u{1b}[31m now). "
            "Please report it with the output of --debug.\n",
        ),
        (
            OSError(28, "No space left on device"),
            1,
            "tracekit: the output cannot be written: No space left on device.\n",
        ),
        (PermissionError(13, "Permission denied", "x"), 1, "tracekit: x: Permission denied.\n"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_whatever_happens_is_one_line(
    tracekit: Tracekit, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
) -> None:
    raising(error, monkeypatch)
    assert tracekit("analyze", SAMPLE) == (code, "", line)


@pytest.mark.parametrize("error", [RuntimeError("what"), OSError(5, "Input/output error")], ids=["defect", "system"])
def test_debug_shows_the_traceback(tracekit: Tracekit, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    raising(error, monkeypatch)
    with pytest.raises(type(error)):
        tracekit("analyze", SAMPLE, "--debug")


def test_debug_shows_the_traceback_of_bad_input_too(tracekit: Tracekit, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="there is no such file"):
        tracekit("--debug", "analyze", tmp_path / "missing.xml")


def test_debug_after_the_two_dashes_is_the_recorded_program_s(tracekit: Tracekit, tmp_path: Path) -> None:
    ours = ("record", "--dry-run", "--app", tmp_path / "mine", "-o", tmp_path / "x.trace")
    done = tracekit(*ours, "--", "--debug", "--size", "5")
    assert done.code == 0
    (recorder,) = [line for line in done.out.splitlines() if " --launch " in line]
    assert recorder.endswith(f" --launch -- {tmp_path}/mine --debug --size 5")


# ---- Names of strangers in a sentence.


@pytest.mark.parametrize(
    "name, shown",
    [
        ("x\x1b[31mred.xml", "x\\u{1b}[31mred.xml"),
        ("x\nsecond line.xml", "x\\u{a}second line.xml"),
        ("x\x9b2Jy.xml", "x\\u{9b}2Jy.xml"),
        ("x\u202ey.xml", "x\\u{202e}y.xml"),
        ("[bold]x[/bold].xml", "[bold]x[/bold].xml"),
    ],
)
def test_a_path_is_shown_as_text(tracekit: Tracekit, tmp_path: Path, name: str, shown: str) -> None:
    done = tracekit("analyze", tmp_path / name)
    assert done == (1, "", f"tracekit: {tmp_path}/{shown}: there is no such file or folder.\n")


def test_what_a_file_says_is_shown_as_text(tracekit: Tracekit) -> None:
    xml = first_rows(3).replace('schema name="time-profile"', 'schema name="&#x9b;31m[red]"')
    done = tracekit("analyze", "-", stdin=xml.encode())
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("tracekit: standard input: no CPU samples: the export holds \\u{9b}31m[red], none of ")
