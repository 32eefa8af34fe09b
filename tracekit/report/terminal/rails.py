"""Call trees as lines of text: only branches are indented, so that a deep stack stays readable.

main
work
├ convolve       ├ begins a branch, └ the last one
│ multiply       is called by convolve: a line without a branch is called by the line above
└ copy
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tracekit.model.schema import NONE


def rails_of(parent_id: NDArray[np.int32], rows: NDArray[np.int32], room: int | None = None) -> Iterator[str]:
    """What is drawn before the name of each of ``rows``, calls of a tree with callers before what they call.

    Rails and name have ``room`` cells, at most half of them for rails: then only the last branches are drawn, after
    the number of those that are not. Without ``room`` every branch is drawn.
    """
    most = None if room is None else max(room // 4, 4)
    parent = parent_id[rows]
    siblings = np.bincount(parent + 1, minlength=len(parent_id) + 1)
    begins_branch = siblings[parent + 1] > 1
    still_to_come = siblings.tolist()
    rails: list[str] = []
    level = {NONE: 0}
    for row, caller, is_branch in zip(rows.tolist(), parent.tolist(), begins_branch.tolist(), strict=True):
        del rails[level[caller] :]
        sign = ""
        if is_branch:
            still_to_come[caller + 1] -= 1
            more = still_to_come[caller + 1] > 0
            sign = "├ " if more else "└ "
            rails.append("│ " if more else "  ")
        level[row] = len(rails)
        drawn = [*rails[:-1], sign] if is_branch else rails
        hidden = 0 if most is None else len(drawn) - most
        yield "".join(drawn) if hidden <= 0 else f"+{hidden:<2} " + "".join(drawn[hidden + 2 :])
