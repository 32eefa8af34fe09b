"""Predictions, phases of language models and intervals as events with names, for viewers that have a time axis."""

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Final, NamedTuple

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.generation import GENERATION_SPANS
from tracekit.model.schema import NONE, Engine
from tracekit.report.numbers import visible


class Hardware(NamedTuple):
    """What intervals of a kind are called."""

    kind: str
    lane: str
    engine: Engine | None
    description: str


HARDWARE: Final = (
    Hardware("ane", "Neural Engine (hardware)", "ANE", "The Neural Engine at work, of all processes; loading too."),
    Hardware("gpu", "GPU (hardware)", "GPU", "The GPU at work."),
    Hardware("mps", "MPSGraph on the GPU (hardware)", "GPU", "An operation of MPSGraph."),
    Hardware("coreml", "Core ML signposts", None, "What Core ML says it did."),
    Hardware("coreai", "Core AI", None, "What Core AI says it did."),
    Hardware("signpost", "Signposts", None, "A signpost of the app or of a framework."),
)


LANGUAGE: Final = "generation"
"""The kind of what a language model did."""


class Event(NamedTuple):
    """Something with a start and an end."""

    kind: str
    """``prediction``, ``generation``, or a kind of ``HARDWARE``."""
    name: str
    label: str
    start_ns: int
    end_ns: int
    engine: Engine | None
    """Whose hardware worked; None where that is not said."""
    facts: dict[str, str]


class Lane(NamedTuple):
    """Events that belong together."""

    name: str
    thread: int
    """Row of ``threads``, -1 where they are of no thread."""
    events: list[Event]


def lanes_of(analysis: Analysis) -> list[Lane]:
    """Predictions, what language models did, then intervals by kind; those of a thread in a lane of that thread."""
    found: dict[tuple[str, int], Lane] = {}
    for name, thread, event in [*_predictions(analysis), *_phases(analysis), *_intervals(analysis)]:
        found.setdefault((name, thread), Lane(name, thread, [])).events.append(event)
    return list(found.values())


def _predictions(analysis: Analysis) -> list[tuple[str, int, Event]]:
    table = analysis.measured.iterations.table
    names = ("index", "start_ns", "end_ns", "warmup", "thread_id")
    found = []
    for index, start, end, warmup, thread in zip(*(table[name].tolist() for name in names), strict=True):
        facts = {"warmup": "yes" if warmup else "no"}
        event = Event("prediction", "Prediction", f"Prediction {index}", start, end, None, facts)
        found.append(("Predictions", thread, event))
    return found


def _phases(analysis: Analysis) -> list[tuple[str, int, Event]]:
    """Every span of every phase, also those that lie in others: each source has a lane of its own."""
    spans = analysis.measured.generation_spans
    columns = zip(*(spans[name].tolist() for name in GENERATION_SPANS), strict=True)
    found = []
    for source, phase, name, start, duration, tokens in columns:
        facts = {"source": visible(source), "phase": phase} | ({"tokens": str(tokens)} if tokens != NONE else {})
        label = f"{phase}: {visible(name)}" if name else phase
        event = Event(LANGUAGE, phase, label, start, start + duration, None, facts)
        found.append((f"Language model ({visible(source)})", NONE, event))
    return found


def _intervals(analysis: Analysis) -> list[tuple[str, int, Event]]:
    table = analysis.measured.intervals
    kinds = {each.kind: each for each in HARDWARE}
    names = ("kind", "label", "start_ns", "duration_ns", "thread_id", "phase", "process")
    found = []
    for kind, label, start, duration, thread, phase, process in zip(*(table[n].tolist() for n in names), strict=True):
        what = kinds[kind]
        facts = {"phase": phase} | ({"process": visible(process)} if process else {})
        label = visible(label) or what.lane
        event = Event(kind, label, label, start, start + max(duration, 0), what.engine, facts)
        found.append((what.lane, NONE if what.engine else thread, event))
    return found


def apart(events: Sequence[Event]) -> list[list[Event]]:
    """The events in as few rows as need be for none of a row to overlap, each in order of time.

    A viewer that nests what overlaps would take an overlapping interval for a part of the one before.
    """
    rows: list[list[Event]] = []
    free: list[tuple[int, int]] = []
    for event in sorted(events, key=lambda each: each.start_ns):
        if free and free[0][0] <= event.start_ns:
            _, row = heappop(free)
        else:
            row = len(rows)
            rows.append([])
        rows[row].append(event)
        heappush(free, (event.end_ns, row))
    return rows
