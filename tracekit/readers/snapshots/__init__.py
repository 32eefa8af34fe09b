"""Single stacks: what every thread of a process was doing at one moment, without times.

    stacks.py       stacks of threads → Profile
    crash.py        crash reports: .ips (JSON), Apple's text, and text of the same form from crash reporters
    lldb.py         ``bt all`` and ``bt`` of LLDB
    spindump.py     spindump, hang and CPU reports: a call tree a thread, with counts
    summary.py      ``Sort by top of stack`` of ``sample``, without its call graph

A stack is one sample that weighs 1; counts are kept where a report has them. None is a share of time.
"""

from collections.abc import Callable
from typing import NamedTuple

from tracekit.model.profile import SNAPSHOT, Profile
from tracekit.model.trace import Trace
from tracekit.readers.snapshots import crash, lldb, spindump, summary
from tracekit.readers.snapshots.stacks import MOST_CHARACTERS
from tracekit.readers.text import StackRun
from tracekit.readers.text.lines import Lines, decode, split

__all__ = ["open_snapshot", "sniff"]


class Format(NamedTuple):
    """A kind of report: knows its own, and reads it."""

    recognises: Callable[[list[str]], bool]
    read: Callable[[Lines], Profile]


FORMATS = {
    "ips": Format(crash.recognises_json, crash.read_json),
    "crash": Format(crash.recognises_text, crash.read_text),
    "lldb": Format(lldb.recognises, lldb.read),
    "spindump": Format(spindump.recognises, spindump.read),
    "summary": Format(summary.recognises, summary.read),
}


def sniff(head: bytes) -> str | None:
    """Which kind of report a file begins as; None where it is none."""
    text = decode(head, "replace", final=False)
    if "\0" in text:
        return None
    lines = [line for line in split(text) if len(line) < MOST_CHARACTERS or line.startswith("{")]
    return next((name for name, known in FORMATS.items() if known.recognises(lines)), None)


def open_snapshot(path: str, data: bytes, kind: str, *, strict: bool = False) -> Trace:
    """A trace of one run from a report that ``sniff`` found to be of ``kind``.

    Raises:
        InputError: the data are not text, or hold no stack; ``strict`` and a line of a stack is not one.
    """
    lines = Lines(path, data, strict=strict)
    profile = FORMATS[kind].read(lines)  # a report is small, so it is read at once
    run = StackRun(path, profile.meta.facts, lambda: profile, "a report holds stacks", hint=None)
    return Trace(path=path, format=SNAPSHOT, runs=(run,))
