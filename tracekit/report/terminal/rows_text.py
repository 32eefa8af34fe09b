"""Any table's rows, for the answer to a question that nobody foresaw."""

from typing import Any, Final

import numpy as np
import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from tracekit.report.numbers import visible
from tracekit.report.terminal.drawing import bare_table

_DIGITS: Final = 6


def rows_view(table: pd.DataFrame, most: int) -> RenderableType:
    """The first rows, numbers to the right, and how many more there are. What is missing is blank."""
    view = bare_table()
    for position, name in enumerate(table.columns):
        is_number = pd.api.types.is_numeric_dtype(table.iloc[:, position].dtype)
        # Where there is no room, texts are shortened, and numbers never: a column of no_wrap keeps its width.
        view.add_column(_line(str(name)), justify="right" if is_number else "left", no_wrap=is_number)
    shown = table.head(most)
    cells = [[_line(_cell(value)) for value in shown.iloc[:, position]] for position in range(table.shape[1])]
    for row in zip(*cells, strict=True):
        view.add_row(*row)
    left_out = len(table) - len(shown)
    return Group(view, Text(f"… and {left_out:,} more", style="dim")) if left_out else view


def _line(text: str) -> Text:
    return Text(visible(text), no_wrap=True, overflow="ellipsis")


def _cell(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return str(value.tolist())
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return str(value).lower()
    if isinstance(value, float):
        return repr(round(float(value), _DIGITS))
    return str(value)
