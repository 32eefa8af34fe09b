"""The timeline of a report: what each engine and thread did when, on one axis, packed for the page's scripts.

predictions   ├──────────┤ ├─────────┤ ├────────
language      ├─prefill──┤ ├decode┤├decode┤         what a language model did, where its tables or signposts tell
ANE            ▐████▌       ▐████▌      ▐████▌      hardware intervals: when it was busy
GPU                  ▐▌           ▐▌          ▐▌
Main Thread   ▌▌▐▌ ▌   ▐▌▌ ▌▐▌    ▌▌▌  ▌▐ ▌▐▌      samples, in the colour of the engine they worked for
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.generation import DECODE, PREFILL
from tracekit.analysis.predictions.sampling import sampling_interval, stretches
from tracekit.model.schema import ENGINES
from tracekit.report.html.packing import packed
from tracekit.report.html.payload import Show, has_times
from tracekit.report.numbers import thread_label, visible

THREADS_SHOWN: Final = 12
MOST_SPANS: Final = 50_000
"""A lane has no more spans than this; no screen shows more."""

_MICRO: Final = 1000

COLOURS: Final = (*ENGINES, "outside", "load", "prediction", "warmup", PREFILL, DECODE)
"""What a span's colour stands for: an engine, a sample outside the focus, loading or compiling, a prediction, a phase
of a language model."""

_HARDWARE: Final = (
    ("ane", "ANE busy", "ANE"),
    ("gpu", "GPU busy", "GPU"),
    ("mps", "MPSGraph on the GPU", "GPU"),
    ("coreml", "Core ML signposts", "none"),
    ("coreai", "Core AI", "none"),
)


class Lane(NamedTuple):
    """One row of the timeline."""

    name: str
    kind: str
    """``predictions``, ``phases``, ``hardware`` or ``samples``."""
    spans: pd.DataFrame
    """``start_ns``, ``duration_ns``, ``colour`` (position in ``COLOURS``), in order of time."""


def pack_timeline(analysis: Analysis, show: Show = visible) -> str:
    """The lanes of an analysis as text; empty where nothing has a time.

    Columns: ``lane`` (position in the header's ``lanes``), ``step`` (microseconds since the span before in the lane
    began; the first in a lane since the recording began), ``length`` in microseconds, ``colour``; for every prediction
    ``prediction_start`` and ``prediction_end``.
    """
    found = lanes(analysis, show)
    if not found:
        return ""
    table = analysis.measured.iterations.table
    spans = pd.concat([lane.spans.assign(lane=number) for number, lane in enumerate(found)], ignore_index=True)
    start = np.maximum(spans["start_ns"].to_numpy() // _MICRO, 0)
    end = np.maximum((spans["start_ns"] + spans["duration_ns"]).to_numpy() // _MICRO, start)
    begins = np.diff(spans["lane"].to_numpy(), prepend=-1) != 0
    before = np.where(begins, 0, np.concatenate([[0], start[:-1]]))
    header = {"colours": COLOURS, "lanes": [{"name": lane.name, "kind": lane.kind} for lane in found]}
    columns = {
        "lane": spans["lane"].to_numpy(),
        "step": start - before,
        "length": end - start,
        "colour": spans["colour"].to_numpy(),
        "prediction_start": np.maximum(table["start_ns"].to_numpy() // _MICRO, 0),
        "prediction_end": np.maximum(table["end_ns"].to_numpy() // _MICRO, 0),
    }
    return packed(header, columns)


def lanes(analysis: Analysis, show: Show = visible) -> list[Lane]:
    """Predictions, phases of language models, the hardware; then the threads that worked most, of the focus first."""
    if not has_times(analysis.profile):
        return []
    threads = _threads(analysis, show)
    measured = analysis.measured
    return [*_predictions(analysis), *_phases(measured.generation_spans), *_hardware(measured.intervals), *threads]


def _predictions(analysis: Analysis) -> list[Lane]:
    table = analysis.measured.iterations.table
    if not len(table):
        return []
    kinds = np.where(table["warmup"], COLOURS.index("warmup"), COLOURS.index("prediction"))
    length = table["end_ns"] - table["start_ns"]
    spans = pd.DataFrame({"start_ns": table["start_ns"], "duration_ns": length, "colour": kinds})
    return [Lane("Predictions", "predictions", spans)]


def _phases(spans: pd.DataFrame) -> list[Lane]:
    """Prefill and decode of language models, a lane for each source that tells of them."""
    told = spans[spans["phase"].isin([PREFILL, DECODE]).to_numpy()].sort_values("start_ns", kind="stable")
    sources = told["source"].unique().tolist()
    found = []
    for source in sources:
        mine = told[(told["source"] == source).to_numpy()]
        shown = mine[["start_ns", "duration_ns"]].assign(colour=mine["phase"].map(COLOURS.index).astype("int64"))
        name = "Language model" if len(sources) == 1 else str(source)
        found.append(Lane(name, "phases", _thinned(shown.reset_index(drop=True))))
    return found


def _hardware(intervals: pd.DataFrame) -> list[Lane]:
    found = []
    for kind, name, colour in _HARDWARE:
        rows = intervals[(intervals["kind"] == kind).to_numpy()]
        if len(rows):
            colours = np.where(rows["phase"] == "execute", COLOURS.index(colour), COLOURS.index("load"))
            spans = rows[["start_ns", "duration_ns"]].assign(colour=colours)
            found.append(Lane(name, "hardware", _merged(spans, gap=0)))
    return found


def _threads(analysis: Analysis, show: Show) -> list[Lane]:
    profile, in_focus = analysis.profile, analysis.in_focus
    rank = profile.samples.assign(focus=in_focus).groupby("thread_id")["focus"].agg(["sum", "size"])
    chosen = rank.sort_values(["sum", "size"], ascending=False, kind="stable").index[:THREADS_SHOWN].tolist()
    spans = _sample_spans(analysis)
    interval = sampling_interval(profile)
    found = []
    for thread in chosen:
        mine = spans.loc[spans["thread_id"] == thread, ["start_ns", "duration_ns", "colour"]]
        found.append(Lane(thread_label(profile, thread, show), "samples", _merged(mine, gap=interval // 4)))
    return found


def _sample_spans(analysis: Analysis) -> pd.DataFrame:
    """Every sample as the time it stands for: ``thread_id``, ``start_ns``, ``duration_ns``, ``colour``."""
    profile = analysis.profile
    engine = profile.samples["engine"].cat.codes.to_numpy()
    # Where nothing is in focus, the report shows everything.
    shown = analysis.in_focus if analysis.in_focus.any() else np.ones(len(profile), bool)
    rows, thread, start, end, _ = stretches(profile)
    colour = np.where(shown, engine, COLOURS.index("outside"))[rows]
    return pd.DataFrame({"thread_id": thread, "start_ns": start, "duration_ns": end - start, "colour": colour})


def _merged(spans: pd.DataFrame, gap: int) -> pd.DataFrame:
    """Spans of one colour that touch, or nearly, as one."""
    ordered = spans.sort_values("start_ns", kind="stable", ignore_index=True)
    start, end = ordered["start_ns"], ordered["start_ns"] + ordered["duration_ns"]
    breaks = (ordered["colour"].diff() != 0) | (start - end.cummax().shift(1) > gap)
    group = breaks.cumsum()
    first = ordered[~group.duplicated()]
    length = end.groupby(group).max().to_numpy() - first["start_ns"].to_numpy()
    return _thinned(first.assign(duration_ns=length).reset_index(drop=True))


def _thinned(spans: pd.DataFrame) -> pd.DataFrame:
    """No more spans than can be told apart: of those that begin together, the longest."""
    if len(spans) <= MOST_SPANS:
        return spans
    start = spans["start_ns"]
    cell = (start - start.min()) // (int(start.max() - start.min()) // MOST_SPANS + 1)
    return spans.loc[spans.groupby(cell)["duration_ns"].idxmax()].reset_index(drop=True)
