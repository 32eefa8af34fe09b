"""``log show`` and ``log stream`` with ``--style ndjson``: one JSON object a line, plain or gzip.

A log holds everything that a system says, so only entries that may be about a neural network are kept, and their texts
once each. A line that is no entry is counted and passed over: ``log`` itself writes some.
"""

import json
from array import array
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from tracekit.errors import InputError
from tracekit.files import check_file
from tracekit.model.facts import Notices
from tracekit.model.log import LOG, Log
from tracekit.model.schema import NONE, categorical, table
from tracekit.readers.logs.wanted import is_wanted
from tracekit.readers.source import file_source

LONGEST_LINE: Final = 1 << 20
"""Bytes. The system cuts messages off long before."""
_BLOCK: Final = 1 << 20
LONGEST_MESSAGE: Final = 2_000
"""Characters that are kept of a message."""
MOST_ROWS: Final = 5_000_000
MOST_TEXTS: Final = 200_000
"""Different messages; one more is counted, and not kept."""

_LARGEST: Final = 1 << 62


def read_log(path: Path) -> Log:
    """The entries of a log that may be about neural networks.

    Raises:
        InputError: the file cannot be read, or holds no entry of a log.
    """
    check_file(path)
    notices, rows, lines = Notices(), _Rows(), 0
    for number, line in _lines(path):
        entry = _entry(line)
        if entry is None:
            if line.strip() and not _is_footer(line):
                notices.add("skipped-log-line", f"line {number} of {path} is no entry of a log: it was passed over")
            continue
        lines += 1
        if is_wanted(entry.get("subsystem"), entry["eventMessage"]) and not rows.add(entry):
            notices.add("log-too-long", f"line {number} of {path} and others after it are more than are kept")
    if not lines:
        raise InputError(
            "holds no entry of a log", where=path, hint="It is written by log show --style ndjson --info --debug"
        )
    return Log(str(path), rows.table(), lines, notices.collected())


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Numbered lines. One that is longer than any entry begins with ``#``, and is none."""
    number, rest = 0, b""
    with file_source(path).reader() as stream:
        while block := stream.read(_BLOCK):
            *whole, rest = (rest + block).split(b"\n")
            yield from enumerate(whole, start=number + 1)
            number += len(whole)
            rest = rest if len(rest) <= LONGEST_LINE else b"#"
    if rest:
        yield number + 1, rest


def _entry(line: bytes) -> Mapping[str, Any] | None:
    if not line.startswith(b"{"):
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("eventMessage"), str) else None


def _is_footer(line: bytes) -> bool:
    """What ``log`` writes before and after its entries: a line of its own, or ``{"count":4420,"finished":1}``."""
    return line.startswith((b"Filtering the log data using", b"Timestamp ", b'{"count":'))


class _Rows:
    """Columns that grow, with every text once."""

    def __init__(self) -> None:
        self._numbers = {name: array("q") for name, dtype in LOG.items() if dtype == "int64"}
        self._codes = {name: array("i") for name, dtype in LOG.items() if dtype == "category"}
        self._texts: dict[str, dict[str, int]] = {name: {} for name in self._codes}

    def add(self, entry: Mapping[str, Any]) -> bool:
        """Keep an entry; False where there is no room for it."""
        texts = {
            "process": _text(entry.get("processImagePath")).rpartition("/")[2],
            "subsystem": _text(entry.get("subsystem")),
            "category": _text(entry.get("category")),
            "message": entry["eventMessage"][:LONGEST_MESSAGE],
        }
        is_full = any(
            len(self._texts[name]) >= MOST_TEXTS and text not in self._texts[name] for name, text in texts.items()
        )
        if is_full or len(self._numbers["pid"]) >= MOST_ROWS:
            return False
        for name, text in texts.items():
            known = self._texts[name]  # without what UTF-8 cannot hold: halves of characters that JSON can spell
            self._codes[name].append(known.setdefault(text.encode("utf-8", "replace").decode(), len(known)))
        self._numbers["time_ns"].append(_time(entry.get("timestamp")))
        self._numbers["mach"].append(_integer(entry.get("machTimestamp")))
        self._numbers["pid"].append(_integer(entry.get("processID")))
        self._numbers["thread"].append(_integer(entry.get("threadID")))
        return True

    def table(self) -> pd.DataFrame:
        """All of them, with the columns of ``LOG``."""
        numbers = {name: np.array(column, np.int64) for name, column in self._numbers.items()}
        texts = {
            name: categorical(np.array(column, np.int32), list(self._texts[name]))
            for name, column in self._codes.items()
        }
        return table(LOG, {**numbers, **texts})


def _text(value: object) -> str:
    return value[:LONGEST_MESSAGE] if isinstance(value, str) else ""


def _integer(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST else NONE


def _time(value: object) -> int:
    """Nanoseconds since 1970 of ``2026-08-22 10:00:01.000000+0000``."""
    if not isinstance(value, str):
        return NONE
    try:
        moment = datetime.fromisoformat(value)
        return NONE if moment.tzinfo is None else max(pd.Timestamp(moment).value, NONE)
    except (ValueError, OverflowError):
        return NONE
