"""Plotly figures of predictions and of the whole recording, for notebooks: the numbers and colours of the report."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tracekit.analysis.analyze import Analysis
from tracekit.model.schema import ENGINES
from tracekit.report.figures import plotly_text
from tracekit.report.html.predictions import parts_of
from tracekit.report.html.timeline import lanes
from tracekit.report.numbers import DRIVING
from tracekit.report.palette import LIGHT

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_MILLI: Final = 1e6
_WARMUP_OPACITY: Final = 0.4
_LANE: Final = 28
"""Pixels of a lane's height."""
_LANE_FILLED: Final = 0.75
_PART_COLOURS: Final = {
    **{f"engine-{engine}": colour for engine, colour in LIGHT.items()},
    "busy-ane": "#f2c48b",
    "busy-gpu": "#a3c6ee",
    "waiting": "#b9a7c9",
    "unaccounted": "#e3e6ea",
}
"""As in html/assets/report.css."""
_SPANS: Final = (
    *((DRIVING[engine], LIGHT[engine]) for engine in ENGINES),
    ("outside the focus", "#e0e3e7"),
    ("load or compile", "#a884a5"),
    ("prediction", "#8fa3b8"),
    ("warm-up", "#cbb79a"),
    ("prefill", "#3f7f86"),
    ("decode", "#8fc1b5"),
)
"""What each of ``timeline.COLOURS`` stands for, and its colour."""
_NO_SPANS: Final = pd.DataFrame(columns=["start_ns", "duration_ns", "colour", "lane"], dtype="int64")


def predictions_figure(analysis: Analysis) -> "Figure":
    """Where the time of every prediction went, as a Plotly figure: a bar a prediction, stacked from its parts.

    Warm-up is pale. Lines are the median and the 95th percentile of the predictions after warm-up, where their lengths
    are known.
    """
    from plotly.graph_objects import Figure

    iterations = analysis.measured.iterations
    table, steady = iterations.table, iterations.steady
    figure = Figure()
    opacity = np.where(table["warmup"], _WARMUP_OPACITY, 1.0)
    for part in parts_of(table) if len(table) else []:
        figure.add_bar(
            name=part.label,
            x=table["index"],
            y=part.times / _MILLI,
            marker={"color": _PART_COLOURS[part.name], "opacity": opacity, "line": {"width": 0}},
            hovertemplate="prediction %{x}: %{y:.3f} ms",
        )
    for name, value in (("p50", steady.p50_ns), ("p95", steady.p95_ns)) if steady else ():
        figure.add_hline(y=value / _MILLI, line={"width": 1, "dash": "dot"}, annotation_text=name)
    return figure.update_layout(
        barmode="stack",
        bargap=0,
        height=380,
        margin={"l": 50, "r": 30, "t": 60, "b": 40},
        plot_bgcolor="rgba(0,0,0,0)",
        title=None if len(table) else "No prediction was found",
        xaxis={"title": "prediction"},
        yaxis={"title": "ms"},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
    )


def timeline_figure(analysis: Analysis) -> "Figure":
    """What each engine and thread did when, as a Plotly figure: predictions, hardware intervals, threads.

    Text formats have no times; the figure is empty then.
    """
    from plotly.graph_objects import Figure

    found = lanes(analysis)
    names = [plotly_text(lane.name) for lane in found]
    spans = pd.concat([_NO_SPANS, *(lane.spans.assign(lane=number) for number, lane in enumerate(found))])
    figure = Figure()
    for code, (label, colour) in enumerate(_SPANS):
        mine = spans[spans["colour"] == code]
        if len(mine):
            figure.add_bar(
                name=label,
                orientation="h",
                y=mine["lane"],
                base=mine["start_ns"] / _MILLI,
                x=mine["duration_ns"] / _MILLI,
                width=_LANE_FILLED,
                marker={"color": colour, "line": {"width": 0}},
                hovertemplate="from %{base:.3f} ms, %{x:.3f} ms long",
            )
    return figure.update_layout(
        barmode="overlay",
        height=len(names) * _LANE + 130,
        margin={"l": 10, "r": 10, "t": 60, "b": 40},
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode="zoom",
        title=None if names else "The recording has no times",
        xaxis={"title": "ms"},
        yaxis={
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "range": [len(names) - 0.5, -0.5],
            "fixedrange": True,
            "automargin": True,
        },
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
    )
