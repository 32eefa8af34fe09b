"""Slow and plain answers to what the report says, from the samples one by one; and a reader of the packed tree."""

import base64
import json
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, repeat
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

    def cells(self) -> Iterator["Cell"]:
        """Every cell with everything looked up."""
        paths: list[Path] = []
        for depth, frame in zip(self.columns["depth"], self.columns["frame"], strict=True):
            above = paths[-1][:depth] if depth else ()
            assert len(above) == depth
            paths.append((*above, (self.header["symbols"][frame], self.header["images"][self.columns["image"][frame]])))
        names = ("call", "tag", "thread", "weight", "count")
        steps = self.columns.get("cell_step")
        times = accumulate(steps) if steps is not None else repeat(None, len(self.columns["cell_call"]))
        columns = (self.columns[f"cell_{name}"] for name in names)
        for time, call, tag, thread, weight, count in zip(times, *columns, strict=True):
            engine, phase, rule = self.header["tags"][tag]
            yield Cell(
                path=paths[call],
                engine=self.header["engines"][engine]["name"],
                phase=self.header["phases"][phase],
                rule=self.header["rules"][rule] or None,
                thread=self.header["threads"][thread],
                weight=weight * self.header["scale"],
                samples=count,
                time=time,
            )

    def sums(self, *keys: str) -> dict[tuple[Any, ...], tuple[int, int]]:
        """Weight and samples by some of a cell's fields."""
        weights: Counter[tuple[Any, ...]] = Counter()
        counts: Counter[tuple[Any, ...]] = Counter()
        for cell in self.cells():
            key = tuple(getattr(cell, name) for name in keys)
            weights[key] += cell.weight
            counts[key] += cell.samples
        return {key: (weights[key], counts[key]) for key in counts}


class Cell(NamedTuple):
    """What was sampled of one call on one thread, by engine, kind of phase and rule."""

    path: Path
    engine: str
    phase: str
    rule: str | None
    thread: str
    weight: int
    samples: int
    time: int | None
    """Microseconds; None where cells are sums over time."""


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
