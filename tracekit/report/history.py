"""Trends over the table of a batch: a group for each model, operating system and choice of compute units.

Only recordings that say when they were made stand in an order, and only those with a name are of one thing. So a group
has a trend where it is dated and named; of any other the range is told. A recording that says no model is known by its
process.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup
from rich.console import Group, RenderableType
from rich.text import Text

from tracekit._version import __version__
from tracekit.analysis.words import counted
from tracekit.report.figures import plotly_text
from tracekit.report.html.page import page
from tracekit.report.numbers import share_text, visible
from tracekit.report.palette import LIGHT

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_LEVELS: Final = "▁▂▃▄▅▆▇█"
_SPARKS: Final = 24
"""Recordings a line of blocks shows: the last ones."""
_FEW_ROWS: Final = 10
NOT_NAMED: Final = "neither model nor process named"


class Trend(NamedTuple):
    """One group, its rows in order."""

    model: str
    os: str
    compute_units: str
    is_dated: bool
    rows: pd.DataFrame

    @property
    def has_order(self) -> bool:
        """Whether one of its recordings can be said to follow another."""
        return self.is_dated and bool(self.model) and len(self.rows) > 1

    @property
    def title(self) -> str:
        """What the group is of."""
        return " · ".join(visible(part) for part in (self.model or NOT_NAMED, self.os, self.compute_units) if part)

    @property
    def when(self) -> str:
        """From which day to which day, or that it is not known."""
        if not self.is_dated:
            return "undated"
        first, last = (str(each)[:10] for each in self.rows["recorded"].iloc[[0, -1]])
        return first if first == last else f"{first} to {last}"

    @property
    def answers(self) -> str:
        """How often each answer was given."""
        counts = self.rows["answer"].value_counts()
        known = (answer for answer in ("yes", "partly", "no", "unknown") if answer in counts)
        return ", ".join(f"{counts[answer]} {answer}" for answer in known)

    @property
    def driving(self) -> str:
        """The share that drives the ANE."""
        return self._told(self.rows["share_ANE"].dropna().tolist(), share_text)

    @property
    def p95(self) -> str:
        """The 95th percentile of a prediction."""
        return self._told(self.rows["p95_ns"].dropna().tolist(), lambda time: f"{time / 1e6:.2f} ms")

    @property
    def sparks(self) -> str:
        """A block for each share that drives the ANE, 0 to 1; empty where there is no order."""
        shares = self.rows["share_ANE"].dropna().tolist()[-_SPARKS:] if self.has_order else []
        return "".join(_LEVELS[min(int(share * len(_LEVELS)), len(_LEVELS) - 1)] for share in shares)

    def _told(self, values: Sequence[float], written: Callable[[float], str]) -> str:
        """``90.0 % → 20.0 %``, from the first to the last; without an order ``20.0 % to 90.0 %``."""
        if not values:
            return "not known"
        if self.has_order:
            return " → ".join(written(float(each)) for each in (values[0], values[-1]))
        ends = dict.fromkeys(written(float(each)) for each in (min(values), max(values)))
        return " to ".join(ends)


def trends(results: pd.DataFrame) -> list[Trend]:
    """The groups of a batch's table, by name, dated before undated; rows that could not be read are left out."""
    rows = results[results["status"] == "ok"]
    keys = pd.DataFrame({
        "model": rows["model"].fillna(rows["process"]).fillna(""),
        "os": rows["os"].fillna(""),
        "compute_units": rows["compute_units"].fillna(""),
        "is_undated": rows["recorded"].isna(),
    })  # fmt: skip
    ordered = rows.sort_values(["recorded", "path", "run"], kind="stable")
    groups = ordered.groupby([keys[name].loc[ordered.index] for name in keys], sort=True)
    return [
        Trend(str(model), str(os), str(units), bool(mine["recorded"].notna().all()), mine)
        for (model, os, units, _), mine in groups
    ]


def history_view(results: pd.DataFrame) -> RenderableType:
    """Every group with its answers, its ANE share and its predictions' length; then what is missing."""
    return Group(*(line for trend in trends(results) for line in _lines(trend)), *_failures(results))


def _lines(trend: Trend) -> list[Text]:
    recordings = Text(f"  {counted(len(trend.rows), 'recording')}, {trend.when}: {trend.answers}")
    driving = Text.assemble("  driving ANE  ", trend.driving)
    if trend.sparks:
        driving.append("  ").append(trend.sparks, style="magenta")
    return [Text(trend.title, style="bold"), recordings, driving, Text(f"  p95          {trend.p95}"), Text()]


def _failures(results: pd.DataFrame) -> list[RenderableType]:
    failed = results[results["status"] != "ok"]
    if failed.empty:
        return []
    lines = [
        Text(f"  {visible(str(path))}: {visible(str(reason))}", style="dim")
        for path, reason in zip(failed["path"].head(_FEW_ROWS), failed["reason"].head(_FEW_ROWS), strict=True)
    ]
    more = [Text(f"  and {len(failed) - _FEW_ROWS} more", style="dim")] if len(failed) > _FEW_ROWS else []
    return [Text(f"{len(failed)} could not be read:"), *lines, *more]


def history_figure(results: pd.DataFrame) -> "Figure":
    """The share that drives the ANE (above) and the 95th percentile of predictions (below), over the day of recording.

    A line for each group that has an order; recordings without a name are points, and those without a date are in no
    picture.
    """
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    for number, trend in enumerate(each for each in trends(results) if each.is_dated):
        dash, row = divmod(number, len(_COLOURS))
        common = {
            "x": trend.rows["recorded"].tolist(),
            "customdata": [plotly_text(visible(str(path))) for path in trend.rows["path"]],
            "mode": "lines+markers" if trend.has_order else "markers",
            "legendgroup": str(number),
            "line": {"color": _COLOURS[row], "dash": _DASHES[dash % len(_DASHES)]},
            "name": plotly_text(trend.title),
        }
        share = (trend.rows["share_ANE"] * 100).to_numpy("float64", na_value=np.nan)
        p95 = (trend.rows["p95_ns"] / 1e6).to_numpy("float64", na_value=np.nan)
        hover = "%{customdata}<br>%{y:.1f}"
        figure.add_scatter(y=share, hovertemplate=f"{hover} %", row=1, col=1, **common)
        figure.add_scatter(y=p95, hovertemplate=f"{hover} ms", showlegend=False, row=2, col=1, **common)
    figure.update_yaxes(title="driving ANE, %", range=[0, 100], row=1, col=1)
    figure.update_yaxes(title="p95 of a prediction, ms", rangemode="tozero", row=2, col=1)
    return figure.update_layout(height=720, hovermode="closest", template="none")


_COLOURS: Final = (*(LIGHT[engine] for engine in ("ANE", "GPU", "CPU")), "#8d96a3", "#b07aa1", "#9c755f")
_DASHES: Final = ("solid", "dash", "dot")


def history_page(results: pd.DataFrame) -> str:
    """The trends as the text of an HTML file that works offline; the same table gives the same bytes."""
    groups = trends(results)
    failed = results[results["status"] != "ok"]
    drawn = any(group.is_dated for group in groups)
    # Inside a script element only "<" could end it, or begin a comment.
    figure = str(history_figure(results).to_json()).replace("<", r"\u003c")
    return page(
        "history.html.jinja",
        unit="ns",
        show=visible,
        plotlyjs="inline",
        draws=drawn,
        tracekit_version=__version__,
        groups=groups,
        recordings=int((results["status"] == "ok").sum()),
        failed=list(zip(failed["path"], failed["reason"], strict=True)),
        figure=Markup(figure) if drawn else None,  # noqa: S704
    )
