"""Rows of a comparison in terminals of every width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.report.terminal.diff_table import MARK, DiffRow, Layout, diff_table

ROWS = [
    DiffRow("length, 95th percentile", "", ("9.581", "4.690", "−4.892", "−5.112 … −4.326"), "yes", "cyan"),
    DiffRow("driving ANE", "", ("68.4 %", "67.2 %", "−1.2", "−5.5 … +4.0"), "not shown", ""),
    DiffRow(
        "void E5RT::Ops::copy<float, int>(E5RT::Buffer const&)",
        "Espresso",
        ("4.8 %", "16.7 %", "+11.8", ""),
        "not tested",
        "",
    ),
]


def drawn(width: int | None) -> list[str]:
    return [line.plain for line in diff_table("share", ROWS, Layout.of(ROWS, width))]


def test_columns_as_the_width_allows() -> None:
    assert drawn(80) == [
        "share                            A       B  change    95 % interval  differs",
        "length, 95th percentile      9.581   4.690  −4.892  −5.112 … −4.326  yes",
        "driving ANE                 68.4 %  67.2 %    −1.2      −5.5 … +4.0  not shown",
        "void E5RT::Ops::copy<…>(…)   4.8 %  16.7 %   +11.8                   not tested",
    ]
    assert drawn(50) == [
        "share                         A       B  change",
        "length, 95th percentile   9.581   4.690  −4.892 *",
        "driving ANE              68.4 %  67.2 %    −1.2",
        "E5RT::Ops::copy<…>(…)     4.8 %  16.7 %   +11.8",
    ]


@given(st.integers(50, 200))
def test_no_line_is_too_long_and_no_number_is_cut(width: int) -> None:
    lines = drawn(width)
    assert max(map(len, lines)) <= width
    for row, line in zip(ROWS, lines[1:], strict=True):
        assert all(number in line for number in row.numbers[:3])
        assert (row.differs in line) or (line.endswith(MARK) == (row.differs == "yes"))
    assert all(name in line for name, line in zip(("length, 95th percentile", "driving ANE"), lines[1:], strict=False))


@pytest.mark.parametrize("width,has_interval,has_words", [(50, False, False), (66, False, True), (80, True, True)])
def test_intervals_go_before_words_and_words_before_names(width: int, has_interval: bool, has_words: bool) -> None:
    head = drawn(width)[0]
    assert ("95 % interval" in head, "differs" in head) == (has_interval, has_words)
    assert Layout.of(ROWS, width).has_marks == (not has_words)


def test_a_pipe_gets_whole_names() -> None:
    assert "void E5RT::Ops::copy<float, int>(E5RT::Buffer const&)  Espresso" in drawn(None)[-1]
