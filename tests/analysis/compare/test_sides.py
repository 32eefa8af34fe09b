"""What a comparison knows of one recording."""

from dataclasses import replace
from typing import get_args

import pandas as pd
import pytest

from tests.analysis.compare.made import ANE, CPU, PREDICT, saved, side, side_of_text
from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.compare.sides import PER_PREDICTION, Side, columns_of
from tracekit.analysis.predictions.find import Source


def test_a_side_is_its_analysis() -> None:
    one = side_of_text(f"{ANE} 3\n{CPU} 1\nmain 9")
    assert (one.unit, one.verdict.answer, one.iterations, one.is_empty) == ("ns", "partly", None, False)
    assert one.focused is not None
    assert one.focused.weight == 4
    assert side_of_text("main 9").is_empty


@pytest.mark.parametrize("source", get_args(Source))
def test_predictions_are_known_where_their_begins_are(source: Source) -> None:
    """Runs of samples say it to a sampling interval only."""
    found = analyze_profile(profile_from_text(f"{ANE} 3"))
    iterations = replace(found.measured.iterations, source=source)
    one = Side.of(replace(found, measured=replace(found.measured, iterations=iterations)))
    assert (one.iterations is iterations.table) == (source in ("sidecar", "coreml-table", "odie-profile", "signposts"))


@pytest.mark.parametrize("kind,shares", [
    ("engine", {"ANE": 0.75, "CPU": 0.25}),
    ("phase", {"ANE dispatch": 0.75, "CPU execute": 0.25}),
    ("rule", {"ane-operation": 0.75, "bnns-operation": 0.25}),
])  # fmt: skip
def test_sums_are_shares_by_name(kind: str, shares: dict[str, float]) -> None:
    assert side_of_text(f"{ANE} 3\n{CPU} 1").sums(kind).to_dict() == shares
    assert saved(side_of_text(f"{ANE} 3\n{CPU} 1")).sums(kind).to_dict() == shares


def test_of_no_weight_every_share_is_nothing() -> None:
    assert side_of_text(f"{PREDICT} 0").sums("engine").to_dict() == {"none": 0.0}


def timed(one: Side, **columns: object) -> Side:
    return replace(one, iterations=pd.DataFrame({"start_ns": [30, 10, 20], "warmup": [False, True, False], **columns}))


def test_units_are_predictions_where_they_are_known_and_asked_for() -> None:
    one = side(1, 1)
    assert one.units(by_prediction=True).total == one.units(by_prediction=False).total == 1  # all at the same moment
    exact = timed(one)
    assert exact.units(by_prediction=True).predictions.tolist() == [1, 1]
    assert exact.units(by_prediction=False).predictions.tolist() == []
    assert saved(one).units(by_prediction=False).total == 0


def test_steady_predictions_are_in_order_of_time_without_warmup() -> None:
    assert timed(side(1, 1)).steady()["start_ns"].tolist() == [20, 30]
    assert side(1, 1).steady().empty


def test_columns_are_those_that_all_know_and_that_any_has_something_in() -> None:
    every = timed(side(1, 1), **dict.fromkeys(PER_PREDICTION, 1))
    assert columns_of((every, every)) == list(PER_PREDICTION)
    assert columns_of((every, timed(side(1, 1), wall_ns=0, cpu_ANE=[0, 0, 2]))) == ["wall_ns", "cpu_ANE"]
    nothing = timed(side(1, 1), wall_ns=1, ane_busy_ns=0)
    assert columns_of((nothing, nothing)) == ["wall_ns"]
    in_cycles = replace(every, unit="cycles")
    in_time = [name for name in PER_PREDICTION if name.endswith("_ns")]
    assert columns_of((every, in_cycles)) == columns_of((in_cycles, in_cycles)) == in_time
