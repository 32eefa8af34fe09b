"""The report of a sweep: one model with every setting of compute units, on one page of the same parts as a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.verdict.judge import Verdict
from tracekit.analysis.words import listed
from tracekit.model.schema import ENGINES
from tracekit.report.html.bars import (
    PartRow,
    duration_latencies,
    engine_bar,
    latencies,
    prediction_bars,
    prediction_rows,
)
from tracekit.report.html.compared import Compared
from tracekit.report.html.page import PlotlyJs, page, shown_as
from tracekit.report.html.report import EVIDENCE, Answer
from tracekit.report.layout import Provenance
from tracekit.report.numbers import DRIVING


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What the page needs of one recording."""

    name: str
    units: str
    verdict: Verdict
    shares: Mapping[str, float]
    """Of the weight in focus, by engine."""
    about: Compared
    durations: Sequence[int]
    """Of the predictions after warm-up, in nanoseconds, as the harness measured them; empty where it did not say."""
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(
        cls, name: str, units: str, analysis: Analysis, provenance: Provenance, durations: Sequence[int] = ()
    ) -> "Recording":
        """A recording that was analysed."""
        shares = dict(zip(analysis.engines["engine"], analysis.engines["share"].tolist(), strict=True))
        about = Compared.of(analysis, provenance)
        return cls(name, units, analysis.verdict, shares, about, durations, analysis.findings)


class Table(NamedTuple):
    """The comparison as it is written, a row a setting."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    remarks: Sequence[str]
    """What the columns mean."""


def render_sweep(
    recordings: Sequence[Recording],
    table: Table,
    *,
    order: Sequence[str],
    control: Sequence[str],
    plotlyjs: PlotlyJs = "inline",
    redact_paths: bool = False,
) -> str:
    """The report as the text of an HTML file.

    ``recordings`` in the order of the settings; ``order`` names all that were begun, in the order of recording;
    ``control`` is what the control says against the others. ``redact_paths`` as in ``html.render``.
    """
    if redact_paths:
        recordings = [replace(each, about=each.about.redacted()) for each in recordings]
    units = list(dict.fromkeys(each.units for each in recordings))
    groups = [[each for each in recordings if each.units == name] for name in units]
    tables = [_predictions(group) for group in groups]
    parts = prediction_rows(tables)
    engines_only = any(each is None for each in tables)
    durations = [[time for each in group for time in each.durations] for group in groups]
    if engines_only:
        bars = [engine_bar(name, _mean_shares(group)) for name, group in zip(units, groups, strict=True)]
    else:
        bars = prediction_bars(units, tables)
    provenance = recordings[0].about.provenance
    return page(
        "sweep.html.jinja",
        unit=provenance.unit,
        show=shown_as(redact_paths=redact_paths),
        plotlyjs=plotlyjs,
        draws=any(each is not None for each in tables) or any(durations),
        tracekit_version=provenance.tracekit_version,
        provenance=provenance,
        answer=_answer(groups),
        settings=[_setting(group) for group in groups],
        engines_only=engines_only,
        bars=bars,
        legend=_legend(groups) if engines_only else parts,
        parts=parts,
        latencies=duration_latencies(units, durations) if engines_only else latencies(units, tables),
        table=table,
        units=units,
        control=control,
        recorded=[(name, {each.name: each.verdict.sentence for each in recordings}.get(name, "")) for name in order],
        notices=[(each.name, notice) for each in recordings for notice in each.about.notices],
    )


def _answer(groups: Sequence[Sequence[Recording]]) -> str:
    """With which settings the Neural Engine was seen at work; with none only where all of them tell."""
    used = [group[0].units for group in groups if any(each.verdict.answer in ("yes", "partly") for each in group)]
    if used:
        return f"With {listed(used)}"
    known = all(each.verdict.answer == "no" for group in groups for each in group)
    return "With no setting" if known else "Unknown"


def _setting(group: Sequence[Recording]) -> dict[str, object]:
    """One setting: its verdict and findings are the first recording's, its answers are those of all."""
    answers = dict.fromkeys(Answer.of(each.verdict.sentence).word for each in group)
    verdict = group[0].verdict
    return {
        "units": group[0].units,
        "source": group[0].about.provenance.source,
        "word": " / ".join(answers),
        "verdict": verdict,
        "sentence": Answer.of(verdict.sentence).whole,
        "evidence": EVIDENCE[verdict.evidence],
        "findings": group[0].findings,
    }


def _predictions(group: Sequence[Recording]) -> pd.DataFrame | None:
    """The predictions after warm-up of all recordings of a setting, one after another."""
    tables = [each.about.predictions for each in group if each.about.predictions is not None]
    steady = [table[~table["warmup"].to_numpy()] for table in tables]
    together = pd.concat(steady, ignore_index=True) if steady else None
    return together if together is not None and len(together) else None


def _mean_shares(group: Sequence[Recording]) -> dict[str, float]:
    engines = list(dict.fromkeys(engine for each in group for engine in each.shares))
    return {engine: sum(each.shares.get(engine, 0.0) for each in group) / len(group) for engine in engines}


def _legend(groups: Sequence[Sequence[Recording]]) -> list[PartRow]:
    seen = {engine for group in groups for engine in _mean_shares(group)}
    return [PartRow(f"engine-{engine}", DRIVING[engine], []) for engine in ENGINES if engine in seen]
