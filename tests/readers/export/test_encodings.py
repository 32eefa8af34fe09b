"""The same export in each of the four stack encodings gives the same profile."""

import gzip
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.readers.export.documents import (
    ROW,
    STACK,
    opened,
    profile_of,
    profile_of_file,
    samples_of,
    time_profile,
    trace_of_file,
)
from tests.support.export_rewrite import Encoding, Frame, rewrite, stacks
from tracekit.model.folded import to_folded
from tracekit.model.profile import Profile

SAMPLES = Path(__file__).parents[3] / "sample_traces"
SAMPLE_NAMES = sorted(
    str(path.relative_to(SAMPLES)) for path in [*SAMPLES.glob("*.xcode*.xml*"), *SAMPLES.glob("*/time-profile.xml*")]
)
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


def runs_of(path: Path) -> list[int]:
    return [run.number for run in trace_of_file(path).runs]


def read_again(path: Path, encoding: Encoding, run: int) -> Profile:
    """Read by one of the readers; tests of samples are enough to see that both agree."""
    xml = rewrite(content(path), encoding)
    return profile_of(xml, run=run) if path.is_relative_to(SAMPLES) else opened(xml).profile(run)


@cache
def samples_of_file(path: Path, run: int) -> list[tuple]:
    return samples_of(profile_of_file(path, run))


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
        assert samples_of(found) == samples_of_file(path, run)
        assert to_folded(found, images=True) == to_folded(source, images=True)


def assert_same_by_addresses(path: Path) -> None:
    by_row = list(map(address_stack, stacks(content(path))))
    folded: Counter[str] = Counter()
    for run in runs_of(path):
        source, found = profile_of_file(path, run), read_again(path, Encoding.TEXT_ADDRESSES, run)
        mine, by_row = by_row[: len(source)], by_row[len(source) :]
        expected = [(*sample[:-1], stack) for sample, stack in zip(samples_of_file(path, run), mine, strict=True)]
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
    Encoding.TEXT_ADDRESSES: ("backtrace", ("process", "text-addresses")),
    Encoding.BACKTRACE: ("backtrace", ("frame",)),
    Encoding.WRAPPED: ("tagged-backtrace", ("backtrace", "uint64")),
    Encoding.FLAT: ("tagged-backtrace", ("frame",)),
}


def parsed(xml: bytes, encoding: Encoding) -> Any:
    return etree.fromstring(rewrite(xml, encoding).encode())


@pytest.mark.parametrize("encoding", Encoding, ids=lambda encoding: encoding.value)
def test_rewritten_ids_are_dense_and_nothing_refers_forward(encoding: Encoding) -> None:
    tag_of_id: dict[str, str] = {}
    for element in parsed(content(SMALL), encoding).iter():
        identity, ref = element.get("id"), element.get("ref")
        if identity is not None:
            tag_of_id[identity] = str(element.tag)
        if ref is not None:
            assert tag_of_id[ref] == element.tag
    assert list(tag_of_id) == [str(number) for number in range(1, len(tag_of_id) + 1)]


@pytest.mark.parametrize("encoding", Encoding, ids=lambda encoding: encoding.value)
def test_rewritten_stacks_have_the_shape_of_their_encoding(encoding: Encoding) -> None:
    cells = [row[-1] for row in parsed(content(SMALL), encoding).iterfind("node/row")]
    defined = [cell for cell in cells if cell.get("id")]
    insides = {(cell.tag, tuple(dict.fromkeys(child.tag for child in cell))) for cell in defined}
    assert insides == {SHAPES[encoding]}
    assert {cell.tag for cell in cells if cell.get("ref")} == {SHAPES[encoding][0]}, "no stack is repeated"


def test_callers_are_one_less_only_in_the_newest_encoding() -> None:
    first_stack = {
        encoding: [
            int(frame.get("addr", ""), 16)
            for frame in parsed(content(SMALL), encoding).find("node/row")[-1].iter("frame")
        ]
        for encoding in WITH_SYMBOLS
    }
    leaf, *callers = first_stack[Encoding.BACKTRACE]
    assert first_stack[Encoding.WRAPPED] == [leaf, *callers]
    assert first_stack[Encoding.FLAT] == [leaf, *(address - 1 for address in callers)]


def test_a_function_inlined_into_its_caller_is_marked_as_such() -> None:
    frames = (
        '<frame id="11" name="inner" addr="0x11"/><frame id="12" name="outer" addr="0x11"/>'
        '<frame id="13" name="main" addr="0x20"/><frame ref="13"/>'
    )
    xml = time_profile(ROW.replace(STACK, f'<backtrace id="10">{frames}</backtrace>'))
    written = parsed(xml.encode(), Encoding.FLAT)
    assert [(frame.get("name"), frame.get("inlined")) for frame in written.iter("frame") if frame.get("id")] == [
        ("inner", None),
        ("outer", "true"),
        ("main", None),
    ]
