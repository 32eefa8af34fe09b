"""Instruments' interval tables, drawn from pairs of numbers; where predictions were found; and drawn samples alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tests.support.timelines import PID, TICK, drawn
from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.find import Sampled
from tracekit.attribution.catalogue import builtin_catalogue
from tracekit.attribution.engines import attribute
from tracekit.attribution.roots import matching, root_kinds, sample_roots
from tracekit.model.profile import Profile
from tracekit.model.schema import INTERVAL_KINDS, INTERVALS, NONE, PHASES, categorical, table


def windows(analysis: Analysis) -> list[tuple[float, float]]:
    """Start and end of every prediction in sampling intervals."""
    table = analysis.measured.iterations.table
    return [(start / TICK, end / TICK) for start, end in zip(table["start_ns"], table["end_ns"], strict=True)]


def ane(*spans: tuple[float, float]) -> pd.DataFrame:
    rows = [(int(s * TICK), int((e - s) * TICK), "Neural Engine Prediction", "Active") for s, e in spans]
    return pd.DataFrame(rows, columns=["start", "duration", "event-label", "state"])


def gpu(*spans: tuple[float, float], pid: int = PID) -> pd.DataFrame:
    rows = [(int(s * TICK), int((e - s) * TICK), "Active", pid) for s, e in spans]
    return pd.DataFrame(rows, columns=["start", "duration", "state", "process.pid"])


def gpu_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["start", "duration", "event-label", "state", "process", "process.pid"])
    return table.astype({"start": "Int64", "duration": "Int64", "process.pid": "Int64"})


def ane_table(*rows: tuple[int, int, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["start", "duration", "event-label", "state"])
    return table.astype({"start": "Int64", "duration": "Int64"})


def sampled(*threads: str, others: Sequence[str] = ()) -> Sampled:
    """The samples of drawn threads as ``analyze_profile`` hands them to predictions, without the rest of it."""
    return attributed(drawn(*threads, others=others))


def attributed(profile: Profile) -> Sampled:
    """The same of a profile as it was read."""
    catalogue = builtin_catalogue()
    profile = attribute(profile, catalogue)
    root = sample_roots(profile, (), catalogue)
    is_call = np.append(matching(profile, catalogue.calls) != NONE, False)
    calling = is_call[np.append(profile.stacks["frame_id"].to_numpy(), len(is_call) - 1)[root]]
    return Sampled(profile, root, calling, root_kinds(profile, root, catalogue))


def interval_rows(*rows: Mapping[str, object]) -> pd.DataFrame:
    """A table of ``intervals()`` from its rows; what one does not say is not known, and its phase ``execute``."""
    unsaid = {"start_ns": 0, "duration_ns": 1, "kind": "ane", "label": "", "process": "", "model": ""}
    unsaid |= {"thread_id": NONE, "depth": 0, "pid": NONE, "tid": NONE, "phase": "execute"}
    said = [{**unsaid, **row} for row in rows]
    columns: dict[str, object] = {name: [row[name] for row in said] for name in INTERVALS}
    for name, known in (("kind", [*map(str, INTERVAL_KINDS)]), ("phase", [*map(str, PHASES)])):
        columns[name] = categorical(np.array([known.index(str(row[name])) for row in said], np.int8), known)
    return table(INTERVALS, columns)
