from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readers.text.conftest import Read
from tests.support.trees import format_tree
from tracekit.errors import InputError, UnsupportedError
from tracekit.model.folded import from_folded, to_folded
from tracekit.model.profile import Profile
from tracekit.readers.text import open_text

HEAD = """\
Sampling process 56690 for 3 seconds with 1 millisecond of run time between samples
Sampling completed, processing symbols...
Analysis of sampling Tool Helper (Renderer) (pid 56690) every 1 millisecond
Process:         Tool Helper (Renderer) [56690]
Path:            /Applications/Tool.app/Contents/MacOS/Tool Helper (Renderer)
Load Address:    0x102a50000
Code Type:       ARM64
Platform:        macOS
Parent Process:  launchd [1]

Date/Time:       2026-09-05 17:56:34.471 +0900
OS Version:      macOS 26.6 (25G72)
Report Version:  7
----

Call graph:
"""
GRAPH = """\
    20 Thread_4711   DispatchQueue_1: com.apple.main-thread  (serial)
    + 20 start  (in dyld) + 1903  [0x18f4b50e0]
    +   12 main  (in Tool Helper (Renderer)) + 816  [0x102a58f16]  main.m:75
    +   ! 7 -[MLModel predict:]  (in CoreML) + 12,48,...  [0x19a000010,0x19a000034,...]
    +   ! : 4 ???  (in libBNNS.dylib)  load address 0x1a137a000 + 0x65d74c  [0x1a19d774c]
    +   ! : | 3 __psynch_cvwait  (in libsystem_kernel.dylib) + 8  [0x18f7b2e28]
    +   ! : 2 ???  (in libBNNS.dylib)  load address 0x1a137a000 + 0x65d76c  [0x1a19d776c]
    +   ! 2 ???  (in <unknown binary>)  [0x34a8da74e4e2]
    +   5 main  (in Tool Helper (Renderer)) + 854  [0x102a58f3c]  main.m:76
    6 Thread_4712: H11ANEServicesThread
      6 thread_start  (in libsystem_pthread.dylib) + 8  [0x18f7ee000]
"""
TAIL = """
Total number in stack (recursive counted multiple, when >=5):
        12       main  (in Tool Helper (Renderer)) + 816  [0x102a58f16]

Sort by top of stack, same collapsed (when >= 5):
        __psynch_cvwait  (in libsystem_kernel.dylib)        3

Binary Images:
       0x102a50000 -        0x102dc719f +com.example.tool (1.0) <5B424D44-FED2-3361-8D75-41795DA0FEF6> \
/Applications/*/Tool Helper (Renderer)
       0x18f4b0000 -        0x18f53b4ff  dyld (1.0.0 - 1387) <dd42dd9dad1133a788499ad5df30a274> /usr/lib/dyld
       0x1a137a000 -        0x1a2000000  libBNNS.dylib (???) <A712B95E-BCEE-3F12-9F9B-58E6C2060E53> \
/usr/lib/libBNNS.dylib
"""


def notices(profile: Profile) -> dict[str, int]:
    return {notice.code: notice.count for notice in profile.meta.notices}


def graph(*rows: str) -> str:
    return HEAD + "".join(f"    {row}\n" for row in rows) + TAIL


def test_counts_are_inclusive_and_one_function_at_two_addresses_is_one_frame(read: Read) -> None:
    assert format_tree(read(HEAD + GRAPH + TAIL, strict=True)) == [
        "start                    total 20  self 3",
        "  main                   total 17  self 8",
        "    -[MLModel predict:]  total 7  self 1",
        "      0x1a19d774c        total 4  self 1",
        "        __psynch_cvwait  total 3  self 3",
        "      0x1a19d776c        total 2  self 2",
        "    0x34a8da74e4e2       total 2  self 2",
        "thread_start             total 6  self 6",
    ]


def test_the_images_of_frames_are_kept(read: Read) -> None:
    assert to_folded(read(HEAD + GRAPH + TAIL), images=True).splitlines()[5] == (
        "dyld`start;Tool Helper (Renderer)`main;CoreML`-[MLModel predict:];libBNNS.dylib`0x1a19d774c;"
        "libsystem_kernel.dylib`__psynch_cvwait 3"
    )


def test_an_unsymbolicated_frame_is_known_by_its_address(read: Read) -> None:
    frames = read(HEAD + GRAPH + TAIL).frames
    assert frames.loc[~frames["is_symbolicated"], "name"].tolist() == ["0x1a19d774c", "0x1a19d776c", "0x34a8da74e4e2"]


def test_the_source_position_is_kept(read: Read) -> None:
    frames = read(HEAD + GRAPH + TAIL).frames.set_index("name")[["file", "line"]].to_dict("index")
    assert frames["main"] == {"file": "main.m", "line": 75}
    assert frames["start"] == {"file": "", "line": 0}


def test_binary_images_give_path_uuid_and_load_address(read: Read) -> None:
    binaries = read(HEAD + GRAPH + TAIL).binaries.set_index("name").to_dict("index")
    assert binaries["Tool Helper (Renderer)"] == {
        "path": "/Applications/*/Tool Helper (Renderer)",
        "uuid": "5B424D44-FED2-3361-8D75-41795DA0FEF6",
        "load_addr": 0x102A50000,
    }
    assert binaries["dyld"]["uuid"] == "DD42DD9DAD1133A788499AD5DF30A274"
    assert binaries["CoreML"] == {"path": "", "uuid": "", "load_addr": 0}
    assert "<unknown binary>" not in binaries


def test_of_two_images_of_one_name_only_the_name_is_kept(read: Read) -> None:
    twice = "".join(
        f"  0x{start}000 - 0x{start}fff  UIKit (1) <A712B95E-BCEE-3F12-9F9B-58E6C2060E5{start}> /{start}/UIKit\n"
        for start in (1, 2)
    )
    text = graph("1 Thread_1", "+ 1 f  (in UIKit) + 4  [0x1004]") + twice
    assert read(text).binaries.to_dict("records") == [{"name": "UIKit", "path": "", "uuid": "", "load_addr": 0}]


def test_full_paths_in_frames_become_name_and_path(read: Read) -> None:
    text = "Call graph:\n    1 Thread_1\n    + 1 f  (in /usr/lib/libfoo.dylib) + 4  [0x4]\n\nBinary Images:\n"
    (binary,) = read(text).binaries.to_dict("records")
    assert (binary["name"], binary["path"]) == ("libfoo.dylib", "/usr/lib/libfoo.dylib")


def test_the_lines_above_the_graph_are_the_facts() -> None:
    run = open_text("x.txt", (HEAD + GRAPH + TAIL).encode(), "sample").run()
    assert run.facts.known() == {
        "os": "macOS 26.6 (25G72)",
        "platform": "macOS",
        "process": "Tool Helper (Renderer)",
        "pid": 56690,
        "start_date": "2026-09-05 17:56:34.471 +0900",
    }
    assert run.profile().meta.facts == run.facts


def test_without_a_title_the_process_line_names_the_process() -> None:
    text = "Process:         Tool [7]\n\nCall graph:\n    1 Thread_1\n" + TAIL
    facts = open_text("x.txt", text.encode(), "sample").run().facts
    assert (facts.process, facts.pid) == ("Tool", 7)


def test_the_profile_says_how_it_was_sampled(read: Read) -> None:
    meta = read(HEAD + GRAPH + TAIL).meta
    assert (meta.unit, meta.format) == ("samples", "sample")
    assert dict(meta.attributes) == {
        "interval": "1 millisecond",
        "path": "/Applications/Tool.app/Contents/MacOS/Tool Helper (Renderer)",
        "record-waiting-threads": "1",
    }
    assert [notice.code for notice in meta.notices] == ["waiting-threads"]


@pytest.mark.parametrize(
    "row, tid, name",
    [
        ("Thread_4711", 4711, ""),
        ("Thread_4711: worker", 4711, "worker"),
        ("Thread_4711: a name: with  spaces", 4711, "a name: with  spaces"),
        ("Thread_1   DispatchQueue_1: com.apple.main-thread  (serial)", 1, "com.apple.main-thread"),
        ("Thread_1   DispatchQueue_9: com.apple.root.default-qos  (concurrent)", 1, "com.apple.root.default-qos"),
        ("Thread_1: Main Thread   DispatchQueue_<multiple>", 1, "Main Thread"),
        ("Thread_1: io   DispatchQueue_9: com.example.io  (serial)", 1, "io"),
    ],
)
def test_a_thread_is_named_by_itself_or_by_its_queue(read: Read, row: str, tid: int, name: str) -> None:
    profile = read(graph(f"3 {row}", "+ 3 f  (in Tool)"))
    assert profile.threads.to_dict("records") == [
        {"tid": tid, "name": name, "pid": 56690, "process": "Tool Helper (Renderer)"}
    ]
    assert list(profile.frames["name"]) == ["f"]


def test_a_thread_without_frames_is_a_sample_without_a_stack(read: Read) -> None:
    profile = read(graph("804 Thread_1"))
    assert profile.samples[["thread_id", "stack_id", "weight"]].to_numpy().tolist() == [[0, -1, 804]]


def test_below_the_top_nothing_is_a_thread(read: Read) -> None:
    profile = read(graph("3 Thread_1", "+ 3 Thread_2::run  (in Tool)", "+   3 Thread_3"))
    assert to_folded(profile) == "Thread_2::run;Thread_3 3\n"
    assert profile.threads["tid"].tolist() == [1]


def test_a_graph_may_begin_with_functions(read: Read) -> None:
    profile = read(graph("10 main  (in Tool) + 1  [0x1]", "+ 7 net  (in Tool) + 2  [0x2]"))
    assert to_folded(profile) == "main 3\nmain;net 7\n"


@pytest.mark.parametrize(
    "text, name, image",
    [
        ("f  (in Tool) + 1  [0x1]", "f", "Tool"),
        ("f (in Tool) + 1 [0x1]", "f", "Tool"),
        ("f  (in Tool)  [0x1]", "f", "Tool"),
        ("f  (in Tool)", "f", "Tool"),
        ("f  (in Tool Helper (Renderer)) + 1  [0x1]  a (b).m:3", "f", "Tool Helper (Renderer)"),
        ("f  (in Tool) + 1  [0x1]  and what later versions say", "f", "Tool"),
        ("f  (in Tool", "f  (in Tool", ""),
        (
            "+[NSString stringWithUTF8String:]  (in Foundation) + 68  [0x7ff8]",
            "+[NSString stringWithUTF8String:]",
            "Foundation",
        ),
        ("ns::f(int) const  (in Tool) + 0x1f  [0x1]", "ns::f(int) const", "Tool"),
        ("DYLD-STUB$$memchr  (in Tool) + 4  [0x1]", "DYLD-STUB$$memchr", "Tool"),
        ("operator|(a, b)  (in Tool) + 4  [0x1]", "operator|(a, b)", "Tool"),
        ("???  (in Tool)", "???", "Tool"),
        ("0x0", "0x0", ""),
        ("f", "f", ""),
        ("<img src=x onerror=alert(1)>  (in Tool) + 4  [0x1]", "<img src=x onerror=alert(1)>", "Tool"),
    ],
)
def test_a_row_is_a_symbol_and_its_image(read: Read, text: str, name: str, image: str) -> None:
    profile = read(graph("1 Thread_1", f"+ 1 {text}"))
    assert list(profile.frames["name"]) == [name]
    assert "".join(profile.binaries["name"]) == image


def test_blank_lines_and_rules_between_threads_mean_nothing(read: Read) -> None:
    profile = read(graph("3 Thread_1", "+ 3 f  (in Tool)", "", "----", "2 Thread_2", "+ 2 g  (in Tool)"), strict=True)
    assert to_folded(profile) == "f 3\ng 2\n"


@pytest.mark.parametrize("line", ["...", "nothing useful", "12", "x 12 f"])
def test_a_line_that_is_no_row_is_skipped_and_counted(read: Read, line: str) -> None:
    text = graph("3 Thread_1", "+ 3 f  (in Tool)", line)
    profile = read(text)
    assert to_folded(profile) == "f 3\n"
    assert notices(profile) == {"malformed-line": 1, "waiting-threads": 1}
    number = text.splitlines().index(f"    {line}") + 1
    with pytest.raises(InputError, match=rf"^x\.txt: line {number} is not a row of the call graph"):
        read(text, strict=True)


@pytest.mark.parametrize("blanks", [1, 3, 4])
def test_an_odd_indentation_is_put_right_and_counted(read: Read, blanks: int) -> None:
    text = graph("3 Thread_1", "+ 3 f  (in Tool)", f"+ {' ' * blanks}2 g  (in Tool)")
    assert to_folded(read(text)) == "f 1\nf;g 2\n"
    assert notices(read(text))["indentation"] == 1
    lost = graph("3 Thread_1", "+ 3 f  (in Tool)", f"+ {' ' * blanks}9 g  (in Tool)")
    said = {notice.code: notice.message for notice in read(lost).meta.notices}
    assert "rounded" not in said["weights-do-not-add-up"]
    assert said["weights-do-not-add-up"].endswith(said["indentation"]), "the cause, and not rounding"
    with pytest.raises(InputError, match=f"is indented by {blanks}, not 2, below line"):
        read(text, strict=True)


def test_a_text_cut_off_within_the_graph_is_read_and_said(read: Read) -> None:
    text = HEAD + GRAPH
    assert read(text).weight == 26
    assert notices(read(text))["cut-off"] == 1
    with pytest.raises(InputError, match="ends within the call graph"):
        read(text, strict=True)


def test_a_second_call_graph_is_not_read_and_said(read: Read) -> None:
    text = HEAD + GRAPH + TAIL
    assert read(text + text).weight == read(text).weight
    assert notices(read(text + text))["more-call-graphs"] == 1
    with pytest.raises(InputError, match="begins another call graph"):
        read(text + text, strict=True)


def test_callees_that_outnumber_their_caller_are_said(read: Read) -> None:
    text = graph("3 Thread_1", "+ 3 f  (in Tool)", "+   4 g  (in Tool)")
    assert to_folded(read(text)) == "f;g 4\n"
    assert notices(read(text)) == {"weights-disagree": 1, "rounded-weights": 1, "waiting-threads": 1}
    with pytest.raises(InputError, match="weighs less than what it calls"):
        read(text, strict=True)


@pytest.mark.parametrize("text", [HEAD, HEAD + TAIL, HEAD + "    ...\n" + TAIL])
def test_a_graph_without_rows_is_an_error(read: Read, text: str) -> None:
    with pytest.raises(InputError, match=r"^x\.txt: holds no rows under 'Call graph:'"):
        read(text)


def test_a_title_without_a_graph_is_an_error(read: Read) -> None:
    with pytest.raises(InputError, match=r"^x\.txt: has no line 'Call graph:'"):
        read(HEAD.partition("Call graph:")[0])


@pytest.mark.parametrize("size", ["(48 bytes)", "(1.50K)", "(12M)", "(1.2G)"])
def test_a_call_graph_of_memory_is_not_cpu_time(read: Read, size: str) -> None:
    with pytest.raises(UnsupportedError, match="counts bytes: this is a call graph of memory"):
        read(graph(f"3 {size} Thread_1"))


def test_a_count_in_a_name_is_no_size(read: Read) -> None:
    assert read(graph("3 (anonymous namespace)::f  (in Tool)")).weight == 3


graphs: st.SearchStrategy[Any] = st.recursive(
    st.tuples(st.integers(1, 9), st.just([])),
    lambda below: st.tuples(st.integers(0, 9), st.lists(below, min_size=1, max_size=3)),
    max_leaves=8,
)


@given(graphs)
def test_a_printed_graph_reads_back_as_the_tree(tree: Any) -> None:
    folded: list[str] = []
    rows: list[str] = []

    def total(node: Any) -> int:
        own, below = node
        return own + sum(total(child) for child in below)

    def write(node: Any, name: str, path: str, indent: str, branches: int) -> None:
        own, below = node
        rows.append(f"{indent}{total(node)} {name}  (in Tool) + 1  [0x1]\n")
        if own:
            folded.append(f"{path} {own}\n")
        branches += len(below) > 1
        for number, child in enumerate(below):
            guide = f"{'|+!:'[branches % 4]} " if number < len(below) - 1 else "  "
            write(child, f"{name}.{number}", f"{path};{name}.{number}", indent + guide, branches)

    write(tree, "f", "f", "    ", 0)
    text = "Call graph:\n" + "".join(rows) + TAIL
    profile = open_text("x.txt", text.encode(), "sample", strict=True).profile()
    assert to_folded(profile) == to_folded(from_folded("".join(folded)))
