"""Findings that Core ML's plan shows of a model's operations, with what was measured of them."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tracekit.analysis.findings.finding import WORTH_NAMING, Finding, Rests
from tracekit.analysis.operations.measured import key_of
from tracekit.analysis.operations.placement import Placement, handovers
from tracekit.analysis.words import counted, percent, tally

MANY_SEGMENTS: Final = 3
A_FEW: Final = 5
"""Samples: fewer may be those of one prediction that was not like the others."""
_NAMED: Final = 4


def of_plan(placement: Placement) -> Iterator[Finding]:
    """Every finding that rests on the plan, with what the recording adds."""
    if placement.has_plan:
        yield from _unsupported(placement)
        yield from _transposes(placement)
        yield from _segment_findings(placement)
        yield from _not_followed(placement)
    yield from _casts(placement)


def _unsupported(placement: Placement) -> Iterator[Finding]:
    rows = placement.operations
    asked = rows[rows["supported"] != ""]
    offers = asked["supported"].str.split().map(lambda engines: "ANE" in engines).to_numpy(bool)
    found = asked[~offers]
    if not offers.any() or found.empty:
        return  # a plan in which nothing may run there is of a machine, or a setting, without it
    parts = []
    for kind, each in found.groupby("type", sort=False):
        reason = next((said for said in each["reason"] if said), "")
        parts.append((len(each), f"{kind} × {len(each)}{f' ({reason})' if reason else ''}"))
    parts.sort(key=lambda part: -part[0])
    more = f" and {counted(len(parts) - _NAMED, 'other type')}" if len(parts) > _NAMED else ""
    said = (
        f"{f'On {placement.os}, ' if placement.os else ''}Core ML's plan does not offer the Neural Engine to "
        f"{len(found):,} of {len(asked):,} operations: {', '.join(text for _, text in parts[:_NAMED])}{more}."
    )
    rests: tuple[Rests, ...] = ("plan", "log") if any("(" in text for _, text in parts) else ("plan",)
    yield Finding.on(found, "unsupported-operation", *rests, said=said)


def _transposes(placement: Placement) -> Iterator[Finding]:
    transfers, kind = placement.transfers, placement.operations["type"].to_numpy(str)
    ends = np.concatenate([transfers["source"].to_numpy(), transfers["target"].to_numpy()])
    found = np.unique(ends[kind[ends] == "transpose"]) if len(ends) else ends
    if len(found):
        names = ", ".join(placement.operations["name"].iloc[found[:3]])
        many = f"{len(found)} transpose{'s' * (len(found) > 1)} stand{'s' * (len(found) == 1)}"
        said = f"{many} where the plan changes engines: {names}."
        yield Finding("transposes-at-border", ("plan",), said, tuple(found.tolist()))


def _segment_findings(placement: Placement) -> Iterator[Finding]:
    """Pieces that must follow one another, whatever the order in which the rest is computed."""
    rows = placement.operations
    level = handovers(placement)
    on_ane, planned = (rows["preferred"] == "ANE").to_numpy(), (rows["preferred"] != "").to_numpy()
    pieces = np.unique(level[on_ane])
    if len(pieces) < MANY_SEGMENTS:
        return
    inside = rows[planned & ~on_ane & (level > pieces[0]) & (level < pieces[-1])]
    said = (
        f"The plan cuts the Neural Engine's work into {len(pieces)} pieces or more, each of which waits for another "
        f"engine; between them: {tally(inside['type'], 3)}."
    )
    yield Finding.on(inside, "many-segments", "plan", said=said)


def _not_followed(placement: Placement) -> Iterator[Finding]:
    measured = placement.measured
    if measured is None:
        return
    seen = measured.table
    on_cpu = set(seen.loc[(seen["engine"] == "CPU") & (seen["samples"] >= A_FEW), "key"])
    rows = placement.operations
    keys = rows["type"].map(key_of)
    planned = rows["preferred"] == "ANE"
    wholly = set(keys[planned]) - set(keys[~planned])
    found = rows[keys.isin(on_cpu & wholly)]
    if len(found):
        what = "The plan gives these to the Neural Engine, and the recording shows the CPU computing them"
        said = f"{what}: {tally(found['type'], _NAMED)}."
        yield Finding.on(found, "plan-not-followed", "plan", "trace", said=said)


def _casts(placement: Placement) -> Iterator[Finding]:
    """Casts of the model's inputs and outputs, where the plan or the recording says that they cost something."""
    model, rows = placement.model, placement.operations
    casts = rows[(rows["type"] == "cast") & (rows["row"] >= 0)]
    if model is None or casts.empty:
        return
    values = model.values[model.values["operation_id"].isin(casts["row"])]
    outputs = set(model.features.loc[model.features["direction"] == "out", "name"])
    from_input = (values["direction"] == "in") & (values["source_id"] < 0) & ~values["is_constant"]
    to_output = (values["direction"] == "out") & values["name"].isin(outputs)
    border = casts[casts["row"].isin(values.loc[from_input | to_output, "operation_id"])]
    if border.empty:
        return
    cost = float(border.loc[border["preferred"] == "CPU", "cost"].sum())
    share, others = _measured_on_cpu(placement, "cast"), len(casts) - len(border)
    pairs = ", ".join(dict.fromkeys(border["reads"] + " → " + border["makes"]))
    head = f"{counted(len(border), 'cast')} at the model's inputs and outputs ({pairs})"
    one = "s" if len(border) == 1 else ""
    if share >= WORTH_NAMING and not others:
        said = f"{head} take{one} {percent(share)} of the predictions' CPU time."
        yield Finding.on(border, "casts-at-border", "trace", said=said)
    elif cost >= WORTH_NAMING:
        said = f"{head} run{one} on the CPU, at {percent(cost)} of the plan's cost."
        yield Finding.on(border, "casts-at-border", "plan", said=said)


def _measured_on_cpu(placement: Placement, kind: str) -> float:
    measured = placement.measured
    if measured is None or not measured.weight:
        return 0.0
    mine = (measured.table["key"] == key_of(kind)) & (measured.table["engine"] == "CPU")
    return int(measured.table.loc[mine, "weight"].sum()) / measured.weight
