"""What is done, on disk as soon as it is done: JSON lines beside the output.

The first line says with which tracekit and options the batch began; under others nothing of it counts. A line that was
being written when the machine stopped has no end, and is cut off.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tracekit.batch.rows import Row
from tracekit.batch.work import Outcome
from tracekit.errors import OutputError

SCHEMA: Final = "tracekit.batch/1"


def journal_path(output: Path) -> Path:
    """Where the journal of an output lies."""
    return output.with_name(f"{output.name}.journal")


class Journal:
    """Open for one batch. ``done`` has the rows of recordings, by (path, fingerprint), that need no second look."""

    def __init__(self, path: Path, terms: Mapping[str, Any]) -> None:
        """Read what an earlier batch on the same ``terms`` left, and go on after it.

        Raises:
            OutputError: the journal cannot be read or written.
        """
        self._path = path
        self.done: dict[tuple[str, str], list[Row]] = {}
        head = {"schema": SCHEMA, **terms}
        try:
            kept = self._read(head)
            self._stream = path.open("r+b" if kept else "wb")
            self._stream.truncate(kept)
            self._stream.seek(kept)
            if not kept:
                self._write(head)
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror}", where=path) from error

    def add(self, outcome: Outcome, fingerprint: str, rows: list[Row]) -> None:
        """Write one outcome; it is on disk when this returns. What lost its worker is tried again next time."""
        entry = {"path": outcome.path, "fingerprint": fingerprint, "lost": outcome.lost}
        try:
            self._write({**entry, "seconds": round(outcome.seconds, 3), "rows": rows})
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror}", where=self._path) from error
        self.done[outcome.path, fingerprint] = rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stream.close()

    def _read(self, head: Mapping[str, Any]) -> int:
        """Fill ``done``; return how many bytes of the journal are whole, 0 where it is of another batch."""
        if not self._path.exists():
            return 0
        whole = 0
        with self._path.open("rb") as stream:
            for number, line in enumerate(stream):
                entry = _parsed(line)
                if entry is None:
                    break
                if number == 0 and entry != head:
                    return 0
                if number and not entry["lost"]:
                    self.done[entry["path"], entry["fingerprint"]] = entry["rows"]
                whole += len(line)
        return whole

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._stream.write(json.dumps(entry, allow_nan=False).encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())


def _parsed(line: bytes) -> dict[str, Any] | None:
    """The entry of a whole line."""
    try:
        entry = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
