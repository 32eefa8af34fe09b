"""Rows that cannot be read: skipped and counted, or refused."""

from collections.abc import Callable
from typing import TypeVar

from tracekit.errors import InputError
from tracekit.model.facts import Notices
from tracekit.readers.common import STRICT_HINT
from tracekit.readers.export.cells import Cells, DamagedCellError, Element
from tracekit.readers.export.document import Document, Node

T = TypeVar("T")

_UNKNOWN_LINE = 0xFFFF
"""What libxml2 says of an element further down, unless a text inside tells."""


def check_cell_count(row: Element, node: Node) -> None:
    """Cells are told by their position, so a row must have one for each column.

    Raises:
        DamagedCellError: it has fewer or more.
    """
    if len(row) != len(node.columns):
        raise DamagedCellError("cell-count", f"{len(row)} cells for {len(node.columns)} columns")


class SkippedRows:
    """The damaged rows of one table."""

    def __init__(self, notices: Notices, schema: str, where: str) -> None:
        self.count = 0
        self._notices = notices
        self._schema = schema
        self._where = where
        self._first = ""

    def add(self, row: Element, number: int, damage: DamagedCellError, *, strict: bool) -> None:
        """Count a row, the ``number``-th of its table.

        Raises:
            InputError: ``strict``.
        """
        line = f" (line {row.sourceline})" if row.sourceline != _UNKNOWN_LINE else ""
        what = f"row {number} of {self._schema}{line}: {damage}"
        if strict:
            raise InputError(what, where=self._where, hint=STRICT_HINT) from damage
        self.count += 1
        self._first = self._first or what
        self._notices.add(f"skipped-row:{damage.code}", f"{what}; the row was skipped")

    def check(self, rows: int) -> None:
        """Refuse a table of ``rows`` rows of which none could be read.

        Raises:
            InputError: that is so; with the first of them.
        """
        if rows and self.count == rows:
            raise InputError(
                f"no row of {self._schema} could be read; {self._first}",
                where=self._where,
                hint="Was the file cut or edited? Rows refer to earlier ones; export it again",
            )


def rows_of(
    document: Document,
    cells: Cells,
    table: tuple[str, int],
    read: Callable[[Node, Element], T],
    notices: Notices,
    *,
    strict: bool,
) -> list[T]:
    """What ``read`` gives of every row of a table (schema, run). Other rows are only asked for what they define.

    Raises:
        InputError: the document is malformed; ``strict`` and a row is damaged, or all are.
    """
    skipped = SkippedRows(notices, table[0], document.source.name)
    found: list[T] = []
    for node, row in document.rows():
        if (node.schema, node.run) != table:
            cells.define_all(row)
            continue
        try:
            found.append(read(node, row))
        except DamagedCellError as damage:
            cells.define_all(row)
            skipped.add(row, len(found) + skipped.count + 1, damage, strict=strict)
    skipped.check(len(found) + skipped.count)
    return found
