"""What a model's file alone shows: sentences, and the edges of what is worth a sentence."""

import pytest

from tests.analysis.findings.cases import CLEAN, FIRES, ON_ANE, RELU, found


def said(code: str, drawing: str, plan: str = "") -> str | None:
    finding = found(drawing, plan).get(code)
    return finding.sentence if finding is not None else None


def test_one_operation_computes_and_two_compute() -> None:
    half = CLEAN.replace(RELU, RELU.replace("fp16", "fp32")).replace("relu(a)", "relu(y)")
    half = half.replace("w = const", "y: fp32 [1, 64, 64, 64]\n    w = const")
    assert said("fp32-compute", half) == (
        "1 of 2 operations computes in fp32, which the Neural Engine does not: relu × 1."
    )
    assert said("rank-over-5", FIRES["rank-over-5"][0]) == (
        "1 operation works on tensors with 6 axes, more than the Neural Engine's five: reshape × 1."
    )
    assert said("custom-layer", FIRES["custom-layer"][0]) == (
        "1 operation is the app's own code, which never runs on the Neural Engine: b_op."
    )
    both = CLEAN.replace("relu(a)", "custom(a)").replace("conv(x, w)", "customModel(x, w)")
    assert said("custom-layer", both) == (
        "2 operations are the app's own code, which never runs on the Neural Engine: a_op, b_op."
    )


OPEN = "fp16 [1, ?, 64, 64]"


@pytest.mark.parametrize(
    "changes,expected",
    [
        ({"x: fp16 [1, 64, 64, 64]": "x: fp16 [1, 64, 64, 64]~"}, "The input x may have several shapes."),
        (
            {"x: fp16 [1, 64, 64, 64]": "x: fp16 [1, 64, 64, 64]~\n    y: fp16 [1, 64]~"},
            "The inputs x, y may have several shapes.",
        ),
        ({RELU: f"b = relu(a): {OPEN}"}, "1 operation makes results whose size is not fixed."),
        (
            {RELU: f"b = relu(a): {OPEN}", "a = conv(x, w): fp16 [1, 64, 64, 64]": f"a = conv(x, w): {OPEN}"},
            "2 operations make results whose size is not fixed.",
        ),
        (
            {"x: fp16 [1, 64, 64, 64]": "x: fp16 [1, 64, 64, 64]~", RELU: f"b = relu(a): {OPEN}"},
            "The input x may have several shapes; 1 operation makes results whose size is not fixed.",
        ),
    ],
)
def test_what_is_not_fixed(changes: dict[str, str], expected: str) -> None:
    drawing = CLEAN
    for old, new in changes.items():
        assert old in drawing
        drawing = drawing.replace(old, new)
    assert said("dynamic-shapes", drawing) == expected


@pytest.mark.parametrize(
    "made,fires",
    [
        ("fp16 [1, 64, 512, 16]", True),  # 32 of 64 bytes are padding, in 32,768 rows: 1 MiB to the byte
        ("fp16 [1, 64, 511, 16]", False),
        ("int8 [1, 64, 512, 32]", True),
        ("int8 [1, 64, 511, 32]", False),
        ("fp16 [1, 64, 9999, 31]", True),
        ("fp16 [1, 64, 9999, 32]", False),  # 64 bytes, and none is padding
        ("int32 [1, 64, 9999, 1]", False),  # of no type that runs there
    ],
)
def test_padding_is_named_from_a_mebibyte_on(made: str, fires: bool) -> None:
    text = said("short-last-axis", CLEAN.replace(RELU, f"b = reshape(a): {made}"))
    assert (text is not None) == fires
    if text is not None:
        assert text.startswith("1 operation makes tensors with a last axis of less than 64 bytes, such as ")


def linears(rows: int, conv_rows: int = 0, more: str = "") -> str:
    """Two linear operations with so many rows of 1,000 bytes each, and a convolution's weights beside."""
    constants = [f"v = const(): fp16 [{rows}, 500]", f"w = const(): fp16 [{rows}, 500]"]
    extra = [f"u = const(): fp16 [{conv_rows}, 500]", "c = conv(b, u): fp16 [64, 1000]"] if conv_rows else []
    work = ["a = linear(x, v): fp16 [64, 1000]", "b = linear(a, w): fp16 [64, 1000]"]
    return "\n".join(["x: fp16 [64, 1000]", *constants, *work, *extra, f"-> {'c' if conv_rows else 'b'}"])


@pytest.mark.parametrize(
    "drawing,part",
    [
        (linears(500), "2 linear operations hold 100 % of the weights;"),  # a megabyte to the byte
        (linears(499), None),
        (linears(600, 1200), "hold 50 % of the weights;"),
        (linears(600, 1201), None),
        (linears(1000).replace("b = linear(a", "b = matmul(a"), None),  # one alone
    ],
)
def test_linear_operations_are_named_where_they_hold_half_of_the_weights(drawing: str, part: str | None) -> None:
    text = said("linear-not-convolution", drawing)
    assert (text is not None) == (part is not None)
    assert part is None or part in str(text)


def test_a_plan_that_leaves_one_linear_operation_elsewhere_is_evidence_too() -> None:
    finding = found(linears(500), "a ANE 0.5 CPU ANE\nb CPU 0.5 CPU ANE")["linear-not-convolution"]
    assert (finding.evidence, finding.operations) == (("model", "plan"), (0, 1))
    assert "linear-not-convolution" not in found(linears(500), ON_ANE)
