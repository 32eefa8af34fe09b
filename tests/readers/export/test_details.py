"""Details of tracks: rows of attributes, as Allocations, Leaks and VM Tracker export them."""

import io
from pathlib import Path

import pandas as pd
import pytest

from tests.readers.export.documents import ROW, node, toc
from tracekit.errors import InputError, SelectionError
from tracekit.model.trace import Trace
from tracekit.readers import open_trace
from tracekit.readers.export.document import Document
from tracekit.readers.source import Source

BINARY = '<binary id="1" name="lib" UUID="U" arch="arm64" load-addr="0x0"/>'
FRAME = f'<frame id="0" name="malloc" addr="0x1">{BINARY}</frame>'
ALLOCATIONS = (
    '<row address="0x6000" category="Malloc 80 Bytes" live="true" size="80" library="AppKit" at="01:02.003.004">'
    f'<backtrace id="2">{FRAME}<frame id="3" name="-[A b]" addr="0x2"/></backtrace></row>',
    '<row address="0xffffffffffffffff" category="CFString" live="false" size="9" library="" at="00:00.000.001">'
    '<backtrace><frame ref="3"/><frame ref="0"/></backtrace></row>',
    '<row address="0x0" category="7" live="true" size="0" library="" at="100:00.000.000"/>',
)
REGIONS = (
    '<row path="-%=" resident-%="100.00" swapped-%="-0.50"/>',
    '<row path="" resident-%="0.00" swapped-%="1.00"/>',
)
TRACKS = (
    '<tracks><track name="Leaks"><details/></track><track name="Allocations"><details>'
    '<detail name="Statistics" kind="table"/><detail name="Allocations List" kind="table"/></details></track></tracks>'
)


def detail(*rows: str, track: int = 2, number: int = 2, run: int = 1) -> str:
    place = f"//trace-toc[1]/run[{run}]/tracks[1]/track[{track}]/details[1]/detail[{number}]"
    return f"<node xpath='{place}'>" + "\n".join(rows) + "</node>"


def opened(folder: Path, *nodes: str, contents: str = "") -> Trace:
    inside = "".join(nodes)
    (folder / "x.xml").write_text(f'<?xml version="1.0"?>\n<trace-query-result>\n{inside}</trace-query-result>\n')
    if contents:
        (folder / "toc.xml").write_text(contents)
    return open_trace(folder if contents else folder / "x.xml")


def test_values_are_what_they_all_are(tmp_path: Path) -> None:
    trace = opened(tmp_path, detail(*ALLOCATIONS))
    assert [(info.schema, info.rows) for info in trace.tables()] == [("track-2-detail-2", 3)]
    table = trace.table("track-2-detail-2")
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "address": "UInt64",
        "category": "str",
        "live": "boolean",
        "size": "Int64",
        "library": "str",
        "at": "Int64",
        "backtrace": "str",
    }
    assert table["address"].tolist() == [0x6000, 0xFFFF_FFFF_FFFF_FFFF, 0]
    assert table["at"].tolist() == [62_003_004_000, 1_000, 6_000_000_000_000]
    assert table["live"].tolist() == [True, False, True]
    assert table["category"].tolist() == ["Malloc 80 Bytes", "CFString", "7"]
    assert table["backtrace"].tolist()[:2] == ["malloc ← -[A b]", "-[A b] ← malloc"]
    assert table["library"].isna().tolist() == [False, True, True]
    assert pd.isna(table["backtrace"][2])


def test_a_table_of_contents_gives_names(tmp_path: Path) -> None:
    contents = toc(f'<run number="1"><data/>{TRACKS}</run>')
    trace = opened(tmp_path, detail(*ALLOCATIONS), contents=contents)
    assert [(info.schema, info.available) for info in trace.tables()] == [
        ("Allocations/Allocations List", True),
        ("Allocations/Statistics", False),
    ]
    assert len(trace.table("Allocations/Allocations List")) == 3
    with pytest.raises(SelectionError, match=r"'Leaks/Leaks' in run 1\. Tables here: Allocations/Allocations List"):
        trace.table("Leaks/Leaks")


def test_details_and_tables_of_one_document_stay_apart(tmp_path: Path) -> None:
    trace = opened(tmp_path, node(ROW), detail(*ALLOCATIONS[:1], run=1), detail(*ALLOCATIONS[2:], number=1))
    assert [(info.schema, info.rows) for info in trace.tables()] == [
        ("time-profile", 1),
        ("track-2-detail-2", 1),
        ("track-2-detail-1", 1),
    ]
    assert len(trace.profile()) == 1
    assert trace.table("track-2-detail-1")["address"].tolist() == [0]


def test_percent_signs_in_names_are_read_and_those_in_values_kept(tmp_path: Path) -> None:
    table = opened(tmp_path, detail(*REGIONS)).table("track-2-detail-2")
    assert table["resident-percent"].tolist() == [100.0, 0.0]
    assert table["swapped-percent"].tolist() == [-0.5, 1.0]
    assert table["path"].tolist()[0] == "-%="


@pytest.mark.parametrize("size", range(1, 60, 7))
def test_a_name_is_mended_wherever_a_block_ends(size: int) -> None:
    whole = f"<trace-query-result>{detail(*REGIONS)}</trace-query-result>".encode()

    class Slow(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            return super().read(size if self.tell() > 120 else 120)

    found = [dict(row.attrib) for _, row in Document(Source("x", lambda: Slow(whole))).rows()]
    assert [set(row) for row in found] == [{"path", "resident-percent", "swapped-percent"}] * 2


def test_a_stack_that_refers_to_nothing_is_skipped_and_counted(tmp_path: Path) -> None:
    broken = '<row address="0x1"><backtrace><frame ref="99"/></backtrace></row>'
    table = opened(tmp_path, detail(ALLOCATIONS[0], broken)).table("track-2-detail-2")
    assert len(table) == 1
    assert [notice.count for notice in table.attrs["notices"]] == [1]
    with pytest.raises(InputError, match="row 2 of track-2-detail-2"):
        open_trace(tmp_path / "x.xml", strict=True).table("track-2-detail-2")
