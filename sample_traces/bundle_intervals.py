"""The interval tables of a run, as the stores of a bundle hold them."""

from collections.abc import Callable
from typing import Protocol

from sample_traces.bundle_files import NULL32, NULL64, Column, Table
from sample_traces.interval_tables import CLOCK, COLUMNS, Cell, rows_of
from sample_traces.recording import Process, Run, Thread

_WIDE = frozenset({"MachAbsoluteTime", "MachTimebaseInfo", "OSSignpostIdentifier", "VisualConnectionUUID64"})
_PLACES = {"start": "time", "update-time": "time", "duration": "duration"}


class Numbers(Protocol):
    """What gives a value of a row its number: a run's writer."""

    def process(self, pid: int, name: str) -> int: ...
    def thread(self, tid: int, pid: int, name: str | None = None, *, is_main: bool = False) -> int: ...
    def label(self, *parts: tuple[str, int | str]) -> int: ...


def interval_table(table: str, run: Run, numbers: Numbers, string: Callable[[str], int]) -> Table:
    """A table of a run; ``string`` gives the number of a text."""
    columns = [
        Column(column.mnemonic, column.type, _PLACES.get(column.mnemonic) or (2 if column.type in _WIDE else 1))
        for column in COLUMNS[table]
    ]

    def number(column: Column, value: Cell) -> int:
        if value is None:
            return NULL64 if column.place == 2 else NULL32
        if isinstance(value, Process):
            return numbers.process(value.pid, value.name)
        if isinstance(value, Thread):
            return numbers.thread(value.tid, value.process.pid, value.name, is_main=value.name == "Main Thread")
        if isinstance(value, str):
            is_label = column.engineering_type == "FormattedLabel"
            return numbers.label(("PrototypeString", value)) if is_label else string(value)
        return value

    rows = [tuple(map(number, columns, row)) for row in rows_of(table, run.intervals)]
    return Table(table, "point" if table == CLOCK else "interval", columns, rows)
