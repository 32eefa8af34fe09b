"""Sums by engine, phase, rule, image and thread; where every row went."""

import numpy as np
import pytest

from tests.support.profiles import profile_from_text, profile_without_threads
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.summary import (
    Tally,
    account,
    by_binary,
    by_engine,
    by_phase,
    by_rule,
    by_thread,
    by_wait,
    matched,
)
from tracekit.attribution.engines import attribute
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import SKIPPED, Notice
from tracekit.model.folded import from_folded
from tracekit.model.profile import Meta
from tracekit.model.schema import NONE

PREDICT = "main;CoreML`-[MLModel predictionFromFeatures:error:]"
ANE = f"{PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()"
CPU = f"{PREDICT};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"


def test_self_weight_by_image() -> None:
    table = by_binary(profile_from_text("app`main;lib`work 3\napp`main 1\nplain 2"))
    assert table[["binary", "weight"]].values.tolist() == [["lib", 3], ["", 2], ["app", 1]]


@pytest.mark.parametrize("named", [0, 2])
def test_samples_of_no_known_thread_are_a_row_of_their_own(named: int) -> None:
    analysis = analyze_profile(profile_without_threads(named))
    rows = by_thread(analysis.profile)[["tid", "name", "samples"]].to_numpy().tolist()
    assert rows == [[-1, "", 5], *([[5, "worker", named]] if named else [])]
    assert analysis.accounting.samples.attributed == 5 + named


def test_a_row_is_filtered_before_it_is_without_a_stack_and_that_before_it_is_outside() -> None:
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("main")])
    for row, weight in enumerate((1, 2, 4, 8, 16)):
        builder.sample(time_ns=row, stack=NONE if row in (1, 2) else stack, weight=weight)
    profile = builder.build(Meta("ns", notices=(Notice(f"{SKIPPED}-rows", "cut", 3),)))
    taking_part = np.array([True, True, False, False, True])
    in_focus = np.array([True, True, True, True, False])
    accounted = account(profile, taking_part, in_focus)
    assert accounted.samples == Tally(total=8, attributed=1, outside_focus=1, no_stack=1, filtered=2, skipped=3)
    assert accounted.weight == Tally(total=31, attributed=1, outside_focus=16, no_stack=2, filtered=12)


def test_engines_stand_in_their_order_and_phases_by_weight() -> None:
    profile = attribute(profile_from_text(f"{CPU} 5\n{ANE} 2\n{PREDICT} 1\nmain 9"))
    engines, phases = by_engine(profile), by_phase(profile)
    assert engines[["engine", "samples", "weight"]].values.tolist() == [["ANE", 1, 2], ["CPU", 1, 5], ["none", 2, 10]]
    assert engines["share"].tolist() == [round(part / 17, 6) for part in (2, 5, 10)]
    assert phases["weight"].is_monotonic_decreasing
    assert phases["weight"].sum() == 17


def test_a_rule_s_example_is_the_leaf_of_its_heaviest_stack() -> None:
    profile = attribute(profile_from_text(f"{CPU};one 3\n{CPU};two 2\n{CPU};two 2\n{CPU};three 3\nmain 10"))
    (row,) = by_rule(profile).itertuples()
    assert (row.samples, row.weight, row.example, row.share) == (4, 10, "two", 0.5)


def test_a_line_of_folded_text_stands_for_as_many_samples_as_it_weighs() -> None:
    profile = attribute(from_folded(f"{CPU} 5\n{CPU};leaf 2", unit="samples"))
    assert by_engine(profile)[["samples", "weight"]].values.tolist() == [[7, 7]]


def test_of_no_weight_every_share_is_nothing() -> None:
    profile = attribute(profile_from_text(f"{CPU} 0\nmain 0"))
    for table in (by_engine(profile), by_phase(profile), by_rule(profile), by_thread(profile), by_binary(profile)):
        assert len(table)
        assert table["share"].tolist() == [0.0] * len(table)


def test_equals_stand_by_name() -> None:
    table = by_binary(profile_from_text("b`f 2\na`f 2\nc`f 3"))
    assert table["binary"].tolist() == ["c", "a", "b"]
    builder = ProfileBuilder()
    for tid, (name, weight) in enumerate([("last", 1), ("idle", 9), ("first", 1)]):
        builder.sample(time_ns=0, thread_id=builder.thread(tid, name), stack=NONE, weight=weight)
    assert by_thread(builder.build(Meta("ns")))["name"].tolist() == ["idle", "first", "last"]


def test_a_thread_has_the_cpu_time_of_what_ran_and_none_of_what_it_waited() -> None:
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("main")])
    for name, weight, state in [("a", 1, "Running"), ("a", 2, "Blocked"), ("a", 4, "Running"), ("b", 8, "Blocked")]:
        thread = builder.thread(ord(name), name)
        builder.sample(time_ns=0, thread_id=thread, stack=stack, weight=weight, state=builder.state(state))
    profile = builder.build(Meta("ns"))
    columns = ["name", "samples", "weight", "share"]
    assert by_thread(profile)[columns].values.tolist() == [["a", 2, 5, 1.0], ["b", 0, 0, 0.0]]
    waits = by_wait(attribute(profile))
    assert waits[["engine", "samples", "weight"]].values.tolist() == [["none", 2, 10]]


def test_every_table_is_numbered_in_its_order() -> None:
    profile = attribute(profile_from_text(f"main 1\n{CPU} 5\n{ANE} 2\nlib`other 3"))
    for table in (by_engine(profile), by_phase(profile), by_rule(profile), by_thread(profile), by_binary(profile)):
        assert table.index.tolist() == list(range(len(table)))


def test_samples_that_no_rule_decided_are_in_no_row_of_rules() -> None:
    profile = attribute(profile_from_text(f"main 7\n{CPU} 5"))
    assert matched(profile)["weight"].tolist() == [5]
    assert matched(profile.with_samples(profile.samples[:1])).empty
