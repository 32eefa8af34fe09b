"""What people have at hand and try: files that are no recording, named by what they are, with the way to one."""

import re
from pathlib import PurePath
from typing import Final

from tracekit.errors import UnsupportedError

_RECORD: Final = "Record one: tracekit record, or Instruments' Core ML template"

_LOOKED_AT: Final = 8192


_BY_NAME: Final[tuple[tuple[tuple[str, ...], str, str], ...]] = (
    ((".xcresult",), "a result bundle of tests, which holds no samples", _RECORD),
    ((".logarchive",), "an archive of logs, which holds no samples", _RECORD),
    ((".mlmodelc", ".mlpackage", ".mlmodel"), "a model, not a recording of it", "tracekit ops lists its operations"),
    ((".mlperf",), "a performance report of Xcode for a model, which holds no samples", _RECORD),
    ((".atrc", ".ktrace"), "a kernel trace that Instruments has not worked through", "Open the .trace it is part of"),
    ((".gputrace",), "a capture of Metal calls of one frame, without the Neural Engine and without samples", _RECORD),
)
"""Ends of names, what such a file is, and what to do."""

_BY_CONTENT: Final = (
    (
        re.compile(rb'\s*\{(?=.*"operations")(?=.*"(?:preferred|supported|compute_units)")', re.S),
        "a compute plan: which engine Core ML would choose for each operation, not what ran",
        "Record the model too; tracekit ops sets a plan beside a recording",
    ),
    (
        re.compile(rb'\s*\{.*"(?:callStackTree|hangDiagnostics|cpuExceptionDiagnostics|crashDiagnostics)"', re.S),
        "a MetricKit payload, whose frames have addresses and no names",
        "Open the crash or hang report of the same event: an .ips file names functions",
    ),
    (
        re.compile(rb'\s*\{.*"\$schema"\s*:\s*"https://www\.speedscope\.app', re.S),
        "a profile for speedscope, which tracekit writes and does not read",
        "Open what it was made from",
    ),
    (
        re.compile(rb'\s*\{.*"meta"\s*:.*"(?:stackTable|processType|stackwalk)"', re.S),
        "a profile for the Firefox Profiler, as samply records it",
        "Open what it was made from; for the Neural Engine record with Instruments",
    ),
    (
        re.compile(rb"(?:[^\n]*\n){0,8}\*\*\* Sampled system activity"),
        "output of powermetrics: watts of the whole machine, and no functions",
        _RECORD,
    ),
    (
        re.compile(rb"PK\x03\x04"),
        "a zip without its list of members, which stands at its end: it is cut off, or came through a pipe",
        "Copy or download it again, and give its path",
    ),
    (
        re.compile(rb'"?Weight"?,"?Self Weight"?,', re.S),
        "a call tree that was saved without its indentation, so who called whom is lost",
        "Select the call tree and choose Edit ▸ Deep Copy: tracekit reads that text",
    ),
)
"""First bytes, and the same."""


def named(name: str, head: bytes | None = None) -> UnsupportedError | None:
    """The refusal of a file or folder that is known to be no recording; by its name, or by its first bytes."""
    if head is None:
        found = [(what, hint) for ends, what, hint in _BY_NAME if PurePath(name).suffix.lower() in ends]
    else:
        found = [(what, hint) for begins, what, hint in _BY_CONTENT if begins.match(head[:_LOOKED_AT])]
    return UnsupportedError(f"is {found[0][0]}", where=name, hint=found[0][1]) if found else None
