"""Slow and plain answers to what the report says, from the samples one by one; and a reader of the packed tree."""

import base64
import json
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from tracekit.model.profile import Profile
from tracekit.model.schema import NONE
from tracekit.report.layout import flame_layout

Path = tuple[tuple[str, str], ...]


class Sample(NamedTuple):
    """One sample with everything looked up; ``path`` is (symbol, image) from the root."""

    path: Path
    weight: int
    engine: str
    phase: str
    rule: str | None
    thread: tuple[int, str, str]


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, each by the names of its columns."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.itertuples(index=False, name=None)]


def plain_samples(profile: Profile) -> list[Sample]:
    """Every sample of an attributed profile."""
    threads, nodes = records(profile.threads), records(profile.stacks)
    functions = _functions(profile)
    samples = []
    for row in records(profile.samples):
        thread = threads[row["thread_id"]]
        samples.append(
            Sample(
                path=_path(nodes, functions, row["stack_id"]),
                weight=row["weight"],
                engine=row["engine"],
                phase=row["phase"],
                rule=row["rule"] if isinstance(row["rule"], str) else None,
                thread=(thread["tid"], thread["name"], thread["process"]),
            )
        )
    return samples


def _functions(profile: Profile) -> list[tuple[str, str]]:
    images = [*profile.binaries["name"], ""]  # -1 takes the last
    return [(frame["name"], images[frame["binary_id"]]) for frame in records(profile.frames)]


def _path(nodes: list[dict[str, Any]], functions: list[tuple[str, str]], node: int) -> Path:
    path: list[tuple[str, str]] = []
    while node != NONE:
        path.insert(0, functions[nodes[node]["frame_id"]])
        node = nodes[node]["parent_id"]
    return tuple(path)


def placed(profile: Profile) -> dict[Path, dict[str, Any]]:
    """The rows of a profile's flame layout by their path, in drawing order."""
    functions = _functions(profile)
    rows: dict[Path, dict[str, Any]] = {}
    path: list[tuple[str, str]] = []
    for call in records(flame_layout(profile)):
        del path[call["depth"] :]
        path.append(functions[call["frame_id"]])
        rows[tuple(path)] = call
    return rows


def totals(samples: list[Sample]) -> Counter[Path]:
    """Total weight of every path."""
    sums: Counter[Path] = Counter()
    for sample in samples:
        for length in range(1, len(sample.path) + 1):
            sums[sample.path[:length]] += sample.weight
    return sums


class Packed(NamedTuple):
    """A packed tree, read by other code than what wrote it."""

    header: dict[str, Any]
    columns: dict[str, list[int]]

    def cells(self) -> Iterator[tuple[Path, str, int, int]]:
        """(path, engine, weight, samples) of every cell."""
        paths: list[Path] = []
        for depth, frame in zip(self.columns["depth"], self.columns["frame"], strict=True):
            above = paths[-1][:depth] if depth else ()
            assert len(above) == depth
            paths.append((*above, (self.header["symbols"][frame], self.header["images"][self.columns["image"][frame]])))
        call = 0
        names = [engine["name"] for engine in self.header["engines"]]
        columns = (self.columns[f"cell_{name}"] for name in ("step", "engine", "weight", "count"))
        for step, engine, weight, count in zip(*columns, strict=True):
            call += step
            yield paths[call], names[engine], weight * self.header["scale"], count


def unpacked(text: str) -> Packed:
    """The header and columns of a packed tree, as ``payload.py`` describes them."""
    content = zlib.decompress(base64.b64decode(text))
    (length,) = struct.unpack_from("<I", content)
    header = json.loads(content[4 : 4 + length])
    offset = 4 + length
    columns = {}
    for column in header["columns"]:
        assert offset % 8 == 0
        letter = {"uint8": "B", "uint16": "H", "uint32": "I", "float64": "d"}[column["type"]]
        form = f"<{column['length']}{letter}"
        columns[column["name"]] = [int(value) for value in struct.unpack_from(form, content, offset)]
        offset += -(-struct.calcsize(form) // 8) * 8
    assert offset == len(content)
    return Packed(header, columns)
