"""Models with plans, drawn: of each code one that it is about, and others that are as near as can be."""

import pandas as pd

from tests.support.operations import model_from, plan_from
from tracekit.analysis.findings.find import explain
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.operations.measured import MeasuredTypes
from tracekit.analysis.operations.placement import place

RELU = "b = relu(a): fp16 [1, 64, 64, 64]"

CLEAN = """
    x: fp16 [1, 64, 64, 64]
    w = const(): fp16 [64, 64, 3, 3]
    a = conv(x, w): fp16 [1, 64, 64, 64]
    b = relu(a): fp16 [1, 64, 64, 64]
    -> b
    """
BLOCKS = """
    x: fp16 [1, 64, 64, 64]
    a = relu(x): fp16 [1, 64, 64, 64]
    b = topk(a): fp16 [1, 64, 64, 64]
    c = relu(b): fp16 [1, 64, 64, 64]
    d = topk(c): fp16 [1, 64, 64, 64]
    e = relu(d): fp16 [1, 64, 64, 64]
    -> e
    """
CUT = "a ANE 0.3 CPU ANE\nb CPU 0.1 CPU\nc ANE 0.3 CPU ANE\nd CPU 0.1 CPU\ne ANE 0.2 CPU ANE"
CASTS = """
    x: fp32 [1, 64, 64, 64]
    a = cast(x): fp16 [1, 64, 64, 64]
    b = relu(a): fp16 [1, 64, 64, 64]
    c = cast(b): fp32 [1, 64, 64, 64]
    -> c
    """
TURNED = """
    x: fp16 [1, 64, 64, 64]
    a = relu(x): fp16 [1, 64, 64, 64]
    b = transpose(a): fp16 [1, 64, 64, 64]
    c = relu(b): fp16 [1, 64, 64, 64]
    -> c
    """
BRANCHES = """
    x: fp16 [1, 64, 64, 64]
    a = relu(x): fp16 [1, 64, 64, 64]
    p = topk(x): fp16 [1, 64, 64, 64]
    b = relu(a): fp16 [1, 64, 64, 64]
    q = topk(p): fp16 [1, 64, 64, 64]
    c = relu(b): fp16 [1, 64, 64, 64]
    d = add(c, q): fp16 [1, 64, 64, 64]
    -> d
    """
ON_ANE = "a ANE 0.5 CPU ANE\nb ANE 0.5 CPU ANE"
SEEN = pd.DataFrame({"key": ["topk", "cast"], "engine": ["CPU", "CPU"], "samples": 9, "weight": [40, 20]})


def found(drawing: str, plan: str = "", *, seen: bool = False) -> dict[str, Finding]:
    model = model_from(drawing)
    measured = MeasuredTypes(SEEN, 100, {"CPU": 100}, "ns") if seen else None
    placement = place(model, plan_from(model, plan) if plan else None, measured)
    return {each.code: each for each in explain(placement).findings}


FIRES = {
    "fp32-compute": (CLEAN.replace("fp16", "fp32"), ""),
    "rank-over-5": (CLEAN.replace(RELU, "b = reshape(a): fp16 [1, 8, 8, 64, 8, 8]"), ""),
    "dynamic-shapes": (CLEAN.replace("x: fp16 [1, 64, 64, 64]", "x: fp16 [1, 64, 64, 64]~"), ""),
    "short-last-axis": (CLEAN.replace(RELU, "b = reshape(a): fp16 [1, 64, 4096, 1]"), ""),
    "linear-not-convolution": (
        "x: fp16 [64, 1024]\nv = const(): fp16 [1024, 1024]\nw = const(): fp16 [1024, 1024]\n"
        "a = linear(x, v): fp16 [64, 1024]\nb = linear(a, w): fp16 [64, 1024]\n-> b", "",
    ),
    "unsupported-operation": (BLOCKS, CUT),
    "casts-at-border": (CASTS, "a CPU 0.2 CPU\nb ANE 0.5 CPU ANE\nc CPU 0.3 CPU"),
    "transposes-at-border": (TURNED, "a ANE 0.4 CPU ANE\nb CPU 0.2 CPU ANE\nc ANE 0.4 CPU ANE"),
    "many-segments": (BLOCKS, CUT),
    "custom-layer": (CLEAN.replace("relu(a)", "custom(a)"), ""),
}  # fmt: skip
NEAR_MISSES = {
    "fp32-compute": [(CASTS, ""), (CLEAN.replace("fp16", "int32"), ""), (FIRES["fp32-compute"][0], ON_ANE)],
    "rank-over-5": [
        (FIRES["rank-over-5"][0].replace("[1, 8, 8, 64, 8, 8]", "[8, 8, 64, 8, 8]"), ""),
        (FIRES["rank-over-5"][0], ON_ANE),
    ],
    "dynamic-shapes": [(CLEAN, ""), (CLEAN.replace(RELU, "b = relu(a): fp16 [1, ?, 64, 64]"), ON_ANE)],
    "short-last-axis": [
        (CLEAN.replace("[1, 64, 64, 64]", "[1, 512, 7, 7]"), ""),  # the last maps of every image network
        (CLEAN.replace(RELU, "b = reduce_mean(a): fp16 [1, 64, 1, 1]"), ""),
        (FIRES["short-last-axis"][0], ON_ANE.replace("b ANE", "b CPU")),
        (FIRES["short-last-axis"][0].replace("fp16 [1, 64, 4096, 1]", "fp32 [1, 64, 4096, 1]"), ""),
    ],
    "linear-not-convolution": [
        (FIRES["linear-not-convolution"][0].replace("1024", "100"), ""),
        (FIRES["linear-not-convolution"][0], "a ANE 0.5 CPU ANE\nb ANE 0.5 CPU ANE"),
        (FIRES["linear-not-convolution"][0].replace("linear(", "matmul("), ""),
    ],
    "unsupported-operation": [
        (BLOCKS, CUT.replace("CPU 0.1 CPU", "CPU 0.1 CPU ANE")),
        (BLOCKS, CUT.replace(" ANE\n", "\n").removesuffix(" ANE").replace(" ANE ", " CPU ")),  # cpuOnly
    ],
    "casts-at-border": [
        (CASTS, ""),
        (CASTS, "a CPU 0.01 CPU\nb ANE 0.98 CPU ANE\nc CPU 0.01 CPU"),
        (CASTS, "a ANE 0.2 CPU ANE\nb ANE 0.5 CPU ANE\nc ANE 0.3 CPU ANE"),
    ],
    "transposes-at-border": [(TURNED, "a ANE 0.4 CPU ANE\nb ANE 0.2 CPU ANE\nc ANE 0.4 CPU ANE")],
    "many-segments": [
        (BLOCKS, CUT.replace("d CPU 0.1 CPU", "d ANE 0.1 CPU ANE")),
        (  # five runs in the order of the file, and no piece that waits for another
            BRANCHES,
            "a ANE 0.2 CPU ANE\np CPU 0.1 CPU\nb ANE 0.2 CPU ANE\nq CPU 0.1 CPU\nc ANE 0.2 CPU ANE\nd CPU 0.2 CPU",
        ),
    ],
    "custom-layer": [(CLEAN, "")],
}  # fmt: skip
"""Of each code, models with plans that are as near as can be."""
