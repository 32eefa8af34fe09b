"""Which frames begin a prediction.

Primary roots are Core ML's own methods, by OS generation; the match nearest the stack's root counts. Secondary roots
are for work that hops threads or is started by Apple's frameworks without an MLModel: there no primary root is on the
stack, and looking only under one would lose the asynchronous work (docs/attribution.md).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.attribution.patterns import SymbolPattern, frames_matching
from tracekit.attribution.rules import without_block
from tracekit.model import schema
from tracekit.model.forest import Forest, forest_of
from tracekit.model.profile import Profile, totals
from tracekit.model.schema import NONE, level_slices

Mask = NDArray[np.bool_]
Ids = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Root:
    """A kind of prediction root."""

    symbol: re.Pattern[str]
    images: frozenset[str]
    os: str
    source: str

    def allows_image(self, image: str) -> bool:
        """Whether frames of an image can be this root; where a trace names none, the symbol alone decides."""
        return not image or image in self.images

    def allows_symbol(self, name: str) -> bool:
        """Whether a symbol can be this root's."""
        return self.symbol.search(without_block(name)) is not None


def _root(symbol: str, image: str, os: str, source: str) -> Root:
    return Root(re.compile(symbol), frozenset({image}), os, source)


PRIMARY_ROOTS: Final = (
    _root(
        r"^-\[MLNeuralNetworkEngine _?predictions?From(Features|Batch):",
        "CoreML",
        "iOS 11-27, macOS 10.13-27, neural networks; also ML Programs until macOS 13",
        "hollance/neural-engine; public crash reports",
    ),
    _root(
        r"^-\[ML(Model|DelegateModel|\w*Engine|\w+) _?predictions?From(Features|Batch)",
        "CoreML",
        "all; MLE5Engine from macOS 14; about twenty more classes (pipelines, trees, GLMs)",
        "a recording on macOS 15.6; class dump 26.6",
    ),
    _root(
        r"^-\[ML(Delegate)?Model _?submitPredictionRequest:|^-\[MLE5Engine submitPredictionRequest:",
        "CoreML",
        "macOS 26, iOS 26, asynchronous",
        "public crash report",
    ),
    _root(r"^-\[MLNeuralNetworkEngine evaluateBatch:", "CoreML", "macOS 12-14", "public crash reports"),
    _root(r"^-\[MLE5Engine evaluateFunction:", "CoreML", "macOS 26", "class dump 26.6"),
)
"""What an app calls."""

SECONDARY_ROOTS: Final = (
    _root(r"E5RT::AsyncTask::SafeExecuteTask", "Espresso", "iOS 26, macOS 26", "public crash report"),
    _root(r"E5RT::ExecutionStream(Impl)?::ExecuteStreamSync", "Espresso", "iOS 17-27", "public decompilations"),
    _root(r"^e5rt_execution_stream_(execute_sync|submit_async)", "Espresso", "iOS 16-27", "class dump"),
    _root(r"E5RT::Ops::\w+::(Impl::)?(ExecuteSync|SubmitAsync)", "Espresso", "iOS 17-27", "public crash reports"),
    _root(r"^espresso_plan_(execute_sync|submit)", "Espresso", "iOS 11-27", "class dump 11.4-17"),
    _root(
        r"EspressoLight::espresso_plan::(execute_sync|submit_\w+)", "Espresso", "macOS 12-13", "public crash reports"
    ),
)
"""What runs a prediction on another thread, or for Vision and other frameworks."""

CANDIDATES: Final = {"symbol": "str", "samples": "int64", "weight": "int64"}
_CANDIDATE = re.compile(r"predict|inference|infer\b|evaluate|execute|forward|MLModel|Espresso|E5RT|CoreML", re.I)
_ML_IMAGES = frozenset({"CoreML", "Espresso", "AppleNeuralEngine", "ANEServices", "libBNNS.dylib"})


def root_frames(profile: Profile, patterns: Sequence[SymbolPattern] = ()) -> Mask:
    """For every row of ``frames``, whether it begins a prediction; with ``patterns``, those instead."""
    if patterns:
        return frames_matching(profile, list(patterns))
    return frames_of_roots(profile, PRIMARY_ROOTS + SECONDARY_ROOTS)


def frames_of_roots(profile: Profile, roots: Sequence[Root]) -> Mask:
    """For every row of ``frames``, whether one of some kinds of root matches it."""
    images = [*profile.binaries["name"], ""]
    possible = [[root for root in roots if root.allows_image(image)] for image in images]
    return np.array(
        [
            any(root.allows_symbol(name) for root in possible[binary])
            for name, binary in zip(profile.frames["name"], profile.frames["binary_id"], strict=True)
        ],
        dtype=bool,
    )


def root_nodes(profile: Profile, patterns: Sequence[SymbolPattern] = ()) -> Ids:
    """For every row of ``stacks``, the row of its prediction root: the matching ancestor nearest the root; else -1."""
    return _found(profile, patterns)[:-1]


def sample_roots(profile: Profile, patterns: Sequence[SymbolPattern] = ()) -> Ids:
    """For every sample, the row of ``stacks`` of its prediction root, as ``root_nodes`` finds it; else -1."""
    roots: Ids = _found(profile, patterns)[profile.samples["stack_id"].to_numpy()]
    return roots


def _found(profile: Profile, patterns: Sequence[SymbolPattern]) -> Ids:
    """The root of every row of ``stacks``, and one entry more, the last, that answers -1 for row -1."""
    matches = root_frames(profile, patterns)
    found = np.full(len(profile.stacks) + 1, NONE, np.int32)
    if not matches.any():
        return found
    forest = forest_of(profile.stacks)
    for level in level_slices(forest.depth):
        above = found[forest.parent_id[level]]
        own = np.arange(level.start, level.stop, dtype=np.int32)
        here = np.where(matches[forest.frame_id[level]], own, np.int32(NONE))
        found[level] = np.where(above != NONE, above, here)
    return found


def roots_found(profile: Profile, root: Ids) -> pd.DataFrame:
    """The roots that samples stand under: ``symbol`` str, ``samples`` and ``weight`` int64, heaviest first.

    ``root`` is what ``sample_roots`` gave.
    """
    inside = root != NONE
    frame = profile.stacks["frame_id"].to_numpy()[root[inside]]
    rows = pd.DataFrame({"frame": frame, "weight": profile.samples["weight"].to_numpy()[inside]})
    sums = rows.groupby("frame", sort=True)["weight"].agg(samples="size", weight="sum").reset_index()
    sums.insert(0, "symbol", profile.frames["name"].to_numpy()[sums.pop("frame").to_numpy()])
    return sums.sort_values(["weight", "symbol"], ascending=[False, True], ignore_index=True)


def candidates(profile: Profile, most: int = 5) -> pd.DataFrame:
    """The symbols nearest to a prediction where no root was found, to be given to ``--focus``.

    Columns: ``symbol`` str, ``samples`` and ``weight`` int64 (totals; a sample counts once however often the symbol
    recurs). Functions of Core ML's own images first, then names that sound like inference.
    """
    images = [*profile.binaries["name"], ""]
    names = profile.frames["name"].tolist()
    is_ml = np.array([images[binary] in _ML_IMAGES for binary in profile.frames["binary_id"]], dtype=bool)
    sounds_right = np.array([_CANDIDATE.search(name) is not None for name in names], dtype=bool)
    interesting = is_ml | sounds_right
    forest = forest_of(profile.stacks)
    chosen = interesting[forest.frame_id]
    chosen &= first_occurrences(forest, chosen)
    node = np.flatnonzero(chosen)
    if not len(node):
        return schema.table(CANDIDATES, {name: [] for name in CANDIDATES})
    stack_id, weights = (profile.samples[name].to_numpy() for name in ("stack_id", "weight"))
    weight = totals(profile.stacks, stack_id, weights)[node]
    count = totals(profile.stacks, stack_id, np.ones_like(weights))[node]
    rows = pd.DataFrame({"frame": forest.frame_id[node], "samples": count, "weight": weight})[count > 0]
    sums = rows.groupby("frame", sort=True).sum().reset_index()
    sums["rank"] = np.where(is_ml[sums["frame"].to_numpy()], 0, 1)
    sums.insert(0, "symbol", [names[row] for row in sums["frame"]])
    ordered = sums.sort_values(["rank", "weight", "symbol"], ascending=[True, False, True], ignore_index=True)
    return ordered[["symbol", "samples", "weight"]].head(most)


def first_occurrences(forest: Forest, among: Mask) -> Mask:
    """Nodes with no ancestor of the same frame: where a symbol's total counts a sample once.

    Only nodes in ``among`` are looked at; the others count as first.
    """
    parent, frame, depth = forest
    recurs = np.zeros(len(parent), bool)
    for level in level_slices(depth)[1:]:
        node = level.start + np.flatnonzero(among[level])
        ancestor = parent[node]
        while len(node):
            same = frame[node] == frame[ancestor]
            recurs[node[same]] = True
            climbing = ~same & (parent[ancestor] != NONE)
            node, ancestor = node[climbing], parent[ancestor[climbing]]
    return ~recurs
