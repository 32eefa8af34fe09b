"""What is done, on disk as soon as it is done: JSON lines beside the output.

The first line says with which tracekit and options the batch began; under others nothing of it counts. A line that was
being written when the machine stopped has no end, and is cut off. One batch at a time writes it: a file beside it is
locked by the system, which lets go of it when the process ends, also by a crash. Each batch adds a line that says which
process it is, for the one that finds the journal in use.
"""

import errno
import json
import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

from filelock import BaseFileLock, FileLock, Timeout

from tracekit.batch.rows import is_row
from tracekit.batch.work import Outcome, Row
from tracekit.errors import OutputError
from tracekit.files import check_file, writing

SCHEMA: Final = "tracekit.batch/1"
_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOTSUP)


def journal_path(output: Path) -> Path:
    """Where the journal of an output lies."""
    return output.with_name(f"{output.name}.journal")


def lock_path(journal: Path) -> Path:
    """The file that whoever writes a journal has locked; it is empty, and stays."""
    return journal.with_name(f"{journal.name}.lock")


class Journal:
    """Open for one batch. ``done`` has the rows of recordings, by (path, fingerprint), that need no second look."""

    def __init__(self, path: Path, terms: Mapping[str, Any]) -> None:
        """Read what an earlier batch on the same ``terms`` left, and go on after it.

        Raises:
            InputError: the journal is no file.
            OutputError: it cannot be read or written, or another batch writes it.
        """
        self._path = path
        self.done: dict[tuple[str, str], list[Row]] = {}
        with writing(path):
            path.touch()
            check_file(path)
            self._stream = path.open("r+b")
        self._lock = FileLock(lock_path(path))
        try:
            with writing(path):
                if not _is_taken(self._lock):
                    hint = "Wait until it is done, or give -o another name"
                    raise OutputError(f"is in use by another batch{self._writer()}", where=path, hint=hint)
                head = {"schema": SCHEMA, **terms}
                kept = self._read(head)
                self._stream.truncate(kept)
                self._stream.seek(kept)
                if not kept:
                    self._write(head)
                self._write({"process": os.getpid(), "machine": platform.node()})
        except OutputError:
            self._close()
            raise

    def add(self, outcome: Outcome, fingerprint: str, rows: list[Row]) -> None:
        """Write one outcome; it is on disk when this returns. What lost its worker is tried again next time."""
        entry = {"path": outcome.path, "fingerprint": fingerprint, "lost": outcome.lost}
        with writing(self._path):
            self._write({**entry, "seconds": round(outcome.seconds, 3), "rows": rows})
        self.done[outcome.path, fingerprint] = rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        self._stream.close()
        self._lock.release()

    def _read(self, head: Mapping[str, Any]) -> int:
        """Fill ``done``; return how many bytes of the journal are whole, 0 where it is of another batch."""
        whole = 0
        for number, (line, entry) in enumerate(self._entries()):
            if number == 0 and entry != head:
                return 0
            if "path" in entry and not entry["lost"] and entry["fingerprint"]:
                self.done[entry["path"], entry["fingerprint"]] = entry["rows"]
            whole += len(line)
        return whole

    def _writer(self) -> str:
        """Who wrote the journal last: `` (process 4711 on studio.local)``; empty where it does not say so yet."""
        writers = [entry for _, entry in self._entries() if "process" in entry]
        return f" (process {writers[-1].get('process')} on {writers[-1].get('machine')})" if writers else ""

    def _entries(self) -> Iterator[tuple[bytes, dict[str, Any]]]:
        """The whole lines from the first on, and what they hold."""
        self._stream.seek(0)
        for line in self._stream:
            entry = _parsed(line)
            if entry is None:
                return
            yield line, entry

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._stream.write(json.dumps(entry, allow_nan=False).encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())


def _is_taken(lock: BaseFileLock) -> bool:
    """Take a lock; False where somebody else has it. A file system that knows no locks is taken to have one writer."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


def _parsed(line: bytes) -> dict[str, Any] | None:
    """The entry of a whole line."""
    try:
        entry = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and _is_ours(entry) else None


def _is_ours(entry: Mapping[str, Any]) -> bool:
    """Whether a line is the head, a process, or an outcome with rows, as this module writes them."""
    if "path" not in entry:
        return True
    rows = entry.get("rows")
    return (
        all(isinstance(entry.get(name), str) for name in ("path", "fingerprint", "lost"))
        and isinstance(rows, list)
        and all(is_row(row) and {"path", "status", "run"} <= row.keys() for row in rows)
    )
