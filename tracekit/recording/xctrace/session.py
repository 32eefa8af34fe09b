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


@dataclass(frozen=True, slots=True)
class Ended:
    """A recorder that ended."""

    code: int
    printed: str
    interrupted: bool


LEAVE_AFTER = 3
"""This many times Ctrl-C leaves the recorder to finish by itself."""


def run(
    start: Callable[[], Running],
    log: Path,
    *,
    limit_s: float,
    patience: Patience = Patience(),
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
    asked = 0

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked += 1
        stopping(asked)

    with _handled_by(stop):
        running = start()
        while (code := running.poll()) is None:
            now = monotonic()
            if stopped_at is None and (asked or now - began > limit_s + patience.overtime_s):
                interrupted = asked > 0
                running.send_signal(signal.SIGINT)
                stopped_at = now
            if asked >= LEAVE_AFTER:
                raise RecordingError(
                    f"left xctrace (process {running.pid}) to finish by itself",
                    hint=f"When it has ended (ps -p {running.pid}), the recording is under its unfinished name",
                )
            if stopped_at is not None and now - stopped_at > patience.saving_s:
                raise RecordingError(
                    f"xctrace (process {running.pid}) did not end within {patience.saving_s:.0f} s after it was asked "
                    "to stop, and was not killed, since that would spoil the recording",
                    hint="It may wait for a permission: open Instruments once and record with the same template",
                )
            progress(Moment("recording" if stopped_at is None else "saving", now - began))
            sleep(_POLL_S)
    return Ended(code, log.read_text("utf-8", "replace"), interrupted)


@contextmanager
def _handled_by(stop: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Take over the signals that would end us, for a while."""
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
