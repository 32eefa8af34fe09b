"""What is done, and what came of it, wherever it is done."""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, Final, NamedTuple

Row = dict[str, Any]
"""A row of the table, some columns of which may be missing; see ``rows.COLUMNS``."""

Work = Callable[[str], list[Row]]
"""Reads one recording. It is pickled by name, so it is a module's function or a ``partial`` of one."""

LOST: Final = "its worker process ended while it was read: a crash, or killed for want of memory"
"""The same on processes and on a cluster, which cannot tell more; what is known is told on stderr."""


class Outcome(NamedTuple):
    """What came of one recording."""

    path: str
    rows: list[Row]
    seconds: float = 0.0
    lost: str = ""
    """How its worker ended; empty where it did not."""


Pass = Callable[[Sequence[str], bool], Iterator[Outcome]]
"""Works on some recordings, in any order; all at once, or (True) one at a time."""


def failed_row(run: int | None, reason: str) -> Row:
    """The row of a run, or of a recording, that could not be read."""
    return {"run": run, "status": "error", "reason": reason}


def lost(path: str, how: str) -> Outcome:
    """The outcome of a recording whose worker ended."""
    return Outcome(path, [failed_row(None, LOST)], lost=how)


def with_second_try(paths: Sequence[str], work_through: Pass) -> Generator[Outcome]:
    """Work on all; what lost its worker is tried once more in the end, alone.

    Beside others it may have lacked memory; and a cluster cannot tell which of a worker's recordings ended it.
    """
    again = []
    for outcome in work_through(paths, False):
        if outcome.lost:
            again.append(outcome.path)
        else:
            yield outcome
    yield from work_through(again, True)
