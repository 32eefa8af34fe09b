"""Logs in ndjson: what is kept, and that no line of any kind stops the reading."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.logs import ANSWERS, BEGAN, entry, ndjson
from tests.support.timelines import PID
from tracekit.errors import InputError
from tracekit.model.log import LOG, Log
from tracekit.readers import logs
from tracekit.readers.logs import read_log

KEPT = entry(ANSWERS.format(0))
HEADER = b'Filtering the log data using "processID == 7"\n'
FOOTER = b'{"count":2,"finished":1}\n'


def read(path: Path, data: bytes) -> Log:
    (path / "run.ndjson").write_bytes(data)
    return read_log(path / "run.ndjson")


def test_what_is_about_neural_networks_is_kept(tmp_path: Path) -> None:
    noise = entry("Unsupported option", subsystem="com.example.app")
    refused = entry("Insufficient Permission (to submit GPU work from background)", subsystem="com.example.app")
    log = read(tmp_path, HEADER + ndjson([KEPT, noise, refused]) + FOOTER)
    assert (log.lines, log.notices) == (3, ())
    assert dict(log.table.dtypes.astype(str)) == dict(LOG)
    assert log.table["message"].tolist() == [KEPT["eventMessage"], refused["eventMessage"]]
    first = log.table.iloc[0]
    assert (first["pid"], first["thread"], first["process"]) == (PID, 1, "App")
    assert first["time_ns"] == int(BEGAN.timestamp()) * 10**9


def test_gzip_is_read_alike(tmp_path: Path) -> None:
    data = ndjson([KEPT] * 3)
    assert read(tmp_path, gzip.compress(data)).table.equals(read(tmp_path, data).table)


def test_a_log_that_is_cut_off_within_gzip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="damaged or cut off"):
        read(tmp_path, gzip.compress(ndjson([KEPT] * 3))[:-12])


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe{", b'{"eventMessage": 3}', b"[]", b"null", b"NaN",
        b'{"eventMessage": "ANE"', b"{" + b" " * (3 << 20) + b'"eventMessage": "ANE"}',
    ],
)  # fmt: skip
def test_a_line_that_is_no_entry_is_counted_and_passed_over(tmp_path: Path, line: bytes) -> None:
    log = read(tmp_path, line + b"\n" + ndjson([KEPT]))
    assert len(log.table) == 1
    assert [(notice.code, notice.count) for notice in log.notices] == [("skipped-log-line", 1)]


@pytest.mark.parametrize(
    "key, value, column",
    [
        ("timestamp", "yesterday", "time_ns"),
        ("timestamp", "2026-09-01 12:00:00", "time_ns"),
        ("timestamp", "9999-12-31 23:59:59.000000+0000", "time_ns"),
        ("timestamp", 5, "time_ns"),
        ("processID", True, "pid"),
        ("processID", 1 << 80, "pid"),
        ("processID", -5, "pid"),
        ("threadID", "1", "thread"),
    ],
)
def test_what_cannot_be_is_not_known(tmp_path: Path, key: str, value: object, column: str) -> None:
    assert read(tmp_path, ndjson([KEPT | {key: value}])).table[column].tolist() == [-1]


def test_half_a_character_is_stored_as_a_question_mark(tmp_path: Path) -> None:
    log = read(tmp_path, ndjson([KEPT | {"eventMessage": "ANE \ud800", "subsystem": None}]))
    assert log.table["message"].tolist() == ["ANE ?"]


@pytest.mark.parametrize("data, what", [(b"", "no entry"), (b"# a text\n" * 9, "no entry")])
def test_what_is_no_log_is_refused(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        read(tmp_path, data)
    with pytest.raises(InputError, match="is a folder"):
        read_log(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_log(tmp_path / "none")


def test_more_texts_than_are_kept_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_TEXTS", 3)
    entries = [entry(f"ANE {number % 5}") for number in range(10)]
    log = read(tmp_path, ndjson(entries))
    assert log.table["message"].tolist() == ["ANE 0", "ANE 1", "ANE 2"] * 2
    assert [(notice.code, notice.count) for notice in log.notices] == [("log-too-long", 4)]


def test_memory_does_not_grow_with_what_is_passed_over(tmp_path: Path) -> None:
    other = json.dumps(entry("x" * 2_000, subsystem="com.example.app")).encode() + b"\n"
    (tmp_path / "run.ndjson").write_bytes(other * 8_000 + ndjson([KEPT]))  # 18 MB
    tracemalloc.start()
    try:
        assert read_log(tmp_path / "run.ndjson").lines == 8_001
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_no_bytes_before_an_entry_hide_it(tmp_path_factory: pytest.TempPathFactory, junk: list[bytes]) -> None:
    data = b"".join(b"#" + each.replace(b"\n", b"") + b"\n" for each in junk)
    log = read(tmp_path_factory.mktemp("log"), data + ndjson([KEPT]))
    assert (log.lines, sum(notice.count for notice in log.notices)) == (1, len(junk))
