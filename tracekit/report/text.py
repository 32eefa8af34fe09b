"""What the terminal shows: the verdict with its numbers, the call tree, facts and tables.

Every name from a trace goes through ``visible`` and into a ``Text``, never into markup.
"""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.call_tree import call_tree, dominant_engine
from tracekit.analysis.summary import Accounting
from tracekit.model.facts import Facts, Notice
from tracekit.model.forest import depth_first, forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, Unit
from tracekit.model.trace import TableInfo
from tracekit.report.numbers import DRIVING, readable_symbol, share_text, visible, weight_text

ENGINE_STYLE: Final = {"ANE": "magenta", "GPU": "yellow", "CPU": "cyan", "none": "dim", "unknown": "red"}
_ANSWER_STYLE: Final = {"yes": "bold green", "partly": "bold yellow", "no": "bold red", "unknown": "bold"}
_BAR_WIDTH: Final = 24
_ROWS_SHOWN: Final = 8


def analysis_view(analysis: Analysis) -> RenderableType:
    """The whole answer: verdict, engines, phases, where to look next, and the accounting."""
    unit = analysis.accounting.unit
    parts: list[RenderableType] = [verdict_view(analysis), Text()]
    if len(analysis.focused):
        parts += [_engines(analysis.engines, unit), Text(), _phases(analysis.phases, unit), Text()]
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
    return Group(sentence, Text(f"evidence: {verdict.evidence}", style="dim"))


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


def _engines(engines: pd.DataFrame, unit: Unit) -> Table:
    table = _table("CPU time inside predictions", "samples", "weight", "share", "")
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
    images = [*profile.binaries["name"], ""]
    owner = profile.frames["binary_id"].to_numpy()
    yield Text(f"{'total':>8} {'self':>8}  {'weight':>13}  symbol", style="dim")
    for row in order[shown[order]].tolist():
        share, self_share = total[row] / whole, own[row] / whole
        style = ENGINE_STYLE[ENGINES[engine[row]]]
        image = images[owner[tree["frame_id"].iat[row]]]
        yield Text.assemble(
            (f"{share_text(share):>8} ", "bold" if share > 0.5 else ""),
            f"{share_text(self_share) if own[row] else '':>8}  ",
            (f"{weight_text(int(total[row]), profile.meta.unit):>13}  ", "dim"),
            "│ " * int(tree["depth"].iat[row]),
            (visible(readable_symbol(str(tree["name"].iat[row]))), "" if style == "dim" else style),
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
    return Padding(Group(*lines), 0)


def to_plain(view: RenderableType, width: int = 120) -> str:
    """A view as plain text, for tests and files."""
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(view)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"
