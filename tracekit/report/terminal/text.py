"""What the terminal shows: the verdict with its numbers, facts and tables.

Every name from a trace goes through ``visible`` and into a ``Text``, never into markup. A view that takes a ``width``
draws bars and cuts sentences and names to fit a terminal of that width; without one it is for a pipe: no bars, whole
sentences and names on lines as long as they are.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from textwrap import wrap
from typing import Any, Final, cast

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.styled import Styled
from rich.table import Table
from rich.text import Text

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.compare.readings import Agreement
from tracekit.analysis.findings.find import Explained
from tracekit.analysis.predictions.hardware import Hardware
from tracekit.analysis.predictions.log import Logged
from tracekit.analysis.predictions.measure import Measured
from tracekit.analysis.predictions.steady import Steady
from tracekit.analysis.running import running
from tracekit.analysis.stats import ENOUGH_FOR_P95, ENOUGH_FOR_P99
from tracekit.analysis.summary import Accounting
from tracekit.analysis.verdict.judge import EvidenceClass, model_label
from tracekit.model.facts import Facts, Notice
from tracekit.model.schema import Engine, Unit
from tracekit.model.trace import TableInfo
from tracekit.report.evidence_lines import generation_lines, gpu_line, log_lines, log_title
from tracekit.report.numbers import (
    DRIVING,
    accounting_text,
    quantity_of,
    readable_symbol,
    share_text,
    visible,
    weight_text,
)
from tracekit.report.terminal.next_steps import is_lost, way_out
from tracekit.report.terminal.ops_brief import brief_lines
from tracekit.report.terminal.shorten import short_symbol

ENGINE_STYLE: Final = {"ANE": "magenta", "GPU": "yellow", "CPU": "cyan", "none": "dim", "unknown": "red"}
_ANSWER_STYLE: Final = {"yes": "bold green", "partly": "bold yellow", "no": "bold red", "unknown": "bold"}
_LABEL_WIDTH: Final = 18
_LARGEST_BAR: Final = 24
_EIGHTHS: Final = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
ROWS_SHOWN: Final = 8
"""So many rows of a list."""
_LISTED_BEFORE: Final = 20
"""Cells before the names of a list."""
_LONGEST_LINE: Final = 120
"""Of a sentence: longer ones are hard to read."""
_WIDE_ENOUGH_FOR_SAMPLES: Final = 50
_AMOUNT: Final = re.compile(r" (?=(?:%|[mµn]?s)(?!\w))|(?<=\bp\d\d) ")
"""The blank of ``43 %``, ``8.3 ms`` and ``p95 9.6 ms``, at which no line ends."""
_SENTENCE_ENDS: Final = re.compile(r"(?<=\.) (?=[A-Z0-9])")
EVIDENCE: Final[dict[EvidenceClass, str]] = {
    "hardware": "the engines' own interval tables",
    "waiting": "functions on stacks of running and of blocked threads",
    "stacks": "functions on stacks of running threads",
    "threads": "a thread of the Neural Engine's driver, and no more",
    "none": "nothing speaks for or against it",
}
"""What each class is, in the words of docs/report.md."""
_KINDS: Final = {
    "prediction": "request",
    "load": "load",
    "compile": "compilation",
    "prepare": "preparation",
    "unknown": "request of an unknown kind",
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
    parts += [_language(title, phases, width) for title, phases in generation_lines(analysis.measured.generation)]
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
        title = "symbols no rule knows"
        parts.append(_symbols(title, analysis.unmatched, analysis.accounting.unit, width, top))
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
    lines = [_answer(analysis, first, width), *(_sentence(said, width, ("  ", "")) for said in others)]
    evidence = _sentence(f"evidence: {verdict.evidence}, {EVIDENCE[verdict.evidence]}", width, ("  ", ""))
    evidence.stylize("dim")
    lines.append(evidence)
    told = [said for said in verdict.contradictions if said not in verdict.sentence]
    lines += [_sentence(said, width, ("! ", "yellow")) for said in told]
    for finding in analysis.findings:
        lines.append(_sentence(finding.sentence, width, ("→ ", "cyan")))
        fix = sentences(fix_text(finding.fix, names_model=analysis.explained is None))[0]
        lines.append(_sentence(f"{fix} (tracekit explain {finding.code})", width, ("  fix: ", "dim")))
    return Group(*lines)


def sentences(text: str) -> list[str]:
    """A verdict's sentences: the first is the answer."""
    return _SENTENCE_ENDS.split(text)


def fix_text(fix: str, *, names_model: bool) -> str:
    """What to do about a finding, in plain text. The model need not be named where the recording tells of it."""
    plain = fix.replace("`", "")
    return plain if names_model else plain.replace(" --model MODEL", "")


def answer_view(analysis: Analysis, width: int | None = None) -> Text:
    """The verdict's first sentence alone."""
    return _answer(analysis, sentences(analysis.verdict.sentence)[0], width)


def _answer(analysis: Analysis, sentence: str, width: int | None) -> Text:
    head, colon, _ = sentence.partition(":")
    text = _sentence(sentence, width)
    text.stylize(_ANSWER_STYLE[analysis.verdict.answer], 0, len(head + colon))
    return text


def _sentence(text: str, width: int | None, lead: tuple[str, str] = ("", "")) -> Text:
    """A sentence after its sign, its lines one below the other; no line ends between a number and its unit."""
    sign, style = lead
    shown = sign + visible(text)
    if width is not None:
        together = _AMOUNT.sub("\u00a0", shown)
        lines = wrap(
            together,
            min(width, _LONGEST_LINE),
            subsequent_indent=" " * len(sign),
            break_long_words=False,
            break_on_hyphens=False,
        )
        shown = "\n".join(lines).replace("\u00a0", " ")
    result = Text(shown)
    result.stylize(style, 0, len(sign))
    return result


def iterations_view(analysis: Analysis, width: int | None = None) -> RenderableType:
    """Predictions: how many, from which source, how long, and where the time of one went; or only how many at least,
    where nothing tells them apart.
    """
    iterations = analysis.measured.iterations
    lines = [_sentence(line, width) for line in predictions_lines(analysis)]
    chosen = iterations.after_warmup
    if not len(chosen):
        return Group(*lines)
    source = _sentence(iterations.note, width)
    source.stylize("dim")
    if len(lines) > 1:
        return Group(*lines, source)
    table = _Shares("one after warm-up" if iterations.table["warmup"].any() else "one prediction", width, "mean")
    wall = int(chosen["wall_ns"].sum()) or 1
    for name, column in _PARTS_SHOWN:
        total = int(chosen[column].sum())
        if total:
            table.add(Text(name), total / wall, weight_text(total // len(chosen), "ns"))
    return Group(*lines, source, table.table)


def _loads(analysis: Analysis, width: int | None) -> RenderableType:
    """Loading, a model a line."""
    lines = [_sentence(load_text(row), width) for row in analysis.loads.to_dict("records")]
    if analysis.load_waits:
        lines.append(_sentence(f"on the stacks of loading: {', '.join(analysis.load_waits)}", width))
        lines[-1].stylize("dim")
    return Group(*lines)


def load_text(row: Mapping[Hashable, Any]) -> str:
    """``load Flowers: 4.0 ms loading on the Neural Engine, first prediction 9.3 ms, usually 3.4 ms``."""
    told = (
        ("load_ns", "{} to load"),
        ("prepare_ns", "{} to compile the package"),
        ("ane_load_ns", "{} loading on the Neural Engine"),
        ("ane_compile_ns", "{} compiling for the Neural Engine"),
        ("first_ns", "first prediction {}"),
        ("usual_ns", "usually {}"),
    )
    parts = [words.format(weight_text(int(row[name]), "ns")) for name, words in told if row[name] >= 0]
    whose = "; of no known process" if row["tie"] == "none" else ""
    return f"load{' ' + str(row['model']) if row['model'] else ''}: {', '.join(parts)}{whose}"


def predictions_lines(analysis: Analysis) -> list[str]:
    """What is known of the number and the length of predictions: a line, or one for each model."""
    iterations = analysis.measured.iterations
    if iterations.steady is not None:
        return [predictions_text(iterations.steady)]
    if iterations.by_model:
        return [f"{model}: {predictions_text(times)}" for model, times in iterations.by_model.items()]
    if len(iterations.table):
        return [f"{_predictions(len(iterations.table))}, all of them warm-up"]
    return [bound_text(analysis)] if iterations.at_least or iterations.said else []


def bound_text(analysis: Analysis) -> str:
    """``At least 10 predictions: …``: what samples alone say of their number, and what would tell."""
    iterations = analysis.measured.iterations
    said = iterations.said
    if said:
        ran = running(analysis.focused)
        mean = weight_text(ran.weight // said, ran.meta.unit)
        return f"{_predictions(said)}, as you said: {mean} of {quantity_of(ran)} in each, on average"
    return f"At least {_predictions(iterations.at_least)}: {iterations.note}"


def predictions_text(steady: Steady) -> str:
    """``100 predictions after 10 of warm-up: p50 8.4 ms, …``; no percentile that would be the longest of them."""
    warmup = f" after {steady.warmup:,} of warm-up" if steady.warmup else ""
    percentiles = ((50, steady.p50_ns, 1), (95, steady.p95_ns, ENOUGH_FOR_P95), (99, steady.p99_ns, ENOUGH_FOR_P99))
    times = ", ".join(
        f"p{at} {weight_text(value, 'ns')}" for at, value, needed in percentiles if steady.count >= needed
    )
    return f"{_predictions(steady.count)}{warmup}: {times}{_steadiness(steady)}"


def _language(title: str, phases: list[str], width: int | None) -> RenderableType:
    """What a language model did, a phase a line."""
    return Group(Text(title, style="dim"), *[_sentence(visible(each), width) for each in phases])


def _models(analysis: Analysis, width: int | None, top: int) -> RenderableType:
    """One answer a process and model."""
    lines = [Text("answer by model", style="dim")]
    several = len({(model.process, model.pid) for model in analysis.verdict.models}) > 1
    for model in analysis.verdict.models[:top]:
        known = f"{model.predictions:,} predictions" if model.predictions is not None else f"{model.samples:,} samples"
        asked = f", {model.ane_requests:,} ANE requests" if model.ane_requests else ""
        where = f", {model.where}" if model.where else ""
        lines.append(
            _sentence(f"{model_label(model, with_process=several)}: {model.answer}{where} ({known}{asked})", width)
        )
    return Group(*lines, *_more(len(analysis.verdict.models), top))


def _requests(requests: pd.DataFrame, width: int | None, top: int) -> RenderableType:
    """What the engines' own tables count: exact, by model and kind."""
    lines = [Text("requests, as the engines' own tables count them", style="dim")]
    for row in requests.head(top).itertuples(index=False):
        name = visible(str(row.model)) or "no model named"
        times = ", ".join(
            f"{label} {weight_text(value, 'ns')}"
            for label, value in (
                ("p50", cast(int, row.p50_ns)),
                ("p95", cast(int, row.p95_ns)),
                ("longest", cast(int, row.longest_ns)),
            )
        )
        count = int(cast(int, row.count))
        busy = weight_text(int(cast(int, row.busy_ns)), "ns")
        whose = {
            "coreml": "; as Core ML names them",
            "coreai": "; as Core AI names them",
            "none": "; of no known process",
            "beside": "; others' may be among them",
        }
        said_of = whose.get(str(row.table)) or whose.get(str(row.tie), "")
        engine = cast(Engine, row.engine)
        lead = (f"{engine}  ", ENGINE_STYLE[engine]) if engine != "none" else ("", "")
        said = f"{name}: {count:,} {_KINDS[str(row.kind)]}{'' if count == 1 else 's'}, busy {busy}; {times}{said_of}"
        lines.append(_sentence(said, width, lead))
    return Group(*lines, *_more(len(requests), top))


def _log(log: Logged, width: int | None) -> RenderableType:
    """What the process's own log says, and who else asked for the Neural Engine."""
    lead = ("ANE  ", ENGINE_STYLE["ANE"])
    lines = [Text(visible(log_title(log)), style="dim")]
    lines += [
        _sentence(each, width, lead if number == 0 else ("     ", "")) for number, each in enumerate(log_lines(log))
    ]
    return Group(*lines[:ROWS_SHOWN], *_more(len(lines), ROWS_SHOWN))


def _more(count: int, top: int) -> list[Text]:
    return [Text(f"… and {count - top:,} more", style="dim")] if count > top else []


def _predictions(count: int) -> str:
    return f"{count:,} prediction{'' if count == 1 else 's'}"


def _steadiness(steady: Steady) -> str:
    """Drift and outliers, where there are any."""
    drift = steady.drift
    parts = []
    if drift is not None and drift.is_shown:
        sign = "+" if drift.change_ns > 0 else "−"
        parts.append(f"drift {sign}{weight_text(abs(drift.change_ns), 'ns')} from first to last")
    if steady.outliers:
        parts.append(f"{len(steady.outliers):,} outlier{'' if len(steady.outliers) == 1 else 's'}")
    return "".join(f"; {part}" for part in parts)


def _hardware(measured: Measured, hardware: Hardware, width: int | None) -> RenderableType:
    """What the interval tables say, an engine a line."""
    work, ane = measured.gpu, measured.ane
    lines = [Text("hardware intervals", style="dim")]
    for name, engine in (("ANE", hardware.ane), ("GPU", hardware.gpu)):
        lead = (f"{name}  ", ENGINE_STYLE[name])
        if engine is None:
            lines.append(_sentence("not recorded", width, lead))
            continue
        if not engine.intervals and not engine.unknown_ns:
            lines.append(_sentence("no intervals", width, lead))
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
        count = f"{engine.intervals:,} interval{'' if engine.intervals == 1 else 's'}"
        lines.append(_sentence(f"{count}: {', '.join(parts)}", width, lead))
    if work is not None and work.rows:
        lines.append(_sentence(visible(gpu_line(work)), width, ("     ", "")))
    return Group(*lines)


def accounting_view(accounting: Accounting, width: int | None = None) -> RenderableType:
    """The equation that every analysis satisfies, in rows and in weight."""
    rows, weight = accounting.samples, accounting.weight
    amounts = [weight.total, weight.attributed, weight.outside_focus, weight.no_stack, weight.filtered]
    total, *others = (weight_text(amount, accounting.unit) for amount in amounts)
    lines = [_sentence(line, width) for line in (accounting_text(rows), f"{total} = {' + '.join(others)}")]
    return Styled(Group(*lines), "dim")


def _engines(analysis: Analysis, width: int | None) -> RenderableType:
    """Engines, and the phases of each below it; then, apart from their shares, what blocked threads waited for."""
    quantity = quantity_of(running(analysis.focused))
    where = "everywhere" if analysis.scope.whole else "inside predictions"
    shares = _Shares("", width, "samples", "weight")
    for row in analysis.engines.itertuples(index=False):
        engine = cast(Engine, row.engine)
        shares.add(Text(DRIVING[engine]), *_amounts(row, analysis.accounting.unit), style=ENGINE_STYLE[engine])
        phases = analysis.phases[analysis.phases["engine"] == engine]
        for phase in phases.itertuples(index=False):
            shares.add(Text(f"  {phase.phase}"), *_amounts(phase, analysis.accounting.unit), style="dim")
    lines = [_sentence(said, width) for said in waits_lines(analysis)]
    return Group(Text(f"{quantity} {where}", style="dim"), shares.table, *lines)


def waits_lines(analysis: Analysis) -> list[str]:
    """``blocked on the ANE: 440.0 ms, an upper bound of its work``: an engine a line, heaviest first."""
    unit, count = analysis.accounting.unit, len(analysis.measured.iterations.table)
    named = {"ANE": "the ANE", "GPU": "the GPU", "CPU": "work on the CPU", "none": "Core ML's own code"}
    sums = analysis.waits.groupby("engine")["weight"].sum().sort_values(ascending=False, kind="stable")
    lines = []
    for engine, weight in sums.items():
        each = f", {weight_text(int(weight) // count, unit)} a prediction" if count else ""
        bound = ", an upper bound of its work" if engine in ("ANE", "GPU") else ""
        what = named.get(str(engine), "what no stack names")
        lines.append(f"blocked on {what}: {weight_text(int(weight), unit)}{each}{bound}")
    return lines


def _operations(explained: Explained, width: int | None) -> RenderableType:
    """The model's operations in a few lines."""
    first, *lines = (_sentence(line, width) for line in brief_lines(explained))
    first.stylize("dim")
    lines[-1].stylize("dim")
    return Group(first, *lines)


def _outside(rules: pd.DataFrame, unit: Unit, top: int) -> Table:
    table = _listing("outside the focus")
    for row in rules.head(top).itertuples(index=False):
        _, samples, weight = _amounts(row, unit)
        # A stage keeps the engine that it was met under, so one rule may stand here once for each.
        engine = "" if row.engine == "none" else f" ({row.engine})"
        table.add_row(samples, weight, Text(f"{row.phase}{engine}: {row.rule}", style="dim"))
    return _with_rest(table, len(rules), top)


def _symbols(title: str, symbols: pd.DataFrame, unit: Unit, width: int | None, top: int) -> Table:
    table = _listing(title)
    for row in symbols.head(top).itertuples(index=False):
        _, samples, weight = _amounts(row, unit)
        name = visible(readable_symbol(str(row.symbol)))
        if width is not None:
            name = short_symbol(name, width - _LISTED_BEFORE)
        table.add_row(samples, weight, Text(name))
    return _with_rest(table, len(symbols), top)


def _with_rest(table: Table, count: int, top: int) -> Table:
    """Say how many rows are not shown."""
    if count > top:
        table.add_row("", "", Text(f"and {count - top:,} more (--top)", style="dim"))
    return table


def _amounts(row: Any, unit: Unit) -> tuple[float, str, str]:
    """Share (0 where the table has none), samples and weight of a row."""
    return float(getattr(row, "share", 0)), f"{row.samples:,}", weight_text(int(row.weight), unit)


class _Shares:
    """A table of shares. Its first columns are as wide in every table, so that all bars stand below each other."""

    def __init__(self, title: str, width: int | None, *amounts: str) -> None:
        self.table = _bare_table()
        self.table.add_column(title, width=_LABEL_WIDTH, no_wrap=True)
        self.table.add_column("share", justify="right", width=7, no_wrap=True)
        self._bar = None if width is None else min(max(width - 52, 0), _LARGEST_BAR)
        if self._bar is not None:
            self.table.add_column("", width=self._bar)
        is_narrow = width is not None and width < _WIDE_ENOUGH_FOR_SAMPLES
        self._kept = 1 if is_narrow else len(amounts)
        for name in amounts[-self._kept :]:
            self.table.add_column(name, justify="right", no_wrap=True, min_width=7)

    def add(self, label: Text, share: float, *amounts: str, style: str = "") -> None:
        """A row; where there is little room, with the last amount only."""
        bars = [] if self._bar is None else [Text(bar(share, self._bar), style=style)]
        label.stylize(style)
        self.table.add_row(label, share_text(share), *bars, *amounts[-self._kept :])


def bar(share: float, width: int) -> str:
    """A share as a bar, in eighths of a cell; what is there but too little to be drawn is one eighth."""
    full, eighths = divmod(round(share * width * 8), 8)
    return "█" * full + _EIGHTHS[eighths] or (_EIGHTHS[1] if share > 0 and width else "")


def _bare_table(*, has_header: bool = True) -> Table:
    """Columns two blanks apart, without lines."""
    return Table(box=None, show_header=has_header, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))


def _listing(title: str) -> Table:
    """A table of names, which come last: they have any length."""
    table = _bare_table()
    table.add_column("samples", justify="right", min_width=7, no_wrap=True)
    table.add_column("weight", justify="right", min_width=9, no_wrap=True)
    table.add_column(title, overflow="fold")
    return table


def facts_view(facts: Facts) -> RenderableType:
    """What a run says of itself."""
    table = _bare_table(has_header=False)
    for name, value in facts.known().items():
        table.add_row(Text(name.replace("_", " "), style="dim"), Text(visible(str(value))))
    return table if facts.known() else Text("The file says nothing of the recording itself.", style="dim")


def tables_view(tables: Iterable[TableInfo]) -> RenderableType:
    """The tables of a run."""
    table = _bare_table()
    table.add_column("schema", no_wrap=True)
    table.add_column("rows", justify="right")
    table.add_column("attributes", overflow="fold")
    for info in tables:
        rows = f"{info.rows:,}" if info.rows is not None else ("?" if info.available else "not exported")
        attributes = "  ".join(f"{name}={value}" for name, value in info.attributes.items())
        style = "" if info.available else "dim"
        table.add_row(Text(visible(info.schema), style=style), rows, Text(visible(attributes), style="dim"))
    return table


def notices_view(notices: Iterable[Notice]) -> RenderableType:
    """Warnings, a line a kind."""
    lines = []
    for notice in notices:
        times = f" ({notice.count:,} times)" if notice.count > 1 else ""
        lines.append(Text.assemble(("! ", "yellow"), visible(notice.message), times))
    return Group(*lines)


def to_plain(view: RenderableType, width: int = 120) -> str:
    """A view as plain text, for tests and files."""
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(view)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def agreement_view(agreement: Agreement) -> RenderableType:
    """What two readings of a recording agree on."""
    table = _bare_table()
    table.add_column("property", min_width=24)
    for name in ("compared", "different"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in agreement.columns.to_dict("records"):
        style = "red" if row["different"] else ""
        example = Text(visible(row["example"]), style="dim", overflow="ellipsis")
        table.add_row(row["property"], f"{row['compared']:,}", Text(f"{row['different']:,}", style=style), example)
    count = agreement.named_only_first
    named = f"; {count:,} more have a name natively and only an address in the export" if count else ""
    said = "all equal" if agreement.is_complete else "not all equal"
    return Group(table, Text(f"{agreement.rows:,} rows and {agreement.frames:,} frames compared: {said}{named}"))
