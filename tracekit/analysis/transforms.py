"""Focus, prune, charge to caller, flatten recursion, invert: Profile → Profile.

A transform changes the stacks, the samples' ``stack_id``, or which samples there are, and nothing else. Attribute
engines first: merging a frame into its caller removes the frame that decides.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tracekit.attribution.patterns import frames_matching, parse
from tracekit.attribution.roots import root_nodes
from tracekit.attribution.rules import Catalogue
from tracekit.model.forest import Forest, forest_of, intern_paths, paths_of, regrow, stacks_table
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE, level_slices

Ids = NDArray[np.int32]
Mask = NDArray[np.bool_]


def focus(profile: Profile, *patterns: str, catalogue: Catalogue | None = None) -> Profile:
    """The subtrees that begin at a match; without patterns, at the prediction roots of a catalogue.

    The match nearest the root counts. Samples without one are left out.

        main                          focus "predict"      predict
          predict                                            net
            net                                                predict
              predict

    Raises:
        SelectionError: a pattern that cannot be parsed.
    """
    root = root_nodes(profile, [parse(pattern) for pattern in patterns], catalogue)
    begins = root == np.arange(len(root), dtype=np.int32)
    parent = np.where(begins, np.int32(NONE), profile.stacks["parent_id"].to_numpy())
    return _rebuilt(profile, parent, root != NONE)


def prune(profile: Profile, *patterns: str) -> Profile:
    """Leave out every sample with a matching frame on its stack: the symbol and its subtree."""
    gone = root_nodes(profile, [parse(pattern) for pattern in patterns]) != NONE
    return _rebuilt(profile, profile.stacks["parent_id"].to_numpy(), ~gone, has_stackless=True)


def charge_to_caller(profile: Profile, *patterns: str) -> Profile:
    """Merge matching frames into their callers, which take their self time; samples stay.

        main              charge "lock"     main
          work  self 1                        work  self 3
            lock  self 2                        spin self 4
              spin  self 4

    A matching frame without a caller is kept: its time has nowhere to go.
    """
    matches = frames_matching(profile, [parse(pattern) for pattern in patterns])
    forest = forest_of(profile.stacks)
    return _merged_up(profile, matches[forest.frame_id] & (forest.parent_id != NONE))


def charge_image_to_caller(profile: Profile, *images: str) -> Profile:
    """Merge every frame of some images into its caller, as Instruments' "Charge Library to Callers" does."""
    names = [*profile.binaries["name"], ""]
    owned = np.array([names[index] in images for index in profile.frames["binary_id"]], bool)
    forest = forest_of(profile.stacks)
    return _merged_up(profile, owned[forest.frame_id] & (forest.parent_id != NONE))


def flatten_recursion(profile: Profile) -> Profile:
    """Merge a frame called straight by itself into that call; its self time joins.

        fact                fact  total 6  self 6
          fact      →
            fact

    Only direct recursion: a → b → a stays, since merging it would move b's time.
    """
    forest = forest_of(profile.stacks)
    caller = np.append(forest.frame_id, np.int32(NONE))[forest.parent_id]
    return _merged_up(profile, caller == forest.frame_id)


def invert(profile: Profile) -> Profile:
    """Stacks from their leaves: who calls the functions that time is spent in.

    a           b  total 3
      b 3   →     a
      c 1       c  total 1
                  a
    """
    forest = forest_of(profile.stacks)
    stack_id = profile.samples["stack_id"].to_numpy()
    leaves, position = np.unique(stack_id[stack_id != NONE], return_inverse=True)
    frames, lengths = paths_of(forest, leaves)
    ends = np.cumsum(lengths, dtype=np.int64)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    backwards = ends[owner] - 1 - (np.arange(len(frames)) - (ends - lengths)[owner])
    inverted, leaf = intern_paths(frames[backwards], lengths)
    moved = np.full(len(stack_id), NONE, np.int32)
    moved[stack_id != NONE] = leaf[position]
    return _with_forest(profile, inverted, moved)


def _merged_up(profile: Profile, merge: Mask) -> Profile:
    """Every node of ``merge`` becomes one with its parent."""
    forest = forest_of(profile.stacks)
    own = np.arange(len(merge), dtype=np.int32)
    target = np.append(own, np.int32(NONE))  # where each node's samples go; the last entry answers for -1
    for level in level_slices(forest.depth):
        target[level] = np.where(merge[level], target[forest.parent_id[level]], own[level])
    parent = target[forest.parent_id]
    grown, moved = regrow(parent, forest.frame_id, ~merge)
    stack_id = profile.samples["stack_id"].to_numpy()
    landing = np.append(moved[target[:-1]], np.int32(NONE))
    return _with_forest(profile, grown, landing[stack_id])


def _rebuilt(profile: Profile, parent: Ids, kept: Mask, *, has_stackless: bool = False) -> Profile:
    """The samples of the stacks ``kept``, and on demand those without one; their nodes with new parents."""
    chosen = profile.only(np.append(kept, has_stackless)[profile.samples["stack_id"].to_numpy()])
    grown, moved = regrow(parent, profile.stacks["frame_id"].to_numpy(), kept)
    return _with_forest(chosen, grown, np.append(moved, np.int32(NONE))[chosen.samples["stack_id"].to_numpy()])


def _with_forest(profile: Profile, forest: Forest, stack_id: Ids) -> Profile:
    samples = profile.samples.assign(stack_id=stack_id.astype(np.int32))
    return replace(profile, samples=samples, stacks=stacks_table(forest))
