"""Plan, model and recording meet in one row an operation."""

import itertools
import json
import math
import random
from pathlib import Path

import numpy as np
import pytest

from tests.mlmodel.reading import read
from tests.support.operations import model_from, plan_from
from tracekit.analysis.operations.measured import measured_types
from tracekit.analysis.operations.placement import by_type, handovers, place, with_reasons
from tracekit.analysis.operations.plan import parse_plan
from tracekit.analysis.predictions.log import reasons_in
from tracekit.attribution.engines import attribute
from tracekit.model.folded import from_folded

NET = model_from(
    """
    x: fp32 [1, 3, 8, 8]
    w = const(): fp16 [4, 3, 1, 1]
    a = cast(x): fp16 [1, 3, 8, 8]
    b = conv(a, w): fp16 [1, 4, 8, 8]
    c = topk(b): fp16 [1, 4, 8, 2]
    d = relu(c): fp16 [1, 4, 8, 2]
    e = add(b, d): fp16 [1, 4, 8, 8]
    -> e
    """
)
PLAN = plan_from(
    NET,
    """
    w - -
    a CPU 0.1 CPU
    b ANE 0.4 CPU GPU ANE
    c CPU 0.2 CPU
    d ANE 0.1 CPU GPU ANE
    e ANE 0.2 CPU GPU ANE
    """,
)


def test_each_operation_has_its_plan() -> None:
    rows = place(NET, PLAN).operations
    assert rows[["name", "type", "preferred", "supported", "segment"]].to_numpy().tolist() == [
        ["a_op", "cast", "CPU", "CPU", 0],
        ["b_op", "conv", "ANE", "CPU GPU ANE", 1],
        ["c_op", "topk", "CPU", "CPU", 2],
        ["d_op", "relu", "ANE", "CPU GPU ANE", 3],
        ["e_op", "add", "ANE", "CPU GPU ANE", 3],
    ]
    assert math.isclose(rows["cost"].sum(), 1.0)


def test_runs_on_one_engine_are_segments_and_values_between_them_transfers() -> None:
    placed = place(NET, PLAN)
    assert placed.segments[["engine", "first", "last", "count"]].to_numpy().tolist() == [
        ["CPU", 0, 0, 1],
        ["ANE", 1, 1, 1],
        ["CPU", 2, 2, 1],
        ["ANE", 3, 4, 2],
    ]
    columns = ["name", "from_engine", "to_engine", "dtype", "shape", "bytes"]
    assert placed.transfers[columns].to_numpy().tolist() == [
        ["a", "CPU", "ANE", "fp16", "[1, 3, 8, 8]", 384],
        ["b", "ANE", "CPU", "fp16", "[1, 4, 8, 8]", 512],
        ["c", "CPU", "ANE", "fp16", "[1, 4, 8, 2]", 128],
    ]


def test_what_has_no_fixed_size_takes_no_known_bytes() -> None:
    model = model_from("x: fp16 [4]\na = relu(x): fp16 [?, 4]\nb = relu(a): odd [4]\nc = relu(b): fp16 [4]")
    planned = place(model, plan_from(model, "a ANE 0.3 CPU ANE\nb CPU 0.3 CPU\nc ANE 0.3 CPU ANE"))
    assert planned.transfers["bytes"].tolist() == [-1, -1]


def test_segments_hold_every_planned_operation_once() -> None:
    placed = place(NET, PLAN)
    assert placed.segments["count"].sum() == (placed.operations["segment"] >= 0).sum()
    spans = [np.arange(first, last + 1) for first, last in placed.segments[["first", "last"]].to_numpy()]
    assert np.concatenate(spans).tolist() == list(range(len(placed.operations)))


@pytest.mark.parametrize("seed", range(8))
def test_handovers_are_the_most_changes_on_any_path(seed: int) -> None:
    """Against every path from the inputs, walked one by one."""
    chance = random.Random(seed)
    engines = {f"v{at}": chance.choice(["ANE", "CPU", "GPU", "-"]) for at in range(9)}
    reads = {name: chance.sample([f"v{before}" for before in range(at)], min(at, 2)) for at, name in enumerate(engines)}
    lines = [f"{name} = relu({', '.join(reads[name] or ['x'])}): fp16 [4]" for name in engines]
    model = model_from("\n".join(["x: fp16 [4]", *lines]))
    planned = "\n".join(f"{name} {engine} 0.1 CPU" for name, engine in engines.items())

    def paths(name: str) -> list[list[str]]:
        return [[*path, name] for before in reads[name] for path in paths(before)] or [[name]]

    def changes(path: list[str]) -> int:
        pairs = itertools.pairwise(path)
        return sum(engines[a] != engines[b] and "-" not in (engines[a], engines[b]) for a, b in pairs)

    most = [max(map(changes, paths(name))) for name in engines]
    assert handovers(place(model, plan_from(model, planned))).tolist() == most


def test_a_plan_alone_tells_what_it_knows() -> None:
    placed = place(None, PLAN)
    assert placed.operations["type"].tolist() == ["cast", "conv", "topk", "relu", "add"]  # the constant is left out
    assert placed.operations["row"].eq(-1).all()
    assert (len(placed.segments), len(placed.transfers)) == (4, 0)


def test_a_model_alone_has_no_segments() -> None:
    placed = place(NET, None)
    assert not placed.has_plan
    assert (len(placed.operations), len(placed.segments), len(placed.transfers)) == (5, 0, 0)


def test_a_plan_of_another_model_is_noticed() -> None:
    other = PLAN.assign(name=PLAN["name"].replace({"b": "other"}))
    placed = place(NET, other)
    assert placed.unmatched_plan == 1
    assert placed.operations["preferred"].tolist() == ["CPU", "", "CPU", "ANE", "ANE"]


def test_saved_models_meet_their_plans_by_first_outputs(saved: dict[str, Path]) -> None:
    for name in ("transformer-fp16", "multifunction", "network"):
        model = read(saved[name])
        made = model.values[model.values["direction"] == "out"].drop_duplicates("operation_id")
        by_first = made.set_index("operation_id")["name"]
        each = model.operations
        named = each["name"].tolist() if name == "network" else by_first.reindex(np.arange(len(each))).tolist()
        operations = [
            {
                "name": label,
                "operator": f"ios18.{kind}",
                "function": function or None,
                "preferred": "ANE",
                "supported": [],
            }
            for label, kind, function in zip(named, each["type"], each["function"], strict=True)
        ]
        placed = place(model, parse_plan({"compute_plan": {"operations": operations}}, name))
        assert placed.unmatched_plan == 0
        assert (placed.operations["preferred"] == "ANE").all()


def test_types_are_gathered_with_all_that_is_known() -> None:
    rows = by_type(place(NET, PLAN)).set_index("type")
    assert rows.loc[["cast"], ["count", "dtypes", "CPU", "ANE"]].to_numpy().tolist() == [[1, "fp32 → fp16", 1, 0]]
    assert rows["count"].sum() == 5
    assert math.isclose(rows["cost"].sum(), 1.0)
    assert rows.index[0] == "conv"  # the costliest


# ---- What a recording shows.

ROOT = "-[MLModel predictionFromFeatures:error:]"
STACKS = f"""
main;{ROOT};Espresso`Espresso::topk_kernel_cpu::__launch(int);memcpy 30
main;{ROOT};Espresso`E5RT::Ops::CastOperation::ExecuteSync();vImageConvert 20
main;{ROOT};MetalPerformanceShadersGraph`GPU::ReductionOpHandler::encodeOp(int) 10
main;{ROOT};MetalPerformanceShadersGraph`GPU::ANERegionCallOpHandler::encodeOp(int) 5
main;{ROOT};libBNNS.dylib`BNNSGraphContextExecute_v2 35
"""


def test_types_are_measured_where_a_function_names_them() -> None:
    profile = attribute(from_folded(STACKS))
    measured = measured_types(profile)
    assert measured.table[["key", "samples", "weight"]].to_numpy().tolist() == [
        ["topk", 1, 30],
        ["cast", 1, 20],
        ["reduction", 1, 10],
    ]
    assert measured.weight == 100
    rows = place(NET, PLAN, measured).operations.set_index("type")["type_weight"]
    assert rows.to_dict() == {"cast": 20, "conv": -1, "topk": 30, "relu": -1, "add": -1}


def test_logs_give_reasons() -> None:
    messages = [
        "Unsupported op 12 (topk): rank 4 is not supported",
        "Unsupported op 13 (topk): another",
        "[CostModelFeature] Unsupported",
    ]
    reasons = reasons_in(messages)
    assert reasons.to_numpy().tolist() == [["topk", "rank 4 is not supported"]]
    rows = with_reasons(place(NET, PLAN), reasons).operations.set_index("type")["reason"]
    assert rows["topk"] == "rank 4 is not supported"
    assert (rows.drop("topk") == "").all()


def test_a_placement_needs_something() -> None:
    with pytest.raises(ValueError, match="neither a model nor a plan"):
        place(None, None)


def test_a_plan_as_others_write_it(tmp_path: Path) -> None:
    document = json.loads(
        '{"model":"m","operations":[{"name":"b","op":"ios17.conv","preferred":"neuralEngine",'
        '"supported":["cpu","gpu","neuralEngine"],"cost":0.4}]}'
    )
    assert place(NET, parse_plan(document, "x")).operations.set_index("type")["preferred"]["conv"] == "ANE"


def test_no_column_holds_objects() -> None:
    placed = place(NET, PLAN)
    for frame in (placed.operations, placed.segments, placed.transfers):
        assert "object" not in {str(dtype) for dtype in frame.dtypes}
