"""What a recording shows of types of operations: where a function's name says of which type the work is.

    Espresso::softmax_kernel_cpu::__launch           CPU    softmax
    E5RT::Ops::CastOperation::ExecuteSync            CPU    cast
    GPU::ReductionOpHandler::encodeOp                GPU    reduction   (CPU time that drives it)

That is all that names a type: BNNS, MPSGraph's kernels and the Neural Engine run whole parts of a model at once, and
nothing in a recording parts them. So a type's time is that of all its operations together, and most have none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tracekit.analysis.running import running
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE, Unit, level_slices

_NAMED: Final = (
    re.compile(r"\bEspresso::(?P<type>[A-Za-z0-9_]+)_kernel_cpu::"),
    re.compile(r"\bE5RT::Ops::(?P<type>Cast|Quant|Dequant)Operation\b"),
    re.compile(r"\bGPU::(?P<type>\w+)OpHandler::"),
)
_ANE_REGION: Final = "aneregioncall"
"""MPSGraph's handler of a region for the Neural Engine: whole parts of a model, no type."""

_SAME: Final[Mapping[str, str]] = {
    "convolution": "conv", "convolutiontranspose": "convtranspose", "innerproduct": "linear",
    "quant": "quantize", "dequant": "dequantize", "elementwise": "",
}  # fmt: skip
"""Espresso's and MPSGraph's words for types that a model names otherwise; empty for what is no one type."""


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredTypes:
    """Types of operations that a recording names, and what they took.

    ``table``: ``key`` str (see ``key_of``), ``engine`` str, ``samples``, ``weight`` int64, ``example`` str (a function)
    and ``mark`` str (what of its name tells the type), heaviest first.
    """

    table: pd.DataFrame
    weight: int
    """CPU time of all samples inside predictions."""
    engines: Mapping[str, int]
    """CPU time by engine, of all samples inside predictions."""
    unit: Unit


def key_of(kind: str) -> str:
    """By what types are compared: ``gather_nd``, ``GatherND`` and ``gatherNd`` are one."""
    bare = re.sub(r"[^a-z0-9]", "", kind.lower())
    return _SAME.get(bare, bare)


def measured_types(inside: Profile) -> MeasuredTypes:
    """What the samples inside predictions show of types. ``inside`` is attributed, its stacks are whole."""
    inside = running(inside)
    keys = [_match(name)[0] for name in inside.frames["name"]]
    known = sorted({key for key in keys if key})
    code = {key: number for number, key in enumerate(known)}
    of_frame = np.array([code.get(key, NONE) for key in keys], np.int32)
    frame, parent = inside.stacks["frame_id"].to_numpy(), inside.stacks["parent_id"].to_numpy()
    named_by = _nearest(of_frame[frame], parent, inside.stacks["depth"].to_numpy())
    stack = inside.samples["stack_id"].to_numpy()
    node = np.where(stack == NONE, NONE, np.append(named_by, NONE)[stack]).astype(np.int32)
    rows = inside.samples.loc[node != NONE, ["engine", "weight"]].astype({"engine": "str"})
    node = node[node != NONE]
    rows = rows.assign(key=np.array(known, object)[of_frame[frame[node]]], frame=frame[node])
    grouped = rows.groupby(["key", "engine"])
    sums = grouped.agg(samples=("weight", "size"), weight=("weight", "sum"), frame=("frame", "first")).reset_index()
    names = inside.frames["name"].to_numpy()[sums.pop("frame").to_numpy(np.int64)]
    texts = {
        "key": sums["key"],
        "engine": sums["engine"],
        "example": names,
        "mark": [_match(each)[1] for each in names],
    }
    table = sums.assign(**{name: pd.Series(values, dtype="str") for name, values in texts.items()})
    table = table.sort_values(["weight", "key"], ascending=[False, True], ignore_index=True)
    engines = inside.samples.groupby("engine", observed=True)["weight"].sum()
    by_engine = {str(engine): int(weight) for engine, weight in engines.items()}
    return MeasuredTypes(table, inside.weight, by_engine, inside.meta.unit)


def _match(name: str) -> tuple[str, str]:
    """The type's key and what tells it in a function's name; empty where nothing does."""
    for pattern in _NAMED:
        if match := pattern.search(name):
            key = key_of(match["type"])
            return ("", "") if key == _ANE_REGION else (key, match[0])
    return "", ""


def _nearest(code: np.ndarray, parent: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """The row of each stack, or the nearest above it, that has a code; -1 where none has."""
    found = np.where(code != NONE, np.arange(len(code)), NONE).astype(np.int32)
    for level in level_slices(depth)[1:]:
        found[level] = np.where(found[level] == NONE, found[parent[level]], found[level])
    return found
