"""Rows of ``time-profile``, ``cpu-profile`` and ``counters-profile`` → Profile."""

from dataclasses import dataclass, field
from typing import Final

from tracekit.errors import InputError
from tracekit.model.builder import ProfileBuilder
from tracekit.model.instruments import CORE_LIMIT, PROFILE_TABLES, WEIGHT_LIMIT
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE, Unit
from tracekit.readers.common import Thread
from tracekit.readers.export.cells import Cells, DamagedCellError, Element, in_range, int64, tag_of
from tracekit.readers.export.damage import SkippedRows, check_cell_count
from tracekit.readers.export.document import Document, Node
from tracekit.readers.export.stacks import Stacks

UNIT_OF_WEIGHT: Final[dict[str, Unit]] = {
    "weight": "ns",
    "cycle-weight": "cycles",
    "pmc-event": "events",
}
"""A counters-profile's weight column has type ``any``: the cell's tag says what it counts."""


@dataclass
class ProfileTable:
    """One profile table while its rows are read."""

    node: Node
    builder: ProfileBuilder
    stacks: Stacks
    where: str
    positions: dict[str, int | None] = field(init=False)
    skipped: SkippedRows = field(init=False)
    unit: Unit | None = None
    rows: int = 0

    def __post_init__(self) -> None:
        names = ("time", "thread", "core", "thread-state", "weight", "stack")
        self.positions = {name: self.node.position(name) for name in names}
        self.skipped = SkippedRows(self.builder.notices, self.node.schema, self.where)
        missing = [name for name in ("time", "weight", "stack") if self.positions[name] is None]
        if missing:
            raise InputError(
                f"the table {self.node.schema} has no column {' and '.join(missing)}",
                where=self.where,
                hint="Columns found: " + (", ".join(column.mnemonic for column in self.node.columns) or "none"),
            )

    def add(self, cells: Cells, row: Element, *, strict: bool) -> None:
        """Add one row, or count it as damaged (``strict``: refuse it)."""
        self.rows += 1
        try:
            self._add(cells, row)
        except DamagedCellError as damage:
            cells.define_all(row)
            self.skipped.add(row, self.rows, damage, strict=strict)

    def _add(self, cells: Cells, row: Element) -> None:
        values = self._decode(cells, row)
        thread, stack = values["thread"], values["stack"]
        core = values["core"]
        state = values["thread-state"]
        self.builder.sample(
            time_ns=int64(values["time"], "the time"),
            thread_id=self._thread_id(thread) if isinstance(thread, Thread) else NONE,
            stack=stack if isinstance(stack, int) else NONE,
            weight=in_range(values["weight"], 0, WEIGHT_LIMIT, "the weight"),
            state=self.builder.state(state) if isinstance(state, str) else NONE,
            core=NONE if core is None else in_range(core, 0, CORE_LIMIT, "the core"),
        )

    def _decode(self, cells: Cells, row: Element) -> dict[str, object]:
        """The cells a sample is made of; the others are read too, for what they define."""
        check_cell_count(row, self.node)
        wanted = {position: name for name, position in self.positions.items() if position is not None}
        values: dict[str, object] = dict.fromkeys(self.positions)
        for position, cell in enumerate(row):
            name = wanted.get(position, "")
            value = self.stacks.cell(cell, self.rows) if name == "stack" else cells.value(cell)
            if name == "weight":
                self._learn_unit(cell)
            if name:
                values[name] = value
        return values

    def _thread_id(self, thread: Thread) -> int:
        tid = int64(thread.tid, "the thread id")
        return self.builder.thread(tid, thread.name, int64(thread.process.pid, "the pid"), thread.process.name)

    def _learn_unit(self, cell: Element) -> None:
        unit = UNIT_OF_WEIGHT.get(tag_of(cell))
        if unit is None:
            raise DamagedCellError("no-weight", f"the weight is a <{tag_of(cell)}>")
        if self.unit is not None and unit != self.unit:
            raise InputError(
                f"row {self.rows} of {self.node.schema} weighs in {unit}, the rows before it in {self.unit}",
                where=self.where,
                hint="Such a table cannot be added up; export it again",
            )
        self.unit = unit

    def profile(self, meta: Meta) -> Profile:
        """The profile of the rows read.

        Raises:
            InputError: there were rows, and every one of them was damaged.
        """
        self.skipped.check(self.rows)
        return self.builder.build(meta)


@dataclass(slots=True)
class ScannedTable:
    """A profile table whose rows were all read."""

    builder: ProfileBuilder
    unit: Unit

    def profile(self, meta: Meta) -> Profile:
        """The profile of its rows, which are then given up: they would be in memory twice. To be asked once."""
        builder, self.builder = self.builder, ProfileBuilder()
        return builder.build(meta)


@dataclass(frozen=True, slots=True)
class Found:
    """One node of a document and what it held."""

    node: Node
    rows: int
    table: ProfileTable | ScannedTable | None


def read_contents(document: Document, *, strict: bool = False) -> list[Found]:
    """One pass over a document: profile tables are read, the rows of others counted."""
    shared = ProfileBuilder()
    cells = Cells(shared)
    stacks = Stacks(cells, shared, document.source.name)
    where = document.source.name
    tables: dict[int, ProfileTable] = {}
    rows: dict[int, int] = {}
    for node, row in document.rows():
        number = len(document.nodes) - 1
        rows[number] = rows.get(number, 0) + 1
        if node.schema in PROFILE_TABLES:
            if number not in tables:
                tables[number] = ProfileTable(node, shared.sibling(), stacks, where)
            tables[number].add(cells, row, strict=strict)
        else:
            cells.define_all(row)
    for number, node in enumerate(document.nodes):
        if node.schema in PROFILE_TABLES and number not in tables:  # recorded, and without a row
            tables[number] = ProfileTable(node, shared.sibling(), stacks, where)
    return [Found(node, rows.get(number, 0), tables.get(number)) for number, node in enumerate(document.nodes)]
