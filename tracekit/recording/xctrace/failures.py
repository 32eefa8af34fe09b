"""What goes wrong when recording, as a table: what the tool prints or returns → one sentence and its one-line fix.

``xctrace`` has no documented exit codes and prints in the user's language, so the table is asked for an explanation
only; whether a recording succeeded is judged by what was written (``evidence.py``). Most texts were seen in public
logs, some only in other projects' tests: docs/recording.md says which.
"""

import re
from dataclasses import dataclass
from typing import Final

from tracekit.errors import RecordingError


@dataclass(frozen=True, slots=True)
class Failure:
    """A known way to fail."""

    id: str
    sentence: str
    fix: str
    text: str = ""
    """A pattern of what the tool printed; case does not matter."""
    code: int | None = None
    """The exit code that alone tells this failure."""

    def error(self, where: str | None = None) -> RecordingError:
        """The failure as an error."""
        return RecordingError(self.sentence, where=where, hint=self.fix)


MISSING_TOOL: Final = Failure(
    "missing-tool",
    "xctrace was not found: recording needs a Mac with Xcode",
    "Install Xcode from the App Store; a recording made elsewhere is read here: tracekit analyze run.trace",
)
COMMAND_LINE_TOOLS: Final = Failure(
    "command-line-tools",
    "only the Command Line Tools are selected, and they have no xctrace",
    "Run: sudo xcode-select -s /Applications/Xcode.app/Contents/Developer",
    r"unable to find utility .?xctrace|xctrace.*requires Xcode, but active developer directory",
    code=72,
)
UNFINISHED: Final = Failure(
    "unfinished-bundle",
    "the recording was never finished: xctrace was killed, waited at a prompt, or ran out of disk before it saved",
    "Record again, stop it with one Ctrl-C, and wait",
    r"Document Missing Template",
    code=10,
)
NO_SAMPLES: Final = Failure(
    "empty-table",
    "the recording holds no CPU samples: the target only waited, ended within a second, or is a script that started "
    "the real program",
    "Record more work (--iterations), and name the program itself, not a script around it",
)
NO_PROFILE: Final = Failure(
    "no-profile-table", "the recording has no table of CPU samples", "Record with --template 'Time Profiler'"
)

KNOWN: Final = (
    COMMAND_LINE_TOOLS,
    Failure(
        "licence",
        "the Xcode licence has not been accepted",
        "Run: sudo xcodebuild -license accept",
        r"not agreed to the Xcode license|license agreements",
    ),
    Failure(
        "kperf-lock",
        "another recording is running: only one at a time can use the profiling hardware",
        "Stop the other one (Instruments or xctrace) and record again",
        r"could not lock kperf|_lockKPerf|Another session",
    ),
    Failure(
        "rosetta",
        "xctrace runs under Rosetta, where nothing can be recorded",
        "Run it natively: arch -arm64 tracekit record …, or use a Python for Apple silicon",
        r"under Rosetta",
    ),
    Failure(
        "restricted-target",
        "the target is protected by System Integrity Protection and cannot be recorded alone",
        "Record with --template 'Time Profiler', or a program of your own, not through /usr/bin/env",
        r"marked restricted",
    ),
    Failure(
        "developer-tools-security",
        "this user may not profile programs",
        "Run: sudo DevToolsSecurity -enable",
        r"gain authorization|Developer Tools Access|DevToolsSecurity|task_for_pid",
    ),
    Failure(
        "injection",
        "an instrument could not be put into the target, or the target ended at once",
        "Sign the target with com.apple.security.get-task-allow, or record with --template 'Time Profiler'",
        r"Failed to attach to target process|liboainject",
    ),
    Failure(
        "privacy-prompt",
        "an instrument waits for a permission that nobody gave",
        "Open Instruments once, record with the same template, and allow what it asks",
        r"privacy|permission to record|not permitted to record",
    ),
    Failure(
        "wrong-device",
        "there is no such device",
        "List them with: xctrace list devices",
        r"No devices? found matching|Unable to find device|device .* is (offline|not available)",
    ),
    Failure(
        "locked-device",
        "the device is locked",
        "Unlock it, and leave it unlocked while it records (Settings, Display & Brightness, Auto-Lock)",
        r"could not be,? unlocked",
    ),
    Failure(
        "disk-full",
        "the disk is full",
        "Make room (a recording with GPU tables takes about 15 MB a second) and record again",
        r"No space left on device|disk is full|not enough (disk )?space",
    ),
    Failure(
        "no-process",
        "there is no such process",
        "Start it first and give its PID: --app PID",
        r"Cannot find process (matching|for)",
        code=21,
    ),
    Failure(
        "no-template",
        "xctrace does not know the template",
        "List them with: xctrace list templates",
        r"Cannot find template matching",
    ),
    Failure(
        "no-instrument",
        "xctrace does not know the instrument",
        "List them with: xctrace list instruments",
        r"Instrument with name .* cannot be found|Cannot find instrument",
    ),
    Failure(
        "recording-options",
        "xctrace refused the recording options",
        "Record without --waiting-threads",
        r"recording options.*(incorrect format|missing)|data .* is missing",
        code=57,
    ),
    Failure(
        "sandbox",
        "this shell may not write to xctrace's cache",
        "Record from Terminal, outside the sandbox",
        r"com\.apple\.dt\.InstrumentsCLI",
    ),
    Failure(
        "newer-trace",
        "the recording was made by a newer Xcode than this xctrace",
        "Export it with the Xcode that recorded it",
        r"does not support the new engineering type",
    ),
    UNFINISHED,
)
"""In order of decision; a printed text wins over an exit code."""


def explain(output: str, code: int | None = None) -> Failure | None:
    """The known failure that an output or, where no text tells, an exit code shows; else None."""
    for failure in KNOWN:
        if failure.text and re.search(failure.text, output, re.I):
            return failure
    return next((failure for failure in KNOWN if code is not None and failure.code == code), None)


def last_line(output: str) -> str:
    """The last line with anything on it, for failures that nobody knows."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
