"""Which engine each sample's CPU time was, or drove: rules → ``engine``, ``phase`` and ``rule`` of every sample.

The stack is walked from its root to its leaf, all stacks at once, level by level. Four things are carried down:

    frame                                          place     decided by          stage              wait
    start                                          outside
    -[MLModel predictionFromFeatures:error:]       coreml    coreml-framework
    E5RT::Ops::MpsGraphInferenceOperation::Exec…   espresso  mpsgraph-operation
    -[MPSGraphExecutable specializeWithDevice:…]   espresso  mpsgraph-operation  mpsgraph-specialise
    mlir::Operation::clone                         espresso  mps-image           mpsgraph-specialise

so this sample is (GPU, compile): a stage's phase wins over the engine's, whose name stays as a tag. A prediction root
ends a stage: a model may be loaded by a callback that then predicts.

CPU time under an engine's symbols is time spent *driving* it. Nothing here is the busy time of the ANE or the GPU.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.attribution.catalogue import builtin_catalogue
from tracekit.attribution.matches import Matches, matches_of
from tracekit.attribution.rules import CUT, OUTSIDE, Catalogue, Entry, Place
from tracekit.model.forest import forest_of, in_use
from tracekit.model.profile import Profile
from tracekit.model.schema import ATTRIBUTION, ENGINES, NONE, PHASES, categorical, level_slices
from tracekit.model.sums import summed

Ids = NDArray[np.int32]
Codes = NDArray[np.int16]

IDLE_THREAD_RULE: Final = "ane-service-thread"
"""Decides a thread that waits for the driver in every process that ever opened the ANE, whatever it predicts."""

_WAITABLE = frozenset({"execute", "dispatch", "framework"})
"""Phases in which a blocked thread waits for what it was doing; copying or converting it would only be delayed."""


class Decision(NamedTuple):
    """Of each sample, or of each stack that samples end in. Rules are positions in the rule list, -1 none."""

    rule: Codes
    """The rule that names the sample: stage, wait or engine, in this order."""
    engine: Codes
    phase: Codes
    node: Ids
    """The row of ``stacks`` whose frame the engine rule matched."""


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What was decided of some stacks. Only those that samples end in have an entry: a call tree has many times more
    nodes.
    """

    stack: Ids
    """Rows of ``stacks``, rising."""
    decided: Decision
    """An entry for each of them, and one more, the last, for samples without a stack."""

    def of(self, profile: Profile) -> Decision:
        """The decision of every sample, whose stacks must be among those that were decided."""
        place = np.empty(len(profile.stacks) + 1, np.int32)  # filled, and so in memory, where a stack was decided
        place[self.stack] = np.arange(len(self.stack), dtype=np.int32)
        place[-1] = NONE
        position = place[profile.samples["stack_id"].to_numpy()]
        return Decision._make(column[position] for column in self.decided)


def attribute(profile: Profile, catalogue: Catalogue | None = None, decisions: Decisions | None = None) -> Profile:
    """The profile with ``engine``, ``phase`` and ``rule`` (categories) on every sample.

    Do this before charging, pruning or flattening: those remove the frames that decide. Samples without a stack are
    engine ``unknown``; samples in which nothing of Core ML is seen are ``none``, phase ``other``, without a rule.
    ``decisions`` are what ``decide`` gave for these stacks and this catalogue, where they are known already.
    """
    chosen = catalogue or builtin_catalogue()
    rule, engine, phase, _ = (decisions or decide(profile, chosen)).of(profile)
    of_thread = _rules_of_threads(profile, chosen)
    told = (of_thread != NONE) & (rule == NONE) & (profile.samples["stack_id"] != NONE).to_numpy()
    if told.any():
        rule = np.where(told, of_thread, rule)
        engine = np.where(told, _codes([each.engine for each in chosen.rules], ENGINES)[of_thread], engine)
        phase = np.where(told, _codes([each.phase for each in chosen.rules], PHASES)[of_thread], phase)
    columns = {
        "engine": categorical(engine, list(ENGINES)),
        "phase": categorical(phase, list(PHASES)),
        "rule": categorical(rule, [each.id for each in chosen.rules]),
    }
    assert list(columns) == list(ATTRIBUTION)
    return profile.with_samples(profile.samples.assign(**columns))


def decide(profile: Profile, catalogue: Catalogue) -> Decisions:
    """The decision for every stack that samples of a profile end in."""
    forest = forest_of(profile.stacks)
    stack_id = profile.samples["stack_id"].to_numpy()
    ends = in_use(stack_id, len(profile.stacks))
    walk = _Walk(_FrameTable.of(profile, catalogue))
    state, first = walk.above_roots, 0
    reached = [state.take(np.empty(0, np.intp))]
    for level in level_slices(forest.depth):
        # Parents are on the level above, so what was carried there is all that is needed: memory follows the widest.
        state = state.take(forest.parent_id[level] - np.intp(first))
        walk.down(state, level, forest.frame_id[level])
        first = level.start
        low, high = np.searchsorted(ends, (level.start, level.stop))
        reached.append(state.take(ends[low:high] - np.intp(first)))
    return Decisions(ends, walk.decision(_State._make(map(np.concatenate, zip(*reached, strict=True)))))


def unmatched_symbols(
    profile: Profile, catalogue: Catalogue | None = None, decisions: Decisions | None = None
) -> pd.DataFrame:
    """Core ML symbols that no rule knows, so that the catalogue can grow: those that left a sample's engine unknown.

    Columns: ``symbol`` and ``binary`` str, ``samples`` and ``weight`` int64, heaviest first. ``decisions`` are what
    ``decide`` gave for these stacks and this catalogue, where they are known already.
    """
    decisions = decisions or decide(profile, catalogue or builtin_catalogue())
    _, engine, phase, node = decisions.of(profile)
    is_unknown = (engine == ENGINES.index("unknown")) & (phase == PHASES.index("other")) & (node != NONE)
    frame = profile.stacks["frame_id"].to_numpy()[node[is_unknown]]
    sums = summed(profile.samples["weight"].to_numpy()[is_unknown], frame=frame)
    frames = sums.pop("frame").to_numpy()
    images = np.array([*profile.binaries["name"], ""], dtype=object)
    sums.insert(0, "symbol", profile.frames["name"].array[frames])
    sums.insert(1, "binary", pd.Series(images[profile.frames["binary_id"].to_numpy()[frames]], dtype="str"))
    return sums.sort_values(["weight", "symbol"], ascending=[False, True], ignore_index=True)


@dataclass(frozen=True, slots=True)
class _FrameTable:
    """What each frame is, by the place it stands in."""

    rule_of: Codes
    """[place, frame] → position of the first rule that matches there, -1 none."""
    place_of: Codes
    """[place, frame] → the place it makes for the frames below it, -1 where it changes nothing."""
    is_call: NDArray[np.bool_]
    """frame → whether an app calls it to predict."""
    is_start: NDArray[np.bool_]
    """frame → whether it is a thread's first function."""
    catalogue: Catalogue
    places: tuple[Place, ...]

    @classmethod
    def of(cls, profile: Profile, catalogue: Catalogue) -> "_FrameTable":
        matches = matches_of(profile)
        places = catalogue.place_names
        makers = [entry for entry in (*catalogue.roots, *catalogue.places) if entry.place is not None]
        made = _codes([entry.place for entry in makers], places)
        return cls(
            rule_of=_first_matches(matches, catalogue.rules, places),
            place_of=made[_first_matches(matches, makers, places)],
            is_call=_first_matches(matches, catalogue.calls, places)[0] != NONE,
            is_start=_first_matches(matches, catalogue.starts, places)[0] != NONE,
            catalogue=catalogue,
            places=places,
        )


def _first_matches(matches: Matches, entries: Sequence[Entry], places: tuple[Place, ...]) -> Codes:
    """[place, frame] → position of the first entry that matches there, -1 none."""
    found = np.full((len(places), matches.count), NONE, np.int16)
    for position in reversed(range(len(entries))):
        holds = np.flatnonzero([entries[position].holds_in(place) for place in places])
        found[holds[:, None], matches.rows(entries[position])] = position
    return found


def _codes(names: Sequence[str | None], among: Sequence[str]) -> Codes:
    """Positions of names, and one entry more, the last, that answers -1 for position -1; None is -1 too."""
    return np.array([*(NONE if name is None else among.index(name) for name in names), NONE], np.int16)


class _State(NamedTuple):
    """What is carried to each stack of a level: rules (-1 none), the row of the engine rule's frame, and the place."""

    engine_rule: Codes
    node: Ids
    stage: Codes
    wait: Codes
    place: Codes

    def take(self, rows: NDArray[np.intp]) -> "_State":
        return _State._make(column[rows] for column in self)


class _Walk:
    """One step from the root to the leaves, for all stacks of a level at once."""

    def __init__(self, table: _FrameTable) -> None:
        self._table = table
        rules = table.catalogue.rules
        # One entry more in each, so that rule -1 ("none") finds a value of its own.
        self._role = _codes([rule.role for rule in rules], ("engine", "stage", "wait"))
        self._rule_place = _codes([rule.place for rule in rules], table.places)
        self._engine_of = _codes([*(rule.engine for rule in rules), "none"], ENGINES)[: len(rules) + 1]
        self._phase_of = _codes([*(rule.phase for rule in rules), "other"], PHASES)[: len(rules) + 1]
        self._can_wait = np.array([*(rule.phase in _WAITABLE for rule in rules), False], bool)
        self._waits_for = np.array(
            [*([engine in rule.engines for engine in ENGINES] for rule in rules), [False] * len(ENGINES)], bool
        )
        self._tells = (table.rule_of != NONE).any(axis=0) | (table.place_of != NONE).any(axis=0) | table.is_call
        self._outside = np.int16(table.places.index(OUTSIDE))

    @property
    def above_roots(self) -> _State:
        """The state that roots begin with: the one entry that parent -1 finds."""
        rule, cut = np.array([NONE], np.int16), np.array([self._table.places.index(CUT)], np.int16)
        return _State(engine_rule=rule, node=np.array([NONE], np.int32), stage=rule, wait=rule, place=cut)

    def down(self, state: _State, level: slice, frame: Ids) -> None:
        """Turn the state of a level's parents into its own. Most frames tell nothing: theirs is their parents'."""
        telling = np.flatnonzero(self._tells[frame]) if level.start else np.arange(len(frame))
        own = self._told(state.take(telling), level, telling, frame[telling])
        for name in _State._fields:
            getattr(state, name)[telling] = getattr(own, name)

    def _told(self, above: _State, level: slice, at: NDArray[np.intp], frame: Ids) -> _State:
        """The state of the stacks ``at`` some places of a level, whose frames tell something."""
        table = self._table
        rule = table.rule_of[above.place, frame]
        role = self._role[rule]
        is_engine, is_stage, is_wait = role == 0, role == 1, role == 2
        own = (level.start + at).astype(np.int32)
        kept_stage = np.where(table.is_call[frame], np.int16(NONE), above.stage)
        still_waiting = np.where(is_engine, np.int16(NONE), above.wait)
        # The primitive that a thread blocks in shows waiting for the engine decided above it, or nothing.
        can_wait = self._waits_for[rule, self._engine_of[above.engine_rule]] & self._can_wait[above.engine_rule]
        begins_wait = is_wait & (still_waiting == NONE) & can_wait
        return _State(
            engine_rule=np.where(is_engine, rule, above.engine_rule),
            node=np.where(is_engine, own, above.node),
            stage=np.where(is_stage, rule, kept_stage),
            wait=np.where(begins_wait, rule, still_waiting),
            place=self._placed(rule, above.place, frame, is_first=level.start == 0),
        )

    def _placed(self, rule: Codes, above: Codes, frame: Ids, *, is_first: bool) -> Codes:
        """The place of the frames below: what a rule says, else a root or a place, else as above."""
        if is_first:
            above = np.where(self._table.is_start[frame], self._outside, above)
        by_frame, by_rule = self._table.place_of[above, frame], self._rule_place[rule]
        placed: Codes = np.where(by_rule != NONE, by_rule, np.where(by_frame != NONE, by_frame, above))
        return placed

    def decision(self, carried: _State) -> Decision:
        """Rule, engine and phase from what was carried to some stacks; one entry more for samples without a stack."""
        rule, stage, wait = carried.engine_rule, carried.stage, carried.wait
        engine, phase = self._engine_of[rule], self._phase_of[rule]
        waits, staged = wait != NONE, stage != NONE
        none, unknown = np.int16(ENGINES.index("none")), np.int16(ENGINES.index("unknown"))
        engine = np.where(waits & (engine == none), unknown, engine)  # blocked in a framework
        of_stage = self._engine_of[stage]
        tag = np.where(of_stage != none, of_stage, np.where(engine == unknown, none, engine))
        is_load = self._phase_of[stage] == PHASES.index("load")
        engine = np.where(staged, np.where(is_load, none, tag), engine)
        phase = np.where(staged, self._phase_of[stage], np.where(waits, self._phase_of[wait], phase))
        named = np.where(staged, stage, np.where(waits, wait, rule))
        return Decision(
            rule=np.append(named, np.int16(NONE)),
            engine=np.append(engine, unknown),
            phase=np.append(phase, np.int16(PHASES.index("other"))),
            node=np.append(carried.node, np.int32(NONE)),
        )


def waits_for_driver(profile: Profile) -> NDArray[np.bool_]:
    """The samples of an attributed profile in which a thread waits for the ANE's driver."""
    waits: NDArray[np.bool_] = (profile.samples["rule"] == IDLE_THREAD_RULE).to_numpy()
    return waits


def service_threads(profile: Profile) -> tuple[str, ...]:
    """The names, sorted, of the threads of an attributed profile that wait for the ANE's driver; a name that the
    recording does not tell is left out.
    """
    threads = np.unique(profile.samples["thread_id"].to_numpy()[waits_for_driver(profile)])
    names = profile.threads["name"].to_numpy()[threads[threads != NONE]]
    return tuple(sorted({str(name) for name in names if name}))


def _rules_of_threads(profile: Profile, catalogue: Catalogue) -> Codes:
    """For every sample, the rule that its thread's name gives it, -1 none."""
    rules = [rule.id for rule in catalogue.rules]
    told = (
        next((each.rule for each in catalogue.threads if each.name.search(name)), None)
        for name in profile.threads["name"]
    )
    of_sample: Codes = _codes(list(told), rules)[profile.samples["thread_id"].to_numpy()]
    return of_sample
