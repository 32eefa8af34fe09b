"""Details of tracks, such as the list of allocations and of leaks → a DataFrame.

They have no schema: a row holds its values as attributes, and perhaps a ``<backtrace>``. What an attribute holds is
told by its values alone; ``resident-%`` of VM Tracker is ``resident-percent`` here.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from tracekit.model.facts import Notices
from tracekit.readers.common import free_name, integers
from tracekit.readers.export.cells import Cells, Element
from tracekit.readers.export.damage import rows_of
from tracekit.readers.export.document import Document, Node

STACK: Final = "backtrace"

_DECIMAL: Final = re.compile(r"[0-9]{1,19}")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]{1,16}")
_FRACTION: Final = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_CLOCK: Final = re.compile(r"([0-9]{2,6}):([0-9]{2})\.([0-9]{3})\.([0-9]{3})")


def read_detail(document: Document, cells: Cells, name: str, run: int, *, strict: bool = False) -> pd.DataFrame:
    """All rows of a detail of a track; ``cells`` read stacks as text. An attribute that a row lacks is ``<NA>``.

    Columns whose every value is a decimal or hexadecimal number are integers, those of times (``mm:ss.ms.µs``) are
    nanoseconds, ``true`` and ``false`` are boolean, numbers with a point are float; the rest is text.

    Raises:
        InputError: the document is malformed; ``strict`` and a stack refers to what is not there, or all do.
    """
    notices = Notices()

    def read(_: Node, row: Element) -> dict[str, str]:
        values = {str(key): str(value) for key, value in row.attrib.items()}
        stacks = [str(cells.value(child)) for child in row if child.tag == STACK]
        return values | dict(zip([STACK], stacks, strict=False))

    rows = rows_of(document, cells, (name, run), read, notices, strict=strict)
    names = dict.fromkeys(key for row in rows for key in row)
    found: dict[str, pd.Series[Any]] = {}
    for key in names:
        found[free_name(key, found)] = _series([row.get(key) or None for row in rows])
    frame = pd.DataFrame(found, index=pd.RangeIndex(len(rows)))
    frame.attrs["notices"] = list(notices.collected())
    return frame


def _series(values: list[str | None]) -> "pd.Series[Any]":
    """A column by what all of its values are; an empty text is none."""
    known = [value for value in values if value is not None]
    kinds: tuple[tuple[re.Pattern[str], Callable[[str], int]], ...] = (
        (_DECIMAL, int),
        (_HEXADECIMAL, lambda text: int(text, 16)),
        (_CLOCK, _nanoseconds),
    )
    for pattern, number in kinds if known else ():
        if all(map(pattern.fullmatch, known)):
            return integers([None if value is None else number(value) for value in values])
    if known and set(known) <= {"true", "false"}:
        return pd.Series([None if value is None else value == "true" for value in values], dtype="boolean")
    if known and all(map(_FRACTION.fullmatch, known)):
        return pd.Series([None if value is None else float(value) for value in values], dtype="Float64")
    return pd.Series(values, dtype="str")


def _nanoseconds(clock: str) -> int:
    minutes, seconds, milliseconds, microseconds = map(int, _CLOCK.fullmatch(clock).groups())  # type: ignore[union-attr]
    return ((minutes * 60 + seconds) * 1_000_000 + milliseconds * 1000 + microseconds) * 1000
