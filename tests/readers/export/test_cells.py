"""Cells of a row: references, missing values, what is read from text and what from fmt, and files that were edited."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.readers.export.documents import (
    BINARY,
    COLUMNS,
    PROCESS,
    ROW,
    STACK,
    THREAD,
    TIME,
    WEIGHT,
    document,
    node,
    profile_of,
    row,
    samples_of,
    schema,
    table_of,
    time_profile,
)
from tracekit.model.facts import Notice
from tracekit.model.profile import Profile

SAMPLE = Path(__file__).parents[3] / "sample_traces" / "mlprogram-split.xcode26.5.xml"
MAIN_THREAD = (31, "Main Thread", 7, "Tool")
IMAGE = ("Tool", "/bin/Tool", "U-1", 0x1000)
WORK = (("work", *IMAGE, "", 0, True), ("main", *IMAGE, "", 0, True))
SAMPLE_OF_ROW = (2_000_000, MAIN_THREAD, 3, "Running", 1_000_000, WORK)


def without(xml: str, attribute: str) -> str:
    return re.sub(f' {attribute}="[^"]*"', "", xml)


def notices(profile: Profile) -> list[tuple[str, int]]:
    return [(notice.code, notice.count) for notice in profile.meta.notices]


def test_a_row_is_a_sample() -> None:
    profile = profile_of(time_profile(ROW))
    assert samples_of(profile) == [SAMPLE_OF_ROW]
    assert (profile.meta.unit, profile.meta.table, profile.meta.notices) == ("ns", "time-profile", ())


# ---- id and ref.


def test_every_cell_may_be_a_reference() -> None:
    assert samples_of(profile_of(time_profile(ROW, row()))) == [SAMPLE_OF_ROW, SAMPLE_OF_ROW]


NESTED = {
    "the process inside a thread": (
        row(thread='<thread id="20" fmt="w 0x2f (Tool, pid: 7)"><tid id="21">47</tid><process ref="4"/></thread>'),
        lambda sample: sample[1] == (47, "w", 7, "Tool"),
    ),
    "the id inside a thread": (
        row(thread='<thread id="20" fmt="again 0x1f (Tool, pid: 7)"><tid ref="3"/><process ref="4"/></thread>'),
        lambda sample: sample[1] == MAIN_THREAD,
    ),
    "a frame of another stack": (
        row(stack='<backtrace id="20"><frame ref="13"/></backtrace>'),
        lambda sample: sample[-1] == WORK[1:],
    ),
    "the image of another frame": (
        row(stack='<backtrace id="20"><frame id="21" name="f" addr="0x1"><binary ref="12"/></frame></backtrace>'),
        lambda sample: sample[-1] == (("f", *IMAGE, "", 0, True),),
    ),
    "a stack inside another": (
        row(stack='<tagged-backtrace id="20"><backtrace ref="10"/><uint64 id="21">0</uint64></tagged-backtrace>'),
        lambda sample: sample[-1] == WORK,
    ),
}


@pytest.mark.parametrize("what", NESTED)
def test_a_reference_may_mean_something_nested_in_an_earlier_row(what: str) -> None:
    second, is_right = NESTED[what]
    assert is_right(samples_of(profile_of(time_profile(ROW, second)))[1])


def test_a_path_inside_a_source_inside_a_frame_can_be_referred_to() -> None:
    def frame(number: int, name: str, path: str) -> str:
        return f'<frame id="{number}" name="{name}" addr="0x1"><source line="{number}">{path}</source></frame>'

    first = row(stack=f'<backtrace id="19">{frame(20, "f", """<path id="23">/src/a.c</path>""")}</backtrace>')
    second = row(stack=f'<backtrace id="29">{frame(30, "g", """<path ref="23"/>""")}</backtrace>')
    frames = profile_of(time_profile(ROW, first, second)).frames
    assert frames[["name", "file", "line"]].to_numpy().tolist()[2:] == [["f", "/src/a.c", 20], ["g", "/src/a.c", 30]]


def test_a_fragment_of_addresses_can_be_referred_to() -> None:
    def stack(number: int, leaf: str, callers: str) -> str:
        return f'<backtrace id="{number}" fmt="f ← (2 other frames)"><process ref="4"/>{leaf}<process ref="4"/>{callers}</backtrace>'  # noqa: E501

    def fragment(number: int, text: str) -> str:
        return f'<text-addresses id="{number}" fmt="frag 1">{text}</text-addresses>'

    first = row(stack=stack(20, fragment(21, "17 32"), fragment(22, "48")))
    second = row(stack=stack(23, fragment(24, "65 32"), '<text-addresses ref="22"/>'))
    found = [[name for name, *_ in sample[-1]] for sample in samples_of(profile_of(time_profile(ROW, first, second)))]
    assert found[1:] == [["f", "0x20", "0x30"]] * 2


def test_a_repeated_stack_is_a_reference_to_its_wrapper() -> None:
    inner = STACK.replace('id="10"', 'id="20"').replace('id="11"', 'id="21"').replace('id="13"', 'id="23"')
    inner = inner.replace(BINARY, '<binary ref="12"/>')
    wrapped = row(
        stack=f'<tagged-backtrace id="19" fmt="x">{inner}<uint64 id="24" fmt="0">0</uint64></tagged-backtrace>'
    )
    again = row(stack='<tagged-backtrace ref="19"/>')
    assert [sample[-1] for sample in samples_of(profile_of(time_profile(ROW, wrapped, again)))] == [WORK] * 3


def test_a_reference_may_mean_something_in_a_table_of_another_kind() -> None:
    other = node(f"<row>{STACK}{THREAD}</row>", head=schema("other", [("stack", "backtrace"), ("thread", "thread")]))
    cells = ROW.replace(STACK, '<backtrace ref="10"/>').replace(THREAD, '<thread ref="2"/>')
    assert samples_of(profile_of(document(other, node(cells)))) == [SAMPLE_OF_ROW]


DAMAGED_FIRST_ROWS = {
    "a cell too few": ROW.replace('<process ref="4"/>', ""),
    "a cell too many": ROW.replace("</row>", "<sentinel/></row>"),
    "a reference to nothing, in front": ROW.replace(TIME, '<sample-time ref="99"/>'),
    "a reference to nothing, inside the thread": ROW.replace('<tid id="3" fmt="0x1f">31</tid>', '<tid ref="99"/>'),
    "a number that is none": ROW.replace(">2000000<", ">soon<"),
}


@pytest.mark.parametrize("what", DAMAGED_FIRST_ROWS)
def test_what_a_damaged_row_defines_is_known_to_later_rows(what: str) -> None:
    whole = row(
        time='<sample-time id="31">5</sample-time>',
        thread='<thread id="32" fmt="Main Thread 0x1f (Tool, pid: 7)"><tid id="33">31</tid><process ref="4"/></thread>',
    )
    profile = profile_of(time_profile(DAMAGED_FIRST_ROWS[what], whole))
    assert samples_of(profile) == [(5, *SAMPLE_OF_ROW[1:])]
    assert [notice.count for notice in profile.meta.notices] == [1]


def test_ids_may_have_gaps_and_be_anything() -> None:
    xml = re.sub(r'(id|ref)="(\d+)"', lambda match: f'{match[1]}="x{int(match[2]) ** 2}"', time_profile(ROW, row()))
    assert 'id="x169"' in xml
    assert samples_of(profile_of(xml)) == [SAMPLE_OF_ROW] * 2


def test_there_may_be_no_ids_at_all() -> None:
    whole = without(ROW.replace('<process ref="4"/>', PROCESS).replace('<binary ref="12"/>', BINARY), "id")
    assert " id=" not in whole
    assert samples_of(profile_of(time_profile(whole, whole))) == [SAMPLE_OF_ROW] * 2


# ---- Missing values.


@pytest.mark.parametrize(
    "column, expected",
    [
        ("thread", (2_000_000, None, 3, "Running", 1_000_000, WORK)),
        ("core", (2_000_000, MAIN_THREAD, -1, "Running", 1_000_000, WORK)),
        ("state", (2_000_000, MAIN_THREAD, 3, "", 1_000_000, WORK)),
        ("stack", (2_000_000, MAIN_THREAD, 3, "Running", 1_000_000, None)),
    ],
)
def test_a_sentinel_is_no_value(column: str, expected: tuple) -> None:
    profile = profile_of(time_profile(ROW, row(**{column: "<sentinel/>"})))
    assert samples_of(profile)[1] == expected
    assert profile.meta.notices == ()


@pytest.mark.parametrize(
    "column, what", [("time", "no-value): the time is missing"), ("weight", "no-weight): the weight is a <sentinel>")]
)
def test_a_sample_needs_a_time_and_a_weight(column: str, what: str) -> None:
    code, _, message = what.partition("): ")
    profile = profile_of(time_profile(ROW, row(**{column: "<sentinel/>"})))
    assert len(profile) == 1
    assert profile.meta.notices == (
        Notice(f"skipped-row:{code}", f"row 2 of time-profile (line 4): {message}; the row was skipped"),
    )


def test_only_sentinels_are_no_sample() -> None:
    profile = profile_of(time_profile(ROW, f"<row>{'<sentinel/>' * len(COLUMNS)}</row>"))
    assert (len(profile), notices(profile)) == (1, [("skipped-row:no-weight", 1)])


# ---- Columns are told by position.


def test_columns_may_come_in_any_order() -> None:
    order = [6, 5, 4, 3, 2, 1, 0]
    cells = [STACK, WEIGHT, '<thread-state id="8">Running</thread-state>', '<core id="7">3</core>', PROCESS]
    cells += [THREAD.replace(PROCESS, '<process ref="4"/>'), TIME]
    head = schema("time-profile", [COLUMNS[index] for index in order])
    assert samples_of(profile_of(document(node(f"<row>{''.join(cells)}</row>", head=head)))) == [SAMPLE_OF_ROW]


def test_a_column_is_found_although_its_tag_occurs_before() -> None:
    columns = [("other-weight", "weight"), ("parent", "thread"), *COLUMNS, ("other-stack", "backtrace")]
    other_thread = '<thread id="90" fmt="Other 0x2f (Tool, pid: 7)"><tid id="91">47</tid></thread>'
    other_stack = '<backtrace id="92"><frame id="93" name="other" addr="0x9"/></backtrace>'
    cells = ROW.replace("<row>", f'<row><weight id="94">5</weight>{other_thread}').replace(
        "</row>", f"{other_stack}</row>"
    )
    assert samples_of(profile_of(document(node(cells, head=schema(columns=columns))))) == [SAMPLE_OF_ROW]


def test_columns_nobody_needs_may_be_missing() -> None:
    columns = [("time", "sample-time"), ("weight", "weight"), ("stack", "backtrace")]
    profile = profile_of(document(node(f"<row>{TIME}{WEIGHT}{STACK}</row>", head=schema(columns=columns))))
    assert samples_of(profile) == [(2_000_000, None, -1, "", 1_000_000, WORK)]


# ---- fmt is for people.


def test_numbers_are_never_read_from_fmt() -> None:
    other_locale = ROW.replace('fmt="1.00 ms"', 'fmt="1.109,45"').replace('fmt="00:00.002.000"', 'fmt="2.287.014.575"')
    other_locale = other_locale.replace('fmt="CPU 3 (P Core)"', 'fmt="ЦП 4"').replace('fmt="0x1f"', 'fmt="49"')
    assert samples_of(profile_of(time_profile(other_locale))) == [SAMPLE_OF_ROW]


def test_without_fmt_only_names_are_lost() -> None:
    (sample,) = samples_of(profile_of(time_profile(without(ROW, "fmt"))))
    assert sample == (2_000_000, (31, "", 7, ""), *SAMPLE_OF_ROW[2:])


THREAD_NAMES = {
    "find  0xe9f21 (find, pid: 23759)": (0xE9F21, "find", 23759, "find"),
    "Finder 0x644a1c3 (Finder, pid: 751)": (0x644A1C3, "Finder", 751, "Finder"),
    "Main Thread (0x13e4cf3) (a.out, pid: 34963)": (0x13E4CF3, "Main Thread", 34963, "a.out"),
    "void std::__1::__thread_execute<A, void   0x251a3e (fakeStore, pid: 47615)": (
        0x251A3E, "void std::__1::__thread_execute<A, void", 47615, "fakeStore",
    ),
    "queue (serial), x (0x1f) (Chrome Helper (Renderer), pid: 9)": (
        0x1F, "queue (serial), x", 9, "Chrome Helper (Renderer)",
    ),
    "tricky 0x7f (bar, pid: 8) (0x1f) (Tool, pid: 9)": (0x1F, "tricky 0x7f (bar, pid: 8)", 9, "Tool"),
    "  0x1f (, pid: 0)": (0x1F, "", 0, ""),
    "two\nlines 0x1f (Tool, pid: 9)": (0x1F, "two\nlines", 9, "Tool"),
}  # fmt: skip
NOT_A_THREAD_FMT = ["main", "", "main 0x1f", "main 0x1f (Tool)", "main (Tool, pid: 7)", "main 0x1f (Tool, pid: seven)"]


@pytest.mark.parametrize("fmt", THREAD_NAMES)
def test_threads_are_named_in_their_fmt(fmt: str) -> None:
    thread = f"<thread fmt={quoted(fmt)}><tid>{THREAD_NAMES[fmt][0]}</tid>{PROCESS}</thread>"
    assert samples_of(profile_of(time_profile(ROW.replace(THREAD, thread))))[0][1] == (
        *THREAD_NAMES[fmt][:2],
        7,
        "Tool",
    )


@pytest.mark.parametrize("fmt", THREAD_NAMES)
def test_a_thread_without_children_is_what_its_fmt_says(fmt: str) -> None:
    xml = time_profile(ROW.replace(THREAD, f"<thread fmt={quoted(fmt)}/>").replace('<process ref="4"/>', PROCESS))
    assert samples_of(profile_of(xml))[0][1] == THREAD_NAMES[fmt]


@pytest.mark.parametrize("fmt", NOT_A_THREAD_FMT)
def test_a_thread_fmt_of_another_form_is_the_name(fmt: str) -> None:
    thread = f"<thread fmt={quoted(fmt)}><tid>31</tid>{PROCESS}</thread>"
    assert samples_of(profile_of(time_profile(ROW.replace(THREAD, thread))))[0][1] == (31, fmt, 7, "Tool")


def test_a_thread_fmt_of_many_tids_takes_no_time() -> None:
    fmt = "0x1 (" * 50_000 + ", pid: x)"
    thread = f'<thread fmt="{fmt}"><tid>31</tid>{PROCESS}</thread>'
    assert samples_of(profile_of(time_profile(ROW.replace(THREAD, thread))))[0][1][1] == fmt


@pytest.mark.parametrize(
    "fmt, name",
    [("Tool (7)", "Tool"), ("Helper (GPU) (7)", "Helper (GPU)"), ("Helper (GPU)", "Helper (GPU)"), ("", "")],
)
def test_processes_are_named_in_their_fmt(fmt: str, name: str) -> None:
    xml = time_profile(ROW.replace('fmt="Tool (7)"', f'fmt="{fmt}"'))
    assert samples_of(profile_of(xml))[0][1] == (31, "Main Thread", 7, name)


def quoted(fmt: str) -> str:
    return '"' + fmt.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "&#10;") + '"'


# ---- Rewritten by other programs.


def test_comments_and_instructions_are_not_there() -> None:
    xml = time_profile(ROW, row())
    xml = xml.replace(">1000000<", ">10<!-- a --><?b c?>00000<").replace("<core", "<!-- core --><?core?><core")
    xml = xml.replace("<row>", "<!-- row --><row><?row?>").replace('<frame id="13"', '<!-- f --><frame id="13"')
    xml = xml.replace(">Running<", "><![CDATA[Run]]>ning<")
    assert samples_of(profile_of(xml)) == [SAMPLE_OF_ROW] * 2


def test_numbers_may_stand_between_blanks() -> None:
    assert samples_of(profile_of(time_profile(ROW.replace(">1000000<", "> \n1000000\t<")))) == [SAMPLE_OF_ROW]


def test_an_export_that_went_through_elementtree_says_the_same() -> None:
    """As Python's own XML writer leaves it: another declaration, blanks before ``/>``, other line breaks."""
    plain = SAMPLE.read_text()
    again = ET.tostring(ET.fromstring(plain), encoding="utf-8", xml_declaration=True).decode()
    assert "<?xml version='1.0' encoding='utf-8'?>" in again
    assert '" />' in again
    assert samples_of(profile_of(again)) == samples_of(profile_of(plain))


def test_attributes_may_come_in_any_order() -> None:
    def reversed_attributes(match: re.Match[str]) -> str:
        attributes = re.findall(r'[-a-zA-Z]+="[^"]*"', match[2])
        return f"<{match[1]} {' '.join(reversed(attributes))}{match[3]}>"

    plain = SAMPLE.read_text()
    again = re.sub(r'<([-\w]+) ((?:[-\w]+="[^"]*" ?)+)(/?)>', reversed_attributes, plain)
    assert re.search(r'<thread fmt="[^"]*" id="2">', again)
    assert samples_of(profile_of(again)) == samples_of(profile_of(plain))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
def test_the_declared_encoding_counts(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    xml = time_profile(ROW.replace("work", "µ")).replace('"1.0"', f'"1.0" encoding="{declared}"')
    assert [name for name, *_ in samples_of(profile_of(xml.encode(encoding)))[0][-1]] == ["µ", "main"]


def test_a_table_keeps_what_its_cells_say() -> None:
    frame = table_of(time_profile(ROW, row(core="<sentinel/>")), "time-profile")
    assert frame["core"].tolist()[0] == 3
    assert frame["core"].isna().tolist() == [False, True]
