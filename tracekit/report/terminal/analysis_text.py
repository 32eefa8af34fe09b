"""What the terminal shows: the verdict with its numbers, facts and tables.

Every name from a trace goes through ``visible`` and into a ``Text``, never into markup. A view that takes a ``width``
draws bars and cuts sentences and names to fit a terminal of that width; without one it is for a pipe: no bars, whole
sentences and names on lines as long as they are.
"""

from typing import Final, cast

import pandas as pd
from rich.console import Group, RenderableType
from rich.styled import Styled
from rich.table import Table
from rich.text import Text

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.findings.find import Explained
from tracekit.analysis.predictions.hardware import Hardware
from tracekit.analysis.predictions.log import Logged
from tracekit.analysis.predictions.measure import Measured
from tracekit.analysis.running import running
from tracekit.analysis.summary import Accounting
from tracekit.analysis.verdict.models import model_label
from tracekit.analysis.words import counted
from tracekit.model.schema import Engine, Unit
from tracekit.report.evidence_lines import generation_lines, gpu_line, log_lines, log_title
from tracekit.report.next_steps import commands_of, remedy
from tracekit.report.numbers import DRIVING, accounting_text, quantity_of, readable_symbol, visible, weight_text
from tracekit.report.sentences import EVIDENCE, load_text, predictions_lines, sentences, waits_lines
from tracekit.report.terminal.drawing import (
    ENGINE_STYLE,
    LISTED_BEFORE,
    ROWS_SHOWN,
    Shares,
    amounts_of,
    listing,
    rest_line,
    sentence_lines,
    sentence_text,
    with_rest,
)
from tracekit.report.terminal.ops_brief import brief_lines
from tracekit.report.terminal.shorten import short_symbol
from tracekit.report.terminal.way_out import is_lost, way_out

_ANSWER_STYLE: Final = {"yes": "bold green", "partly": "bold yellow", "no": "bold red", "unknown": "bold"}
_KINDS: Final = {
    "prediction": "request",
    "load": "load",
    "compile": "compilation",
    "prepare": "preparation",
    "unknown": "request of an unknown kind",
}
_WHOSE: Final = {
    "coreml": "; as Core ML names them",
    "coreai": "; as Core AI names them",
    "none": "; of no known process",
    "beside": "; others' may be among them",
}
_PARTS_SHOWN: Final = (
    ("CPU", "on_cpu_ns"),
    ("ANE busy, CPU not", "ane_alone_ns"),
    ("GPU busy, neither", "gpu_alone_ns"),
    ("blocked, none busy", "waiting_ns"),
    ("unaccounted", "unaccounted_ns"),
    ("wall", "wall_ns"),
)


def analysis_view(analysis: Analysis, width: int | None = None, top: int = ROWS_SHOWN) -> RenderableType:
    """The whole answer: verdict, predictions, engines and phases, where to look next, and the accounting.

    Lists end after ``top`` rows, and say so.
    """
    parts = [verdict_view(analysis, width)]
    if predictions_lines(analysis):
        parts.append(iterations_view(analysis, width))
    parts += [
        Group(Text(title, style="dim"), *[sentence_text(visible(each), width) for each in phases])
        for title, phases in generation_lines(analysis.measured.generation)
    ]
    if len(analysis.focused):
        parts.append(_engines(analysis, width))
    if analysis.explained is not None:
        parts.append(_operations(analysis.explained, width))
    if len(analysis.verdict.models) > 1:
        parts.append(_models(analysis, width, top))
    if len(analysis.measured.requests):
        parts.append(_requests(analysis.measured.requests, width, top))
    if analysis.measured.log is not None:
        parts.append(_log(analysis.measured.log, width))
    if len(analysis.loads):
        parts.append(_loads(analysis, width))
    if analysis.measured.hardware is not None:
        parts.append(_hardware(analysis.measured, analysis.measured.hardware, width))
    if not analysis.unmatched.empty:
        parts.append(_unmatched(analysis.unmatched, analysis.accounting.unit, width, top))
    if is_lost(analysis):
        parts.append(way_out(analysis, width))
    if not analysis.outside.empty:
        parts.append(_outside(analysis.outside, analysis.accounting.unit, top))
    parts.append(accounting_view(analysis.accounting, width))
    return Group(*[each for part in parts for each in (part, Text())][:-1])


def verdict_view(analysis: Analysis, width: int | None = None) -> RenderableType:
    """The sentence, with its first word in the colour of the answer, and the class of its evidence."""
    verdict = analysis.verdict
    first, *others = sentences(verdict.sentence)
    lines = [_answer(analysis, first, width), *(sentence_text(said, width, ("  ", "")) for said in others)]
    evidence = sentence_text(f"evidence: {verdict.evidence}, {EVIDENCE[verdict.evidence]}", width, ("  ", ""))
    evidence.stylize("dim")
    lines.append(evidence)
    told = [said for said in verdict.contradictions if said not in verdict.sentence]
    lines += [sentence_text(said, width, ("! ", "yellow")) for said in told]
    for finding in analysis.findings:
        lines.append(sentence_text(finding.sentence, width, ("→ ", "cyan")))
        meta = analysis.profile.meta
        fix = remedy(finding.fix, meta.source, meta.run, names_model=analysis.explained is None)[0]
        explain = f"tracekit explain {finding.code}"
        said = f"{''.join(fix)} ({explain})"
        lines += sentence_lines(said, width, ("  fix: ", "dim"), [*commands_of(fix), explain])
    return Group(*lines)


def answer_view(analysis: Analysis, width: int | None = None) -> Text:
    """The verdict's first sentence alone."""
    return _answer(analysis, sentences(analysis.verdict.sentence)[0], width)


def _answer(analysis: Analysis, sentence: str, width: int | None) -> Text:
    head, colon, _ = sentence.partition(":")
    text = sentence_text(sentence, width)
    text.stylize(_ANSWER_STYLE[analysis.verdict.answer], 0, len(head + colon))
    return text


def iterations_view(analysis: Analysis, width: int | None = None) -> RenderableType:
    """Predictions: how many, from which source, how long, and where the time of one went; or only how many at least,
    where nothing tells them apart.
    """
    iterations = analysis.measured.iterations
    lines = [sentence_text(line, width) for line in predictions_lines(analysis)]
    chosen = iterations.after_warmup
    if not len(chosen):
        return Group(*lines)
    source = sentence_text(iterations.note, width)
    source.stylize("dim")
    if len(lines) > 1:
        return Group(*lines, source)
    table = Shares("one after warm-up" if iterations.table["warmup"].any() else "one prediction", width, "mean")
    wall = int(chosen["wall_ns"].sum()) or 1
    for name, column in _PARTS_SHOWN:
        total = int(chosen[column].sum())
        if total:
            table.add(Text(name), total / wall, weight_text(total // len(chosen), "ns"))
    return Group(*lines, source, table.table)


def _loads(analysis: Analysis, width: int | None) -> RenderableType:
    lines = [sentence_text(load_text(row), width) for row in analysis.loads.to_dict("records")]
    if analysis.load_waits:
        lines.append(sentence_text(f"on the stacks of loading: {', '.join(analysis.load_waits)}", width))
        lines[-1].stylize("dim")
    return Group(*lines)


def _models(analysis: Analysis, width: int | None, top: int) -> RenderableType:
    lines = [Text("answer by model", style="dim")]
    several = len({(model.process, model.pid) for model in analysis.verdict.models}) > 1
    for model in analysis.verdict.models[:top]:
        known = f"{model.predictions:,} predictions" if model.predictions is not None else f"{model.samples:,} samples"
        asked = f", {model.ane_requests:,} ANE requests" if model.ane_requests else ""
        where = f", {model.where}" if model.where else ""
        said = f"{model_label(model, with_process=several)}: {model.answer}{where} ({known}{asked})"
        lines.append(sentence_text(said, width))
    return Group(*lines, *rest_line(len(analysis.verdict.models), top))


def _requests(requests: pd.DataFrame, width: int | None, top: int) -> RenderableType:
    """What the engines' own tables count: exact, by model and kind."""
    lines = [Text("requests, as the engines' own tables count them", style="dim")]
    for row in requests.head(top).to_dict("records"):
        name = visible(row["model"]) or "no model named"
        times = ", ".join(f"{label} {weight_text(row[f'{label}_ns'], 'ns')}" for label in ("p50", "p95", "longest"))
        whose = _WHOSE.get(row["table"]) or _WHOSE.get(row["tie"], "")
        engine: Engine = row["engine"]
        lead = (f"{engine}  ", ENGINE_STYLE[engine]) if engine != "none" else ("", "")
        asked = f"{counted(row['count'], _KINDS[row['kind']])}, busy {weight_text(row['busy_ns'], 'ns')}"
        lines.append(sentence_text(f"{name}: {asked}; {times}{whose}", width, lead))
    return Group(*lines, *rest_line(len(requests), top))


def _log(log: Logged, width: int | None) -> RenderableType:
    lead = ("ANE  ", ENGINE_STYLE["ANE"])
    lines = [Text(visible(log_title(log)), style="dim")]
    first, *others = log_lines(log)
    lines += [sentence_text(first, width, lead), *(sentence_text(each, width, ("     ", "")) for each in others)]
    return Group(*lines[:ROWS_SHOWN], *rest_line(len(lines), ROWS_SHOWN))


def _hardware(measured: Measured, hardware: Hardware, width: int | None) -> RenderableType:
    work, ane = measured.gpu, measured.ane
    lines = [Text("hardware intervals", style="dim")]
    for name, engine in (("ANE", hardware.ane), ("GPU", hardware.gpu)):
        lead = (f"{name}  ", ENGINE_STYLE[name])
        if engine is None or not (engine.intervals or engine.unknown_ns):
            lines.append(sentence_text("not recorded" if engine is None else "no rows of work", width, lead))
            continue
        mixed = name == "ANE" and ane is not None and ane.nameless > 0
        perhaps = " and perhaps others, for rows name no model" if mixed else ""
        parts = [f"busy {weight_text(engine.own_ns, 'ns')} for this process{perhaps}"]
        if engine.in_predictions_ns is not None and engine.own_ns:
            parts[0] += f", {weight_text(engine.in_predictions_ns, 'ns')} of it in predictions"
        if engine.others_ns:
            whom = "for no known process" if name == "ANE" else "for other processes"
            parts.append(f"{weight_text(engine.others_ns, 'ns')} {whom}")
        if engine.unknown_ns:
            parts.append(f"{weight_text(engine.unknown_ns, 'ns')} of an unknown kind")
        rows = _rows_of_work(measured.requests, engine.intervals, name)
        lines.append(sentence_text(f"{rows}: {', '.join(parts)}", width, lead))
    if work is not None and work.rows:
        lines.append(sentence_text(visible(gpu_line(work)), width, ("     ", "")))
    return Group(*lines)


def _rows_of_work(requests: pd.DataFrame, rows: int, engine: str) -> str:
    """``224 requests in 444 rows``: rows of the ANE nest, and those inside another are parts of one request."""
    is_counted = (requests["engine"] == engine) & (requests["table"] == "ane") & (requests["kind"] == "prediction")
    count = int(requests["count"][is_counted].sum())
    asked, said = counted(count, "request"), counted(rows, "row")
    return said if not count else asked if count == rows else f"{asked} in {said}"


def accounting_view(accounting: Accounting, width: int | None = None) -> RenderableType:
    """The equation that every analysis satisfies, in rows and in weight."""
    rows, weight = accounting.samples, accounting.weight
    amounts = [weight.total, weight.attributed, weight.outside_focus, weight.no_stack, weight.filtered]
    total, *others = (weight_text(amount, accounting.unit) for amount in amounts)
    lines = [sentence_text(line, width) for line in (accounting_text(rows), f"{total} = {' + '.join(others)}")]
    return Styled(Group(*lines), "dim")


def _engines(analysis: Analysis, width: int | None) -> RenderableType:
    """Engines, and the phases of each below it; then, apart from their shares, what blocked threads waited for."""
    quantity = quantity_of(running(analysis.focused))
    where = "everywhere" if analysis.scope.whole else "inside predictions"
    shares = Shares("", width, "samples", "weight")
    for row in analysis.engines.itertuples(index=False):
        engine = cast(Engine, row.engine)
        shares.add(Text(DRIVING[engine]), *amounts_of(row, analysis.accounting.unit), style=ENGINE_STYLE[engine])
        phases = analysis.phases[analysis.phases["engine"] == engine]
        for phase in phases.itertuples(index=False):
            shares.add(Text(f"  {phase.phase}"), *amounts_of(phase, analysis.accounting.unit), style="dim")
    lines = [sentence_text(said, width) for said in waits_lines(analysis)]
    return Group(Text(f"{quantity} {where}", style="dim"), shares.table, *lines)


def _operations(explained: Explained, width: int | None) -> RenderableType:
    first, *lines = (sentence_text(line, width) for line in brief_lines(explained))
    first.stylize("dim")
    lines[-1].stylize("dim")
    return Group(first, *lines)


def _outside(rules: pd.DataFrame, unit: Unit, top: int) -> Table:
    table = listing("outside the focus")
    for row in rules.head(top).itertuples(index=False):
        _, samples, weight = amounts_of(row, unit)
        # A stage keeps the engine that it was met under, so one rule may stand here once for each.
        engine = "" if row.engine == "none" else f" ({row.engine})"
        table.add_row(samples, weight, Text(f"{row.phase}{engine}: {row.rule}", style="dim"))
    return with_rest(table, len(rules), top)


def _unmatched(symbols: pd.DataFrame, unit: Unit, width: int | None, top: int) -> Table:
    table = listing("symbols no rule knows")
    for row in symbols.head(top).itertuples(index=False):
        _, samples, weight = amounts_of(row, unit)
        name = visible(readable_symbol(str(row.symbol)))
        if width is not None:
            name = short_symbol(name, width - LISTED_BEFORE)
        table.add_row(samples, weight, Text(name))
    return with_rest(table, len(symbols), top)
