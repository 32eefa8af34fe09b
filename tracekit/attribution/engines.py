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

from tracekit.attribution.roots import PRIMARY_ROOTS, frames_of_roots
from tracekit.attribution.rules import PLACES, Place, Rule, builtin_rules
from tracekit.model.forest import forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ATTRIBUTION, ENGINES, NONE, PHASES, categorical, level_slices

Ids = NDArray[np.int32]
Codes = NDArray[np.int16]

ANE_SERVICE_THREAD: Final = "H11ANEServicesThread"
"""Runs a loop that waits for the ANE driver in every process that ever opened it; says nothing of this prediction."""
IDLE_THREAD_RULE: Final = "ane-service-thread"

_THREAD_ENTRIES = frozenset(
    {"start", "main", "_main", "thread_start", "_pthread_start", "start_wqthread", "_pthread_wqthread", "_start"}
    | {"qos_class_main", "libdispatch_start", "clone"}
)
_WAITABLE = frozenset({"execute", "dispatch", "framework"})
"""Phases in which a blocked thread waits for what it was doing; copying or converting it would only be delayed."""
_PLACE_OF_IMAGE: Final[dict[str, Place]] = {"CoreML": "coreml", "Espresso": "espresso"}
_PLACE_OF_PREFIX: Final[tuple[tuple[str, Place], ...]] = (
    ("Espresso::", "espresso"),
    ("EspressoLight::", "espresso"),
    ("E5RT::", "espresso"),
    ("e5rt_", "espresso"),
    ("espresso_", "espresso"),
    ("-[ML", "coreml"),
    ("+[ML", "coreml"),
    ("MLE5", "coreml"),
)


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
        stack_id = profile.samples["stack_id"].to_numpy()
        position = np.where(stack_id == NONE, -1, np.searchsorted(self.stack, stack_id))
        return Decision._make(column[position] for column in self.decided)


def attribute(profile: Profile, rules: Sequence[Rule] | None = None, decisions: Decisions | None = None) -> Profile:
    """The profile with ``engine``, ``phase`` and ``rule`` (categories) on every sample.

    Do this before charging, pruning or flattening: those remove the frames that decide. Samples without a stack are
    engine ``unknown``; samples in which nothing of Core ML is seen are ``none``, phase ``other``, without a rule.
    ``decisions`` are what ``decide`` gave for these stacks and rules, where they are known already.
    """
    chosen = tuple(rules) if rules is not None else builtin_rules()
    rule, engine, phase, _ = (decisions or decide(profile, chosen)).of(profile)
    idle = _on_idle_thread(profile) & (rule == NONE) & (profile.samples["stack_id"] != NONE).to_numpy()
    names = [each.id for each in chosen]
    if idle.any() and IDLE_THREAD_RULE in names:
        rule = np.where(idle, names.index(IDLE_THREAD_RULE), rule)
        phase = np.where(idle, PHASES.index("idle"), phase)
    columns = {
        "engine": categorical(engine, list(ENGINES)),
        "phase": categorical(phase, list(PHASES)),
        "rule": categorical(rule, names),
    }
    assert list(columns) == list(ATTRIBUTION)
    return profile.with_samples(profile.samples.assign(**columns))


def decide(profile: Profile, rules: Sequence[Rule]) -> Decisions:
    """The decision for every stack that samples of a profile end in."""
    forest = forest_of(profile.stacks)
    stack_id = profile.samples["stack_id"].to_numpy()
    ends = np.unique(stack_id[stack_id != NONE])
    walk = _Walk(_RuleTable.of(profile, rules))
    state, first, reached = _ABOVE_ROOTS, 0, [_ABOVE_ROOTS.take(np.empty(0, np.intp))]
    for level in level_slices(forest.depth):
        # Parents are on the level above, so what was carried there is all that is needed: memory follows the widest.
        above = state.take(forest.parent_id[level] - np.intp(first))
        state, first = walk.down(above, level, forest.frame_id[level]), level.start
        low, high = np.searchsorted(ends, (level.start, level.stop))
        reached.append(state.take(ends[low:high] - np.intp(first)))
    return Decisions(ends, walk.decision(_State._make(map(np.concatenate, zip(*reached, strict=True)))))


def unmatched_symbols(
    profile: Profile, rules: Sequence[Rule] | None = None, decisions: Decisions | None = None
) -> pd.DataFrame:
    """Core ML symbols that no rule knows, so that the catalogue can grow: those that left a sample's engine unknown.

    Columns: ``symbol`` and ``binary`` str, ``samples`` and ``weight`` int64, heaviest first. ``decisions`` are what
    ``decide`` gave for these stacks and rules, where they are known already.
    """
    decisions = decisions or decide(profile, tuple(rules) if rules is not None else builtin_rules())
    _, engine, phase, node = decisions.of(profile)
    is_unknown = (engine == ENGINES.index("unknown")) & (phase == PHASES.index("other")) & (node != NONE)
    frame = profile.stacks["frame_id"].to_numpy()[node[is_unknown]]
    rows = pd.DataFrame({"frame": frame, "weight": profile.samples["weight"].to_numpy()[is_unknown]})
    sums = rows.groupby("frame", sort=True)["weight"].agg(samples="size", weight="sum").reset_index()
    frames = sums.pop("frame").to_numpy()
    images = np.array([*profile.binaries["name"], ""], dtype=object)
    sums.insert(0, "symbol", profile.frames["name"].to_numpy()[frames])
    sums.insert(1, "binary", pd.Series(images[profile.frames["binary_id"].to_numpy()[frames]], dtype="str"))
    return sums.sort_values(["weight", "symbol"], ascending=[False, True], ignore_index=True)


@dataclass(frozen=True, slots=True)
class _RuleTable:
    """What each frame is, by the place it stands in."""

    rule_of: Codes
    """[place, frame] → position of the first rule that matches there, -1 none."""
    place_of: Codes
    """frame → the place it makes for the frames below it, -1 where it changes nothing."""
    is_root: NDArray[np.bool_]
    """frame → whether an app calls it to predict."""
    is_entry: NDArray[np.bool_]
    """frame → whether it is a thread's first function."""
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, profile: Profile, rules: Sequence[Rule]) -> "_RuleTable":
        names = profile.frames["name"].tolist()
        binaries = [*profile.binaries["name"], ""]
        images = [binaries[index] for index in profile.frames["binary_id"]]
        rule_of = np.full((len(PLACES), len(names)), NONE, np.int16)
        possible = {image: _possible(rules, image) for image in set(images)}
        for frame, (name, image) in enumerate(zip(names, images, strict=True)):
            _fill(rule_of[:, frame], possible[image], name)
        return cls(
            rule_of=rule_of,
            place_of=np.array([_place_made(n, i) for n, i in zip(names, images, strict=True)], np.int16),
            is_root=frames_of_roots(profile, PRIMARY_ROOTS),
            is_entry=np.array([name in _THREAD_ENTRIES for name in names], bool),
            rules=tuple(rules),
        )


def _possible(rules: Sequence[Rule], image: str) -> list[tuple[int, Rule]]:
    """The rules that a frame of this image could match, with their positions: for most images none or one."""
    return [(position, rule) for position, rule in enumerate(rules) if rule.allows_image(image)]


def _fill(places: Codes, rules: Sequence[tuple[int, Rule]], name: str) -> None:
    """Set, for every place, the first rule that matches the frame there."""
    for position, rule in rules:
        if not rule.allows_symbol(name):
            continue
        for code, place in enumerate(PLACES):
            if places[code] == NONE and place in rule.within:
                places[code] = position
        if (places != NONE).all():
            return


def _place_made(name: str, image: str) -> int:
    if image:
        place = _PLACE_OF_IMAGE.get(image)
    else:
        place = next((place for prefix, place in _PLACE_OF_PREFIX if name.startswith(prefix)), None)
    return PLACES.index(place) if place else NONE


class _State(NamedTuple):
    """What is carried to each stack of a level: rules (-1 none), the row of the engine rule's frame, and the place."""

    engine_rule: Codes
    node: Ids
    stage: Codes
    wait: Codes
    place: Codes

    def take(self, rows: NDArray[np.intp]) -> "_State":
        return _State._make(column[rows] for column in self)


_ABOVE_ROOTS: Final = _State(
    engine_rule=np.array([NONE], np.int16),
    node=np.array([NONE], np.int32),
    stage=np.array([NONE], np.int16),
    wait=np.array([NONE], np.int16),
    place=np.array([PLACES.index("cut")], np.int16),
)
"""The state that roots begin with: the one entry that parent -1 finds."""


class _Walk:
    """One step from the root to the leaves, for all stacks of a level at once."""

    def __init__(self, table: _RuleTable) -> None:
        self._table = table
        roles = {"engine": 0, "stage": 1, "wait": 2}
        # One entry more, so that rule -1 ("none") finds a value of its own.
        self._role = np.array([*(roles[rule.role] for rule in table.rules), NONE], np.int16)
        self._rule_place = np.array(
            [*(PLACES.index(rule.place) if rule.place else NONE for rule in table.rules), NONE], np.int16
        )
        self._engine_of = np.array(
            [*(ENGINES.index(rule.engine) for rule in table.rules), ENGINES.index("none")], np.int16
        )
        self._phase_of = np.array(
            [*(PHASES.index(rule.phase) for rule in table.rules), PHASES.index("other")], np.int16
        )
        self._can_wait = np.array([*(rule.phase in _WAITABLE for rule in table.rules), False], bool)
        self._waits_for = np.array(
            [*([engine in rule.engines for engine in ENGINES] for rule in table.rules), [False] * len(ENGINES)], bool
        )

    def down(self, above: _State, level: slice, frame: Ids) -> _State:
        """The state of a level's stacks from that of their parents."""
        table = self._table
        rule = table.rule_of[above.place, frame]
        role = self._role[rule]
        is_engine, is_stage, is_wait = role == 0, role == 1, role == 2
        own = np.arange(level.start, level.stop, dtype=np.int32)
        kept_stage = np.where(table.is_root[frame], np.int16(NONE), above.stage)
        still_waiting = np.where(is_engine | is_stage, np.int16(NONE), above.wait)
        begins_wait = is_wait & (still_waiting == NONE) & self._shows_waiting(rule, above.engine_rule)
        return _State(
            engine_rule=np.where(is_engine, rule, above.engine_rule),
            node=np.where(is_engine, own, above.node),
            stage=np.where(is_stage, rule, kept_stage),
            wait=np.where(begins_wait, rule, still_waiting),
            place=self._placed(rule, above.place, frame, is_first=level.start == 0),
        )

    def _placed(self, rule: Codes, above: Codes, frame: Ids, *, is_first: bool) -> Codes:
        outside = np.int16(PLACES.index("outside"))
        if is_first:
            above = np.where(self._table.is_entry[frame], outside, above)
        by_frame = self._table.place_of[frame]
        # Core ML's value classes are the app's to use; only a prediction makes what is below them Core ML's work.
        is_apps_call = (by_frame == PLACES.index("coreml")) & (above == outside) & ~self._table.is_root[frame]
        by_frame = np.where(is_apps_call, np.int16(NONE), by_frame)
        by_rule = self._rule_place[rule]
        placed: Codes = np.where(by_rule != NONE, by_rule, np.where(by_frame != NONE, by_frame, above))
        return placed

    def _shows_waiting(self, wait: Codes, engine_rule: Codes) -> NDArray[np.bool_]:
        """Whether the primitive a thread blocks in shows waiting for the engine decided above it."""
        shown: NDArray[np.bool_] = self._waits_for[wait, self._engine_of[engine_rule]] & self._can_wait[engine_rule]
        return shown

    def decision(self, carried: _State) -> Decision:
        """Rule, engine and phase from what was carried to some stacks; one entry more for samples without a stack."""
        rule, stage, wait = carried.engine_rule, carried.stage, carried.wait
        engine, phase = self._engine_of[rule], self._phase_of[rule]
        waits = (wait != NONE) & (stage == NONE)
        staged = stage != NONE
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


def _on_idle_thread(profile: Profile) -> NDArray[np.bool_]:
    names = np.array([*(name == ANE_SERVICE_THREAD for name in profile.threads["name"]), False], bool)
    on_thread: NDArray[np.bool_] = names[profile.samples["thread_id"].to_numpy()]
    return on_thread
