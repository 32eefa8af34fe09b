"""The call tree in the terminal: a line a call, heaviest first.

Only branches are indented, so that a deep stack stays readable. A line without a branch is called by the line above:

    main             ├ begins a branch, └ the last one
    work
    ├ convolve
    │ multiply       is called by convolve
    └ copy

A pipe gets the same calls for other programs to read: columns without bars and colours, whole names, two blanks for
each caller.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.text import Text

from tracekit.analysis.call_tree import call_tree
from tracekit.model.forest import Forest, depth_first, forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE, Engine
from tracekit.report.numbers import DRIVING, quantity_of, readable_symbol, share_text, visible, weight_text
from tracekit.report.shorten import short_symbol
from tracekit.report.text import ENGINE_STYLE, bar

_MOSTLY: Final = 0.9
"""An engine to which that much of a call belongs has it to itself; else there are others, and ``+`` says so."""
_BAR_WIDTH: Final = 8
_WIDE_ENOUGH_FOR_SELF: Final = 56
_WIDE_ENOUGH_FOR_BARS: Final = 72
_WIDE_ENOUGH_FOR_WEIGHT: Final = 100
_ROOM_FOR_A_NAME: Final = 40
_SHORT: Final[dict[Engine, str]] = {"ANE": "ANE", "GPU": "GPU", "CPU": "CPU", "none": "-", "unknown": "?"}


@dataclass(frozen=True, slots=True, eq=False)
class _Calls:
    """The calls of a profile, and which of them are drawn."""

    profile: Profile
    forest: Forest
    own: NDArray[np.int64]
    total: NDArray[np.int64]
    whole: int
    engine: NDArray[np.int8]
    is_mixed: NDArray[np.bool_]
    rows: NDArray[np.int64]
    """Those drawn, callers before what they call."""

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
    profile: Profile, *, min_share: float = 0.01, top: int | None = None, width: int | None = None
) -> Iterator[Text]:
    """The call tree for a terminal of that width; without one, whole names on lines as long as they are.

    Calls under ``min_share`` of the whole, and all but the ``top`` heaviest, are counted at the end, not drawn.
    """
    calls = _calls(profile, min_share, top)
    columns = _Columns.of(calls, width)
    yield from _heading(calls)
    yield columns.header()
    for row, rails in _with_rails(calls, columns.rails):
        yield columns.line(calls, row, rails)
    yield from _left_out(calls, top)


def plain_tree_lines(profile: Profile, *, min_share: float = 0.01, top: int | None = None) -> Iterator[str]:
    """The same for a pipe."""
    calls = _calls(profile, min_share, top)
    wide = calls.widest_weight
    yield f"{'total':>7}  {'self':>7}  {'weight':>{wide}}  {'engine':8}  function"
    for row in calls.rows.tolist():
        own = share_text(calls.own[row] / calls.whole) if calls.own[row] else "-"
        engine = calls.engine_of(row) + ("+" if calls.is_mixed[row] else "")
        image = calls.image_of(row)
        yield (
            f"{share_text(calls.total[row] / calls.whole):>7}  {own:>7}  {calls.weight_text(row):>{wide}}  {engine:8}  "
            f"{'  ' * int(calls.forest.depth[row])}{calls.name_of(row)}{f'  {image}' if image else ''}"
        )
    yield from (line.plain for line in _left_out(calls, top))


def _calls(profile: Profile, min_share: float, top: int | None) -> _Calls:
    tree, forest = call_tree(profile), forest_of(profile.stacks)
    total, whole = tree["total"].to_numpy(), profile.weight or 1
    engine = np.full(len(tree), ENGINES.index("none"), np.int8)
    most = total
    if f"total_{ENGINES[0]}" in tree:
        by_engine = np.column_stack([tree[f"total_{engine}"].to_numpy() for engine in ENGINES])
        engine, most = by_engine.argmax(axis=1).astype(np.int8), by_engine.max(axis=1, initial=0)
    drawn = total >= max(min_share * whole, 1)
    if top is not None:
        # A caller weighs no less than what it calls and is less deep: so the heaviest are a tree.
        heaviest = np.lexsort((forest.depth, -total))[:top]
        drawn &= np.isin(np.arange(len(total)), heaviest)
    order = depth_first(forest, total)
    images = [*profile.binaries["name"], ""]  # the last answers for -1: no image
    return _Calls(
        profile=profile,
        forest=forest,
        own=tree["self"].to_numpy(),
        total=total,
        whole=whole,
        engine=engine,
        is_mixed=most < _MOSTLY * total,
        rows=order[drawn[order]],
        names=profile.frames["name"].tolist(),
        images=[images[each] for each in profile.frames["binary_id"]],
    )


def _with_rails(calls: _Calls, most: int) -> Iterator[tuple[int, str]]:
    """Each call drawn with the branches before it; of more than ``most`` only the last, and how many are not drawn."""
    parent = calls.forest.parent_id[calls.rows]
    siblings = np.bincount(parent + 1, minlength=len(calls.forest.parent_id) + 1)
    begins_branch = siblings[parent + 1] > 1
    still_to_come = siblings.tolist()
    rails: list[str] = []
    level = {NONE: 0}
    for row, caller, is_branch in zip(calls.rows.tolist(), parent.tolist(), begins_branch.tolist(), strict=True):
        del rails[level[caller] :]
        sign = ""
        if is_branch:
            still_to_come[caller + 1] -= 1
            more = still_to_come[caller + 1] > 0
            sign = "├ " if more else "└ "
            rails.append("│ " if more else "  ")
        level[row] = len(rails)
        drawn = [*rails[:-1], sign] if is_branch else rails
        hidden = len(drawn) - most
        yield row, "".join(drawn) if hidden <= 0 else f"+{hidden:<2} " + "".join(drawn[hidden + 2 :])


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
            has_self=fits(_WIDE_ENOUGH_FOR_SELF),
            bar=_BAR_WIDTH if fits(_WIDE_ENOUGH_FOR_BARS) else 0,
            weight=calls.widest_weight if fits(_WIDE_ENOUGH_FOR_WEIGHT) else 0,
        )

    @property
    def numbers(self) -> int:
        """The width of all that stands before the tree."""
        return 8 + (self.bar + 1 if self.bar else 0) + 8 * self.has_self + (self.weight + 2 if self.weight else 0) + 6

    @property
    def rails(self) -> int:
        """So many branches are drawn before a name: at most half of the room is theirs."""
        room = 10**6 if self.width is None else self.width - self.numbers
        return max(room // 4, 4)

    def header(self) -> Text:
        own = f"{'self':>7} " if self.has_self else ""
        weight = f" {'weight':>{self.weight}} " if self.weight else ""
        return Text(
            f"{'total':>7} {' ' * (self.bar + 1 if self.bar else 0)}{own}{weight} {'by':5}function", style="dim"
        )

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
        if self.width is not None:
            name, image = _fitted(name, image, self.width - self.numbers - len(rails))
        line.append(name, style=style)
        return line.append(f"  {image}" if image else "", style="dim")


def _fitted(name: str, image: str, room: int) -> tuple[str, str]:
    """A name and its image cut to fit; the image stays while the name keeps most of what it could have alone."""
    beside = room - cell_len(image) - 2
    alone = short_symbol(name, room)
    if image and beside >= min(cell_len(name), _ROOM_FOR_A_NAME):
        shorter = short_symbol(name, beside)
        if 2 * cell_len(shorter) >= cell_len(alone):
            return shorter, image
    return alone, ""


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
    lost = int(calls.own.sum() - calls.own[calls.rows].sum())
    heaviest = int(np.delete(calls.total, calls.rows).max(initial=0))
    more = "--min-share 0 draws them" if top is None else "--top draws more"
    said = (
        f"{hidden:,} of {len(calls.total):,} calls are not drawn: at most {share_text(heaviest / calls.whole)} each, "
    )
    yield Text(f"{said}with {share_text(lost / calls.whole)} of self time together ({more})", style="dim")
