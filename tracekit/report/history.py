"""Trends over the table of a batch: a group for each model, operating system and choice of compute units.

In a group, recordings stand in the order in which they were recorded; where that is not known, by path. A recording
that says no model is known by its process.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracekit.report.figures import plotly_text
from tracekit.report.numbers import share_text, visible
from tracekit.report.palette import LIGHT

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_LEVELS: Final = "▁▂▃▄▅▆▇█"
_SPARKS: Final = 24
"""Recordings a line of blocks shows: the last ones."""
_FEW_ROWS: Final = 10


class Trend(NamedTuple):
    """One group, its rows in order."""

    model: str
    os: str
    compute_units: str
    rows: pd.DataFrame


def trends(results: pd.DataFrame) -> list[Trend]:
    """The groups of a batch's table, by name; rows that could not be read are left out."""
    rows = results[results["status"] == "ok"]
    keys = pd.DataFrame({
        "model": rows["model"].fillna(rows["process"]).fillna(""),
        "os": rows["os"].fillna(""),
        "compute_units": rows["compute_units"].fillna(""),
    })  # fmt: skip
    ordered = rows.assign(**{f"_{name}": keys[name] for name in keys}).sort_values(
        ["recorded", "path", "run"], na_position="first", kind="stable"
    )
    groups = ordered.groupby([f"_{name}" for name in keys], sort=True)
    return [Trend(str(key[0]), str(key[1]), str(key[2]), mine[results.columns]) for key, mine in groups]


def history_view(results: pd.DataFrame) -> RenderableType:
    """Every group with its answers, its ANE share and its predictions' length, oldest first; then what is missing."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in ("model", "OS", "compute units"):
        table.add_column(name, overflow="fold")
    for name in ("recordings", "answers", "driving ANE: first", "last"):
        table.add_column(name, justify="right")
    table.add_column("trend", no_wrap=True)
    for name in ("p95: first", "last"):
        table.add_column(name, justify="right", no_wrap=True)
    for trend in trends(results):
        share, p95 = trend.rows["share_ANE"].dropna(), trend.rows["p95_ns"].dropna()
        table.add_row(
            *(Text(visible(part) or "-") for part in trend[:3]),
            f"{len(trend.rows):,}",
            _answers(trend.rows),
            *_ends([share_text(float(each)) for each in share]),
            Text(_sparks(share.tolist()), style="magenta"),
            *_ends([f"{each / 1e6:.2f} ms" for each in p95.tolist()]),
        )
    return Group(table, *_failures(results))


def _failures(results: pd.DataFrame) -> list[RenderableType]:
    failed = results[results["status"] != "ok"]
    if failed.empty:
        return []
    lines = [
        Text(f"  {visible(str(path))}: {visible(str(reason))}", style="dim")
        for path, reason in zip(failed["path"].head(_FEW_ROWS), failed["reason"].head(_FEW_ROWS), strict=True)
    ]
    more = [Text(f"  and {len(failed) - _FEW_ROWS} more", style="dim")] if len(failed) > _FEW_ROWS else []
    return [Text(), Text(f"{len(failed)} could not be read:"), *lines, *more]


def _answers(rows: pd.DataFrame) -> str:
    counts = rows["answer"].value_counts()
    return ", ".join(f"{counts[answer]} {answer}" for answer in ("yes", "partly", "no", "unknown") if answer in counts)


def _ends(texts: list[str]) -> tuple[str, str]:
    return (texts[0], texts[-1]) if texts else ("-", "-")


def _sparks(shares: list[float]) -> str:
    """A block for each share, 0 to 1."""
    return "".join(_LEVELS[min(int(share * len(_LEVELS)), len(_LEVELS) - 1)] for share in shares[-_SPARKS:])


def history_figure(results: pd.DataFrame) -> "Figure":
    """The share that drives the ANE (above) and the 95th percentile of predictions (below), a line a group."""
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    for number, trend in enumerate(trends(results)):
        name = plotly_text(" · ".join(visible(part) for part in trend[:3] if part) or "not named")
        dates = trend.rows["recorded"]
        order = list(range(1, len(dates) + 1))
        common = {
            "x": dates.tolist() if dates.notna().all() else order,
            "customdata": [plotly_text(visible(str(path))) for path in trend.rows["path"]],
            "mode": "lines+markers",
            "legendgroup": str(number),
            "line": {
                "color": _COLOURS[number % len(_COLOURS)],
                "dash": _DASHES[number // len(_COLOURS) % len(_DASHES)],
            },
            "name": name,
        }
        share = (trend.rows["share_ANE"] * 100).to_numpy("float64", na_value=np.nan)
        p95 = (trend.rows["p95_ns"] / 1e6).to_numpy("float64", na_value=np.nan)
        hover = "%{customdata}<br>%{y:.1f}"
        figure.add_scatter(y=share, hovertemplate=f"{hover} %", row=1, col=1, **common)
        figure.add_scatter(
            y=p95,
            hovertemplate=f"{hover} ms",
            showlegend=False,
            row=2,
            col=1,
            **common,
        )
    figure.update_yaxes(title="driving ANE, %", range=[0, 100], row=1, col=1)
    figure.update_yaxes(title="p95 of a prediction, ms", rangemode="tozero", row=2, col=1)
    return figure.update_layout(height=720, hovermode="closest", template="plotly_white")


_COLOURS: Final = (*(LIGHT[engine] for engine in ("ANE", "GPU", "CPU")), "#8d96a3", "#b07aa1", "#9c755f")
_DASHES: Final = ("solid", "dash", "dot")


def history_page(results: pd.DataFrame) -> str:
    """The figure as one HTML file that works offline; the same table gives the same bytes."""
    page: str = history_figure(results).to_html(include_plotlyjs=True, div_id="history", full_html=True)
    return page.replace("<head>", "<head><title>tracekit history</title>", 1)
