"""Without form.template, images come from what dyld told the kernel."""

import uuid
from dataclasses import replace

from sample_traces.bundle import RunWriter, Sampled
from sample_traces.bundle_files import Binary, Column, Table
from tests.support.bundle_writer import (
    APP,
    FORWARD,
    KEXT,
    LIB,
    LOOP,
    MAIN,
    MAIN_FUNCTION,
    PID,
    in_memory,
    run_writer,
    sample_files,
    sample_run,
    sample_trace,
)
from tracekit.model.folded import to_folded
from tracekit.readers.bundle.run import trace_of

EVENT_COLUMNS = (
    Column("time", "RecordedEventTimestamp", "time"),
    Column("thread", "Thread", "category1"),
    *(Column(name, "KDebugClass", 1) for name in ("class", "subclass", "code")),
    *(Column(f"arg{number}", "KDebugArgument", 2) for number in (1, 2, 3, 4)),
)
STRING_COLUMNS = (
    Column("time", "RecordedEventTimestamp", "time"),
    Column("raw-string", "RawString", "category1"),
    Column("raw-string-id", "KDebugStringID", 2),
)
MAP, UNMAP = 0, 5
CODES = {"codes": ["0x07,0x00", "0x1f,0x05"], "target": "SINGLE"}


def events(run: RunWriter, *happened: tuple[int, int, Binary]) -> None:
    """Add the events (time, kind, image) and the strings of their paths."""
    thread = run.thread(MAIN, PID)
    rows, strings = [], []
    for number, (time, kind, binary) in enumerate(happened):
        low, high = (int.from_bytes(part, "little") for part in halves(binary.uuid))
        rows.append((time, thread, 0x1F, 5, kind, low, high, binary.load_address, 0))
        rows.append((time + 1, thread, 0x1F, 5, kind + 1, 0, 1000 + number, 0, 0))
        middle = len(binary.path) // 2
        for piece in (binary.path[:middle], binary.path[middle:]):
            strings.append((time, run.strings.add(piece), 1000 + number))
    rows.append((0, thread, 0x1F, 7, 0, 1, 2, 3, 4))
    run.tables.append(Table("kdebug", "point", EVENT_COLUMNS, rows, CODES))
    run.tables.append(Table("kdebug-strings", "point", STRING_COLUMNS, strings, {"codes": ["0x1f,0x05"]}))


def halves(identity: str) -> tuple[bytes, bytes]:
    data = uuid.UUID(identity).bytes
    return data[:8], data[8:]


def test_images_and_paths_come_from_the_events() -> None:
    run = sample_run()
    events(run, (500, MAP, APP), (600, MAP, LIB))
    profile = sample_trace(runs=[run], form=None).profile()
    assert to_folded(profile) == to_folded(sample_trace().profile())
    assert profile.binaries["path"].tolist() == [APP.path, LIB.path]
    assert [notice.code for notice in profile.meta.notices] == ["no-form-template"]


def test_with_neither_stacks_are_addresses_and_that_is_said() -> None:
    profile = sample_trace(form=None).profile()
    assert [notice.code for notice in profile.meta.notices] == ["no-form-template", "no-images"]
    assert "the images of Demo" in profile.meta.notices[1].message
    assert profile.frames["name"].tolist()[:2] == [f"{LOOP + 0x11:#x}", f"{MAIN_FUNCTION + 0x1F:#x}"]
    assert not profile.frames["is_symbolicated"].any()
    assert len(profile.binaries) == 0


def test_an_image_without_symbols_is_left_out() -> None:
    run = sample_run()
    events(run, (500, MAP, APP), (600, MAP, LIB))
    profile = sample_trace(runs=[run], binaries=[APP], form=None).profile()
    assert profile.binaries["path"].tolist() == [APP.path]


def test_an_image_that_moved_is_found_in_both_places() -> None:
    """As dyld does when it goes on in the shared cache; its first place was mapped before recording began."""
    early = replace(LIB, load_address=LIB.load_address + 0x1000_0000)
    place = early.load_address + FORWARD - LIB.load_address
    run = run_writer()
    run.profile([Sampled(100, MAIN, (place + 9,)), Sampled(900, MAIN, (FORWARD + 9,))])
    events(run, (400, UNMAP, early), (410, MAP, LIB))
    profile = sample_trace(runs=[run], form=None).profile()
    assert profile.frames["name"].tolist() == ["Espresso::net::__forward()"] * 2
    assert profile.binaries["load_addr"].tolist() == [early.load_address, LIB.load_address]


def test_two_images_that_took_turns_in_one_place_are_told_apart() -> None:
    plugin = replace(LIB, uuid="D0000000-0000-4000-8000-000000000004", path="/tmp/plugin.dylib")
    run = run_writer()
    run.profile([Sampled(time, MAIN, (FORWARD + 9,)) for time in (100, 300, 700)])
    events(run, (200, MAP, LIB), (500, UNMAP, LIB), (600, MAP, plugin))
    profile = sample_trace(runs=[run], binaries=[LIB, plugin], form=None).profile()
    paths = profile.binaries["path"].tolist()
    owners = profile.frames["binary_id"].to_numpy()[profile.stacks["frame_id"].to_numpy()]
    assert [paths[owners[stack]] for stack in profile.samples["stack_id"]] == [LIB.path, LIB.path, plugin.path]


def test_events_without_their_second_half_are_left_out() -> None:
    run = sample_run()
    events(run, (500, MAP, APP))
    run.tables[-2] = replace(run.tables[-2], rows=run.tables[-2].rows[:1])
    assert len(sample_trace(runs=[run], form=None).profile().binaries) == 0


def test_tables_of_another_shape_are_left_alone() -> None:
    run = sample_run()
    short = (Column("time", "RecordedEventTimestamp", "time"), Column("arg1", "KDebugArgument", 2))
    run.tables.append(Table("kdebug", "point", short, [(1, 2)], CODES))
    run.tables.append(Table("kdebug-strings", "point", short, [(1, 2)], CODES))
    assert len(sample_trace(runs=[run], form=None).profile().binaries) == 0


def test_kernel_frames_have_no_images_without_form_template() -> None:
    run = run_writer()
    run.profile([Sampled(100, MAIN, (LOOP + 1,), kernel=(KEXT.load_address + 0x1011,))])
    events(run, (50, MAP, APP))
    profile = trace_of(in_memory(sample_files(runs=[run], form=None))).profile()
    assert profile.frames["name"].tolist() == [f"{KEXT.load_address + 0x1011:#x}", "loop"]
