"""Reports of spindump: hangs, CPU use, and what ``spindump`` writes itself.

    Process:          Demo [321]
      Thread 0x1a2b    DispatchQueue "com.apple.coreml"(42)    1001 samples (1-1001)    priority 31
      1001  start_wqthread + 8 (libsystem_pthread.dylib + 7000) [0x18734af70]
        700  BNNSGraphContextExecute_v2 + 20 (libBNNS.dylib + 100) [0x1a137b064] (running)
       *301  ??? (kernel + 5000) [0xfffffe0007a00000]

A callee is indented by two columns more than its caller; ``*`` marks the kernel's. Counts are of the reports' own
samples, of running and waiting threads alike.
"""

import re
from itertools import pairwise
from typing import Final

from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.readers.snapshots.stacks import Frame, frame_id, meta_of, whole_lines
from tracekit.readers.text.lines import Lines
from tracekit.readers.text.outline import Amount, Outline, Row, Thread

_PROCESS: Final = re.compile(r"Process:\s+(?P<name>\S.*?) \[(?P<pid>[0-9]{1,18})\].*")
_THREAD: Final = re.compile(r"\s*Thread (?P<tid>0x[0-9a-fA-F]{1,16})\s+(?P<said>\S.*)")
_NAME: Final = re.compile(r'(?:DispatchQueue|Thread name) "(?P<name>[^"]*)"')
_ROW: Final = re.compile(
    r"\s*\*?(?P<count>[0-9]{1,18})\s+(?P<name>\S.*?)(?: \+ [0-9]+)?"
    r"(?: \((?P<image>[^()]+?)(?: \+ [0-9]+)?\))?(?: \[(?P<address>0x[0-9a-fA-F]{1,16})\])?(?: \([^()]*\))*\s*"
)
_SYSTEM: Final = re.compile(r"OS Version:\s+(?P<os>\S.*?)\s*")


def recognises(lines: list[str]) -> bool:
    """Whether a thread with a hexadecimal id has a row below it."""
    return any(_THREAD.fullmatch(line) and _ROW.fullmatch(below) for line, below in pairwise(lines))


def read(lines: Lines) -> Profile:
    """One sample for every row with a count of its own, which it weighs.

    Raises:
        InputError: no thread has a row; ``strict`` and a row is not one.
    """
    outline = Outline(lines, step=2)
    process, thread, system, processes = ("", 0), None, None, list[tuple[str, int]]()
    for number, text in whole_lines(lines):
        if found := _PROCESS.fullmatch(text.strip()):
            process, thread = (found["name"], int(found["pid"])), None
            processes.append(process)
        elif found := _THREAD.fullmatch(text):
            named = _NAME.search(found["said"])
            thread = Thread(int(found["tid"], 16) % (1 << 63), named["name"] if named else "", process[1], process[0])
            outline.restart()
        elif found := _SYSTEM.fullmatch(text.strip()):
            system = found["os"]
        elif not text.strip():
            thread = None
        elif thread is not None:
            _add(outline, lines, number, text, thread)
    if not outline.rows:
        raise lines.error("holds no stack of a thread", hint="Use the whole report")
    outline.fill("samples")
    only = processes[0] if len(processes) == 1 else None
    return outline.builder.build(meta_of(lines, Facts(process=only and only[0], pid=only and only[1], os=system)))


def _add(outline: Outline, lines: Lines, number: int, text: str, thread: Thread) -> None:
    row = _ROW.fullmatch(text)
    if row is None:
        lines.skip(number, "malformed-line", "is no row of a stack")
        return
    name = (row["address"] or row["name"]) if row["name"] == "???" else row["name"]
    column = row.start("count")
    parent = outline.parent_at(column, number)
    frame = frame_id(outline.builder, Frame(name, row["image"] or ""))
    outline.add(column, Row(number, text.strip(), parent, thread, frame, Amount(int(row["count"]))))
