"""A model's operations in the terminal. Every name is a stranger's: it goes through ``visible``."""

from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracekit.analysis.findings.find import Explained
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.operations.placement import Placement, by_type
from tracekit.analysis.words import counted
from tracekit.model.operations import CoreAIModel, Model
from tracekit.model.schema import ENGINES
from tracekit.report.next_steps import commands_of, remedy
from tracekit.report.numbers import DRIVING, bytes_text, share_text, visible
from tracekit.report.terminal.drawing import command_text

_DIRECTIONS: Final = {"in": "input", "out": "output", "state": "state"}
_LONGEST: Final = 60
_NUMBERS: Final = ("count", "constants", "ANE", "GPU", "CPU", "cost", "measured", "run")


def explained_view(
    explained: Explained, *, source: str = "", run: int = 1, one_by_one: bool = False, whole: bool = True
) -> RenderableType:
    """A model's operations by type or one by one, how the plan cuts them, and what is worth acting on.

    ``source`` and ``run`` are of the recording; of a model alone there is none. Long names are cut unless they are to
    be ``whole``.
    """
    placement, longest = explained.placement, None if whole else _LONGEST
    parts: list[RenderableType] = []
    if placement.model is not None:
        parts += [_head(placement.model), Text(), _features(placement.model), Text()]
    parts.append(_one_by_one(placement, longest) if one_by_one else _by_type(placement, longest))
    notes = _notes(placement)
    if notes or explained.findings:
        parts.append(Text())
    parts += [Text(note, style="dim") for note in notes]
    parts += [_finding(each, source, run) for each in explained.findings]
    return Group(*parts)


def _finding(finding: Finding, source: str, run: int) -> RenderableType:
    rests = ", ".join(finding.evidence)
    fix = remedy(finding.fix, source, run, names_model=False)[0]
    text = Text(f"→ {visible(finding.sentence)} [{finding.code}; {rests}]")
    text.stylize("cyan", 0, 1)
    line = f"  fix: {visible(''.join(fix))}"
    return Group(text, command_text(line, "dim") if commands_of(fix) else Text(line, "dim"))


def _notes(placement: Placement) -> list[str]:
    """What the numbers are, and what they are not."""
    notes = []
    if placement.has_plan:
        notes.append("ANE, GPU, CPU and cost are Core ML's plan: what it expects, not what happened.")
        pieces = placement.segments["engine"].value_counts()
        runs = ", ".join(f"{count} on the {engine}" for engine, count in pieces.items())
        moved = f", {counted(len(placement.transfers), 'value')} handed over" if placement.model is not None else ""
        notes.append(f"It cuts the model into {counted(len(placement.segments), 'run')} of operations: {runs}{moved}.")
    if placement.unmatched_plan:
        count = counted(placement.unmatched_plan, "operation")
        notes.append(f"Not in the model: {count} of the plan. It may be of another version of the model.")
    measured = placement.measured
    if measured is not None:
        seen = int((placement.operations["type_weight"] >= 0).sum())
        notes.append(
            "measured: share of the CPU time in predictions, of a type's operations together, where a function's "
            f"name tells the type ({seen} of {len(placement.operations)} operations)."
        )
        shares = {engine: measured.engines.get(engine, 0) / (measured.weight or 1) for engine in ENGINES}
        engines = ", ".join(f"{DRIVING[engine]} {share_text(share)}" for engine, share in shares.items() if share)
        notes.append(f"All of it: {engines}.")
    return notes


def coreai_view(model: CoreAIModel) -> RenderableType:
    """What files tell of a model of Core AI."""
    name = visible(Path(model.source).name)
    lines = [f"{name}: a model of Core AI, {bytes_text(model.bytes)}. Its operations cannot be read without Core AI."]
    if model.kind == "aimodelc" and model.ane_regions:
        lines.append(f"{model.ane_regions:,} parts of it are compiled for the Neural Engine (ANE_region….bc).")
    elif model.kind == "aimodelc":
        lines.append("No part of it is compiled for the Neural Engine (no ANE_region….bc): it runs on GPU or CPU.")
    else:
        lines.append("Compile it: the compiled model's files say whether a part goes to the Neural Engine.")
    return Text("\n".join(lines))


def _head(model: Model) -> Text:
    constants = int(model.operations["is_constant"].sum())
    count = len(model.operations) - constants
    held = f" and {constants:,} constants" if constants else ""
    version = f", specification {model.version}" if model.version else ""
    size = f"{bytes_text(model.constant_bytes)} of constants"
    return Text(f"{visible(Path(model.source).name)}: {counted(count, 'operation')}{held}, {size}{version}")


def _features(model: Model) -> Table:
    table = _table("", "name", "type", "shape")
    for row in model.features.itertuples(index=False):
        place = _place(str(row.part), str(row.function))
        name = f"{place}: {visible(str(row.name))}" if place else visible(str(row.name))
        shape = str(row.shape) + (" (flexible)" if row.shape and not row.is_static else "")
        _add(table, _DIRECTIONS[str(row.direction)], name, str(row.dtype or row.kind), shape)
    return table


def _by_type(placement: Placement, longest: int | None) -> Table:
    rows = by_type(placement)
    measured = placement.measured
    columns = ["operation", "count", "reads → makes"]
    columns += ["ANE", "GPU", "CPU", "cost"] if placement.has_plan else []
    columns += ["measured"] if measured is not None else []
    table = _table(*columns, "constants", "such as")
    for row in rows.to_dict("records"):
        cells = [visible(str(row["type"])), f"{row['count']:,}", str(row["dtypes"])]
        if placement.has_plan:
            cells += [f"{row[engine]:,}" if row[engine] else "" for engine in ("ANE", "GPU", "CPU")]
            cells.append(_share(row["cost"]))
        if measured is not None:
            cells.append(share_text(row["type_weight"] / (measured.weight or 1)) if row["type_weight"] >= 0 else "")
        size = int(row["constant_bytes"])
        _add(table, *cells, bytes_text(size) if size else "", _cut(str(row["example"]), longest))
    return table


def _one_by_one(placement: Placement, longest: int | None) -> Table:
    rows = placement.operations
    places = [_place(*each) for each in zip(rows["part"], rows["function"], strict=True)]
    named = len(set(places)) > 1
    plan = ["preferred", "supported", "cost", "run"] if placement.has_plan else []
    table = _table(*(["function"] if named else []), "operation", "name", "makes", *plan, "constants", "reason")
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        cells = ["  " * int(row["depth"]) + visible(str(row["type"])), _cut(str(row["name"]), longest)]
        cells.append(_cut(str(row.get("outputs", "")), longest))
        if placement.has_plan:
            run = str(row["segment"] + 1) if row["segment"] >= 0 else ""
            cells += [str(row["preferred"]), str(row["supported"]), _share(row["cost"]), run]
        size = int(row["constant_bytes"])
        cells += [bytes_text(size) if size else "", _cut(str(row["reason"]), longest)]
        _add(table, *([place] if named else []), *cells)
    return table


def _share(cost: float) -> str:
    return share_text(cost) if cost > 0 else ""


def _place(part: str, function: str) -> str:
    """Where an operation is, in a model of several models or functions."""
    return visible("/".join(each for each in (part, function) if each))


def _cut(name: str, longest: int | None) -> str:
    shown = visible(name)
    return shown if longest is None or len(shown) <= longest else f"{shown[: longest - 1]}…"


def _add(table: Table, *cells: str) -> None:
    """A row of plain text: in a name, brackets are no markup."""
    table.add_row(*(Text(cell) for cell in cells))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in _NUMBERS else "left")
    return table
