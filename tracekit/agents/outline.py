"""A call tree within a budget: the calls that matter, without the straight way between them.

    main                 main
      run
        net  self 0        net        skipped 1
          conv  self 3       conv
          copy  self 1       copy

A call stays where it begins, branches, or takes time itself, as every last one does. Of those the heaviest are taken;
a caller weighs at least what it calls, so nobody loses its caller.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracekit.analysis.call_tree import call_tree, dominant_engine
from tracekit.model.forest import depth_first, forest_of, innermost
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE
from tracekit.report.numbers import readable_symbol


def outline(profile: Profile, budget: int) -> dict[str, Any]:
    """The heaviest calls, callers first: ``depth`` among those shown, ``skipped`` calls since the one above.

    ``left_out`` counts calls that would have stayed.
    """
    tree, forest = call_tree(profile), forest_of(profile.stacks)
    own, total = tree["self"].to_numpy(), tree["total"].to_numpy()
    children = np.bincount(forest.parent_id[(forest.parent_id != NONE) & (total > 0)], minlength=len(tree))
    stays = (total > 0) & ((forest.parent_id == NONE) | (children > 1) | (own > 0))
    rows = np.flatnonzero(stays)
    chosen = np.zeros(len(tree), bool)
    chosen[rows[np.argsort(-total[rows], kind="stable")[:budget]]] = True
    above = np.append(innermost(forest, chosen), np.int32(NONE))[forest.parent_id]
    order = depth_first(forest, total)
    shown = order[chosen[order]]
    depth = _depths(above, shown)
    engine = dominant_engine(tree)
    names, images = profile.frames["name"].tolist(), [*profile.binaries["name"], ""]
    binary = profile.frames["binary_id"].to_numpy()
    whole = profile.weight or 1
    calls = [
        {
            "depth": int(depth[row]),
            "function": readable_symbol(names[forest.frame_id[row]]),
            "image": images[binary[forest.frame_id[row]]],
            "engine": ENGINES[engine[row]],
            "total": int(total[row]),
            "self": int(own[row]),
            "share": round(int(total[row]) / whole, 4),
            "skipped": int(forest.depth[row] - (forest.depth[above[row]] + 1 if above[row] != NONE else 0)),
        }
        for row in shown.tolist()
    ]
    return {"whole": profile.weight, "unit": profile.meta.unit, "calls": calls, "left_out": len(rows) - len(shown)}


def _depths(above: NDArray[np.int32], rows: NDArray[np.int32]) -> NDArray[np.int32]:
    """How many of the chosen ``rows`` stand above each; callers come before what they call."""
    depth = np.zeros(len(above), np.int32)
    for row in rows.tolist():
        if above[row] != NONE:
            depth[row] = depth[above[row]] + 1
    return depth
