"""All findings of a model's operations, in the order of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from tracekit.analysis.findings.catalogue import entries
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.findings.of_model import of_model
from tracekit.analysis.findings.of_plan import of_log, of_plan, of_trace
from tracekit.analysis.operations.placement import Placement


@dataclass(frozen=True, slots=True)
class Explained:
    """A model's operations, and what is worth acting on."""

    placement: Placement
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Besides:
    """What else was seen: ``phases`` of the samples inside predictions, of all ``weight`` in them, and how often the
    driver of the Neural Engine answered with each status.
    """

    phases: pd.DataFrame | None = None
    weight: int = 0
    statuses: Mapping[int, int] = field(default_factory=dict)


NOTHING = Besides()


def explain(placement: Placement, besides: Besides = NOTHING) -> Explained:
    """What a model, its plan, a recording and a log show."""
    found = [*of_model(placement), *of_plan(placement), *of_log(besides.statuses)]
    if besides.phases is not None:
        found += of_trace(besides.phases, besides.weight)
    order = list(entries())
    return Explained(placement, tuple(sorted(found, key=lambda each: order.index(each.code))))
