"""What the terminal shows: the verdict with its numbers, the call tree, facts and tables.

Every name from a trace goes through ``visible`` and into a ``Text``, never into markup.
"""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracekit.analysis.agreement import Agreement
from tracekit.analysis.analyze import Analysis
from tracekit.analysis.call_tree import call_tree, dominant_engine
from tracekit.analysis.hardware import Hardware
from tracekit.analysis.measure import Measured
from tracekit.analysis.steady import Steady
from tracekit.analysis.summary import Accounting
from tracekit.model.facts import Facts, Notice
from tracekit.model.forest import depth_first, forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, Unit
from tracekit.model.trace import TableInfo
from tracekit.report.numbers import DRIVING, quantity_of, readable_symbol, share_text, visible, weight_text

ENGINE_STYLE: Final = {"ANE": "magenta", "GPU": "yellow", "CPU": "cyan", "none": "dim", "unknown": "red"}
_ANSWER_STYLE: Final = {"yes": "bold green", "partly": "bold yellow", "no": "bold red", "unknown": "bold"}
_BAR_WIDTH: Final = 24
_ROWS_SHOWN: Final = 8
_PARTS_SHOWN: Final = (
    ("CPU", "on_cpu_ns"),
    ("ANE busy, CPU not", "ane_alone_ns"),
    ("GPU busy, neither", "gpu_alone_ns"),
    ("waiting", "waiting_ns"),
    ("unaccounted", "unaccounted_ns"),
    ("wall", "wall_ns"),
)


def analysis_view(analysis: Analysis) -> RenderableType:
    """The whole answer: verdict, engines, phases, where to look next, and the accounting."""
    unit = analysis.accounting.unit
    parts: list[RenderableType] = [verdict_view(analysis), Text()]
    if len(analysis.measured.iterations.table):
        parts += [iterations_view(analysis.measured), Text()]
    if analysis.measured.hardware is not None:
        parts += [_hardware(analysis.measured.hardware), Text()]
    if len(analysis.focused):
        quantity = quantity_of(analysis.profile)
        title = f"{quantity} everywhere" if analysis.scope.whole else f"{quantity} inside predictions"
        parts += [_engines(analysis.engines, unit, title), Text(), _phases(analysis.phases, unit), Text()]
    if not analysis.candidates.empty:
        parts += [_symbols("nearest symbols", analysis.candidates, unit), Text()]
    if not analysis.unmatched.empty:
        parts += [_symbols("symbols no rule knows", analysis.unmatched, unit), Text()]
    if not analysis.outside.empty:
        parts += [_outside(analysis.outside, unit), Text()]
    parts.append(accounting_view(analysis.accounting))
    return Group(*parts)


def verdict_view(analysis: Analysis) -> RenderableType:
    """The sentence, with its first word in the colour of the answer, and the class of its evidence."""
    verdict = analysis.verdict
    head, colon, rest = verdict.sentence.partition(":")
    sentence = Text.assemble((visible(head) + colon, _ANSWER_STYLE[verdict.answer]), visible(rest))
    lines = [sentence, Text(f"evidence: {verdict.evidence}", style="dim")]
    lines += [Text.assemble(("! ", "yellow"), visible(said)) for said in verdict.contradictions]
    lines += [Text.assemble(("→ ", "cyan"), visible(cause.sentence)) for cause in verdict.causes]
    return Group(*lines)


def iterations_view(measured: Measured) -> RenderableType:
    """Predictions: how many, from which source, how long, and where the time of one went."""
    iterations = measured.iterations
    steady, chosen = iterations.steady, iterations.after_warmup
    if steady is None:
        head = f"{len(chosen):,} predictions, all of them warm-up"
    else:
        warmup = f" after {steady.warmup:,} of warm-up" if steady.warmup else ""
        times = ", ".join(
            f"p{at} {weight_text(value, 'ns')}"
            for at, value in ((50, steady.p50_ns), (95, steady.p95_ns), (99, steady.p99_ns))
        )
        head = f"{steady.count:,} predictions{warmup}: {times}{_steadiness(steady)}"
    lines: list[RenderableType] = [Text(head), Text(f"from the {iterations.source}: {iterations.note}", style="dim")]
    count = len(chosen)
    table = _table("one prediction", "mean", "share", "")
    wall = int(chosen["wall_ns"].sum()) or 1
    for name, column in _PARTS_SHOWN:
        total = int(chosen[column].sum())
        if total:
            table.add_row(name, weight_text(total // count, "ns"), share_text(total / wall), _bar(total / wall))
    return Group(*lines, table)


def _steadiness(steady: Steady) -> str:
    """Drift and outliers, where there are any."""
    drift = steady.drift
    parts = []
    if drift is not None and drift.is_shown:
        sign = "+" if drift.change_ns > 0 else "−"
        parts.append(f"drift {sign}{weight_text(abs(drift.change_ns), 'ns')} from first to last")
    if steady.outliers:
        parts.append(f"{len(steady.outliers):,} outliers")
    return "".join(f"; {part}" for part in parts)


def _hardware(hardware: Hardware) -> Table:
    """What the interval tables say, an engine a row."""
    table = _table("hardware intervals", "intervals", "busy in predictions", "outside", "other processes", "")
    for name, engine in (("ANE", hardware.ane), ("GPU", hardware.gpu)):
        label = Text(name, style=ENGINE_STYLE[name])
        if engine is None:
            table.add_row(label, Text("not recorded", style="dim"))
            continue
        mine = (engine.in_predictions_ns, engine.outside_predictions_ns, engine.others_ns)
        inside, outside, others = (weight_text(time, "ns") for time in mine)
        # Whose work the ANE did outside of the predictions, its rows do not say.
        table.add_row(label, f"{engine.intervals:,}", inside, *(("", others) if name == "ANE" else (outside, others)))
    return table


def accounting_view(accounting: Accounting) -> RenderableType:
    """The equation that every analysis satisfies, in rows and in weight."""
    rows, weight = accounting.samples, accounting.weight
    counts = Text(
        f"{rows.total:,} rows read = {rows.attributed:,} attributed + {rows.outside_focus:,} outside the focus "
        f"+ {rows.no_stack:,} without a stack + {rows.filtered:,} filtered",
        style="dim",
    )
    amounts = [weight.total, weight.attributed, weight.outside_focus, weight.no_stack, weight.filtered]
    total, *others = (weight_text(amount, accounting.unit) for amount in amounts)
    return Group(counts, Text(f"{total} = " + " + ".join(others), style="dim"))


def _engines(engines: pd.DataFrame, unit: Unit, title: str) -> Table:
    table = _table(title, "samples", "weight", "share", "")
    for row in engines.itertuples(index=False):
        style = ENGINE_STYLE[str(row.engine)]
        table.add_row(
            Text(DRIVING[row.engine], style=style),  # type: ignore[index]
            *_amounts(row, unit),
            Text(_bar(row.share), style=style),  # type: ignore[arg-type]
        )
    return table


def _phases(phases: pd.DataFrame, unit: Unit) -> Table:
    table = _table("phase", "samples", "weight", "share", "")
    for row in phases.itertuples(index=False):
        label = Text.assemble((f"{row.engine} ", ENGINE_STYLE[str(row.engine)]), str(row.phase))
        table.add_row(label, *_amounts(row, unit), Text(_bar(row.share), style="dim"))  # type: ignore[arg-type]
    return table


def _outside(rules: pd.DataFrame, unit: Unit) -> Table:
    table = _table("outside the focus", "samples", "weight", "")
    for row in rules.head(_ROWS_SHOWN).itertuples(index=False):
        samples, weight = f"{row.samples:,}", weight_text(int(row.weight), unit)  # type: ignore[arg-type]
        table.add_row(Text(f"{row.phase}: {row.rule}", style="dim"), samples, weight, "")
    return _with_rest(table, len(rules))


def _symbols(title: str, symbols: pd.DataFrame, unit: Unit) -> Table:
    table = _table(title, "samples", "weight", "")
    for row in symbols.head(_ROWS_SHOWN).itertuples(index=False):
        samples, weight = f"{row.samples:,}", weight_text(int(row.weight), unit)  # type: ignore[arg-type]
        table.add_row(Text(visible(str(row.symbol))), samples, weight, "")
    return _with_rest(table, len(symbols))


def _with_rest(table: Table, count: int) -> Table:
    """Say how many rows are not shown."""
    if count > _ROWS_SHOWN:
        table.add_row(Text(f"and {count - _ROWS_SHOWN} more", style="dim"))
    return table


def _amounts(row: Any, unit: Unit) -> tuple[str, str, str]:
    return f"{row.samples:,}", weight_text(int(row.weight), unit), share_text(float(row.share))


def _bar(share: float) -> str:
    return "█" * round(share * _BAR_WIDTH) or ("▏" if share > 0 else "")


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column(first, overflow="fold", min_width=24)
    for name in others:
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    return table


def tree_view(profile: Profile, min_share: float) -> Iterable[Text]:
    """The call tree, a line a node, heaviest first.

    Nodes under ``min_share`` of the whole are counted at the end, not drawn.
    """
    tree = call_tree(profile)
    own, total = tree["self"].to_numpy(), tree["total"].to_numpy()
    whole = profile.weight or 1
    shown = total >= max(min_share * whole, 1)
    order = depth_first(forest_of(profile.stacks), total)
    engine = dominant_engine(tree) if "total_ANE" in tree else np.full(len(tree), ENGINES.index("none"), np.int8)
    names, images = profile.frames["name"].tolist(), [*profile.binaries["name"], ""]
    owner = profile.frames["binary_id"].tolist()
    frame, depth = tree["frame_id"].tolist(), tree["depth"].tolist()
    yield Text(f"{'total':>8} {'self':>8}  {'weight':>13}  symbol", style="dim")
    for row in order[shown[order]].tolist():
        share, self_share = total[row] / whole, own[row] / whole
        style = ENGINE_STYLE[ENGINES[engine[row]]]
        image = images[owner[frame[row]]]
        yield Text.assemble(
            (f"{share_text(share):>8} ", "bold" if share > 0.5 else ""),
            f"{share_text(self_share) if own[row] else '':>8}  ",
            (f"{weight_text(int(total[row]), profile.meta.unit):>13}  ", "dim"),
            "│ " * depth[row],
            (visible(readable_symbol(names[frame[row]])), "" if style == "dim" else style),
            (f"  {visible(image)}" if image else "", "dim"),
        )
    hidden = int((~shown).sum())
    if hidden:
        yield Text(f"{hidden:,} nodes under {share_text(min_share)} each are not drawn (--min-share)", style="dim")


def facts_view(facts: Facts) -> RenderableType:
    """What a run says of itself."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for name, value in facts.known().items():
        table.add_row(Text(name.replace("_", " "), style="dim"), Text(visible(str(value))))
    return table if facts.known() else Text("The file says nothing of the recording itself.", style="dim")


def tables_view(tables: Iterable[TableInfo]) -> RenderableType:
    """The tables of a run."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
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
    table = _table("property", "compared", "different", "")
    for row in agreement.columns.to_dict("records"):
        style = "red" if row["different"] else ""
        example = Text(visible(row["example"]), style="dim", overflow="ellipsis")
        table.add_row(row["property"], f"{row['compared']:,}", Text(f"{row['different']:,}", style=style), example)
    count = agreement.named_only_first
    named = f"; {count:,} more have a name natively and only an address in the export" if count else ""
    said = "all equal" if agreement.is_complete else "not all equal"
    return Group(table, Text(f"{agreement.rows:,} rows and {agreement.frames:,} frames compared: {said}{named}"))
