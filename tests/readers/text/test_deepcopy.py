from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readers.text.conftest import Read
from tests.support.trees import format_tree
from tracekit.errors import InputError, UnsupportedError
from tracekit.model.folded import from_folded, to_folded
from tracekit.model.profile import Profile, stack_weights
from tracekit.readers.text import open_text
from tracekit.readers.text.deepcopy import parse_weight

V7 = "Running Time\tSelf (ms)\t\tSymbol Name\n"
V13 = "Weight\tSelf Weight\t\tSymbol Name\n"
V16 = "Weight\tSelf Weight\tSymbol Names\n"
PADDED = "  \u20070.0%"


def notices(profile: Profile) -> dict[str, int]:
    return {notice.code: notice.count for notice in profile.meta.notices}


def threads(profile: Profile) -> list[dict[Any, Any]]:
    return profile.threads.to_dict("records")


# The three forms


def test_form_of_instruments_7(read: Read) -> None:
    profile = read(
        V7 + "9.0ms   99.9%\t1\t \tmain\n"
        "8.0ms   88.8%\t2\t \t net\n"
        "6.0ms   66.6%\t6\t \t  conv\n"
        "0.5ms    0.1%\t0.5\t \tidle\n"
    )
    assert format_tree(profile) == [
        "main      total 9000000  self 1000000",
        "  net     total 8000000  self 2000000",
        "    conv  total 6000000  self 6000000",
        "idle      total 500000  self 500000",
    ]
    assert (profile.meta.unit, profile.meta.format, profile.meta.notices) == ("ns", "deepcopy", ())


def test_form_of_instruments_13_with_cycles_and_dashes(read: Read) -> None:
    profile = read(
        V13 + "3.00 Gc  100.0%\t-\t \tTool (7)\n"
        "3.00 Gc  100.0%\t-\t \t main\n"
        "2.50 Gc   83.3%\t2.50 Gc\t \t  net\n"
        "499.00 Mc   16.6%\t498.50 Mc\t \t  load\n"
        "500.00 Kc    0.0%\t499.20 Kc\t \t   open\n"
        "800 cycles    0.0%\t800 cycles\t \t    stat\n"
        "1.00 Mc    0.0%\t1.00 Mc\t \t  free\n"
    )
    assert profile.meta.unit == "cycles"
    assert to_folded(profile) == (
        "main;free 1000000\nmain;load 498500000\nmain;load;open 499200\nmain;load;open;stat 800\nmain;net 2500000000\n"
    )
    assert notices(profile) == {}


def test_form_of_instruments_16_with_figure_spaces_and_absolute_depth(read: Read) -> None:
    profile = read(
        V16 + "4.93 s  100.0%\t0 s\t   start\n"
        "4.93 s  99.9%\t0 s\t    main\n" + f"2.45 s{PADDED}\t2.45 s\t     delta()\n"
        f"2.48 s{PADDED}\t2.48 s\t     gamma()\n"
    )
    assert to_folded(profile) == "start;main;delta() 2450000000\nstart;main;gamma() 2480000000\n"


def test_form_of_26_has_cycles_without_a_c(read: Read) -> None:
    profile = read(V16 + "2.50 M  100.0%\t500.00 k\tmain\n2.00 M  80.0%\t1.99 M\t net\n10.00 k  0.0%\t10.00 k\t  f\n")
    assert profile.meta.unit == "cycles"
    assert to_folded(profile) == "main 500000\nmain;net 1990000\nmain;net;f 10000\n"


def test_few_cycles_are_a_plain_number_whatever_the_unit_of_the_total(read: Read) -> None:
    profile = read(V16 + "1.00 k  100.0%\t532\tmain\n468  46.8%\t468\t net\n")
    assert to_folded(profile) == "main 532\nmain;net 468\n"


def test_a_self_column_without_a_unit_has_that_of_the_total(read: Read) -> None:
    profile = read("Running Time\tSelf\t\tSymbol Name\n99.0ms   38.2%\t79.0\t \tmain\n20.0ms    7.7%\t20.0\t \t net\n")
    assert to_folded(profile) == "main 79000000\nmain;net 20000000\n"


def test_a_copy_of_sample_counts_has_no_self_column(read: Read) -> None:
    profile = read(
        "# Samples\tSymbol Name\n12\tTool (7)\n10\t Main Thread  0x2a\n9\t  main\n4\t   net\n2\t Worker  0x2b\n"
    )
    assert profile.meta.unit == "samples"
    assert to_folded(profile) == "main 5\nmain;net 4\n"
    assert profile.weight == 12
    assert sorted((row["tid"], row["name"]) for row in threads(profile)) == [(42, "Main Thread"), (43, "Worker")]


def test_the_cell_of_the_icons_may_stand_in_rows_only(read: Read) -> None:
    profile = read("Running Time\tSelf\tSymbol Name\n99.0ms   38.2%\t 79.0\t \tmain\n20.0ms\t20.0\t \t net\n")
    assert to_folded(profile) == "main 79000000\nmain;net 20000000\n"


# Weights


@pytest.mark.parametrize(
    "text, kind, value",
    [
        ("4.93 s", "ns", 4_930_000_000),
        ("1.52 min", "ns", 91_200_000_000),
        ("4.93 s  99.9%", "ns", 4_930_000_000),
        ("4273.0ms   99.9%", "ns", 4_273_000_000),
        (f"2.45 s{PADDED}", "ns", 2_450_000_000),
        ("846.00 ms", "ns", 846_000_000),
        ("100.00 \u00b5s", "ns", 100_000),
        ("100.00 \u03bcs", "ns", 100_000),
        ("100.00 us", "ns", 100_000),
        ("12 ns", "ns", 12),
        ("1.25 h", "ns", 4_500_000_000_000),
        ("0 s", "ns", 0),
        ("0.1 s", "ns", 100_000_000),
        ("0.29 s", "ns", 290_000_000),
        ("47.82 Gc   49.7%", "cycles", 47_820_000_000),
        ("404.75 Mc", "cycles", 404_750_000),
        ("1.34 Kc", "cycles", 1_340),
        ("532 cycles    0.0%", "cycles", 532),
        ("7 c", "cycles", 7),
        ("335.27 k", "cycles", 335_270),
        ("1.00 M", "cycles", 1_000_000),
        ("1.00 G", "cycles", 1_000_000_000),
        ("-", "plain", 0),
        ("34532", "plain", 34532),
        ("  9.0ms  ", "ns", 9_000_000),
    ],
)
def test_a_weight_is_exact_in_every_unit(text: str, kind: str, value: int) -> None:
    weight = parse_weight(text)
    assert weight is not None
    assert (weight.kind, weight.amount.value) == (kind, value)


@pytest.mark.parametrize(
    "text",
    ["", "s", "4,93 s", "1.2.3 s", "4.93 parsecs", "-1 s", "1e3 s", "∞ s", "4.93 s 10% 20%", f"{10**14} h", "9" * 99],
)
def test_what_is_not_a_weight_is_none(text: str) -> None:
    assert parse_weight(text) is None


@given(st.integers(0, 10**7), st.sampled_from([("s", 10**9), ("ms", 10**6), ("Gc", 10**9), ("Mc", 10**6)]))
def test_two_decimals_are_never_cut_or_rounded(hundredths: int, unit: tuple[str, int]) -> None:
    name, scale = unit
    weight = parse_weight(f"{hundredths // 100}.{hundredths % 100:02} {name}")
    assert weight is not None
    assert weight.amount.value == hundredths * scale // 100


def test_a_root_of_seconds_or_minutes_keeps_its_fraction(read: Read) -> None:
    """speedscope 1.25 reads "4.93 s" as 4 s and "1.52 min" as 1 min."""
    assert read(V16 + "4.93 s  100.0%\t4.93 s\tmain\n").weight == 4_930_000_000
    assert read(V16 + "1.52 min  100.0%\t1.52 min\tmain\n").weight == 91_200_000_000


@pytest.mark.parametrize(
    "text",
    [
        "Bytes Used\tCount\t\tSymbol Name\n   9.75 KB     100.0%\t56\t \t_pthread_start\n",
        "Self Bytes\tSymbol Name\n      0 Bytes\tstart\n",
        V13 + "429.93 MB  100.0%\t0 Bytes\t \tmain\n",
    ],
)
def test_memory_is_not_cpu_time(read: Read, text: str) -> None:
    with pytest.raises(UnsupportedError, match=r"^x\.txt: is a Deep Copy .*: it counts memory, not CPU time\."):
        read(text)


def test_columns_that_are_not_weights_are_named(read: Read) -> None:
    with pytest.raises(UnsupportedError, match="'Count', 'Module': it counts something else, not CPU time"):
        read("Count\tModule\tSymbol Name\n3\tTool\tmain\n")


# Self weights


def test_without_a_self_weight_it_is_what_the_callees_leave(read: Read) -> None:
    profile = read("Weight\tSymbol Name\n9.00 ms\tmain\n4.00 ms\t net\n3.00 ms\t load\n")
    assert to_folded(profile) == "main 2000000\nmain;load 3000000\nmain;net 4000000\n"


def test_a_dash_is_no_self_weight_where_the_callees_explain_the_total_within_rounding(read: Read) -> None:
    profile = read(V13 + "96.08 Gc\t-\t \tmain\n47.82 Gc\t47.82 Gc\t \t a\n48.25 Gc\t48.25 Gc\t \t b\n")
    assert to_folded(profile) == "main;a 47820000000\nmain;b 48250000000\n"
    (notice,) = profile.meta.notices
    assert notice.code == "rounded-weights"
    assert "96070000000 cycles together, the top rows say 96080000000 cycles (+10000000)" in notice.message


def test_callees_may_exceed_the_total_within_rounding(read: Read) -> None:
    profile = read(V13 + "1.00 s\t-\t \tmain\n500.00 ms\t500.00 ms\t \t a\n504.00 ms\t504.00 ms\t \t b\n", strict=True)
    assert to_folded(profile) == "main;a 500000000\nmain;b 504000000\n"
    assert notices(profile) == {"rounded-weights": 1}


@pytest.mark.parametrize("own", ["-", "0 s", "100.00 µs"])
def test_callees_that_were_not_copied_leave_their_weight_to_the_caller(read: Read, own: str) -> None:
    profile = read(V16 + f"5.60 ms\t0 s\tmain\n3.00 ms\t{own}\t net\n2.60 ms\t2.60 ms\t load\n")
    assert to_folded(profile) == "main;load 2600000\nmain;net 3000000\n"
    (notice,) = profile.meta.notices
    assert notice.code == "missing-callees"
    assert notice.message.startswith("line 3 weighs more than itself and the rows below it ('net')")


def test_callees_that_weigh_more_than_their_caller_are_kept_and_counted(read: Read) -> None:
    text = V13 + "1.00 s\t-\t \tmain\n700.00 ms\t700.00 ms\t \t a\n800.00 ms\t800.00 ms\t \t b\n"
    profile = read(text)
    assert to_folded(profile) == "main;a 700000000\nmain;b 800000000\n"
    assert notices(profile) == {"weights-disagree": 1, "rounded-weights": 1}
    with pytest.raises(InputError, match=r"^x\.txt: line 2 weighs less than what it calls \('main'\)"):
        read(text, strict=True)


def test_a_row_without_self_weight_is_no_sample(read: Read) -> None:
    profile = read(V16 + "1.00 ms\t0 s\tmain\n1.00 ms\t1.00 ms\t net\n")
    assert len(profile) == 1


# Processes and threads


def test_process_and_thread_rows_become_the_thread_of_the_samples(read: Read) -> None:
    profile = read(
        V13 + "10.0 s  100%\t0 s\t \tMain Process (123)\n"
        "5.0 s  50%\t0 s\t \t Main Thread  0x1ee7\n"
        "5.0 s  50%\t2.0 s\t \t  foo\n"
        "3.0 s  30%\t3.0 s\t \t   bar\n"
        "5.0 s  50%\t0 s\t \t H11ANEServicesThread (0x7ee1)\n"
        "5.0 s  50%\t5.0 s\t \t  spin\n"
    )
    assert to_folded(profile) == "foo 2000000000\nfoo;bar 3000000000\nspin 5000000000\n"
    assert threads(profile) == [
        {"tid": 0x1EE7, "name": "Main Thread", "pid": 123, "process": "Main Process"},
        {"tid": 0x7EE1, "name": "H11ANEServicesThread", "pid": 123, "process": "Main Process"},
    ]
    assert profile.samples["thread_id"].tolist() == [0, 0, 1]


def test_a_process_without_thread_rows_is_one_thread(read: Read) -> None:
    profile = read(V13 + "1.0 s\t0 s\t \tTool (7)\n1.0 s\t1.0 s\t \t main\n")
    assert threads(profile) == [{"tid": 0, "name": "", "pid": 7, "process": "Tool"}]


def test_a_thread_row_may_be_the_top(read: Read) -> None:
    profile = read(V16 + "1.0 s\t0 s\t  Main Thread  0x2a\n1.0 s\t1.0 s\t   start\n")
    assert threads(profile) == [{"tid": 42, "name": "Main Thread", "pid": 0, "process": ""}]
    assert to_folded(profile) == "start 1000000000\n"


@pytest.mark.parametrize(
    "name, why",
    [
        ("0x1045ab123", "an address is a function without a symbol, not a thread without a name"),
        ("operator()(int)", "its arguments are no pid"),
        ("f(12)", "a pid stands behind a space"),
        ("f (12a)", "a pid is a number"),
        ("Thread 1 1ee7", "a thread's number begins with 0x"),
    ],
)
def test_names_that_only_look_like_a_process_or_a_thread_stay_functions(read: Read, name: str, why: str) -> None:
    profile = read(V13 + f"1.0 s\t1.0 s\t \t{name}\n")
    assert list(profile.frames["name"]) == [name], why


def test_below_a_function_nothing_is_a_process_or_a_thread(read: Read) -> None:
    profile = read(V13 + "1.0 s\t0 s\t \tmain\n1.0 s\t0 s\t \t worker  0x2a\n1.0 s\t1.0 s\t \t  f (7)\n")
    assert to_folded(profile) == "main;worker  0x2a;f (7) 1000000000\n"


def test_below_a_thread_nothing_is_a_thread(read: Read) -> None:
    profile = read(V13 + "1.0 s\t0 s\t \tMain Thread  0x2a\n1.0 s\t1.0 s\t \t worker  0x2b\n")
    assert to_folded(profile) == "worker  0x2b 1000000000\n"
    assert profile.threads["tid"].tolist() == [42]


def test_a_threads_own_weight_is_a_sample_without_a_stack(read: Read) -> None:
    profile = read(V13 + "3.0 s\t0 s\t \tTool (7)\n3.0 s\t1.0 s\t \t Main Thread  0x2a\n2.0 s\t2.0 s\t \t  main\n")
    assert profile.samples[["stack_id", "weight"]].to_numpy().tolist() == [[-1, 1_000_000_000], [0, 2_000_000_000]]
    assert profile.samples["thread_id"].tolist() == [0, 0]


def test_several_processes_each_under_its_header(read: Read) -> None:
    block = V16 + "1.0 s\t0 s\t {name} ({pid})\n1.0 s\t0 s\t  Main Thread  0x{pid}\n1.0 s\t1.0 s\t   main\n\n"
    profile = read(block.format(name="A", pid=1) + block.format(name="B", pid=2))
    assert [(row["tid"], row["pid"], row["process"]) for row in threads(profile)] == [(1, 1, "A"), (2, 2, "B")]
    assert to_folded(profile) == "main 2000000000\n"


def test_a_second_copy_does_not_hang_below_the_first(read: Read) -> None:
    first, second = "1.0 s\t1.0 s\t Tool (7)\n", "1.0 s\t1.0 s\t    deeper\n"
    for text in (V16 + first + V16 + second, V16 + first + "\n" + second):
        profile = read(text, strict=True)
        assert to_folded(profile) == "deeper 1000000000\n"
        assert profile.weight == 2_000_000_000


@pytest.mark.parametrize(
    "body, known",
    [
        ("1.0 s\t0 s\t Tool (7)\n1.0 s\t1.0 s\t  main\n", {"process": "Tool", "pid": 7}),
        ("1.0 s\t1.0 s\t   main\n", {}),
        (f"1.0 s\t1.0 s\t A (1)\n\n{V16}1.0 s\t1.0 s\t B (2)\n", {}),
        (f"1.0 s\t1.0 s\t A (1)\n\n{V16}1.0 s\t1.0 s\t main\n", {}),
        (f"1.0 s\t1.0 s\t A (1)\n\n{V16}1.0 s\t1.0 s\t A (1)\n", {"process": "A", "pid": 1}),
    ],
)
def test_facts_name_the_process_where_there_is_one(body: str, known: dict[str, object]) -> None:
    run = open_text("x.txt", (V16 + body).encode(), "deepcopy").run()
    assert run.facts.known() == known
    assert run.profile().meta.facts == run.facts


# Names


@pytest.mark.parametrize(
    "name, symbolicated",
    [("<Unknown Address>", False), ("0x1f", False), ("-[A b:]", True), ("<img src=x onerror=alert(1)>", True)],
)
def test_names_stay_as_they_are(read: Read, name: str, *, symbolicated: bool) -> None:
    profile = read(V13 + f"1.0 s\t1.0 s\t \t{name}\n")
    assert profile.frames[["name", "is_symbolicated"]].to_numpy().tolist() == [[name, symbolicated]]


# What can be wrong


def test_a_jump_in_depth_hangs_the_row_under_the_nearest_shallower_one(read: Read) -> None:
    text = V13 + "2.0 s\t0 s\t \tmain\n1.0 s\t1.0 s\t \t   deep\n1.0 s\t1.0 s\t \t  other\n"
    profile = read(text)
    assert to_folded(profile) == "main;deep 1000000000\nmain;other 1000000000\n"
    (notice,) = profile.meta.notices
    assert (notice.code, notice.count) == ("indentation", 2)
    assert notice.message.startswith("line 3 is indented by 3, not 1, below line 2")
    with pytest.raises(InputError, match=r"^x\.txt: line 3 is indented by 3, not 1, below line 2"):
        read(text, strict=True)


@pytest.mark.parametrize(
    "line, why",
    [
        ("nonsense", "no cells"),
        ("17.00 ms   9.8%\t   f", "a cell is missing"),
        ("fast\t1.0 s\t \tf", "no total"),
        ("1.0 s\tfast\t \tf", "no self weight"),
        ("1.0 s\t1.0 s\t \t ", "no name"),
        ("1.0 s\t1.0 s\tx\tf", "something in the cell of the icons"),
        ("1.0 parsecs\t1.0 s\t \tf", "a unit that is not known"),
        ("1.00 Mc\t1.00 Mc\t \tf", "cycles among times"),
        ("12\t12\t \tf", "a plain number among times"),
    ],
)
def test_a_line_that_is_no_row_is_skipped_and_counted(read: Read, line: str, why: str) -> None:
    text = V13 + f"1.0 s\t1.0 s\t \tmain\n{line}\n{line}\n"
    profile = read(text)
    assert to_folded(profile) == "main 1000000000\n", why
    (notice,) = profile.meta.notices
    assert (notice.code, notice.count) == ("malformed-line", 2)
    assert notice.message == "line 3 is not a row of the call tree"
    with pytest.raises(InputError, match=r"^x\.txt: line 3 is not a row of the call tree\. Without --strict"):
        read(text, strict=True)


def test_text_before_the_header_is_skipped_and_counted(read: Read) -> None:
    profile = read("My notes\n\n" + V13 + "1.0 s\t1.0 s\t \tmain\n")
    assert profile.weight == 1_000_000_000
    assert notices(profile) == {"malformed-line": 1}


def test_rows_without_a_header_are_an_error_that_says_how_to_copy(read: Read) -> None:
    with pytest.raises(InputError, match=r"^x\.txt: has no header line .*Edit ▸ Deep Copy"):
        read("4.93 s  100.0%\t0 s\t   start\n")


@pytest.mark.parametrize("body", ["", "\n\n", "nonsense\n"])
def test_a_header_without_rows_is_an_error(read: Read, body: str) -> None:
    with pytest.raises(InputError, match=r"^x\.txt: holds a header and no rows"):
        read(V13 + body)


def test_weights_beyond_64_bits_are_an_error_not_a_crash(read: Read) -> None:
    row = f"{2 * 10**6}.00 h\t{2 * 10**6}.00 h\t \tf\n"
    with pytest.raises(InputError, match="add up to more than a 64-bit number"):
        read(V13 + row + row)
    with pytest.raises(InputError, match="holds a header and no rows"):
        read(V13 + "900000000000000 h\t0 s\t \tf\n")


trees: st.SearchStrategy[Any] = st.recursive(
    st.tuples(st.integers(0, 9), st.just([])),
    lambda below: st.tuples(st.integers(0, 9), st.lists(below, max_size=3)),
    max_leaves=8,
)


@given(trees, st.sampled_from([V7, V13, V16]))
def test_a_printed_tree_reads_back_as_the_tree(tree: Any, header: str) -> None:
    folded: list[str] = []
    rows: list[str] = []

    def total(node: Any) -> int:
        own, below = node
        return own + sum(total(child) for child in below)

    def write(node: Any, name: str, path: str, depth: int) -> None:
        own, below = node
        icons = "" if header == V16 else " \t"
        printed = f"{own}" if header == V7 else f"{own} ms"
        rows.append(f"{total(node)}.0 ms  0.0%\t{printed}\t{icons}{' ' * depth}{name}\n")
        if own:
            folded.append(f"{path} {own}\n")
        for number, child in enumerate(below):
            write(child, f"{name}.{number}", f"{path};{name}.{number}", depth + 1)

    write(tree, "f", "f", 0)
    profile = open_text("x.txt", (header + "".join(rows)).encode(), "deepcopy", strict=True).profile()
    expected = from_folded("".join(folded))
    assert to_folded(profile).replace("000000\n", "\n") == to_folded(expected)
    assert profile.meta.notices == ()


# Real files: Instruments 7.3.1, 13.4 and 16.0


@pytest.mark.parametrize(
    "name, unit, process, rows, root, total, found",
    [
        # root totals as printed: 4273.0ms, 96.08 Gc (cut off, not rounded, by Instruments), 4.93 s
        ("time-profile_7.3.1", "ns", {}, 39, "start", 4_273_000_000, {}),
        (
            "cycles_13.4",
            "cycles",
            {"process": "example_app", "pid": 40414},
            18,
            "start",
            96_086_421_340,
            {"missing-callees": 1, "rounded-weights": 1},
        ),
        ("time-profile_16.0", "ns", {}, 52, "start", 4_930_000_000, {}),
    ],
)
def test_real_files(
    real_data: Path, name: str, unit: str, process: dict[str, object], rows: int, root: str, total: int,
    found: dict[str, int],
) -> None:  # fmt: skip
    path = real_data / "deepcopy" / f"{name}.txt"
    run = open_text(str(path), path.read_bytes(), "deepcopy", strict=True).run()
    profile = run.profile()
    assert run.facts.known() == process
    assert (profile.meta.unit, len(profile), notices(profile)) == (unit, rows, found)
    top = profile.stacks.index[profile.stacks["depth"] == 0]
    assert profile.frames["name"].iloc[profile.stacks["frame_id"].iloc[0]] == root
    assert int(stack_weights(profile)[1][top].sum()) == profile.weight == total


@pytest.mark.parametrize("name", ["time-profile_7.3.1", "time-profile_16.0"])
def test_the_self_weights_of_functions_are_the_sums_of_the_printed_column(real_data: Path, name: str) -> None:
    path = real_data / "deepcopy" / f"{name}.txt"
    rows = [line.split("\t") for line in path.read_text().split("\n")[1:] if line]
    printed: Counter[str] = Counter()
    for _, own, *_, symbol in rows:
        printed[symbol.strip()] += round(float(own.removesuffix(" s").removesuffix(" ms"))) * 10**6
    profile = open_text(str(path), path.read_bytes(), "deepcopy").profile()
    found: Counter[str] = Counter()
    for frame, weight in zip(profile.stacks["frame_id"], stack_weights(profile)[0].tolist(), strict=True):
        found[profile.frames["name"].iloc[frame]] += weight
    assert +found == +printed
