"""Both call trees of a comparison in the terminal, as one: a line a call, the heaviest of either side first.

Drawn as ``tree_text`` draws one recording's. A pipe gets the same calls for other programs to read: whole names, two
blanks for each caller.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.text import Text

from tracekit.analysis.compare.trees import diff_tree
from tracekit.model.forest import Forest, depth_first
from tracekit.model.profile import Profile
from tracekit.report.diff_sentences import records
from tracekit.report.numbers import NO_SYMBOL, readable_symbol, share_text, signed_text, visible
from tracekit.report.terminal.diff_text import change_style
from tracekit.report.terminal.rails import rails_of
from tracekit.report.terminal.shorten import short_symbol_and_image

_WIDE_ENOUGH_FOR_BOTH: Final = 56
"""A narrower terminal shows the share of A and the change, from which that of B follows."""
_PARTS_OF_A_SHARE: Final = 1e9
"""Order of calls: shares as integers, which differ where a sample in a billion does."""


def diff_tree_lines(a: Profile, b: Profile, *, min_share: float = 0.01, width: int | None = None) -> Iterator[Text]:
    """The call trees for a terminal of that width; without one, whole names on lines as long as they are.

    Calls under ``min_share`` of both sides' wholes are counted at the end, not drawn.
    """
    tree = diff_tree(a, b)
    rows = _drawn(tree, min_share)
    has_b = width is None or width >= _WIDE_ENOUGH_FOR_BOTH
    header = _header(has_b=has_b)
    room = None if width is None else width - len(header)
    yield Text(f"{header}function", style="dim")
    rails = rails_of(tree["parent_id"].to_numpy(), rows, room)
    for call, before in zip(records(tree.iloc[rows]), rails, strict=True):
        name, image = _name_of(call), visible(call["image"])
        if room is not None:
            name, image = short_symbol_and_image(name, image, room - len(before))
        yield Text.assemble(*_numbers(call, has_b=has_b), (before, "dim"), name, (f"  {image}" if image else "", "dim"))
    yield from (Text(line, style="dim") for line in _left_out(tree, rows, min_share))


def plain_diff_tree_lines(a: Profile, b: Profile, *, min_share: float = 0.01) -> Iterator[str]:
    """The same for a pipe."""
    tree = diff_tree(a, b)
    rows = _drawn(tree, min_share)
    yield f"{_header(has_b=True)}function"
    for call in records(tree.iloc[rows]):
        numbers = "".join(text for text, _ in _numbers(call, has_b=True))
        image = visible(call["image"])
        yield f"{numbers}{'  ' * call['depth']}{_name_of(call)}{f'  {image}' if image else ''}"
    yield from _left_out(tree, rows, min_share)


def _drawn(tree: pd.DataFrame, min_share: float) -> NDArray[np.int32]:
    """The rows that are drawn, callers before what they call."""
    heavier = tree[["total_a", "total_b"]].max(axis=1).to_numpy()
    # Only the shape of the forest matters for the order: its frames are not asked.
    forest = Forest(tree["parent_id"].to_numpy(), tree["parent_id"].to_numpy(), tree["depth"].to_numpy())
    order = depth_first(forest, (heavier * _PARTS_OF_A_SHARE).astype(np.int64))
    return order[heavier[order] >= min_share]


def _header(*, has_b: bool) -> str:
    return f"{'total A':>8} {'total B':>8} {'change':>8}  " if has_b else f"{'total A':>8} {'change':>8}  "


def _numbers(call: Mapping[str, Any], *, has_b: bool) -> list[tuple[str, str]]:
    """The columns before the name, with their styles."""
    change = call["total_b"] - call["total_a"]
    shares = [call["total_a"], *([call["total_b"]] if has_b else [])]
    return [
        *((f"{share_text(share):>8} ", "") for share in shares),
        (f"{signed_text(change * 100):>8}  ", change_style(change)),
    ]


def _name_of(call: Mapping[str, Any]) -> str:
    return visible(readable_symbol(call["name"])) or NO_SYMBOL


def _left_out(tree: pd.DataFrame, rows: NDArray[np.int32], min_share: float) -> Iterator[str]:
    hidden = len(tree) - len(rows)
    if hidden:
        under = f"under {share_text(min_share)} of A and of B (--min-share 0 draws them)"
        yield f"{hidden:,} of {len(tree):,} calls are not drawn: {under}"
