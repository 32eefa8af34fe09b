"""The call tree in the terminal: only branches are indented, lines are as wide as the terminal, nothing is hidden."""

import pytest
from rich.cells import cell_len

from tests.cli.inputs import SAMPLES
from tests.support.bless import Golden
from tests.support.profiles import profile_from_text
from tests.support.samples import analysis_of
from tracekit.analysis.transforms import invert
from tracekit.attribution.engines import attribute
from tracekit.model.profile import Profile
from tracekit.report.terminal.tree_text import plain_tree_lines, tree_lines

RECORDING = SAMPLES / "ane-with-cpu-fallback"
PREDICT = "-[MLModel predictionFromFeatures:error:]"


def functions(profile: Profile, **options: int | float | None) -> list[str]:
    """What is drawn below ``function``."""
    lines = [line.plain for line in tree_lines(profile, **options)]  # type: ignore[arg-type]
    at = next(number for number, line in enumerate(lines) if line.endswith("function"))
    column = lines[at].index("function")
    return [line[column:] for line in lines[at + 1 :]]


def test_only_branches_are_indented() -> None:
    profile = profile_from_text(
        """
        main;work;convolve;multiply  4
        main;work;copy               2
        main;work;log;format         1
        main;work;log;write          1
        """
    )
    assert functions(profile) == [
        "main",
        "work",
        "├ convolve",
        "│ multiply",
        "├ copy",
        "└ log",
        "  ├ format",
        "  └ write",
    ]


def test_several_roots_are_branches() -> None:
    assert functions(profile_from_text("a;b 3\nc 2")) == ["├ a", "│ b", "└ c"]


def test_a_branch_that_is_not_drawn_indents_nothing() -> None:
    profile = profile_from_text("main;work 999\nmain;rest 1")
    *drawn, _ = functions(profile, min_share=0.01)
    assert drawn == ["main", "work"]
    assert [line.plain for line in tree_lines(profile)][-1] == (
        "1 of 3 calls are not drawn: at most 0.1 % each, with 0.1 % of self time together (--min-share 0 draws them)"
    )


def test_the_top_are_the_heaviest_ends_with_their_callers_and_the_rest_is_counted() -> None:
    profile = profile_from_text("main;a;b;c 5\nmain;d 4\nmain;e 1")
    *drawn, _ = functions(profile, min_share=0, top=2)
    assert drawn == ["main", "├ a", "│ b", "│ c", "└ d"]
    assert [line.plain for line in tree_lines(profile, min_share=0, top=2)][-1] == (
        "1 of 6 calls are not drawn: at most 10.0 % each, with 10.0 % of self time together (--top draws more)"
    )
    assert len(functions(profile, min_share=0, top=3)) == 6


def test_an_end_is_what_calls_nothing_that_is_drawn() -> None:
    """``b`` calls only what weighs too little to be drawn."""
    profile = profile_from_text("main;a;b;c 5\nmain;a;b;d 5\nmain;e 90")
    assert functions(profile, min_share=0.06, top=2)[:-1] == ["main", "├ e", "└ a", "  b"]


def test_deep_branches_are_cut_at_their_left_and_counted() -> None:
    """A recursion in which every call has a sibling: 40 levels need 80 columns of branches."""
    stacks = [";".join(["walk"] * depth + [f"leaf{depth}"]) for depth in range(1, 41)]
    profile = profile_from_text("\n".join(f"{stack} 10" for stack in stacks))
    narrow = functions(profile, width=60, min_share=0)
    deepest = next(line for line in narrow if line.endswith("leaf40"))
    assert deepest == "+30 " + "│ " * 7 + "leaf40"
    assert max(cell_len(line) for line in narrow) <= 60
    assert any(line.startswith("│ " * 9) for line in functions(profile, min_share=0))  # --wide: every branch is drawn


@pytest.mark.parametrize("width", [30, 40, 55, 56, 60, 72, 80, 99, 100, 120, 200])
def test_no_line_of_the_tree_is_wider_than_the_terminal(width: int) -> None:
    profile = profile_from_text("main;建物::建物<建物, 建物>(建物);" + "x" * 300 + " 3\nmain;e\u0301e\u0301e\u0301 1")
    lines = [*tree_lines(profile, width=width)][2:]
    assert all(cell_len(line.plain) <= width for line in lines)


def test_a_wide_terminal_gets_whole_names() -> None:
    name = "net::run<" + "float, " * 50 + "int>(net::blob const&)"
    assert functions(profile_from_text(f"main;{name} 3"))[1] == name
    assert "…" in functions(profile_from_text(f"main;{name} 3"), width=80)[1]


def test_calls_of_several_engines_say_so() -> None:
    profile = attribute(
        profile_from_text(
            f"{PREDICT};Espresso`Espresso::ANERuntimeEngine::compiler::__forward_segment(int) 6\n{PREDICT};malloc 4"
        )
    )
    assert [line.plain for line in tree_lines(profile)][1] == ("driving ANE 60.0 %  - no engine 40.0 %  + others too")
    header, *lines = plain_tree_lines(profile)
    assert [line[header.index("engine") :].split()[0] for line in lines] == ["ANE+", "ANE", "none"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_recording_looks_like_this(width: int, golden: Golden) -> None:
    profile = analysis_of(RECORDING.name).focused
    lines = [line.plain for line in tree_lines(profile, width=width)]
    assert max(map(cell_len, lines[2:])) <= width
    golden(f"terminal/tree-{width}.txt", "".join(f"{line.rstrip()}\n" for line in lines))


def test_a_recording_in_a_pipe_looks_like_this(golden: Golden) -> None:
    profile = analysis_of(RECORDING.name).focused
    golden("terminal/tree-pipe.txt", "".join(f"{line}\n" for line in plain_tree_lines(profile)))


def test_an_inverted_tree_shows_the_self_of_what_it_begins_with() -> None:
    profile = invert(profile_from_text("main;work;copy 3\nmain;copy 2\nmain;work 1"))
    assert [line.plain for line in tree_lines(profile, min_share=0, inverted=True)][1:] == [
        "   self           weight  by   function",
        " 83.3 % ██████▋     5 ns  -    ├ copy",
        " 50.0 % ████        3 ns  -    │ ├ work",
        " 50.0 % ████        3 ns  -    │ │ main",
        " 33.3 % ██▋         2 ns  -    │ └ main",
        " 16.7 % █▍          1 ns  -    └ work",
        " 16.7 % █▍          1 ns  -      main",
    ]
    plain = [*plain_tree_lines(profile, min_share=0, inverted=True)]
    assert [line.split()[2] for line in plain[1:]] == ["83.3", "-", "-", "-", "16.7", "-"]


def test_of_an_inverted_tree_the_self_that_is_not_drawn_is_counted() -> None:
    profile = invert(profile_from_text("main;work 99\nmain;rest 1"))
    assert [line.plain for line in tree_lines(profile, min_share=0.05, inverted=True)][-1] == (
        "2 of 4 calls are not drawn: at most 1.0 % each, with 1.0 % of self time together (--min-share 0 draws them)"
    )
