"""The summary at the end of what ``sample`` prints, where somebody kept nothing else: leaves with their counts.

Sort by top of stack, same collapsed (when >= 5):
        __workq_kernreturn  (in libsystem_kernel.dylib)        6772
        ???  (in libBNNS.dylib)  load address 0x1a137a000 + 0x65d74c  [0x1a19d774c]        319
"""

import re
from itertools import pairwise
from typing import Final

from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.readers.snapshots.stacks import Frame, frame_id, meta_of, whole_lines
from tracekit.readers.text.lines import Lines

HEAD: Final = "Sort by top of stack"
_ROW: Final = re.compile(
    r"\s*(?P<name>\S.*?)\s+\(in (?P<image>.+?)\).*?(?:\[(?P<address>0x[0-9a-fA-F]{1,16})\])?"
    r"\s+(?P<count>[0-9]{1,15})\s*"
)


def recognises(lines: list[str]) -> bool:
    """Whether the head has a row below it, and no call graph stands above."""
    return any(line.strip().startswith(HEAD) and _ROW.fullmatch(below) for line, below in pairwise(lines))


def read(lines: Lines) -> Profile:
    """One sample a row, which weighs its count; its stack is the leaf alone.

    Raises:
        InputError: there is no row; ``strict`` and a line is not one.
    """
    builder, begun, count = ProfileBuilder(), False, 0
    for number, text in whole_lines(lines):
        if not begun:
            begun = text.strip().startswith(HEAD)
        elif not text.strip():
            break
        elif row := _ROW.fullmatch(text):
            name = (row["address"] or row["name"]) if row["name"] == "???" else row["name"]
            stack = builder.stack([frame_id(builder, Frame(name, row["image"]))])
            builder.sample(time_ns=0, thread_id=builder.thread(0), stack=stack, weight=int(row["count"]))
            count += 1
        else:
            lines.skip(number, "malformed-line", "is no row of the summary")
    if not count:
        raise lines.error(f"holds no rows under {HEAD!r}", hint="Use the whole output of sample")
    return builder.build(meta_of(lines, Facts()))
