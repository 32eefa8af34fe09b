"""Strings and arrays come back by their numbers, and only by the index."""

import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_traces.bundle_files import BLOCK, Strings, Uniquer, keyed_archive
from tests.support.bundle_writer import in_memory
from tracekit.errors import InputError, UnsupportedError
from tracekit.readers.bundle.storage.uniquing import ArrayUniquer, Uniquing, spread

ARRAYS = st.lists(st.lists(st.integers(0, (1 << 64) - 1), max_size=6), min_size=1, max_size=12)


def split(values: np.ndarray, lengths: np.ndarray) -> list[list[int]]:
    return [part.tolist() for part in np.split(values, np.cumsum(lengths))[:-1]]


@given(ARRAYS, st.data())
def test_arrays_come_back_in_any_order(arrays: list[list[int]], data: st.DataObject) -> None:
    written = Uniquer()
    numbers = [written.add(array) for array in arrays]
    asked = data.draw(st.lists(st.sampled_from(range(len(arrays))), max_size=20))
    found = ArrayUniquer(*written.files(), "x").gather(np.array([numbers[at] for at in asked], np.uint32))
    assert split(found.values, found.lengths) == [arrays[at] for at in asked]
    assert found.starts.tolist() == [sum(len(arrays[at]) for at in asked[:count]) for count in range(len(asked))]


def test_arrays_in_later_blocks_are_found() -> None:
    """Between the last array of a block and its end lies what would be read as an array."""
    written = Uniquer()
    arrays = [tuple(range(number, number + 1000)) for number in range(400)]
    numbers = [written.add(array) for array in arrays]
    index, data = written.files()
    assert len(data) > 3 * BLOCK
    assert data[BLOCK - 4 : BLOCK] == b"\xab" * 4
    found = ArrayUniquer(index, data, "x").tuples(np.array(numbers), 1000)
    assert (found == np.array(arrays)).all()


@pytest.mark.parametrize("number", [3, -1, 0xFFFFFFFF])
def test_numbers_that_are_no_arrays_are_told(number: int) -> None:
    written = Uniquer()
    for value in range(3):
        written.add([value])
    uniquer = ArrayUniquer(*written.files(), "run.trace/x")
    assert len(uniquer) == 3
    with pytest.raises(InputError, match=r"run\.trace/x: a row refers to an array that is not one of 3"):
        uniquer.gather(np.array([number]))


def index_of(*places: tuple[int, int], magic: int = 0x01234567, block: int = BLOCK) -> bytes:
    entries = b"".join(struct.pack("<II", offset, number) for offset, number in places)
    return struct.pack("<I24xI8x", magic, block) + entries


@pytest.mark.parametrize(
    "index, data",
    [
        (index_of((4, 0)), struct.pack("<II", 0, 99)),
        (index_of((8, 0)), struct.pack("<II", 0, 1)),
        (index_of((2, 0)), bytes(16)),
        (index_of((0, 1)), bytes(16)),
        (index_of((0, 0xFFFFFFFF)), bytes(16)),
        (index_of((0, 0xFFFFFFFF), block=0xFFFFFFF0), bytes(16)),
        (index_of((0, 0)), struct.pack("<I", 0xFFFFFFFF) + bytes(64)),
    ],
)
def test_arrays_outside_the_file_are_told(index: bytes, data: bytes) -> None:
    with pytest.raises(InputError, match="x: a stored array lies outside the file"):
        ArrayUniquer(index, data, "x").gather(np.array([0]))


@pytest.mark.parametrize("index", [b"short", index_of(magic=1), index_of(block=0)])
def test_an_unknown_index_is_refused(index: bytes) -> None:
    with pytest.raises(UnsupportedError, match="unknown kind"):
        ArrayUniquer(index, b"", "x")


def test_an_empty_index_holds_nothing() -> None:
    assert len(ArrayUniquer(b"", b"", "x")) == 0
    assert len(ArrayUniquer(b"", b"", "x").gather(np.array([], np.uint32)).values) == 0


def test_one_array_asked_for_again_and_again_does_not_fill_the_memory() -> None:
    written = Uniquer()
    written.add(range(100_000))
    uniquer = ArrayUniquer(*written.files(), "x")
    tracemalloc.start()
    with pytest.raises(InputError, match="unfold far beyond the size of the file"):
        uniquer.gather(np.zeros(100_000, np.uint32))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 << 20


def test_arrays_of_another_width_are_told() -> None:
    written = Uniquer()
    written.add([1, 2, 3])
    with pytest.raises(InputError, match="should hold 2 numbers"):
        ArrayUniquer(*written.files(), "x").tuples(np.array([0]), 2)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 5)), max_size=8), st.sampled_from([-1, 1, 2]))
def test_spread_counts_from_each_start(runs: list[tuple[int, int]], step: int) -> None:
    starts, lengths = (np.array([run[part] for run in runs], np.int64) for part in (0, 1))
    expected = [start + step * place for start, length in runs for place in range(length)]
    assert spread(starts, lengths, step).tolist() == expected


def uniquing(**files: bytes) -> Uniquing:
    return Uniquing(in_memory({f"corespace/run1/core/uniquing/{name}": data for name, data in files.items()}), 1)


TEXTS = st.text(st.characters(codec="utf-8"))


@given(st.lists(TEXTS, unique=True))
def test_strings_come_back(texts: list[str]) -> None:
    written = Strings()
    numbers = [written.add(text) for text in texts]
    found = uniquing(strings=written.file())
    assert [found.string(number) for number in numbers] == texts


def test_strings_know_entities_of_their_own_kind_only() -> None:
    items = b"<string>a&lt;&amp;lt;&quot;&apos;&gt;</string><string/><string>&bomb; &#65;</string>"
    plist = b"<plist><array>" + items + b"</array></plist>"
    assert uniquing(strings=plist).strings == ["a<&lt;\"'>", "", "&bomb; &#65;"]


def test_strings_with_control_characters_do_not_move_the_others() -> None:
    plist = b"<plist><array><string>a\x1b[1m\x00</string><string>\xff\xfe</string><string>b</string></array></plist>"
    assert uniquing(strings=plist).string(2) == "b"


@pytest.mark.parametrize("data", [b"", b"<array><string>a", b"<array><string><string></array>", b"<dict/>"])
def test_damaged_strings_are_told(data: bytes) -> None:
    with pytest.raises(InputError, match="uniquing/strings: the list of strings is damaged"):
        _ = uniquing(strings=data).strings


def test_a_string_that_is_not_there_is_empty() -> None:
    found = uniquing(strings=Strings().file())
    assert found.string(99) == found.string(-1) == ""


def test_engineering_types_are_listed_by_number() -> None:
    found = uniquing(**{"EngineeringTypes.etypes": keyed_archive({"root": ["XRA", "XRB"]})})
    assert found.engineering_types == ["XRA", "XRB"]
