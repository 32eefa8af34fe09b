"""Plotly figures for notebooks. They are drawn from the same layout and in the same colours as the report."""

import html
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES
from tracekit.report.layout import flame_layout
from tracekit.report.numbers import DRIVING, readable_symbol, share_text, visible, weight_text
from tracekit.report.palette import LIGHT, ON_COLOUR

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ColorBy = Literal["engine"]

_WIDTH: Final = 1200
"""Pixels a figure is thought to be wide: a call under one of them is not drawn."""
_ROW: Final = 20
_LETTER: Final = 7
"""Pixels a letter is thought to be wide."""
_FEWEST_LETTERS: Final = 4


def flame_figure(profile: Profile, color_by: ColorBy = "engine") -> "Figure":
    """The flame graph of an attributed profile, its first functions on top, as a Plotly figure.

    The tooltip tells symbol, image, self and total. Calls that would be narrower than a pixel are left out; ``focus``
    first to see more of one. The width of "driving ANE" is CPU time spent driving it, not the ANE's busy time.
    """
    from plotly.graph_objects import Figure

    assert color_by == "engine"
    calls = _described(profile)
    figure = Figure()
    for engine in ENGINES:
        mine = calls[calls["engine"] == ENGINES.index(engine)]
        if len(mine):
            figure.add_bar(name=DRIVING[engine], marker={"color": LIGHT[engine], "line": {"width": 0}}, **_bars(mine))
    named = calls[calls["text"] != ""]
    figure.add_scatter(
        mode="text",
        x=named["x0"] + 4 * _pixel(calls),
        y=named["depth"],
        text=named["text"],
        textposition="middle right",
        textfont={"size": 11, "color": ON_COLOUR},
        hoverinfo="skip",
        showlegend=False,
    )
    return figure.update_layout(**_frame(calls))


def _described(profile: Profile) -> pd.DataFrame:
    """The calls that can be seen, with what is said of each."""
    layout = flame_layout(profile)
    whole = int(layout["self"].sum()) or 1
    calls = layout[layout["total"] >= whole / _WIDTH].reset_index(drop=True)
    frames = profile.frames.take(calls["frame_id"].to_numpy())
    images = ["", *profile.binaries["name"]]
    names = [visible(readable_symbol(name)) for name in frames["name"]]
    calls["symbol"] = [html.escape(name, quote=False) for name in names]
    calls["image"] = [html.escape(visible(images[binary + 1]), quote=False) for binary in frames["binary_id"]]
    for column in ("self", "total"):
        calls[f"{column}_text"] = [
            f"{weight_text(weight, profile.meta.unit)} ({share_text(weight / whole)})" for weight in calls[column]
        ]
    room = (calls["total"] * (_WIDTH / whole / _LETTER)).astype("int64") - 1
    calls["text"] = [html.escape(_cut(name, letters), quote=False) for name, letters in zip(names, room, strict=True)]
    return calls


def _cut(name: str, letters: int) -> str:
    """A name in so many letters, with an ellipsis where it is cut; nothing where too little would be left."""
    if len(name) <= letters:
        return name
    return f"{name[: letters - 1]}…" if letters >= _FEWEST_LETTERS else ""


def _bars(calls: pd.DataFrame) -> dict[str, Any]:
    return {
        "orientation": "h",
        "base": calls["x0"],
        "x": np.maximum(calls["total"] - _pixel(calls), calls["total"] * 0.7),
        "y": calls["depth"],
        "width": (_ROW - 1) / _ROW,
        "customdata": calls[["symbol", "image", "self_text", "total_text"]],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>"
        "total %{customdata[3]}<br>self %{customdata[2]}",
        "hoverlabel": {"align": "left"},
    }


def _pixel(calls: pd.DataFrame) -> float:
    """A pixel in units of weight."""
    return float(calls["total"][calls["depth"] == 0].sum()) / _WIDTH


def _frame(calls: pd.DataFrame) -> dict[str, Any]:
    rows = int(calls["depth"].max()) + 1 if len(calls) else 1
    return {
        "barmode": "overlay",
        "height": rows * _ROW + 60,
        "margin": {"l": 0, "r": 0, "t": 40, "b": 20},
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
        "dragmode": "zoom",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False, "range": [rows - 0.5, -0.5], "fixedrange": True},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
    }
