"""Plotly figures for notebooks. They are drawn from the same layout and in the same colours as the report."""

import html
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.running import running
from tracekit.model.profile import Profile, self_and_total
from tracekit.model.schema import ENGINES, NONE, PHASES
from tracekit.report.layout import flame_layout
from tracekit.report.numbers import DRIVING, readable_symbol, share_text, visible, weight_text
from tracekit.report.palette import KINDS, LIGHT, ON_COLOUR, PHASE_KINDS, REST

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ColorBy = Literal["engine", "phase", "image"]
Orientation = Literal["icicle", "flame"]

_WIDTH: Final = 900
"""Pixels a figure is thought to be wide: a call under one of them is not drawn."""
_ROW: Final = 20
_LETTER: Final = 7
"""Pixels a letter is thought to be wide."""
_FEWEST_LETTERS: Final = 4
_PURE: Final = 0.9
"""Share of a call from which it has the colour of one engine or phase; below, it has that of several."""
_SEVERAL: Final = "#e3e6ea"


class _Colour(NamedTuple):
    """A colour, and what it stands for."""

    label: str
    colour: str


def plotly_text(text: str) -> str:
    """Text as Plotly shows it: not as its few tags of HTML, nor, between two ``$``, as a formula."""
    return html.escape(text, quote=False).replace("$", "&#36;")


def flame_figure(
    profile: Profile, color_by: ColorBy = "engine", orientation: Orientation = "icicle", *, waiting: bool = False
) -> "Figure":
    """The flame graph of an attributed profile as a Plotly figure: first functions on top, or below (``flame``).

    Widths are CPU time; ``waiting`` draws the time of blocked threads, too, where they were recorded. The tooltip tells
    symbol, image, self and total. A call of several engines or phases, none with 90 % of it, is grey.
    Calls that would be narrower than a pixel are left out; ``focus`` first to see more of one, ``invert`` to begin with
    the functions that worked. The width of "driving ANE" is CPU time spent driving it, not the ANE's busy time.
    """
    from plotly.graph_objects import Figure

    profile = profile if waiting else running(profile)
    calls = _described(profile)
    colours, colour = _coloured(profile, calls, color_by)
    figure = Figure()
    for code, (label, shade) in enumerate(colours):
        mine = calls[colour == code]
        if len(mine):
            figure.add_bar(name=label, marker={"color": shade, "line": {"width": 0}}, **_bars(mine, calls))
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
    return figure.update_layout(**_frame(calls, orientation))


def _coloured(profile: Profile, calls: pd.DataFrame, color_by: ColorBy) -> tuple[list[_Colour], NDArray[np.int64]]:
    if color_by == "image":
        return _by_image(profile, calls)
    if color_by == "engine":
        colours = [_Colour(DRIVING[engine], LIGHT[engine]) for engine in ENGINES]
        code = profile.samples["engine"].cat.codes.to_numpy()
    else:
        colours = [_Colour(kind.label, shade) for kind, shade in zip(PHASE_KINDS, (*KINDS, REST), strict=True)]
        kind_of = {phase: code for code, kind in enumerate(PHASE_KINDS) for phase in kind.phases}
        code = np.array([kind_of[phase] for phase in PHASES])[profile.samples["phase"].cat.codes.to_numpy()]
    stack, weight = profile.samples["stack_id"].to_numpy(), profile.samples["weight"].to_numpy()
    rows = calls["stack_id"].to_numpy()
    totals = np.column_stack(
        [self_and_total(profile.stacks, stack[code == at], weight[code == at])[1][rows] for at in range(len(colours))]
    )
    is_pure = totals.max(axis=1) >= _PURE * totals.sum(axis=1)
    return [*colours, _Colour("several", _SEVERAL)], np.where(is_pure, totals.argmax(axis=1), len(colours))


def _by_image(profile: Profile, calls: pd.DataFrame) -> tuple[list[_Colour], NDArray[np.int64]]:
    """The images that take most of the picture in colours of their own."""
    image = profile.frames["binary_id"].to_numpy()[calls["frame_id"].to_numpy()]
    weights = pd.Series(calls["total"].to_numpy()).groupby(image).sum().drop(NONE, errors="ignore")
    heaviest = weights.sort_values(ascending=False, kind="stable").index[: len(KINDS)].tolist()
    names = [visible(profile.binaries["name"].to_numpy()[row]) for row in heaviest]
    place = {row: at for at, row in enumerate(heaviest)}
    colours = [_Colour(plotly_text(name), shade) for name, shade in zip(names, KINDS, strict=False)]
    code = np.array([place.get(row, len(heaviest)) for row in image.tolist()], np.int64)
    return [*colours, _Colour("other images", REST)], code


def _described(profile: Profile) -> pd.DataFrame:
    """The calls that can be seen, with what is said of each."""
    layout = flame_layout(profile)
    whole = int(layout["self"].sum()) or 1
    calls = layout[layout["total"] >= whole / _WIDTH].reset_index(drop=True)
    frames = profile.frames.take(calls["frame_id"].to_numpy())
    images = ["", *profile.binaries["name"]]
    names = [visible(readable_symbol(name)) for name in frames["name"]]
    calls["symbol"] = [plotly_text(name) for name in names]
    calls["image"] = [plotly_text(visible(images[binary + 1])) for binary in frames["binary_id"]]
    for column in ("self", "total"):
        told = ((weight_text(weight, profile.meta.unit), share_text(weight / whole)) for weight in calls[column])
        calls[f"{column}_text"] = [f"{weight} ({share})" for weight, share in told]
    room = (calls["total"] * (_WIDTH / whole / _LETTER)).astype("int64") - 1
    calls["text"] = [plotly_text(_cut(name, letters)) for name, letters in zip(names, room, strict=True)]
    return calls


def _cut(name: str, letters: int) -> str:
    """A name in so many letters, with an ellipsis where it is cut; nothing where too little would be left."""
    if len(name) <= letters:
        return name
    return f"{name[: letters - 1]}…" if letters >= _FEWEST_LETTERS else ""


def _bars(calls: pd.DataFrame, every: pd.DataFrame) -> dict[str, Any]:
    return {
        "orientation": "h",
        "base": calls["x0"],
        "x": np.maximum(calls["total"] - _pixel(every), calls["total"] * 0.7),
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


def _frame(calls: pd.DataFrame, orientation: Orientation) -> dict[str, Any]:
    rows = int(calls["depth"].max()) + 1 if len(calls) else 1
    span = [rows - 0.5, -0.5]
    return {
        "barmode": "overlay",
        "height": rows * _ROW + 60,
        "margin": {"l": 0, "r": 0, "t": 40, "b": 20},
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
        "dragmode": "zoom",
        "xaxis": {"visible": False, "range": [0, int(calls["total"][calls["depth"] == 0].sum())]},
        "yaxis": {"visible": False, "range": span if orientation == "icicle" else span[::-1], "fixedrange": True},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
    }
