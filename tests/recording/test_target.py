"""What --app means."""

import plistlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tracekit.errors import RecordingError
from tracekit.recording.runner import Answer, Running
from tracekit.recording.target import Target, launched, resolve


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


def test_an_app_for_a_device_is_not_launched_from_here(tmp_path: Path) -> None:
    app = tmp_path / "Phone.app"
    app.mkdir()
    with pytest.raises(RecordingError, match=r"is no app for this Mac\. Install it on the device, and give --device"):
        resolve(str(app), [], Processes())


def test_an_app_on_a_device_is_launched_by_its_bundle_id() -> None:
    assert launched("com.example.Shop", ["--fast"]) == Target("launch", "Shop", ("com.example.Shop", "--fast"))
    with pytest.raises(RecordingError, match="is no bundle id"):
        launched("/Applications/Shop.app", [])


def test_in_a_dry_run_elsewhere_what_is_missing_is_assumed() -> None:
    said: list[str] = []
    shop = resolve("/Applications/Shop.app", ["--x"], Processes(), assume=said.append)
    assert shop == Target("launch", "Shop", ("/Applications/Shop.app/Contents/MacOS/Shop", "--x"))
    assert resolve("Maps", [], Processes(), assume=said.append) == Target("attach", "Maps", ("Maps",))
    assert said == ["there is a program /Applications/Shop.app/Contents/MacOS/Shop", "Maps is one running process"]


def test_apple_s_own_programs_are_tried() -> None:
    """`/bin/sleep` and `/usr/bin/grep` were recorded by others; xctrace says where one is restricted."""
    assert resolve("/bin/sleep", ["1"], Processes()).command == ("/bin/sleep", "1")


@pytest.mark.parametrize("executable", ["../../../../bin/sh", "Missing", 3])
def test_a_hostile_information_file(tmp_path: Path, executable: object) -> None:
    with pytest.raises(RecordingError, match="names no program in Contents/MacOS"):
        resolve(str(an_app(tmp_path, executable)), [], Processes())


def test_a_pid_and_a_name() -> None:
    assert resolve("123", [], Processes()) == Target("attach", "123", ("123",))
    assert resolve("Lone", [], Processes()) == Target("attach", "Lone", ("90",))


def test_a_name_on_a_device_is_left_to_xctrace() -> None:
    assert resolve("Twin", [], Processes(), on_device=True).command == ("Twin",)


@pytest.mark.parametrize(
    "app, arguments, message",
    [
        ("Nobody", [], "no running process is called 'Nobody'"),
        ("Twin", [], "2 processes are called 'Twin'. Give one PID: 77, 78"),
        ("90", ["--x"], "takes no arguments"),
        ("./nowhere", [], "there is no such app or program"),
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
