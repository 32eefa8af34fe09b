"""The text that Instruments' Edit ▸ Deep Copy puts on the clipboard: a call tree, tab-separated, under a header.

    7.3.1   Running Time|Self (ms)||Symbol Name      2126.0ms   49.7%|693| |  delta()
    13.4    Weight|Self Weight||Symbol Name          47.82 Gc   49.7%|-| |  delta()
    16.0    Weight|Self Weight|Symbol Names          2.45 s   0.0%|846.00 ms|    delta()

(``|`` is a tab.) The header decides which cell is what; the symbol is always the last one, and its leading spaces are
its depth. The cell of the icons, a lone space, has come and gone between versions. Percentages are not read: 16.0
prints 0.0% for half of a profile, padded with U+2007 FIGURE SPACE.
"""

import re
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple

from tracekit.errors import UnsupportedError
from tracekit.model.facts import Facts
from tracekit.model.folded import is_address
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE, Unit
from tracekit.readers.demangling import printed_again
from tracekit.readers.text.lines import Lines
from tracekit.readers.text.outline import Amount, Outline, Row, Thread

COPY_AGAIN = "Select the top row of the call tree in Instruments and use Edit ▸ Deep Copy"
UNKNOWN = "<Unknown Address>"
MAX_WEIGHT = 2**63 - 1

Kind = Literal["ns", "cycles", "bytes", "plain"]

_THOUSANDS = {"K": 10**3, "k": 10**3, "M": 10**6, "G": 10**9}
_SCALES: dict[Kind, dict[str, int]] = {
    "plain": {"": 1},
    "ns": {
        "ns": 1,
        "us": 10**3,
        "\u00b5s": 10**3,  # micro sign
        "\u03bcs": 10**3,  # Greek mu
        "ms": 10**6,
        "s": 10**9,
        "min": 60 * 10**9,
        "h": 3600 * 10**9,
    },
    # "Mc" up to Xcode 16, "M" since 26
    "cycles": {"c": 1, "cycles": 1, **_THOUSANDS, **{f"{prefix}c": scale for prefix, scale in _THOUSANDS.items()}},
    "bytes": dict.fromkeys(["Bytes", "KB", "MB", "GB", "KiB", "MiB", "GiB"], 1),
}
_UNITS = {unit: (kind, scale) for kind, scales in _SCALES.items() for unit, scale in scales.items()}

_SYMBOLS = ("Symbol Name", "Symbol Names")
_TOTALS = ("Running Time", "Weight", "# Samples")
_SELF = re.compile(r"Self(?: Weight)?(?: \((?P<unit>[^)]*)\))?")
_WEIGHT = re.compile(r"(?P<number>[0-9]{1,15}(?:\.[0-9]{1,9})?) ?(?P<unit>[^\d\s.%]*)(?: [0-9.]+ ?%)?")
_ROW = re.compile(r"\s*[0-9.]+ ?[^\d\s.%]{0,6}\s+[0-9.]+%\t.*\t")
_PROCESS = re.compile(r"(?P<name>.+) \((?P<pid>[0-9]{1,18})\)")
_THREAD = re.compile(r"(?P<name>.*\S)\s+\(?0x(?P<tid>[0-9a-fA-F]{1,15})\)?")


class Header(NamedTuple):
    """What the header line says of the cells before the symbol."""

    columns: tuple[str, ...]
    own: int | None
    """Position of the self weight."""
    own_unit: str
    """Its unit, where the header names it, as in ``Self (ms)``."""


class Weight(NamedTuple):
    """A weight cell."""

    kind: Kind
    unit: str
    amount: Amount


class Cells(NamedTuple):
    """A row of the text."""

    indent: int
    label: str
    total: Weight
    own: Weight | None
    """``None``: there is no such column."""


def parse_header(line: str) -> Header | None:
    """The columns of a header line; None where a line is not one."""
    *columns, symbol = (cell.strip() for cell in line.split("\t"))
    if not columns or symbol not in _SYMBOLS:
        return None
    columns = [name for name in columns if name]
    for position, name in enumerate(columns):
        if match := _SELF.fullmatch(name):
            return Header(tuple(columns), position, match["unit"] or "")
    return Header(tuple(columns), None, "")


def parse_weight(text: str, unit: str = "") -> Weight | None:
    """A cell such as ``4.93 s  99.9%``; ``-`` is zero; ``unit`` is meant where none is written.

    None where the cell is not a weight. The number is exact: ``4.93 s`` is 4,930,000,000 ns.
    """
    text = " ".join(text.split())
    if text == "-":
        return Weight("plain", "", Amount(0))
    match = _WEIGHT.fullmatch(text)
    unit = (match["unit"] or unit) if match else unit
    if match is None or unit not in _UNITS:
        return None
    kind, scale = _UNITS[unit]
    number = Decimal(match["number"])
    value = int((number * scale).to_integral_value())
    if value > MAX_WEIGHT:
        return None
    grain = int(Decimal(scale).scaleb(int(number.as_tuple().exponent)))
    return Weight(kind, unit, Amount(value, grain if value and scale > 1 else 0))


def parse_row(line: str, header: Header) -> Cells | None:
    """The cells of a row under ``header``; None where it is not one."""
    *cells, symbol = line.split("\t")
    weights, icons = cells[: len(header.columns)], cells[len(header.columns) :]
    if len(weights) < len(header.columns) or any(cell.strip() for cell in icons):
        return None
    total = parse_weight(weights[0])
    if total is None or not symbol.strip():
        return None
    own = None
    if header.own is not None:
        # "Running Time|Self||Symbol Name" has a unit in the first column only, and it is the same
        own = parse_weight(weights[header.own], header.own_unit or (total.unit if total.kind == "ns" else ""))
        if own is None:
            return None
    label = symbol.lstrip(" ")
    return Cells(len(symbol) - len(label), label.rstrip(), total, own)


def recognises(lines: list[str]) -> bool:
    """Whether a header stands among the lines, or one of them can only be a row."""
    return any(parse_header(line) or _ROW.match(line) for line in lines)


def facts(lines: Lines) -> Facts:
    """The process, where the first rows under all headers name the same one."""
    first_rows = (below for above, below in pairwise(lines.texts) if parse_header(above))
    processes = [_PROCESS.fullmatch(line.rpartition("\t")[2].strip()) for line in first_rows]
    named = {(process["name"], int(process["pid"])) if process else None for process in processes}
    name, pid = named.pop() or (None, None) if len(named) == 1 else (None, None)
    return Facts(process=name, pid=pid)


def read(lines: Lines, facts: Facts) -> Profile:
    """One sample for every row with a self weight, in ns, cycles or samples.

    Process rows, ``name (pid)``, and thread rows, ``name  0x1a2b``, become the thread of the samples below them.

    Raises:
        UnsupportedError: the call tree is of memory or of something else that is not CPU work.
        InputError: there is no header or no row, or the weights add up to more than 64 bits hold; ``strict`` and a
            line is not a row.
    """
    outline = Outline(lines, step=1)
    header: Header | None = None
    unit: Unit | None = None
    if not any(parse_header(line) for _, line in lines):
        raise lines.error("has no header line 'Weight, Self Weight, Symbol Name'", hint=COPY_AGAIN)
    for number, line in lines:
        found = parse_header(line)
        if found or not line.strip():
            header = _checked(found, lines) if found else header
            outline.restart()
            continue
        cells = parse_row(line, header) if header else None
        unit = unit or (_unit_of(cells, lines) if cells else None)
        if cells is None or not _fits(cells, unit):
            lines.skip(number, "malformed-line", "is not a row of the call tree")
            continue
        _add(outline, number, cells)
    if unit is None:
        raise lines.error("holds a header and no rows", hint=COPY_AGAIN)
    outline.fill(unit)
    return outline.builder.build(
        Meta(unit=unit, source=lines.path, format="deepcopy", facts=facts, notices=lines.notices.collected())
    )


def _checked(header: Header, lines: Lines) -> Header:
    if header.columns and header.columns[0] in _TOTALS:
        return header
    names = ", ".join(repr(name) for name in header.columns)
    what = "memory" if "Bytes" in names else "something else"
    raise _other(f"of {names}: it counts {what}", lines)


def _unit_of(first: Cells, lines: Lines) -> Unit:
    """The unit of the whole text, which its first and heaviest row tells."""
    kind = first.total.kind
    if kind == "bytes":
        raise _other(f"in {first.total.unit}: it counts memory", lines)
    return "samples" if kind == "plain" else kind


def _other(what: str, lines: Lines) -> UnsupportedError:
    hint = "Copy the call tree of Time Profiler or CPU Profiler"
    return UnsupportedError(f"is a Deep Copy {what}, not CPU time", where=lines.path, hint=hint)


def _fits(cells: Cells, unit: Unit | None) -> bool:
    """Whether a row's weights are in the unit of the text. Zero needs none; few cycles are a plain number."""
    allowed = ("cycles", "plain") if unit == "cycles" else ("plain",) if unit == "samples" else (unit,)
    weights = (cells.total, cells.own) if cells.own else (cells.total,)
    return all(weight.kind in allowed or not weight.amount.value for weight in weights)


def _add(outline: Outline, number: int, cells: Cells) -> None:
    parent = outline.parent_at(cells.indent, number)
    above = outline.rows[parent] if parent != NONE else None
    thread = above.thread if above else Thread()
    place = _place(cells.label, above)
    frame_id = NONE
    if place is None:
        known = not is_address(cells.label) and cells.label != UNKNOWN
        frame_id = outline.builder.frame(printed_again(cells.label), is_symbolicated=known)
    own = cells.own.amount if cells.own else None
    row = Row(number, cells.label, parent, place or thread, frame_id, cells.total.amount, own)
    outline.add(cells.indent, row)


def _place(label: str, above: Row | None) -> Thread | None:
    """What a process or thread row names; None for a function. Only the top of a tree has such rows."""
    if above is None and (process := _PROCESS.fullmatch(label)):
        return Thread(pid=int(process["pid"]), process=process["name"])
    below_process = above is not None and above.frame_id == NONE and not above.thread.name
    if (above is None or below_process) and (thread := _THREAD.fullmatch(label)):
        pid, process_name = (above.thread.pid, above.thread.process) if above else (0, "")
        return Thread(int(thread["tid"], 16), thread["name"], pid, process_name)
    return None
