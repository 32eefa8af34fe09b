"""What an engineering type stands for: how a number in a row becomes a value.

Only types whose meaning was checked against an export, or seen to fit in recordings, are listed. A column of any other
type is given as it lies in the row, and its table says so.
"""

from enum import Enum
from typing import Final


class Kind(Enum):
    """How values of a type are kept."""

    TIME = "nanoseconds: of the run, or of a duration"
    INTEGER = "the number itself"
    BOOLEAN = "0 or 1"
    STRING = "number of a string"
    THREAD_NAME = "number of a string in the upper half"
    THREAD = "number of an array (thread id, process)"
    PROCESS = "number of an array (process id, device session)"
    BACKTRACE = "number of an array of chunks"
    CALLSTACK = "number of an array (addresses, program counter, process, registers)"
    LABEL = "number of a typed array, whose parts make one text"
    MESSAGE = "number of a typed array, whose parts make one text with blanks between"
    ANY = "number of a typed array of one value"
    LOCATION = "offset, and in the upper half the number of an array with a UUID"
    RAW = "not known"


def _types(kind: Kind, *names: str) -> dict[str, Kind]:
    return {f"XR{name}TypeID": kind for name in names}


KINDS: Final[dict[str, Kind]] = {
    **_types(Kind.TIME, "SampleTimestamp", "RecordedEventTimestamp", "StartTime", "Duration"),
    **_types(Kind.TIME, "DurationOnCPU", "DurationWaiting"),
    **_types(Kind.INTEGER, "TimeSampleWeight", "CycleWeight", "CPUCore", "ThreadID", "ProcessID", "TimeSample"),
    **_types(Kind.INTEGER, "PrototypeValue", "GenericUInt32", "SizeInBytes", "OSSignpostIdentifier"),
    **_types(Kind.INTEGER, "KDebugClass", "KDebugSubclass", "KDebugCode", "KDebugFunction", "KDebugArgument"),
    **_types(Kind.INTEGER, "KDebugStringID", "VirtualMemoryAddress", "MachAbsoluteTime", "MachContinuousTime"),
    **_types(Kind.INTEGER, "LayoutID", "ContainmentLayoutID", "RenderingBufferDepth", "MetalEncodingNestingLevel"),
    **_types(Kind.INTEGER, "MetalEncodingParellismLevel", "MetalWorkloadPriority", "MetalCommandBufferID"),
    **_types(Kind.INTEGER, "MetalEncoderID", "GPUFrameNumber", "GPUDriverIOSurfaceID", "VisualConnectionUUID64"),
    **_types(Kind.BOOLEAN, "Boolean"),
    **_types(Kind.STRING, "PrototypeString", "PrototypeShortString", "PrototypeMediumLengthString", "RawString"),
    **_types(Kind.STRING, "ThreadState", "SignpostName", "OSLogSubsystem", "OSLogCategory", "OSLogFormatString"),
    **_types(Kind.STRING, "OSLogEvent", "ApplicationPeriod", "ConnectionRoute", "EventConcept", "FilePath"),
    **_types(Kind.STRING, "RegionOfInterestClass", "RegionOfInterestKind", "RegionOfInterestScope", "ThermalState"),
    **_types(Kind.STRING, "GPUChannelName", "GPUDriverName", "GPUEventName", "GPUPerformanceState", "GPUState"),
    **_types(Kind.STRING, "GPUCounterName", "MetalDeviceName", "MetalEventName", "MetalEvent", "MetalObjectLabel"),
    **_types(Kind.STRING, "MPSEventName", "ANEEventName", "ShaderCompilerName", "NarrativeText", "HangType"),
    **_types(Kind.STRING, "CoreMLModelEvent", "CoreMLModelLevel", "CoreMLModelName", "DeviceSession"),
    **_types(Kind.THREAD_NAME, "ThreadName"),
    **_types(Kind.THREAD, "Thread"),
    **_types(Kind.PROCESS, "Process"),
    **_types(Kind.BACKTRACE, "Backtrace"),
    **_types(Kind.CALLSTACK, "CoreProfileCallstack"),
    **_types(Kind.LABEL, "FormattedLabel", "NarrativeEntry"),
    **_types(Kind.MESSAGE, "OSLogMetadata"),
    **_types(Kind.ANY, "Any"),
    **_types(Kind.LOCATION, "ReturnLocation"),
}


def kind_of(engineering_type: str) -> Kind:
    """The kind of a type."""
    return KINDS.get(engineering_type, Kind.RAW)
