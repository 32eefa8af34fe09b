"""The same export in each of the four stack encodings gives the same profile."""

import gzip
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from tests.readers.export.documents import opened, profile_of_file, samples_of
from tests.support.export_rewrite import Encoding, Frame, rewrite, stacks
from tracekit.model.folded import to_folded
from tracekit.model.profile import Profile
from tracekit.readers import open_trace

SAMPLES = Path(__file__).parents[3] / "sample_traces"
SAMPLE_NAMES = sorted(path.name for path in SAMPLES.glob("*.xml*") if not path.name.endswith(".toc.xml"))
REAL_NAMES = [
    "cpu-profile_xcode14.0_text-addresses.xml.gz",
    "time-profile_xcode14.3.xml",
    "cpu-profile_xcode26.3.xml",
    "cpu-profile_xcode26.5.xml",
]
WITH_SYMBOLS = [Encoding.BACKTRACE, Encoding.WRAPPED, Encoding.FLAT]


@cache
def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@cache
def runs_of(path: Path) -> list[int]:
    return [run.number for run in open_trace(path).runs]


def read_again(path: Path, encoding: Encoding, run: int) -> Profile:
    return opened(rewrite(content(path), encoding)).profile(run)


def address_stack(frames: tuple[Frame, ...] | None) -> tuple | None:
    """What the old encoding tells of a stack, as ``samples_of`` says it: addresses, and the symbol of the leaf."""
    if frames is None:
        return None
    names = [frames[0].name, *(f"{frame.address:#x}" for frame in frames[1:])]
    return tuple((name, "", "", "", 0, "", 0, re.match("0x[0-9a-f]+$", name) is None) for name in names)


def assert_same_with_symbols(path: Path, encoding: Encoding) -> None:
    for run in runs_of(path):
        source, found = profile_of_file(path, run), read_again(path, encoding, run)
        assert found.meta.unit == source.meta.unit
        assert samples_of(found) == samples_of(source)
        assert to_folded(found, images=True) == to_folded(source, images=True)


def assert_same_by_addresses(path: Path) -> None:
    by_row = list(map(address_stack, stacks(content(path))))
    folded: Counter[str] = Counter()
    for run in runs_of(path):
        source, found = profile_of_file(path, run), read_again(path, Encoding.TEXT_ADDRESSES, run)
        mine, by_row = by_row[: len(source)], by_row[len(source) :]
        expected = [(*sample[:-1], stack) for sample, stack in zip(samples_of(source), mine, strict=True)]
        assert samples_of(found) == expected
        folded.clear()
        for *_, weight, stack in expected:
            if stack is not None:
                folded[";".join(name.replace(";", ":") for name, *_ in reversed(stack))] += weight
        assert to_folded(found) == "".join(f"{path} {weight}\n" for path, weight in sorted(folded.items()))
    assert by_row == []


@pytest.mark.parametrize("name", SAMPLE_NAMES)
@pytest.mark.parametrize("encoding", WITH_SYMBOLS, ids=lambda encoding: encoding.value)
def test_a_sample_says_the_same_in_every_encoding(name: str, encoding: Encoding) -> None:
    assert_same_with_symbols(SAMPLES / name, encoding)


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_a_sample_says_the_same_by_addresses(name: str) -> None:
    assert_same_by_addresses(SAMPLES / name)


@pytest.mark.parametrize("name", REAL_NAMES)
@pytest.mark.parametrize("encoding", WITH_SYMBOLS, ids=lambda encoding: encoding.value)
def test_a_real_export_says_the_same_in_every_encoding(real_data: Path, name: str, encoding: Encoding) -> None:
    assert_same_with_symbols(real_data / "exports" / name, encoding)


@pytest.mark.parametrize("name", REAL_NAMES)
def test_a_real_export_says_the_same_by_addresses(real_data: Path, name: str) -> None:
    assert_same_by_addresses(real_data / "exports" / name)


# ---- The rewriter itself.

SMALL = SAMPLES / "two-runs.xcode16.4.xml.gz"
SHAPES = {
    Encoding.TEXT_ADDRESSES: ["backtrace: process text-addresses process text-addresses"],
    Encoding.BACKTRACE: ["backtrace: frames"],
    Encoding.WRAPPED: ["tagged-backtrace: backtrace uint64"],
    Encoding.FLAT: ["tagged-backtrace: frames"],
}


@pytest.mark.parametrize("encoding", Encoding, ids=lambda encoding: encoding.value)
def test_rewritten_ids_are_dense_and_nothing_refers_forward(encoding: Encoding) -> None:
    tag_of_id: dict[str, str] = {}
    for element in etree.fromstring(rewrite(content(SMALL), encoding).encode()).iter():
        identity, ref = element.get("id"), element.get("ref")
        if identity is not None:
            tag_of_id[identity] = str(element.tag)
        if ref is not None:
            assert tag_of_id[ref] == element.tag
    assert list(tag_of_id) == [str(number) for number in range(1, len(tag_of_id) + 1)]


@pytest.mark.parametrize("encoding", Encoding, ids=lambda encoding: encoding.value)
def test_rewritten_stacks_have_the_shape_of_their_encoding(encoding: Encoding) -> None:
    root = etree.fromstring(rewrite(content(SMALL), encoding).encode())
    cells = [row[-1] for row in root.iterfind("node/row") if row[-1].tag != "sentinel"]
    defined = [cell for cell in cells if cell.get("ref") is None]
    shapes = {
        f"{cell.tag}: {'frames' if {child.tag for child in cell} == {'frame'} else ' '.join(child.tag for child in cell)}"
        for cell in defined
    }
    assert sorted(shapes) == SHAPES[encoding]
    assert len(defined) < len(cells), "no stack is repeated by reference"


def test_callers_are_one_less_only_in_the_newest_encoding() -> None:
    addresses = {
        encoding: [int(frame.get("addr"), 16) for frame in etree.fromstring(rewrite(content(SMALL), encoding).encode())
                   .iterfind("node/row[1]//frame")]
        for encoding in WITH_SYMBOLS
    }  # fmt: skip
    leaf, *callers = addresses[Encoding.BACKTRACE]
    assert addresses[Encoding.WRAPPED] == [leaf, *callers]
    assert addresses[Encoding.FLAT] == [leaf, *(address - 1 for address in callers)]


def test_a_function_inlined_into_its_caller_is_marked_as_such() -> None:
    frames = '<frame id="11" name="inner" addr="0x11"/><frame id="12" name="outer" addr="0x11"/>'
    recursion = '<frame id="13" name="main" addr="0x20"/><frame ref="13"/>'
    xml = content(SMALL).decode().replace("</row>", "\n</row>", 1)
    head, _, tail = xml.partition("<backtrace ")
    stack, _, _ = tail.partition("</backtrace>")
    written = rewrite(
        f'{head}<backtrace id="9000">{frames}{recursion}</backtrace></row></node></trace-query-result>'.encode(),
        Encoding.FLAT,
    )
    assert stack
    assert [frame.get("inlined") for frame in etree.fromstring(written.encode()).iter("frame")] == [None, "true", None]
