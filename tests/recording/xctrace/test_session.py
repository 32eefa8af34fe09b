"""Waiting for a recorder: Ctrl-C, the watchdog, patience."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tracekit.errors import RecordingError
from tracekit.recording.xctrace.session import Moment, Patience, run


class Recorder:
    """Ends so many polls after the first SIGINT, or by itself."""

    pid = 4711

    def __init__(self, *, ends_after: int | None = None, saves_for: int = 2) -> None:
        self.polls = 0
        self.signals: list[int] = []
        self._ends_after = ends_after
        self._saves_for = saves_for
        self._stopped_at: int | None = None

    def poll(self) -> int | None:
        self.polls += 1
        if self._stopped_at is not None and self.polls >= self._stopped_at + self._saves_for:
            return 54
        return 0 if self._ends_after is not None and self.polls > self._ends_after else None

    def send_signal(self, sig: int) -> None:
        self.signals.append(sig)
        self._stopped_at = self._stopped_at or self.polls


def waiting(recorder: Recorder, tmp_path: Path, **given: object) -> tuple[object, list[str], list[int]]:
    log = tmp_path / "log"
    log.write_text("words")
    stages: list[str] = []
    stops: list[int] = []
    interrupt_at: int = given.pop("interrupt_at", -1)  # type: ignore[assignment]
    interrupts: int = given.pop("interrupts", 1)  # type: ignore[assignment]

    def progress(moment: Moment) -> None:
        stages.append(moment.stage)
        if len(stages) > interrupt_at >= 0 and len(stages) <= interrupt_at + interrupts:
            os.kill(os.getpid(), signal.SIGINT)

    options = {"limit_s": 60.0, "patience": Patience()} | given
    start: Callable[[], Recorder] = lambda: recorder  # noqa: E731
    ended = run(start, log, progress=progress, stopping=stops.append, **options)  # type: ignore[arg-type]
    return ended, stages, stops


def test_one_that_ends_by_itself_gets_no_signal(tmp_path: Path) -> None:
    recorder = Recorder(ends_after=2)
    ended, stages, stops = waiting(recorder, tmp_path)
    assert (ended.code, ended.printed, ended.interrupted) == (0, "words", False)  # type: ignore[attr-defined]
    assert (recorder.signals, stages, stops) == ([], ["recording", "recording"], [])


def test_ctrl_c_is_handed_on_once_and_waited_for(tmp_path: Path) -> None:
    recorder = Recorder(saves_for=4)
    ended, stages, stops = waiting(recorder, tmp_path, interrupt_at=1, interrupts=2)
    assert ended.interrupted  # type: ignore[attr-defined]
    assert recorder.signals == [signal.SIGINT]
    assert stops == [1, 2]
    assert stages[-1] == "saving"


def test_the_third_ctrl_c_leaves_it_alone(tmp_path: Path) -> None:
    recorder = Recorder(saves_for=1000)
    with pytest.raises(RecordingError, match=r"left xctrace \(process 4711\) to finish by itself"):
        waiting(recorder, tmp_path, interrupt_at=0, interrupts=3)
    assert recorder.signals == [signal.SIGINT]


def test_the_watchdog_asks_it_to_stop(tmp_path: Path) -> None:
    recorder = Recorder()
    ended, _, _ = waiting(recorder, tmp_path, limit_s=0.0, patience=Patience(overtime_s=0.15))
    assert recorder.signals == [signal.SIGINT]
    assert not ended.interrupted  # type: ignore[attr-defined]


def test_patience_ends_without_killing(tmp_path: Path) -> None:
    recorder = Recorder(saves_for=1000)
    with pytest.raises(RecordingError, match="was not killed"):
        waiting(recorder, tmp_path, limit_s=0.0, patience=Patience(overtime_s=0.0, saving_s=0.2))
    assert recorder.signals == [signal.SIGINT]


def test_signals_are_given_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    waiting(Recorder(ends_after=0), tmp_path)
    assert signal.getsignal(signal.SIGINT) is before
