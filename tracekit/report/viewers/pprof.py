"""pprof's format (profile.proto of google/pprof), for ``go tool pprof`` and everything else that reads it.

Samples with the same stack, thread and labels are one, as pprof wants them: its values are how many they are and what
they weigh. Labels are ``engine`` (``driving ANE``: CPU time, not busy time), ``phase``, ``rule``, ``thread``,
``process`` and, where it was recorded, ``state``. A function is a symbol in an image, which is its mapping;
addresses are not known, so that locations have none.

The messages are few and flat, so they are encoded here: https://protobuf.dev/programming-guides/encoding/. A varint
carries seven bits a byte, low ones first; a field is its number and type, then a varint (type 0), or a length and
bytes (type 2).
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.sampling import sampling_interval
from tracekit.model.forest import forest_of, paths_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, PHASES, Unit
from tracekit.report.numbers import DRIVING, thread_label, visible
from tracekit.report.viewers.shared import (
    NANOSECONDS_PER_MS,
    about,
    duration_ns,
    gzipped,
    images_of,
    process_name,
    start_ms,
    symbols_of,
    weighs_cpu_time,
)

_KEYS: Final = ["stack_id", "thread_id", "engine", "phase", "rule", "state"]
_WEIGHT: Final[dict[Unit, tuple[str, str]]] = {
    "ns": ("cpu", "nanoseconds"),
    "cycles": ("cpu-cycles", "cycles"),
    "events": ("events", "count"),
    "samples": ("samples", "count"),
}
_BLOCKED_TOO: Final = ("thread-time", "nanoseconds")
"""What nanoseconds are where waiting threads were recorded: no CPU time."""


def pprof(analysis: Analysis) -> bytes:
    """The samples inside the focus, gzip-compressed as pprof's files are."""
    profile = analysis.focused
    strings = _Strings()
    kinds = _value_types(analysis)
    samples = _samples(profile, strings, count=len(kinds) > 1)
    parts = [
        *(_message(1, _numbers(strings.of(kind), strings.of(unit))) for kind, unit in kinds),
        *samples,
        *_mappings(profile, strings),
        *_locations(profile),
        *_functions(profile, strings),
    ]
    comments = [_number(13, strings.of(f"{key}: {text}")) for key, text in about(analysis).items()]
    period = sampling_interval(profile)
    timed = [_message(11, _numbers(strings.of("cpu"), strings.of("nanoseconds"))), _number(12, period)]
    facts = [
        _number(9, start_ms(profile) * NANOSECONDS_PER_MS),
        _number(10, duration_ns(profile)),
        *(timed if period and kinds[-1] == _WEIGHT["ns"] else []),
        *comments,
        _number(14, strings.of(kinds[-1][0])),
    ]
    return gzipped(b"".join([*parts, *strings.encoded(), *facts]))


class _Strings:
    """The string table: every text once, the empty one first."""

    def __init__(self) -> None:
        self._numbers = {"": 0}

    def of(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def encoded(self) -> Iterable[bytes]:
        return [_bytes(6, text.encode()) for text in self._numbers]


def _value_types(analysis: Analysis) -> list[tuple[str, str]]:
    """What a sample's values are; where weights are counts themselves, there is but one."""
    unit = analysis.profile.meta.unit
    if unit == "samples":
        return [_WEIGHT[unit]]
    return [("samples", "count"), _BLOCKED_TOO if unit == "ns" and not weighs_cpu_time(analysis) else _WEIGHT[unit]]


def _samples(profile: Profile, strings: _Strings, *, count: bool) -> list[bytes]:
    """A message for every distinct stack with its labels."""
    rows = profile.samples
    codes = {name: rows[name].cat.codes for name in ("engine", "phase", "rule", "state")}
    groups = rows.assign(**codes).groupby(_KEYS, sort=True)["weight"].agg(["size", "sum"]).reset_index()
    stacks, position = np.unique(groups["stack_id"].to_numpy(), return_inverse=True)
    paths = _path_bytes(profile, stacks)
    labels = _labels(profile, groups[_KEYS[1:]], strings)
    values = groups[["size", "sum"]] if count else groups[["sum"]]
    return [
        _message(2, paths[path] + _bytes(2, b"".join(map(_varint, value))) + label)
        for path, value, label in zip(position.tolist(), values.to_numpy().tolist(), labels, strict=True)
    ]


def _path_bytes(profile: Profile, stacks: NDArray[np.int32]) -> list[bytes]:
    """The field ``location_id`` of some stacks, leaf first."""
    frames, lengths = paths_of(forest_of(profile.stacks), stacks.astype(np.int64))
    location = [_varint(frame + 1) for frame in range(len(profile.frames))]
    words = [location[frame] for frame in frames[::-1].tolist()]
    begins = len(words) - np.cumsum(lengths)
    pairs = zip(begins.tolist(), (begins + lengths).tolist(), strict=True)
    return [_bytes(1, b"".join(words[first:last])) for first, last in pairs]


def _labels(profile: Profile, groups: pd.DataFrame, strings: _Strings) -> list[bytes]:
    threads = range(len(profile.threads))
    texts: dict[str, list[str]] = {
        "thread": [thread_label(profile, row) for row in threads],
        "process": [process_name(profile, row) for row in threads],
        "engine": [DRIVING[engine] for engine in ENGINES],
        "phase": list(PHASES),
        **{name: [visible(text) for text in profile.samples[name].cat.categories] for name in ("rule", "state")},
    }
    encoded = {key: [*(_label(strings, key, text) for text in values), b""] for key, values in texts.items()}
    order = ("engine", "phase", "rule", "thread", "process", "state")
    columns = [groups["thread_id" if key in ("thread", "process") else key].tolist() for key in order]
    return [
        b"".join(encoded[key][code] for key, code in zip(order, codes, strict=True))
        for codes in zip(*columns, strict=True)
    ]


def _label(strings: _Strings, key: str, text: str) -> bytes:
    return _message(3, _numbers(strings.of(key), strings.of(text))) if text else b""


def _mappings(profile: Profile, strings: _Strings) -> list[bytes]:
    """One a binary, the app's own first: pprof takes that for the program. They have their functions' names, so that
    pprof asks nobody for them.
    """
    binaries = profile.binaries
    columns = zip(images_of(profile)[:-1], binaries["uuid"], binaries["load_addr"].tolist(), strict=True)
    is_main = (binaries["name"] == profile.meta.facts.process).tolist()
    numbered = sorted(enumerate(columns, start=1), key=lambda row: not is_main[row[0] - 1])
    named = _number(7, 1) + _number(8, 1) + _number(9, 1) + _number(10, 1)
    return [
        _message(
            3,
            _number(1, row) + _number(2, start) + _number(3, start)
            + _number(5, strings.of(path)) + _number(6, strings.of(visible(uuid))) + named,
        )
        for row, (path, uuid, start) in numbered
    ]  # fmt: skip


def _locations(profile: Profile) -> list[bytes]:
    columns = zip(profile.frames["binary_id"].tolist(), profile.frames["line"].tolist(), strict=True)
    return [
        _message(4, _number(1, row) + _number(2, binary + 1) + _message(4, _numbers(row, max(line, 0))))
        for row, (binary, line) in enumerate(columns, start=1)
    ]


def _functions(profile: Profile, strings: _Strings) -> list[bytes]:
    columns = zip(symbols_of(profile), profile.frames["name"], profile.frames["file"], strict=True)
    return [
        _message(
            5,
            _number(1, row) + _number(2, strings.of(name)) + _number(3, strings.of(visible(raw)))
            + _number(4, strings.of(visible(file))),
        )
        for row, (name, raw, file) in enumerate(columns, start=1)
    ]  # fmt: skip


def _varint(value: int) -> bytes:
    """An integer of 64 bits; negative ones as their two's complement."""
    value &= 0xFFFF_FFFF_FFFF_FFFF
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    """A field of type varint; zero is what a missing field means."""
    return _varint(field << 3) + _varint(value) if value else b""


def _numbers(first: int, second: int) -> bytes:
    """The fields 1 and 2."""
    return _number(1, first) + _number(2, second)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


_message = _bytes
