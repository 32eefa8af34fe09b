"""The call trees of two recordings as one."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.compare.merge import merged
from tracekit.model.profile import Profile, self_and_total


def diff_tree(a: Profile, b: Profile) -> pd.DataFrame:
    """Both call trees as one: a node is a path of functions, wherever either recording has it. Parents first.

        a  main 4       b  main 10       main  total_a 1.00  total_b 1.00
             net 3           net 5         net   total_a 0.75  total_b 0.50
             draw 1          load 5        draw  total_a 0.25  total_b 0.00
                                           load  total_a 0.00  total_b 0.50

    Columns: ``parent_id``, ``depth`` int32; ``name``, ``image`` str (a function without a symbol has an empty name);
    ``self_a``, ``total_a``, ``self_b``, ``total_b`` float64: shares, 0 to 1, of the weight that has a stack.
    """
    profile, functions, is_b = merged(a, b)
    stacks = profile.stacks
    stack_id, weight = (profile.samples[name].to_numpy() for name in ("stack_id", "weight"))
    shares: dict[str, NDArray[np.float64]] = {}
    for side, mine in (("a", ~is_b), ("b", is_b)):
        own, total = self_and_total(stacks, stack_id[mine], weight[mine])
        whole = int(own.sum()) or 1
        shares |= {f"self_{side}": own / whole, f"total_{side}": total / whole}
    names = functions.take(stacks["frame_id"].to_numpy()).reset_index(drop=True)
    tree = pd.DataFrame(
        {"parent_id": stacks["parent_id"], "depth": stacks["depth"], **names[["name", "image"]], **shares}
    )
    return tree[["parent_id", "depth", "name", "image", "self_a", "total_a", "self_b", "total_b"]]
