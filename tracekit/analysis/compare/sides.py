"""What a comparison knows of one recording, whether it was analysed just now or read from a saved result."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.compare.units import Units, prediction_units, time_units
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.predictions.breakdown import PARTS
from tracekit.analysis.running import running
from tracekit.analysis.verdict.judge import Verdict
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, Unit

PER_PREDICTION: Final = ("wall_ns", *PARTS, "ane_busy_ns", "gpu_busy_ns", *(f"cpu_{engine}" for engine in ENGINES))
"""Columns of iterations that are compared, where all sides have them: first the length and its parts, which add up;
``cpu_…`` only where samples weigh time."""

SUMMED: Final = {"engine": ["engine"], "phase": ["engine", "phase"], "rule": ["rule"]}
"""The kinds of rows of which a saved result has the sums, and what names one of them."""

EXACT_SOURCES: Final = frozenset({"sidecar", "coreml-table", "odie-profile", "signposts"})
"""What says when a prediction begins and ends to the nanosecond; runs of samples do so to a sampling interval."""


@dataclass(frozen=True, slots=True)
class Side:
    """One recording. Tables are those of ``Analysis``."""

    name: str
    verdict: Verdict
    unit: Unit
    engines: pd.DataFrame
    phases: pd.DataFrame
    rules: pd.DataFrame
    focused: Profile | None
    """The attributed samples of running threads inside the focus; None where only sums were saved."""
    iterations: pd.DataFrame | None
    """A row a prediction: ``start_ns``, ``warmup``, and some of ``PER_PREDICTION``; None: not known exactly."""
    findings: tuple[Finding, ...] = ()
    """What is worth acting on; of a saved result they are not read."""

    @classmethod
    def of(cls, analysis: Analysis) -> "Side":
        """An analysis as a side."""
        found = analysis.measured.iterations
        return cls(
            name=analysis.profile.meta.source,
            verdict=analysis.verdict,
            unit=analysis.accounting.unit,
            engines=analysis.engines,
            phases=analysis.phases,
            rules=analysis.rules,
            focused=running(analysis.focused),
            iterations=found.table if found.source in EXACT_SOURCES else None,
            findings=analysis.findings,
        )

    @property
    def is_empty(self) -> bool:
        """Whether no sample is inside the focus."""
        return not int(self.engines["samples"].sum())

    def units(self, *, by_prediction: bool) -> Units:
        """Its units, in order of time; ``by_prediction`` needs ``iterations``."""
        time = np.empty(0, np.int64) if self.focused is None else self.focused.samples["time_ns"].to_numpy()
        if by_prediction and self.iterations is not None:
            return prediction_units(time, self.iterations)
        return time_units(time)

    def sums(self, kind: str) -> "pd.Series[float]":
        """Shares by name, of engines, phases or rules (``SUMMED``): what a saved result holds too."""
        table: pd.DataFrame = getattr(self, f"{kind}s")
        name = pd.Series([" ".join(row) for row in table[SUMMED[kind]].itertuples(index=False)], dtype="str")
        return table["weight"].groupby(name.to_numpy()).sum() / (int(self.engines["weight"].sum()) or 1)

    def steady(self) -> pd.DataFrame:
        """Its steady predictions in order of time; none where they are not known."""
        if self.iterations is None:
            return pd.DataFrame()
        steady = self.iterations[~self.iterations["warmup"].to_numpy().astype(bool)]
        return steady.sort_values("start_ns", kind="stable")


def columns_of(sides: tuple[Side, ...]) -> list[str]:
    """The columns of ``PER_PREDICTION`` that all sides know and that are not 0 everywhere."""
    tables = [side.iterations for side in sides if side.iterations is not None]
    in_time = all(side.unit == "ns" for side in sides)
    return [
        name
        for name in PER_PREDICTION
        if all(name in table for table in tables)
        and any(table[name].any() for table in tables)
        and (in_time or name.endswith("_ns"))
    ]
