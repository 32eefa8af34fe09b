"""All findings, in the order of the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracekit.analysis.findings.catalogue import entries
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.findings.of_model import of_model
from tracekit.analysis.findings.of_plan import of_plan
from tracekit.analysis.operations.placement import Placement


@dataclass(frozen=True, slots=True)
class Explained:
    """A model's operations, and what is worth acting on."""

    placement: Placement
    findings: tuple[Finding, ...]

    def rows_of(self, code: str) -> list[int]:
        """The operations that a finding names."""
        return [row for each in self.findings if each.code == code for row in each.operations]


def explain(placement: Placement, seen: Iterable[Finding] = ()) -> Explained:
    """What a model, its plan and what was measured of its operations show, beside what was ``seen`` in a recording."""
    return Explained(placement, by_catalogue((*of_model(placement), *of_plan(placement), *seen)))


def by_catalogue(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In the order of the catalogue."""
    order = list(entries())
    return tuple(sorted(findings, key=lambda each: order.index(each.code)))
