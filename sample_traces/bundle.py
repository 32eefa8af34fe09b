"""Recordings as ``.trace`` bundles: ``write_bundle(recording, path)``.

A ``RunWriter`` collects what one run holds (strings, processes, threads, stacks, tables); ``bundle`` adds what all runs
share (images, symbols, facts) and gives the files by name; ``write_folder`` and ``write_zip`` store them. The files
themselves are built in ``bundle_files.py``. Everything is synthetic, see README.md.
"""

import plistlib
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sample_traces.bundle_files import (
    NULL32,
    NULL64,
    Binary,
    Column,
    IntKeyed,
    Line,
    Object,
    Strings,
    Symbol,
    Table,
    Uniquer,
    Uuid,
    deflated,
    keyed_archive,
    signature,
    store_path,
    symbols_archive,
    tables_plist,
)
from sample_traces.bundle_intervals import interval_table
from sample_traces.recording import Device, Frame, Function, Image, Recording, Run, Sample

ENGINEERING_TYPES = (
    *("Invalid", "PrototypeString", "PrototypeValue", "NarrativeText", "UnsignedIntegerHexLowercase", "Process"),
    *("Thread", "Duration", "SizeInBytes", "OSLogMetadata", "PrivateValue", "SignpostName"),
)
"""Types of the parts of labels, by number; without ``XR`` and ``TypeID``."""

PROFILE_ATTRIBUTES: Mapping[str, Any] = {
    "target-pid": "SINGLE",
    "context-switch-sampling": False,
    "high-frequency-sampling": False,
    "record-waiting-threads": False,
    "needs-kernel-callstack": False,
}
FEATURES = (
    "com.apple.dt.Instruments.Hierarchies",
    "com.apple.dt.ac.topology.XRT64_CC32_R_TypeID",
    "com.apple.dt.ac.topology.XRTD64_CC32_R_TypeID",
    "com.apple.dt.etype.XRBacktraceTypeID",
    "com.apple.dt.path-manager.compression",
)
TICKS, NUMERATOR, DENOMINATOR = 33_000_000_000_000, 125, 3
"""The clock of the recorded machine when a run began, and 125/3 ns a tick, as on Apple silicon."""


class Sampled(NamedTuple):
    """One row of a profile table. ``stack`` is leaf first, as recorded: pc + 1 for an arm64 leaf."""

    time_ns: int
    tid: int
    stack: tuple[int, ...] | None
    weight: int = 1_000_000
    core: int = 0
    state: str = "Running"
    kernel: tuple[int, ...] = ()


class RunWriter:
    """One run while it is put together. Processes and threads are numbered as rows refer to them."""

    def __init__(self, number: int = 1) -> None:
        self.number = number
        self.strings, self.arrays, self.typed = Strings(), Uniquer(), Uniquer()
        self.tables: list[Table] = []
        self._session = self.strings.add("TODO")
        self._processes: dict[int, tuple[int, str]] = {}
        self._threads: dict[int, tuple[int, int, str | None, bool]] = {}

    def process(self, pid: int, name: str) -> int:
        """The number of a process."""
        return self._processes.setdefault(pid, (self.arrays.add((pid, self._session)), name))[0]

    def thread(self, tid: int, pid: int, name: str | None = None, *, is_main: bool = False) -> int:
        """The number of a thread of a process that was named before."""
        number = self.arrays.add((tid, self._processes[pid][0]))
        return self._threads.setdefault(tid, (number, pid, name, is_main))[0]

    def stack(self, pid: int, addresses: Sequence[int], kernel: Sequence[int] = ()) -> int:
        """The number of a stack, leaf first; the leaf stands in a chunk of its own."""
        chunks = [(0, kernel)] if kernel else []
        chunks += [(pid, addresses[:1]), (pid, addresses[1:])]
        words = [self.arrays.add(part) | self._processes[owner][0] << 32 for owner, part in chunks if part]
        return self.arrays.add(words)

    def label(self, *parts: tuple[str, int | str]) -> int:
        """The number of a label made of (type, value); texts stand for their strings."""
        numbers = [
            number
            for kind, value in parts
            for number in (
                ENGINEERING_TYPES.index(kind),
                self.strings.add(value) if isinstance(value, str) else value,
            )
        ]
        return self.typed.add(numbers)

    def profile(
        self,
        samples: Iterable[Sampled],
        schema: str = "time-profile",
        attributes: Mapping[str, Any] = PROFILE_ATTRIBUTES,
    ) -> None:
        """Add a table of samples."""
        weight = {"time-profile": "TimeSampleWeight", "cpu-profile": "CycleWeight"}[schema]
        columns = (
            Column("time", "SampleTimestamp", "time"),
            Column("thread", "Thread", "category1"),
            Column("process", "Process", 1),
            Column("core", "CPUCore", 1),
            Column("thread-state", "ThreadState", 1),
            Column("weight", weight, 2),
            Column("stack", "Backtrace", 1),
        )
        self.tables.append(Table(schema, "point", columns, [self._row(sample) for sample in samples], attributes))

    def _row(self, sample: Sampled) -> tuple[int, ...]:
        number, pid, _, _ = self._threads[sample.tid]
        stack = NULL32 if sample.stack is None else self.stack(pid, sample.stack, sample.kernel)
        state = self.strings.add(sample.state)
        return sample.time_ns, number, self._processes[pid][0], sample.core, state, sample.weight, stack

    def files(self) -> dict[str, bytes]:
        """The files of the run below ``corespace``."""
        tables = [*self.tables, self._process_info(), self._thread_info()]
        core = f"run{self.number}/core"
        files = {f"{core}/table-manager/tables.plist": tables_plist(tables, self.number)}
        for index, table in enumerate(tables):
            for name, data in table.files().items():
                files[f"{store_path(self.number, index)}/{name}"] = data
        types = [f"XR{name}TypeID" for name in ENGINEERING_TYPES]
        files[f"{core}/uniquing/strings"] = self.strings.file()
        files[f"{core}/uniquing/EngineeringTypes.etypes"] = keyed_archive({"root": types})
        for folder, uniquer in (("arrayUniquer", self.arrays), ("typedArrayUniquer", self.typed)):
            index_file, data_file = uniquer.files()
            files[f"{core}/uniquing/{folder}/integeruniquer.index"] = index_file
            files[f"{core}/uniquing/{folder}/integeruniquer.data"] = data_file
        return files

    def _process_info(self) -> Table:
        columns = (
            Column("time", "RecordedEventTimestamp", "time"),
            Column("pid", "ProcessID", "category1"),
            Column("process", "Process", 1),
            Column("process-name", "PrototypeString", 1),
        )
        rows = [(0, pid, number, self.strings.add(name)) for pid, (number, name) in self._processes.items()]
        return Table("process-info", "point", columns, rows)

    def _thread_info(self) -> Table:
        columns = (
            Column("time", "RecordedEventTimestamp", "time"),
            Column("pid", "ProcessID", "category1"),
            Column("tid", "ThreadID", 2),
            Column("process", "Process", 1),
            Column("thread", "Thread", 1),
            Column("name", "ThreadName", 2),
            Column("main-thread", "Boolean", 1),
        )
        rows = []
        for tid, (number, pid, name, is_main) in self._threads.items():
            encoded = NULL64 if name is None else self.strings.add(name) << 32 | number
            rows.append((0, pid, tid, self._processes[pid][0], number, encoded, int(is_main)))
        return Table("thread-info", "point", columns, rows)


@dataclass
class Template:
    """What ``form.template`` says: images by run and process id (0: the kernel), and facts by run."""

    device_uuid: str
    images: Mapping[int, Mapping[int, Sequence[Binary]]]
    facts: Mapping[int, Mapping[str, object]]
    cache: tuple[str, int] | None = None
    """UUID and base of the shared cache."""
    processes: Mapping[int, str] = field(default_factory=dict)
    """Names of processes as older versions recorded them, without the table ``process-info``."""

    def file(self) -> bytes:
        """The archive."""
        runs = {number: self._record(facts) for number, facts in self.facts.items()}
        return keyed_archive(
            {
                "com.apple.xray.run.data": Object("XRRunListData", {"$0": list(runs), "$1": runs, "$2": len(runs) + 1}),
                "com.apple.xray.symbolstoremanager.symbolstores": {
                    number: {f"{self.device_uuid}.{pid}": self._symbols(pid, group) for pid, group in images.items()}
                    for number, images in self.images.items()
                },
                "com.apple.xray.symbolstore.sharedcache.signatures": self._cache(),
                "com.apple.xray.symbolstore.kern.signatures": {
                    number: signature(NULL32, images.get(0, ())) for number, images in self.images.items()
                },
            }
        )

    def _record(self, facts: Mapping[str, object]) -> dict[str, object]:
        start = facts.get("_rawStartTime", 0.0)
        assert isinstance(start, float)
        return {
            "runInfo": Object("XRRunInfo", facts),
            "mach_time_info": {
                self.device_uuid: [TICKS, NUMERATOR, DENOMINATOR, TICKS * 2, start, "Europe/Berlin"],
            },
            "startTime": round(start * 1e9),
            "processDatas": [{"_pid": pid, "displayName": name} for pid, name in self.processes.items()],
            "threadsByTID": IntKeyed({}),
        }

    def _symbols(self, pid: int, binaries: Sequence[Binary]) -> Object:
        own = [binary for binary in binaries if not binary.in_cache]
        fields: dict[str, object] = {
            "$2": binaries[0].path if binaries else "",
            "com.apple.xray.symbolstore.signature": signature(pid, own, cache=self.cache),
            "dsc_load_addresses": self._places(binaries),
        }
        return Object("PFTPersistentSymbols", fields)

    def _places(self, binaries: Iterable[Binary]) -> list[int]:
        base = self.cache[1] if self.cache else 0
        return [binary.load_address - base for binary in binaries if binary.in_cache]

    def _cache(self) -> dict[object, object]:
        if self.cache is None:
            return {}
        base = self.cache[1]
        cached = {
            binary.load_address - base: signature(0, [binary], base, self.cache)
            for images in self.images.values()
            for binaries in images.values()
            for binary in binaries
            if binary.in_cache
        }
        return {Uuid(self.cache[0]): cached}


def bundle(
    runs: Sequence[RunWriter],
    binaries: Iterable[Binary],
    template: Template | None,
    *,
    features: Mapping[str, int] | None = None,
    is_deflated: bool = False,
) -> dict[str, bytes]:
    """The files of a bundle by name. ``binaries`` are those whose symbols are stored."""
    required = dict.fromkeys(FEATURES, 1) if features is None else features
    files = {"open.creq": plistlib.dumps({name: [version, "A message."] for name, version in required.items()})}
    for run in runs:
        for name, data in run.files().items():
            files[f"corespace/{name}"] = deflated(data) if is_deflated else data
    if template is not None:
        files["form.template"] = template.file()
    for binary in binaries:
        if binary.archive:
            files[f"symbols/stores/{binary.uuid}.symbolsarchive"] = symbols_archive(binary)
    return files


def write_folder(files: Mapping[str, bytes], path: Path) -> None:
    """Store a bundle as the folder that Instruments writes; a folder that is there is replaced."""
    if path.exists():
        shutil.rmtree(path)
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)


def write_zip(files: Mapping[str, bytes], path: Path, folder: str = "") -> None:
    """Store files in a zip, in a folder if one is named; the same files give the same bytes with the same zlib."""
    within = f"{folder}/" if folder else ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(within + name), data, zipfile.ZIP_DEFLATED)


# ---- From recordings.


def recording_files(recording: Recording, *, is_deflated: bool = True) -> dict[str, bytes]:
    """A recording as the files of the bundle that Xcode 16.4 would have saved."""
    binaries = _binaries(recording)
    writers, images, facts = [], {}, {}
    for number, run in enumerate(recording.runs, start=1):
        writer = RunWriter(number)
        writer.process(run.process.pid, run.process.name)
        waits = any(sample.state != "Running" for sample in run.samples)
        attributes = {**PROFILE_ATTRIBUTES, "record-waiting-threads": waits}
        writer.profile([_sampled(writer, sample) for sample in run.samples], attributes=attributes)
        writer.tables += [interval_table(table, run, writer, writer.strings.add) for table in run.tables]
        writers.append(writer)
        images[number] = {run.process.pid: _images_of(run, binaries)}
        facts[number] = _facts(recording.device, recording.template, run)
    return bundle(writers, binaries.values(), Template(recording.device.uuid, images, facts), is_deflated=is_deflated)


def write_bundle(recording: Recording, path: Path) -> None:
    """Write a recording as ``NAME.trace`` or ``NAME.trace.zip``."""
    files = recording_files(recording)
    if path.suffix == ".zip":
        write_zip(files, path, path.stem)
    else:
        write_folder(files, path)


def _sampled(writer: RunWriter, sample: Sample) -> Sampled:
    thread = sample.thread
    writer.thread(thread.tid, thread.process.pid, thread.name, is_main=thread.name == "Main Thread")
    stack = None
    if sample.stack is not None:
        leaf, *callers = sample.stack.frames
        stack = (leaf.address + 1, *(caller.address for caller in callers))
    return Sampled(sample.time_ns, thread.tid, stack, sample.weight_ns, sample.core.index, sample.state)


def _binaries(recording: Recording) -> dict[Image, Binary]:
    """The images of a recording with the symbols and source lines that its stacks need."""
    functions: defaultdict[Image, dict[Function, None]] = defaultdict(dict)
    lines: defaultdict[Image, set[Line]] = defaultdict(set)
    for run in recording.runs:
        for sample in run.samples:
            for depth, frame in enumerate(sample.stack.frames if sample.stack else ()):
                image = frame.function.image
                if image is not None:
                    functions[image].setdefault(frame.function)
                    lines[image] |= _lines(frame, is_leaf=depth == 0)
    return {image: _binary(image, list(known), sorted(lines[image])) for image, known in functions.items()}


def _binary(image: Image, functions: Sequence[Function], lines: Sequence[Line]) -> Binary:
    base = image.load_address
    symbols = [_symbol(function, base) for function in sorted(functions, key=lambda function: function.start)]
    end = max(symbol.address + symbol.size for symbol in symbols)
    size = -(-end // 0x4000) * 0x4000
    return Binary(image.path, image.uuid, base, tuple(symbols), tuple(lines), image.arch, size)


def _symbol(function: Function, base: int) -> Symbol:
    """A function without a name has a placeholder: the address at which it began."""
    name = function.name or f"{function.start:#x}"
    flags = 0x33484401 if function.name else 0x11420401
    return Symbol(function.start - base, function.size, name, name, flags)


def _lines(frame: Frame, *, is_leaf: bool) -> set[Line]:
    """The source line of the instruction at which a frame is: the one before the return address of a caller."""
    function = frame.function
    if function.image is None or function.source_path is None:
        return set()
    place = frame.address - function.image.load_address - (0 if is_leaf else 1)
    return {Line(place, 1, function.source_path, frame.line or 0)}


def _images_of(run: Run, binaries: Mapping[Image, Binary]) -> list[Binary]:
    """The images that a run's stacks go through; the process's own is the first."""
    used = {
        frame.function.image: None
        for sample in run.samples
        if sample.stack
        for frame in sample.stack.frames
        if frame.function.image is not None
    }
    return sorted((binaries[image] for image in used), key=lambda binary: binary.path != run.process.path)


def _facts(device: Device, template: str, run: Run) -> dict[str, object]:
    start = datetime.fromisoformat(run.start_date).timestamp()
    return {
        "_targetName": device.name,
        "_targetModel": device.model,
        "_targetOperatingSystem": device.os_version,
        "_targetPlatform": "macOS",
        "_targetUUID": device.uuid,
        "_instrumentVersion": device.xcode,
        "_templateName": template,
        "_targetProcessName": run.process.name,
        "_targetProcessPid": str(run.process.pid),
        "_arguments": run.process.arguments,
        "_environment": {"PATH": "/usr/bin"},
        "_targetExitStatus": "0",
        "_targetTerminationInformation": 0,
        "targetType": 1,
        "_rawStartTime": start,
        "_rawEndTime": start + run.duration_ns // 10**6 / 1e3,  # as the table of contents of the samples has it
        "_rawDuration": run.duration_ns / 1e9,
        "_endReason": "Target app exited",
        "_recordingMode": "Deferred",
        "_timeLimit": "12 hours",
    }
