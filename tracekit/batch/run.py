"""A whole batch: what is not done yet is done, and the table is made."""

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pandas as pd

from tracekit._version import __version__
from tracekit.api import NO_LOG
from tracekit.batch.inputs import expand, fingerprint
from tracekit.batch.journal import Journal, journal_path, lock_path
from tracekit.batch.rows import Options, read_rows, results_table, stamped
from tracekit.batch.work import Outcome, Row, Work
from tracekit.errors import InputError
from tracekit.files import check_file
from tracekit.symbols import read_objects

Execute = Callable[[Work, Sequence[str]], Generator[Outcome]]
"""Works on recordings somewhere, in any order: ``on_processes`` or ``on_cluster`` with their options."""

Watch = Callable[[int, int, Outcome | None], None]
"""Told how many of how many recordings are done, and the outcome that was added."""


class Reader(Protocol):
    """Reads one recording, as ``read_rows`` does."""

    def __call__(self, path: str, options: Options) -> list[Row]: ...


class Batch(NamedTuple):
    """What a batch gave."""

    table: pd.DataFrame
    """See ``rows.COLUMNS``."""
    recordings: int
    known: int
    """Recordings that an earlier batch had done."""
    failed: int
    """Recordings of which nothing could be read."""


def run_batch(
    patterns: Sequence[str],
    output: Path,
    execute: Execute,
    *,
    options: Options = Options(),  # noqa: B008 - frozen
    work: Reader = read_rows,
    watch: Watch | None = None,
) -> Batch:
    """Read every recording that some patterns name, once; what the journal beside ``output`` knows is not read again.

    ``work`` reads one recording; it is pickled by name.

    Raises:
        InputError: a pattern names nothing, or rules, a log or symbols cannot be read.
        OutputError: the journal cannot be written.
    """
    read_objects([Path(path) for path in options.symbols])
    journal_at = journal_path(output)
    paths = expand(patterns, without=(output, journal_at, lock_path(journal_at)))
    prints = {path: _fingerprint(path) for path in paths}
    with Journal(journal_at, _terms(options)) as journal:
        asked = [path for path in paths if (path, prints[path]) not in journal.done]
        known = len(paths) - len(asked)
        if watch is not None:
            watch(known, len(paths), None)
        with closing(execute(partial(work, options=options), asked)) as outcomes:
            for count, outcome in enumerate(outcomes, start=known + 1):
                journal.add(outcome, prints[outcome.path], stamped(outcome.rows, outcome.path, prints[outcome.path]))
                if watch is not None:
                    watch(count, len(paths), outcome)
        found = [journal.done[path, prints[path]] for path in paths]
    failed = sum(all(row["status"] == "error" for row in rows) for rows in found)
    return Batch(results_table(row for rows in found for row in rows), len(paths), known, failed)


def _fingerprint(path: str) -> str:
    """Empty for what cannot be looked at, such as a link to nothing: reading it will say why."""
    try:
        return fingerprint(path)
    except OSError:
        return ""


def _terms(options: Options) -> dict[str, Any]:
    """What the journal's rows depend on beside the recordings, as JSON gives it back."""
    scope = asdict(options.scope)
    scope["selection"] = {key: list(value) for key, value in scope["selection"].items()}
    scope = {key: list(value) if isinstance(value, tuple) else value for key, value in scope.items()}
    files = {name: _digest(path) for name, path in (("rules", options.rules), ("log", options.log))}
    symbols = [[str(path), fingerprint(str(path))] for path in options.symbols]
    return {"tracekit": __version__, "scope": scope, **files, "strict": options.strict, "symbols": symbols}


def _digest(path: str | Path | None) -> str | None:
    if path is None or str(path) == NO_LOG:
        return None if path is None else NO_LOG
    check_file(Path(path))
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from error
