"""What is kept of a trace, as bytes: a head of JSON, then the columns of numbers one after the other.

    magic │ length of head │ crc of the rest │ head │ columns, each from a multiple of eight bytes on

An entry may be damaged, or written by somebody else. It can name nothing that is run: the columns and their types are
those of this module, their lengths are the head's, and the tables must keep every law of ``model.profile``. An entry
that does not is none.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.errors import InvariantError
from tracekit.model import schema
from tracekit.model.facts import Facts, Notice
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import Unit, categorical, level_slices
from tracekit.model.trace import TableInfo

_MAGIC: Final = b"tracekit tables 2\n"
_NUMBER: Final = 8
_PREFIX: Final = len(_MAGIC) + 2 * _NUMBER
_STATE: Final = "int16"

_TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "samples": {**schema.SAMPLES, "state": _STATE},
    "stacks": {name: dtype for name, dtype in schema.STACKS.items() if name != "depth"},
    "frames": schema.FRAMES,
    "binaries": schema.BINARIES,
    "threads": schema.THREADS,
}
"""A state is a position in the head's list, a depth follows from the levels' sizes."""

_NUMBERS: Final = {
    table: {name: dtype for name, dtype in dtypes.items() if dtype != "str"} for table, dtypes in _TABLES.items()
}
_TEXTS: Final = {table: [name for name, dtype in dtypes.items() if dtype == "str"] for table, dtypes in _TABLES.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A trace of one run, as far as it is kept."""

    format: str
    notices: tuple[Notice, ...]
    number: int
    facts: Facts
    tables: tuple[TableInfo, ...]
    profile: Profile


def packed(kept: Kept) -> list[bytes] | None:
    """The parts of an entry; None where something is not of the kind that entries hold."""
    profile = kept.profile
    states = profile.samples["state"].cat
    names = states.categories.tolist()
    if len(names) > np.iinfo(_STATE).max:
        return None
    head = {
        "format": kept.format,
        "notices": [asdict(notice) for notice in kept.notices],
        "number": kept.number,
        "facts": asdict(kept.facts),
        "tables": [{**asdict(info), "attributes": dict(info.attributes)} for info in kept.tables],
        "meta": asdict(replace(profile.meta, source="")),
        "states": names,
        "levels": [level.stop - level.start for level in level_slices(profile.stacks["depth"].to_numpy())],
        "rows": {table: len(getattr(profile, table)) for table in _NUMBERS},
        "texts": {
            table: {name: getattr(profile, table)[name].tolist() for name in names} for table, names in _TEXTS.items()
        },
    }
    text = json.dumps(head).encode()
    parts = [text, bytes(-(_PREFIX + len(text)) % 8)]
    for table, dtypes in _NUMBERS.items():
        for name, dtype in dtypes.items():
            column = states.codes if name == "state" else getattr(profile, table)[name]
            data = column.to_numpy().astype(dtype).tobytes()
            parts += [data, bytes(-len(data) % 8)]
    check = 0
    for part in parts:
        check = zlib.crc32(part, check)
    return [_MAGIC, len(text).to_bytes(_NUMBER, "little"), check.to_bytes(_NUMBER, "little"), *parts]


def unpacked(data: bytearray | None) -> Kept | None:
    """What an entry holds; None where there is none, or it is not sound."""
    if data is None or len(data) < _PREFIX or not data.startswith(_MAGIC):
        return None
    length, check = (int.from_bytes(data[at : at + _NUMBER], "little") for at in (len(_MAGIC), len(_MAGIC) + _NUMBER))
    if zlib.crc32(memoryview(data)[_PREFIX:]) != check:
        return None
    try:
        head = json.loads(data[_PREFIX : _PREFIX + length])
        return _kept(head, _columns(data, _PREFIX + length, head["rows"]))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, InvariantError):
        return None


def _columns(data: bytearray, begin: int, rows: Mapping[str, int]) -> dict[str, dict[str, NDArray[Any]]]:
    """The columns of numbers, by table. Raises ValueError where they are not all there, or more is."""
    columns: dict[str, dict[str, NDArray[Any]]] = {}
    at = begin + -begin % 8
    for table, dtypes in _NUMBERS.items():
        columns[table] = {}
        for name, dtype in dtypes.items():
            if not 0 <= rows[table] <= len(data):
                raise ValueError("no such length")
            column = np.frombuffer(data, np.uint8 if dtype == "bool" else dtype, rows[table], at)
            columns[table][name] = column != 0 if dtype == "bool" else column
            at += column.nbytes + -column.nbytes % 8
    if at != len(data):
        raise ValueError("more than the columns")
    return columns


def _kept(head: Mapping[str, Any], columns: Mapping[str, dict[str, NDArray[Any]]]) -> Kept:
    samples = columns["samples"]
    said = head["meta"]
    _check(said["unit"] in get_args(Unit) and np.sum(samples["weight"], dtype=np.float64) < 2.0**63)
    states = [str(state) for state in head["states"]]
    levels = [int(size) for size in head["levels"]]
    _check(all(size > 0 for size in levels) and sum(levels) == head["rows"]["stacks"])
    depth = np.repeat(np.arange(len(levels), dtype=np.int32), levels)
    meta = Meta(
        unit=said["unit"],
        format=str(said["format"]),
        table=str(said["table"]),
        run=int(said["run"]),
        attributes=tuple((str(name), str(value)) for name, value in said["attributes"]),
        facts=_facts(said["facts"]),
        notices=_notices(said["notices"]),
    )
    texts = {table: {name: _texts(head["texts"][table][name]) for name in names} for table, names in _TEXTS.items()}
    profile = Profile(
        samples=schema.table(schema.SAMPLES, {**samples, "state": categorical(samples["state"], states)}),
        stacks=pd.DataFrame({**columns["stacks"], "depth": depth}, copy=False).astype(schema.STACKS),
        frames=schema.table(schema.FRAMES, {**texts["frames"], **columns["frames"]}),
        binaries=schema.table(schema.BINARIES, {**texts["binaries"], **columns["binaries"]}),
        threads=schema.table(schema.THREADS, {**texts["threads"], **columns["threads"]}),
        meta=meta,
    ).validate()
    return Kept(
        format=str(head["format"]),
        notices=_notices(head["notices"]),
        number=int(head["number"]),
        facts=_facts(head["facts"]),
        tables=tuple(map(_table, head["tables"])),
        profile=profile,
    )


def _facts(values: Mapping[str, Any]) -> Facts:
    known: dict[str, Any] = {
        name: tuple(_texts(value)) if isinstance(value, list) else value for name, value in values.items()
    }
    _check(all(value is None or isinstance(value, (str, int, float, tuple)) for value in known.values()))
    return Facts(**known)


def _table(info: Mapping[str, Any]) -> TableInfo:
    return TableInfo(
        schema=str(info["schema"]),
        rows=None if info["rows"] is None else int(info["rows"]),
        columns=tuple(_texts(info["columns"])),
        attributes={str(name): str(value) for name, value in info["attributes"].items()},
        documentation=str(info["documentation"]),
        available=bool(info["available"]),
    )


def _notices(rows: Sequence[Mapping[str, Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(str(row["code"]), str(row["message"]), int(row["count"])) for row in rows)


def _texts(values: Sequence[object]) -> list[str]:
    _check(all(isinstance(value, str) for value in values))
    return [str(value) for value in values]


def _check(is_so: bool | np.bool_) -> None:
    if not is_so:
        raise ValueError("an entry that is not sound")
