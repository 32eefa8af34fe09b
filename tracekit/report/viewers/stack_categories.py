"""Engines as categories of stacks, for the Firefox Profiler: tracekit decides of samples, the Profiler of stacks.

A frame there has a category and a subcategory, and a stack has those of its last frame, or of its caller's where that
has none. So a stack that was sampled for two engines is there twice, and its frame with it. The calls above it have
the engine that all their samples have:

    main                       samples of two engines: no category, shown as "Other"
      predict       ANE        all its samples drove the ANE, in two phases: the engine alone
        execute     ANE, dispatch
        copy        ANE, copy

The Profiler joins calls of the same function whatever their category, so nothing is there twice in its call tree.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracekit.model.forest import forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE, PHASES, level_slices

SUBCATEGORIES: Final = ("Other", *(phase for phase in PHASES if phase != "other"))
"""Of every engine's category; the first must be "Other", and stands for the category itself."""
_TAGS: Final = len(ENGINES) * len(SUBCATEGORIES)

Ids = NDArray[np.int64]


class Stacks(NamedTuple):
    """A stack table in the sense of the Firefox Profiler, and the frame table it points into."""

    parent: Ids
    frame: Ids
    """Row of the frame table."""
    func: Ids
    """For every row of the frame table, the profile's frame."""
    category: Ids
    """For every row of the frame table; -1 none, as its subcategory."""
    subcategory: Ids
    of_sample: Ids
    """For every sample, its row of the stack table."""


def stacks_of(profile: Profile) -> Stacks:
    """The profile's stacks, and after them those that differ from them in the category of their last frame."""
    tag = _tags(profile)
    stack = profile.samples["stack_id"].to_numpy().astype(np.int64)
    forest = forest_of(profile.stacks)
    usual = _tags_of_stacks(profile, stack, tag)
    keys, position = np.unique(stack * _TAGS + tag, return_inverse=True)
    key_stack, key_tag = np.divmod(keys, _TAGS)
    differs = usual[key_stack] != key_tag
    more = key_stack[differs]
    row = np.where(differs, len(usual) + np.cumsum(differs) - 1, key_stack)
    frame_id = np.concatenate([forest.frame_id, forest.frame_id[more]]).astype(np.int64)
    frames, frame = np.unique(frame_id * (_TAGS + 1) + np.append(usual, key_tag[differs]) + 1, return_inverse=True)
    func, tag_after = np.divmod(frames, _TAGS + 1)
    return Stacks(
        parent=np.concatenate([forest.parent_id, forest.parent_id[more]]).astype(np.int64),
        frame=frame,
        func=func,
        category=np.where(tag_after > 0, (tag_after - 1) // len(SUBCATEGORIES), NONE),
        subcategory=np.where(tag_after > 0, (tag_after - 1) % len(SUBCATEGORIES), NONE),
        of_sample=row[position],
    )


def _tags(profile: Profile) -> Ids:
    """Engine and subcategory of every sample as one number."""
    engine, phase = (profile.samples[name].cat.codes.to_numpy().astype(np.int64) for name in ("engine", "phase"))
    subcategory = np.array([SUBCATEGORIES.index(name) if name != "other" else 0 for name in PHASES], np.int64)
    return engine * len(SUBCATEGORIES) + subcategory[phase]


def _tags_of_stacks(profile: Profile, stack: Ids, tag: Ids) -> Ids:
    """What all samples on or below a stack have in common: their tag, that of their engine alone, or -1."""
    low, high = np.full(len(profile.stacks), _TAGS, np.int64), np.full(len(profile.stacks), NONE, np.int64)
    np.minimum.at(low, stack, tag)
    np.maximum.at(high, stack, tag)
    parent = profile.stacks["parent_id"].to_numpy()
    for level in reversed(level_slices(profile.stacks["depth"].to_numpy())[1:]):
        np.minimum.at(low, parent[level], low[level])
        np.maximum.at(high, parent[level], high[level])
    engine = low // len(SUBCATEGORIES)
    alone = np.where(engine == high // len(SUBCATEGORIES), engine * len(SUBCATEGORIES), NONE)
    return np.where(low == high, low, alone)
