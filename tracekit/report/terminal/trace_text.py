"""What the terminal shows of a trace: its facts, its tables, what was noticed, and whether two readings agree."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from tracekit.analysis.compare.readings import Agreement
from tracekit.model.facts import Facts, Notice
from tracekit.model.trace import TableInfo
from tracekit.report.numbers import visible
from tracekit.report.terminal.drawing import bare_table


def facts_view(facts: Facts) -> RenderableType:
    """What a run says of itself."""
    table = bare_table(has_header=False)
    for name, value in facts.known().items():
        table.add_row(Text(name.replace("_", " "), style="dim"), Text(visible(str(value))))
    return table if facts.known() else Text("The file says nothing of the recording itself.", style="dim")


def tables_view(tables: Iterable[TableInfo]) -> RenderableType:
    """The tables of a run."""
    table = bare_table()
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


def agreement_view(agreement: Agreement) -> RenderableType:
    """What two readings of a recording agree on."""
    table = bare_table()
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
