"""The call tree and totals by symbol, against walking every stack."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import given, settings

from tests.support.profiles import profile_from_text, profiles
from tracekit.analysis.call_tree import by_symbol, call_tree, dominant_engine, has_engines
from tracekit.attribution.engines import attribute
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES


class Walked(NamedTuple):
    """A sample with the nodes of its stack, leaf first."""

    nodes: list[int]
    weight: int
    engine: str


def walked(profile: Profile) -> Iterator[Walked]:
    """Every sample with a stack, by going from its leaf to the root."""
    parent = profile.stacks["parent_id"].tolist()
    columns = ("stack_id", "weight", "engine")
    rows = zip(*(profile.samples[name].tolist() for name in columns), strict=True)
    for leaf, weight, engine in rows:
        nodes = []
        while leaf >= 0:
            nodes.append(leaf)
            leaf = parent[leaf]
        if nodes:
            yield Walked(nodes, weight, str(engine))


@given(profiles())
@settings(max_examples=30)
def test_every_node_holds_the_samples_of_its_subtree(profile: Profile) -> None:
    attributed = attribute(profile)
    count, own, total, by_engine = Counter[int](), Counter[int](), Counter[int](), Counter[tuple[int, str]]()
    for sample in walked(attributed):
        own[sample.nodes[0]] += sample.weight
        for node in sample.nodes:
            count[node] += 1
            total[node] += sample.weight
            by_engine[node, sample.engine] += sample.weight
    tree = call_tree(attributed)
    nodes = range(len(tree))
    assert has_engines(tree)
    assert tree["count"].tolist() == [count[node] for node in nodes]
    assert tree["self"].tolist() == [own[node] for node in nodes]
    assert tree["total"].tolist() == [total[node] for node in nodes]
    for engine in ENGINES:
        assert tree[f"total_{engine}"].tolist() == [by_engine[node, engine] for node in nodes]
    largest = [max(ENGINES, key=lambda engine: by_engine[node, engine]) for node in nodes]
    assert [ENGINES[at] for at in dominant_engine(tree)] == largest


@given(profiles())
@settings(max_examples=30)
def test_totals_by_symbol_count_a_sample_once(profile: Profile) -> None:
    attributed = attribute(profile)
    frames = attributed.stacks["frame_id"].tolist()
    samples, own, total, by_engine = Counter[int](), Counter[int](), Counter[int](), Counter[tuple[int, str]]()
    for sample in walked(attributed):
        own[frames[sample.nodes[0]]] += sample.weight
        for frame in {frames[node] for node in sample.nodes}:
            samples[frame] += 1
            total[frame] += sample.weight
            by_engine[frame, sample.engine] += sample.weight
    names = attributed.frames["name"].tolist()
    table = by_symbol(attributed)
    found = sorted(table[["symbol", "self", "total", "samples", "engine"]].itertuples(index=False, name=None))
    engine = {frame: max(ENGINES, key=lambda name: by_engine[frame, name]) for frame in samples}
    assert found == sorted((names[each], own[each], total[each], samples[each], engine[each]) for each in samples)
    assert table["self"].is_monotonic_decreasing


def test_equals_stand_by_total_and_then_by_name() -> None:
    table = by_symbol(profile_from_text("app`main;lib`b 2\napp`main;lib`a 2\napp`main;c;lib`d 1"))
    assert table[["symbol", "binary", "self", "total"]].values.tolist() == [
        ["a", "lib", 2, 2],
        ["b", "lib", 2, 2],
        ["d", "lib", 1, 1],
        ["main", "app", 0, 5],
        ["c", "", 0, 1],
    ]


def test_functions_of_no_sample_are_left_out() -> None:
    profile = profile_from_text("main;work 2\nmain;idle 0")
    assert by_symbol(profile.with_samples(profile.samples[:1]))["symbol"].tolist() == ["work", "main"]
    # One that weighs nothing is a sample all the same.
    assert by_symbol(profile)[["symbol", "samples"]].values.tolist() == [["work", 1], ["main", 2], ["idle", 1]]


def test_rows_are_numbered_from_the_heaviest() -> None:
    assert by_symbol(profile_from_text("a 1\nb 3\nc 2")).index.tolist() == [0, 1, 2]


def test_without_engines_no_node_is_of_one() -> None:
    tree = call_tree(profile_from_text("main;work 2"))
    assert not has_engines(tree)
    assert [ENGINES[at] for at in dominant_engine(tree)] == ["none", "none"]
    assert "engine" not in by_symbol(profile_from_text("main;work 2"))
