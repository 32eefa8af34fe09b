"""Any table's rows, as drawn."""

import numpy as np
import pandas as pd

from tracekit.report.terminal.drawing import to_plain
from tracekit.report.terminal.rows_text import rows_view

TABLE = pd.DataFrame(
    {
        "function": ["-[MLModel predictionFromFeatures:error:]", "a\x1b[2J"],
        "n": pd.array([12, None], "Int64"),
        "share": [0.1234567, 1.0],
        "parts": [np.array([1, 2]), None],
    }
)


def drawn(width: int, most: int = 9) -> list[str]:
    return to_plain(rows_view(TABLE, most), width).splitlines()


def test_numbers_stand_to_the_right_and_what_is_missing_is_blank() -> None:
    assert drawn(100) == [
        "function                                   n     share  parts",
        "-[MLModel predictionFromFeatures:error:]  12  0.123457  [1, 2]",
        "a\\u{1b}[2J                                         1.0",
    ]


def test_texts_give_way_and_numbers_do_not() -> None:
    assert drawn(44)[:2] == [
        "function                 n     share  parts",
        "-[MLModel predictionF…  12  0.123457  [1, 2]",
    ]


def test_what_is_left_out_is_counted() -> None:
    assert drawn(100, 1)[-1] == "… and 1 more"
