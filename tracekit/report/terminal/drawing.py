"""What tables and sentences in the terminal are drawn with: bars, columns, lines that fit.

Every name from a trace goes through ``visible`` and into a ``Text``, never into markup.
"""

import re
from collections.abc import Sequence
from textwrap import TextWrapper
from typing import Any, Final

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from tracekit.model.schema import Unit
from tracekit.report.numbers import share_text, visible, weight_text

ENGINE_STYLE: Final = {"ANE": "magenta", "GPU": "yellow", "CPU": "cyan", "none": "dim", "unknown": "red"}
_LABEL_WIDTH: Final = 18
_LARGEST_BAR: Final = 24
_EIGHTHS: Final = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
ROWS_SHOWN: Final = 8
"""So many rows of a list."""
LISTED_BEFORE: Final = 20
"""Cells before the names of a list."""
_LONGEST_LINE: Final = 120
"""Of a sentence: longer ones are hard to read."""
_WIDE_ENOUGH_FOR_SAMPLES: Final = 50
_AMOUNT: Final = re.compile(r" (?=(?:%|[mµn]?s)(?!\w))|(?<=\bp\d\d) ")
"""The blank of ``43 %``, ``8.3 ms`` and ``p95 9.6 ms``, at which no line ends."""


def command_text(line: str, style: str = "") -> Text:
    """A line that holds a command: it is as long as it is, for what a line break parts cannot be pasted."""
    return Text(line, style, no_wrap=True, overflow="ignore")


def sentence_text(text: str, width: int | None, lead: tuple[str, str] = ("", "")) -> Text:
    """A sentence after its sign, its lines one below the other; no line ends between a number and its unit."""
    return Text("\n").join(sentence_lines(text, width, lead))


def sentence_lines(
    text: str, width: int | None, lead: tuple[str, str] = ("", ""), commands: Sequence[str] = ()
) -> list[Text]:
    """The lines of a sentence. None ends within one of the ``commands`` that are part of the text."""
    sign, style = lead
    shown = sign + visible(text)
    if width is not None:
        wrapper = TextWrapper(min(width, _LONGEST_LINE), break_long_words=False, break_on_hyphens=False)
        wrapper.subsequent_indent = " " * len(sign)
        together = _AMOUNT.sub("\u00a0", shown)
        for command in map(visible, commands):
            joined = _AMOUNT.sub("\u00a0", command)
            together = together.replace(joined, joined.replace(" ", "\u00a0"))
        shown = wrapper.fill(together).replace("\u00a0", " ")
    whole = tuple(map(visible, commands))
    parts = shown.split("\n")
    lines = [command_text(part) if any(command in part for command in whole) else Text(part) for part in parts]
    lines[0].stylize(style, 0, len(sign))
    return lines


def rest_line(count: int, top: int) -> list[Text]:
    return [Text(f"… and {count - top:,} more", style="dim")] if count > top else []


def with_rest(table: Table, count: int, top: int) -> Table:
    """Say how many rows are not shown."""
    if count > top:
        table.add_row("", "", Text(f"and {count - top:,} more (--top)", style="dim"))
    return table


def amounts_of(row: Any, unit: Unit) -> tuple[float, str, str]:
    """Share (0 where the table has none), samples and weight of a row."""
    return float(getattr(row, "share", 0)), f"{row.samples:,}", weight_text(int(row.weight), unit)


class Shares:
    """A table of shares. Its first columns are as wide in every table, so that all bars stand below each other."""

    def __init__(self, title: str, width: int | None, *amounts: str) -> None:
        self.table = bare_table()
        self.table.add_column(title, width=_LABEL_WIDTH, no_wrap=True)
        self.table.add_column("share", justify="right", width=7, no_wrap=True)
        self._bar = None if width is None else min(max(width - 52, 0), _LARGEST_BAR)
        if self._bar is not None:
            self.table.add_column("", width=self._bar)
        is_narrow = width is not None and width < _WIDE_ENOUGH_FOR_SAMPLES
        self._kept = 1 if is_narrow else len(amounts)
        for name in amounts[-self._kept :]:
            self.table.add_column(name, justify="right", no_wrap=True, min_width=7)

    def add(self, label: Text, share: float, *amounts: str, style: str = "") -> None:
        """A row; where there is little room, with the last amount only."""
        bars = [] if self._bar is None else [Text(bar(share, self._bar), style=style)]
        label.stylize(style)
        self.table.add_row(label, share_text(share), *bars, *amounts[-self._kept :])


def bar(share: float, width: int) -> str:
    """A share as a bar, in eighths of a cell; what is there but too little to be drawn is one eighth."""
    full, eighths = divmod(round(share * width * 8), 8)
    return "█" * full + _EIGHTHS[eighths] or (_EIGHTHS[1] if share > 0 and width else "")


def bare_table(*, has_header: bool = True) -> Table:
    """Columns two blanks apart, without lines."""
    return Table(box=None, show_header=has_header, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))


def listing(title: str) -> Table:
    """A table of names, which come last: they have any length."""
    table = bare_table()
    table.add_column("samples", justify="right", min_width=7, no_wrap=True)
    table.add_column("weight", justify="right", min_width=9, no_wrap=True)
    table.add_column(title, overflow="fold")
    return table


def to_plain(view: RenderableType, width: int = 120) -> str:
    """A view as plain text, for tests and files."""
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(view, crop=False)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"
