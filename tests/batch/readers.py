"""What batches under test do with a recording: they end, hang or count. Workers find them by their names.

Here the analysis is imported only by what reads: half a second for each of a hundred workers. For the same reason what
reads nothing can do without options, which are the analysis's.
"""

import os
import signal
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracekit.batch.work import Outcome, Row, Work

if TYPE_CHECKING:
    from tracekit.batch.rows import Options


def here(work: Work, paths: Sequence[str], **_: object) -> Generator[Outcome]:
    """Work in this process: what a journal does, and the command line, is the same wherever the work is done."""
    for path in paths:
        yield Outcome(path, work(path))


def read_or_end(path: str, options: "Options") -> list[Row]:
    """As ``read_rows``; but a recording called ``kills…`` ends the process that reads it, as a crash would."""
    from tracekit.batch.rows import read_rows

    if Path(path).name.startswith("kills"):
        os.kill(os.getpid(), signal.SIGKILL)
    return read_rows(path, options)


def say_name(path: str, options: "Options | None" = None) -> list[Row]:
    """A row without reading anything; ``exits…`` ends the process."""
    name = Path(path).name
    if name.startswith("exits"):
        os._exit(7)
    if name.startswith("slow"):
        time.sleep(0.3)
    return [{"run": 1, "status": "ok", "answer": name, "samples": os.getpid()}]


def kill_or_count(path: str, options: "Options | None" = None) -> list[Row]:
    """A row without reading much; ``kills…`` ends the process."""
    if Path(path).name.startswith("kills"):
        os.kill(os.getpid(), signal.SIGKILL)
    return [{"run": 1, "status": "ok", "samples": Path(path).stat().st_size}]


def note_and_say(path: str, options: "Options | None" = None) -> list[Row]:
    """As ``say_name``, and leaves a line in ``read.log`` in the recording's folder."""
    with (Path(path).parent / "read.log").open("a") as log:
        log.write(f"{Path(path).name}\n")
    return [{"run": 1, "status": "ok", "answer": Path(path).name}]


def take_memory(path: str, options: "Options | None" = None) -> list[Row]:
    """Fails as an analysis does that does not fit."""
    try:
        return [{"run": 1, "status": "ok", "samples": len(bytearray(4 * 1024**3))}]
    except MemoryError:
        return [{"run": None, "status": "error", "reason": "no memory"}]


def raise_always(path: str, options: "Options | None" = None) -> list[Row]:
    """What a reader never does."""
    raise ValueError("a defect")
