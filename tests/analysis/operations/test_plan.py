"""Core ML's compute plan as documents say it."""

import math
from collections.abc import Mapping
from typing import Any

import pytest

from tests.analysis.recordings import Sidecar
from tracekit.analysis.operations.plan import PLAN, parse_plan, plan_in, plan_of
from tracekit.errors import InputError


@pytest.mark.parametrize(
    "operation,expected",
    [
        ({"name": "a", "operator": "ios17.conv", "preferred": "ANE", "supported": ["CPU", "ANE"], "cost": 0.5},
         ["a", "conv", "ANE", "CPU ANE", 0.5]),
        ({"name": "a", "op": "conv", "preferred": "neuralEngine", "supported": ["cpu", "neuralEngine"], "cost": 1},
         ["a", "conv", "ANE", "CPU ANE", 1.0]),
        ({"name": "a", "operator": "softmaxND", "preferred": None, "supported": []}, ["a", "softmaxND", "", "", None]),
        ({"name": "a", "operator": "my.conv", "preferred": "TPU", "supported": [5]}, ["a", "my.conv", "", "", None]),
    ],
)  # fmt: skip
def test_plans_are_understood(operation: dict[str, object], expected: list[object]) -> None:
    (row,) = parse_plan({"operations": [operation]}, "plan")[
        ["name", "type", "preferred", "supported", "cost"]
    ].itertuples(index=False)
    assert [None if isinstance(each, float) and math.isnan(each) else each for each in row] == expected


def test_a_block_is_as_deep_as_the_plan_says() -> None:
    operations = [{"name": "a", "operator": "relu", "within": within} for within in (None, "loop/0", "loop/0/branch/1")]
    assert parse_plan({"operations": operations}, "plan")["depth"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "document", [None, [], {}, {"operations": 5}, {"operations": [5]}, {"operations": [{"supported": 5}]},
                 {"operations": [{"cost": "x"}]}, {"compute_plan": None, "compute_plan_note": "too old"}]
)  # fmt: skip
def test_what_is_no_plan_is_refused(document: object) -> None:
    with pytest.raises(InputError, match="compute plan"):
        parse_plan(document, "plan.json")


def test_why_there_is_no_plan_is_said() -> None:
    document = {"compute_plan": None, "compute_plan_note": "macOS 13 has none"}
    assert not plan_in(document)
    with pytest.raises(InputError, match="holds no compute plan: macOS 13 has none"):
        parse_plan(document, "run.sidecar.json")


@pytest.mark.parametrize("within,depth", [("", 0), (5, 0), ("loop/0", 1), ("loop/0/branch/1", 2), ("loop", 0)])
def test_a_block_that_is_no_path_is_the_model_s_own(within: object, depth: int) -> None:
    (row,) = parse_plan({"operations": [{"name": "a", "within": within}]}, "plan").itertuples()
    assert row.depth == depth


def test_a_plan_of_nothing_has_every_column() -> None:
    plan = parse_plan({"operations": []}, "plan")
    assert len(plan) == 0
    assert plan.dtypes.astype(str).to_dict() == dict(PLAN)


@pytest.mark.parametrize(
    "os,told",
    [("Version 26.1 (Build 25B78)", "version 26.1 (25B78) of the OS"), ("", ""), (None, ""), (5, "")],
)
def test_the_os_that_a_plan_was_made_on_is_said(os: object, told: str) -> None:
    assert parse_plan({"operations": [], "os": os}, "plan").attrs["os"] == told


HELD = {"compute_plan": {"operations": [{"name": "a", "operator": "ios17.conv"}]}, "os": "Version 26.1 (Build 25B78)"}


def test_a_sidecar_s_plan_is_of_the_recording_s_os() -> None:
    plan = plan_of(Sidecar(7, [], HELD))
    assert plan is not None
    assert (plan["name"].tolist(), plan.attrs["os"]) == (["a"], "version 26.1 (25B78) of the OS")
    told = plan_of(Sidecar(7, [], HELD), "macOS 26.2")
    assert told is not None
    assert told.attrs["os"] == "macOS 26.2"


@pytest.mark.parametrize("document", [{}, {"compute_plan": None}, {"operations": [5]}])
def test_a_sidecar_whose_plan_cannot_be_read_has_none(document: Mapping[str, Any]) -> None:
    assert plan_of(Sidecar(7, [], document)) is None
    assert plan_of(None) is None
