"""A dry run where nothing is there: what would be asked of a Mac is assumed, and every assumption is said.

Most people who review what will run do so elsewhere than on the Mac that runs it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tracekit.errors import RecordingError
from tracekit.recording.runner import ANSWER_WITHIN_S, Answer, Running

_ANSWERS: Final = {
    ("xctrace", "version"): ("xctrace version 16.0 (17F113)", "xctrace is that of Xcode 26.5"),
    ("xctrace", "list", "templates"): ("== Standard Templates ==\nCore ML\nTime Profiler\n", None),
    ("xctrace", "list", "instruments"): (
        "== Standard Instruments ==\nCore ML\nGPU\nNeural Engine\nPoints of Interest\nTime Profiler\nos_signpost\n",
        "it lists the instruments Neural Engine, GPU and Core ML",
    ),
    ("sysctl", "-n", "hw.optional.arm64"): ("1\n", "the Mac has Apple silicon"),
    ("xcrun", "clang", "--version"): ("assumed", "the harness is not built yet"),
}
"""What is asked, the answer, and what is said of it."""


class Rehearsal:
    """A runner that runs nothing, and answers as a Mac with a current Xcode would."""

    def __init__(self, why: str) -> None:
        self.assumptions: list[str] = [f"a Mac with Xcode (here: {why})"]

    def assume(self, what: str) -> None:
        """Note an assumption, once."""
        if what not in self.assumptions:
            self.assumptions.append(what)

    def ask(self, argv: Sequence[str], *, within_s: float = ANSWER_WITHIN_S) -> Answer:  # noqa: ARG002 - as Runner's
        answer, assumption = _ANSWERS.get(tuple(argv), ("", f"{' '.join(argv)} says nothing of interest"))
        if assumption is not None:
            self.assume(assumption)
        return Answer(0, answer, "")

    def start(self, argv: Sequence[str], *, log: Path) -> Running:  # noqa: ARG002 - as Runner's
        """Nothing is started in a rehearsal."""
        raise RecordingError(f"a dry run starts nothing, and {argv[0]} neither")
