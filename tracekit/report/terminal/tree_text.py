"""The call tree in the terminal: a line a call, heaviest first, drawn with rails.

A pipe gets the same calls for other programs to read: columns without bars and colours, whole names, two blanks for
each caller.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.text import Text

from tracekit.analysis.call_tree import call_tree, dominant_engine, has_engines
from tracekit.model.forest import Forest, depth_first, forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE, Engine
from tracekit.report.numbers import DRIVING, quantity_of, readable_symbol, share_text, visible, weight_text
from tracekit.report.terminal.drawing import ENGINE_STYLE, bar
from tracekit.report.terminal.rails import rails_of
from tracekit.report.terminal.shorten import short_symbol_and_image

_MOSTLY: Final = 0.9
"""An engine to which that much of a call belongs has it to itself; else there are others, and ``+`` says so."""
_BAR_WIDTH: Final = 8
_DEEPEST_INDENTED: Final = 500
"""Callers of a line for a pipe: a stack of 200,000 calls would take 40 GB of blanks."""
_WIDE_ENOUGH_FOR_SELF: Final = 56
_WIDE_ENOUGH_FOR_BARS: Final = 72
_WIDE_ENOUGH_FOR_WEIGHT: Final = 100
_SHORT: Final[dict[Engine, str]] = {"ANE": "ANE", "GPU": "GPU", "CPU": "CPU", "none": "-", "unknown": "?"}


@dataclass(frozen=True, slots=True, eq=False)
class _Calls:
    """The calls of a profile, and which of them are drawn."""

    profile: Profile
    forest: Forest
    own: NDArray[np.int64]
    """Of a tree that begins with the functions that worked, their self stands at the beginning of each path."""
    total: NDArray[np.int64]
    whole: int
    engine: NDArray[np.int8]
    is_mixed: NDArray[np.bool_]
    rows: NDArray[np.int32]
    """Those drawn, callers before what they call."""
    inverted: bool

    names: list[str]
    """Of the functions."""
    images: list[str]
    """Of the functions; empty where it is not known."""

    def engine_of(self, row: int) -> Engine:
        return ENGINES[int(self.engine[row])]

    def weight_text(self, row: int) -> str:
        return weight_text(int(self.total[row]), self.profile.meta.unit)

    @property
    def widest_weight(self) -> int:
        return max([len("weight"), *(len(self.weight_text(row)) for row in self.rows.tolist())])

    def name_of(self, row: int) -> str:
        return visible(readable_symbol(self.names[self.forest.frame_id[row]]))

    def image_of(self, row: int) -> str:
        return visible(self.images[self.forest.frame_id[row]])


def tree_lines(
    profile: Profile,
    *,
    min_share: float = 0.01,
    top: int | None = None,
    width: int | None = None,
    inverted: bool = False,
) -> Iterator[Text]:
    """The call tree for a terminal of that width; without one, whole names on lines as long as they are.

    Of an ``inverted`` profile, the first column is the self of the function that a branch begins with: all of it, then
    the part that came by way of the callers below.

    Calls under ``min_share`` of the whole are counted at the end, not drawn. ``top`` draws so many calls that have none
    below them, the heaviest, each with its callers: the heaviest calls of all would only be the trunk.
    """
    calls = _calls(profile, min_share, top, inverted=inverted)
    columns = _Columns.of(calls, width)
    yield from _heading(calls)
    yield columns.header(calls)
    for row, rails in zip(calls.rows.tolist(), rails_of(calls.forest.parent_id, calls.rows, columns.room), strict=True):
        yield columns.line(calls, row, rails)
    yield from _left_out(calls, top)


def plain_tree_lines(
    profile: Profile, *, min_share: float = 0.01, top: int | None = None, inverted: bool = False
) -> Iterator[str]:
    """The same for a pipe. Of an ``inverted`` profile, self stands with the functions that it is of."""
    calls = _calls(profile, min_share, top, inverted=inverted)
    wide = calls.widest_weight
    yield f"{'total':>7}  {'self':>7}  {'weight':>{wide}}  {'engine':8}  function"
    for row in calls.rows.tolist():
        own = share_text(calls.own[row] / calls.whole) if calls.own[row] else "-"
        engine = calls.engine_of(row) + ("+" if calls.is_mixed[row] else "")
        image, depth = calls.image_of(row), int(calls.forest.depth[row])
        # Too many to be counted by eye: then how many there are.
        deeper = f"[{depth:,}] " if depth > _DEEPEST_INDENTED else ""
        yield (
            f"{share_text(calls.total[row] / calls.whole):>7}  {own:>7}  {calls.weight_text(row):>{wide}}  {engine:8}  "
            f"{'  ' * min(depth, _DEEPEST_INDENTED)}{deeper}{calls.name_of(row)}{f'  {image}' if image else ''}"
        )
    yield from (line.plain for line in _left_out(calls, top))


def _calls(profile: Profile, min_share: float, top: int | None, *, inverted: bool) -> _Calls:
    tree, forest = call_tree(profile), forest_of(profile.stacks)
    total, whole = tree["total"].to_numpy(), profile.weight or 1
    drawn = total >= max(min_share * whole, 1)
    if top is not None:
        drawn = _heaviest_paths(forest, total, drawn, top)
    order = depth_first(forest, total)
    images = [*profile.binaries["name"], ""]  # the last answers for -1: no image
    return _Calls(
        profile=profile,
        forest=forest,
        own=np.where(forest.depth == 0, total, 0) if inverted else tree["self"].to_numpy(),
        total=total,
        whole=whole,
        engine=dominant_engine(tree),
        is_mixed=_is_mixed(tree),
        rows=order[drawn[order]],
        inverted=inverted,
        names=profile.frames["name"].tolist(),
        images=[images[each] for each in profile.frames["binary_id"]],
    )


def _heaviest_paths(
    forest: Forest, total: NDArray[np.int64], drawn: NDArray[np.bool_], count: int
) -> NDArray[np.bool_]:
    """The heaviest of the calls that are drawn and call nothing that is, and all callers of theirs."""
    calls = np.zeros(len(total) + 1, bool)  # one more, for parent -1
    calls[forest.parent_id[drawn]] = True
    ends = np.flatnonzero(drawn & ~calls[:-1])
    node = ends[np.argsort(-total[ends], kind="stable")][:count].astype(np.int32)
    chosen = np.zeros(len(total), bool)
    while len(node):
        chosen[node] = True
        node = forest.parent_id[node]
        node = np.unique(node[node != NONE])
    return chosen


def _is_mixed(tree: pd.DataFrame) -> NDArray[np.bool_]:
    """Which calls belong to no engine alone."""
    if not has_engines(tree):
        return np.zeros(len(tree), bool)
    most = tree[[f"total_{engine}" for engine in ENGINES]].max(axis=1).to_numpy()
    return most < _MOSTLY * tree["total"].to_numpy()


@dataclass(frozen=True, slots=True)
class _Columns:
    """What a line has room for."""

    width: int | None
    has_self: bool
    bar: int
    weight: int
    """How wide the column of weights is; 0 without one."""

    @classmethod
    def of(cls, calls: _Calls, width: int | None) -> "_Columns":
        def fits(least: int) -> bool:
            return width is None or width >= least

        return cls(
            width=width,
            has_self=fits(_WIDE_ENOUGH_FOR_SELF) and not calls.inverted,
            bar=_BAR_WIDTH if fits(_WIDE_ENOUGH_FOR_BARS) else 0,
            weight=calls.widest_weight if fits(_WIDE_ENOUGH_FOR_WEIGHT) else 0,
        )

    @property
    def numbers(self) -> int:
        """The width of all that stands before the tree."""
        return 8 + (self.bar + 1 if self.bar else 0) + 8 * self.has_self + (self.weight + 2 if self.weight else 0) + 6

    @property
    def room(self) -> int | None:
        """What is left of a line for rails, name and image; None for as long as they are."""
        return None if self.width is None else self.width - self.numbers

    def header(self, calls: _Calls) -> Text:
        first = "self" if calls.inverted else "total"
        own = f"{'self':>7} " if self.has_self else ""
        weight = f" {'weight':>{self.weight}} " if self.weight else ""
        return Text(f"{first:>7} {' ' * (self.bar + 1 if self.bar else 0)}{own}{weight} {'by':5}function", style="dim")

    def line(self, calls: _Calls, row: int, rails: str) -> Text:
        share, engine = calls.total[row] / calls.whole, calls.engine_of(row)
        style = "" if engine == "none" else ENGINE_STYLE[engine]
        own = share_text(calls.own[row] / calls.whole) if calls.own[row] else ""
        line = Text.assemble((f"{share_text(share):>7} ", "bold" if share >= 0.5 else ""))
        if self.bar:
            line.append(f"{bar(share, self.bar):{self.bar}} ", style=style or "dim")
        if self.has_self:
            line.append(f"{own:>7} ")
        if self.weight:
            line.append(f" {calls.weight_text(row):>{self.weight}} ", style="dim")
        line.append(f" {_SHORT[engine] + ('+' if calls.is_mixed[row] else ''):5}", style=ENGINE_STYLE[engine])
        line.append(rails, style="dim")
        name, image = calls.name_of(row), calls.image_of(row)
        if self.room is not None:
            name, image = short_symbol_and_image(name, image, self.room - len(rails))
        line.append(name, style=style)
        return line.append(f"  {image}" if image else "", style="dim")


def _heading(calls: _Calls) -> Iterator[Text]:
    """What the shares are of, and the engines' part in it: the colours' legend."""
    profile = calls.profile
    yield Text(f"100 % = {weight_text(profile.weight, profile.meta.unit)} of {quantity_of(profile)}", style="bold")
    if "engine" not in profile.samples:
        return
    weights = profile.samples.groupby("engine", observed=True)["weight"].sum()
    legend = Text()
    for engine in ENGINES:
        if weights.get(engine, 0):
            legend.append("  " if legend else "")
            sign = "" if _SHORT[engine] in DRIVING[engine] else f"{_SHORT[engine]} "
            legend.append(f"{sign}{DRIVING[engine]}", style=ENGINE_STYLE[engine])
            legend.append(f" {share_text(weights[engine] / calls.whole)}")
    if calls.is_mixed[calls.rows].any():
        legend.append("  + others too", style="dim")
    yield legend


def _left_out(calls: _Calls, top: int | None) -> Iterator[Text]:
    """How many calls are not drawn, and what is lost with them."""
    hidden = len(calls.total) - len(calls.rows)
    if not hidden:
        return
    heaviest = share_text(int(np.delete(calls.total, calls.rows).max(initial=0)) / calls.whole)
    lost = share_text(int(calls.own.sum() - calls.own[calls.rows].sum()) / calls.whole)
    more = "--min-share 0 draws them" if top is None else "--top draws more"
    said = f"{hidden:,} of {len(calls.total):,} calls are not drawn: at most {heaviest} each, "
    yield Text(f"{said}with {lost} of self time together ({more})", style="dim")
