"""Processes and threads are named as xctrace names them."""

from collections.abc import Mapping

import numpy as np
import pytest

from sample_traces.bundle import RunWriter
from sample_traces.bundle_files import NULL32, NULL64, Column, IntKeyed, Object, Table, keyed_archive
from tests.support.bundle_writer import MAIN, PID, WORKER, in_memory, run_writer
from tracekit.errors import InputError
from tracekit.readers.bundle.names import Names
from tracekit.readers.bundle.storage.keyed_archive import KeyedArchive, Node
from tracekit.readers.bundle.storage.stores import list_stores
from tracekit.readers.bundle.storage.uniquing import Uniquing
from tracekit.readers.common import Process, Thread


def names_of(run: RunWriter, record: Mapping[str, object] | None = None, *, tables: bool = True) -> Names:
    files = in_memory({f"corespace/{name}": data for name, data in run.files().items()})
    stores = list_stores(files, 1) if tables else ()
    node = KeyedArchive(keyed_archive({"root": record or {}}), "x").root()
    return Names(Uniquing(files, 1), stores, node)


def threads(names: Names, *numbers: int) -> list[Thread]:
    return list(names.threads(np.array(numbers, np.uint32)).values())


def test_the_main_thread_is_called_so_whatever_its_name() -> None:
    run = run_writer()
    names = names_of(run)
    assert threads(names, run.thread(MAIN, PID)) == [Thread(MAIN, "Main Thread", Process(PID, "Demo"))]


def test_a_thread_has_its_name_and_without_one_its_process() -> None:
    run = run_writer()
    unnamed, empty = run.thread(77, PID), run.thread(78, PID, "")
    names = names_of(run)
    assert [thread.name for thread in threads(names, run.thread(WORKER, PID), unnamed, empty)] == [
        "worker <1>",
        "Demo",
        "Demo",
    ]


def test_a_table_of_thread_names_is_asked_where_nothing_else_names_a_thread() -> None:
    run = run_writer()
    thread, other = run.arrays.add((99, run.process(PID, ""))), run.thread(WORKER, PID)
    columns = (
        Column("time", "RecordedEventTimestamp", "time"),
        Column("thread", "Thread", "category1"),
        Column("name", "ThreadName", 2),
    )
    encoded = run.strings.add("com.apple.coreml") << 32
    run.tables.append(
        Table("thread-name", "point", columns, [(0, thread, encoded), (0, other, encoded), (0, NULL32, 0)])
    )
    assert [found.name for found in threads(names_of(run), thread, other)] == ["com.apple.coreml", "worker <1>"]


def test_missing_numbers_are_left_out() -> None:
    run = run_writer()
    assert threads(names_of(run), NULL32) == []
    assert names_of(run).processes(np.array([NULL32, run.process(PID, "")], np.uint32)) == {
        run.process(PID, ""): Process(PID, "Demo")
    }


def process_table(rows: list[tuple[int, ...]]) -> Table:
    columns = (
        Column("time", "RecordedEventTimestamp", "time"),
        Column("pid", "ProcessID", "category1"),
        Column("process", "Process", 1),
        Column("process-name", "PrototypeString", 1),
    )
    return Table("process-info", "point", columns, rows)


def test_the_last_name_of_a_process_wins() -> None:
    """A shell that becomes another program."""
    run = RunWriter()
    number = run.process(PID, "jq")
    run.tables.append(
        process_table([(0, PID, number, run.strings.add("sh")), (9, PID, number, run.strings.add("bash"))])
    )
    assert names_of(run).process(PID).name == "jq"


def test_the_last_name_of_a_thread_wins() -> None:
    run = RunWriter()
    process = run.process(PID, "Demo")
    number = run.thread(WORKER, PID, "renamed")
    columns = (
        Column("time", "RecordedEventTimestamp", "time"),
        Column("tid", "ThreadID", 2),
        Column("name", "ThreadName", 2),
        Column("main-thread", "Boolean", 1),
    )
    rows = [(0, WORKER, NULL64, 0), (5, WORKER, run.strings.add("first") << 32, 0)]
    run.tables.append(Table("thread-info", "point", columns, rows))
    assert threads(names_of(run), number) == [Thread(WORKER, "renamed", Process(PID, "Demo"))]
    assert process == run.process(PID, "")


def test_a_process_that_nothing_names_is_unknown() -> None:
    run = run_writer()
    names = names_of(run, tables=False)
    assert names.process(12345).name == "Unknown"
    assert threads(names, run.thread(WORKER, PID))[0].name == "Unknown"


RECORD: Mapping[str, object] = {
    "processDatas": [{"_pid": PID, "displayName": "Recorded"}, {"_pid": None, "displayName": "x"}, {"y": 1}, 5],
    "target": {"_pid": 99, "displayName": "Target"},
    "threadsByTID": IntKeyed(
        {
            MAIN: Object("XRThread", {"tid": MAIN, "pid": PID, "preferredName": "Main Thread  0x1d03"}),
            WORKER: Object("XRThread", {"tid": WORKER, "pid": PID, "preferredName": "0x17 pool"}),
        }
    ),
}


def test_older_recordings_are_named_by_form_template() -> None:
    run = run_writer()
    names = names_of(run, RECORD, tables=False)
    assert [names.process(pid).name for pid in (PID, 99, 5)] == ["Recorded", "Target", "Unknown"]
    found = threads(names, run.thread(MAIN, PID), run.thread(WORKER, PID))
    assert [thread.name for thread in found] == ["Main Thread", "0x17 pool"]


def test_tables_go_before_form_template() -> None:
    run = run_writer()
    names = names_of(run, RECORD)
    assert names.process(PID).name == "Demo"
    assert threads(names, run.thread(WORKER, PID))[0].name == "worker <1>"


@pytest.mark.parametrize("pid", [1 << 32, (1 << 64) - 1])
def test_impossible_ids_are_told(pid: int) -> None:
    run = RunWriter()
    number = run.arrays.add((pid, 0))
    with pytest.raises(InputError, match="a process or thread has an impossible id"):
        names_of(run).processes(np.array([number]))


def test_arrays_that_are_no_threads_are_told() -> None:
    run = run_writer()
    number = run.arrays.add((1, 2, 3))
    with pytest.raises(InputError, match="should hold 2 numbers"):
        names_of(run).threads(np.array([number]))


@pytest.mark.parametrize("record", [{}, {"processDatas": 5}, {"threadsByTID": "x", "target": [1]}])
def test_a_record_without_names_gives_none(record: Mapping[str, object]) -> None:
    run = run_writer()
    names = names_of(run, record, tables=False)
    assert threads(names, run.thread(MAIN, PID))[0] == Thread(MAIN, "Unknown", Process(PID, "Unknown"))


def test_a_record_is_a_node() -> None:
    assert isinstance(names_of(run_writer(), RECORD).record, Node)
