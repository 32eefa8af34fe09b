"""The real exports: every row accounted for, every table typed."""

import gzip
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tracekit.model.schema import NONE
from tracekit.readers import open_trace
from tracekit.readers.source import ReaderChoice

PROFILES = {
    "time-profile_xcode14.3.xml": ("time-profile", "ns", 9_581, 9_581_000_000),
    "cpu-profile_xcode14.0_text-addresses.xml.gz": ("cpu-profile", "cycles", 4_342, 3_990_633_170),
    "cpu-profile_xcode26.3.xml": ("cpu-profile", "cycles", 91, 63_695_607),
    "cpu-profile_xcode26.5.xml": ("cpu-profile", "cycles", 21, 343_225),
}
TIMES = {"start": "Int64", "duration": "Int64"}
THREAD = {"thread": "str", "thread.tid": "Int64"}
PROCESS = {"process": "str", "process.pid": "Int64"}
TABLES = {
    "ModelLoadingTable_xcode27.xml.gz": {**TIMES, "asset-id": "str", "transition": "str"},
    "SwiftTaskStateTable_xcode27.xml.gz": {**TIMES, **PROCESS, **THREAD, "backtrace": "str", "task": "str"},
    "core-data-fetch_xcode27.xml.gz": {**TIMES, **THREAD, "fetch-count": "Int64", "backtrace": "str", "spid": "UInt64"},
    "device-thermal-state-intervals.xml": {**TIMES, "end": "Int64", "thermal-state": "str", "is-induced": "boolean"},
    "display-vsyncs-interval.xml.gz": {"timestamp": "Int64", "duration": "Int64", "event": "str", "color": "Int64"},
    "fs-syscall_xcode27.xml.gz": {**TIMES, **THREAD, "arg1": "Int64", "return": "Int64", "file-created": "boolean"},
    "hang-risks_xcode27.xml.gz": {"time": "Int64", **PROCESS, **THREAD, "severity": "str", "backtrace": "str"},
    "os-signpost-interval_xcode26.3.xml": {**TIMES, "identifier": "UInt64", "start-thread.tid": "Int64"},
    "os-signpost_xcode26.3.xml": {"time": "Int64", "identifier": "UInt64", "name": "str", "message": "str"},
    "potential-hangs_xcode26.3.xml": {**TIMES, **THREAD, **PROCESS, "hang-type": "str"},
    "virtual-memory.xml.gz": {**TIMES, **THREAD, **PROCESS, "cputime": "Int64", "address": "UInt64", "size": "Int64"},
    **{
        name: {"time": "Int64", **THREAD, **PROCESS, "core": "Int64", "weight": "Int64", "stack": "str"}
        for name in PROFILES
    },
}  # fmt: skip


def text(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def weight_in_text(xml: str) -> int:
    """The sum of the weight column, without an XML parser."""
    tag = "(?:cycle-)?weight"
    by_id = {match[1]: int(match[2]) for match in re.finditer(rf'<{tag} id="(\d+)"[^>]*>(\d+)<', xml)}
    return sum(by_id.values()) + sum(by_id[match[1]] for match in re.finditer(rf'<{tag} ref="(\d+)"', xml))


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("reader", ["auto", "lxml"])
def test_every_row_of_a_real_profile_is_accounted_for(real_data: Path, name: str, reader: ReaderChoice) -> None:
    table, unit, rows, weight = PROFILES[name]
    xml = text(real_data / "exports" / name)
    profile = open_trace(real_data / "exports" / name, strict=True, reader=reader).profile()
    assert xml.count("<row>") == rows
    assert weight_in_text(xml) == weight
    assert (profile.meta.table, profile.meta.unit, len(profile), profile.weight) == (table, unit, rows, weight)
    assert int((profile.samples["stack_id"] == NONE).sum()) == xml.count("<sentinel/></row>")
    nameless = "text-addresses" in name
    assert [notice.code for notice in profile.meta.notices] == ["no-symbols"] * nameless


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_typed_and_whole(real_data: Path, name: str) -> None:
    xml = text(real_data / "exports" / name)
    trace = open_trace(real_data / "exports" / name, strict=True)
    (info,) = trace.tables()
    frame = trace.table(info.schema)
    dtypes = {str(column): str(dtype) for column, dtype in frame.dtypes.items()}
    assert len(frame) == info.rows == len(re.findall(r"<row\b", xml))
    assert {column: dtypes.get(column) for column in TABLES[name]} == TABLES[name]
    assert set(dtypes.values()) <= {"Int64", "UInt64", "boolean", "str"}
    assert frame.attrs["notices"] == []
    of_mnemonics = [column for column in frame.columns if not column.endswith((".tid", ".pid"))]
    assert int(frame[of_mnemonics].isna().sum().sum()) == len(ET.fromstring(xml).findall("node/row/sentinel"))


def test_no_export_is_left_out_here(real_data: Path) -> None:
    exports = {path.name for path in (real_data / "exports").iterdir() if ".xml" in path.name}
    assert {name for name in exports if not name.startswith("toc_")} == set(TABLES)


def test_what_is_in_real_tables(real_data: Path) -> None:
    def first(name: str) -> dict:
        trace = open_trace(real_data / "exports" / name)
        row: dict = trace.table(trace.tables()[0].schema).iloc[0].to_dict()
        return row

    loading = first("ModelLoadingTable_xcode27.xml.gz")
    assert (loading["start"], loading["duration"]) == (24456569500, 118225541)
    assert loading["transition"] == "dynamicMode → loaded"
    fetch = first("core-data-fetch_xcode27.xml.gz")
    assert fetch["spid"] == 2**64 - 1
    assert fetch["backtrace"].split(" ← ")[:2] == ["__kdebug_trace64", "0x19b02c737"]
    assert fetch["backtrace"].endswith(" ← start")
    signpost = first("os-signpost_xcode26.3.xml")
    assert signpost["message"].startswith("ID is swap ID.   frame_seed= 778d6c5  refresh_interval= 199,999")
    sample = first("cpu-profile_xcode14.0_text-addresses.xml.gz")
    assert sample["stack"].split(" ← ")[:2] == ["objc_msgSend", "0x180c492b4"]
    assert first("virtual-memory.xml.gz")["address"] == 4297605120


def test_deduplicated_symbols_are_symbols(real_data: Path) -> None:
    profile = open_trace(real_data / "exports/cpu-profile_xcode26.3.xml").profile()
    frames = profile.frames[profile.frames["name"] == "<deduplicated_symbol>"]
    assert len(frames) > 0
    assert frames["is_symbolicated"].all()
