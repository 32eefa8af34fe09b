"""What --app means."""

import plistlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tracekit.errors import RecordingError
from tracekit.recording.runner import Answer, Running
from tracekit.recording.target import Target, resolve


class Processes:
    """A runner that only lists processes."""

    def ask(self, argv: Sequence[str], *, within_s: float = 0) -> Answer:
        assert argv[0] == "ps"
        return Answer(
            0, "  1 /sbin/launchd\n 77 /Applications/My App.app/Contents/MacOS/Twin\n 78 Twin\n 90 Lone\n", ""
        )

    def start(self, argv: Sequence[str], *, log: Path) -> Running:
        raise AssertionError("nothing is started")


def an_app(folder: Path, executable: object = "Real") -> Path:
    app = folder / "Shop.app"
    (app / "Contents" / "MacOS").mkdir(parents=True)
    program = app / "Contents" / "MacOS" / "Real"
    program.write_text("")
    program.chmod(0o755)
    (app / "Contents" / "Info.plist").write_bytes(plistlib.dumps({"CFBundleExecutable": executable}))
    return app


def test_the_harness() -> None:
    assert resolve("Harness", [], Processes()) == Target("harness", "Harness")


def test_an_app_is_launched_by_its_program(tmp_path: Path) -> None:
    app = an_app(tmp_path)
    program = str(app / "Contents" / "MacOS" / "Real")
    assert resolve(str(app), ["--fast"], Processes()) == Target("launch", "Shop", (program, "--fast"))


def test_an_app_for_a_device_is_launched_as_it_is(tmp_path: Path) -> None:
    app = tmp_path / "Phone.app"
    app.mkdir()
    assert resolve(str(app), [], Processes()).command == (str(app),)


@pytest.mark.parametrize("executable", ["../../../../bin/sh", "Missing", 3])
def test_a_hostile_information_file(tmp_path: Path, executable: object) -> None:
    with pytest.raises(RecordingError, match="names no program in Contents/MacOS"):
        resolve(str(an_app(tmp_path, executable)), [], Processes())


def test_a_pid_and_a_name() -> None:
    assert resolve("123", [], Processes()) == Target("attach", "123", ("123",))
    assert resolve("Lone", [], Processes()) == Target("attach", "Lone", ("90",))


def test_a_name_on_a_device_is_left_to_xctrace() -> None:
    assert resolve("Twin", [], Processes(), device="Phone").command == ("Twin",)


@pytest.mark.parametrize(
    "app, arguments, message",
    [
        ("Nobody", [], "no running process is called 'Nobody'"),
        ("Twin", [], "2 processes are called 'Twin'. Give one PID: 77, 78"),
        ("90", ["--x"], "takes no arguments"),
        ("./nowhere", [], "there is no such app or program"),
        ("/usr/bin/env", [], "protected by System Integrity Protection"),
    ],
)
def test_what_cannot_be_recorded(app: str, arguments: list[str], message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        resolve(app, arguments, Processes())


def test_a_file_that_is_not_executable(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("")
    with pytest.raises(RecordingError, match="is not executable"):
        resolve(str(file), [], Processes())
