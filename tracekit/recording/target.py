"""What to record: the harness, a program to launch, or a process to attach to."""

import os
import plistlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tracekit.errors import RecordingError
from tracekit.recording.runner import Runner

HARNESS: Final = "Harness"

_PROTECTED: Final = ("/System/", "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/libexec/")
"""Programs below these are Apple's and restricted: they cannot be recorded alone."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target as ``xctrace record`` takes it."""

    kind: Literal["harness", "launch", "attach"]
    name: str
    """What files and messages call it."""
    command: tuple[str, ...] = ()
    """``launch``: the program, absolute, with its arguments. ``attach``: a PID or, on a device, a name."""


def resolve(app: str, arguments: Sequence[str], runner: Runner, *, device: str | None = None) -> Target:
    """What ``--app`` means: ``Harness``, a path to an .app or a program, a PID, or the name of a running process.

    A PID is preferred over a name: since Xcode 26.5 names match what is displayed, before that the executable.

    Raises:
        RecordingError: there is no such program or process, or more than one.
    """
    if app == HARNESS:
        return Target("harness", HARNESS)
    place = Path(app).expanduser()
    if place.exists() or "/" in app:
        return _program(place, arguments)
    if arguments:
        raise RecordingError(f"{app!r} is attached to, and takes no arguments", hint="To launch it, give its path")
    if app.isdecimal() or device is not None:
        return Target("attach", app, (app,))
    return Target("attach", app, (_pid_of(app, runner),))


def _program(place: Path, arguments: Sequence[str]) -> Target:
    if not place.exists():
        raise RecordingError("there is no such app or program", where=place)
    name = place.stem if place.suffix == ".app" else place.name
    program = _executable_of(place) if place.is_dir() else place
    program = program.absolute()
    if program.is_file() and not os.access(program, os.X_OK):
        raise RecordingError("is not executable", where=program, hint=f"Run: chmod +x {program}")
    if str(program).startswith(_PROTECTED):
        raise RecordingError(
            "is protected by System Integrity Protection and cannot be recorded alone",
            where=program,
            hint="Record a program of your own",
        )
    return Target("launch", name, (str(program), *arguments))


def _executable_of(app: Path) -> Path:
    """The program inside a Mac app, named by its path, so that no other copy of the app is started instead."""
    if app.suffix != ".app":
        raise RecordingError("is a folder, not an app", where=app)
    information = app / "Contents" / "Info.plist"
    if not information.exists():
        return app  # an app for a device: xctrace takes the bundle
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
        raise RecordingError(
            f"no running process is called {name!r}", hint="Start it first, or give the path of an app or program"
        )
    if len(pids) > 1:
        raise RecordingError(f"{len(pids)} processes are called {name!r}", hint=f"Give one PID: {', '.join(pids)}")
    return pids[0]
