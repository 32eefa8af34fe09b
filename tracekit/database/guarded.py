"""DuckDB behind a guard: it reads the tables that it is given, and nothing else.

the statement     one SELECT (also DESCRIBE, SUMMARIZE, FROM …, VALUES); DuckDB's own parser says so
files, network    off, and no extension is loaded; the settings are locked
Python            no variable of the caller can be read as a table
memory            DuckDB's own limit, nothing spilled to disk; on Linux ``limited_memory`` also bounds what single
                  functions take (``repeat``)
time              the query is interrupted; DuckDB does not look up within one call of a function, so who has a
                  process of its own also ends that
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from threading import Timer
from typing import Any, Final

import pandas as pd

from tracekit.errors import MissingExtraError, QueryError

MEMORY: Final = 2 << 30
"""Bytes that a query may take, its tables included."""
_SLACK: Final = 1 << 30

_SETTINGS: Final = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "memory_limit": f"{MEMORY >> 20}MiB",
    "lock_configuration": "true",
}
_ASKS_FOR: Final = """
    select json ->> '$.error_message', json_array_length(json, '$.statements'), json ->> '$..table_name'
    from (select json_serialize_sql(?::varchar) as json)
"""
_LISTS: Final = re.compile(r'"|__show_')
"""What DuckDB calls the tables that SHOW TABLES and its like ask for."""

Parts = Callable[[str], list[pd.DataFrame]]


class Guarded:
    """A database whose tables are read when a query first names them."""

    def __init__(self, names: Sequence[str], parts: Parts) -> None:
        """``parts`` gives a table of ``names`` in parts, which are put together by the names of their columns.

        Raises:
            MissingExtraError: DuckDB is not installed.
        """
        try:
            import duckdb
        except ImportError as error:
            raise MissingExtraError("SQL needs DuckDB", "sql") from error
        self._duckdb = duckdb
        self._names = {name.lower(): name for name in names}
        self._parts = parts
        self._there: set[str] = set()
        self._connection: Any = duckdb.connect(":memory:", config=dict(_SETTINGS))

    def query(self, statement: str, *, most_rows: int, timeout_s: float) -> tuple[pd.DataFrame, bool]:
        """The answer as a DataFrame of at most so many rows, and whether that is all of it.

        Integers stay integers: sums, which DuckDB gives in 128 bits, are int64; with missing values, Int64. Texts are
        str. Columns with the same name get a number behind.

        Raises:
            QueryError: it is no single SELECT, names what is not there, or needs too much time or memory.
            TracekitError: a table that it names cannot be read.
        """
        for name in self._asked_for(statement):
            if name not in self._there:
                self._load(name)
                self._there.add(name)
        with ended_after(timeout_s, self._connection.interrupt):
            try:
                return self._answer(statement, most_rows)
            except self._duckdb.InterruptException:
                raise QueryError(
                    f"the query took longer than {timeout_s:g} s", hint="Ask for less, or give it more time"
                ) from None
            except (self._duckdb.OutOfMemoryException, MemoryError):
                raise QueryError(
                    f"the query needs more than {MEMORY >> 30} GiB", hint="Aggregate, or select fewer columns and rows"
                ) from None
            except self._duckdb.Error as error:
                raise self._refused(error) from error

    def _asked_for(self, statement: str) -> list[str]:
        """The known tables that a statement names."""
        ((message, count, words),) = self._connection.execute(_ASKS_FOR, [statement]).fetchall()
        if message is not None:
            raise _not_one_select(message)
        if count != 1:
            raise QueryError("it is no query" if not count else "these are several statements", hint="Give one SELECT")
        if any(_LISTS.match(word) for word in words):
            raise QueryError("SHOW knows only what was read before", hint="Ask: select * from tables")
        return [self._names[word.lower()] for word in dict.fromkeys(words) if word.lower() in self._names]

    def _load(self, name: str) -> None:
        parts = {f"part {number}": part for number, part in enumerate(self._parts(name))}
        selects = [f"select {_columns(table)} from {_quoted(part)}" for part, table in parts.items()]  # noqa: S608 - quoted
        try:
            for part, table in parts.items():
                self._connection.register(part, table)
            self._connection.execute(f"create table {_quoted(name)} as {' union all by name '.join(selects)}")
            for part in parts:
                self._connection.unregister(part)
        except self._duckdb.Error as error:
            raise QueryError(f"the table {name} cannot be asked: {_sentence(str(error))}") from error

    def _answer(self, statement: str, most_rows: int) -> tuple[pd.DataFrame, bool]:
        answer = self._connection.sql(statement)
        kinds = [str(kind) for kind in answer.types]
        columns = ", ".join(
            f"#{number}{'::bigint' if kind in ('HUGEINT', 'UHUGEINT') else ''} as c{number}"
            for number, kind in enumerate(kinds, start=1)
        )
        table: pd.DataFrame = answer.project(columns).limit(most_rows + 1).df()
        texts = [f"c{number}" for number, kind in enumerate(kinds, start=1) if kind == "VARCHAR"]
        table = table.astype(dict.fromkeys(texts, "str")).set_axis(distinct(answer.columns), axis="columns")
        return table.head(most_rows), len(table) <= most_rows

    def _refused(self, error: Exception) -> QueryError:
        sentence = _sentence(str(error))
        missing = re.match(r"Table with name (.+?) does not exist", sentence)
        if missing is None:
            return QueryError(sentence)
        if missing[1].lower() in self._names:
            return QueryError(f"the table {missing[1]} is named inside a function", hint="Name it after FROM or JOIN")
        near = get_close_matches(missing[1].lower().replace("_", "-"), [*self._names], n=3, cutoff=0.5)
        listed = ", ".join(_shown(self._names[name]) for name in near or self._names)
        hint = f"The table tables lists all; names like it: {listed}" if near else f"Tables: {listed}"
        return QueryError(f"there is no table {missing[1]}", hint=hint)


@contextmanager
def ended_after(seconds: float, end: Callable[[], None]) -> Iterator[None]:
    """Call ``end`` where the block takes longer."""
    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def limited_memory(most: int = MEMORY + _SLACK) -> Iterator[None]:
    """Let allocations of this process fail that go beyond so many bytes more than it has now. On Linux; elsewhere
    nothing tells how much it has, and DuckDB's own limit has to do.

    For a process of our own. In somebody's notebook other threads would meet the limit too.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    status = Path("/proc/self/status").read_text("ascii", "replace")
    found = re.search(r"^VmData:\s+(\d+) kB$", status, re.M)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = most + (int(found[1]) << 10 if found else 0)
    if not found or (soft != resource.RLIM_INFINITY and soft <= wanted):
        yield
        return
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _not_one_select(message: str) -> QueryError:
    if message.startswith("Only SELECT"):
        return QueryError("only SELECT is answered: recordings are never changed", hint="Begin with SELECT or WITH")
    hint = 'Names with a hyphen need double quotes: from "ane-hw-intervals"' if 'at or near "-"' in message else None
    return QueryError(_sentence(message), hint=hint)


def _sentence(message: str) -> str:
    """What DuckDB says, on one line, without its class and the marked line of the query."""
    told = re.split(r"\n+LINE \d+:", message)[0]
    return " ".join(re.sub(r"^[A-Z][\w-]*( [A-Z]\w*)* Error: ", "", told).split())


def _columns(table: pd.DataFrame) -> str:
    """Those of a part, by name. Categories become texts: else they would compare by their position."""
    kinds = {_quoted(str(name)): dtype for name, dtype in table.dtypes.items()}
    return ", ".join(
        f"{name}::varchar as {name}" if isinstance(dtype, pd.CategoricalDtype) else name
        for name, dtype in kinds.items()
    )


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def _shown(name: str) -> str:
    """As it has to be written."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else _quoted(name)


def distinct(names: Iterable[str], taken: Iterable[str] = (), fold: Callable[[str], str] = str) -> list[str]:
    """Names of which those that are there already, as ``fold`` compares them, get a number behind."""
    seen = Counter(taken)
    told = []
    for name in names:
        seen[fold(name)] += 1
        told.append(name if seen[fold(name)] == 1 else f"{name}_{seen[fold(name)]}")
    return told
