"""What was measured, made by hand: sums of work, requests of the Neural Engine, and all of it on one clock."""

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pandas as pd

from tests.support.timelines import analysed
from tracekit.analysis.predictions.find import Sampled
from tracekit.analysis.predictions.hardware import EngineHardware, Hardware
from tracekit.analysis.predictions.log import Logged
from tracekit.analysis.predictions.measure import Asked, Iterations, Measured
from tracekit.analysis.verdict.models import Model
from tracekit.analysis.verdict.work import Work
from tracekit.attribution.engines import attribute
from tracekit.attribution.roots import root_kinds, sample_roots
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

SUMS = [field.name for field in fields(Work) if field.name != "waited"]
NOTHING = Work(**dict.fromkeys(SUMS, 0))  # type: ignore[arg-type]  # only integers


def work(**sums: int) -> Work:
    """Work of a weight of 1,000; what is not named is Core ML's own code. Samples follow the weights."""
    named = {name: weight for name, weight in sums.items() if name not in ("samples", "ane_samples", "others_samples")}
    counted = {
        "weight": 1000,
        "samples": 1000,
        "nameless": 1000 - sum(named.values()),
        "ane_samples": sums.get("ane", 0),
        "others_samples": sums.get("cpu", 0) + sums.get("gpu", 0),
    }
    return replace(NOTHING, **(counted | sums))  # type: ignore[arg-type]  # only integers


def asked(**counts: int) -> Asked:
    """Requests of the Neural Engine; what is not given is 0."""
    return replace(Asked(0, 0, 0, 0, 0, 0, 0, 0), **counts)


def engine(**known: int | None) -> EngineHardware:
    """What the tables say of an engine; what is not given is 0."""
    times = ("busy_ns", "own_ns", "others_ns", "in_predictions_ns", "load_ns", "compile_ns", "unknown_ns")
    counts = ("intervals", "predictions", "predictions_at_most")
    return EngineHardware((), **(dict.fromkeys((*times, *counts), 0) | known))  # type: ignore[arg-type]


def hardware(
    predictions_ns: int | None, ane: EngineHardware | None = None, gpu: EngineHardware | None = None
) -> Hardware:
    """What was recorded of the engines in so much time of predictions."""
    return Hardware(ane, gpu, predictions_ns)


def predictions(count: int, **columns: Any) -> Iterations:
    """So many predictions that are known one by one, with what else is known of each."""
    table = pd.DataFrame({"index": range(count), "warmup": [False] * count, "model": [""] * count, **columns})
    return replace(_of_nothing().iterations, table=table)


def logged(*requests: int, statuses: Sequence[int] = (0,), clock: str = "wall time") -> Logged:
    """A log of the process: so many requests that were answered with each of some statuses."""
    counts = pd.DataFrame({"region": "0x2a", "status": list(statuses), "count": list(requests)})
    nobody = pd.DataFrame()
    return Logged("log", 7, "app", 9, clock, counts, nobody, (), nobody, 0, 0, 0)


def judged_model(name: str, **given: Any) -> Model:
    """A model on the Neural Engine alone; whatever is given is otherwise."""
    known: dict[str, Any] = {
        "process": "App", "pid": 1, "named_by": "model", "kind": "Core ML", "answer": "yes", "reason": "ANE alone",
        "where": "on the Neural Engine", "samples": 100, "weight": 1000, "predictions": None, "p50_ns": None,
        "p95_ns": None, "ane_requests": 0, "work": work(ane=900),
    }  # fmt: skip
    return Model(name=name, **(known | given))


def sampled(profile: Profile) -> Sampled:
    """The samples of a profile, attributed, and which of them are of predictions."""
    attributed = attribute(profile)
    root = sample_roots(attributed)
    return Sampled(attributed, root, root != NONE, root_kinds(attributed, root))


def measured(**known: Any) -> Measured:
    """A recording of nothing, but for what is known."""
    return replace(_of_nothing(), **known)


@cache
def _of_nothing() -> Measured:
    return analysed("").measured
