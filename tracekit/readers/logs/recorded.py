"""What was logged while a recording was made, from the recording's own table ``os-log``."""

import numpy as np
import pandas as pd

from tracekit.model.instruments import LOG_TABLE
from tracekit.model.log import LOG, Log
from tracekit.model.schema import NONE, table
from tracekit.readers.logs.wanted import is_wanted


def recorded_log(rows: pd.DataFrame) -> Log | None:
    """The lines of the table that may be about neural networks; None where there is none.

    ``rows`` is the table as ``Trace.table`` gives it: ``time`` (nanoseconds since the recording began), ``process``,
    ``process.pid``, ``thread.tid``, ``subsystem``, ``category``, ``message``. A row without a message says nothing.
    """
    subsystem, message = _texts(rows, "subsystem"), _texts(rows, "message")
    pairs = pd.MultiIndex.from_arrays([subsystem, message])
    codes, distinct = pd.factorize(pairs)
    wanted = np.array([is_wanted(system, text) for system, text in distinct], bool)
    kept = np.flatnonzero(wanted[codes] if len(wanted) else np.zeros(0, bool))
    if not len(kept):
        return None
    texts = {name: _texts(rows, name)[kept] for name in ("process", "subsystem", "category", "message")}
    lines = table(
        LOG,
        {
            "time_ns": _numbers(rows, "time")[kept],
            "mach": np.full(len(kept), NONE, np.int64),
            "pid": _numbers(rows, "process.pid")[kept],
            "thread": _numbers(rows, "thread.tid")[kept],
            **{name: pd.Categorical(values) for name, values in texts.items()},
        },
    )
    return Log(f"the table {LOG_TABLE}", lines, len(rows), clock="trace")


def _texts(rows: pd.DataFrame, name: str) -> "np.typing.NDArray[np.object_]":
    if name not in rows:
        return np.full(len(rows), "", object)
    return rows[name].astype("str").fillna("").to_numpy(object)


def _numbers(rows: pd.DataFrame, name: str) -> "np.typing.NDArray[np.int64]":
    if name not in rows:
        return np.full(len(rows), NONE, np.int64)
    return pd.to_numeric(rows[name], errors="coerce").fillna(NONE).to_numpy(np.int64)
