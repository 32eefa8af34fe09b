"""What the pictures are drawn from: where every call stands in a flame graph, and where the profile comes from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.call_tree import call_tree, dominant_engine
from tracekit.model.forest import Forest, depth_first, forest_of
from tracekit.model.profile import Meta, Profile, totals
from tracekit.model.schema import NONE, Unit, level_slices


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a report's numbers come from. Empty is "not known"."""

    source: str
    format: str
    run: int
    table: str
    xcode: str
    template: str
    device: str
    os: str
    process: str
    command: str
    """The command line that made the report."""
    tracekit_version: str
    unit: Unit

    @classmethod
    def of(cls, meta: Meta, *, command: str, tracekit_version: str) -> "Provenance":
        """The provenance of a profile, from what its recording says of itself."""
        facts = {name: getattr(meta.facts, name) or "" for name in ("xcode", "template", "device", "os", "process")}
        return cls(
            source=meta.source,
            format=meta.format,
            run=meta.run,
            table=meta.table,
            **facts,
            command=command,
            tracekit_version=tracekit_version,
            unit=meta.unit,
        )


def drawing_order(profile: Profile) -> NDArray[np.int32]:
    """The rows of ``stacks`` with samples as a flame graph draws them: ``flame_layout``'s ``stack_id``.

    For itself, because of two million calls a layout takes six times as much memory as their order.
    """
    forest, samples = forest_of(profile.stacks), profile.samples
    stack_id = samples["stack_id"].to_numpy()
    order = depth_first(forest, totals(profile.stacks, stack_id, samples["weight"].to_numpy()))
    has_samples = totals(profile.stacks, stack_id, np.ones(len(samples), np.int64)) > 0
    return order[has_samples[order]]


def flame_layout(profile: Profile) -> pd.DataFrame:
    """Where every call of a profile stands in its flame graph: one row a call, in drawing order.

    A call is as wide as its total and stands in the row of its depth. Its callees stand under it from the left,
    heaviest first; what is left free under it on the right is its self weight. Calls without a sample are left out.

        main  total 6  self 1      |main              |
          b   total 3              |b       |a     |
          a   total 2              x0 0     3      5

    Columns: ``parent`` int32 (row of this table, -1: none), ``depth``, ``stack_id`` and ``frame_id`` int32; ``x0``,
    ``total``, ``self`` int64 in the profile's unit; ``count`` int64 (samples); ``engine`` int8, the position in
    ``ENGINES`` of the engine that most of the total belongs to (``none`` before ``attribute()``). Parents stand before
    their callees, and a call's whole subtree follows it directly.
    """
    tree = call_tree(profile)
    forest = forest_of(profile.stacks)
    own, total, count = (tree[name].to_numpy() for name in ("self", "total", "count"))
    order = depth_first(forest, total)
    order = order[count[order] > 0]
    place = np.full(len(tree) + 1, NONE, np.int32)  # the last entry answers for parent -1
    place[order] = np.arange(len(order), dtype=np.int32)
    before = np.cumsum(own[order]) - own[order]
    return pd.DataFrame(
        {
            "parent": place[forest.parent_id[order]],
            "depth": forest.depth[order],
            "stack_id": order.astype(np.int32),
            "frame_id": forest.frame_id[order],
            "x0": before - _self_above(forest, own)[order],
            "total": total[order],
            "self": own[order],
            "count": count[order],
            "engine": dominant_engine(tree)[order],
        }
    )


def _self_above(forest: Forest, own: NDArray[np.int64]) -> NDArray[np.int64]:
    """For every call, the self weight of all calls above it, which stands to the right of it."""
    above = np.zeros(len(own), np.int64)
    for level in level_slices(forest.depth)[1:]:
        parent = forest.parent_id[level]
        above[level] = above[parent] + own[parent]
    return above
