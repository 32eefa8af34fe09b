"""Core ML's compute plan: which engine it expects to run each operation on. A prediction, never a measurement.

The harness writes it into its sidecar (docs/harness.md); other tools write the same facts of ``MLComputePlan`` with
other words, which are understood too.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from tracekit.analysis.predictions.sidecar import Harness
from tracekit.errors import InputError
from tracekit.model.schema import Engine, from_tuples

PLAN: Final[Mapping[str, str]] = {
    "part": "category",
    "function": "category",
    "depth": "int16",
    "name": "str",
    "type": "category",
    "preferred": "category",
    "supported": "category",
    "cost": "float64",
}
"""``type``: without the set of operations it is from (``conv`` of ``ios17.conv``). ``preferred``: an engine, empty
where Core ML has no preference. ``supported``: engines with a blank between. ``cost``: a share of the whole, NaN where
it is not given."""

_DEVICES: Final[Mapping[str, Engine]] = {
    "cpu": "CPU", "gpu": "GPU", "ane": "ANE", "neuralengine": "ANE",
    "mlcpucomputedevice": "CPU", "mlgpucomputedevice": "GPU", "mlneuralenginecomputedevice": "ANE",
}  # fmt: skip


def plan_in(document: Any) -> bool:
    """Whether a document holds a plan: a sidecar, or a plan by itself."""
    return isinstance(_operations(document), list)


def plan_of(harness: Harness | None, os: str = "") -> pd.DataFrame | None:
    """The plan in a sidecar, made on ``os`` where the recording names that; None where it has none, or one that cannot
    be read.
    """
    if harness is None or not plan_in(harness.document):
        return None
    try:
        plan = parse_plan(harness.document, "sidecar")
    except InputError:
        return None
    plan.attrs["os"] = os or plan.attrs["os"]
    return plan


def parse_plan(document: Any, where: str) -> pd.DataFrame:
    """The plan in a sidecar or a file of its own, one row an operation, in the order of the model. ``attrs["os"]`` is
    the OS that it was made on, empty where the document does not say.

    Raises:
        InputError: there is none, or it is damaged.
    """
    operations = _operations(document)
    if not isinstance(operations, list):
        note = document.get("compute_plan_note") if isinstance(document, Mapping) else None
        why = f": {note}" if isinstance(note, str) else ""
        raise InputError(f"holds no compute plan{why}", where=where, hint="A plan is JSON with a list of operations")
    rows = [_row(each, where) for each in operations]
    plan = from_tuples(PLAN, rows)
    os = _text(document.get("os")).removeprefix("Version ").replace("(Build ", "(")
    plan.attrs["os"] = f"version {os} of the OS" if os else ""
    return plan


def bare_type(operator: str) -> str:
    """``conv`` of ``ios17.conv``."""
    opset, dot, name = operator.rpartition(".")
    return name if dot and opset.lower().startswith(("ios", "coreml", "macos")) else operator


def _operations(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return None
    inner = document.get("compute_plan", document)
    return inner.get("operations") if isinstance(inner, Mapping) else None


def _row(given: Any, where: str) -> tuple[object, ...]:
    if not isinstance(given, Mapping):
        raise InputError("is a damaged compute plan: an operation is no object", where=where)
    operator = given.get("operator", given.get("op", given.get("type", "")))
    supported = given.get("supported") or []
    within, cost = given.get("within"), given.get("cost")
    if not isinstance(supported, list) or not (cost is None or isinstance(cost, (int, float))):
        raise InputError("is a damaged compute plan: devices or costs are not what they should be", where=where)
    return (
        _text(given.get("model")),
        _text(given.get("function")),
        (within.count("/") + 1) // 2 if isinstance(within, str) else 0,
        _text(given.get("name")),
        bare_type(_text(operator)),
        _engine_of_device(given.get("preferred")),
        " ".join(dict.fromkeys(engine for each in supported if (engine := _engine_of_device(each)))),
        np.nan if cost is None else float(cost),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _engine_of_device(value: Any) -> str:
    return _DEVICES.get(_text(value).lower().replace(" ", "").replace("_", ""), "")
