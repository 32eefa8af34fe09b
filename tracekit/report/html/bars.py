"""Stacked bars that stand under one another on one scale: what several recordings are compared by."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from tracekit.analysis.predictions.steady import Steady, after_warmup, steady
from tracekit.report.html.predictions import pack_durations, pack_predictions, parts_of
from tracekit.report.numbers import weight_text


class Bar(NamedTuple):
    """One bar."""

    label: str
    value: str
    """How much the whole of it is; empty where all bars are 100 %."""
    parts: list[tuple[str, float]]
    """What each part is coloured as, and how wide it is in percent of the longest bar."""


class PartRow(NamedTuple):
    """One part of the mean prediction in several recordings."""

    name: str
    label: str
    means: list[int | None]
    """Nanoseconds; None where its predictions are not known."""


def engine_bar(label: str, shares: Mapping[str, float]) -> Bar:
    """The weight in focus by engine, 100 % wide."""
    return Bar(label, "", [(f"engine-{name}", 100 * share) for name, share in shares.items() if share])


def prediction_bars(labels: Sequence[str], tables: Sequence[pd.DataFrame | None]) -> list[Bar]:
    """The mean prediction after warm-up of every recording that has predictions, on one scale of time."""
    known = [(label, after_warmup(table)) for label, table in zip(labels, tables, strict=True) if table is not None]
    longest = max((table["wall_ns"].mean() for _, table in known), default=0) or 1
    bars = []
    for label, table in known:
        parts = [(part.name, float(100 * part.times.mean() / longest)) for part in parts_of(table)]
        bars.append(Bar(label, weight_text(round(table["wall_ns"].mean()), "ns"), parts))
    return bars


def prediction_rows(tables: Sequence[pd.DataFrame | None]) -> list[PartRow]:
    """Every part that any of the recordings has, with its mean in each."""
    chosen = [None if table is None else after_warmup(table) for table in tables]
    found = [{} if table is None else {part.name: part for part in parts_of(table)} for table in chosen]
    known = pd.concat([table for table in chosen if table is not None], ignore_index=True) if any(found) else None
    labels = [] if known is None else [(part.name, part.label) for part in parts_of(known)]
    means = [
        [
            None if table is None else round(parts[name].times.mean()) if name in parts else 0
            for table, parts in zip(chosen, found, strict=True)
        ]
        for name, _ in labels
    ]
    return [PartRow(name, label, each) for (name, label), each in zip(labels, means, strict=True)]


def latencies(labels: Sequence[str], tables: Sequence[pd.DataFrame | None]) -> list[tuple[str, str, str]]:
    """Of every recording with predictions its label, the label with its times, and what its chart is drawn from."""
    known = [(label, table, steady(table)) for label, table in zip(labels, tables, strict=True) if table is not None]
    return [(label, f"{label}{_times(found)}", pack_predictions(table, found)) for label, table, found in known]


def duration_latencies(labels: Sequence[str], durations: Sequence[Sequence[int]]) -> list[tuple[str, str, str]]:
    """As ``latencies``, of predictions of which only the length is known, in nanoseconds."""
    found = []
    for label, times in zip(labels, durations, strict=True):
        known = steady(pd.DataFrame({"index": range(len(times)), "wall_ns": times, "warmup": False}))
        if known is not None:
            found.append((label, f"{label}{_times(known)}", pack_durations(times, known)))
    return found


def _times(found: Steady | None) -> str:
    if found is None:
        return ""
    median, p95, p99 = (weight_text(time, "ns") for time in (found.p50_ns, found.p95_ns, found.p99_ns))
    return f" · median {median}, p95 {p95}, p99 {p99}"
