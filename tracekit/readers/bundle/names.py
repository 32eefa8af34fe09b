"""Processes and threads: what a row's number stands for, and how xctrace names it.

Names come from the tables ``process-info`` and ``thread-info``, which recordings have since Xcode 16.3; before, from
the records of ``form.template``. The last name wins: a process that starts another program is named by that. The main
thread is "Main Thread" whatever it is called, and a thread without a name has its process's.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import InputError
from tracekit.model.instruments import THREAD_NAME_TABLE
from tracekit.readers.bundle.storage.keyed_archive import Node
from tracekit.readers.bundle.storage.stores import Store
from tracekit.readers.bundle.storage.uniquing import NULL32, NULL64, Uniquing
from tracekit.readers.common import Process, Thread

MAIN_THREAD: Final = "Main Thread"
UNKNOWN: Final = "Unknown"
"""What xctrace prints for a process without a name."""

_TID_SUFFIX: Final = re.compile(r"\s+0x[0-9a-f]+$")


@dataclass(frozen=True)
class Names:
    """Processes and threads of a run. ``record`` is the run's record in ``form.template``."""

    uniquing: Uniquing
    stores: Sequence[Store]
    record: Node

    def processes(self, ids: NDArray[np.integer]) -> dict[int, Process]:
        """The processes of some distinct numbers of type ``XRProcessTypeID``; missing numbers are left out.

        Raises:
            InputError: a number is not one of a process.
        """
        known = ids[ids != NULL32]
        pids = self._checked(self.uniquing.arrays.tuples(known, 2)[:, 0], 32).tolist()
        return {number: self.process(pid) for number, pid in zip(known.tolist(), pids, strict=True)}

    def threads(self, ids: NDArray[np.integer]) -> dict[int, Thread]:
        """The threads of some distinct numbers of type ``XRThreadTypeID``; missing numbers are left out.

        Raises:
            InputError: a number is not one of a thread.
        """
        known = ids[ids != NULL32]
        pairs = self._checked(self.uniquing.arrays.tuples(known, 2), 63)
        owners = self.processes(np.unique(pairs[:, 1]))
        found = {}
        for number, (tid, owner) in zip(known.tolist(), pairs.tolist(), strict=True):
            process = owners.get(owner, Process(0, UNKNOWN))
            found[number] = Thread(tid, self._thread_name(tid, process), process)
        return found

    def process(self, pid: int) -> Process:
        """A process by its id."""
        return Process(pid, self._process_names.get(pid) or self._recorded_processes.get(pid) or UNKNOWN)

    def _checked(self, numbers: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
        if (numbers >> np.uint64(bits)).any():
            raise InputError("a process or thread has an impossible id", where=self.uniquing.arrays.where)
        return numbers

    def _thread_name(self, tid: int, process: Process) -> str:
        if tid not in self._thread_names:
            return self._recorded_threads.get(tid) or self._named_threads.get(tid) or process.name
        return self._thread_names[tid] or process.name

    @cached_property
    def _process_names(self) -> dict[int, str]:
        rows = self._rows("process-info", "pid", "process-name")
        return {pid: self.uniquing.string(at) for pid, at in rows}

    @cached_property
    def _thread_names(self) -> dict[int, str]:
        """Names by thread id; empty for threads that have none."""
        rows = self._rows("thread-info", "tid", "name", "main-thread")
        return {tid: self._encoded_name(name, is_main) for tid, name, is_main in rows}

    @cached_property
    def _named_threads(self) -> dict[int, str]:
        """Names by thread id, from a table ``thread-name``: a thread and its name a row, told by their types."""
        names: dict[int, str] = {}
        for store in (store for store in self.stores if store.schema == THREAD_NAME_TABLE):
            fields = {column.type: column.field for column in store.columns}
            thread, name = fields.get("XRThreadTypeID"), fields.get("XRThreadNameTypeID")
            if thread is None or name is None:
                continue
            rows = store.rows()
            rows = rows[rows[thread] != NULL32]
            tids = self.uniquing.arrays.tuples(rows[thread], 2)[:, 0].tolist()
            found = (
                (tid, self._encoded_name(at, is_main=0)) for tid, at in zip(tids, rows[name].tolist(), strict=True)
            )
            names.update((tid, text) for tid, text in found if text)
        return names

    def _encoded_name(self, name: int, is_main: int) -> str:
        """A name of type ``XRThreadNameTypeID``: the number of a string in its upper half."""
        if is_main:
            return MAIN_THREAD
        return "" if name == NULL64 else self.uniquing.string(name >> 32)

    def _rows(self, schema: str, *mnemonics: str) -> Iterator[tuple[int, ...]]:
        """The values of some columns in the rows of all tables of a schema that have them."""
        for store in self.stores:
            columns = [store.column(name) for name in mnemonics] if store.schema == schema else [None]
            if all(columns):
                rows = store.rows()
                yield from zip(*(rows[column.field].tolist() for column in columns if column), strict=True)

    @cached_property
    def _recorded_processes(self) -> dict[int, str]:
        """Names by process id, from ``form.template``."""
        names: dict[int, str] = {}
        for record in (*self.record.get("processDatas").elements(), self.record.get("target")):
            pid, name = record.get("_pid").integer(), record.get("displayName").text()
            if pid is not None and name:
                names[pid] = name
        return names

    @cached_property
    def _recorded_threads(self) -> dict[int, str]:
        """Names by thread id, from ``form.template``; older versions end them with the id."""
        names: dict[int, str] = {}
        for tid, thread in self.record.get("threadsByTID").entries().items():
            name = thread.field("preferredName").text() or thread.field("$4").get("overrideName").text()
            if isinstance(tid, int) and name:
                names[tid] = _TID_SUFFIX.sub("", name)
        return names
