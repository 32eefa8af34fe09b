"""What LLDB prints for ``bt all`` or ``bt``.

* thread #5, name = 'worker', queue = 'com.apple.coreml', stop reason = signal SIGSTOP
  * frame #0: 0x00000001bb52711c libsystem_kernel.dylib`semaphore_wait_trap + 8
    frame #1: 0x0000000102a4f8a0 Demo`main at main.m:12:3
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.readers.snapshots.stacks import Frame, Stack, profile_of, whole_lines
from tracekit.readers.text.lines import Lines

_THREAD: Final = re.compile(r"\*?\s*thread #(?P<number>[0-9]{1,9})(?P<said>.*)")
_NAMED: Final = re.compile(r"(?:name|queue) = '(?P<name>[^']*)'")
_FRAME: Final = re.compile(
    r"\*?\s*frame #[0-9]{1,9}: (?P<address>0x[0-9a-fA-F]{1,16})(?: (?P<image>[^`]+)`(?P<name>.+?))?"
    r"(?: at (?P<file>\S.*?):(?P<line>[0-9]{1,9})(?::[0-9]+)?(?: \[opt\])?)?"
)
_OFFSET: Final = re.compile(r" \+ [0-9]+$")
_LLDB_NAME: Final = "___lldb_unnamed_symbol"


def recognises(lines: list[str]) -> bool:
    """Whether a thread's head has a frame below it."""
    return any(_THREAD.fullmatch(line.strip()) and _FRAME.fullmatch(below.strip()) for line, below in pairwise(lines))


def read(lines: Lines) -> Profile:
    """One sample a thread.

    Raises:
        InputError: no thread has a stack.
    """
    return profile_of(lines, _stacks(lines), Facts())


def _stacks(lines: Lines) -> Iterator[Stack]:
    thread, frames = "", list[Frame]()
    for _, text in whole_lines(lines):
        line = text.strip()
        head, match = _THREAD.fullmatch(line), _FRAME.fullmatch(line)
        if head:
            if frames:
                yield Stack(thread, frames)
            named = _NAMED.search(head["said"])
            thread, frames = f"Thread {head['number']}" + (f" ({named['name']})" if named else ""), []
        elif match and thread:
            frames.append(_frame(match))
    if frames:
        yield Stack(thread, frames)


def _frame(match: re.Match[str]) -> Frame:
    name = _OFFSET.sub("", match["name"] or "")
    if not name or name.startswith(_LLDB_NAME):
        name = f"{int(match['address'], 16):#x}"
    file, line = match["file"] or "", int(match["line"] or 0)
    return Frame(name, match["image"] or "", file=file, line=line if line < 1 << 31 else 0)
