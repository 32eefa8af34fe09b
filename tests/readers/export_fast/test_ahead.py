"""A second process changes when an export is scanned and by whom, and never what is found."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.generate_export import Shape
from tests.readers.export_fast.test_same_as_lxml import TABLES, generated
from tracekit.model.profile import Profile
from tracekit.readers import open_trace
from tracekit.readers.export import ahead, blocks
from tracekit.readers.export.ahead import Helper, claimed, scanning_ahead
from tracekit.readers.export.blocks import Pieces
from tracekit.readers.export.digits import PADDING
from tracekit.readers.export.fast import read_scanned
from tracekit.readers.source import file_source

DOCUMENT = generated(Shape(3_000, depth=(1, 12), functions=300))


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_WORTH_IT", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "run.xml"
    path.write_bytes(DOCUMENT)
    return path


def assert_equal(found: Profile, expected: Profile) -> None:
    assert found.meta == expected.meta
    for table in TABLES:
        assert getattr(found, table).equals(getattr(expected, table)), table


def helped(path: Path) -> Iterator[Helper]:
    """The helper that scans a file."""
    with scanning_ahead(str(path)):
        helper = claimed(file_source(path))
        assert helper is not None
        yield helper


@pytest.mark.parametrize("block_bytes", [9_000, 40_000, 2 << 20])
def test_both_processes_together_find_what_one_finds(export: Path, block_bytes: int, monkeypatch) -> None:
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", block_bytes)  # of this process alone: theirs need not be the same
    expected = open_trace(export, reader="lxml").profile()
    if block_bytes != 2 << 20:
        monkeypatch.setattr(Helper, "block", lambda self, *, wait: None)
    for _ in helped(export):
        assert_equal(open_trace(export, reader="fast").profile(), expected)


def test_what_the_helper_finds_alone_is_the_same(export: Path, monkeypatch) -> None:
    waiting = Helper.block
    monkeypatch.setattr(Helper, "block", lambda self, *, wait: waiting(self, wait=True))
    for helper in helped(export):
        assert_equal(open_trace(export, reader="fast").profile(), open_trace(export, reader="lxml").profile())
        assert helper.block(wait=True) is None
        assert helper.is_done


def test_a_compressed_export_is_scanned_by_the_helper(tmp_path: Path) -> None:
    path = tmp_path / "run.xml.gz"
    path.write_bytes(gzip.compress(DOCUMENT))
    for helper in helped(path):
        assert_equal(open_trace(path, reader="fast").profile(), open_trace(path, reader="lxml").profile())
        assert helper.is_done


def test_a_helper_that_dies_is_no_loss(export: Path) -> None:
    for helper in helped(export):
        helper._process.kill()
        assert_equal(open_trace(export, reader="fast").profile(), open_trace(export, reader="lxml").profile())


def test_a_compressed_export_whose_helper_died_is_read_otherwise(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "run.xml.gz"
    path.write_bytes(gzip.compress(DOCUMENT))
    monkeypatch.setattr(ahead, "_THIS", "tracekit.nothing")
    for _ in helped(path):
        assert read_scanned(file_source(path)) is None
        assert_equal(open_trace(path).profile(), open_trace(path, reader="lxml").profile())


@pytest.mark.parametrize("suffix", [".xml", ".xml.gz"])
def test_what_one_process_refuses_both_refuse(suffix: str, tmp_path: Path) -> None:
    edited = DOCUMENT.replace(b"<row>", b"<row> ", 1)
    path = tmp_path / f"run{suffix}"
    path.write_bytes(gzip.compress(edited) if suffix.endswith("gz") else edited)
    for _ in helped(path):
        assert read_scanned(file_source(path)) is None
        assert_equal(open_trace(path).profile(), open_trace(path, reader="lxml").profile())


def test_a_file_that_was_replaced_has_no_helper(export: Path) -> None:
    for _ in helped(export):
        other = export.with_name("other.xml")
        other.write_bytes(DOCUMENT)
        assert claimed(file_source(other)) is None
        other.replace(export)
        assert claimed(file_source(export)) is None
    assert claimed(file_source(export)) is None


def test_no_helper_is_left_and_none_is_begun_in_vain(export: Path, tmp_path: Path, monkeypatch) -> None:
    for helper in helped(export):
        process = helper._process
    assert process.poll() is not None
    (tmp_path / "folded.txt").write_text("main;net 4\n")
    for path in (tmp_path, tmp_path / "folded.txt", tmp_path / "missing.xml", "-"):
        with scanning_ahead(str(path)):
            assert not ahead._helper
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with scanning_ahead(str(export)):
        assert not ahead._helper


@pytest.mark.parametrize("size", [200, 1_000, 10_000, len(DOCUMENT)])
def test_pieces_of_any_size_are_the_rows_in_order(export: Path, size: int, monkeypatch) -> None:
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", size)
    begins = DOCUMENT.index(b"<row>")
    with export.open("rb") as file:
        pieces = Pieces(file.fileno(), begins)
        rows = [pieces[number][PADDING:-PADDING] for number in range(len(pieces))]
        assert list(pieces) == [pieces[number] for number in range(len(pieces))]
    assert b"".join(rows) + b"</node></trace-query-result>\n" == DOCUMENT[begins:]
    assert all(row.endswith(b"</row>\n") for row in rows if row)
