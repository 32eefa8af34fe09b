"""Rows of a comparison in columns that fit the terminal: names lose their middle, numbers and words never a letter.

wide     function                A       B  change  95 % interval  differs
         E5RT::Ops::copy     4.8 %  16.7 %   +11.8  +6.4 … +17.6   yes
narrow   function                A       B  change
         …::copy             4.8 %  16.7 %   +11.8 *
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from tracekit.report.terminal.shorten import short_symbol_and_image

_HEADS: Final = ("A", "B", "change", "95 % interval", "differs")
_CHANGE: Final = 2
_DIFFERS: Final = 4
_CHOICES: Final = ((0, 1, 2, 3, _DIFFERS), (0, 1, 2, _DIFFERS), (0, 1, _CHANGE))
"""All columns; without intervals; without words, for which marks stand."""
_CELLS_OF_A_NAME: Final = 23
"""A column goes before names have fewer."""
_GAP: Final = "  "
MARK: Final = "*"


class DiffRow(NamedTuple):
    """A row as it is written."""

    name: str
    image: str
    numbers: tuple[str, str, str, str]
    """A, B, change and interval."""
    differs: str
    """``yes``, ``not shown`` or ``not tested``."""
    style: str
    """Of the change."""

    def cell(self, column: int) -> str:
        """What stands in a column."""
        return self.differs if column == _DIFFERS else self.numbers[column]


class Layout(NamedTuple):
    """Which columns all tables of a comparison have, and how wide they are."""

    width: int | None
    columns: tuple[int, ...]
    wide: dict[int, int]

    @classmethod
    def of(cls, rows: Sequence[DiffRow], width: int | None) -> "Layout":
        """What fits a terminal of that width; without one, everything."""
        wide = {at: max([cell_len(head), *(cell_len(row.cell(at)) for row in rows)]) for at, head in enumerate(_HEADS)}
        layouts = [cls(width, columns, wide) for columns in _CHOICES]
        return next((each for each in layouts if each.room is None or each.room >= _CELLS_OF_A_NAME), layouts[-1])

    @property
    def has_marks(self) -> bool:
        """Whether ``MARK`` stands for words that have no room."""
        return _DIFFERS not in self.columns

    @property
    def room(self) -> int | None:
        """What is left for a name and its image; None for as long as they are."""
        taken = sum(self.wide[at] + len(_GAP) for at in self.columns) + (1 + len(MARK)) * self.has_marks
        return None if self.width is None else self.width - taken

    def placed(self, text: str, column: int) -> str:
        """Numbers end, words begin, at the edge of their column."""
        return text.ljust(self.wide[column]) if column == _DIFFERS else text.rjust(self.wide[column])


def diff_table(title: str, rows: Sequence[DiffRow], layout: Layout) -> list[Text]:
    """A heading and the rows, a line each."""
    room = layout.room
    names = [
        (row.name, row.image) if room is None else short_symbol_and_image(row.name, row.image, room) for row in rows
    ]
    named = [Text(name).append(f"{_GAP}{image}" if image else "", style="dim") for name, image in names]
    longest = max(cell_len(title), *(name.cell_len for name in named))
    heads = "".join(f"{_GAP}{layout.placed(_HEADS[at], at)}" for at in layout.columns)
    lines = [Text(f"{title}{' ' * (longest - cell_len(title))}{heads}".rstrip(), style="dim")]
    for row, line in zip(rows, named, strict=True):
        line.append(" " * (longest - line.cell_len))
        differs = row.differs == "yes"
        for at in layout.columns:
            style = {_CHANGE: row.style, _DIFFERS: "bold" if differs else "dim"}.get(at, "")
            line.append(_GAP).append(layout.placed(row.cell(at), at), style=style)
        line.append(f" {MARK}" if differs and layout.has_marks else "", style="bold")
        line.rstrip()
        lines.append(line)
    return lines
