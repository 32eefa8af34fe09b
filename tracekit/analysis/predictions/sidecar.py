"""What the harness said of its own run, brought onto the trace's clock.

The sidecar has a time in mach ticks for the start and the end of every prediction. The trace counts nanoseconds from
its own beginning. ``time-info`` says which tick that was (``ticks.py``); how long a tick is, the sidecar says itself.

Where that table is missing, the date at which the recording began and the wall clock of the sidecar do, to about a
millisecond. Either way the result is checked against what the recording shows by itself, and refused if they disagree.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.spans import Times, union
from tracekit.analysis.predictions.ticks import moment
from tracekit.model.schema import ENGINES, Engine

MEASURED_FRAME: Final = "tracekit_measured_prediction"
WARMUP_FRAME: Final = "tracekit_warmup_prediction"
"""The two functions of the harness that predict; one of them is on the stack of every sample of a prediction."""

AGREEMENT: Final = 0.9
"""Share of the times to check against that must lie inside the predictions that the sidecar names."""
SLACK_NS: Final = 50_000
"""A check may be this far outside: clocks are read before the call and after it."""


class HarnessIteration(Protocol):
    """One prediction of the harness."""

    @property
    def is_warmup(self) -> bool: ...
    @property
    def start_mach(self) -> int: ...
    @property
    def end_mach(self) -> int: ...
    @property
    def start_wall_ns(self) -> int: ...


class Harness(Protocol):
    """A harness run; ``tracekit.recording.harness.sidecar`` reads it. ``document`` is the whole sidecar."""

    @property
    def pid(self) -> int: ...
    @property
    def compute_units(self) -> str: ...
    @property
    def timebase(self) -> tuple[int, int]: ...
    @property
    def iterations(self) -> Sequence[HarnessIteration]: ...
    @property
    def document(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Start and end of predictions in trace time, in order, and which of them were warm-up."""

    starts: Times
    ends: Times
    warmup: NDArray[np.bool_]
    clock: str
    """Which clock placed them, for the user."""
    model: str = ""
    """The model's name; empty where the sidecar does not say."""


def windows_of(harness: Harness, clock: pd.DataFrame | None, start_date: str | None) -> Windows | None:
    """The harness's predictions in trace time; None where no clock joins the two.

    ``clock`` is the table ``time-info``, ``start_date`` the ISO date at which the recording began.
    """
    rows = sorted(harness.iterations, key=lambda each: each.start_mach)
    warmup = np.array([each.is_warmup for each in rows], bool)
    numer, denom = harness.timebase
    known = moment(clock)
    if known is not None:
        update, tick = known
        starts = [update + (each.start_mach - tick) * numer // denom for each in rows]
        ends = [update + (each.end_mach - tick) * numer // denom for each in rows]
    elif (began := wall_ns(start_date)) is not None:
        starts = [each.start_wall_ns - began for each in rows]
        lengths = [(each.end_mach - each.start_mach) * numer // denom for each in rows]
        ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    else:
        return None
    whose = "the wall clock" if known is None else "the mach clock"
    return Windows(np.array(starts, np.int64), np.array(ends, np.int64), warmup, whose, model_of(harness))


def model_of(harness: Harness) -> str:
    """The name of the model that the harness loaded: its file's, without folder and ending; empty if it is not said."""
    model = harness.document.get("model")
    path = model.get("path") if isinstance(model, Mapping) else None
    return PurePosixPath(path).stem if isinstance(path, str) else ""


def agreement(windows: Windows, times: Times) -> float:
    """Share of some times, of which there is one at least, that lie in the windows."""
    return float(union(windows.starts - SLACK_NS, windows.ends + SLACK_NS).holds(times).mean())


def planned(harness: Harness) -> dict[Engine, int] | None:
    """How many operations Core ML's compute plan prefers on each engine; None where the sidecar has no plan.

    Constants have no device and are not counted. A plan is a prediction, never a measurement.
    """
    plan = harness.document.get("compute_plan")
    operations = plan.get("operations") if isinstance(plan, Mapping) else None
    if not isinstance(operations, list):
        return None
    preferred = Counter(each.get("preferred") for each in operations if isinstance(each, Mapping))
    return {engine: preferred[engine] for engine in ENGINES if preferred[engine]}


def wall_ns(date: str | None) -> int | None:
    """Nanoseconds since 1970; None for what is no date with an offset."""
    if not date:
        return None
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    return None if moment.tzinfo is None else pd.Timestamp(moment).value
