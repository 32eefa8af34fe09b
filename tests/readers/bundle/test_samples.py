"""Rows of profile tables → Profile: stacks, images, names, weights, and what is wrong with them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_traces import bundle
from sample_traces.bundle import RunWriter, Sampled, Template
from sample_traces.bundle_files import BLOCK, NULL32, Binary, Column, Symbol, Table
from tests.support.bundle_writer import (
    APP,
    APP_BASE,
    CACHE,
    DEVICE,
    FACTS,
    FORWARD,
    KEXT,
    LIB,
    LOOP,
    MAIN,
    MAIN_FUNCTION,
    MERGED,
    PID,
    STRIPPED,
    STUB,
    TRAP,
    WORKER,
    in_memory,
    run_writer,
    sample_files,
    sample_run,
    sample_trace,
    template,
    ticks,
)
from tracekit.errors import InputError, UnsupportedError
from tracekit.model.folded import to_folded
from tracekit.model.profile import Profile
from tracekit.readers.bundle import backtraces
from tracekit.readers.bundle.run import trace_of

PAC = 0x8023_0000_0000_0000


def profile_of(*stacks: tuple[int, ...] | None, **parts: object) -> Profile:
    """The profile of one sample a stack."""
    run = run_writer()
    run.profile([Sampled(number * 1_000_000, MAIN, stack) for number, stack in enumerate(stacks)])
    return sample_trace(runs=[run], **parts).profile()


def folded(profile: Profile) -> str:
    return to_folded(profile, weight=False, images=True)


def test_the_standard_bundle() -> None:
    profile = sample_trace().profile()
    assert to_folded(profile, images=True) == (
        "Demo`<deduplicated_symbol>;Net`DYLD-STUB$$objc_retain;Net`Espresso::net::__forward() 1000000\n"
        "Demo`main;Demo`0x100004000;Demo`Math::fast() 2000000\n"
        "Demo`main;Demo`Math::add(int, int) 1000000\n"
        "Demo`main;Demo`loop 1000000\n"
    )
    samples = profile.samples
    assert samples["time_ns"].tolist() == [1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000]
    assert samples["weight"].tolist() == [1_000_000, 1_000_000, 1_000_000, 1_000_000, 2_000_000]
    assert samples["core"].tolist() == [0, 3, 0, 0, 0]
    assert samples["state"].tolist() == ["Running", "Running", "Blocked", "Running", "Running"]
    assert (samples["stack_id"] == -1).tolist() == [False, False, False, True, False]
    threads = profile.threads.set_index("tid").loc[profile.threads["tid"].iloc[samples["thread_id"]]]
    assert threads["name"].tolist() == ["Main Thread", "Main Thread", "worker <1>", "Main Thread", "Main Thread"]
    assert set(zip(threads["pid"], threads["process"], strict=True)) == {(PID, "Demo")}


def test_frames_say_where_they_are() -> None:
    frames = sample_trace().profile().frames.set_index("name")
    positions = {
        name: (file, line) for name, file, line in zip(frames.index, frames["file"], frames["line"], strict=True)
    }
    assert positions["main"] == ("/src/main.c", 7)
    assert positions["Math::fast()"] == ("/src/fast.h", 3)
    assert positions["loop"] == ("", 0)
    assert frames.index[~frames["is_symbolicated"]].tolist() == ["0x100004000"]


def test_images_say_what_they_are() -> None:
    binaries = sample_trace().profile().binaries
    assert binaries.to_dict("records") == [
        {"name": "Demo", "path": APP.path, "uuid": APP.uuid, "load_addr": APP.load_address},
        {"name": "Net", "path": LIB.path, "uuid": LIB.uuid, "load_addr": LIB.load_address},
    ]


def test_meta_says_where_it_comes_from() -> None:
    meta = sample_trace().profile().meta
    assert (meta.unit, meta.source, meta.format, meta.table, meta.run) == (
        "ns",
        "demo.trace",
        "bundle",
        "time-profile",
        1,
    )
    assert dict(meta.attributes)["record-waiting-threads"] == "0"
    assert meta.facts.process == "Demo"
    assert meta.notices == ()


@pytest.mark.parametrize("version", [1, 7])
def test_both_versions_of_symbol_archives(version: int) -> None:
    binaries = [replace(binary, archive=version) for binary in (APP, LIB, KEXT)]
    assert to_folded(sample_trace(binaries=binaries).profile()) == to_folded(sample_trace().profile())


def test_an_arm64_leaf_is_recorded_one_byte_on_and_a_caller_behind_its_call() -> None:
    """The last instruction of ``loop`` is a call, so its return address is the first byte of what follows."""
    end = LOOP + 0x100
    assert folded(profile_of((end - 4 + 1, end))) == "Demo`loop;Demo`loop 1\n"
    assert folded(profile_of((MAIN_FUNCTION + 1,))) == "Demo`main 1\n"


def test_an_x86_64_leaf_is_recorded_as_it_is() -> None:
    apps = [replace(APP, cpu="x86_64"), LIB, KEXT]
    form = template(images=apps[:2])
    at_start, behind = (MAIN_FUNCTION, LOOP + 0x100), (LOOP + 0x100 - 1, LOOP + 0x100)
    assert (
        folded(profile_of(at_start, behind, binaries=apps, form=form))
        == "Demo`loop;Demo`loop 1\nDemo`loop;Demo`main 1\n"
    )


def test_a_leaf_in_a_symbol_of_one_byte_is_found_where_it_was_recorded() -> None:
    """Instruments stores what it knows of a stripped function as a symbol of one byte at the recorded address."""
    symbols = (Symbol(0x1000, 0x100, "_main", "main"), Symbol(0x2041, 1, "_here", "here"))
    app = replace(APP, symbols=symbols, lines=())
    stacks = profile_of((APP_BASE + 0x2041, MAIN_FUNCTION + 8), binaries=(app, LIB, KEXT))
    assert folded(stacks) == "Demo`main;Demo`here 1\n"


def test_leaves_of_translated_programs_are_said() -> None:
    apps = [replace(APP, cpu="x86_64"), LIB, KEXT]
    outside = (0x7FFF_0000_0000, MAIN_FUNCTION + 8)
    profile = profile_of(outside, outside, (MAIN_FUNCTION + 1,), binaries=apps, form=template(images=apps[:2]))
    assert [(notice.code, notice.count) for notice in profile.meta.notices] == [("leaf-without-image", 2)]
    assert profile_of(outside).meta.notices == (), "an arm64 program is not translated"


def test_authentication_bits_are_looked_through_and_still_shown() -> None:
    trace = sample_trace(runs=[sample_run(samples=[Sampled(0, MAIN, (LOOP + 1, PAC + MAIN_FUNCTION + 8))])])
    assert folded(trace.profile()) == "Demo`main;Demo`loop 1\n"
    assert backtraces(trace.run())["address"].tolist() == [LOOP + 1, PAC + MAIN_FUNCTION + 8]


@pytest.mark.parametrize(
    "address, name",
    [
        (0x102D0838D, "0x102d0838d"),
        (0x102CDAAC4, "0x102cdaac3"),
        (0, "0xffffffffffffffff"),
        ((1 << 64) - 1, "0xffffffffffffffff"),
    ],
)
def test_an_address_in_no_image_is_named_by_itself_made_odd(address: int, name: str) -> None:
    profile = profile_of((LOOP + 1, address))
    assert profile.frames["name"].tolist() == ["loop", name]
    assert profile.frames["binary_id"].tolist() == [0, -1]
    assert profile.frames["is_symbolicated"].tolist() == [True, False]


def test_an_address_in_an_image_without_symbols_keeps_its_image() -> None:
    profile = profile_of((FORWARD + 1, LOOP + 8), binaries=[APP, KEXT], form=template())
    assert folded(profile) == f"Demo`loop;Net`{FORWARD + 1:#x} 1\n"
    assert folded(profile_of((APP.load_address + 0x9001,))) == "Demo`0x100009001 1\n"


def test_kernel_frames_stand_before_the_others() -> None:
    run = run_writer()
    run.profile([Sampled(0, MAIN, (LOOP + 1, MAIN_FUNCTION + 8), kernel=(TRAP + 9, TRAP + 0x20))])
    profile = sample_trace(runs=[run]).profile()
    driver = "com.apple.driver.Sample`Driver::trap()"
    assert folded(profile) == f"Demo`main;Demo`loop;{driver};{driver} 1\n"


def test_a_kernel_address_in_a_process_chunk_is_in_no_image() -> None:
    assert folded(profile_of((TRAP + 9,))) == f"{TRAP + 9:#x} 1\n"


def test_waiting_threads_keep_their_states() -> None:
    states = ["Blocked", "Running", "Preempted", "Blocked", ""]
    run = run_writer()
    samples = [Sampled(at, WORKER, (LOOP + 1,), state=state) for at, state in enumerate(states)]
    run.profile(samples, attributes={"record-waiting-threads": True})
    profile = sample_trace(runs=[run]).profile()
    assert profile.samples["state"].astype(object).where(profile.samples["state"].notna(), "").tolist() == states
    assert profile.samples["state"].cat.categories.tolist() == ["Blocked", "Running", "Preempted"]
    assert profile.meta.attributes == (("record-waiting-threads", "1"),)


def test_a_stack_of_no_frames_is_no_stack() -> None:
    profile = profile_of((), None, (LOOP + 1,))
    assert profile.samples["stack_id"].tolist() == [-1, -1, 0]


def test_cycles() -> None:
    run = run_writer()
    run.profile([Sampled(5, MAIN, (LOOP + 1,), weight=837_200)], "cpu-profile", {})
    profile = sample_trace(runs=[run]).profile()
    assert (profile.meta.unit, profile.meta.table, profile.weight) == ("cycles", "cpu-profile", 837_200)


def test_time_profile_goes_before_cpu_profile_and_that_is_said() -> None:
    run = run_writer()
    run.profile([Sampled(5, MAIN, (LOOP + 1,), weight=837_200)], "cpu-profile")
    run.profile([], attributes={"target-pid": "ALL"})
    run.profile([Sampled(5, MAIN, (LOOP + 1,))])
    profile = sample_trace(runs=[run]).profile()
    assert (profile.meta.table, len(profile), dict(profile.meta.attributes)["target-pid"]) == (
        "time-profile",
        1,
        "SINGLE",
    )
    assert [notice.message for notice in profile.meta.notices] == [
        "read time-profile; not added to it: cpu-profile (1 rows)"
    ]


def test_of_two_tables_with_rows_the_first_is_read() -> None:
    run = run_writer()
    run.profile([Sampled(1, MAIN, (LOOP + 1,))])
    run.profile([Sampled(2, MAIN, (LOOP + 1,)), Sampled(3, MAIN, None)])
    profile = sample_trace(runs=[run]).profile()
    assert profile.samples["time_ns"].tolist() == [1]
    assert profile.meta.notices[0].message == "read time-profile; not added to it: time-profile (2 rows)"


def counters(monkeypatch: pytest.MonkeyPatch, *weights: tuple[str, int]) -> Profile:
    """A counters-profile whose weights are of type ``any``: (engineering type, number)."""
    kinds = (*bundle.ENGINEERING_TYPES, "TimeSampleWeight", "CycleWeight", "PMCEvent")
    monkeypatch.setattr(bundle, "ENGINEERING_TYPES", kinds)
    run = run_writer()
    columns = (
        Column("time", "SampleTimestamp", "time"),
        Column("thread", "Thread", "category1"),
        Column("core", "CPUCore", 1),
        Column("thread-state", "ThreadState", 1),
        Column("weight", "Any", 1),
        Column("stack", "Backtrace", 1),
    )
    thread, stack, state = run.thread(MAIN, PID), run.stack(PID, (LOOP + 1,)), run.strings.add("Running")
    rows = [(at, thread, 0, state, run.label(weight), stack) for at, weight in enumerate(weights)]
    run.tables.append(Table("counters-profile", "point", columns, rows))
    return sample_trace(runs=[run]).profile()


@pytest.mark.parametrize("kind, unit", [("PMCEvent", "events"), ("TimeSampleWeight", "ns"), ("CycleWeight", "cycles")])
def test_a_weight_of_any_type_says_what_it_counts(kind: str, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = counters(monkeypatch, (kind, 1_000_000), (kind, 5))
    assert (profile.meta.unit, profile.samples["weight"].tolist()) == (unit, [1_000_000, 5])


def test_weights_that_count_different_things_are_not_added(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="rows of counters-profile weigh in cycles and in events"):
        counters(monkeypatch, ("PMCEvent", 1), ("CycleWeight", 1))


def test_a_weight_of_an_unknown_type_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsupportedError, match="weights of counters-profile are of the unknown type XRPrototypeValue"):
        counters(monkeypatch, ("PrototypeValue", 1))


def test_runs_are_read_one_by_one() -> None:
    other = sample_run(3, [Sampled(7, WORKER, (FORWARD + 1,))])
    trace = sample_trace(runs=[sample_run(), other])
    assert [run.number for run in trace.runs] == [1, 3]
    assert len(trace.profile()) == 5
    assert folded(trace.profile(3)) == "Net`Espresso::net::__forward() 1\n"
    assert trace.profile(3).meta.run == 3


def test_rows_are_sorted_by_time() -> None:
    run = sample_run(samples=[Sampled(at, MAIN, (LOOP + 1,), core=at) for at in (30, 10, 20)])
    profile = sample_trace(runs=[run]).profile()
    assert profile.samples[["time_ns", "core"]].to_numpy().tolist() == [[10, 10], [20, 20], [30, 30]]


def test_stacks_beyond_the_first_block_are_read() -> None:
    deep = [tuple(LOOP + 1 + 4 * (number % 16) for number in range(start, start + 1000)) for start in range(16)]
    filler = [tuple(range(number, number + 2000)) for number in range(100)]
    run = run_writer()
    for array in filler:
        run.arrays.add(array)
    run.profile([Sampled(number, MAIN, stack) for number, stack in enumerate(deep)])
    assert len(run.arrays.files()[1]) > BLOCK
    profile = sample_trace(runs=[run]).profile()
    assert profile.stacks["depth"].max() == 999
    assert len(profile) == 16


def test_lifetimes_decide_between_images_in_one_place() -> None:
    first = replace(LIB, ticks=(0, ticks(500)), in_cache=False)
    second = replace(first, ticks=(ticks(500), ticks(10**9)), uuid=KEXT.uuid, path="/tmp/second")
    form = Template(DEVICE, {1: {PID: [APP, first, second]}}, {1: FACTS})
    run = sample_run(samples=[Sampled(at, MAIN, (FORWARD + 1, LOOP + 8)) for at in (100, 499, 600, 700)])
    profile = sample_trace(runs=[run], binaries=[APP, first, second], form=form).profile()
    assert folded(profile) == (
        "Demo`loop;Net`Espresso::net::__forward() 2\nDemo`loop;second`Espresso::net::__forward() 2\n"
    )


def test_frames_images_and_threads_are_numbered_as_rows_name_them() -> None:
    run = run_writer()
    run.profile([Sampled(0, WORKER, (STUB + 1, MERGED + 8)), Sampled(1, MAIN, (LOOP + 1, STUB + 4))])
    profile = sample_trace(runs=[run]).profile()
    assert profile.frames["name"].tolist() == ["DYLD-STUB$$objc_retain", "<deduplicated_symbol>", "loop"]
    assert profile.binaries["name"].tolist() == ["Net", "Demo"]
    assert profile.threads["tid"].tolist() == [WORKER, MAIN]


def test_backtraces_give_every_address() -> None:
    table = backtraces(sample_trace().run())
    assert table[["sample", "depth"]].to_numpy().tolist() == [
        *([0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1], [2, 2]),
        *([4, 0], [4, 1], [4, 2]),
    ]
    last = table.iloc[-1]
    assert (last["address"], last["name"], last["file"], last["line"]) == (
        MAIN_FUNCTION + 0x84,
        "main",
        "/src/main.c",
        9,
    )
    assert (last["binary"], last["path"], last["uuid"], last["load_addr"]) == (
        "Demo",
        APP.path,
        APP.uuid,
        APP.load_address,
    )
    assert table["name"].iloc[8] == f"{STRIPPED:#x}"


def test_a_profile_is_read_once() -> None:
    trace = sample_trace()
    assert trace.profile() is trace.profile()


def test_an_empty_table_is_an_empty_profile() -> None:
    profile = sample_trace(runs=[sample_run(samples=[])]).profile()
    assert (len(profile), profile.weight, len(profile.stacks)) == (0, 0, 0)


def test_a_run_without_samples_says_what_it_has() -> None:
    next_step = r"Record it again with the Time Profiler\. Tables here: process-info, thread-info\."
    with pytest.raises(InputError, match=rf"run 1 holds none of .*\. {next_step}"):
        sample_trace(runs=[run_writer()]).profile()


@pytest.mark.parametrize(
    "changed",
    [
        {"time_ns": (1 << 64) - 1},
        {"weight": (1 << 64) - 1},
        {"time_ns": 1 << 53},
        {"weight": 1 << 53},
        {"core": 40_000},
    ],
)
def test_rows_that_cannot_be_are_skipped_and_counted(changed: dict[str, int]) -> None:
    good = Sampled(5, MAIN, (LOOP + 1,))
    bad = good._replace(**changed)  # type: ignore[arg-type]
    notices = sample_trace(runs=[sample_run(samples=[good, bad, bad])]).profile().meta.notices
    assert [(notice.code, notice.count) for notice in notices] == [("skipped-row:bad-number", 2)]
    assert "row 2 of time-profile" in notices[0].message
    with pytest.raises(InputError, match="row 1 of time-profile has a time, weight or core that cannot be"):
        sample_trace(runs=[sample_run(samples=[bad])]).profile()
    strict = trace_of(in_memory(sample_files(runs=[sample_run(samples=[good, bad])])), strict=True)
    with pytest.raises(InputError, match=r"row 2 of time-profile .* Without --strict such rows are skipped\."):
        strict.profile()


def test_a_sample_without_a_core_or_thread_is_kept() -> None:
    run = run_writer()
    run.profile([Sampled(1, MAIN, None, core=NULL32)])
    run.tables[0] = replace(run.tables[0], rows=[(row[0], NULL32, *row[2:]) for row in run.tables[0].rows])
    samples = sample_trace(runs=[run]).profile().samples
    assert samples[["thread_id", "core"]].to_numpy().tolist() == [[-1, -1]]


@pytest.mark.parametrize("mnemonic", ["time", "thread", "core", "thread-state", "weight", "stack"])
def test_a_column_of_an_unknown_type_is_refused(mnemonic: str) -> None:
    """As the stack column of Xcode 26.4 and later, of which no bundle is known."""
    run = sample_run()
    columns = [
        column._replace(engineering_type="New") if column.mnemonic == mnemonic else column
        for column in run.tables[0].columns
    ]
    run.tables[0] = replace(run.tables[0], columns=columns)
    with pytest.raises(
        UnsupportedError, match=rf"the column {mnemonic} of time-profile is of the unknown type XRNewTypeID\. On a Mac"
    ):
        sample_trace(runs=[run]).profile()


def test_a_missing_column_is_told() -> None:
    run = sample_run()
    columns = [
        column._replace(mnemonic="other") if column.mnemonic == "stack" else column for column in run.tables[0].columns
    ]
    run.tables[0] = replace(run.tables[0], columns=columns)
    with pytest.raises(UnsupportedError, match="the column stack of time-profile is missing"):
        sample_trace(runs=[run]).profile()


SYMBOLS = Binary("/a", APP.uuid, 0x10000, tuple(Symbol(0x100 * n, 0x100, f"_f{n}", f"f{n}") for n in range(8)))


@given(st.lists(st.lists(st.integers(0, 0xFFF), max_size=6), max_size=12))
def test_every_stack_is_that_of_its_addresses(stacks: list[list[int]]) -> None:
    """The law of decoding: shared chunks, shared addresses and their order never mix stacks up."""
    run = run_writer()
    addresses = [tuple(0x10001 + offset for offset in stack) for stack in stacks]
    run.profile([Sampled(number, MAIN, stack) for number, stack in enumerate(addresses)])
    form = Template(DEVICE, {1: {PID: [SYMBOLS]}}, {1: FACTS}, CACHE)
    profile = sample_trace(runs=[run], binaries=[SYMBOLS], form=form).profile()
    expected = [
        [f"f{offset // 0x100}" if offset < 0x800 else f"{(0x10000 + offset) | 1:#x}" for offset in stack]
        for stack in stacks
    ]
    assert paths(profile) == expected


def paths(profile: Profile) -> list[list[str]]:
    """The names of every sample's stack, leaf first."""
    parent, frame = profile.stacks["parent_id"].tolist(), profile.stacks["frame_id"].tolist()
    names, found = profile.frames["name"].tolist(), []
    for node in profile.samples["stack_id"].tolist():
        path = []
        while node >= 0:
            path.append(names[frame[node]])
            node = parent[node]
        found.append(path)
    return found


def test_many_processes_have_images_of_their_own() -> None:
    run = RunWriter()
    images = {}
    samples = []
    for pid in range(1, 6):
        run.process(pid, f"app{pid}")
        run.thread(100 + pid, pid)
        samples.append(Sampled(pid, 100 + pid, (0x5001, 0x5008)))
        identity = f"00000000-0000-4000-8000-{pid:012}"
        images[pid] = [Binary(f"/bin/app{pid}", identity, 0x4000, (Symbol(0x1000, 0x10, f"_main{pid}", f"main{pid}"),))]
    run.profile(samples)
    form = Template(DEVICE, {1: images}, {1: FACTS})
    profile = sample_trace(
        runs=[run], binaries=[image for group in images.values() for image in group], form=form
    ).profile()
    assert paths(profile) == [[f"main{pid}", f"main{pid}"] for pid in range(1, 6)]
    assert profile.binaries["name"].tolist() == [f"app{pid}" for pid in range(1, 6)]
