"""What an archive says of an offset: function, inlined function, source line."""

import struct
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_traces.bundle_files import Binary, Inlined, Line, Symbol, symbols_archive
from tests.support.bundle_writer import APP
from tracekit.errors import InputError, UnsupportedError
from tracekit.readers.bundle.addresses.symbols import SymbolArchive
from tracekit.readers.demangling import printed_name

PLAIN = Binary("/usr/lib/a", "A0000000-0000-4000-8000-000000000009", 0x1000)


def archive_of(symbols: Sequence[Symbol] = (), lines: Sequence[Line] = (), version: int = 7) -> SymbolArchive:
    binary = replace(PLAIN, symbols=tuple(symbols), lines=tuple(lines), archive=version)
    return SymbolArchive(symbols_archive(binary), "x")


def names(archive: SymbolArchive, *offsets: int) -> list[str]:
    found = archive.find(np.array(offsets, np.int64)).function.tolist()
    known = [archive.names(number) if number >= 0 else None for number in found]
    return [printed_name(one.display, one.mangled) if one else "-" for one in known]


@pytest.mark.parametrize("version", [1, 7])
def test_functions_cover_their_range_and_no_more(version: int) -> None:
    archive = archive_of(
        [Symbol(0x10, 8, "_a", "a"), Symbol(0x18, 8, "_b", "b"), Symbol(0x30, 1, "_c", "c")], (), version
    )
    assert names(archive, 0, 0x10, 0x17, 0x18, 0x1F, 0x20, 0x30, 0x31) == ["-", "a", "a", "b", "b", "-", "c", "-"]


def test_symbols_need_not_be_sorted() -> None:
    archive = archive_of([Symbol(0x30, 8, "_c", "c"), Symbol(0x10, 8, "_a", "a")])
    assert names(archive, 0x12, 0x31) == ["a", "c"]


def test_the_smallest_inlined_function_is_named_and_of_equal_ones_the_outermost() -> None:
    archive = archive_of(
        [
            Symbol(0x00, 0x40, "_first", "first", inlined=(Inlined(0x08, 8, "_one"), Inlined(0x20, 0x10, "_two"))),
            Symbol(0x40, 0x40, "_plain", "plain"),
            Symbol(
                0x80,
                0x40,
                "_deep",
                "deep",
                inlined=(
                    Inlined(0x80, 0x20, "_outer", (Inlined(0x80, 0x20, "_same"), Inlined(0x90, 8, "_inner"))),
                    Inlined(0xB0, 8, "_last"),
                ),
            ),
        ]
    )
    assert names(archive, 0x00, 0x08, 0x10, 0x20, 0x30) == ["first", "_one", "first", "_two", "first"]
    assert names(archive, 0x48) == ["plain"]
    assert names(archive, 0x84, 0x90, 0x98, 0xA8, 0xB0, 0xB8) == ["_outer", "_inner", "_outer", "deep", "_last", "deep"]


def test_merged_functions_are_named_as_such_even_where_others_begin_at_the_same_place() -> None:
    archive = archive_of([Symbol(0, 16, "<deduplicated_symbol>", flags=0x800), Symbol(0, 16, "_one", flags=0x33484C21)])
    function = archive.find(np.array([8])).function[0]
    assert archive.names(function).is_deduplicated
    inlined = archive_of([Symbol(0, 16, "_one", flags=0x800, inlined=(Inlined(0, 8, "_in"),))])
    assert inlined.names(inlined.find(np.array([4])).function[0]).is_deduplicated


def test_lines_belong_to_functions_only() -> None:
    archive = archive_of([Symbol(0x10, 0x10, "_a")], [Line(0, 0x18, "/src/a.c", 3), Line(0x18, 4, "/src/b.c", 0)])
    found = archive.find(np.array([0x08, 0x10, 0x18, 0x1C]))
    assert [archive.string(at) for at in found.file.tolist()] == ["", "/src/a.c", "/src/b.c", ""]
    assert found.line.tolist() == [0, 3, 0, 0]


def test_a_line_that_cannot_be_is_none() -> None:
    found = archive_of([Symbol(0, 8, "_a")], [Line(0, 8, "/src/a.c", 0xFFFFFFFF)]).find(np.array([4]))
    assert (found.file.tolist(), found.line.tolist()) == ([0], [0])


def test_segments_are_found_by_name() -> None:
    archive = archive_of()
    assert archive.segments == {"__TEXT": 0, "__DATA_CONST": 0x100000, "__LINKEDIT": 0x104000}
    assert archive.text_size == 0x100000
    assert archive.cpu_type == 0x0100000C


def test_an_archive_without_symbols_names_nothing() -> None:
    assert names(archive_of(), 0, 0x1000) == ["-", "-"]


@pytest.mark.parametrize("version", [0, 2, 6, 8])
def test_unknown_versions_are_refused(version: int) -> None:
    data = struct.pack("<I", version) + symbols_archive(APP)[4:]
    with pytest.raises(UnsupportedError, match=rf"x: .* unknown version \({version}\)\. Open the recording"):
        SymbolArchive(data, "x")


@pytest.mark.parametrize("place", range(4, 28, 4))
def test_counts_that_do_not_add_up_are_refused(place: int) -> None:
    data = bytearray(symbols_archive(APP))
    data[place : place + 4] = struct.pack("<I", struct.unpack_from("<I", data, place)[0] + 1)
    with pytest.raises(UnsupportedError, match="damaged or of an unknown version"):
        SymbolArchive(bytes(data), "x")


def test_cut_archives_are_refused() -> None:
    data = symbols_archive(APP)
    for size in (0, 50, 96, len(data) - 1):
        with pytest.raises(InputError, match=r"cut off|damaged"):
            SymbolArchive(data[:size], "x")


def test_names_outside_the_strings_are_told() -> None:
    data = bytearray(symbols_archive(replace(PLAIN, symbols=(Symbol(0, 4, "_abc"),))))
    at = data.index(struct.pack("<II", 0x33484401, 0))
    data[at + 8 : at + 12] = struct.pack("<I", 0xFFFF)
    archive = SymbolArchive(bytes(data), "x")
    with pytest.raises(InputError, match="x: the names of the symbol archive are damaged"):
        archive.names(0)


def test_names_that_overlap_cannot_multiply_the_file() -> None:
    archive = archive_of([Symbol(0, 4, "_" + "a" * 10_000)])
    with pytest.raises(InputError, match="names of the symbol archive are damaged"):
        [archive.string(at) for at in range(1, 100)]


def test_levels_of_inlining_that_go_in_circles_end() -> None:
    data = bytearray(symbols_archive(APP))
    archive = SymbolArchive(bytes(data), "x")
    first = int(archive._symbols["address"].size) * 24
    start = 0x60 + 3 * 32 + 24 + first
    data[start + 20 : start + 24] = struct.pack("<i", 0)
    assert names(SymbolArchive(bytes(data), "x"), 0x1000) == ["main"]


RANGES = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 9)), min_size=1, max_size=6)


@given(RANGES, st.integers(0, 120))
def test_the_covering_function_is_the_one_a_search_finds(gaps: list[tuple[int, int]], offset: int) -> None:
    symbols, at = [], 0
    for number, (gap, size) in enumerate(gaps):
        symbols.append(Symbol(at + gap, size, f"_{number}", f"{number}"))
        at += gap + size
    expected = [one.display for one in symbols if one.address <= offset < one.address + one.size] or ["-"]
    assert names(archive_of(symbols), offset) == expected
