"""pprof's format: decoded here from its bytes, and read by ``go tool pprof``."""

import gzip
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given

from tests.report.viewers import recordings
from tests.report.viewers.recordings import (
    BUNDLES,
    EXPORTS,
    REAL,
    analysed,
    attributed,
    engines,
    expected_stacks,
)
from tests.support.bless import Golden
from tests.support.profiles import profiles
from tests.support.tools import needed
from tracekit.analysis.analyze import Analysis
from tracekit.model.profile import Profile
from tracekit.report.numbers import DRIVING
from tracekit.report.viewers.pprof import pprof

MAKERS = (
    *(recordings.tiny, recordings.small, recordings.without_samples, recordings.without_threads),
    *(recordings.without_times, recordings.in_cycles, recordings.hostile),
)


def varints(data: bytes) -> Iterator[int]:
    """Every varint of some bytes; signed, as int64 is."""
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value - 2**64 if value >= 2**63 else value
            value = shift = 0


def fields(data: bytes) -> dict[int, list[Any]]:
    """The fields of a message by number: integers, or bytes."""
    found: dict[int, list[Any]] = {}
    at = 0

    def varint() -> int:
        nonlocal at
        begin = at
        while data[at] >= 0x80:
            at += 1
        at += 1
        return next(varints(data[begin:at]))

    while at < len(data):
        field, kind = divmod(varint(), 8)
        if kind == 0:
            found.setdefault(field, []).append(varint())
        else:
            assert kind == 2
            length = varint()
            found.setdefault(field, []).append(data[at : at + length])
            at += length
    return found


class Sample(NamedTuple):
    functions: tuple[int, ...]
    """Ids, from the root."""
    values: tuple[int, ...]
    labels: dict[str, str]


class File:
    """A decoded profile; ids that point nowhere are errors."""

    def __init__(self, file: bytes) -> None:
        assert file[4:8] == b"\0\0\0\0"  # gzip's time
        root = fields(gzip.decompress(file))
        self.strings = [text.decode("utf-8") for text in root[6]]
        assert self.strings[0] == ""
        assert len(set(self.strings)) == len(self.strings)
        self.types = [tuple(self.string(kind, at) for at in (1, 2)) for kind in map(fields, root[1])]
        self.mappings = {one[1][0]: one for one in map(fields, root.get(3, []))}
        self.functions = {one[1][0]: one for one in map(fields, root.get(5, []))}
        self.locations = {one[1][0]: one for one in map(fields, root.get(4, []))}
        for location in self.locations.values():
            assert location.get(2, [0])[0] in {0, *self.mappings}
        self.samples = [self._sample(one) for one in map(fields, root.get(2, []))]
        self.default = self.strings[root[14][0]]

    def string(self, message: dict[int, list[Any]], field: int) -> str:
        return self.strings[message.get(field, [0])[0]]

    def _sample(self, message: dict[int, list[Any]]) -> Sample:
        lines = [fields(self.locations[number][4][0]) for number in varints(b"".join(message[1]))]
        called = [line[1][0] for line in lines]
        assert set(called) <= set(self.functions)
        labels = [fields(label) for label in message.get(3, [])]
        named = {self.string(label, 1): self.string(label, 2) for label in labels}
        assert len(named) == len(labels)
        return Sample(tuple(reversed(called)), tuple(varints(b"".join(message[2]))), named)

    def engines(self, value: int = -1) -> dict[str, int]:
        sums: Counter[str] = Counter()
        for sample in self.samples:
            sums[sample.labels["engine"]] += sample.values[value]
        return dict(sums)


@pytest.mark.parametrize("name", [*BUNDLES, *EXPORTS])
def test_totals_of_engines_are_those_that_tracekit_prints(name: str) -> None:
    analysis = analysed(name)
    file = File(pprof(analysis))
    assert file.engines() == engines(analysis)
    assert file.engines(0) == engines(analysis, "samples")


@pytest.mark.parametrize("name", REAL)
def test_totals_of_engines_of_real_recordings(real_data: Path, name: str) -> None:
    analysis = recordings.real(real_data, name)
    assert File(pprof(analysis)).engines() == engines(analysis)


@given(profiles())
def test_every_sample_is_there_once(profile: Profile) -> None:
    analysis = attributed(profile)
    expected: Counter[tuple[tuple[int, ...], str]] = Counter()
    count: Counter[tuple[tuple[int, ...], str]] = Counter()
    for _, path, engine, weight in expected_stacks(analysis):
        expected[path, engine] += weight
        count[path, engine] += 1
    found: Counter[tuple[tuple[int, ...], str]] = Counter()
    found_count: Counter[tuple[tuple[int, ...], str]] = Counter()
    for sample in File(pprof(analysis)).samples:
        key = tuple(function - 1 for function in sample.functions), sample.labels["engine"]
        found_count[key] += sample.values[0]
        found[key] += sample.values[1]
    assert (found, found_count) == (expected, count)


@pytest.mark.parametrize(
    "make, types",
    [
        (recordings.tiny, [("samples", "count"), ("cpu", "nanoseconds")]),
        (recordings.in_cycles, [("samples", "count"), ("cpu-cycles", "cycles")]),
        (recordings.without_times, [("samples", "count")]),
        (lambda: analysed("ane-with-cpu-fallback.trace.zip"), [("samples", "count"), ("thread-time", "nanoseconds")]),
    ],
)
def test_values_have_the_names_of_what_they_are(make: Callable[[], Analysis], types: list[tuple[str, str]]) -> None:
    file = File(pprof(make()))
    assert file.types == types
    assert file.default == types[-1][0]


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_input_gives_the_same_bytes(make: Callable[[], Analysis]) -> None:
    assert pprof(make()) == pprof(recordings.anew(make))
    assert all(text.isprintable() for text in File(pprof(make())).strings)


# ---- The tool itself.


def weight_in(raw: str) -> int:
    """The sum of the last value of all samples, of what ``-raw`` prints."""
    samples = raw.partition("\nSamples:\n")[2].partition("\nLocations\n")[0]
    return sum(int(weight) for weight in re.findall(r"^ +(?:\d+ +)?(\d+): ", samples, re.M))


Pprof = Callable[..., str]


@pytest.fixture(scope="module")
def go_pprof(tmp_path_factory: pytest.TempPathFactory) -> Pprof:
    """``go_pprof(file, "-top")``: what ``go tool pprof`` prints of a profile."""
    go = needed("go")
    folder = tmp_path_factory.mktemp("pprof")
    environment = {**os.environ, "PPROF_TMPDIR": str(folder), "HOME": str(folder), "TZ": "UTC"}

    def run(file: bytes, *arguments: str) -> str:
        path = folder / "x.pb.gz"
        path.write_bytes(file)
        done = subprocess.run(
            [go, "tool", "pprof", *arguments, str(path)],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_a_small_profile_in_full(go_pprof: Pprof, golden: Golden) -> None:
    raw = go_pprof(pprof(recordings.tiny()), "-raw")
    golden("convert/tiny.pprof.txt", re.sub(r"tracekit \d+\.\d+\.\d+", "tracekit VERSION", raw))


@pytest.mark.parametrize("name", BUNDLES)
def test_the_tool_says_the_same_of_every_engine(go_pprof: Pprof, name: str) -> None:
    analysis = analysed(name)
    file = pprof(analysis)
    found = {engine: weight_in(go_pprof(file, "-raw", f"-tagfocus=engine=^{engine}$")) for engine in DRIVING.values()}
    assert found == dict.fromkeys(DRIVING.values(), 0) | engines(analysis)


@pytest.mark.parametrize("make", MAKERS)
def test_the_tool_reads_whatever_is_written(go_pprof: Pprof, make: Callable[[], Analysis]) -> None:
    analysis = make()
    assert weight_in(go_pprof(pprof(analysis), "-raw")) == sum(engines(analysis).values())
    go_pprof(pprof(analysis), "-top")
