"""The sidecar: what the harness says of its own run, as JSON. docs/harness.md describes every field.

It exists because nothing else does it reliably: the target's stdout is mixed with the recorder's, and signposts may be
missing from the recording. Mach times are ticks of ``mach_absolute_time``; ``timebase`` turns them into nanoseconds.

It is found by where it lies:

    run.trace           run.sidecar.json beside it
    run.tracekit.zip    sidecar.json in it; any zip or folder of exports likewise
    run.xml             run.sidecar.json beside it
"""

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tracekit.errors import InputError, UnsupportedError
from tracekit.files import MOST_BYTES, parse_json, read_json
from tracekit.recording.beside import beside

NAME: Final = "sidecar.json"
SCHEMA: Final = "tracekit.sidecar/1"
THERMAL_STATES: Final = ("nominal", "fair", "serious", "critical")


@dataclass(frozen=True, slots=True)
class Span:
    """Something with a start and an end, in mach ticks and in nanoseconds since 1970."""

    name: str
    start_mach: int
    end_mach: int
    start_wall_ns: int
    end_wall_ns: int


@dataclass(frozen=True, slots=True)
class Iteration:
    """One prediction."""

    index: int
    is_warmup: bool
    start_mach: int
    end_mach: int
    start_wall_ns: int


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A harness run, checked. ``document`` is all of it, also what later versions of the harness add."""

    pid: int
    compute_units: str
    timebase: tuple[int, int]
    phases: tuple[Span, ...]
    iterations: tuple[Iteration, ...]
    error: str | None
    ended: str | None
    """Why the run ended: a word of docs/harness.md; None in older sidecars."""
    document: Mapping[str, Any]

    @property
    def predictions(self) -> int:
        """How many predictions after warm-up were measured."""
        return sum(not each.is_warmup for each in self.iterations)

    @property
    def is_whole(self) -> bool:
        """Whether the run came to its end."""
        return self.error is None and self.ended in (None, "done")

    def account(self) -> str | None:
        """Why the run did not come to its end, and how far it was; None where it did."""
        if self.is_whole:
            return None
        why = {"running": "it was killed", "exit": "something in it called exit()"}
        said = self.error or why.get(self.ended or "", f"it was ended by {self.ended}")
        return f"{said} (after {self.predictions} measured predictions)"

    def conditions(self) -> dict[str, str]:
        """What else the times depend on, in words; empty in older sidecars.

        ``thermal state`` is the worse of before and after, ``low-power mode`` is on if it was at either.
        """
        given = [each for each in self.document.get("conditions") or () if isinstance(each, dict)]
        found = {}
        if given:
            states = [str(each.get("thermal_state")) for each in given]
            found["thermal state"] = max(
                states, key=lambda state: THERMAL_STATES.index(state) if state in THERMAL_STATES else -1
            )
            found["low-power mode"] = "on" if any(each.get("low_power") for each in given) else "off"
        for name, key in (("system", "os_build"), ("machine", "machine"), ("Rosetta", "translated")):
            if self.document.get(key) is not None:
                found[name] = str(self.document[key])
        return found

    def durations_ns(self, *, warmup: bool = False) -> list[int]:
        """How long each prediction took, in order."""
        numerator, denominator = self.timebase
        chosen = [each for each in self.iterations if each.is_warmup == warmup]
        return [(each.end_mach - each.start_mach) * numerator // denominator for each in chosen]


def find_sidecar(path: Path) -> Sidecar | None:
    """The sidecar of a recording; None where there is none.

    Raises:
        InputError, UnsupportedError: there is one, and it cannot be read.
    """
    if path.is_dir() and (path / NAME).is_file():
        return read_sidecar(path / NAME)
    if path.is_file() and zipfile.is_zipfile(path):
        found = _in_zip(path)
        if found is not None:
            return found
    named = beside(path, f".{NAME}")
    return None if named is None else read_sidecar(named)


def _in_zip(path: Path) -> Sidecar | None:
    where = f"{path}/{NAME}"
    try:
        with zipfile.ZipFile(path) as archive:
            if NAME not in archive.namelist():
                return None
            if archive.getinfo(NAME).file_size > MOST_BYTES:
                raise InputError("is far too large for a sidecar", where=where)
            data = archive.read(NAME)
    except (OSError, EOFError, ValueError, LookupError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"cannot be read: {error}", where=where) from error
    return parse_sidecar(parse_json(data, where), where)


def read_sidecar(path: Path) -> Sidecar:
    """Read a sidecar.

    Raises:
        InputError: it cannot be read, or is not what the harness writes.
        UnsupportedError: it is of a later version.
    """
    return parse_sidecar(read_json(path), str(path))


def parse_sidecar(document: Any, where: str) -> Sidecar:
    """Check a sidecar's document; see ``read_sidecar``."""
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        if isinstance(schema, str) and schema.startswith("tracekit.sidecar/"):
            raise UnsupportedError(f"is a sidecar of version {schema}, not {SCHEMA}", where=where)
        raise InputError("is no sidecar of tracekit's harness", where=where)
    try:
        return Sidecar(
            pid=int(document["pid"]),
            compute_units=str(document["compute_units"]),
            timebase=_timebase(document["timebase"]),
            phases=tuple(_span(each) for each in document["phases"]),
            iterations=tuple(_iteration(each) for each in document["iterations"]),
            error=_text(document, "error"),
            ended=_text(document, "ended"),
            document=document,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"is a damaged sidecar ({type(error).__name__}: {error})", where=where) from error


def _text(document: Mapping[str, Any], name: str) -> str | None:
    return None if document.get(name) is None else str(document[name])


def _timebase(given: Mapping[str, Any]) -> tuple[int, int]:
    numerator, denominator = int(given["numer"]), int(given["denom"])
    if numerator <= 0 or denominator <= 0:
        raise ValueError(f"timebase {numerator}/{denominator}")
    return numerator, denominator


def _span(given: Mapping[str, Any]) -> Span:
    name = str(given["name"])
    return Span(name, *_ticks(given, f"phase {name}"), int(given["start_wall_ns"]), int(given["end_wall_ns"]))


def _iteration(given: Mapping[str, Any]) -> Iteration:
    index = int(given["index"])
    ticks = _ticks(given, f"iteration {index}")
    return Iteration(index, bool(given["warmup"]), *ticks, int(given["start_wall_ns"]))


def _ticks(given: Mapping[str, Any], what: str) -> tuple[int, int]:
    start, end = int(given["start_mach"]), int(given["end_mach"])
    if end < start:
        raise ValueError(f"{what} ends before it starts")
    return start, end
