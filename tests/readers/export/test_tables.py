"""Any table as a typed DataFrame."""

import json

import pandas as pd
import pytest

from tests.readers.export.documents import (
    BINARY,
    PROCESS,
    ROW,
    STACK,
    THREAD,
    Columns,
    document,
    node,
    opened,
    row,
    schema,
    table_of,
    time_profile,
)
from tracekit.errors import InputError, SelectionError
from tracekit.model.facts import Notice


def table(columns: Columns, *rows: str, strict: bool = False) -> pd.DataFrame:
    cells = [f"<row>{cells}</row>" for cells in rows]
    return table_of(document(node(*cells, head=schema("t", columns))), "t", strict=strict)


def column(kind: str, *cells: str) -> pd.DataFrame:
    return table([("it", kind)], *cells)


def plain(frame: pd.DataFrame) -> list[list]:
    """The values as JSON has them: missing ones are None."""
    return json.loads(frame.to_json(orient="split"))["data"]


VALUES = {
    "nanoseconds": ("start-time", "<start-time>24456569500</start-time>", "Int64", 24456569500),
    "a duration of another tag": ("any", "<duration>12</duration>", "Int64", 12),
    "what fmt says is not read": ("duration", '<duration fmt="1.109,45 ms">7</duration>', "Int64", 7),
    "a negative number": ("syscall-return", "<syscall-return>-1</syscall-return>", "Int64", -1),
    "the largest of 63 bits": ("uint64", f"<uint64>{2**63 - 1}</uint64>", "Int64", 2**63 - 1),
    "an address of 64 bits": ("address", f"<address>{2**64 - 1}</address>", "UInt64", 2**64 - 1),
    "true": ("boolean", '<boolean fmt="Yes">1</boolean>', "boolean", True),
    "false": ("boolean", '<boolean fmt="No">0</boolean>', "boolean", False),
    "text": ("string", '<string fmt="a">a &lt;b&gt; ☀️</string>', "str", "a <b> ☀️"),
    "no text": ("string", '<string fmt=""></string>', "str", ""),
    "a number nobody declared as one": ("never-seen", "<never-seen>5</never-seen>", "str", "5"),
    "bytes on the network": (
        "network-size-in-bytes",
        '<network-size-in-bytes fmt="1.52 KiB">1558</network-size-in-bytes>',
        "Int64",
        1558,
    ),
    "an address on the network": ("sockaddr", '<sockaddr fmt="192.0.2.1:443">0 0</sockaddr>', "str", "192.0.2.1:443"),
    "a label is whole in fmt alone": (
        "narrative",
        '<narrative fmt="took 5 ms"><narrative-text>took </narrative-text><duration>5000000</duration></narrative>',
        "str",
        "took 5 ms",
    ),
    "the name of an image": ("binary", BINARY, "str", "Tool"),
    "a backtrace": ("backtrace", STACK, "str", "work ← main"),
    "a wrapped backtrace": (
        "tagged-backtrace", f"<tagged-backtrace>{STACK}<uint64>0</uint64></tagged-backtrace>", "str", "work ← main",
    ),
    "a backtrace of addresses": (
        "backtrace",
        '<backtrace fmt="leaf ← (3 other frames)"><text-addresses>17 32</text-addresses>'
        "<text-addresses>48 0</text-addresses></backtrace>",
        "str",
        "leaf ← 0x20 ← 0x30",
    ),
    "a backtrace of another kind": (
        "kperf-bt",
        '<kperf-bt fmt="PC:0x10, 3 frames"><text-addresses>32 48</text-addresses>'
        "<text-address>16</text-address></kperf-bt>",
        "str",
        "0x10 ← 0x20 ← 0x30",
    ),
    "a backtrace of nothing": ("backtrace", '<backtrace fmt="?"/>', "str", "?"),
}  # fmt: skip


@pytest.mark.parametrize("what", VALUES)
def test_a_value_has_the_type_of_its_column(what: str) -> None:
    kind, cell, dtype, value = VALUES[what]
    frame = column(kind, "<sentinel/>", cell)
    assert frame["it"].dtype == dtype
    assert plain(frame) == [[None], [value]]


@pytest.mark.parametrize(
    "kind, dtypes",
    [
        ("sample-time", {"it": "Int64"}),
        ("thread", {"it": "str", "it.tid": "Int64"}),
        ("process", {"it": "str", "it.pid": "Int64"}),
        ("boolean", {"it": "Int64"}),
        ("string", {"it": "str"}),
        ("backtrace", {"it": "str"}),
        ("any", {"it": "str"}),
    ],
)
def test_a_column_without_values_has_a_type_too(kind: str, dtypes: dict[str, str]) -> None:
    expected = dtypes if kind != "boolean" else {"it": "boolean"}
    assert dict(column(kind).dtypes.astype("str")) == expected
    assert dict(column(kind, "<sentinel/>").dtypes.astype("str")) == expected


def test_threads_and_processes_are_a_name_and_a_number() -> None:
    frame = table(
        [("thread", "thread"), ("process", "process")], f'{THREAD}<process ref="4"/>', "<sentinel/><sentinel/>"
    )
    assert list(frame.columns) == ["thread", "thread.tid", "process", "process.pid"]
    assert plain(frame) == [["Main Thread", 31, "Tool", 7], [None, None, None, None]]


def test_columns_of_the_same_mnemonic_are_numbered() -> None:
    frame = table(
        [("process", "process"), ("process", "process"), ("n", "uint64"), ("n", "uint64"), ("n", "uint64")],
        f'{PROCESS}<process fmt="Other (8)"><pid>8</pid></process>'
        "<uint64>1</uint64><uint64>2</uint64><uint64>3</uint64>",
    )
    assert list(frame.columns) == ["process", "process.pid", "process.2", "process.pid.2", "n", "n.2", "n.3"]
    assert plain(frame) == [["Tool", 7, "Other", 8, 1, 2, 3]]


MIXED = {
    "numbers and text": (("<uint64>1</uint64>", "<string>a</string>"), ["1", "a"]),
    "threads and text": ((THREAD, "<string>a</string>"), ["Main Thread", "a"]),
    "threads and processes": ((PROCESS, THREAD.replace(PROCESS, "")), ["Tool", "Main Thread"]),
    "numbers that no dtype holds together": (
        (f"<uint64>{2**64 - 1}</uint64>", "<uint64>-1</uint64>"),
        [str(2**64 - 1), "-1"],
    ),
}


@pytest.mark.parametrize("what", MIXED)
@pytest.mark.parametrize("kind", ["uint64", "thread", "process", "boolean", "any"])
def test_values_of_several_kinds_are_text(what: str, kind: str) -> None:
    cells, texts = MIXED[what]
    frame = column(kind, *cells)
    expected = pd.Series(texts, dtype="str", name="it")
    pd.testing.assert_series_equal(frame["it"], expected)


def test_references_work_in_any_table() -> None:
    other = node(f"<row>{THREAD}</row>", head=schema("other", [("thread", "thread")]))
    cells = '<row><thread ref="2"/><pid ref="5"/></row>'
    xml = document(other, node(cells, head=schema("t", [("thread", "thread"), ("pid", "pid")])))
    assert plain(table_of(xml, "t")) == [["Main Thread", 31, 7]]


def test_a_profile_is_a_table_too() -> None:
    frame = table_of(time_profile(ROW, row(stack="<sentinel/>")), "time-profile")
    assert list(frame.columns) == [
        "time", "thread", "thread.tid", "process", "process.pid", "core", "thread-state", "weight", "stack",
    ]  # fmt: skip
    assert plain(frame) == [
        [2000000, "Main Thread", 31, "Tool", 7, 3, "Running", 1000000, "work ← main"],
        [2000000, "Main Thread", 31, "Tool", 7, 3, "Running", 1000000, None],
    ]


def test_an_empty_table_has_its_columns() -> None:
    frame = table([("time", "sample-time"), ("who", "process")])
    assert (list(frame.columns), len(frame)) == (["time", "who", "who.pid"], 0)


# ---- Damage.


def test_damaged_rows_are_skipped_and_counted() -> None:
    frame = table(
        [("n", "uint64")], "<uint64>x</uint64>", "<uint64>1</uint64>", '<uint64 ref="9"/>', "<uint64>y</uint64>"
    )
    assert frame["n"].tolist() == [1]
    assert frame.attrs["notices"] == [
        Notice(
            "skipped-row:bad-number",
            "row 1 of t (line 3): <uint64> holds 'x', which is not a whole 64-bit number; the row was skipped",
            2,
        ),
        Notice(
            "skipped-row:dangling-ref",
            'row 3 of t (line 5): <uint64 ref="9"/> refers to nothing that was defined before; the row was skipped',
            1,
        ),
    ]


def test_strict_refuses_damaged_rows() -> None:
    with pytest.raises(InputError) as error:
        table([("n", "uint64")], "<uint64>1</uint64>", "<sentinel/><sentinel/>", strict=True)
    assert str(error.value) == (
        "x.xml: row 2 of t (line 4): 2 cells for 1 columns. Without --strict such rows are skipped."
    )


def test_a_table_of_damaged_rows_alone_is_an_error() -> None:
    with pytest.raises(InputError) as error:
        table([("n", "uint64")], '<uint64 ref="9"/>', '<uint64 ref="9"/>')
    assert str(error.value) == (
        'x.xml: no row of t could be read; row 1 of t (line 3): <uint64 ref="9"/> refers to nothing that was defined '
        "before. Was the file cut or edited? Rows refer to earlier ones; export it again."
    )


def test_a_damaged_row_keeps_what_it_defines() -> None:
    frame = table([("n", "uint64")], '<uint64 id="9">1</uint64><sentinel/>', '<uint64 ref="9"/>')
    assert frame["n"].tolist() == [1]


# ---- Which table.


def test_an_unknown_table_is_an_error_with_those_that_are_there() -> None:
    with pytest.raises(SelectionError) as error:
        table_of(document(node(ROW), node(head=schema("a", []))), "b")
    assert str(error.value) == "x.xml: there is no table 'b' in run 1. Tables here: a, time-profile."


def test_nodes_of_one_table_are_one_table() -> None:
    head = schema("t", [("n", "uint64")])
    first, second = (node(f"<row><uint64>{number}</uint64></row>", head=head) for number in (1, 2))
    other_run = node("<row><uint64>3</uint64></row>", head="", run=2)
    trace = opened(document(first, second, other_run))
    assert trace.table("t")["n"].tolist() == [1, 2]
    assert trace.table("t", run=2)["n"].tolist() == [3]


def test_tables_of_one_name_but_other_columns_are_refused() -> None:
    nodes = (node(head=schema("t", [(name, "uint64")])) for name in ("a", "b"))
    with pytest.raises(InputError) as error:
        table_of(document(*nodes), "t")
    assert str(error.value) == (
        "x.xml: t is there 2 times with different columns. Export each table to a file of its own."
    )


def test_of_several_documents_the_first_with_rows_is_read_and_the_others_are_named() -> None:
    head = schema("t", [("n", "uint64")])
    empty = document(node(head=head))
    one, two = (document(node(f"<row><uint64>{number}</uint64></row>", head=head)) for number in (1, 2))
    frame = opened(empty, one, two, empty).table("t")
    assert frame["n"].tolist() == [1]
    assert frame.attrs["notices"] == [Notice("other-tables", "read t of x/2.xml; not added to it: x/3.xml (1 rows)", 1)]
