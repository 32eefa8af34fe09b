"""The stack column: what each encoding looks like, frames without a symbol, and shapes that are not known."""

import pytest

from tests.readers.export.documents import (
    COLUMNS,
    ROW,
    STACK,
    document,
    node,
    only_stack,
    profile_of,
    row,
    samples_of,
    schema,
    time_profile,
)
from tracekit.errors import UnsupportedError
from tracekit.model.schema import NONE


def stack_of(stack: str) -> list[str]:
    """The symbols, leaf first, of a stack in the first row."""
    return only_stack(profile_of(time_profile(ROW.replace(STACK, stack))))


FRAMES = '<frame id="11" name="leaf" addr="0x11"/><frame id="12" name="a ← (b" addr="0x20"/><frame ref="12"/>'
LISTS = (
    '<process ref="4"/><text-addresses id="11" fmt="frag 1">17 32</text-addresses>'
    '<process ref="4"/><text-addresses id="12" fmt="frag 2">48 64</text-addresses>'
)
NAMED = ["leaf", "a ← (b", "a ← (b"]
ENCODINGS = {
    "frames in a backtrace (14.3)": (f'<backtrace id="10">{FRAMES}</backtrace>', NAMED),
    "a backtrace in a tagged-backtrace (26.4)": (
        f'<tagged-backtrace id="9" fmt="x ← (2 other frames)"><backtrace id="10">{FRAMES}</backtrace>'
        '<uint64 id="13" fmt="0">0</uint64></tagged-backtrace>',
        NAMED,
    ),
    "frames in a tagged-backtrace (27)": (f'<tagged-backtrace id="10">{FRAMES}</tagged-backtrace>', NAMED),
    "addresses (14.2)": (
        f'<backtrace id="10" fmt="leaf ← (3 other frames)">{LISTS}</backtrace>',
        ["leaf", "0x20", "0x30", "0x40"],
    ),
    "addresses that end with a 0 (12.5)": (
        f'<backtrace id="10" fmt="leaf ← (4 other frames)">{LISTS.replace("64<", "64 0<")}</backtrace>',
        ["leaf", "0x20", "0x30", "0x40"],
    ),
    "addresses with a 0 that is not the end": (
        f'<backtrace id="10" fmt="leaf ← (4 other frames)">{LISTS.replace("48 64<", "0 64<")}</backtrace>',
        ["leaf", "0x20", "0x0", "0x40"],
    ),
}


@pytest.mark.parametrize("what", ENCODINGS)
def test_a_stack_in_each_encoding(what: str) -> None:
    stack, symbols = ENCODINGS[what]
    assert stack_of(stack) == symbols


LEAVES = {
    "leaf ← (3 other frames)": "leaf",
    "leaf ← (1 other frame)": "leaf",
    "leaf ← (1.003 andere Frames)": "leaf",
    "a ← (b ← (3 other frames)": "a ← (b",
    "-[A b:] ← (3 other frames)": "-[A b:]",
    "leaf": "leaf",
    "0x180c492b4 ← (3 other frames)": "0x180c492b4",
    "": "0x11",
}


@pytest.mark.parametrize("fmt", LEAVES)
def test_the_leaf_of_addresses_is_named_in_fmt(fmt: str) -> None:
    leaf, *callers = stack_of(f'<backtrace id="10" fmt="{fmt}">{LISTS}</backtrace>')
    assert (leaf, callers) == (LEAVES[fmt], ["0x20", "0x30", "0x40"])


def test_only_what_has_a_name_is_symbolicated() -> None:
    frames = profile_of(time_profile(ROW.replace(STACK, f'<backtrace fmt="leaf ← (3)">{LISTS}</backtrace>'))).frames
    by_name = dict(zip(frames["name"], frames["is_symbolicated"], strict=True))
    assert by_name == {"leaf": True, "0x20": False, "0x30": False, "0x40": False}


BINARY = '<binary id="90" name="yes" UUID="U" arch="arm64e" load-addr="0x102400000" path="/usr/bin/yes"/>'
UNSYMBOLICATED = {
    "no image, the name is the address": ('<frame name="0x1047b15cd" addr="0x1047b15cd"/>', ("0x1047b15cd", "")),
    "no image, the name is the address less 1": ('<frame name="0x1025195c7" addr="0x1025195c8"/>', ("0x1025195c7", "")),
    "an image, the name is the start of the function": (
        f'<frame name="0x1024044f0" addr="0x1024045d8">{BINARY}</frame>',
        ("0x1024044f0", "yes"),
    ),
    "no name at all": ('<frame addr="0x1047b15cd"/>', ("0x1047b15cd", "")),
    "an empty name": ('<frame name="" addr="0x1047b15cd"/>', ("0x1047b15cd", "")),
}


@pytest.mark.parametrize("what", UNSYMBOLICATED)
def test_a_frame_without_a_symbol_is_known_by_its_address(what: str) -> None:
    frame, (name, image) = UNSYMBOLICATED[what]
    ((found, binary, *_, is_symbolicated),) = samples_of(
        profile_of(time_profile(ROW.replace(STACK, f'<backtrace id="10">{frame}</backtrace>')))
    )[0][-1]
    assert (found, binary, is_symbolicated) == (name, image, False)


@pytest.mark.parametrize(
    "name",
    ["&lt;deduplicated_symbol&gt;", "0xg", "0x", "10", "f(0x10)", "+ 0xe184", "operator&lt;&lt;", "a;b c 12", "é"],
)
def test_whatever_is_no_address_is_a_symbol(name: str) -> None:
    profile = profile_of(time_profile(ROW.replace('name="work"', f'name="{name}"')))
    assert profile.frames["name"].tolist()[0] == name.replace("&lt;", "<").replace("&gt;", ">")
    assert profile.frames["is_symbolicated"].tolist() == [True, True]


def test_one_function_is_one_frame_however_many_addresses_it_has() -> None:
    """An export defines a frame for each address; a function is its symbol and its image."""
    stack = (
        '<backtrace id="20"><frame id="21" name="work" addr="0x1999"><binary ref="12"/></frame>'
        '<frame id="22" name="work" addr="0x1999"/></backtrace>'
    )
    frames = profile_of(time_profile(ROW, row(stack=stack))).frames
    assert frames[["name", "binary_id"]].to_numpy().tolist() == [["work", 0], ["main", 0], ["work", NONE]]


def test_inlined_frames_are_frames() -> None:
    stack = (
        '<tagged-backtrace id="10"><frame id="455" name="inner" addr="0x102a9f1d7"/>'
        '<frame id="457" inlined="true" name="outer" addr="0x102a9f1d7"/></tagged-backtrace>'
    )
    assert stack_of(stack) == ["inner", "outer"]


def test_recursion_is_kept() -> None:
    frames = '<frame id="11" name="main" addr="0x1"/>' + '<frame ref="11"/>' * 232
    assert stack_of(f'<backtrace id="10">{frames}</backtrace>') == ["main"] * 233


NO_STACKS = {
    "a sentinel": "<sentinel/>",
    "an empty backtrace": '<backtrace id="10"/>',
    "an empty backtrace in its wrapper": (
        '<tagged-backtrace id="9"><backtrace id="10"/><uint64>0</uint64></tagged-backtrace>'
    ),
    "an empty tagged-backtrace": '<tagged-backtrace id="9"/>',
    "a sentinel in its wrapper": '<tagged-backtrace id="9"><sentinel/><uint64>0</uint64></tagged-backtrace>',
    "no addresses": '<backtrace id="10"><process ref="4"/><text-addresses/></backtrace>',
    "the 0 that ends addresses": '<backtrace id="10" fmt="x"><text-addresses>0</text-addresses></backtrace>',
}


@pytest.mark.parametrize("what", NO_STACKS)
def test_a_row_without_a_stack_is_a_sample_without_one(what: str) -> None:
    profile = profile_of(time_profile(ROW, row(stack=NO_STACKS[what].replace("id=", "id='x' data-was="))))
    assert profile.samples["stack_id"].tolist()[1] == NONE
    assert profile.weight == 2_000_000


UNKNOWN_SHAPES = [
    (
        '<kperf-bt id="20"><text-addresses id="21">1</text-addresses></kperf-bt>',
        "row 2",
        "<kperf-bt> holding <text-addresses>",
    ),
    ("<string>main</string>", "row 2", "<string> holding nothing"),
    (
        '<tagged-backtrace id="20"><callstack id="21"/><uint64 id="22">0</uint64></tagged-backtrace>',
        "line 4",
        "<tagged-backtrace> holding <callstack>, <uint64>",
    ),
    (
        '<tagged-backtrace id="20"><uint64 id="22">0</uint64></tagged-backtrace>',
        "line 4",
        "<tagged-backtrace> holding <uint64>",
    ),
    (
        '<tagged-backtrace id="20"><backtrace ref="10"/><backtrace ref="10"/></tagged-backtrace>',
        "line 4",
        "<tagged-backtrace> holding <backtrace>",
    ),
    (
        '<tagged-backtrace id="20"><backtrace ref="10"/><frame ref="13"/></tagged-backtrace>',
        "line 4",
        "<tagged-backtrace> holding <backtrace>, <frame>",
    ),
    (
        '<backtrace id="20"><frame ref="13"/><text-addresses>1</text-addresses></backtrace>',
        "line 4",
        "<backtrace> holding <frame>, <text-addresses>",
    ),
    (
        '<backtrace id="20"><tagged-backtrace><frame ref="13"/></tagged-backtrace></backtrace>',
        "line 4",
        "<backtrace> holding <tagged-backtrace>",
    ),
]


@pytest.mark.parametrize("stack, place, found", UNKNOWN_SHAPES)
@pytest.mark.parametrize("strict", [False, True])
def test_a_shape_that_is_not_known_is_an_error_and_no_stack_is_lost(
    stack: str, place: str, found: str, strict: bool
) -> None:
    with pytest.raises(UnsupportedError) as error:
        profile_of(time_profile(ROW, row(stack=stack)), strict=strict)
    assert str(error.value) == (
        f"x.xml: {place}: the stack is written in a way this version does not know: {found}. "
        "Please report it with the first rows of the file; a newer tracekit may read it."
    )


def test_a_shape_that_is_not_known_matters_only_in_a_stack_column() -> None:
    """Other tables have backtraces of their own; nobody reads them as samples."""
    head = schema("syscall", [("start", "start-time"), ("backtrace", "backtrace")])
    other = node('<row><start-time id="90">1</start-time><backtrace id="91"><odd/></backtrace></row>', head=head)
    assert len(profile_of(document(other, node(ROW)))) == 1


def test_the_column_may_be_declared_as_one_encoding_and_hold_another() -> None:
    head = schema(columns=[*COLUMNS[:-1], ("stack", "tagged-backtrace")])
    assert only_stack(profile_of(document(node(ROW, head=head)))) == ["work", "main"]
