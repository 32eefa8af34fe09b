"""Which frames begin a prediction, and whose it is.

A *call* is what an app calls: Core ML's own methods, MLTensor's, Core AI's. *Work* hops threads, or is begun by Apple's
frameworks without an MLModel: there no call is on the stack, and looking only under one would lose it
(docs/attribution.md). A *caller* is such a framework: it begins no prediction, and the work below it is its own.

    main                                                 start_wqthread
      -[MLModel predictionFromFeatures:error:]   call      -[VNDetector process]                     caller
        E5RT::…::ExecuteStreamSync                           E5RT::ExecutionStream::ExecuteStreamSync  work
    kind: Core ML                                        kind: Vision

The match nearest the stack's root counts.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.attribution.catalogue import builtin_catalogue
from tracekit.attribution.matches import matches_of
from tracekit.attribution.names import own_name
from tracekit.attribution.patterns import SymbolPattern, frames_matching
from tracekit.attribution.rules import OUTSIDE, Catalogue, Entry, Rule
from tracekit.model import schema
from tracekit.model.forest import climb, first_occurrences, forest_of, outermost
from tracekit.model.profile import Profile, totals
from tracekit.model.schema import NONE, ONE_OFF, categorical
from tracekit.model.sums import summed

Mask = NDArray[np.bool_]
Ids = NDArray[np.int32]

CANDIDATES: Final = {"symbol": "str", "samples": "int64", "weight": "int64"}
_INFERENCE: Final = re.compile(r"predict|inference|infer\b|mlmodel|espresso|e5rt|coreml|coreai")
"""Of a name in small letters: to search without regard to case takes six times as long."""
_PERHAPS: Final = re.compile(r"(?<![a-zA-Z])(?:[Ee](?:valuate|xecute)|[Ff]orward(?!ing|Invocation))")
"""What runs a model may be called so, as a word that begins a name; in the system's own images much else is, too."""
_NO_APP: Final = ("std::", "swift::")
_SYSTEM: Final = ("/usr/lib/", "/System/")
_ELSEWHERE: Final = frozenset({*ONE_OFF, "teardown", "idle"})
"""Phases of what no prediction does, and so of what calls none."""


def matching(profile: Profile, entries: Sequence[Entry]) -> Ids:
    """For every row of ``frames``, the position of the first entry that matches it, wherever it stands; else -1."""
    return matches_of(profile).first(entries)


def root_nodes(profile: Profile, patterns: Sequence[SymbolPattern] = (), catalogue: Catalogue | None = None) -> Ids:
    """For every row of ``stacks``, the row of its prediction root: the matching ancestor nearest the root; else -1.

    With ``patterns``, what they match are the roots.
    """
    if patterns:
        begins = frames_matching(profile, list(patterns))
    else:
        begins = matching(profile, (catalogue or builtin_catalogue()).beginnings) != NONE
    forest = forest_of(profile.stacks)
    return outermost(forest, begins[forest.frame_id])


def sample_roots(profile: Profile, patterns: Sequence[SymbolPattern] = (), catalogue: Catalogue | None = None) -> Ids:
    """For every sample, the row of ``stacks`` of its prediction root, as ``root_nodes`` finds it; else -1."""
    roots = root_nodes(profile, patterns, catalogue)
    stack_id = profile.samples["stack_id"].to_numpy()
    has_stack = stack_id != NONE
    of_samples = np.full(len(stack_id), NONE, np.int32)
    of_samples[has_stack] = roots[stack_id[has_stack]]
    return of_samples


def root_kinds(profile: Profile, root: Ids, catalogue: Catalogue | None = None) -> pd.Categorical:
    """Whose prediction each of some samples is part of: ``Core ML``, ``Vision``, ``MLTensor`` …; missing without one.

    ``root`` is what ``sample_roots`` gave. A call is of its own kind, whoever called it; work is of the kind of the
    framework that called it, where the stack shows one, else of its own. A root that a user's pattern names and the
    catalogue does not is of no kind, unless such a framework called it.
    """
    catalogue = catalogue or builtin_catalogue()
    kinds = list(dict.fromkeys(entry.kind for entry in catalogue.roots))
    forest = forest_of(profile.stacks)
    rows, position = np.unique(root[root != NONE], return_inverse=True)
    frame = forest.frame_id[rows]
    kind = _kind_of(matching(profile, catalogue.beginnings), catalogue.beginnings, kinds)[frame]
    caller = _kind_of(matching(profile, catalogue.callers), catalogue.callers, kinds)
    nearest = climb(forest, rows, caller == NONE)
    is_call = matching(profile, catalogue.calls)[frame] != NONE
    by_caller = ~is_call & (nearest != NONE)
    kind = np.where(by_caller, caller[forest.frame_id[nearest]], kind)
    found = np.full(len(root), NONE, np.int32)
    found[root != NONE] = kind[position]
    return categorical(found, kinds)


def _kind_of(position: Ids, entries: Sequence[Entry], kinds: list[str]) -> Ids:
    """The kind, as a position in ``kinds``, of what ``matching`` gave."""
    codes = np.array([*(kinds.index(entry.kind) for entry in entries), NONE], np.int32)  # type: ignore[attr-defined]
    found: Ids = codes[position]
    return found


def roots_found(profile: Profile, root: Ids) -> pd.DataFrame:
    """The roots that samples stand under: ``symbol`` str, ``samples`` and ``weight`` int64, heaviest first.

    ``root`` is what ``sample_roots`` gave.
    """
    inside = root != NONE
    frame = profile.stacks["frame_id"].to_numpy()[root[inside]]
    sums = summed(profile.samples["weight"].to_numpy()[inside], frame=frame)
    sums.insert(0, "symbol", profile.frames["name"].array[sums.pop("frame").to_numpy()])
    return sums.sort_values(["weight", "symbol"], ascending=[False, True], ignore_index=True)


def _sounds_right(profile: Profile) -> Mask:
    """For every row of ``frames``, whether its name is one of inference."""
    is_system = np.array([*(path.startswith(_SYSTEM) for path in profile.binaries["path"]), False], bool)
    of_system = is_system[profile.frames["binary_id"].to_numpy()].tolist()
    own = map(own_name, profile.frames["name"].tolist())
    found = (_is_inference(name, of_system=each) for name, each in zip(own, of_system, strict=True))
    return np.fromiter(found, bool, len(of_system))


def _is_inference(name: str, *, of_system: bool) -> bool:
    if _INFERENCE.search(name.lower()):
        return True
    return not of_system and not name.startswith(_NO_APP) and _PERHAPS.search(name) is not None


def _does_something_else(profile: Profile, catalogue: Catalogue) -> Mask:
    """For every row of ``frames``, whether a rule that knows it by name says so of it outside predictions."""
    rules = [rule for rule in catalogue.rules if rule.symbol is not None and rule.holds_in(OUTSIDE)]
    says_so = np.array([*map(_is_elsewhere, rules), False], bool)
    known: Mask = says_so[matching(profile, rules)]
    return known


def _is_elsewhere(rule: Rule) -> bool:
    return rule.phase in _ELSEWHERE or (rule.phase == "other" and rule.engine == "none")  # an engine's may predict


def candidates(profile: Profile, most: int = 5, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """The symbols nearest to a prediction where no root was found, to be given to ``--focus``.

    Columns: ``symbol`` str, ``samples`` and ``weight`` int64 (totals; a sample counts once however often the symbol
    recurs). Functions of Core ML's own images first, then names that sound like inference; none of which a rule says
    that it does something else, such as loading a model or using what it gave. Samples of loading, where they are
    attributed, take no part.
    """
    if "phase" in profile.samples:
        profile = profile.only(~profile.samples["phase"].isin(_ELSEWHERE).to_numpy())
    catalogue = catalogue or builtin_catalogue()
    names = profile.frames["name"].tolist()
    is_ml = matching(profile, catalogue.images) != NONE
    interesting = (is_ml | _sounds_right(profile)) & ~_does_something_else(profile, catalogue)
    forest = forest_of(profile.stacks)
    chosen = interesting[forest.frame_id]
    chosen &= first_occurrences(forest, chosen)
    node = np.flatnonzero(chosen)
    if not len(node):
        return schema.from_rows(CANDIDATES, [])
    stack_id, weights = (profile.samples[name].to_numpy() for name in ("stack_id", "weight"))
    weight = totals(profile.stacks, stack_id, weights)[node]
    count = totals(profile.stacks, stack_id, np.ones_like(weights))[node]
    rows = pd.DataFrame({"frame": forest.frame_id[node], "samples": count, "weight": weight})[count > 0]
    sums = rows.groupby("frame", sort=True).sum().reset_index()
    sums["rank"] = np.where(is_ml[sums["frame"].to_numpy()], 0, 1)
    sums.insert(0, "symbol", [names[row] for row in sums["frame"]])
    ordered = sums.sort_values(["rank", "weight", "symbol"], ascending=[True, False, True], ignore_index=True)
    return ordered[["symbol", "samples", "weight"]].head(most)
