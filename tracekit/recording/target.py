"""What to record: the harness, a program to launch, a process to attach to, or all of them."""

import os
import plistlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tracekit.errors import RecordingError
from tracekit.recording.runner import Runner

HARNESS: Final = "Harness"


@dataclass(frozen=True, slots=True)
class Target:
    """A target as ``xctrace record`` takes it."""

    kind: Literal["harness", "launch", "attach", "all"]
    name: str
    """What files and messages call it."""
    command: tuple[str, ...] = ()
    """``launch``: the program, absolute, with its arguments; on a device a bundle id. ``attach``: a PID, or a name on a
    device."""


ALL_PROCESSES: Final = Target("all", "all-processes")


def resolve(
    app: str,
    arguments: Sequence[str],
    runner: Runner,
    *,
    on_device: bool = False,
    assume: Callable[[str], None] | None = None,
) -> Target:
    """What ``--app`` means: ``Harness``, a path to an .app or a program, a PID, or the name of a running process.

    A PID is preferred over a name: since Xcode 26.5 names match what is displayed, before that the executable.
    In a dry run elsewhere, ``assume`` is told what is not here and is taken to be there.

    Raises:
        RecordingError: there is no such program or process, or more than one.
    """
    if app == HARNESS:
        return Target("harness", HARNESS)
    place = Path(app).expanduser()
    if assume is not None and not place.exists():
        return _assumed(app, place, arguments, assume)
    if place.exists() or "/" in app:
        return _program(place, arguments)
    if arguments:
        raise RecordingError(f"{app!r} is attached to, and takes no arguments", hint="To launch it, give its path")
    if app.isdecimal() or on_device:
        return Target("attach", app, (app,))
    return Target("attach", app, (_pid_of(app, runner),))


def launched(bundle_id: str, arguments: Sequence[str]) -> Target:
    """An app that is installed on a device, launched by its bundle id.

    Raises:
        RecordingError: this is a path.
    """
    if "/" in bundle_id:
        hint = "On a device give one, such as com.example.App; on this Mac give the path with --app"
        raise RecordingError(f"{bundle_id!r} is no bundle id", hint=hint)
    return Target("launch", bundle_id.rpartition(".")[2], (bundle_id, *arguments))


def _assumed(app: str, place: Path, arguments: Sequence[str], assume: Callable[[str], None]) -> Target:
    if "/" not in app and place.suffix != ".app":
        assume(f"{app} is one running process")
        return Target("attach", app, (app,))
    program = place.absolute()
    if place.suffix == ".app":
        program = program / "Contents" / "MacOS" / place.stem
    assume(f"there is a program {program}")
    return Target("launch", place.stem, (str(program), *arguments))


def _program(place: Path, arguments: Sequence[str]) -> Target:
    if not place.exists():
        raise RecordingError("there is no such app or program", where=place)
    name = place.stem if place.suffix == ".app" else place.name
    program = _executable_of(place) if place.is_dir() else place
    program = program.absolute()
    if not os.access(program, os.X_OK):
        raise RecordingError("is not executable", where=program, hint=f"Run: chmod +x {program}")
    return Target("launch", name, (str(program), *arguments))


def _executable_of(app: Path) -> Path:
    """The program inside a Mac app, named by its path, so that no other copy of the app is started instead."""
    if app.suffix != ".app":
        raise RecordingError("is a folder, not an app", where=app)
    information = app / "Contents" / "Info.plist"
    if not information.exists():
        hint = "Install it on the device, and give --device and --launch BUNDLE_ID"
        raise RecordingError("is no app for this Mac", where=app, hint=hint)
    try:
        name = plistlib.loads(information.read_bytes()).get("CFBundleExecutable")
    except (plistlib.InvalidFileException, ValueError, OSError) as error:
        raise RecordingError(f"cannot be read: {error}", where=information) from error
    program = app / "Contents" / "MacOS" / str(name)
    if not isinstance(name, str) or Path(name).name != name or not program.is_file():
        raise RecordingError("names no program in Contents/MacOS", where=information)
    return program


def _pid_of(name: str, runner: Runner) -> str:
    """The one process whose program has this name."""
    listing = runner.ask(["ps", "-axo", "pid=,comm="]).out
    rows = [line.split(None, 1) for line in listing.splitlines()]
    pids = [row[0] for row in rows if len(row) == 2 and Path(row[1].strip()).name == name]
    if not pids:
        hint = "Start it first, or give the path of an app or program"
        raise RecordingError(f"no running process is called {name!r}", hint=hint)
    if len(pids) > 1:
        raise RecordingError(f"{len(pids)} processes are called {name!r}", hint=f"Give one PID: {', '.join(pids)}")
    return pids[0]
