"""Functions that are addresses, and whose they are: what a recording does not tell by name."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.summary import SHARE_DIGITS
from tracekit.model.forest import Forest, first_occurrences, forest_of, in_use, outermost
from tracekit.model.profile import Profile, totals
from tracekit.model.schema import NONE
from tracekit.model.sums import added


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Samples with a function on their stack that has no name."""

    stacks: int
    """Samples that have a stack."""
    weight: int
    """What they weigh."""
    samples: int
    """Those with a function that has no name, anywhere on the stack."""
    share: float
    """The part of ``weight`` that these are, 0 to 1."""
    images: pd.DataFrame
    """A row an image: ``image``, ``path``, ``uuid`` str, ``load_addr`` uint64, ``functions`` (distinct addresses),
    ``samples`` and ``weight`` int64 of samples with one of them anywhere on the stack, ``share`` of ``weight`` above,
    and ``leaf_share``, with one of them as the leaf. Heaviest first; the empty image is code in none."""


def unnamed(profile: Profile) -> Unnamed:
    """What of a profile has no name. A sample counts once for an image, however often it is on the stack."""
    samples = profile.samples[profile.samples["stack_id"] != NONE]
    stack, weight = samples["stack_id"].to_numpy(), samples["weight"].to_numpy().astype(np.int64)
    forest, ones = forest_of(profile.stacks), np.ones(len(samples), np.int64)
    frames = profile.frames
    is_nameless = ~frames["is_symbolicated"].to_numpy()
    image = frames["binary_id"].to_numpy().astype(np.int32) + 1  # 0: in none
    count = len(profile.binaries) + 1
    nodes = is_nameless[forest.frame_id]
    of_node = image[forest.frame_id]
    by_image = Forest(forest.parent_id, np.where(nodes, of_node, count).astype(np.int32), forest.depth)
    first = nodes & first_occurrences(by_image, nodes)

    def of_images(place: NDArray[np.bool_], amount: NDArray[np.int64]) -> NDArray[np.int64]:
        return added(of_node[place], totals(profile.stacks, stack, amount)[place], count)

    used = in_use(forest.frame_id[nodes & (totals(profile.stacks, stack, ones) > 0)], len(frames))
    leaf = nodes[stack]
    leaves = added(of_node[stack[leaf]], weight[leaf], count)
    whole = int(weight.sum())
    binaries = profile.binaries
    table = pd.DataFrame(
        {
            "image": pd.Series(["", *binaries["name"]], dtype="str"),
            "path": pd.Series(["", *binaries["path"]], dtype="str"),
            "uuid": pd.Series(["", *binaries["uuid"]], dtype="str"),
            "load_addr": np.array([0, *binaries["load_addr"]], np.uint64),
            "functions": np.bincount(image[used], minlength=count),
            "samples": of_images(first, ones),
            "weight": of_images(first, weight),
        }
    )
    for name, amount in (("share", table["weight"].to_numpy()), ("leaf_share", leaves)):
        table[name] = np.round(amount / (whole or 1), SHARE_DIGITS)
    rows = table[table["samples"] > 0].sort_values(["weight", "image"], ascending=[False, True], ignore_index=True)
    hit = outermost(forest, nodes)[stack] != NONE
    share = round(int(weight[hit].sum()) / (whole or 1), SHARE_DIGITS)
    return Unnamed(len(samples), whole, int(hit.sum()), share, rows)
