"""Running other programs: always an argv, never a shell; injected, so that tests need no Mac."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tracekit.errors import RecordingError

ANSWER_WITHIN_S = 120.0
"""A question such as `list templates` is answered in seconds; the first one after an update takes longer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program that ended said."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything it printed. Older versions of xctrace list on stderr, newer on stdout."""
        return self.out + self.err


class Running(Protocol):
    """A program that runs. ``subprocess.Popen`` is one."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""


class Runner(Protocol):
    """Starts programs."""

    def ask(self, argv: Sequence[str], *, within_s: float = ANSWER_WITHIN_S) -> Answer:
        """Run to its end and take what it printed. Raises RecordingError where it cannot run or does not end."""

    def start(self, argv: Sequence[str], *, log: Path) -> Running:
        """Start and go on; what it prints goes to ``log``. Raises RecordingError where it cannot run."""


class SystemRunner:
    """Starts programs on this machine. See ``Runner``."""

    def ask(self, argv: Sequence[str], *, within_s: float = ANSWER_WITHIN_S) -> Answer:
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=within_s, check=False)
        except OSError as error:
            raise _cannot_run(argv, error) from error
        except subprocess.TimeoutExpired as error:
            what = f"{' '.join(argv[:2])} did not answer within {within_s:.0f} s"
            raise RecordingError(what, hint="Run it by hand to see what it waits for") from error
        return Answer(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def start(self, argv: Sequence[str], *, log: Path) -> Running:
        """The program gets a session of its own, so that Ctrl-C in the terminal reaches it once: from us."""
        nothing, both = subprocess.DEVNULL, subprocess.STDOUT
        try:
            with log.open("wb") as stream:
                return subprocess.Popen(argv, stdin=nothing, stdout=stream, stderr=both, start_new_session=True)
        except OSError as error:
            raise _cannot_run(argv, error) from error


def _cannot_run(argv: Sequence[str], error: OSError) -> RecordingError:
    return RecordingError(f"cannot be run: {error.strerror}", where=argv[0])
