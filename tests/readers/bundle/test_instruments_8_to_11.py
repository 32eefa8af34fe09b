"""Bundles of Instruments 8 to 11: times, threads and names as they were written."""

from typing import Any

import pytest

from sample_traces.bundle import Sampled
from sample_traces.bundle_files import Column, Table
from tests.support.bundle_writer import in_memory
from tests.support.old_bundle import OldRun, OldSymbol, Owner, old_bundle
from tracekit.errors import InputError, UnsupportedError
from tracekit.model.profile import Profile
from tracekit.readers.bundle.run import trace_of

PID, MAIN, WORKER = 4711, 0x1D03, 0x1D04
APP = Owner("/Applications/Demo.app/Contents/MacOS/Demo", bytes(range(16)))
LIB = Owner("/usr/lib/libmath.dylib")
LATEST = (1 << 50) - 1

SYMBOLS = (
    OldSymbol("main", APP, {0x1000: 3, 0x1010: 7}, "/src/main.c"),
    OldSymbol("-[Net forward:]", LIB, {0x7FFF_0000_0020: 0}),
    OldSymbol("add(int, int)", LIB, {0x7FFF_0000_1005: 12, 0x7FFF_0000_1009: 13}, "C\x02"),
)
SAMPLES = (
    Sampled(0, MAIN, (0x7FFF_0000_1005, 0x7FFF_0000_0020, 0x1010)),
    Sampled(1_000_000, WORKER, (0x7FFF_0000_1009, 0x4242), core=5, weight=2_000_000, state="Blocked"),
    Sampled(LATEST // 4, MAIN, None, core=1),
)
TREE = """\
0 Main Thread Running 1000000 main;-[Net forward:];add(int, int)
1000000 worker Blocked 2000000 0x4241;add(int, int)
281474976710655 Main Thread Running 1000000 """


def run(number: int = 1, samples: tuple[Sampled, ...] = SAMPLES, **others: Any) -> OldRun:
    written = OldRun(**others)
    written.writer.number = number
    written.thread(MAIN, PID, "Main Thread")
    written.thread(WORKER, PID, "worker")
    written.profile(samples)
    return written


def drawn(profile: Profile) -> str:
    parents, frames = profile.stacks["parent_id"].tolist(), profile.stacks["frame_id"].tolist()
    names, threads = profile.frames["name"].tolist(), profile.threads["name"].tolist()
    columns = (profile.samples[name].tolist() for name in ("time_ns", "thread_id", "state", "weight", "stack_id"))
    lines = []
    for time, thread, state, weight, stack in zip(*columns, strict=True):
        path, at = [], stack
        while at != -1:
            path.append(names[frames[at]])
            at = parents[at]
        lines.append(f"{time} {threads[thread]} {state} {weight} {';'.join(reversed(path))}")
    return "\n".join(lines)


@pytest.mark.parametrize("is_described", [False, True], ids=["Instruments 8", "Instruments 9 to 11"])
@pytest.mark.parametrize("is_deflated", [False, True])
def test_samples_are_read_as_they_were_written(is_described: bool, is_deflated: bool) -> None:
    files = old_bundle([run(is_described=is_described)], {PID: SYMBOLS}, is_deflated=is_deflated)
    trace = trace_of(in_memory(files))
    profile = trace.profile()
    assert drawn(profile) == TREE
    assert [(info.schema, info.rows) for info in trace.tables()] == [("time-profile", 3)]
    assert profile.samples["core"].tolist() == [0, 5, 1]
    assert profile.threads["process"].unique().tolist() == ["Demo"]


def test_images_files_and_lines_are_those_of_the_symbols() -> None:
    profile = trace_of(in_memory(old_bundle([run()], {PID: SYMBOLS}))).profile()
    images = profile.binaries["name"].tolist()
    columns = (profile.frames[name].tolist() for name in ("name", "binary_id", "is_symbolicated", "file", "line"))
    of = {name: found for name, *found in zip(*columns, strict=True)}
    demo, lib = images.index("Demo"), images.index("libmath.dylib")
    assert of["main"] == [demo, True, "/src/main.c", 7]
    assert of["add(int, int)"] == [lib, True, "", 12]
    assert of["0x4241"] == [-1, False, "", 0]
    uuids = dict(zip(images, profile.binaries["uuid"].tolist(), strict=True))
    assert uuids == {"Demo": "00010203-0405-0607-0809-0A0B0C0D0E0F", "libmath.dylib": ""}


def test_functions_that_have_no_name_are_counted() -> None:
    def said(*symbols: OldSymbol) -> list[tuple[str, str]]:
        notices = trace_of(in_memory(old_bundle([run()], {PID: symbols}))).profile().meta.notices
        return [(notice.code, notice.message) for notice in notices]

    kept = "Instruments kept no name for {} functions; they are addresses"
    assert said(*SYMBOLS) == [("unnamed-functions", kept.format("1 of 4"))]
    assert said(SYMBOLS[0]) == [("no-symbols", kept.format("4 of 5"))]
    everything = OldSymbol("stub", LIB, {0x4242: 0})
    assert said(*SYMBOLS, everything) == []


def test_symbols_are_those_of_their_process() -> None:
    assert "main" not in drawn(trace_of(in_memory(old_bundle([run()], {1: SYMBOLS, PID: ()}))).profile())


@pytest.mark.parametrize(
    "start, duration, one, two",
    [(0, 0, 0, 0), (LATEST, 1, 0, 2), (1, LATEST, 1, 0), (152_869_625, 22_746_333, 0x3FFFFE, 0x155555)],
)
def test_intervals_are_taken_apart(start: int, duration: int, one: int, two: int) -> None:
    columns = (
        Column("start", "StartTime", "time"),
        Column("duration", "Duration", "duration"),
        Column("group", "NeverSeen", "category1"),
        Column("lane", "NeverSeen", "category2"),
        Column("period", "NeverSeen", 1),
        Column("big", "KDebugArgument", 2),
    )
    written = run()
    written.writer.tables.append(Table("phases", "interval", columns, [(start, duration, one, two, 7, 1 << 60)]))
    table = trace_of(in_memory(old_bundle([written], {PID: SYMBOLS}))).table("phases")
    assert table.astype("object").iloc[0].tolist() == [start, duration, one, two, 7, 1 << 60]


def test_facts_are_those_of_the_summaries() -> None:
    said = ["Target Name: AC", "Target Model: iPhone 8 Plus", "Target iOS: 11.3 (15E216)", "", "Host macOS: 10.14"]
    said += ["Start Time: Feb 15, 2019 at 3:23 PM", "End reason: Time limit reached", "Instruments: 10.0 (10A255)"]
    settings = ["Target: demo", "Recording Mode: Deferred", "Time Limit: 5 seconds", ""]
    record: dict[str, object] = {
        "recordingInfoSummary": said,
        "recordingSettingsSummary": settings,
        "target": {"_pid": 6532},
    }
    record |= {"startTime": 1_550_215_433_248_781_056, "runningTime": 5_048_558_950}
    facts = trace_of(in_memory(old_bundle([run()], {PID: SYMBOLS}, record=record))).runs[0].facts
    assert facts.known() == {
        "device": "AC",
        "device_model": "iPhone 8 Plus",
        "os": "11.3 (15E216)",
        "platform": "iOS",
        "xcode": "10.0 (10A255)",
        "process": "demo",
        "pid": 6532,
        "start_date": "2019-02-15T07:23:53.249Z",
        "end_date": "2019-02-15T07:23:58.297Z",
        "duration_s": 5.048559,
        "end_reason": "Time limit reached",
        "recording_mode": "Deferred",
        "time_limit": "5 seconds",
    }


def test_a_deleted_run_is_said_and_not_the_first() -> None:
    deleted, kept = OldRun(), run(2)
    trace = trace_of(in_memory(old_bundle([deleted, kept], {PID: SYMBOLS})))
    assert [run.number for run in trace.runs] == [2]
    assert trace.notices[0].message == "run 1 has no tables in the bundle, so it was not read"
    assert drawn(trace.profile()) == TREE


def test_columns_that_do_not_add_up_are_refused() -> None:
    files = old_bundle([run(is_described=False)], {PID: SYMBOLS})
    name = next(name for name in files if name.endswith("schema.xml"))
    files[name] = files[name].replace(b"XRTimeSampleWeightTypeID", b"XRCPUCoreTypeID")
    with pytest.raises(UnsupportedError, match="stored in an unknown way"):
        trace_of(in_memory(files)).profile()


def test_a_table_of_today_needs_its_descriptor() -> None:
    files = old_bundle([run()], {PID: SYMBOLS})
    descriptor = next(name for name in files if name.endswith("descriptor"))
    schema = next(name for name in files if name.endswith("schema.xml"))
    without = {name: data for name, data in files.items() if name != descriptor}
    assert drawn(trace_of(in_memory(without)).profile()) == TREE
    without[schema] = without[schema].replace(b"XRT50_C22_TypeID", b"XRT64_CC32_R_TypeID")
    with pytest.raises(InputError, match="bulkstore_descriptor: the file is missing"):
        trace_of(in_memory(without)).profile()


@pytest.mark.parametrize("changed", [{"$4": -1}, {"$4": 10**6}, {"$4": "x"}])
def test_damaged_symbols_are_told(changed: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    stored = OldSymbol.stored

    def damaged(symbol: OldSymbol) -> Any:
        whole = stored(symbol)
        return type(whole)(whole.class_name, {**whole.fields, **changed})

    monkeypatch.setattr(OldSymbol, "stored", damaged)
    with pytest.raises(InputError, match=r"form\.template: the symbols of the recording are damaged"):
        trace_of(in_memory(old_bundle([run()], {PID: SYMBOLS}))).profile()
