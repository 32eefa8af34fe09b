"""Tables of CPU samples as Instruments names them: which there are, what their weights count, and what cannot be."""

from collections.abc import Mapping
from typing import Final

from tracekit.model.schema import Unit

PROFILE_TABLES: Final = ("time-profile", "cpu-profile", "counters-profile")
"""Tables that hold one CPU sample a row, best first: time-profile is what Time Profiler writes."""

UNITS: Final[Mapping[str, Unit]] = {"time-profile": "ns", "cpu-profile": "cycles", "counters-profile": "events"}
"""What their weights count, where a weight does not say itself."""

TIME_LIMIT: Final = 1 << 53
"""Times and durations of a recording, in nanoseconds, stay below it: 104 days. Sums of a thousand still fit 64 bits."""

WEIGHT_LIMIT: Final = 1 << 53
CORE_LIMIT: Final = 1 << 15
