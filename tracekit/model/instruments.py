"""Tables as Instruments names them: which are read, what weights of samples count, and what numbers cannot be."""

from collections.abc import Mapping
from typing import Final

from tracekit.model.schema import IntervalKind, Unit

TIME_PROFILE: Final = "time-profile"
"""What Time Profiler writes."""

UNITS: Final[Mapping[str, Unit]] = {TIME_PROFILE: "ns", "cpu-profile": "cycles", "counters-profile": "events"}
"""What weights of CPU samples count, by table, where a weight does not say itself."""

PROFILE_TABLES: Final = tuple(UNITS)
"""Tables that hold one CPU sample a row, best first."""

ANE_TABLES: Final = ("ane-hw-intervals", "ane-hw-intervals-internal")
"""The same table: Xcode 27 and the Neural Engine instrument write the first name, the Core ML template the second."""

GPU_TABLE: Final = "metal-gpu-intervals"
MPS_TABLE: Final = "mps-hw-intervals"
EVENT_TABLE: Final = "os-signpost"
REGION_TABLE: Final = "region-of-interest"
"""Points of interest. In a recording of Xcode 26.2 its rows of class Interval are the pairs of events that
``os-signpost`` has of the category PointsOfInterest, to the nanosecond, and there are no others. What the table
``PointsOfInterestEvents`` of Xcode 27 holds is not known, so it is not read."""

CORE_AI_TABLE: Final = "ODIEProfile"
"""What the Core AI instrument of Xcode 27 writes. Its columns (``model-name``, ``base-function-name``,
``function-name``, ``category``, ``level`` and times), its categories Inference, Setup and Load, and that rows nest by
``level`` rest on one public report: no recording with this table was seen."""

SIGNPOST_INTERVAL_TABLES: Final = ("os-signpost-interval", "OSSignpostIntervals")
"""The same: the Logging template and the newer os_signpost instrument."""

FM_INFERENCE_TABLE: Final = "ModelInferenceTable"
FM_EVENT_TABLE: Final = "FMEventTable"
FM_LOADING_TABLE: Final = "ModelLoadingTable"
"""What the Foundation Models instrument of Xcode 27 writes. The columns are those of files in a public repository, in
which the rows of the first two were made up."""

LANGUAGE_TABLES: Final = (FM_INFERENCE_TABLE, FM_EVENT_TABLE, FM_LOADING_TABLE)

INTERVAL_TABLES: Final[Mapping[str, IntervalKind]] = {
    **dict.fromkeys(ANE_TABLES, "ane"),
    GPU_TABLE: "gpu",
    MPS_TABLE: "mps",
    "coreml-os-signpost": "coreml",
    CORE_AI_TABLE: "coreai",
    **dict.fromkeys(SIGNPOST_INTERVAL_TABLES, "signpost"),
    EVENT_TABLE: "signpost",
    REGION_TABLE: "signpost",
}
"""The tables that hold intervals, and of which kind."""

CLOCK_TABLE: Final = "time-info"
"""Which tick of the machine's clock the recording began at."""

LOG_TABLE: Final = "os-log"
"""What the os_log instrument writes: what processes logged, on the recording's own clock. Its columns are those of an
export that is shown in a public repository; no recording with rows of it was read."""

THREAD_NAME_TABLE: Final = "thread-name"

TIME_LIMIT: Final = 1 << 53
"""Times and durations of a recording, in nanoseconds, stay below it: 104 days. Sums of a thousand still fit 64 bits."""

WEIGHT_LIMIT: Final = 1 << 53
CORE_LIMIT: Final = 1 << 15
