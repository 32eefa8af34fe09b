"""The rows of a comparison, and how much of each every stretch of a recording holds."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from tests.analysis.compare.made import ANE, CPU, records
from tests.support.profiles import profile_from_text, profiles
from tracekit.analysis.compare import rows as rows_module
from tracekit.analysis.compare.functions import shared_functions
from tracekit.analysis.compare.rows import nameless, rows_of, weights, worth_comparing
from tracekit.attribution.engines import attribute
from tracekit.model.profile import Profile


@given(profiles(), profiles())
@settings(max_examples=20)
def test_weights_by_unit_are_those_of_counting_by_hand(a: Profile, b: Profile) -> None:
    a, b = attribute(a), attribute(b)
    rows = rows_of(a, b)
    unit = (np.arange(len(a)) % 3).astype(np.int32) - 1
    found = weights(rows.sides[0], unit, 2, np.arange(len(rows.labels), dtype=np.int32))
    expected = _counted(a, unit)
    for place, label in enumerate(records(rows.labels)):
        key = (label["kind"], label["name"], label["image"])
        assert found[:, place].tolist() == [expected[0, *key], expected[1, *key]]


def _counted(profile: Profile, unit: np.ndarray) -> dict[tuple[object, ...], int]:
    counts: dict[tuple[object, ...], int] = defaultdict(int)
    functions = shared_functions(profile)
    names = list(zip(functions.table["name"], functions.table["image"], strict=True))
    parent, frame = (profile.stacks[name].tolist() for name in ("parent_id", "frame_id"))
    for sample, where in zip(records(profile.samples), unit.tolist(), strict=True):
        if where < 0 or sample["stack_id"] < 0:
            continue
        on_stack, node = [], sample["stack_id"]
        while node >= 0:
            on_stack.append(names[functions.of_frame[0][frame[node]]])
            node = parent[node]
        keys = {("engine", sample["engine"], ""), ("phase", f"{sample['engine']} {sample['phase']}", "")}
        keys |= {("total", *name) for name in on_stack} | {("self", *on_stack[0])}
        keys |= set() if pd.isna(sample["rule"]) else {("rule", sample["rule"], "")}
        for key in keys:
            counts[where, *key] += sample["weight"]
    return counts


def every(labels: pd.DataFrame) -> np.ndarray:
    return np.arange(len(labels), dtype=np.int32)


def test_functions_are_counted_alike_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = attribute(profile_from_text("a;b;a;c 1\na;b 2\nd 4\na;b;c;d;e 8\nd;a 16"))
    rows, unit = rows_of(profile), np.array([0, 1, 0, 1, 0], np.int32)
    whole = weights(rows.sides[0], unit, 2, every(rows.labels))
    for pairs in (1, 2, 3, 7):
        monkeypatch.setattr(rows_module, "_PAIRS_AT_ONCE", pairs)
        assert weights(rows.sides[0], unit, 2, every(rows.labels)).tolist() == whole.tolist()


def test_only_the_rows_asked_for_are_counted() -> None:
    a, b = (attribute(profile_from_text(text)) for text in (f"{ANE} 3\n{CPU} 4\nmain 9", "main 1"))
    rows = rows_of(a, b)
    unit = np.array([0, 1, -1], np.int32)
    whole = weights(rows.sides[0], unit, 2, every(rows.labels))
    chosen = np.array([5, 0, len(rows.labels) - 1])
    column = np.full(len(rows.labels), -1, np.int32)
    column[chosen] = np.arange(3)
    assert weights(rows.sides[0], unit, 2, column).tolist() == whole[:, chosen].tolist()
    assert weights(rows.sides[0], unit, 2, np.full_like(column, -1)).shape == (2, 0)
    assert weights(rows.sides[1], np.zeros(1, np.int32), 1, every(rows.labels)).sum() == 4  # engine, phase, self, total


def test_rules_are_those_of_either_side_by_name() -> None:
    a, b = (attribute(profile_from_text(text)) for text in (f"{ANE} 3", f"{CPU} 4"))
    labels = rows_of(a, b).labels
    rules = labels[labels["kind"] == "rule"]["name"].tolist()
    assert rules == sorted({*map(str, a.samples["rule"].cat.categories), *map(str, b.samples["rule"].cat.categories)})
    of_rule = [weights(side, np.zeros(1, np.int32), 1, every(labels))[0] for side in rows_of(a, b).sides]
    for found, profile in zip(of_rule, (a, b), strict=True):
        held = labels["name"].to_numpy()[(labels["kind"] == "rule").to_numpy() & (found > 0)]
        assert held.tolist() == profile.samples["rule"].astype("str").tolist()


def labels_of(*rows: tuple[str, bool]) -> pd.DataFrame:
    kinds, named = zip(*rows, strict=True)
    return pd.DataFrame({"kind": kinds, "name": "x", "image": "", "is_named": named})


@pytest.mark.parametrize(
    "kind,is_named,a,b,kept",
    [
        ("rule", True, 0.0, 0.0, False),
        ("rule", True, 0.0, 1e-9, True),
        ("self", True, 1.0, 1.0, True),  # each a thousandth
        ("self", True, 2.0, 0.0, True),
        ("total", True, 1.0, 1.0, True),
        ("self", True, 1.0, 0.99, False),
        ("total", True, 0.0, 1.9, False),
        ("self", False, 900.0, 900.0, False),
    ],
)
def test_functions_are_worth_comparing_from_a_thousandth_of_both(
    kind: str, is_named: bool, a: float, b: float, kept: bool
) -> None:
    labels = labels_of(("engine", True), (kind, is_named))
    found = worth_comparing(labels, [np.array([1000.0, a]), np.array([1000.0, b])])
    assert found.tolist() == ([0, 1] if kept else [0])


def test_of_a_side_that_holds_nothing_only_the_other_counts() -> None:
    labels = labels_of(("engine", True), ("self", True))
    assert worth_comparing(labels, [np.zeros(2), np.array([1000.0, 2.0])]).tolist() == [0, 1]
    assert worth_comparing(labels, [np.zeros(2), np.zeros(2)]).tolist() == []


def test_how_much_has_no_symbol_is_told_by_self() -> None:
    labels = labels_of(("engine", True), ("engine", True), ("self", True), ("self", False), ("total", False))
    sums = [np.array([6.0, 4.0, 7.0, 3.0, 9.0]), np.zeros(5)]
    assert nameless(labels, sums) == (0.3, 0.0)
