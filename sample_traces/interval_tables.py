"""The tables of intervals, column by column: what an export and a bundle need to know of each.

Schemas are those of real recordings; a ``<sentinel/>`` stands where they have one. ``time-info`` joins the clocks.
"""

from collections.abc import Callable
from typing import NamedTuple

from sample_traces.recording import Interval, Process, Thread

TICKS_AT_START = 33_000_000_000_000
"""What ``mach_absolute_time`` was when a run began; a tick is 125/3 ns."""

Cell = int | str | Process | Thread | None


class TableColumn(NamedTuple):
    """A column: mnemonic, title, element of an export, engineering type of a bundle, and the value of a row."""

    mnemonic: str
    title: str
    tag: str
    type: str
    value: Callable[[Interval], Cell]


def _constant(value: Cell) -> Callable[[Interval], Cell]:
    return lambda _: value


_START = TableColumn("start", "Start", "start-time", "StartTime", lambda one: one.start_ns)
_DURATION = TableColumn("duration", "Duration", "duration", "Duration", lambda one: one.duration_ns)
_DEPTH = TableColumn("event-depth", "Depth", "metal-nesting-level", "MetalEncodingNestingLevel", lambda one: one.depth)
_LABEL = TableColumn("event-label", "Label", "formatted-label", "FormattedLabel", lambda one: one.label)
_STATE = TableColumn("state", "State", "gpu-state", "GPUState", lambda one: one.state)
_COLOR = TableColumn("color", "Color", "render-buffer-depth", "RenderingBufferDepth", _constant(0))
_PROCESS = TableColumn("process", "Process", "process", "Process", lambda one: one.process)
_FRAME = TableColumn("frame-number", "Frame", "gpu-frame-number", "GPUFrameNumber", _constant(None))
_LATENCY = TableColumn("start-latency", "Latency", "duration", "Duration", lambda one: one.latency_ns)
_CONNECTION = TableColumn("connection-UUID", "Connection", "uint64", "VisualConnectionUUID64", _constant(0))
_GPU = TableColumn("gpu", "GPU", "metal-device-name", "MetalDeviceName", _constant("Sample GPU"))
_SUBTITLE = TableColumn("channel-subtitle", "Subtitle", "string", "PrototypeString", _constant(""))


def _channel(tag: str, kind: str) -> TableColumn:
    return TableColumn("channel-name", "Channel", tag, kind, lambda one: one.channel)


def _text(mnemonic: str, title: str, tag: str, kind: str, value: Callable[[Interval], Cell]) -> TableColumn:
    return TableColumn(mnemonic, title, tag, kind, value)


def _number(mnemonic: str, title: str, kind: str = "GenericUInt32") -> TableColumn:
    return TableColumn(mnemonic, title, "uint64", kind, _constant(0))


_ANE = (_START, _DURATION, _channel("ane-event-name", "ANEEventName"), _DEPTH, _LABEL, _STATE, _COLOR)
_METAL = (
    *(_START, _DURATION, _channel("gpu-channel-name", "GPUChannelName"), _FRAME, _LATENCY, _DEPTH, _LABEL, _STATE),
    *(_CONNECTION, _COLOR, _PROCESS, _GPU, _SUBTITLE),
)
_MPS = (
    *(*_METAL[:2], _channel("mps-event-name", "MPSEventName"), _FRAME),
    *(_LATENCY._replace(value=_constant(None)), *_METAL[5:]),
)
_COREML = (
    *(_START, _DURATION, _number("full-layout-id", "Layout ID", "LayoutID")),
    _text("event-label", "Event", "coreml-model-event", "CoreMLModelEvent", lambda one: one.label),
    _text("model-name", "Model", "coreml-model-name", "CoreMLModelName", lambda one: one.channel),
    _text("model-level", "Level", "coreml-model-level", "CoreMLModelLevel", _constant("Model")),
    _text("event-type", "Type", "string", "PrototypeString", lambda one: one.label),
)
_CORE_AI = (
    *(_START, _DURATION),
    _text("model-name", "Model", "string", "PrototypeString", lambda one: one.channel),
    _text("base-function-name", "Base Function", "string", "PrototypeString", lambda one: one.label),
    _text("function-name", "Function", "string", "PrototypeString", lambda one: one.label),
    _text("category", "Category", "string", "PrototypeString", lambda one: one.category),
    TableColumn("level", "Level", "uint64", "GenericUInt32", lambda one: one.depth),
)
_SIGNPOST = (
    *(_START, _DURATION, _number("layout-qualifier", "Layout ID", "LayoutID")),
    _text("name", "Name", "string", "PrototypeString", lambda one: one.label),
    _text("category", "Category", "category", "OSLogCategory", _constant("PointsOfInterest")),
    _text("subsystem", "Subsystem", "subsystem", "OSLogSubsystem", lambda one: one.channel),
    _number("identifier", "Identifier", "OSSignpostIdentifier"),
    _PROCESS,
    TableColumn("start-thread", "Start Thread", "thread", "Thread", lambda one: one.thread),
)

ANE, ANE_INTERNAL, GPU = "ane-hw-intervals", "ane-hw-intervals-internal", "metal-gpu-intervals"
MPS, COREML, SIGNPOST, CLOCK = "mps-hw-intervals", "coreml-os-signpost", "os-signpost-interval", "time-info"
CORE_AI = "ODIEProfile"
"""Of its columns the names alone are known, from one public report; titles and types are invented."""

MARKS = "OSSignpostIntervals"
"""Signposts with what they say, as the os_signpost instrument of Xcode 27 writes them (columns of a public file)."""

COLUMNS: dict[str, tuple[TableColumn, ...]] = {
    ANE: _ANE,
    ANE_INTERNAL: _ANE,
    GPU: (
        *_METAL,
        TableColumn("iosurface-accesses", "IOSurfaces", "string", "PrototypeString", _constant("")),
        _number("bytes", "Bytes"),
        # Two encoders to a command buffer.
        TableColumn("cmdbuffer-id", "Command Buffer", "uint64", "MetalCommandBufferID", lambda one: one.number // 2),
        TableColumn("encoder-id", "Encoder", "uint64", "MetalEncoderID", lambda one: one.number),
        _number("gpu-submission-id", "Submission"),
    ),
    MPS: _MPS,
    COREML: _COREML,
    CORE_AI: _CORE_AI,
    SIGNPOST: _SIGNPOST,
    MARKS: (
        *_SIGNPOST,
        _text("start-message", "Start Message", "os-log-metadata", "OSLogMetadata", lambda one: one.category),
    ),
    CLOCK: (
        TableColumn("update-time", "Time", "sample-time", "SampleTimestamp", _constant(0)),
        TableColumn("mabs-epoch", "Mach Time", "mach-absolute-time", "MachAbsoluteTime", _constant(TICKS_AT_START)),
        TableColumn("timebase-info", "Timebase", "uint64", "MachTimebaseInfo", _constant(125 << 32 | 3)),
    ),
}


def rows_of(table: str, intervals: tuple[Interval, ...]) -> list[tuple[Cell, ...]]:
    """The cells of a table's rows, in the order in which they were recorded: an interval is written when it ends."""
    if table == CLOCK:
        chosen: list[Interval] = [Interval(CLOCK, 0, 0, "")]
    else:
        chosen = [one for one in intervals if one.table == table]
    return [tuple(column.value(one) for column in COLUMNS[table]) for one in chosen]
