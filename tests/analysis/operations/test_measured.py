"""What a recording shows of types of operations."""

import pytest

from tests.support.profiles import profile_from_text
from tracekit.analysis.operations.measured import key_of, measured_types
from tracekit.attribution.engines import attribute
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta
from tracekit.model.schema import NONE

TOPK = "Espresso`Espresso::topk_kernel_cpu::__launch(int)"
CAST = "Espresso`E5RT::Ops::CastOperation::ExecuteSync()"
REDUCE = "MetalPerformanceShadersGraph`GPU::ReductionOpHandler::encodeOp(int)"
REGION = "MetalPerformanceShadersGraph`GPU::ANERegionCallOpHandler::encodeOp(int)"


@pytest.mark.parametrize(
    "stack,key,mark",
    [
        (TOPK, "topk", "Espresso::topk_kernel_cpu::"),
        (f"main;{TOPK}", "topk", "Espresso::topk_kernel_cpu::"),
        (f"main;{TOPK};memcpy;inner", "topk", "Espresso::topk_kernel_cpu::"),
        (f"main;{TOPK};{CAST};memcpy", "cast", "E5RT::Ops::CastOperation"),  # the nearest to the leaf
        (f"{CAST};glue;{REDUCE}", "reduction", "GPU::ReductionOpHandler::"),
        ("main;E5RT::Ops::QuantOperation::ExecuteSync()", "quantize", "E5RT::Ops::QuantOperation"),
        ("main;Espresso::elementwise_kernel_cpu::__launch()", "", ""),  # no one type
        (f"main;{REGION}", "", ""),  # a whole part of a model
        ("main;E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()", "", ""),
        ("main;MyEspresso::topk_kernel_cpu::__launch()", "", ""),
    ],
)
def test_a_function_says_of_which_type_the_work_below_it_is(stack: str, key: str, mark: str) -> None:
    table = measured_types(attribute(profile_from_text(f"{stack} 3"))).table
    assert table[["key", "samples", "weight", "mark"]].values.tolist() == ([[key, 1, 3, mark]] if key else [])


def test_types_stand_by_weight_and_then_by_name() -> None:
    measured = measured_types(attribute(profile_from_text(f"{TOPK} 2\n{CAST} 1\n{CAST};x 1\n{REDUCE} 7\nmain 5")))
    rows = measured.table[["key", "samples", "weight", "example"]].values.tolist()
    assert rows == [
        ["reduction", 1, 7, "GPU::ReductionOpHandler::encodeOp(int)"],
        ["cast", 2, 2, "E5RT::Ops::CastOperation::ExecuteSync()"],
        ["topk", 1, 2, "Espresso::topk_kernel_cpu::__launch(int)"],
    ]
    assert measured.table.index.tolist() == [0, 1, 2]
    assert (measured.weight, measured.unit) == (16, "ns")
    assert sum(measured.engines.values()) == 16
    assert min(measured.engines.values()) > 0  # an engine that does not occur is not told of


def test_a_blocked_thread_takes_no_part_and_neither_does_a_sample_without_a_stack() -> None:
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("Espresso::topk_kernel_cpu::__launch(int)")])
    for weight, where, state in [(1, stack, "Running"), (2, stack, "Blocked"), (4, NONE, "Running")]:
        builder.sample(time_ns=0, stack=where, weight=weight, state=builder.state(state))
    measured = measured_types(attribute(builder.build(Meta("ns"))))
    assert (measured.table["weight"].tolist(), measured.weight) == ([1], 5)


@pytest.mark.parametrize(
    "one,other",
    [("gather_nd", "gatherND"), ("conv", "convolution"), ("linear", "innerProduct"), ("softmax", "Softmax")],
)
def test_one_type_has_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_types_that_only_look_alike_have_two() -> None:
    assert key_of("gather") != key_of("gather_nd")
    assert key_of("conv") != key_of("conv_transpose")
