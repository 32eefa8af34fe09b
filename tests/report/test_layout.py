from collections import Counter, defaultdict
from typing import Any

from hypothesis import given

from tests.report.plain import placed, plain_samples, records, totals
from tests.support.bless import Golden
from tests.support.profiles import profile_from_text, profiles
from tracekit.analysis.transforms import focus
from tracekit.attribution.engines import attribute
from tracekit.model.facts import Facts
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import ENGINES
from tracekit.report.layout import Provenance, flame_layout

DRAWING = """
    main;b;c        2
    main;b          1
    main;a          2
    main            1
    other;a         4
    other;a;a       3
"""
PREDICT = "start;main;CoreML`-[MLModel predictionFromFeatures:error:]"


def drawn(profile: Profile) -> list[str]:
    """The flame graph as text: a line a call, a letter a unit of weight."""
    lines: dict[int, str] = {}
    for path, call in placed(profile).items():
        line = lines.get(call["depth"], "").ljust(call["x0"])
        lines[call["depth"]] = line + "|" + path[-1][0].ljust(call["total"] - 1)[: call["total"] - 1]
    return [lines[depth] for depth in sorted(lines)]


def test_callees_stand_under_their_caller_from_the_left_heaviest_first() -> None:
    assert drawn(profile_from_text(DRAWING)) == [
        "|other |main ",
        "|a     |b |a",
        "|a     |c",
    ]


def test_a_layout_as_numbers(golden: Golden) -> None:
    stacks = f"{PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync() 7\n{PREDICT} 2\n" + DRAWING
    layout = flame_layout(attribute(profile_from_text(stacks)))
    golden("flame_layout.csv", layout.to_csv(index=False, lineterminator="\n"))


def test_nothing_makes_an_empty_layout() -> None:
    layout = flame_layout(profile_from_text(""))
    assert len(layout) == 0
    assert list(layout) == ["parent", "depth", "stack_id", "frame_id", "x0", "total", "self", "count", "engine"]


def test_calls_that_no_sample_stands_under_are_left_out() -> None:
    profile = profile_from_text(DRAWING)
    other = profile.with_samples(profile.samples.tail(2).reset_index(drop=True))
    assert len(flame_layout(other)) == 3


def test_before_attribution_every_call_is_no_engines() -> None:
    assert set(flame_layout(profile_from_text(DRAWING))["engine"]) == {ENGINES.index("none")}


@given(profiles())
def test_callees_fill_their_caller_from_the_left_but_for_its_self_weight(profile: Profile) -> None:
    calls = placed(profile)
    total = totals([sample for sample in plain_samples(attribute(profile)) if sample.path])
    assert {path: call["total"] for path, call in calls.items()} == dict(total)
    below = defaultdict[Any, list[Any]](list)
    for path, call in calls.items():
        below[path[:-1]].append(call)
    for path in [(), *calls]:
        callees = below[path]
        place = calls[path]["x0"] if path else 0
        for callee in callees:  # in drawing order
            assert callee["x0"] == place
            place += callee["total"]
        assert [callee["total"] for callee in callees] == sorted((c["total"] for c in callees), reverse=True)
        if path:
            assert calls[path]["self"] == calls[path]["x0"] + calls[path]["total"] - place


@given(profiles())
def test_a_subtree_follows_its_call_directly(profile: Profile) -> None:
    stack: list[int] = []
    for row, call in enumerate(records(flame_layout(profile))):
        del stack[call["depth"] :]
        assert call["parent"] == (stack[-1] if stack else -1)
        stack.append(row)


@given(profiles())
def test_a_call_has_the_engine_that_most_of_it_belongs_to(profile: Profile) -> None:
    profile = attribute(profile)
    samples = plain_samples(profile)
    for path, call in placed(profile).items():
        under: Counter[str] = Counter()
        for sample in samples:
            if sample.path[: len(path)] == path:
                under[sample.engine] += sample.weight
        assert under[ENGINES[int(call["engine"])]] == max(under.values())


def test_provenance_of_a_recording() -> None:
    facts = Facts(device="Mac Studio", os="macOS 15.6", xcode="16.4 (16F6)", template="Core ML", process="App")
    meta = Meta("ns", source="x.trace", format="bundle", table="time-profile", run=2, facts=facts)
    provenance = Provenance.of(meta, command="tracekit report x.trace", tracekit_version="1.2")
    assert provenance == Provenance(
        source="x.trace",
        format="bundle",
        run=2,
        table="time-profile",
        xcode="16.4 (16F6)",
        template="Core ML",
        device="Mac Studio",
        os="macOS 15.6",
        process="App",
        command="tracekit report x.trace",
        tracekit_version="1.2",
        unit="ns",
    )


def test_the_layout_of_a_focus_begins_at_its_root() -> None:
    layout = flame_layout(focus(profile_from_text(DRAWING), "b"))
    assert layout[["depth", "x0", "total", "self"]].to_numpy().tolist() == [[0, 0, 3, 1], [1, 0, 2, 2]]
