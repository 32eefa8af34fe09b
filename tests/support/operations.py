"""Models and plans as drawings.

    x: fp32 [1, 3, 8, 8]                     an input; `~` behind it: of several shapes
    w = const(): fp16 [8, 3, 3, 3]
    h = cast(x): fp16 [1, 3, 8, 8]           an operation, what it reads, what it makes
    y = conv(h, w): fp16 [1, 8, 8, 8]
    -> y                                     the model's outputs

A plan names an operation a line: `y ANE 0.5 CPU GPU ANE`, preferred engine, cost, supported engines; `-` is none.
"""

import re
from textwrap import dedent

import pandas as pd

from tracekit.analysis.operations.plan import parse_plan
from tracekit.mlmodel.program import is_constant
from tracekit.model.operations import UNKNOWN, Feature, Model, ModelBuilder, Reads, ValueType

_INPUT = re.compile(r"(\w+): (.+?)(~?)$")
_OPERATION = re.compile(r"(\w+) = (\w+)\(([\w, ]*)\): (.+)$")


def model_from(drawing: str) -> Model:
    """The model of a drawing: one function ``main``."""
    builder = ModelBuilder("drawn.mlpackage")
    lines = dedent(drawing).strip().splitlines()
    inputs = [match for line in lines if (match := _INPUT.match(line))]
    for match in inputs:
        feature = Feature("in", match[1], "multiArray", _type(match[2]), is_flexible=bool(match[3]))
        builder.add_feature("", "", feature)
    builder.begin("", "main", "CoreML7", [(match[1], _type(match[2])) for match in inputs])
    for line in lines:
        if match := _OPERATION.match(line):
            name, kind, reads, made = match[1], match[2], match[3], _type(match[4])
            constant = is_constant(kind)
            builder.add(
                f"{name}_op",
                kind,
                [Reads("x", each.strip()) for each in reads.split(",") if each.strip()],
                [(name, made)],
                stored_bytes=made.size("drawn") if constant else 0,
                is_constant=constant,
            )
        elif line.startswith("->"):
            for name in line[2:].split(","):
                builder.add_feature("", "", Feature("out", name.strip(), "multiArray", ValueType()))
    return builder.build("mlpackage", 8)


def plan_from(model: Model, drawing: str) -> pd.DataFrame:
    """A plan for a model, in the words of the harness."""
    made = model.values[model.values["direction"] == "out"].set_index("name")["operation_id"]
    kinds = model.operations["type"].astype("str")
    operations = []
    for line in dedent(drawing).strip().splitlines():
        name, preferred, cost, *supported = line.split()
        operations.append(
            {
                "name": name,
                "operator": f"ios17.{kinds[made[name]]}",
                "function": "main",
                "preferred": None if preferred == "-" else preferred,
                "supported": supported,
                "cost": None if cost == "-" else float(cost),
            }
        )
    return parse_plan({"operations": operations}, "drawn")


def _type(text: str) -> ValueType:
    dtype, _, shape = text.strip().partition(" ")
    sizes = [size.strip() for size in shape.strip("[]").split(",") if size.strip()]
    return ValueType(dtype, tuple(UNKNOWN if size == "?" else int(size) for size in sizes))
