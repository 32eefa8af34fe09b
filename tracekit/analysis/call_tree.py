"""The call tree as a DataFrame, and totals by symbol."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.model.forest import first_occurrences, forest_of
from tracekit.model.profile import Profile, stack_weights, totals
from tracekit.model.schema import ENGINES, NONE, categorical
from tracekit.model.sums import added


def call_tree(profile: Profile) -> pd.DataFrame:
    """One row a node, parents first.

    Columns: ``parent_id``, ``frame_id``, ``depth`` int32, ``name`` str, ``self``, ``total`` int64 in the profile's
    unit, ``count`` int64 (samples in the subtree), and after ``attribute()`` ``total_ANE`` … ``total_unknown`` int64.
    """
    samples, stacks = profile.samples, profile.stacks
    own, total = stack_weights(profile)
    stack_id = samples["stack_id"].to_numpy()
    count = totals(stacks, stack_id, np.ones(len(samples), np.int64))
    columns: dict[str, object] = {name: stacks[name] for name in stacks.columns}
    columns["name"] = profile.frames["name"].take(stacks["frame_id"].to_numpy()).reset_index(drop=True)
    columns |= {"self": own, "total": total, "count": count}
    if "engine" in samples:
        codes = samples["engine"].cat.codes.to_numpy()
        weight = samples["weight"].to_numpy()
        for code, engine in enumerate(samples["engine"].cat.categories):
            chosen = codes == code
            mine = totals(stacks, stack_id[chosen], weight[chosen]) if chosen.any() else np.zeros_like(total)
            columns[f"total_{engine}"] = mine
    return pd.DataFrame(columns, copy=False)


def has_engines(tree: pd.DataFrame) -> bool:
    """Whether a call tree is that of an attributed profile."""
    return f"total_{ENGINES[0]}" in tree


def dominant_engine(tree: pd.DataFrame) -> NDArray[np.int8]:
    """For every node of a call tree, the position in ENGINES of the engine most of its total belongs to.

    ``none`` for all of them where the profile has no engines.
    """
    if not has_engines(tree):
        return np.full(len(tree), ENGINES.index("none"), np.int8)
    totals = np.column_stack([tree[f"total_{engine}"].to_numpy() for engine in ENGINES])
    largest: NDArray[np.int8] = totals.argmax(axis=1).astype(np.int8)
    return largest


def by_symbol(profile: Profile) -> pd.DataFrame:
    """Self and total by function; a sample counts once in a function's total however often it recurs on the stack.

    Columns: ``symbol``, ``binary`` str, ``self``, ``total``, ``samples`` int64 (samples with it anywhere on the stack),
    and after ``attribute()`` ``engine`` (category): whose most of the total is. Heaviest self first.
    """
    samples = profile.samples[profile.samples["stack_id"] != NONE]
    stack_id, weight = samples["stack_id"].to_numpy(), samples["weight"].to_numpy()
    forest, size = forest_of(profile.stacks), len(profile.frames)
    ones = np.ones(len(samples), np.int64)
    first = first_occurrences(forest, totals(profile.stacks, stack_id, ones) > 0)
    frame = forest.frame_id[first]

    def total_of(chosen: NDArray[np.bool_], amount: NDArray[np.int64]) -> NDArray[np.int64]:
        """A column of the call tree at a time: a large recording has no room for all of them."""
        return added(frame, totals(profile.stacks, stack_id[chosen], amount[chosen])[first], size)

    every = np.ones(len(samples), bool)
    rows = pd.DataFrame(
        {
            "symbol": profile.frames["name"],
            "binary": _image_names(profile),
            "self": added(forest.frame_id[stack_id], weight, size),
            "total": total_of(every, weight),
            "samples": total_of(every, ones),
        }
    )
    if "engine" in samples:
        mine = {engine: (samples["engine"] == engine).to_numpy() for engine in ENGINES}
        by_engine = {f"total_{engine}": total_of(chosen, weight) for engine, chosen in mine.items()}
        rows["engine"] = categorical(dominant_engine(pd.DataFrame(by_engine)), list(ENGINES))
    used = rows[rows["samples"] > 0]
    return used.sort_values(["self", "total", "symbol"], ascending=[False, False, True], ignore_index=True)


def _image_names(profile: Profile) -> "pd.Series[str]":
    names = pd.Series([*profile.binaries["name"], ""], dtype="str")
    return names.take(profile.frames["binary_id"].to_numpy() % len(names)).reset_index(drop=True)
