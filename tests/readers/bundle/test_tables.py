"""Any table becomes a typed DataFrame, and what is not known is said."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sample_traces.bundle import ENGINEERING_TYPES, RunWriter
from sample_traces.bundle_files import NULL32, NULL64, Column, Table
from tests.support.bundle_writer import FORWARD, LOOP, MAIN, MAIN_FUNCTION, PID, WORKER, run_writer, sample_trace
from tracekit.errors import InputError, SelectionError
from tracekit.model.trace import TableInfo
from tracekit.readers.bundle.columns import KINDS, Kind
from tracekit.readers.bundle.labels import bytes_text, duration_text

TIME = Column("time", "SampleTimestamp", "time")


def table_of(run: RunWriter, columns: Sequence[Column], rows: Sequence[Sequence[int]]) -> pd.DataFrame:
    run.tables.append(Table("t", "point", columns, rows))
    return sample_trace(runs=[run]).table("t")


def column_of(run: RunWriter, kind: str, values: Sequence[int], size: int = 1) -> "pd.Series[Any]":
    rows = [(at, value) for at, value in enumerate(values)]
    return table_of(run, (TIME, Column("x", kind, size)), rows)["x"]


def listed(series: "pd.Series[Any]") -> list[object]:
    return [None if missing else value for value, missing in zip(series.tolist(), series.isna(), strict=True)]


def test_times_are_nanoseconds() -> None:
    series = column_of(run_writer(), "Duration", [0, 5_000_000_000], 2)
    assert (series.dtype, listed(series)) == (np.dtype("int64"), [0, 5_000_000_000])
    series = column_of(run_writer(), "StartTime", [7, NULL64], 2)
    assert (str(series.dtype), listed(series)) == ("Int64", [7, None])


@pytest.mark.parametrize(
    "kind, values, size, dtype, expected",
    [
        ("PrototypeValue", [1, NULL64], 2, "Int64", [1, None]),
        ("KDebugArgument", [1 << 63, 3, NULL64], 2, "UInt64", [1 << 63, 3, None]),
        ("CPUCore", [3, NULL32], 1, "Int64", [3, None]),
        ("Boolean", [0, 1, NULL32], 1, "boolean", [False, True, None]),
    ],
)
def test_numbers(kind: str, values: list[int], size: int, dtype: str, expected: list[object]) -> None:
    series = column_of(run_writer(), kind, values, size)
    assert (str(series.dtype), listed(series)) == (dtype, expected)


def test_texts() -> None:
    run = run_writer()
    series = column_of(run, "GPUState", [run.strings.add("Active"), NULL32, run.strings.add(""), 12345])
    assert (str(series.dtype), listed(series)) == ("str", ["Active", None, "", ""])


def test_threads_and_processes_are_names_and_numbers() -> None:
    run = run_writer()
    columns = (TIME, Column("thread", "Thread", 1), Column("process", "Process", 1))
    rows = [(0, run.thread(WORKER, PID), run.process(PID, "")), (1, NULL32, NULL32), (2, run.thread(MAIN, PID), NULL32)]
    table = table_of(run, columns, rows)
    assert list(table.columns) == ["time", "thread", "thread.tid", "process", "process.pid"]
    assert listed(table["thread"]) == ["worker <1>", None, "Main Thread"]
    assert listed(table["thread.tid"]) == [WORKER, None, MAIN]
    assert listed(table["process"]) == ["Demo", None, None]
    assert listed(table["process.pid"]) == [PID, None, None]
    assert [str(dtype) for dtype in table.dtypes] == ["int64", "str", "Int64", "str", "Int64"]


def test_thread_names() -> None:
    run = run_writer()
    named = run.strings.add("com.apple.main") << 32 | 17
    assert listed(column_of(run, "ThreadName", [named, NULL64], 2)) == ["com.apple.main", None]


def test_backtraces_are_symbols_leaf_first() -> None:
    run = run_writer()
    stacks = [run.stack(PID, (LOOP + 1, MAIN_FUNCTION + 8)), NULL32, run.stack(PID, (FORWARD + 1,)), run.arrays.add(())]
    assert listed(column_of(run, "Backtrace", stacks)) == ["loop ← main", None, "Espresso::net::__forward()", ""]


def test_call_stacks_of_the_kernel_are_addresses() -> None:
    run = run_writer()
    callers, process = run.arrays.add((0x2000, 0x3000)), run.process(PID, "")
    stacks = [run.arrays.add((callers, 0x1000, process)), run.arrays.add((NULL32, 0x1234, process, 0x99)), NULL32]
    assert listed(column_of(run, "CoreProfileCallstack", stacks)) == ["0x1000 ← 0x2000 ← 0x3000", "0x1234", None]


def test_places_in_code_are_an_image_and_an_offset() -> None:
    run = run_writer()
    identity = run.arrays.add((0x95EC3610E01A3730, 0x9CD5B6B18C5B0560))
    assert listed(column_of(run, "ReturnLocation", [identity << 32 | 0x201E64, NULL64], 2)) == [
        "95EC3610-E01A-3730-9CD5-B6B18C5B0560 + 0x201e64",
        None,
    ]


def test_labels_and_messages_are_spelled_as_xctrace_spells_them() -> None:
    run = run_writer()
    process, thread = run.process(PID, ""), run.thread(WORKER, PID)
    named: tuple[tuple[str, int | str], ...] = (("Process", process), ("NarrativeText", ", "), ("Thread", thread))
    label = run.label(
        ("NarrativeText", "took "),
        ("Duration", 1_500_000),
        ("NarrativeText", " in "),
        *named,
        ("NarrativeText", ": 0x"),
        ("UnsignedIntegerHexLowercase", 0xAB),
        ("NarrativeText", ", "),
        ("SizeInBytes", 65536),
    )
    expected = f"took 1.50 ms in Demo ({PID}), worker <1> {WORKER:#x} (Demo, pid: {PID}): 0xab, 64.00 KiB"
    assert listed(column_of(run, "FormattedLabel", [label, NULL32])) == [expected, None]
    run = run_writer()
    message = run.label(("NarrativeText", "ID is "), ("PrototypeValue", 59827756837127), ("PrivateValue", 0))
    nested = run.label(("OSLogMetadata", message), ("NarrativeText", " → "), ("SignpostName", "Done"))
    assert listed(column_of(run, "OSLogMetadata", [nested])) == ["ID is  59,827,756,837,127 <private>  →  Done"]


def test_parts_that_are_missing_are_empty() -> None:
    run = run_writer()
    label = run.label(("Process", NULL32), ("Thread", NULL32), ("PrototypeString", 99_999), ("NarrativeText", "."))
    assert listed(column_of(run, "NarrativeEntry", [label])) == ["."]


def test_values_of_any_type() -> None:
    run = run_writer()
    numbers = [run.label(("PrototypeValue", 199_999)), run.label(("UnsignedIntegerHexLowercase", 255)), NULL32]
    assert listed(column_of(run, "Any", numbers)) == [199_999, 255, None]
    run = run_writer()
    mixed = [run.label(("PrototypeValue", 5)), run.label(("PrototypeString", "text"))]
    assert listed(column_of(run, "Any", mixed)) == ["5", "text"]


def test_labels_that_nest_without_end_are_told() -> None:
    run = run_writer()
    kind = ENGINEERING_TYPES.index("OSLogMetadata")
    assert run.typed.add((kind, 0)) == 0, "the array holds itself"
    with pytest.raises(InputError, match="a label nests without end"):
        column_of(run, "OSLogMetadata", [0])


@pytest.mark.parametrize(
    "kind, array, message",
    [("OSLogMetadata", (1, 2, 3), "a typed array is cut off"), ("Any", (1, 2, 3, 4), "is not one value")],
)
def test_typed_arrays_of_another_shape_are_told(kind: str, array: tuple[int, ...], message: str) -> None:
    run = run_writer()
    number = run.typed.add(array)
    with pytest.raises(InputError, match=message):
        column_of(run, kind, [number])


def test_call_stacks_that_are_cut_off_are_told() -> None:
    run = run_writer()
    with pytest.raises(InputError, match="a call stack is cut off"):
        column_of(run, "CoreProfileCallstack", [run.arrays.add((1,))])


def test_what_is_not_known_is_given_as_numbers_and_that_is_said() -> None:
    run = run_writer()
    columns = (TIME, Column("a", "VisualUUIDChain", 1), Column("b", "New", 2), Column("c", "TextBacktrace", 1))
    table = table_of(run, columns, [(0, 14442, 1 << 63, NULL32), (1, NULL32, 5, NULL32)])
    assert listed(table["a"]) == [14442, None]
    assert listed(table["b"]) == [1 << 63, 5]
    assert table.attrs["raw"] == {"a": "XRVisualUUIDChainTypeID", "b": "XRNewTypeID"}, "c holds nothing"
    assert table.attrs["notices"] == [], "analysis does not use them: `tracekit table` says it"


def test_times_and_durations_beyond_reason_are_skipped_and_counted() -> None:
    columns = (
        Column("start", "StartTime", "time"),
        Column("length", "Duration", "duration"),
        Column("x", "CPUCore", "category1"),
    )
    rows = [(1, 2, 0), (1 << 53, 2, 0), (3, 1 << 53, 0), (4, NULL64, 0), ((1 << 64) - 5, 1, 0)]
    run = run_writer()
    run.tables.append(Table("t", "interval", columns, rows))
    table = sample_trace(runs=[run]).table("t")
    assert listed(table["start"]) == [1, 4]
    assert listed(table["length"]) == [2, None]
    assert [(notice.code, notice.count) for notice in table.attrs["notices"]] == [("skipped-row:bad-number", 3)]


def test_a_mnemonic_that_is_there_twice_gets_a_number() -> None:
    table = table_of(run_writer(), (TIME, Column("x", "CPUCore", 1), Column("y", "CPUCore", 1)), [(0, 1, 2)])
    assert list(table.columns) == ["time", "x", "y"]
    run = run_writer()
    columns = (Column("x", "SampleTimestamp", "time"), Column("x", "CPUCore", "category1"))
    table = table_of(run, columns, [(5, 1)])
    assert table.to_dict("list") == {"x": [5], "x.2": [1]}


def test_rows_are_sorted_by_time() -> None:
    table = table_of(run_writer(), (TIME, Column("x", "CPUCore", 1)), [(3, 1), (1, 2), (3, 3), (2, 4)])
    assert table["x"].tolist() == [2, 4, 1, 3]


def test_tables_of_the_same_schema_stand_together() -> None:
    run = run_writer()
    columns = (TIME, Column("x", "CPUCore", 1))
    run.tables.append(Table("t", "point", columns, [(2, 1)], {"codes": ["0x1"]}))
    run.tables.append(Table("t", "point", columns, []))
    run.tables.append(Table("t", "point", columns, [(1, 2)], {"codes": ["0x2"]}))
    run.tables.append(Table("t", "point", (TIME, Column("y", "CPUCore", 1)), [(0, 9)]))
    table = sample_trace(runs=[run]).table("t")
    assert table["x"].tolist() == [2, 1]
    assert [notice.message for notice in table.attrs["notices"]] == [
        "the run has 2 tables t with rows; their rows stand together, sorted by time",
        "1 more tables t have other columns and were left out",
    ]


def test_an_empty_table_has_its_columns_and_types() -> None:
    table = table_of(run_writer(), (TIME, Column("thread", "Thread", 1), Column("x", "Backtrace", 1)), [])
    assert [str(dtype) for dtype in table.dtypes] == ["int64", "str", "Int64", "str"]
    assert len(table) == 0


def test_no_column_holds_objects() -> None:
    trace = sample_trace()
    for info in trace.tables():
        assert "object" not in {str(dtype) for dtype in trace.table(info.schema).dtypes}


def test_tables_are_described() -> None:
    assert list(sample_trace().schemas()) == [info.schema for info in sample_trace().tables()]
    first, *others = sample_trace().tables()
    assert first == TableInfo(
        "time-profile",
        5,
        ("time", "thread", "process", "core", "thread-state", "weight", "stack"),
        {
            "context-switch-sampling": "0",
            "high-frequency-sampling": "0",
            "needs-kernel-callstack": "0",
            "record-waiting-threads": "0",
            "target-pid": "SINGLE",
        },
    )
    assert [(info.schema, info.rows) for info in others] == [("process-info", 2), ("thread-info", 2)]


def test_a_table_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(
        SelectionError,
        match=r"demo\.trace: there is no table 'x' in run 1\. Tables here: process-info, thread-info, time-",
    ):
        sample_trace().table("x")


def test_a_column_without_a_field_is_told() -> None:
    run = run_writer()
    good = Table("t", "point", (TIME,), [(1,)])
    files = good.files()
    wide = Table("t", "point", (TIME, Column("x", "CPUCore", 1)), [(1, 2)]).files()["schema.xml"]

    class Mixed(Table):
        def files(self) -> dict[str, bytes]:
            return {**files, "schema.xml": wide}

    run.tables.append(Mixed(**vars(good)))
    with pytest.raises(InputError, match="the column x is not in the rows"):
        sample_trace(runs=[run]).table("t")


def test_texts_that_would_fill_the_memory_are_refused() -> None:
    run = run_writer()
    long = run.strings.add("x" * 4_000_000)
    run.tables.append(Table("t", "point", (TIME, Column("x", "PrototypeString", 1)), [(0, long)] * 2000))
    with pytest.raises(InputError, match="the texts of a column would take 7629 MiB"):
        sample_trace(runs=[run]).table("t")


def test_the_profile_table_can_be_had_as_rows_too() -> None:
    table = sample_trace().table("time-profile")
    assert table["stack"].isna().tolist() == [False, False, False, True, False]
    assert table["stack"].iloc[4] == "Math::fast() ← 0x100004000 ← main"
    assert table["thread-state"].tolist() == ["Running", "Running", "Blocked", "Running", "Running"]


@pytest.mark.parametrize(
    "ns, text", [(0, "0 ns"), (999, "999 ns"), (1000, "1.00 µs"), (259_167, "259.17 µs"), (2_075_111_540, "2.08 s")]
)
def test_durations(ns: int, text: str) -> None:
    assert duration_text(ns) == text


@pytest.mark.parametrize(
    "count, text", [(0, "0 Bytes"), (16384, "16.00 KiB"), (5 << 20, "5.00 MiB"), (3 << 30, "3.00 GiB")]
)
def test_sizes(count: int, text: str) -> None:
    assert bytes_text(count) == text


def test_every_kind_but_raw_has_a_type() -> None:
    assert set(KINDS.values()) == set(Kind) - {Kind.RAW}
    assert replace(Table("t", "point", (TIME,), []), schema="u").schema == "u"
