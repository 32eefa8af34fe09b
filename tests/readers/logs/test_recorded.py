"""What the recording's own table ``os-log`` holds of the log."""

from pathlib import Path

import pandas as pd

import tracekit as tk
from tests.cli.inputs import first_rows
from tests.readers.export.documents import toc, toc_run
from tests.support.logs import ANSWERS, ASKS
from tracekit.model.log import LOG
from tracekit.readers.logs.recorded import recorded_log

_COLUMNS = ("time", "thread", "process", "message-type", "subsystem", "category", "message")
_SCHEMA = "".join(f"<col><mnemonic>{name}</mnemonic></col>" for name in _COLUMNS)


def os_log(*lines: tuple[str, str], pid: int) -> str:
    """An export of the table: ``subsystem`` and ``message`` of each line, 100 ms apart; no message is a sentinel."""
    process = f'<process id="2" fmt="App ({pid})"><pid id="3" fmt="{pid}">{pid}</pid></process>'
    rows = []
    for number, (subsystem, message) in enumerate(lines):
        at, process_cell = 10 * number + 10, process if number == 0 else '<process ref="2"/>'
        said = f'<os-log-metadata id="{at + 3}" fmt="{message}"/>' if message else "<sentinel/>"
        thread = f'<thread id="{at + 4}" fmt="t"><tid id="{at + 5}" fmt="0x7">7</tid>{process_cell}</thread>'
        rows.append(
            f'<row><event-time id="{at}" fmt="t">{number * 100_000_000}</event-time>{thread}<process ref="2"/>'
            f'<event-type id="{at + 6}" fmt="Debug">Debug</event-type>'
            f'<subsystem id="{at + 1}" fmt="{subsystem}">{subsystem}</subsystem>'
            f'<category id="{at + 2}" fmt="common">common</category>{said}</row>'
        )
    return (
        f'<?xml version="1.0"?><trace-query-result><node xpath="//trace-toc[1]/run[1]/data[1]/table[3]">'
        f'<schema name="os-log">{_SCHEMA}</schema>{"".join(rows)}</node></trace-query-result>'
    )


LINES = (
    ("com.apple.ane", ASKS.format(0x2A)),
    ("com.apple.ane", ANSWERS.format(0)),
    ("com.apple.ane", ASKS.format(0x2A)),
    ("com.apple.ane", ANSWERS.format(0x12)),
    ("com.example", "nothing of interest"),
    ("com.apple.ane", ""),
)


def recording(folder: Path, *, pid: int = 7310) -> Path:
    """A folder of exports: samples of process 7310, and what process ``pid`` logged."""
    folder.mkdir()
    (folder / "profile.xml").write_text(first_rows(40))
    (folder / "log.xml").write_text(os_log(*LINES, pid=pid))
    (folder / "toc.xml").write_text(toc(toc_run(1, 'schema="tick"', 'schema="time-profile"', 'schema="os-log"')))
    return folder


def test_the_recordings_own_table_is_read_without_being_asked_for(tmp_path: Path) -> None:
    found = tk.analyze(recording(tmp_path / "run")).measured.log
    assert found is not None
    assert (found.path, found.pid, found.clock) == ("the table os-log", 7310, "the recording's own clock")
    assert (found.count, found.regions, dict(found.statuses)) == (2, 1, {0: 1, 0x12: 1})


def test_what_another_process_logged_is_counted_beside(tmp_path: Path) -> None:
    found = tk.analyze(recording(tmp_path / "run", pid=99)).measured.log
    assert found is not None
    assert found.count == 0
    assert found.processes[["pid", "requests", "failed"]].to_numpy().tolist() == [[99, 2, 1]]


def test_the_table_is_not_read_where_none_is_asked_for(tmp_path: Path) -> None:
    assert tk.analyze(recording(tmp_path / "run"), log="none").measured.log is None


def test_a_table_as_it_is_given() -> None:
    rows = pd.DataFrame({"time": [5, 6], "message": ["ANECCompile FAILED", "other"], "process.pid": [3, 3]})
    found = recorded_log(rows)
    assert found is not None
    assert (found.clock, found.lines, len(found.table)) == ("trace", 2, 1)
    assert found.table.dtypes.astype(str).to_dict() == dict(LOG)
    assert found.table[["time_ns", "mach", "pid", "thread"]].to_numpy().tolist() == [[5, -1, 3, -1]]
    assert recorded_log(rows.tail(1)) is None
    assert recorded_log(rows.head(0)) is None
