"""One question, one answer: ``tk.sql``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from tracekit.database.guarded import Guarded
from tracekit.database.recordings import Recordings, open_recordings
from tracekit.errors import QueryError
from tracekit.model.trace import Trace

MOST_ROWS: Final = 10_000_000
TIMEOUT_S: Final = 60.0


def sql(
    source: Trace | str | Path | Sequence[Trace | str | Path],
    statement: str,
    *,
    run: int | None = None,
    rules: str | Path | None = None,
    model: str | Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> pd.DataFrame:
    """Ask one or several recordings in SQL (DuckDB's), read-only; docs/sql.md lists the tables.

    ``model`` is the one that was recorded, for the table ``operations``.

    Integers stay integers, also sums; texts are str; what is not known is missing.

    Raises:
        MissingExtraError: DuckDB is not installed.
        QueryError: it is no single SELECT, names what is not there, or needs too much time, memory or rows.
        TracekitError: a recording cannot be read.
    """
    sources = [source] if isinstance(source, (Trace, str, Path)) else [*source]
    return answer(open_recordings(sources, run=run, rules=rules, model=model), statement, timeout_s=timeout_s)


def answer(recordings: Recordings, statement: str, *, timeout_s: float = TIMEOUT_S) -> pd.DataFrame:
    """As ``sql``, of recordings that are open."""
    database = Guarded(recordings.names(), recordings.parts)
    table, is_whole = database.query(statement, most_rows=MOST_ROWS, timeout_s=timeout_s)
    if not is_whole:
        raise QueryError(f"the answer has more than {MOST_ROWS:,} rows", hint="Aggregate, or end with LIMIT")
    return table
