"""What a notebook shows for a trace, a profile or an analysis: a few lines of HTML, without style sheet or script."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Final

import pandas as pd
from markupsafe import Markup, escape

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.compare.result import Diff
from tracekit.analysis.summary import by_engine
from tracekit.analysis.words import counted
from tracekit.model.profile import Profile
from tracekit.model.schema import Unit
from tracekit.model.trace import Trace
from tracekit.report.diff_headline import diff_headline
from tracekit.report.diff_sentences import diff_sentence
from tracekit.report.next_steps import remedy_text
from tracekit.report.numbers import DRIVING, accounting_text, share_text, visible, weight_text
from tracekit.report.palette import LIGHT
from tracekit.report.sentences import predictions_lines, waits_lines

_TABLES_SHOWN: Final = 12
_BAR: Final = 240
"""Pixels of a bar that stands for everything."""


def trace_html(trace: Trace) -> str:
    """The file and its runs, with what each says of itself and its tables."""
    parts = [_title(f"Trace {trace.path}", trace.format)]
    for run in trace.runs:
        known = [(name.replace("_", " "), str(value)) for name, value in run.facts.known().items()]
        tables = run.schemas()
        more = f" and {len(tables) - _TABLES_SHOWN} more" if len(tables) > _TABLES_SHOWN else ""
        rows = [*known, ("tables", ", ".join(tables[:_TABLES_SHOWN]) + more)]
        parts.append(_table([f"run {run.number}", ""], rows))
    return _joined(parts)


def profile_html(profile: Profile) -> str:
    """How much was sampled, of what; after ``attribute()`` by engine."""
    unit = profile.meta.unit
    parts = [
        _title(f"Profile of {PurePath(profile.meta.source).name or 'samples'}", weight_text(profile.weight, unit)),
        _text(
            f"{len(profile):,} samples on {counted(len(profile.threads), 'thread')}, "
            f"{len(profile.stacks):,} stack nodes, {len(profile.frames):,} functions"
        ),
    ]
    if "engine" in profile.samples:
        parts.append(_engines(by_engine(profile), unit))
    return _joined(parts)


def analysis_html(analysis: Analysis) -> str:
    """The verdict, the findings, the predictions, the engines and the accounting."""
    tally, unit = analysis.accounting.samples, analysis.accounting.unit
    verdict, meta, names_model = analysis.verdict, analysis.profile.meta, analysis.explained is None
    fixes = [remedy_text(each.fix, meta.source, meta.run, names_model=names_model) for each in analysis.findings]
    parts = [
        _title(verdict.answer.capitalize(), f"evidence: {verdict.evidence}"),
        _text(verdict.sentence.partition(": ")[2]),
        *(_text(said) for said in verdict.contradictions),
        *(_text(f"→ {each.sentence} {' '.join(fix)}") for each, fix in zip(analysis.findings, fixes, strict=True)),
        *(_text(line) for line in predictions_lines(analysis)),
        _engines(analysis.engines, unit),
        *(_text(f"Threads were {line}.") for line in waits_lines(analysis)),
        _text(accounting_text(tally)),
    ]
    return _joined(parts)


def diff_html(diff: Diff) -> str:
    """What a comparison means, what changed, and what limits it."""
    headline, sentence = diff_headline(diff), diff_sentence(diff)
    return _joined([_title(headline, ""), _text(sentence), *(_text(note) for note in diff.notes)])


def _engines(engines: pd.DataFrame, unit: Unit) -> Markup:
    row = Markup(
        '<tr><td style="text-align:left">{}</td><td style="text-align:right">{}</td>'
        '<td style="text-align:right">{}</td><td style="text-align:left">'
        '<span style="display:inline-block;width:{}px;height:10px;background:{}"></span></td></tr>'
    )
    rows = [
        row.format(
            DRIVING[each["engine"]],
            share_text(each["share"]),
            weight_text(each["weight"], unit),
            max(round(_BAR * each["share"]), 1),
            LIGHT[each["engine"]],
        )
        for each in engines.to_dict("records")
    ]
    return Markup("<table>{}</table>").format(Markup().join(rows))


def _table(head: Sequence[str], rows: Iterable[tuple[str, str]]) -> Markup:
    row = Markup('<tr><td style="text-align:left">{}</td><td style="text-align:left">{}</td></tr>')
    cells = Markup().join(row.format(visible(name), visible(value)) for name, value in rows)
    return Markup('<table><tr><th style="text-align:left">{}</th><th>{}</th></tr>{}</table>').format(*head, cells)


def _title(text: str, beside: str) -> Markup:
    return Markup("<p><strong>{}</strong> <small>{}</small></p>").format(visible(text), visible(beside))


def _text(text: str) -> Markup:
    return Markup("<p>{}</p>").format(visible(text))


def _joined(parts: Iterable[Markup]) -> str:
    return str(Markup("<div>{}</div>").format(Markup().join(escape(part) for part in parts)))
