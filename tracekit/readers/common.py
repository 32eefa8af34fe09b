"""What rows of an export and of a bundle have in common: processes, threads, and columns of a table."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.errors import InputError
from tracekit.model.facts import Notice

SYMBOL_SEPARATOR: Final = " ← "
"""Between the symbols of a stack that is one cell of a table, leaf first."""

STRICT_HINT: Final = "Without --strict such rows are skipped"

_INT64_MAX: Final = (1 << 63) - 1
_ENTITIES: Final = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_ENTITY: Final = re.compile("|".join(_ENTITIES))


class Process(NamedTuple):
    """A process as rows name it."""

    pid: int
    name: str


class Thread(NamedTuple):
    """A thread as rows name it."""

    tid: int
    name: str
    process: Process


def unescaped(text: str) -> str:
    """A text of XML without the entities that are XML's own; others stay as they are."""
    return _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], text)


def free_name(name: str, taken: Mapping[str, Any]) -> str:
    """``name``, or ``name.2`` and so on where a schema repeats a mnemonic."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}.{number}"
    return free


def integer_column(values: NDArray[np.integer[Any]], missing: NDArray[np.bool_]) -> "pd.Series[Any]":
    """Int64, or UInt64 where a value needs it (identifiers, kernel addresses)."""
    present = np.where(missing, 0, values)
    kind = np.uint64 if int(present.max(initial=0)) > _INT64_MAX else np.int64
    return pd.Series(pd.arrays.IntegerArray(present.astype(kind), missing))


def integers(values: Sequence[int | None]) -> "pd.Series[Any]":
    """The same of whole numbers, None where a row has none."""
    whole = [0 if value is None else value for value in values]
    kind = np.uint64 if max(whole, default=0) > _INT64_MAX else np.int64
    return integer_column(np.array(whole, kind), np.array([value is None for value in values], bool))


def check_sum(values: "pd.Series[Any]", column: str, where: str) -> None:
    """Refuse durations that cannot be added up: no sum of them may wrap unseen.

    Raises:
        InputError: they add up to more than 64 bits hold.
    """
    if float(values.fillna(0).to_numpy(np.float64).sum()) >= 2.0**63:
        raise InputError(f"the column {column} adds up to more than a 64-bit number", where=where)


def passed_over(chosen: str, others: Sequence[tuple[str, int]]) -> tuple[Notice, ...]:
    """A notice of the profile tables (name, rows) that have rows and were not read beside the chosen one."""
    names = [f"{schema} ({rows} rows)" for schema, rows in others if rows]
    message = f"read {chosen}; not added to it: {', '.join(names)}"
    return (Notice("other-profile-tables", message, len(names)),) if names else ()
