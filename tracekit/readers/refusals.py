"""What people have at hand and try: files that are no recording, named by what they are, with the way to one."""

import re
from pathlib import PurePath
from typing import Final, NamedTuple

from tracekit.errors import UnsupportedError

_RECORD: Final = "Record one: tracekit record, or Instruments' Core ML template"

_LOOKED_AT: Final = 8192


class Known(NamedTuple):
    """A kind of file: how it is told, what it is, and what to do."""

    told_by: re.Pattern[bytes] | tuple[str, ...]
    """Its first bytes, or the end of its name."""
    what: str
    hint: str


_BY_NAME: Final = (
    Known((".xcresult",), "a result bundle of tests, which holds no samples", _RECORD),
    Known((".logarchive",), "an archive of logs, which holds no samples", _RECORD),
    Known(
        (".mlmodelc", ".mlpackage", ".mlmodel"), "a model, not a recording of it", "tracekit ops lists its operations"
    ),
    Known((".mlperf",), "a performance report of Xcode for a model, which holds no samples", _RECORD),
    Known(
        (".atrc", ".ktrace"), "a kernel trace that Instruments has not worked through", "Open the .trace it is part of"
    ),
    Known(
        (".gputrace",), "a capture of Metal calls of one frame, without the Neural Engine and without samples", _RECORD
    ),
)
_BY_CONTENT: Final = (
    Known(
        re.compile(rb'\s*\{(?=.*"operations")(?=.*"(?:preferred|supported|compute_units)")', re.S),
        "a compute plan: which engine Core ML would choose for each operation, not what ran",
        "Record the model too; tracekit ops sets a plan beside a recording",
    ),
    Known(
        re.compile(rb'\s*\{.*"(?:callStackTree|hangDiagnostics|cpuExceptionDiagnostics|crashDiagnostics)"', re.S),
        "a MetricKit payload, whose frames have addresses and no names",
        "Open the crash or hang report of the same event: an .ips file names functions",
    ),
    Known(
        re.compile(rb'\s*\{.*"\$schema"\s*:\s*"https://www\.speedscope\.app', re.S),
        "a profile for speedscope, which tracekit writes and does not read",
        "Open what it was made from",
    ),
    Known(
        re.compile(rb'\s*\{.*"meta"\s*:.*"(?:stackTable|processType|stackwalk)"', re.S),
        "a profile for the Firefox Profiler, as samply records it",
        "Open what it was made from; for the Neural Engine record with Instruments",
    ),
    Known(
        re.compile(rb"(?:[^\n]*\n){0,8}\*\*\* Sampled system activity"),
        "output of powermetrics: watts of the whole machine, and no functions",
        _RECORD,
    ),
    Known(
        re.compile(rb'"?Weight"?,"?Self Weight"?,', re.S),
        "a call tree that was saved without its indentation, so who called whom is lost",
        "Select the call tree and choose Edit ▸ Deep Copy: tracekit reads that text",
    ),
)


def named(name: str, head: bytes | None = None) -> UnsupportedError | None:
    """The refusal of a file or folder that is known to be no recording; by its name, or by its first bytes."""
    end = PurePath(name).suffix.lower()
    for kind in _BY_NAME if head is None else _BY_CONTENT:
        told = kind.told_by
        if end in told if isinstance(told, tuple) else told.match((head or b"")[:_LOOKED_AT]):
            return UnsupportedError(f"is {kind.what}", where=name, hint=kind.hint)
    return None
