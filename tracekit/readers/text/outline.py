"""An indented call tree, as Deep Copy and ``sample`` print it, → samples.

A row's total includes the rows below it; a row stands under the nearest row above that is indented less.

    total  self  label        sample
    9      1     main         main 1
    8      -      predict     main;predict 2     8 − 6
    6      6       conv       main;predict;conv 6

Where the self weight is printed it is believed, as far as totals say the same within their rounding: rows that were
not copied take their weight along, and it goes to their caller.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from tracekit.model.builder import ProfileBuilder
from tracekit.model.schema import NONE, Unit
from tracekit.readers.text.lines import Lines


class Amount(NamedTuple):
    """A printed weight and how far from the truth its last digit may be."""

    value: int
    grain: int = 0


_LOST_ROWS: Final = ("indentation", "malformed-line")
"""Notices of lines that were not taken for what they may be, so that weights need not add up."""


class Thread(NamedTuple):
    """The thread that rows belong to, as ``ProfileBuilder.thread`` takes it."""

    tid: int = 0
    name: str = ""
    pid: int = 0
    process: str = ""


@dataclass(slots=True)
class Row:
    """One line of the tree."""

    number: int
    """Of the line in the text."""
    label: str
    parent: int
    """Row it stands under; -1 at the top."""
    thread: Thread
    frame_id: int
    """-1: the row is a process or a thread, not a function."""
    total: Amount
    own: Amount | None = None
    """``None``: the text has no self weights."""


class Outline:
    """Rows in the order of the text, so that parents stand before children."""

    def __init__(self, lines: Lines, step: int) -> None:
        """``step`` is how much deeper a callee is indented than its caller."""
        self.builder = ProfileBuilder()
        self.rows: list[Row] = []
        self._lines = lines
        self._step = step
        self._open: list[tuple[int, int]] = []  # column and row of every ancestor of the next row

    def parent_at(self, column: int, number: int) -> int:
        """The row under which a row at ``column`` stands; -1 at the top."""
        while self._open and self._open[-1][0] >= column:
            self._open.pop()
        if not self._open:
            return NONE
        above, parent = self._open[-1]
        if column - above != self._step:
            self._lines.skip(
                number,
                "indentation",
                f"is indented by {column - above}, not {self._step}, below line {self.rows[parent].number}, "
                "which is taken for its caller",
            )
        return parent

    def add(self, column: int, row: Row) -> None:
        """Add the next row; its parent is what ``parent_at`` said."""
        self._open.append((column, len(self.rows)))
        self.rows.append(row)

    def restart(self) -> None:
        """The next row is at the top, however deep it is indented."""
        self._open.clear()

    def fill(self, unit: Unit) -> None:
        """Add one sample for every row with a self weight; say so where their sum is not that of the top rows."""
        own = self._own_weights()
        for index, weight in enumerate(own):
            if weight:
                builder = self.builder
                thread_id = builder.thread(*self.rows[index].thread)
                builder.sample(
                    time_ns=0, thread_id=thread_id, stack=builder.stack(self._leaf_first(index)), weight=weight
                )
        printed = sum(row.total.value for row in self.rows if row.parent == NONE)
        if printed != sum(own):
            said = [notice for notice in self._lines.notices.collected() if notice.code in _LOST_ROWS]
            cause = said[0].message if said else "printed weights are rounded"
            self._lines.notices.add(
                "weights-do-not-add-up" if said else "rounded-weights",
                f"the samples weigh {sum(own)} {unit} together, the top rows say {printed} {unit} "
                f"({printed - sum(own):+d}): {cause}",
            )

    def _own_weights(self) -> list[int]:
        called, grain = [0] * len(self.rows), [0] * len(self.rows)
        for row in self.rows:
            if row.parent != NONE:
                called[row.parent] += row.total.value
                grain[row.parent] += row.total.grain
        return [
            self._own_weight(row, Amount(row.total.value - called[index], row.total.grain + grain[index]))
            for index, row in enumerate(self.rows)
        ]

    def _own_weight(self, row: Row, rest: Amount) -> int:
        """Self weight of a row whose total exceeds its callees' by ``rest``."""
        own = Amount(max(rest.value, 0)) if row.own is None else row.own
        gap = rest.value - own.value
        if abs(gap) <= rest.grain + own.grain:
            return own.value
        if gap < 0:
            self._lines.skip(row.number, "weights-disagree", f"weighs less than what it calls ({row.label!r})")
            return own.value
        self._lines.notices.add(
            "missing-callees",
            f"line {row.number} weighs more than itself and the rows below it ({row.label!r}): "
            "the rest is counted as its own",
        )
        return rest.value

    def _leaf_first(self, index: int) -> list[int]:
        """The frames from a row up to the top."""
        frames = []
        while index != NONE and self.rows[index].frame_id != NONE:
            frames.append(self.rows[index].frame_id)
            index = self.rows[index].parent
        return frames
