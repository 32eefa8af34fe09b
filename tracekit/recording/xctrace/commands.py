"""The exact commands that ``xctrace`` is given, as data. The facts behind every option are in docs/recording.md."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tracekit.errors import RecordingError

TargetKind = Literal["launch", "attach", "all"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A template with what is added to it."""

    template: str
    instruments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " + ".join((self.template, *self.instruments))


@dataclass(frozen=True, slots=True)
class RecordCommand:
    """Everything ``xctrace record`` is told, in the order in which it is written."""

    choice: Choice
    output: Path
    time_limit: str
    kind: TargetKind
    target: tuple[str, ...]
    """A program with its arguments (on a device a bundle id), one PID or name, or nothing for all processes."""
    device: str | None = None
    append_run: bool = False
    notification: str | None = None
    """A Darwin notification that xctrace posts when it records."""
    environment: tuple[tuple[str, str], ...] = ()
    recording_options: Path | None = None
    target_stdout: Path | None = None

    def argv(self, xctrace: str) -> list[str]:
        """The exact command. ``--launch`` stands last: whatever follows it is the target's."""
        argv = [xctrace, "record", "--template", self.choice.template]
        for instrument in self.choice.instruments:
            argv += ["--instrument", instrument]
        if self.device is not None:
            argv += ["--device", self.device]
        argv += ["--output", str(self.output)]
        if self.append_run:
            argv += ["--append-run"]
        argv += ["--time-limit", self.time_limit, "--no-prompt"]
        if self.notification is not None:
            argv += ["--notify-tracing-started", self.notification]
        if self.recording_options is not None:
            argv += ["--recording-options", str(self.recording_options)]
        if self.kind == "all":
            return [*argv, "--all-processes"]
        if self.kind == "attach":
            return [*argv, "--attach", self.target[0]]
        for name, value in self.environment:
            argv += ["--env", f"{name}={value}"]
        if self.target_stdout is not None:
            argv += ["--target-stdout", str(self.target_stdout)]
        return [*argv, "--launch", "--", *self.target]


def export_argv(xctrace: str, bundle: Path, output: Path, xpath: str | None = None) -> list[str]:
    """The command that exports a table, or without an xpath the table of contents.

    ``--input`` is understood by every version; Xcode 27 prefers a plain argument.
    """
    what = ["--toc"] if xpath is None else ["--xpath", xpath]
    return [xctrace, "export", "--input", str(bundle), *what, "--output", str(output)]


def table_xpath(schema: str) -> str:
    """All tables of a schema, of every run. Attribute order varies, so tables are told by attribute, never place."""
    return f'/trace-toc/run/data/table[@schema="{schema}"]'


def detail_xpath(track: str, detail: str) -> str:
    """A detail of a track, such as the list of Allocations, of every run; told by names for the same reason."""
    return f"/trace-toc/run/tracks/track[@name={_literal(track)}]/details/detail[@name={_literal(detail)}]"


def _literal(text: str) -> str:
    """Text in XPath, which knows no escapes."""
    if '"' not in text:
        return f'"{text}"'
    pieces = ", '\"', ".join(f'"{piece}"' for piece in text.split('"'))
    return f"concat({pieces})"


def time_limit_argument(text: str) -> tuple[str, float]:
    """What ``--time-limit`` takes, and the seconds it means: ``90``, ``90s``, ``2.5s``, ``500ms``, ``2m``, ``1h``.

    xctrace wants whole numbers, so fractions become milliseconds.

    Raises:
        RecordingError: it is no duration.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?", text.strip())
    factor = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
    seconds = float(match[1]) * factor[match[2]] if match else 0.0
    if seconds <= 0:
        raise RecordingError(f"{text!r} is no time limit", hint="Write 90s, 500ms or 2m")
    if seconds == int(seconds):
        return f"{int(seconds)}s", seconds
    return f"{max(1, round(seconds * 1000))}ms", seconds
