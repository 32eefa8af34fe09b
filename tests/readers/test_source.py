"""Bytes of an input: plain or compressed, as often as they are asked for."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from tracekit.errors import InputError
from tracekit.readers.source import HEAD_BYTES, Source, file_source

DATA = bytes(range(256)) * 1000


def in_memory(data: bytes) -> Source:
    return Source("x", lambda: cast(BinaryIO, io.BytesIO(data)), len(data))


PACKED = {
    "plain": DATA,
    "gzip": gzip.compress(DATA),
    "gzip of several members": gzip.compress(DATA[:1000]) + gzip.compress(DATA[1000:]),
}


@pytest.mark.parametrize("how", PACKED)
def test_bytes_come_out_as_they_went_in(how: str) -> None:
    packed = in_memory(PACKED[how])
    assert packed.head() == DATA[:HEAD_BYTES]
    with packed.reader() as reader:
        assert reader.readable()
        assert (reader.read(3), reader.read(0), reader.read(2)) == (DATA[:3], b"", DATA[3:5])
        assert reader.readall() == DATA[5:]
        assert reader.read(1) == b""
    with packed.reader() as reader:
        assert reader.readall() == DATA


@pytest.mark.parametrize("data", [b"", b"\x1f", b"a", b"\x1e\x8b", b"\x1f\x8c"])
def test_what_is_too_short_or_not_quite_gzip_is_plain(data: bytes) -> None:
    with in_memory(data).reader() as reader:
        assert reader.readall() == data


def test_the_end_is_known_once_it_was_read() -> None:
    with in_memory(b"abc").reader() as reader:
        ends = []
        for _ in range(3):
            reader.read(2)
            ends.append(reader.is_at_end)
    assert ends == [False, False, True]


def test_a_closed_reader_has_closed_its_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(DATA)
    opened: list[BinaryIO] = []

    def remember() -> BinaryIO:
        opened.append((tmp_path / "x").open("rb"))
        return opened[-1]

    with Source("x", remember).reader() as reader:
        reader.read(1)
    assert opened
    assert all(stream.closed for stream in opened)


class Failing(io.BytesIO):
    """A disk that fails after some reads, whoever opened it."""

    def __init__(self, left: Iterator[int]) -> None:
        super().__init__(DATA)
        self._left = left

    def read(self, size: int | None = -1, /) -> bytes:
        if next(self._left, None) is None:
            raise OSError(5, "Input/output error")
        return super().read(size)


@pytest.mark.parametrize("after", [0, 1])
def test_a_disk_that_fails_is_an_error_with_the_reason(after: int) -> None:
    left = iter(range(after))
    failing = Source("disk/x", lambda: cast(BinaryIO, Failing(left)))
    with pytest.raises(InputError) as error:
        failing.head()
    assert str(error.value) == "disk/x: cannot be read: Input/output error."


def test_a_file_knows_its_size_and_its_name(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(DATA)
    found = file_source(tmp_path / "x")
    assert (found.name, found.size, found.head()) == (str(tmp_path / "x"), len(DATA), DATA[:HEAD_BYTES])


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        file_source(tmp_path / "x")
    assert str(error.value) == f"{tmp_path}/x: cannot be read: No such file or directory."
