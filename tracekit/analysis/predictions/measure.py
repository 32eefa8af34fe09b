"""Samples, hardware intervals, signposts and the sidecar on one clock: predictions with where their time went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from tracekit.analysis.predictions.breakdown import break_down
from tracekit.analysis.predictions.find import Predictions, Sampled, Source, find_predictions
from tracekit.analysis.predictions.hardware import Hardware, engine_times, summarize
from tracekit.analysis.predictions.intervals import TABLES, intervals
from tracekit.analysis.predictions.sampling import sampling_interval
from tracekit.analysis.predictions.sidecar import CLOCK_TABLE, Harness, Windows, windows_of
from tracekit.analysis.predictions.steady import Steady, mark_warmup, steady
from tracekit.model.facts import Notice
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

WANTED: Final = (*TABLES, CLOCK_TABLE)
"""The tables that ``measure`` reads, where a recording has them."""

NO_HARDWARE: Final = Notice(
    "no-hardware-intervals",
    "no table of hardware intervals (ane-hw-intervals, metal-gpu-intervals) was read with the samples: how long the "
    "Neural Engine and the GPU were busy is not known",
)

TimeRange = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What was recorded beside the samples: Instruments' tables by schema, and what the harness wrote."""

    tables: Mapping[str, pd.DataFrame]
    harness: Harness | None = None
    notices: tuple[Notice, ...] = ()


NOTHING: Final = Beside({})


@dataclass(frozen=True, slots=True, eq=False)
class Iterations:
    """The predictions of a recording."""

    table: pd.DataFrame
    """One row a prediction: ``index``, ``start_ns``, ``end_ns``, ``warmup``, ``thread_id``, and the columns of
    ``breakdown.Breakdown.table``."""
    phases: pd.DataFrame
    """``index``, ``engine``, ``phase``, ``samples``, ``weight`` of what was sampled in each."""
    source: Source
    note: str
    """How they were found, and what that may get wrong."""
    steady: Steady | None
    """Times of those after warm-up; None where there is none."""
    lengths_known: bool = True
    """False where it is not sure which samples are of the same prediction: then ``steady`` and means are a guess."""

    @property
    def after_warmup(self) -> pd.DataFrame:
        """The rows after warm-up; all, where nothing else is there."""
        chosen = self.table[~self.table["warmup"].to_numpy()]
        return chosen if len(chosen) else self.table


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Everything on one clock."""

    intervals: pd.DataFrame
    iterations: Iterations
    hardware: Hardware | None
    notices: tuple[Notice, ...]
    times_cpu: bool
    """Whether samples weigh nanoseconds, so that CPU time can stand beside hardware time."""


def measure(sampled: Sampled, beside: Beside, time_range: TimeRange = (None, None)) -> Measured:
    """Put what was recorded on one clock. ``sampled`` holds the samples that take part."""
    profile = sampled.profile
    table = intervals(beside.tables, profile.threads)
    pid = _target(sampled, beside.harness)
    windows, refused = _windows(beside, profile)
    found, disagreement = find_predictions(sampled, table, windows, pid)
    chosen = found._replace(table=_in_range(found.table, time_range))
    broken = break_down(chosen.table, sampled, engine_times(table, pid))
    rows = broken.table if found.marks_warmup else mark_warmup(broken.table)
    hardware = summarize(beside.tables, table, rows, profile.samples["time_ns"].to_numpy(), pid)
    notices = (*beside.notices, *refused, *disagreement, *_remarks(hardware, chosen, profile))
    iterations = Iterations(rows, broken.phases, found.source, found.note, steady(rows), found.lengths_known)
    return Measured(table, iterations, hardware, notices, times_cpu=profile.meta.unit == "ns")


def _target(sampled: Sampled, harness: Harness | None) -> int | None:
    """The process that predicts: as the recording or the harness says, else the one with most samples in the focus."""
    profile = sampled.profile
    pids = set(profile.threads["pid"].tolist())
    for pid in (harness.pid if harness is not None else None, profile.meta.facts.pid):
        if pid is not None and (pid in pids or not pids):
            return pid
    samples = profile.samples[sampled.in_focus] if sampled.in_focus.any() else profile.samples
    thread = samples["thread_id"].to_numpy()
    known = thread[thread != NONE]
    return int(profile.threads["pid"].take(known).mode().iloc[0]) if len(known) else None


def _windows(beside: Beside, profile: Profile) -> tuple[Windows | None, tuple[Notice, ...]]:
    harness = beside.harness
    if harness is None:
        return None, ()
    if harness.pid not in set(profile.threads["pid"].tolist()):
        what = f"the sidecar was not used: it is of process {harness.pid}, which this recording does not have"
        return None, (Notice("sidecar-of-another-process", what),)
    windows = windows_of(harness, beside.tables.get(CLOCK_TABLE), profile.meta.facts.start_date)
    if windows is None:
        what = "the sidecar was not used: neither time-info nor the recording's start date joins its clock to the trace"
        return None, (Notice("sidecar-without-clock", what),)
    return windows, ()


def _in_range(table: pd.DataFrame, time_range: TimeRange) -> pd.DataFrame:
    begin, end = time_range
    chosen = pd.Series(True, index=table.index)
    if begin is not None:
        chosen &= table["start_ns"] >= begin
    if end is not None:
        chosen &= table["end_ns"] <= end
    return table[chosen].reset_index(drop=True)


def _remarks(hardware: Hardware | None, found: Predictions, profile: Profile) -> list[Notice]:
    """What limits these numbers."""
    remarks = [] if hardware is not None else [NO_HARDWARE]
    wall = (found.table["end_ns"] - found.table["start_ns"]).to_numpy()
    interval = sampling_interval(profile) if len(wall) else 0
    if interval and sorted(wall.tolist())[len(wall) // 2] < 2 * interval:
        what = (
            f"predictions last about as long as the sampling interval ({interval / 1e6:.1f} ms): the CPU time of one "
            "prediction means little, that of all of them does"
        )
        remarks.append(Notice("coarse-sampling", what))
    start, end = found.table["start_ns"].to_numpy(), found.table["end_ns"].to_numpy()
    at_once = int((start[1:] < end[:-1]).sum())
    if at_once:
        what = f"{at_once} predictions began before the one before had ended: hardware time in both counts in both"
        remarks.append(Notice("predictions-overlap", what, at_once))
    return remarks
