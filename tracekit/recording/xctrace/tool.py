"""``xctrace``: where it is, which one it is, and what it offers.

The facts behind it are in docs/recording.md. Only the build in parentheses tells the Xcode: the number
before it went 26.0, 16.0, 27.0.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracekit.errors import RecordingError
from tracekit.recording.runner import Answer, Runner
from tracekit.recording.xctrace.commands import export_argv
from tracekit.recording.xctrace.failures import MISSING_TOOL, explain, last_line

OVERRIDE: Final = "TRACEKIT_XCTRACE"
"""Names the xctrace to use, where the one that ``xcrun`` finds is not wanted."""

_VERSION: Final = re.compile(r"(\d+(?:\.\d+)*)\s*\((\d+[A-Z]\w*)\)")
_HEADING: Final = re.compile(r"^==.+==$")

_XCODE_OF_BUILD: Final = {
    "14": "14",
    "15": "15",
    "16": "16",
    "17A": "26.0-26.3",
    "17B": "26.0-26.3",
    "17C": "26.0-26.3",
    "17E": "26.4",
    "17F": "26.5",
    "27": "27",
}
"""The rule is inferred from a few builds; what it does not know is taken for new."""


@dataclass(frozen=True, slots=True)
class Version:
    """What ``xctrace version`` printed."""

    printed: str
    build: str

    @property
    def xcode(self) -> str | None:
        """The Xcode that has this build, or None for one that tracekit has not seen."""
        return next((name for build, name in _XCODE_OF_BUILD.items() if self.build.startswith(build)), None)

    @property
    def takes_instruments(self) -> bool:
        """Whether ``--instrument`` and ``list instruments`` exist (Xcode 14)."""
        return self._year >= 14

    @property
    def takes_recording_options(self) -> bool:
        """Whether ``--recording-options`` exists (Xcode 27)."""
        return self._year >= 27

    @property
    def hangs_on_simulators(self) -> bool:
        """Whether recording a simulator was reported to hang (Xcode 26.4 and later)."""
        return self._year > 17 or self.build[:3] >= "17E"

    @property
    def _year(self) -> int:
        return int(re.match(r"\d+", self.build)[0])  # type: ignore[index]  # parse_version saw the digits

    def __str__(self) -> str:
        known = f"Xcode {self.xcode}" if self.xcode else "an Xcode that tracekit does not know"
        return f"xctrace {self.printed} ({self.build}), {known}"


def parse_version(text: str) -> Version:
    """The version in the one line that ``xctrace version`` prints.

    Raises:
        RecordingError: this is no version of xctrace.
    """
    match = _VERSION.search(text)
    if match is None:
        raise RecordingError(f"xctrace did not say its version but {last_line(text)!r}")
    return Version(match[1], match[2])


def parse_names(text: str) -> tuple[str, ...]:
    """The templates or instruments that a list names, standard ones first.

    Every ``xctrace list`` prints them below ``== Heading ==`` lines, which may be translated.
    """
    names: list[str] = []
    is_below = False
    for line in (raw.strip() for raw in text.splitlines()):
        if _HEADING.match(line):
            is_below = True
        elif line and is_below:
            names.append(line)
    return tuple(names)


@dataclass(frozen=True, slots=True)
class Xctrace:
    """One xctrace: its path, and the runner that starts it."""

    path: str
    runner: Runner

    def version(self) -> Version:
        """Which one it is. The shim in /usr/bin is on every Mac, so only this proves that the tool is there."""
        return parse_version(self._ask("version").text)

    def templates(self) -> tuple[str, ...]:
        """The names that ``--template`` takes."""
        return parse_names(self.listing("templates"))

    def instruments(self) -> tuple[str, ...]:
        """The names that ``--instrument`` takes."""
        return parse_names(self.listing("instruments"))

    def listing(self, what: str) -> str:
        """What ``xctrace list`` prints: of templates, instruments or devices."""
        return self._ask("list", what).text

    def recording_options(self, template: str) -> str:
        """The JSON document of a template's options, to be edited and handed back whole (Xcode 27)."""
        return self._ask("record", "--template", template, "--show-recording-options").out

    def export(self, bundle: Path, output: Path, xpath: str | None = None) -> Answer:
        """Export a table, or the table of contents; the answer may be a success that matched nothing.

        An export that crashes is tried again: that was seen to help (AvdLee/SwiftUI-Agent-Skill#69).
        """
        for _ in range(EXPORT_TRIES):
            answer = self.runner.ask(export_argv(self.path, bundle, output, xpath), within_s=EXPORT_WITHIN_S)
            if answer.code >= 0:
                break
            output.unlink(missing_ok=True)
        return answer

    def _ask(self, *arguments: str) -> Answer:
        answer = self.runner.ask([self.path, *arguments])
        if answer.code != 0:
            raise unexpected(answer, f"xctrace {' '.join(arguments[:2])}")
        return answer


EXPORT_TRIES: Final = 3
EXPORT_WITHIN_S: Final = 1800.0
"""Exports take seconds; system-wide GPU tables of a long recording were reported to take twenty minutes."""


def find_xctrace(runner: Runner) -> Xctrace:
    """The xctrace to use: the one named by ``TRACEKIT_XCTRACE``, ``xcrun``'s, or the one on PATH.

    ``xcrun`` is only asked where it is: signals must reach xctrace itself, not a wrapper.

    Raises:
        RecordingError: there is none; the message says why.
    """
    named = os.environ.get(OVERRIDE)
    if named:
        return Xctrace(named, runner)
    if shutil.which("xcrun"):
        answer = runner.ask(["xcrun", "--find", "xctrace"])
        if answer.code == 0 and answer.out.strip():
            return Xctrace(answer.out.strip(), runner)
        raise unexpected(answer, "xcrun --find xctrace")
    on_path = shutil.which("xctrace")
    if on_path is None:
        raise MISSING_TOOL.error()
    return Xctrace(on_path, runner)


def unexpected(answer: Answer, what: str) -> RecordingError:
    """The error for a command that failed: a known failure, or its last words."""
    failure = explain(answer.text, answer.code)
    if failure is not None:
        return failure.error()
    return RecordingError(f"{what} ended with code {answer.code}: {last_line(answer.text)}")
