"""Findings that a model's file alone shows."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.operations.placement import Placement, positions
from tracekit.analysis.words import counted, percent, sentence, tally
from tracekit.model.operations import BITS, Model

MAX_RANK: Final = 5
ROW_BYTES: Final = 64
"""What the Neural Engine lays the last axis out in (apple/coreai-models: at least 32 elements of fp16)."""
WORTH_PADDING: Final = 1 << 20
"""Bytes of padding. The last maps of image networks (512 × 7 × 7) have less, and nobody ever named them."""
LINEAR_SHARE: Final = 0.5
LINEAR_BYTES: Final = 1_000_000
_ON_ANE: Final = ("fp16", "int8", "uint8", "int16")
_SEVERAL: Final = 2
_CUSTOM: Final = ("custom", "customModel", "custom_layer")


def of_model(placement: Placement) -> Iterator[Finding]:
    """Every finding that rests on the model."""
    model = placement.model
    if model is None:
        return
    values = _values(placement, model)
    on_ane = (placement.operations["preferred"] == "ANE").to_numpy()
    planned = on_ane[values["at"].to_numpy()]
    # What the plan gives to the Neural Engine can run there, whatever rules say.
    yield from _fp32(placement, on_ane)
    yield from _rank(placement, values[~planned])
    yield from _dynamic(placement, model, values[~planned])
    # Only there is a last axis padded.
    yield from _short_axis(placement, values[planned] if placement.has_plan else values)
    yield from _linear(placement, model)
    yield from _custom(placement)


def _values(placement: Placement, model: Model) -> pd.DataFrame:
    """What operations read and make that is no constant, with the row ``at`` of the operation."""
    at = positions(placement.operations, model)
    values = model.values.assign(at=at[model.values["operation_id"].to_numpy()])
    return values[(values["at"] >= 0) & ~values["is_constant"]]


def _fp32(placement: Placement, on_ane: np.ndarray) -> Iterator[Finding]:
    rows = placement.operations
    found = rows[(rows["reads"] == "fp32") & (rows["makes"] == "fp32") & (rows["type"] != "cast") & ~on_ane]
    if len(found):
        which = f"{len(found):,} of {counted(len(rows), 'operation')} compute{_s(found)} in fp32"
        said = f"{which}, which the Neural Engine does not: {tally(found['type'], 3)}."
        yield Finding.on(found, "fp32-compute", "model", said=said)


def _rank(placement: Placement, values: pd.DataFrame) -> Iterator[Finding]:
    high = values[values["rank"] > MAX_RANK]
    if len(high):
        found = _operations_with(placement, high)
        which = f"{_many(found)} work{_s(found)} on tensors with {int(high['rank'].max())} axes"
        said = f"{which}, more than the Neural Engine's five: {tally(found['type'], 3)}."
        yield Finding.on(found, "rank-over-5", "model", said=said)


def _dynamic(placement: Placement, model: Model, values: pd.DataFrame) -> Iterator[Finding]:
    open_inputs = model.features[(model.features["direction"] == "in") & ~model.features["is_static"]]
    open_inputs = open_inputs[open_inputs["shape"] != ""]
    open_results = values[(values["direction"] == "out") & ~values["is_static"] & (values["rank"] >= 0)]
    found = _operations_with(placement, open_results)
    parts = []
    if len(open_inputs):
        names = ", ".join(dict.fromkeys(open_inputs["name"]))
        parts.append(f"the input{'s' * (len(open_inputs) > 1)} {names} may have several shapes")
    if len(found):
        parts.append(f"{_many(found)} make{_s(found)} results whose size is not fixed")
    if parts:
        yield Finding.on(found, "dynamic-shapes", "model", said=sentence(parts))


def _short_axis(placement: Placement, values: pd.DataFrame) -> Iterator[Finding]:
    made = values[(values["direction"] == "out") & values["is_static"] & (values["last"] > 0)]
    made = made[made["dtype"].isin(_ON_ANE)]
    size = made["dtype"].astype("str").map(lambda dtype: BITS[dtype]).to_numpy(np.int64) // 8
    row = made["last"].to_numpy() * size
    padding = made["elements"].to_numpy() / made["last"].to_numpy() * (ROW_BYTES - row)
    short = made[(row < ROW_BYTES) & (padding >= WORTH_PADDING)]
    if len(short):
        found = _operations_with(placement, short)
        such = f"{short['dtype'].iloc[0]} {short['shape'].iloc[0]}"
        said = (
            f"{_many(found)} make{_s(found)} tensors with a last axis of less than {ROW_BYTES} bytes, such as {such}: "
            "most of it is padding on the Neural Engine."
        )
        yield Finding.on(found, "short-last-axis", "model", said=said)


def _linear(placement: Placement, model: Model) -> Iterator[Finding]:
    rows = placement.operations
    found = rows[rows["type"] == "linear"]
    held = int(found["constant_bytes"].sum())
    on_ane = placement.has_plan and bool((found["preferred"] == "ANE").all())
    total = model.constant_bytes
    if len(found) >= _SEVERAL and held >= max(LINEAR_BYTES, LINEAR_SHARE * total) and not on_ane:
        yield Finding(
            "linear-not-convolution",
            ("model", "plan") if placement.has_plan else ("model",),
            f"{len(found)} linear operations hold {percent(held / total)} of the weights; for the Neural Engine "
            "Apple advises 1 × 1 convolutions.",
            tuple(found.index.tolist()),
        )


def _custom(placement: Placement) -> Iterator[Finding]:
    found = placement.operations[placement.operations["type"].isin(_CUSTOM)]
    if len(found):
        which = f"{_many(found)} {'is' if len(found) == 1 else 'are'} the app's own code"
        said = f"{which}, which never runs on the Neural Engine: {', '.join(found['name'].head(3))}."
        yield Finding.on(found, "custom-layer", "model", said=said)


def _operations_with(placement: Placement, values: pd.DataFrame) -> pd.DataFrame:
    return placement.operations.iloc[np.unique(values["at"].to_numpy())]


def _many(found: pd.DataFrame) -> str:
    return counted(len(found), "operation")


def _s(found: pd.DataFrame) -> str:
    """What the verb of one ends in."""
    return "s" if len(found) == 1 else ""
