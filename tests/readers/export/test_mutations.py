"""Whatever the bytes: a sentence, or a profile whose rows are all accounted for."""

import random
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readers.export.documents import ROW, document, node, opened, profile_of, row, schema, table_of, toc, toc_run
from tests.support.export_rewrite import Encoding, rewrite
from tracekit.errors import InvariantError, TracekitError
from tracekit.readers import open_trace

SAMPLE = Path(__file__).parents[3] / "sample_traces" / "mlprogram-split.xcode26.5.xml"
ROWS = 6


@cache
def small_export(encoding: Encoding) -> bytes:
    """The first rows of a sample; nothing refers forward, so they stand alone."""
    head, *rows = re.split(r"(?=<row>)", SAMPLE.read_text())
    whole = f"{head}{''.join(rows[:ROWS])}</node></trace-query-result>\n"
    return rewrite(whole.encode(), encoding).encode()


def assert_is_a_sentence(error: TracekitError, place: str = "x.xml") -> None:
    assert not isinstance(error, InvariantError), error
    assert str(error).startswith(f"{place}")
    assert "\n" not in str(error)
    assert len(str(error)) < 800


def check(data: bytes) -> None:
    """Both readers agree (``profile_of``), and every row that can be seen is a sample or was skipped."""
    try:
        profile = profile_of(data)
    except TracekitError as error:
        assert_is_a_sentence(error)
        return
    skipped = sum(notice.count for notice in profile.meta.notices if notice.code.startswith("skipped-row"))
    rows = sum(
        info.rows or 0
        for run in opened(data).runs
        for info in run.tables()
        if info.schema == profile.meta.table and run.number == profile.meta.run
    )
    passed_over = [notice for notice in profile.meta.notices if notice.code == "other-profile-tables"]
    assert len(profile) + skipped == rows or passed_over


encodings = st.sampled_from(Encoding)
places = st.floats(0, 1, exclude_max=True)


@given(encodings, st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4))
def test_bytes_that_flip(encoding: Encoding, flips: list[tuple[float, int]]) -> None:
    data = bytearray(small_export(encoding))
    for place, byte in flips:
        data[int(place * len(data))] = byte
    check(bytes(data))


@given(encodings, places, st.integers(1, 300))
def test_bytes_that_are_lost(encoding: Encoding, place: float, count: int) -> None:
    data = small_export(encoding)
    start = int(place * len(data))
    check(data[:start] + data[start + count :])


@given(encodings, places, places, st.integers(1, 300))
def test_bytes_that_are_copied_elsewhere(encoding: Encoding, origin: float, place: float, count: int) -> None:
    data = small_export(encoding)
    piece = data[int(origin * len(data)) :][:count]
    start = int(place * len(data))
    check(data[:start] + piece + data[start:])


NUMBERS = ["", "-1", "0", "007", "+1", "1.5", "1e9", "0x10", "１", " 5 ", str(2**63), str(2**64), "9" * 400, "1,000"]  # noqa: RUF001
PIECES = [rb' id="\d+"', rb' ref="\d+"', rb' fmt="[^"]*"', rb' addr="[^"]*"', rb"<sentinel/>", rb"<frame [^>]*/>"]


@given(encodings, places, st.sampled_from(NUMBERS))
def test_numbers_that_change(encoding: Encoding, place: float, number: str) -> None:
    data = small_export(encoding)
    found = list(re.finditer(rb'(?<=[">])\d+(?=["<])', data))
    chosen = found[int(place * len(found))]
    check(data[: chosen.start()] + number.encode() + data[chosen.end() :])


@given(encodings, places, st.sampled_from(PIECES), st.sampled_from([b"", b"<sentinel/>", b' id="1"', b' ref="2"']))
def test_pieces_that_change(encoding: Encoding, place: float, piece: bytes, instead: bytes) -> None:
    data = small_export(encoding)
    found = list(re.finditer(piece, data))
    if found:
        chosen = found[int(place * len(found))]
        check(data[: chosen.start()] + instead + data[chosen.end() :])


@given(encodings, st.randoms(use_true_random=False))
def test_rows_in_another_order(encoding: Encoding, chance: random.Random) -> None:
    head, *rows = re.split(rb"(?=<row>)", small_export(encoding))
    rows[-1], tail = rows[-1].split(b"</row>")
    rows[-1] += b"</row>\n"
    chance.shuffle(rows)
    check(head + b"".join(rows) + tail)


OTHER = document(
    node(
        '<row><start-time id="1">5</start-time><boolean id="2">1</boolean><narrative id="3" fmt="a b">'
        '<string id="4">a</string></narrative><string ref="4"/></row>',
        head=schema("t", [("start", "start-time"), ("on", "boolean"), ("text", "narrative"), ("name", "string")]),
    ),
    node(ROW, row()),
).encode()


@given(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=3))
def test_tables_with_bytes_that_flip(flips: list[tuple[float, int]]) -> None:
    data = bytearray(OTHER)
    for place, byte in flips:
        data[int(place * len(data))] = byte
    try:
        frame = table_of(bytes(data), "t")
    except TracekitError as error:
        assert_is_a_sentence(error)
        return
    skipped = sum(notice.count for notice in frame.attrs["notices"] if notice.code.startswith("skipped-row"))
    assert len(frame) + skipped == sum(info.rows or 0 for info in opened(bytes(data)).tables() if info.schema == "t")


@given(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=3))
def test_tables_of_contents_with_bytes_that_flip(flips: list[tuple[float, int]]) -> None:
    data = bytearray(toc(toc_run(1, 'schema="time-profile" a="b"', 'schema="tick"'), toc_run(2)).encode())
    for place, byte in flips:
        data[int(place * len(data))] = byte
    try:
        trace = opened(bytes(data))
    except TracekitError as error:
        assert_is_a_sentence(error)
        return
    assert all(info.available is False for run in trace.runs for info in run.tables())


@given(
    data=st.binary(max_size=200),
    prefix=st.sampled_from([b"", b"<", b"<?xml ", b"\x1f\x8b", b"PK\x03\x04", b"\xff\xfe"]),
)
def test_any_bytes_at_all(tmp_path_factory: pytest.TempPathFactory, data: bytes, prefix: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(prefix + data)
    try:
        open_trace(path).profile().validate()
    except TracekitError as error:
        assert_is_a_sentence(error, str(path))


def test_the_small_exports_are_whole() -> None:
    assert {encoding: len(profile_of(small_export(encoding))) for encoding in Encoding} == dict.fromkeys(Encoding, ROWS)
