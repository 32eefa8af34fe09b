"""Letting a recorder run: progress while it does, Ctrl-C handed on, a watchdog, and patience while it saves.

xctrace saves its bundle after it was stopped, which can take minutes; killed meanwhile, it leaves a bundle that no tool
opens. So it gets SIGINT once, is waited for, and is never killed.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import Literal

from tracekit.errors import RecordingError
from tracekit.recording.runner import Running

Stage = Literal["recording", "saving"]

_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait."""

    overtime_s: float = 120.0
    """Beyond the time limit that xctrace was given, before it is asked to stop."""
    saving_s: float = 600.0
    """For the bundle to be saved after it was asked to stop."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is going on, told many times a second."""

    stage: Stage
    elapsed_s: float
    log: Path


@dataclass(frozen=True, slots=True)
class Ended:
    """A recorder that ended."""

    code: int
    printed: str
    interrupted: bool
    seconds: float


class _Stops:
    """Counts what asks us to stop."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.count = 0
        self._tell = tell

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        self._tell(self.count)


LEAVE_AFTER = 3
"""This many times Ctrl-C leaves the recorder to finish by itself."""


def run(
    start: Callable[[], Running],
    log: Path,
    *,
    limit_s: float,
    patience: Patience,
    progress: Callable[[Moment], None],
    stopping: Callable[[int], None],
) -> Ended:
    """Start a recorder and wait until it has ended and saved.

    The first SIGINT, SIGTERM or SIGHUP that reaches us is handed on as SIGINT. ``stopping`` is told the count of each.

    Raises:
        RecordingError: it was left to finish by itself, or did not end in time. It still runs then.
    """
    began = monotonic()
    stopped_at: float | None = None
    interrupted = False
    with _stops(stopping) as stops:
        running = start()
        while (code := running.poll()) is None:
            now = monotonic()
            if stopped_at is None and (stops.count or now - began > limit_s + patience.overtime_s):
                interrupted = stops.count > 0
                running.send_signal(signal.SIGINT)
                stopped_at = now
            if stops.count >= LEAVE_AFTER:
                raise _left(running)
            if stopped_at is not None and now - stopped_at > patience.saving_s:
                raise _stuck(running, patience)
            progress(Moment("recording" if stopped_at is None else "saving", now - began, log))
            sleep(_POLL_S)
    return Ended(code, log.read_text("utf-8", "replace"), interrupted, monotonic() - began)


@contextmanager
def _stops(tell: Callable[[int], None]) -> Iterator[_Stops]:
    """Take over the signals that would end us, for a while."""
    stops = _Stops(tell)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stops) for number in numbers}
    try:
        yield stops
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _left(running: Running) -> RecordingError:
    return RecordingError(
        f"left xctrace (process {running.pid}) to finish by itself",
        hint=f"When it has ended (ps -p {running.pid}), the recording is under its unfinished name",
    )


def _stuck(running: Running, patience: Patience) -> RecordingError:
    return RecordingError(
        f"xctrace (process {running.pid}) did not end within {patience.saving_s:.0f} s after it was asked to stop, "
        "and was not killed, since that would spoil the recording",
        hint="It may wait for a permission: open Instruments once and record with the same template",
    )
