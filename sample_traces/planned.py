"""The models that two recordings are of, operation by operation, and the plans that Core ML might have made for them.

``letters``: 40 operations of an ML Program. Its plan agrees with the recording ane-with-cpu-fallback: two pieces on the
Neural Engine, and between them, at the input and at the output, the CPU.

``leaves``: a neural network. Its plan does not agree with the recording legacy-nn-ane: it gives every layer to the
Neural Engine, and the recording has three of them as CPU kernels.

``make_models.py`` builds both with coremltools. As with everything in this folder, no number was measured.
"""

import json
from typing import NamedTuple


class Planned(NamedTuple):
    """An operation of a compute plan."""

    name: str
    operator: str
    preferred: str | None
    supported: tuple[str, ...] = ()
    cost: float | None = None


_ANYWHERE = ("CPU", "GPU", "ANE")
_CPU_ONLY = ("cumsum", "topk", "gather_along_axis", "reverse")
_COSTS = {"conv": 0.045, "relu": 0.005, "cast": 0.04, "topk": 0.05, "cumsum": 0.03, "gather_along_axis": 0.03}

LETTERS_MIDDLE = ("reshape", "cumsum", "topk", "gather_along_axis", "reverse", "tile", "reshape")
"""What the CPU does between the pieces."""


def letters() -> tuple[Planned, ...]:
    """The plan of Letters.mlpackage: 31 operations on the Neural Engine, 9 on the CPU, and the constants of each."""
    blocks = [(f"{kind}_{number}", kind, "ANE") for number in range(1, 15) for kind in ("conv", "relu")]
    middle = [(f"{kind}_{number}", kind, "CPU") for number, kind in enumerate(LETTERS_MIDDLE, 15)]
    rows = [
        ("cast_in", "cast", "CPU"),
        *blocks[:14],
        ("pool", "avg_pool", "ANE"),
        *middle,
        *blocks[14:],
        ("mean", "reduce_mean", "ANE"),
        ("softmax", "softmax", "ANE"),
        ("letters", "cast", "CPU"),
    ]
    return tuple(_planned(*row) for row in rows)


def _planned(name: str, kind: str, engine: str) -> Planned:
    supported = ("CPU",) if kind in _CPU_ONLY else _ANYWHERE
    output = f"{name}_0" if kind == "topk" else name  # it makes two, and the plan names the first
    return Planned(output, f"ios17.{kind}", engine, supported, _COSTS.get(kind, 0.01))


LEAVES = (
    ("conv1", "convolution"), ("relu1", "activation"), ("conv2", "convolution"), ("relu2", "activation"),
    ("pool", "pooling"), ("scores", "innerProduct"), ("softmax", "softmax"), ("best", "topK"), ("names", "gatherND"),
)  # fmt: skip


def leaves_plan() -> str:
    """The plan of Leaves.mlmodel, as a file of its own."""
    operations = [Planned(name, kind, "ANE", _ANYWHERE)._asdict() for name, kind in LEAVES]
    return json.dumps({"operations": operations}, indent=1) + "\n"
