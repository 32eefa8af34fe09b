"""What a comparison found, and what limits it."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.analysis.compare.made import CPU, predictions, records, saved, side, side_of_text
from tracekit.analysis.compare.result import QUANTILES, Diff, judged, note_on_nameless, notes_on, sums_only
from tracekit.analysis.compare.sides import Side

ONLY = "Only of {} is it known when each prediction began: nothing is compared per prediction."
SUMS = "A: a saved result holds sums. Shares carry no interval, and functions are missing."
SOME = "Not of every recording is it known when each prediction began: nothing is compared per prediction."


@cache
def made(names: str) -> tuple[Side, ...]:
    """Sides of these kinds, made when a test first asks."""
    plain = side(3, 1)
    kinds = {
        "plain": plain,
        "exact": replace(plain, iterations=predictions(np.full(3, 5))),
        "warm": replace(plain, iterations=predictions(np.full(3, 5), warmup=1)),
        "cycles": replace(plain, unit="cycles"),
        "empty": side_of_text("main 9"),
        "saved": saved(plain),
    }
    return tuple(kinds[name] for name in names.split())


@pytest.mark.parametrize(
    "a,b,notes",
    [
        ("plain", "plain", []),
        ("exact", "exact", []),
        ("plain", "cycles", ["A counts ns and B counts cycles: their shares are of unlike things."]),
        ("cycles plain", "plain plain", ["A counts cycles, ns and B counts ns: their shares are of unlike things."]),
        ("cycles", "cycles", []),
        ("exact", "plain", [ONLY.format("A")]),
        ("plain exact", "exact exact", [ONLY.format("B")]),
        ("plain exact", "plain plain", [SOME]),
        ("plain plain", "plain exact", [SOME]),
        ("saved", "plain", [SUMS]),
        ("plain saved", "saved plain", ["A and B: a saved result holds sums. Functions are missing."]),
        ("plain", "saved plain", ["B: a saved result holds sums. Functions are missing."]),
        ("empty", "plain", ["A holds no sample inside the focus."]),
        ("plain", "plain empty", ["B holds a recording with no sample inside the focus."]),
    ],
)  # fmt: skip
def test_what_makes_sides_unlike_is_said(a: str, b: str, notes: list[str]) -> None:
    assert notes_on(made(a), made(b)) == notes


def test_functions_without_a_symbol_are_told_of_where_there_are_some() -> None:
    assert note_on_nameless((0.0, 0.0)) == []
    assert note_on_nameless((0.0, 0.675)) == [
        "Functions without a symbol cannot be matched and are set apart: 0.0 % of A and 67.5 % of B (self)."
    ]


def test_sums_are_the_means_of_each_side_without_intervals() -> None:
    rows = sums_only((side(4, 0), side(3, 1)), (side(1, 3), side_of_text(f"{CPU} 1")))
    found = rows[rows["kind"] == "engine"][["name", "a", "b", "change"]].values.tolist()
    assert found == [["ANE", 0.875, 0.125, -0.75], ["CPU", 0.125, 0.875, 0.75]]
    assert rows["kind"].unique().tolist() == ["engine", "phase", "rule"]
    assert rows.index.tolist() == list(range(len(rows)))
    assert rows[["low", "high", "p"]].isna().to_numpy().all()
    assert not rows["is_tested"].any()


def test_what_a_side_does_not_have_is_none_of_it() -> None:
    both, cpu = (side(1, 1),), (side_of_text(f"{CPU} 1"),)
    for a, b, shares in ((both, cpu, (0.5, 0.0)), (cpu, both, (0.0, 0.5))):
        (ane,) = (each for each in records(sums_only(a, b)) if each["name"] == "ANE")
        assert (ane["a"], ane["b"]) == shares


def row(kind: str, name: str, p: float, *, reach: float = 0.1, is_tested: bool = True) -> dict[str, object]:
    numbers = {"a": 0.0, "b": 0.5, "change": 0.5, "low": 0.5 - reach, "high": 0.5 + reach, "p": p}
    return {"kind": kind, "name": name, "image": "", **numbers, "is_tested": is_tested}


def test_numbers_of_a_test_are_only_where_there_was_one() -> None:
    rows = judged(pd.DataFrame([row("engine", "ANE", 0.001), row("engine", "CPU", 0.0, is_tested=False)]))
    assert rows[["low", "high", "p"]].notna().all(axis=1).tolist() == [True, False]
    assert rows["is_difference"].tolist() == [True, False]
    assert rows["p"].tolist()[0] == 0.001


def test_no_share_changes_by_more_than_all_but_a_length_may() -> None:
    rows = judged(pd.DataFrame([row("rule", "r", 0.5, reach=7.0), row("prediction", "wall_ns", 0.5, reach=7.0)]))
    assert rows[["low", "high"]].values.tolist() == [[-1.0, 1.0], [-6.5, 7.5]]


def test_self_and_total_are_one_family() -> None:
    """A hundred rows that say nothing make one beside them less sure only where they are of its family."""
    many = [row("total", f"f{number}", 0.5) for number in range(100)]
    alone = judged(pd.DataFrame([row("engine", "ANE", 0.004), *many]))
    beside = judged(pd.DataFrame([row("self", "f", 0.004), *many]))
    assert (alone["is_difference"].sum(), beside["is_difference"].sum()) == (1, 0)


def diff_of(a: tuple[Side, ...], b: tuple[Side, ...]) -> Diff:
    rows = judged(pd.DataFrame([row("engine", "GPU", 0.9), row("engine", "ANE", 0.001), row("engine", "CPU", 0.002)]))
    return Diff(a, b, rows, "time", ())


def test_differences_are_the_rows_that_are_shown() -> None:
    found = diff_of(made("plain"), made("plain"))
    assert found.differences["name"].to_dict() == {0: "ANE", 1: "CPU"}
    assert repr(found) == "<Diff by time, 2 of 3 rows differ>"


@pytest.mark.parametrize(
    "a,b,expected",
    [
        ("warm", "exact", True),
        ("exact", "exact", False),
        ("warm", "plain", False),
        ("warm exact", "exact plain", False),
        ("exact exact", "exact warm", True),
        ("plain", "plain", False),
    ],
)
def test_warmup_is_left_out_where_all_predictions_are_known_and_some_have_it(a: str, b: str, expected: bool) -> None:
    assert diff_of(made(a), made(b)).is_after_warmup == expected


def test_a_percentile_is_the_one_that_it_is_called() -> None:
    assert {name: f"wall_p{share * 100:.0f}_ns" for name, share in QUANTILES.items()} == {
        each: each for each in QUANTILES
    }
