"""Both call trees in the terminal: drawn as one recording's is, as wide as the terminal, nothing hidden in silence."""

import pytest
from rich.cells import cell_len

from tests.support.bless import Golden
from tests.support.profiles import profile_from_text
from tests.support.samples import analysis_of
from tracekit.model.profile import Profile
from tracekit.report.terminal.diff_tree_text import diff_tree_lines, plain_diff_tree_lines

A = profile_from_text("main;Lib`net;conv 4\nmain;Lib`net;copy 2\nmain;draw;fill 2\nmain;Lib`0x10 2")
B = profile_from_text("main;Lib`net;conv 3\nmain;load 5\nmain;Lib`0x20 2")


def functions(a: Profile, b: Profile, **options: float | None) -> list[str]:
    """What is drawn below ``function``."""
    header, *lines = [line.plain for line in diff_tree_lines(a, b, **options)]  # type: ignore[arg-type]
    return [line[header.index("function") :] for line in lines]


def test_only_branches_are_indented() -> None:
    assert functions(A, B) == [
        "main",
        "├ net  Lib",
        "│ ├ conv",
        "│ └ copy",
        "├ load",
        "├ draw",
        "│ fill",
        "└ (no symbol)  Lib",
    ]


def test_a_pipe_gets_two_blanks_for_each_caller(golden: Golden) -> None:
    golden("diff-tree.txt", "".join(f"{line}\n" for line in plain_diff_tree_lines(A, B)))


@pytest.mark.parametrize("width", [50, 80])
def test_recordings_look_like_this(width: int, golden: Golden) -> None:
    a, b = (analysis_of(name).focused for name in ("all-ane", "ane-with-cpu-fallback"))
    lines = [line.plain for line in diff_tree_lines(a, b, min_share=0.03, width=width)]
    golden(f"terminal/diff-tree-{width}.txt", "".join(f"{line.rstrip()}\n" for line in lines))


@pytest.mark.parametrize("width", [30, 40, 55, 56, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    a = profile_from_text("main;建物::建物<建物, 建物>(建物);" + "x" * 300 + " 3\nmain;e\u0301e\u0301e\u0301 1")
    assert all(cell_len(line.plain) <= width for line in diff_tree_lines(a, A, width=width))


def test_calls_that_are_small_on_both_sides_are_counted() -> None:
    a, b = profile_from_text("main;net 99\nmain;draw 1"), profile_from_text("main;net 100")
    note = "1 of 3 calls are not drawn: under 5.0 % of A and of B (--min-share 0 draws them)"
    assert functions(a, b, min_share=0.05)[:-1] == ["main", "net"]
    assert [line.plain for line in diff_tree_lines(a, b, min_share=0.05)][-1] == note
    assert [*plain_diff_tree_lines(a, b, min_share=0.05)][-1] == note
    assert functions(a, b, min_share=0.005) == ["main", "├ net", "└ draw"]


def test_what_only_one_side_has_is_drawn() -> None:
    a, b = profile_from_text("main;net 99\nmain;draw 1"), profile_from_text("main;net 90\nmain;load 10")
    assert functions(a, b, min_share=0.05)[:3] == ["main", "├ net", "└ load"]


@pytest.mark.parametrize("name", ["\x1b[31mred", "[bold]x[/]", "a\u202eb"])
def test_hostile_names_stay_text(name: str) -> None:
    a, b = profile_from_text(f"main;{name} 9"), profile_from_text("main;other 9")
    for lines in ([line.plain for line in diff_tree_lines(a, b)], [*plain_diff_tree_lines(a, b)]):
        assert not any("\x1b" in line or "\u202e" in line for line in lines)
        assert ("[bold]" in name) == any("[bold]x[/]" in line for line in lines)
