"""Small synthetic bundles for tests, each of one kind of content.

``sample_bundle`` is the standard one: an app with inlined functions and source lines, a library of the shared cache, a
kernel extension, two threads, samples without a stack. Its parts can be exchanged one by one.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sample_traces.bundle import DENOMINATOR, NUMERATOR, TICKS, RunWriter, Sampled, Template, bundle, write_folder
from sample_traces.bundle_files import Binary, Inlined, Line, Symbol
from tracekit.model.trace import Trace
from tracekit.readers.archive import Container
from tracekit.readers.bundle.run import trace_of
from tracekit.readers.bundle.storage.files import BundleFiles

DEVICE = "6F1B0B57-2C2E-4B60-9F0B-0D6D6F5B7A11"
CACHE = ("3F2B5C1E-0000-4000-8000-00000000CACE", 0x1_8000_0000)
PID, MAIN, WORKER = 4711, 0x1D03, 0x1D04
APP_BASE, LIB_BASE, KEXT_BASE = 0x1_0000_0000, 0x1_9000_0000, 0xFFFF_FE00_0710_0000

MAIN_FUNCTION, LOOP, MERGED, STRIPPED = APP_BASE + 0x1000, APP_BASE + 0x2000, APP_BASE + 0x3000, APP_BASE + 0x4000
FORWARD, STUB = LIB_BASE + 0x1000, LIB_BASE + 0x2000
TRAP = KEXT_BASE + 0x1000
"""Where functions begin."""

APP = Binary(
    "/Applications/Demo.app/Contents/MacOS/Demo",
    "A0000000-0000-4000-8000-000000000001",
    APP_BASE,
    (
        Symbol(0x1000, 0x100, "_main", "main"),
        Symbol(
            0x2000,
            0x100,
            "_loop",
            "loop",
            inlined=(Inlined(0x2040, 0x40, "__ZN4Math3addEii", (Inlined(0x2050, 0x10, "__ZN4Math4fastEv"),)),),
        ),
        Symbol(0x3000, 0x100, "<deduplicated_symbol>", "<deduplicated_symbol>", 0x800),
        Symbol(0x3000, 0x100, "_original", "original", 0x800),
        Symbol(0x4000, 0x100, f"{STRIPPED:#x}", f"{STRIPPED:#x}", 0x11420401),
    ),
    (
        Line(0x1000, 0x80, "/src/main.c", 7),
        Line(0x1080, 0x80, "/src/main.c", 9),
        Line(0x2050, 0x10, "/src/fast.h", 3),
    ),
)
LIB = Binary(
    "/System/Library/Frameworks/Net.framework/Versions/A/Net",
    "B0000000-0000-4000-8000-000000000002",
    LIB_BASE,
    (
        Symbol(0x1000, 0x100, "__ZN8Espresso3net9__forwardEv"),
        Symbol(0x2000, 0x10, "DYLD-STUB$$_objc_retain"),
    ),
    cpu="arm64e",
    in_cache=True,
)
KEXT = Binary(
    "com.apple.driver.Sample",
    "C0000000-0000-4000-8000-000000000003",
    KEXT_BASE,
    (Symbol(0x1000, 0x100, "__ZN6Driver4trapEv"),),
    cpu="arm64e",
)
FACTS: Mapping[str, object] = {
    "_targetName": "Test Mac",
    "_targetModel": "MacBook Pro",
    "_targetOperatingSystem": "15.4 (24E248)",
    "_targetPlatform": "macOS",
    "_instrumentVersion": "16.0 (16F6)",
    "_templateName": "Time Profiler",
    "_targetProcessName": "Demo",
    "_targetProcessPid": str(PID),
    "_environment": {"API_TOKEN": "do-not-show"},
    "_arguments": "--password do-not-show",
    "_targetExitStatus": "0",
    "_targetTerminationInformation": 0,
    "targetType": 1,
    "_rawStartTime": 1_750_000_000.25,
    "_rawEndTime": 1_750_000_002.5,
    "_rawDuration": 2.25,
    "_endReason": "Target app exited",
    "_recordingMode": "Deferred",
    "_timeLimit": "12 hours",
}


def run_writer(number: int = 1) -> RunWriter:
    """A run with a process and two threads, and no tables yet."""
    run = RunWriter(number)
    run.process(0, "kernel_task")
    run.process(PID, "Demo")
    run.thread(MAIN, PID, "main", is_main=True)
    run.thread(WORKER, PID, "worker <1>")
    return run


SAMPLES = (
    Sampled(1_000_000, MAIN, (LOOP + 0x11, MAIN_FUNCTION + 0x20)),
    Sampled(2_000_000, MAIN, (LOOP + 0x45, MAIN_FUNCTION + 0x20), core=3),
    Sampled(3_000_000, WORKER, (FORWARD + 0x21, STUB + 4, MERGED + 8), state="Blocked"),
    Sampled(4_000_000, MAIN, None),
    Sampled(5_000_000, MAIN, (LOOP + 0x55, STRIPPED + 8, MAIN_FUNCTION + 0x84), weight=2_000_000),
)


def sample_run(number: int = 1, samples: Sequence[Sampled] = SAMPLES, **profile: Any) -> RunWriter:
    """A run with a profile table."""
    run = run_writer(number)
    run.profile(samples, **profile)
    return run


def template(
    runs: Sequence[int] = (1,),
    images: Sequence[Binary] = (APP, LIB),
    kernel: Sequence[Binary] = (KEXT,),
    facts: Mapping[str, object] = FACTS,
    **others: Any,
) -> Template:
    """``form.template`` of runs that all have the same images."""
    by_process = {0: kernel, PID: images}
    return Template(DEVICE, dict.fromkeys(runs, by_process), dict.fromkeys(runs, facts), CACHE, **others)


def sample_files(
    runs: Sequence[RunWriter] | None = None,
    binaries: Sequence[Binary] = (APP, LIB, KEXT),
    form: Template | str | None = "default",
    **others: Any,
) -> dict[str, bytes]:
    """The files of the standard bundle, with some parts exchanged; ``form=None`` leaves form.template out."""
    runs = [sample_run()] if runs is None else runs
    chosen = (
        template([run.number for run in runs], [one for one in binaries if one is not KEXT])
        if form == "default"
        else form
    )
    assert chosen is None or isinstance(chosen, Template)
    return bundle(runs, binaries, chosen, **others)


def sample_bundle(folder: Path, **parts: Any) -> Path:
    """The standard bundle on disk, with some parts exchanged."""
    path = folder / "demo.trace"
    write_folder(sample_files(**parts), path)
    return path


def in_memory(files: Mapping[str, bytes]) -> BundleFiles:
    """Files as a bundle that is nowhere on disk."""
    sizes = {name: len(data) for name, data in files.items()}
    return BundleFiles(Path("demo.trace"), Container(lambda name: io.BytesIO(files[name]), sizes, sum(sizes.values())))


def sample_trace(**parts: Any) -> Trace:
    """The standard bundle, opened without a disk, with some parts exchanged."""
    return trace_of(in_memory(sample_files(**parts)))


def ticks(time_ns: int) -> int:
    """A time of the run on the clock of the machine."""
    return TICKS + time_ns * DENOMINATOR // NUMERATOR
