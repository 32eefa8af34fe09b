"""A model's operations in the terminal. Every name is a stranger's: it goes through ``visible``."""

from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracekit.analysis.operations.listing import by_type, listing
from tracekit.model.operations import CoreAIModel, Model
from tracekit.report.numbers import bytes_text, visible

_DIRECTIONS: Final = {"in": "input", "out": "output", "state": "state"}
_LONGEST: Final = 60


def model_view(model: Model, *, one_by_one: bool = False, whole: bool = True) -> RenderableType:
    """A model: what it is, its inputs and outputs, and its operations by type or one by one.

    Long names are cut unless they are to be ``whole``.
    """
    longest = None if whole else _LONGEST
    operations = _one_by_one(model, longest) if one_by_one else _by_type(model, longest)
    return Group(_head(model), Text(), _features(model), Text(), operations)


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
    name = visible(Path(model.source).name)
    operations = "operation" if count == 1 else "operations"
    return Text(f"{name}: {count:,} {operations}{held}, {bytes_text(model.constant_bytes)} of constants{version}")


def _features(model: Model) -> Table:
    table = _table("", "name", "type", "shape")
    for row in model.features.itertuples(index=False):
        place = _place(str(row.part), str(row.function))
        shape = str(row.shape) + ("" if row.is_static else " (flexible)")
        _add(
            table,
            _DIRECTIONS[str(row.direction)],
            f"{place}: {visible(str(row.name))}" if place else visible(str(row.name)),
            str(row.dtype or row.kind),
            shape,
        )
    return table


def _by_type(model: Model, longest: int | None) -> Table:
    table = _table("operation", "count", "reads → makes", "constants", "such as")
    rows = by_type(model)
    for kind, reads, makes, count, size, example in zip(*(rows[each].tolist() for each in rows), strict=True):
        pair, name = _pair(reads, makes), _cut(example, longest)
        _add(table, visible(kind), f"{count:,}", pair, bytes_text(size) if size else "", name)
    return table


def _one_by_one(model: Model, longest: int | None) -> Table:
    rows = listing(model)
    rows = rows[~rows["is_constant"]]
    places = [_place(*each) for each in zip(rows["part"], rows["function"], strict=True)]
    named = len(set(places)) > 1
    table = _table(*(["function"] if named else []), "operation", "name", "makes", "constants")
    columns = (rows[each].tolist() for each in ("depth", "type", "name", "outputs", "constant_bytes"))
    for place, depth, kind, name, outputs, size in zip(places, *columns, strict=True):
        what = "  " * depth + visible(kind)
        cells = (what, _cut(name, longest), _cut(outputs, longest), bytes_text(size) if size else "")
        _add(table, *([place] if named else []), *cells)
    return table


def _place(part: str, function: str) -> str:
    """Where an operation is, in a model of several models or functions."""
    return visible("/".join(each for each in (part, function) if each))


def _pair(reads: str, makes: str) -> str:
    return f"{reads} → {makes}" if reads and makes and reads != makes else makes or reads


def _cut(name: str, longest: int | None) -> str:
    shown = visible(name)
    return shown if longest is None or len(shown) <= longest else f"{shown[: longest - 1]}…"


def _add(table: Table, *cells: str) -> None:
    """A row of plain text: in a name, brackets are no markup."""
    table.add_row(*(Text(cell) for cell in cells))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in ("count", "constants") else "left")
    return table
