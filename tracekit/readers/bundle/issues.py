"""``Trace<N>.run/RunIssues.storedata``: what Instruments noted of a run, often why it has no samples.

An SQLite database of Core Data. Its table ``ZISSUE`` has a row an issue: ``ZTYPE`` (0 a failure, 1 a warning, 2 a
remark that nearly every recording has, such as "Data stream: Time Mapping"; observed) and ``ZMESSAGE``. It is read in
memory, with nothing of it trusted: a table only, few rows, and an end to long work.
"""

import sqlite3
from contextlib import closing
from typing import Final

from tracekit.errors import InputError
from tracekit.model.facts import ISSUE, Notice
from tracekit.readers.bundle.shown import shown
from tracekit.readers.bundle.storage.files import BundleFiles

_QUERY: Final = (
    "SELECT ZMESSAGE FROM ZISSUE WHERE ZTYPE IN (0, 1) AND typeof(ZMESSAGE) = 'text' ORDER BY ZTYPE, Z_PK LIMIT 8"
)
_NO_LOG: Final = b"\1\1"
"""Versions of a database without a log beside it, as its header gives them: in memory there is none to open."""

_MOST_BYTES: Final = 16 << 20
_MOST_STEPS: Final = 100_000
_LONGEST: Final = 400


def read_issues(files: BundleFiles, run: int) -> tuple[Notice, ...]:
    """Failures and warnings that Instruments noted; a notice too where its list cannot be read."""
    name = f"Trace{run}.run/RunIssues.storedata"
    if name not in files:
        return ()
    try:
        messages = _messages(files.read(name, _MOST_BYTES))
    except (sqlite3.Error, InputError) as error:
        what = error.what if isinstance(error, InputError) else str(error)
        return (Notice("issues-not-read", f"what Instruments noted of run {run} cannot be read ({what})"),)
    return tuple(Notice(ISSUE, f"Instruments noted of run {run}: {shown(text, _LONGEST)}") for text in messages)


def _messages(data: bytes) -> list[str]:
    if not data:
        return []
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(data[:18] + _NO_LOG + data[20:])
        database.execute("PRAGMA trusted_schema = OFF")
        database.set_progress_handler(lambda: 1, _MOST_STEPS)
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'ZISSUE' AND type = 'table'").fetchone():
            return []
        return [" ".join(str(message).split()) for (message,) in database.execute(_QUERY)]
