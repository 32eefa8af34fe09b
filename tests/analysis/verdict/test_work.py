"""The sums a decision is made of, against going through the samples one by one."""

from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given

from tests.support.profiles import profiles
from tests.support.timelines import TICK, drawn
from tracekit.analysis.verdict.work import Waited, work_of
from tracekit.attribution.engines import attribute
from tracekit.model import schema
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, PHASES

DRIVES = {"dispatch", "wait", "completion", "execute"}
ONCE = {"compile", "load", "prepare"}
PARTS = ("ane", "gpu", "cpu", "moving", "once", "blocked", "unknown", "nameless")


def part_of(engine: str, phase: str) -> str:
    """What a sample counts as: the table at the top of ``work.py``, read by a person."""
    if phase in ONCE:
        return "once"
    if engine in ("ANE", "GPU") and phase in DRIVES:
        return engine.lower()
    if engine == "CPU" and phase in ("execute", "dispatch"):
        return "cpu"
    if engine == "CPU" and phase in ("copy", "convert"):
        return "moving"
    if engine == "unknown":
        return "blocked" if phase in ("wait", "contention") else "unknown"
    return "nameless"


def with_work(profile: Profile, engines: list[str], phases: list[str]) -> Profile:
    """The same samples, decided as given."""
    return profile.with_samples(
        profile.samples.assign(
            engine=schema.categorical(np.array([ENGINES.index(name) for name in engines], np.int8), list(ENGINES)),
            phase=schema.categorical(np.array([PHASES.index(name) for name in phases], np.int8), list(PHASES)),
        )
    )


@given(profiles())
def test_every_sample_is_in_one_part_and_blocked_ones_are_apart(profile: Profile) -> None:
    attributed = attribute(profile)
    rows = attributed.samples[["engine", "phase", "state", "weight"]].astype({"state": "str"}).values.tolist()
    ran, waited = Counter[str](), Counter[str]()
    for engine, phase, state, weight in rows:
        (ran if state == "Running" else waited)[part_of(engine, phase)] += weight
    work = work_of(attributed)
    assert {part: getattr(work, part) for part in PARTS} == {part: ran[part] for part in PARTS}
    for name, weight in (("ANE", work.once_ane), ("GPU", work.once_gpu)):
        assert weight == sum(row[3] for row in rows if row[0] == name and row[1] in ONCE and row[2] == "Running")
    assert work.weight == ran.total()
    assert work.samples == len(rows)
    assert work.ane_samples == sum(part_of(engine, phase) == "ane" for engine, phase, *_ in rows)
    assert work.running == sum(state == "Running" for *_, state, _ in rows)
    blocked = Waited(waited.total(), waited["ane"], waited["gpu"], waited["blocked"], len(rows) - work.running)
    assert work.waited == (blocked if blocked.samples else None)


def test_each_engine_in_each_phase_is_what_the_table_says() -> None:
    pairs = list(product(ENGINES, PHASES))
    profile = drawn("p" * len(pairs))
    work = work_of(with_work(profile, [engine for engine, _ in pairs], [phase for _, phase in pairs]))
    counted = Counter(part_of(engine, phase) for engine, phase in pairs)
    assert {part: getattr(work, part) for part in PARTS} == {part: TICK * counted[part] for part in PARTS}
    assert work.ane_samples == counted["ane"]
    assert work.others_samples == counted["cpu"] + counted["gpu"]
    assert (work.others, work.doubtful) == (work.cpu + work.gpu, work.unknown + work.blocked)


@pytest.mark.parametrize("weight,whole,share", [(1, 4, 0.25), (4, 4, 1.0), (0, 4, 0.0), (0, 0, 0.0)])
def test_a_share_is_of_the_time_that_threads_ran(weight: int, whole: int, share: float) -> None:
    nothing = work_of(attribute(drawn("")))
    assert replace(nothing, weight=whole, waited=Waited(1000, 0, 0, 0, 10)).share(weight) == share


def test_of_blocked_threads_that_no_sample_tells_of_none_is_taken_off() -> None:
    nothing = work_of(attribute(drawn("")))
    assert replace(nothing, samples=9, waited=Waited(1000, 0, 0, 0)).running == 9
