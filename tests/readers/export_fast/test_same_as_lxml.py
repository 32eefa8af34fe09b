"""The fast reader gives what the reference reader gives, or nothing."""

import gzip
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.bench.generate_export import ENCODINGS, Shape, export_text
from tests.readers.export_fast.mutations import mutated
from tests.samples.exports import EXPORTS, FOLDER
from tracekit.errors import InputError, TracekitError
from tracekit.model.profile import Profile
from tracekit.readers.export import blocks as block_cutter
from tracekit.readers.export.fast import read_scanned
from tracekit.readers.export.trace import open_export
from tracekit.readers.source import Source

TABLES = ("samples", "stacks", "frames", "binaries", "threads")
MUTATIONS = 10_000


def source(data: bytes) -> Source:
    return Source("export.xml", lambda: BytesIO(data), len(data))


def generated(shape: Shape) -> bytes:
    return "".join(export_text(shape)).encode()


def outcome(data: bytes, reader: Any) -> Profile | str:
    try:
        return open_export("export.xml", [source(data)], reader=reader).profile()
    except TracekitError as error:
        return f"{type(error).__name__}: {error}"


def assert_same(data: bytes) -> None:
    """What the default reader gives is what the reference gives, with the same notices."""
    found, expected = outcome(data, "auto"), outcome(data, "lxml")
    if isinstance(expected, str) or isinstance(found, str):
        assert found == expected
        return
    assert found.meta == expected.meta
    for table in TABLES:
        left, right = getattr(found, table), getattr(expected, table)
        if left is not right:
            pd.testing.assert_frame_equal(left, right)


def is_read(data: bytes) -> bool:
    """Whether the fast reader takes the document."""
    return read_scanned(source(data)) is not None


SMALL = [
    generated(Shape(rows, encoding, depth=(1, 4), functions=12, addresses=2, threads=3, images=3, seed=rows))
    for encoding in ("backtrace", "wrapped", "flat")
    for rows in (3, 6, 9)
]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("block_bytes", [300, 5_000, 2 << 20])
def test_every_encoding(encoding, block_bytes, monkeypatch: pytest.MonkeyPatch):
    # Blocks of one row, of some, and of all.
    monkeypatch.setattr(block_cutter, "_BLOCK_BYTES", block_bytes)
    data = generated(Shape(400, encoding, depth=(1, 30), functions=300))
    assert is_read(data) == (encoding != "text-addresses")
    assert_same(data)


def test_ids_of_every_length(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(block_cutter, "_BLOCK_BYTES", 1 << 17)
    data = generated(Shape(12_000, depth=(2, 9), functions=400))
    assert is_read(data)
    assert_same(data)


@pytest.mark.parametrize("name", EXPORTS)
def test_every_sample(name):
    content = (FOLDER / name).read_bytes()
    assert_same(gzip.decompress(content) if name.endswith(".gz") else content)


def real_exports(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*.xml*") if not path.name.startswith("toc"))


def test_every_real_export(real_data: Path):
    read = []
    for path in real_exports(real_data):
        content = path.read_bytes()
        data = gzip.decompress(content) if path.suffix == ".gz" else content
        assert_same(data)
        if is_read(data):
            read.append(path.name)
    assert read == [
        "time-profile_xcode16.4.export.xml",
        "cpu-profile_xcode26.3.xml",
        "cpu-profile_xcode26.5.xml",
        "time-profile_xcode14.3.xml",
    ]


def test_gzip_and_a_damaged_gzip():
    data = gzip.compress(generated(Shape(200, depth=(1, 9))))
    assert is_read(data)
    assert_same(data)
    assert_same(data[:-200])
    assert "damaged" in str(outcome(data[:-200], "auto"))


@pytest.mark.no_cover
def test_ten_thousand_mutations(equal_parts_once: None):
    """Where the fast reader gives nothing, both readers are the same one; so only what it takes is compared."""
    taken = 0
    for number in range(MUTATIONS):
        document = SMALL[number % len(SMALL)]
        data = mutated(document, number)
        if data != document and is_read(data):
            taken += 1
            assert_same(data)
    # Damage that changes nothing but values must be taken, or this compares nothing.
    assert taken > MUTATIONS / 20


@pytest.mark.parametrize("reader", ["auto", "fast", "lxml"])
def test_a_reader_can_be_asked_for(reader):
    profile = outcome(SMALL[0], reader)
    assert isinstance(profile, Profile)
    assert len(profile) == 3


def test_the_fast_reader_says_what_it_cannot_read():
    with pytest.raises(InputError, match="fast reader cannot read it"):
        open_export("export.xml", [source(SMALL[0].replace(b"<row>", b"<row >", 1))], reader="fast")
