"""What was measured, made by hand: sums of work, requests of the Neural Engine, and all of it on one clock."""

from dataclasses import fields, replace
from functools import cache
from typing import Any

from tests.support.timelines import analysed
from tracekit.analysis.predictions.measure import Asked, Measured
from tracekit.analysis.verdict.work import Work

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


def measured(**known: Any) -> Measured:
    """A recording of nothing, but for what is known."""
    return replace(_of_nothing(), **known)


@cache
def _of_nothing() -> Measured:
    return analysed("").measured
