"""The call trees of two recordings as one."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.functions import shared_functions
from tracekit.model.forest import forest_of, regrow
from tracekit.model.profile import Profile, stack_weights
from tracekit.model.schema import NONE


def diff_tree(a: Profile, b: Profile) -> pd.DataFrame:
    """Both call trees as one: a node is a path of functions, wherever either recording has it. Parents first.

        a  main 4       b  main 10       main  total_a 1.00  total_b 1.00
             net 3           net 5         net   total_a 0.75  total_b 0.50
             draw 1          load 5        draw  total_a 0.25  total_b 0.00
                                           load  total_a 0.00  total_b 0.50

    Columns: ``parent_id``, ``depth`` int32; ``name``, ``image`` str (a function without a symbol has an empty name);
    ``self_a``, ``total_a``, ``self_b``, ``total_b`` float64: shares, 0 to 1, of the weight that has a stack.
    """
    functions = shared_functions(a, b)
    first, second = (forest_of(profile.stacks) for profile in (a, b))
    size = len(a.stacks)
    behind = np.where(second.parent_id == NONE, np.int32(NONE), second.parent_id + np.int32(size))
    union, place = regrow(
        np.concatenate([first.parent_id, behind]).astype(np.int32),
        np.concatenate([functions.of_frame[0][first.frame_id], functions.of_frame[1][second.frame_id]]),
        np.ones(size + len(b.stacks), bool),
    )
    names = functions.table.take(union.frame_id).reset_index(drop=True)
    shares = {
        f"{column}_{side}": values
        for side, profile, nodes in (("a", a, place[:size]), ("b", b, place[size:]))
        for column, values in _shares(profile, nodes, len(union.frame_id)).items()
    }
    tree = pd.DataFrame({"parent_id": union.parent_id, "depth": union.depth, **names[["name", "image"]], **shares})
    return tree[["parent_id", "depth", "name", "image", "self_a", "total_a", "self_b", "total_b"]]


def _shares(profile: Profile, node: NDArray[np.int32], size: int) -> dict[str, NDArray[np.float64]]:
    """Self and total of every node of the union, as shares of one side's whole."""
    own, total = stack_weights(profile)
    whole = int(own.sum()) or 1
    return {
        "self": np.bincount(node, own, minlength=size) / whole,
        "total": np.bincount(node, total, minlength=size) / whole,
    }
