"""Two recordings as one profile: functions that are the same are one frame, call paths that are the same one stack.

    a  main;net 3        b  main;net 5        stacks  main, main;net, main;draw, main;load
       main;draw 1          main;load 5       samples 4, of a and of b side by side

Weights stay what each recording counted, so only shares of a side's own whole can be compared. Threads are one where
their names are: their numbers differ in every recording.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.compare.functions import shared_functions
from tracekit.model import schema
from tracekit.model.forest import forest_of, regrow, stacks_table
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE

Ids = NDArray[np.int32]


class Merged(NamedTuple):
    """Both recordings."""

    profile: Profile
    """The samples of A, then those of B; ``frames`` has one row a function, in the order of ``functions``."""
    functions: pd.DataFrame
    """``name`` (empty: no symbol), ``image`` str, ``is_named`` bool; as ``functions.Functions.table``."""
    is_b: NDArray[np.bool_]
    """Which samples are B's."""


def merged(a: Profile, b: Profile) -> Merged:
    """Both recordings as one. Unsampled call paths of either are kept."""
    functions = shared_functions(a, b)
    forests = [forest_of(profile.stacks) for profile in (a, b)]
    first, second = forests
    size = len(a.stacks)
    behind = np.where(second.parent_id == NONE, np.int32(NONE), second.parent_id + np.int32(size))
    union, place = regrow(
        np.concatenate([first.parent_id, behind]).astype(np.int32),
        np.concatenate([of[each.frame_id] for of, each in zip(functions.of_frame, forests, strict=True)]),
        np.ones(size + len(b.stacks), bool),
    )
    table = functions.table
    images = table["image"].drop_duplicates().loc[lambda names: names != ""].tolist()
    none, unknown = [""] * len(images), [0] * len(images)
    frames = {
        "name": table["name"],
        "binary_id": pd.Index(images).get_indexer(table["image"]),  # -1: in no image
        "is_symbolicated": table["is_named"],
        "file": [""] * len(table),
        "line": [NONE] * len(table),
    }
    threads, thread = _threads(a, b)
    samples = [
        _renumbered(profile, stacks, ids)
        for profile, stacks, ids in zip((a, b), (place[:size], place[size:]), thread, strict=True)
    ]
    profile = Profile(
        samples=_side_by_side(*samples),
        stacks=stacks_table(union),
        frames=schema.table(schema.FRAMES, frames),
        binaries=schema.table(schema.BINARIES, {"name": images, "path": none, "uuid": none, "load_addr": unknown}),
        threads=threads,
        meta=Meta(a.meta.unit),
    )
    return Merged(profile, functions.table, np.repeat([False, True], [len(a), len(b)]))


def _threads(a: Profile, b: Profile) -> tuple[pd.DataFrame, tuple[Ids, Ids]]:
    """One row a name, and where the threads of each side are among them."""
    number, names = pd.concat([a.threads["name"], b.threads["name"]]).factorize()
    nothing, nobody = [NONE] * len(names), [""] * len(names)
    table = schema.table(schema.THREADS, {"tid": nothing, "name": list(names), "pid": nothing, "process": nobody})
    ids = number.astype(np.int32)
    return table, (ids[: len(a.threads)], ids[len(a.threads) :])


def _renumbered(profile: Profile, stacks: Ids, threads: Ids) -> pd.DataFrame:
    samples = profile.samples
    return samples.assign(
        stack_id=np.append(stacks, np.int32(NONE))[samples["stack_id"].to_numpy()],
        thread_id=np.append(threads, np.int32(NONE))[samples["thread_id"].to_numpy()],
    )


def _side_by_side(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """The rows of both; a category keeps its dtype where the sides know different ones."""
    names = [name for name in a if a[name].dtype == "category"]
    together = {name: a[name].cat.categories.union(b[name].cat.categories, sort=False) for name in names}
    known = [
        side.assign(**{str(name): side[name].cat.set_categories(together[name]) for name in names}) for side in (a, b)
    ]
    return pd.concat(known, ignore_index=True)
