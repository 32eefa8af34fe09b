"""What keeps a model from being faster, each with the evidence for it.

    conversion  data converted or copied on the CPU             named by function
    fallback    operations that ran as CPU kernels beside the Neural Engine, or although it was asked for
    compile     loading, reshaping or compiling inside predictions; once in the first, or again and again
    contention  predictions that wait for one another, or another process on the Neural Engine
    encoding    more CPU time spent driving the GPU than the GPU worked

A cause is named where it weighs 5 % of what it is measured against; a prediction after warm-up is said to compile
where a fifth of its time goes there, because less is a sample or two.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.breakdown import is_running
from tracekit.analysis.predictions.measure import Iterations, Measured
from tracekit.analysis.predictions.sidecar import Harness
from tracekit.analysis.predictions.steady import ONE_OFF_SHARE
from tracekit.analysis.verdict.wording import milliseconds
from tracekit.attribution.engines import Decisions, decide
from tracekit.attribution.names import is_unnamed, without_block
from tracekit.attribution.rules import Catalogue
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE, Unit

Code = Literal["conversion", "fallback", "compile", "contention", "encoding"]

WORTH_NAMING: Final = 0.05
_NAMES_SHOWN: Final = 3
_ANONYMOUS: Final = "(anonymous namespace)"
_ONE_OFF: Final = ("compile", "load", "prepare")


@dataclass(frozen=True, slots=True)
class Cause:
    """Something worth acting on."""

    code: Code
    sentence: str
    symbols: tuple[str, ...] = ()


def causes(
    inside: Profile,
    catalogue: Catalogue,
    measured: Measured,
    harness: Harness | None = None,
    decisions: Decisions | None = None,
) -> tuple[Cause, ...]:
    """The causes seen. ``inside`` holds the samples of predictions, attributed, with their whole stacks."""
    running = inside.with_samples(inside.samples[is_running(inside)].reset_index(drop=True))
    work = deciding_symbols(running, catalogue, decisions)
    asked_for = harness is not None and harness.compute_units in ("all", "cpuAndNeuralEngine")
    found = [
        _conversion(work, running),
        _fallback(work, running, measured, asked_for=asked_for),
        _compile(measured.iterations, inside.meta.unit),
        _contention(inside, measured),
        _encoding(measured, inside.meta.unit),
    ]
    return tuple(cause for cause in found if cause is not None)


def deciding_symbols(profile: Profile, catalogue: Catalogue, decisions: Decisions | None = None) -> pd.DataFrame:
    """What decided each sample, by function: the frame whose rule named the engine, or where that was stripped of its
    name, the nearest above it that has one.

    Columns: ``symbol`` str, ``engine``, ``phase`` str, ``samples``, ``weight`` int64, heaviest first.
    """
    samples = profile.samples
    node = _named(profile, (decisions or decide(profile, catalogue)).of(profile).node)
    rows = samples.loc[node != NONE, ["engine", "phase", "weight"]].astype({"engine": "str", "phase": "str"})
    rows = rows.assign(frame=profile.stacks["frame_id"].to_numpy()[node[node != NONE]])
    sums = rows.groupby(["frame", "engine", "phase"])["weight"].agg(samples="size", weight="sum").reset_index()
    names = profile.frames["name"].to_numpy()[sums.pop("frame").to_numpy()]
    sums.insert(0, "symbol", pd.Series(names, dtype="str"))
    ordered: pd.DataFrame = sums.sort_values(["weight", "symbol"], ascending=[False, True], ignore_index=True)
    return ordered


def _named(profile: Profile, node: NDArray[np.int32]) -> NDArray[np.int32]:
    """The nearest row of ``stacks`` at or above each that has a name; the row itself where none has."""
    unnamed = np.array([is_unnamed(name) for name in profile.frames["name"]], bool)
    parent, frame = profile.stacks["parent_id"].to_numpy(), profile.stacks["frame_id"].to_numpy()
    lacks = np.append(unnamed[frame], False)
    above = np.append(parent, np.int32(NONE))
    found = node
    while lacks[found].any():
        found = np.where(lacks[found], above[found], found)
    named: NDArray[np.int32] = np.where(found == NONE, node, found)
    return named


def _conversion(work: pd.DataFrame, inside: Profile) -> Cause | None:
    moving = work[(work["engine"] == "CPU") & work["phase"].isin(["copy", "convert"])]
    share = _share(moving, inside)
    if share < WORTH_NAMING:
        return None
    names = _names(moving)
    return Cause(
        "conversion",
        f"{_amount(moving, inside, share)} goes into converting and copying data: {', '.join(names)}. "
        "Inputs and outputs of the type and layout that the model works in need none.",
        names,
    )


def _fallback(work: pd.DataFrame, inside: Profile, measured: Measured, *, asked_for: bool) -> Cause | None:
    kernels = work[(work["engine"] == "CPU") & (work["phase"] == "execute")]
    share = _share(kernels, inside)
    ane = measured.hardware.ane if measured.hardware else None
    uses_ane = (work["engine"] == "ANE").any() or (ane is not None and ane.own_ns > 0)
    if kernels.empty or not (uses_ane or asked_for) or (uses_ane and share < WORTH_NAMING):
        return None
    names = _names(kernels)
    return Cause("fallback", f"{_amount(kernels, inside, share)} computes on the CPU: {', '.join(names)}.", names)


def _compile(iterations: Iterations, unit: Unit) -> Cause | None:
    if unit != "ns" or not len(iterations.table):
        return None
    table = iterations.table
    once = table[table["warmup"].to_numpy()]
    again = table[~table["warmup"].to_numpy() & (table["one_off_ns"] > ONE_OFF_SHARE * table["wall_ns"]).to_numpy()]
    parts = []
    if len(once) and int(once["one_off_ns"].sum()) > 0:
        parts.append(f"{_predictions(once)} {_one_off(iterations, once)}, once")
    if len(again):
        parts.append(
            f"after warm-up, {len(again)} of {len(table) - len(once)} predictions {_one_off(iterations, again)}"
        )
    return Cause("compile", _sentence("; ".join(parts))) if parts else None


def _contention(inside: Profile, measured: Measured) -> Cause | None:
    """Waiting threads count here: that is what a queued prediction does."""
    queued = inside.samples[(inside.samples["phase"] == "contention").to_numpy()]
    share = _share(queued, inside)
    parts = []
    if share >= WORTH_NAMING:
        part = f"{share:.0%}".replace("%", " %")
        parts.append(f"{part} of what was sampled in predictions waits for another prediction to end")
    ane = measured.hardware.ane if measured.hardware else None
    if ane is not None and ane.own_ns and ane.others_ns >= WORTH_NAMING * (ane.own_ns + ane.others_ns):
        parts.append(f"the Neural Engine also worked {milliseconds(ane.others_ns)} for no known process")
    return Cause("contention", _sentence("; ".join(parts))) if parts else None


def _encoding(measured: Measured, unit: Unit) -> Cause | None:
    gpu = measured.hardware.gpu if measured.hardware else None
    if unit != "ns" or gpu is None or not gpu.in_predictions_ns:
        return None
    chosen = measured.iterations.after_warmup
    driving = gpu_driving(measured.iterations, chosen)
    worked, wall = int(chosen["gpu_busy_ns"].sum()), int(chosen["wall_ns"].sum())
    if driving <= worked or driving < WORTH_NAMING * wall:
        return None
    count = len(chosen)
    return Cause(
        "encoding",
        f"A prediction spends {milliseconds(driving // count)} of CPU time on encoding and submitting work for the "
        f"GPU, which then works {milliseconds(worked // count)}.",
    )


def gpu_driving(iterations: Iterations, chosen: pd.DataFrame) -> int:
    """CPU time that some predictions spent driving the GPU; waiting for it is none."""
    phases = iterations.phases
    mine = phases["index"].isin(chosen["index"]) & (phases["engine"] == "GPU") & (phases["phase"] != "wait")
    return int(phases.loc[mine, "weight"].sum())


def one_off_parts(iterations: Iterations, chosen: pd.DataFrame) -> list[str]:
    """What some predictions spent on what is done once: ``91.0 ms compiling``, heaviest first."""
    phases = iterations.phases
    mine = phases[phases["index"].isin(chosen["index"]) & phases["phase"].isin(_ONE_OFF)]
    sums = mine.groupby("phase")["weight"].sum().sort_values(ascending=False, kind="stable")
    doing = {"compile": "compiling", "load": "loading and reshaping", "prepare": "preparing"}
    return [f"{milliseconds(int(weight))} {doing[str(phase)]}" for phase, weight in sums.items()]


def _one_off(iterations: Iterations, chosen: pd.DataFrame) -> str:
    return f"spent {' and '.join(one_off_parts(iterations, chosen))}"


def _predictions(chosen: pd.DataFrame) -> str:
    return "the first prediction" if len(chosen) == 1 else f"the first {len(chosen)} predictions"


def _share(rows: pd.DataFrame, inside: Profile) -> float:
    return int(rows["weight"].sum()) / (inside.weight or 1)


def _amount(rows: pd.DataFrame, inside: Profile, share: float) -> str:
    part = f"{share:.0%}".replace("%", " %")
    if inside.meta.unit != "ns":
        return f"{part} of the predictions' samples"
    return f"{milliseconds(int(rows['weight'].sum()))} ({part} of the predictions' CPU time)"


def _names(rows: pd.DataFrame) -> tuple[str, ...]:
    """The heaviest functions, without argument lists."""
    plain = [bare_symbol(symbol) for symbol in rows["symbol"]]
    return tuple(dict.fromkeys(plain))[:_NAMES_SHOWN]


def bare_symbol(symbol: str) -> str:
    """A function without its argument list, block decoration and return type."""
    name = without_block(symbol)
    if name[:2] in ("-[", "+["):
        return name
    head, _, _ = name.replace(_ANONYMOUS, "{}").partition("(")
    depth, start = 0, 0
    for at, character in enumerate(head):
        depth += {"<": 1, ">": -1}.get(character, 0)
        if character == " " and depth == 0:
            start = at + 1
    return head[start:].replace("{}", _ANONYMOUS) or name


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "." if text else text
