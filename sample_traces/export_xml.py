"""How `xctrace export` spells a recording, Xcode by Xcode.

Elements are numbered 1, 2, 3… in the order of their start tags, parents before children. A value that was written
before is written as ``<tag ref="its id"/>``; so nothing refers forward, and the ids hold for the whole document.

The stack column of a row, for frames f1 (the leaf) and f2:

    text-addresses  <backtrace id fmt="f1 ← (1 other frames)"><process ref/><text-addresses id>f1</text-addresses>
                    <process ref/><text-addresses id>f2</text-addresses></backtrace>
    backtrace       <backtrace id><frame id name addr><binary…/></frame><frame…/></backtrace>
    wrapped         <tagged-backtrace id fmt="f1 ← (1 other frames)"><backtrace id>frames</backtrace>
                    <uint64 id fmt="0">0</uint64></tagged-backtrace>
    flat            <tagged-backtrace id>frames</tagged-backtrace>
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sample_traces.interval_tables import COLUMNS, Cell, rows_of
from sample_traces.recording import Core, Device, Frame, Image, Process, Recording, Run, Sample, Stack, Thread


@dataclass(frozen=True, slots=True)
class Encoding:
    """What differs between exports by different Xcodes.

    ``thread_fmt`` has the fields name, tid, process and pid. ``return_offset`` is what `xctrace` adds to the return
    address of a caller (the pc of a leaf is always printed plus 1).
    """

    name: str
    stack: Literal["text-addresses", "backtrace", "wrapped", "flat"]
    thread_fmt: str
    core_kinds: dict[str, str]
    return_offset: int
    has_documentation: bool


_P_E = {"P": "P Core", "E": "E Core"}
_OLD_P_E = {"P": "Performance", "E": "Efficiency"}
XCODE_14_0 = Encoding(
    "xcode14.0", "text-addresses", "{name}  {tid:#x} ({process}, pid: {pid})", _OLD_P_E, 0, has_documentation=False
)
XCODE_16_4 = Encoding(
    "xcode16.4", "backtrace", "{name} {tid:#x} ({process}, pid: {pid})", _P_E, 0, has_documentation=False
)
XCODE_26_5 = Encoding(
    "xcode26.5", "wrapped", "{name} ({tid:#x}) ({process}, pid: {pid})", _P_E, 0, has_documentation=True
)
XCODE_27 = Encoding("xcode27", "flat", "{name} ({tid:#x}) ({process}, pid: {pid})", _P_E, -1, has_documentation=True)

DECLARATION = '<?xml version="1.0"?>\n'
PROFILE_COLUMNS = (
    ("time", "Sample Time", "sample-time"),
    ("thread", "Thread", "thread"),
    ("process", "Process", "process"),
    ("core", "Core", "core"),
    ("thread-state", "State", "thread-state"),
    ("weight", "Weight", "weight"),
)
PROFILE_DOCUMENTATION = (
    "When combined with other time-profile samples, creates a statistical picture of where your application is"
    " spending its time."
)


def export_xml(recording: Recording, encoding: Encoding) -> str:
    """The `time-profile` table of every run, as `xctrace export --xpath` writes it.

    One node a run; the first has the schema, the others go by it.
    """
    document = _Document(encoding)
    rows = [map(document.row, run.samples) for run in recording.runs]
    return _result(_schema(encoding), table_position(recording, "time-profile"), rows)


def table_xml(recording: Recording, encoding: Encoding, table: str) -> str:
    """A table of intervals of every run, likewise."""
    document = _Document(encoding)
    columns = [(column.mnemonic, column.title, column.tag) for column in COLUMNS[table]]
    tags = [tag for _, _, tag in columns]
    rows = [[document.cells(tags, row) for row in rows_of(table, run.intervals)] for run in recording.runs]
    return _result(_schema_of(table, columns, ""), table_position(recording, table), rows)


def _result(schema: str, position: int, runs: Sequence[Iterable[str]]) -> str:
    nodes = []
    for number, rows in enumerate(runs, start=1):
        xpath = f"//trace-toc[1]/run[{number}]/data[1]/table[{position}]"
        text = "".join(f"{row}\n" for row in rows)
        nodes.append(f"<node xpath='{xpath}'>{schema if number == 1 else ''}{text}</node>")
    return f"{DECLARATION}<trace-query-result>\n{''.join(nodes)}</trace-query-result>\n"


def _schema(encoding: Encoding) -> str:
    stack_type = "tagged-backtrace" if encoding.stack in ("wrapped", "flat") else "backtrace"
    documentation = f' documentation="{PROFILE_DOCUMENTATION}"' if encoding.has_documentation else ""
    return _schema_of("time-profile", (*PROFILE_COLUMNS, ("stack", "Backtrace", stack_type)), documentation)


def _schema_of(name: str, columns: Iterable[tuple[str, str, str]], documentation: str) -> str:
    described = "".join(
        f"<col><mnemonic>{mnemonic}</mnemonic><name>{title}</name><engineering-type>{kind}</engineering-type></col>"
        for mnemonic, title, kind in columns
    )
    return f'<schema name="{name}"{documentation}>{described}</schema>'


class _Document:
    """Writes values as elements, each once, and from then on as references."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._ids: dict[tuple[str, object], int] = {}

    def row(self, sample: Sample) -> str:
        cells = (
            self._text("sample-time", sample.time_ns, _clock(sample.time_ns)),
            self._thread(sample.thread),
            self._process(sample.thread.process),
            self._core(sample.core),
            self._text("thread-state", sample.state, sample.state),
            self._text("weight", sample.weight_ns, f"{sample.weight_ns / 1e6:.2f} ms"),
            self._stack(sample),
        )
        return f"<row>{''.join(cells)}</row>"

    def cells(self, tags: Sequence[str], row: Sequence[Cell]) -> str:
        """A row of any table; the tags are those of its columns."""
        return f"<row>{''.join(map(self._cell, tags, row))}</row>"

    def _cell(self, tag: str, value: Cell) -> str:
        if value is None:
            return "<sentinel/>"
        if isinstance(value, Process):
            return self._process(value)
        if isinstance(value, Thread):
            return self._thread(value)
        if tag == "formatted-label":
            fmt = f' fmt="{_escape(str(value))}"'
            return self._element(tag, value, fmt, lambda: self._text("narrative-text", value, str(value)))
        is_time = tag in ("start-time", "sample-time")
        return self._text(tag, value, _clock(int(value)) if is_time else str(value))

    def _element(self, tag: str, value: object, attributes: str, content: Callable[[], str] = lambda: "") -> str:
        """``content`` is asked for after this element has its number, because its own elements come later."""
        known = self._ids.get((tag, value))
        if known is not None:
            return f'<{tag} ref="{known}"/>'
        number = self._ids[tag, value] = len(self._ids) + 1
        inner = content()
        start = f'<{tag} id="{number}"{attributes}'
        return f"{start}>{inner}</{tag}>" if inner else f"{start}/>"

    def _text(self, tag: str, value: int | str, fmt: str) -> str:
        return self._element(tag, value, f' fmt="{_escape(fmt)}"', lambda: _escape(str(value)))

    def _thread(self, thread: Thread) -> str:
        process = thread.process
        unnamed = thread.entry if self._encoding.stack == "text-addresses" else process.name
        fmt = self._encoding.thread_fmt.format(
            name=thread.name or unnamed, tid=thread.tid, process=process.name, pid=process.pid
        )
        return self._element(
            "thread",
            thread,
            f' fmt="{_escape(fmt)}"',
            lambda: self._text("tid", thread.tid, f"{thread.tid:#x}") + self._process(process),
        )

    def _process(self, process: Process) -> str:
        return self._element(
            "process",
            process,
            f' fmt="{_escape(process.name)} ({process.pid})"',
            lambda: self._text("pid", process.pid, str(process.pid)) + self._text("device-session", "TODO", "TODO"),
        )

    def _core(self, core: Core) -> str:
        return self._text("core", core.index, f"CPU {core.index} ({self._encoding.core_kinds[core.kind]})")

    def _stack(self, sample: Sample) -> str:
        stack = sample.stack
        if stack is None:
            return "<sentinel/>"
        if self._encoding.stack == "text-addresses":
            return self._text_addresses(stack, sample.thread.process)
        if self._encoding.stack == "backtrace":
            return self._backtrace(stack)
        if self._encoding.stack == "flat":
            return self._element("tagged-backtrace", stack.frames, "", lambda: self._frames(stack))
        return self._element(
            "tagged-backtrace",
            stack.frames,
            _stack_fmt(stack),
            lambda: self._backtrace(stack) + self._text("uint64", 0, "0"),
        )

    def _backtrace(self, stack: Stack) -> str:
        return self._element("backtrace", stack.frames, "", lambda: self._frames(stack))

    def _frames(self, stack: Stack) -> str:
        leaf, *callers = stack.frames
        return self._frame(leaf, offset=1) + "".join(
            self._frame(caller, self._encoding.return_offset) for caller in callers
        )

    def _frame(self, frame: Frame, offset: int) -> str:
        name, address = _name(frame, is_leaf=offset == 1), frame.address + offset
        return self._element(
            "frame",
            (name, address),
            f' name="{_escape(name)}" addr="{address:#x}"',
            lambda: self._binary(frame.function.image) + self._source(frame),
        )

    def _binary(self, image: Image | None) -> str:
        if image is None:
            return ""
        attributes = (
            f' name="{_escape(image.name)}" UUID="{image.uuid}" arch="{image.arch}"'
            f' load-addr="{image.load_address:#x}" path="{_escape(image.path)}"'
        )
        return self._element("binary", image, attributes)

    def _source(self, frame: Frame) -> str:
        path = frame.function.source_path
        if path is None:
            return ""
        return f'<source line="{frame.line}">{self._element("path", path, "", lambda: _escape(path))}</source>'

    def _text_addresses(self, stack: Stack, process: Process) -> str:
        """Addresses alone, in two lists that are shared separately; only the leaf is named, and only in ``fmt``."""
        leaf, *callers = stack.frames
        addresses = (leaf.address + 1, *(caller.address for caller in callers))
        split = min(2, len(addresses) - 1)
        return self._element(
            "backtrace",
            addresses,
            _stack_fmt(stack),
            lambda: (
                self._process(process)
                + self._fragment(addresses[:split])
                + self._process(process)
                + self._fragment(addresses[split:])
            ),
        )

    def _fragment(self, addresses: tuple[int, ...]) -> str:
        text = " ".join(map(str, addresses))
        return self._text("text-addresses", text, f"frag {len(self._ids)}")


def _stack_fmt(stack: Stack) -> str:
    return f' fmt="{_escape(_name(stack.frames[0], is_leaf=True))} ← ({len(stack.frames) - 1} other frames)"'


def _name(frame: Frame, *, is_leaf: bool) -> str:
    """The symbol; without one the function's start; without an image an address, less 1 in a caller."""
    function = frame.function
    if function.name is not None:
        return function.name
    if function.image is not None:
        return f"{function.start:#x}"
    return f"{frame.address + (1 if is_leaf else -1):#x}"


def _clock(time_ns: int) -> str:
    """mm:ss.mmm.µµµ, cut and not rounded."""
    minutes, micros = divmod(time_ns // 1_000, 60_000_000)
    seconds, micros = divmod(micros, 1_000_000)
    return f"{minutes:02}:{seconds:02}.{micros // 1_000:03}.{micros % 1_000:03}"


def _escape(text: str) -> str:
    return text.translate({ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"})


# ---- The table of contents.

Table = dict[str, str]
_WAITING: Table = {"record-waiting-threads": "1"}
_SAMPLES = ("time-sample", "time-profile")
_KDEBUG = "Tracing the kernel and some system frameworks."
_TABLES: tuple[tuple[Table, str], ...] = (
    ({"schema": "kdebug", "codes": '"0x1f,0x7"', "target": "SINGLE"}, _KDEBUG),
    ({"schema": "kdebug", "codes": '"0x2b,0xd8"', "target": "SINGLE"}, _KDEBUG),
    ({"schema": "kdebug", "codes": '"0x07,0x00" "0x1f,0x05"', "target": "SINGLE"}, _KDEBUG),
    ({"schema": "kdebug", "codes": '"0x2d,*"', "callstack": "user", "target": "SINGLE"}, _KDEBUG),
    ({"schema": "thread-info"}, "Associates threads with their owning process."),
    ({"schema": "process-info"}, "Associates processes with their process names."),
    ({"schema": "tick", "frequency": "1"}, "Provides modelers with a regular reference time."),
    ({"schema": "tick", "frequency": "10"}, "Provides modelers with a regular reference time."),
    ({"schema": "dyld-library-load", "target-pid": "SINGLE"}, "Tells which libraries were loaded, and where."),
    (
        {"schema": "life-cycle-period", "target-pid": "SINGLE"},
        "Identifies where an application is in its lifecycle.",
    ),
    (
        {
            "schema": "time-sample",
            "callstack": "user",
            "target": "SINGLE",
            "sample-rate-micro-seconds": "1000",
            "all-thread-states": "NO",
        },
        "Raw samples of running threads.",
    ),
    (
        {
            "schema": "time-profile",
            "target-pid": "SINGLE",
            "context-switch-sampling": "0",
            "high-frequency-sampling": "0",
            "record-waiting-threads": "0",
            "needs-kernel-callstack": "0",
        },
        PROFILE_DOCUMENTATION,
    ),
)


def toc_xml(recording: Recording, encoding: Encoding) -> str:
    """What `xctrace export --toc` says; ``encoding`` is that of the Xcode which made the recording."""
    runs = "".join(_toc_run(number, run, recording, encoding) for number, run in enumerate(recording.runs, start=1))
    return f"{DECLARATION}\n<trace-toc>\n{runs}</trace-toc>\n"


def table_position(recording: Recording, schema: str) -> int:
    """Which table of the contents has a schema, counted from 1; it differs between recordings."""
    schemas = [table["schema"] for table, _ in _shuffled_tables(recording)]
    return schemas.index(schema) + 1


def _shuffled_tables(recording: Recording) -> Sequence[tuple[Table, str]]:
    """Instruments lists tables and their attributes in an order that means nothing; so do we."""
    recorded = sorted({table for run in recording.runs for table in run.tables})
    intervals: list[tuple[Table, str]] = [({"schema": table}, "Intervals.") for table in recorded]
    waits = any(sample.state != "Running" for run in recording.runs for sample in run.samples)
    whose = "ALL" if any(len(run.processes) > 1 for run in recording.runs) else "SINGLE"
    own = [
        ({**_of(whose, table), **(_WAITING if waits and table["schema"] == "time-profile" else {})}, note)
        for table, note in _TABLES
        if all(run.has_samples for run in recording.runs) or table["schema"] not in _SAMPLES
    ]
    return sorted((*own, *intervals), key=lambda entry: _shuffle(f"{recording.name} {entry[0]}"))


def _of(whose: str, table: Table) -> Table:
    """A table of one process, or of all."""
    return {name: whose if value == "SINGLE" else value for name, value in table.items()}


def _shuffle(text: str) -> int:
    return zlib.crc32(text.encode())


def _toc_table(table: Table, documentation: str, encoding: Encoding) -> str:
    named = sorted(table.items(), key=lambda item: _shuffle(f"{encoding.name} {item[0]}"))
    if encoding.has_documentation:
        named.append(("documentation", documentation))
    return f"            <table {_attributes(named)}/>\n"


def _toc_run(number: int, run: Run, recording: Recording, encoding: Encoding) -> str:
    process = run.process
    tables = "".join(_toc_table(table, note, encoding) for table, note in _shuffled_tables(recording))
    processes, is_all = run.processes, len(run.processes) > 1
    end_date = datetime.fromisoformat(run.start_date) + timedelta(microseconds=run.duration_ns // 1_000)
    listed = "".join(
        f"            <process {_attributes([('name', each.name), ('pid', str(each.pid)), ('path', each.path)])}/>\n"
        for each in processes
    )
    launched = [
        ("arguments", process.arguments),
        ("type", "launched"),
        ("return-exit-status", "0"),
        ("name", process.name),
        ("pid", str(process.pid)),
        ("termination-reason", "exit(0)"),
    ]
    return f"""\
    <run number="{number}">
        <info>
            <target>
                <device {_attributes(_device_attributes(recording.device, encoding))}/>
                {"<all-processes/>" if is_all else f"<process {_attributes(launched)}/>"}
            </target>
            <summary>
                <start-date>{run.start_date}</start-date>
                <end-date>{end_date.isoformat(timespec="milliseconds")}</end-date>
                <duration>{run.duration_ns / 1e9:.6f}</duration>
                <end-reason>{"Time limit reached" if is_all else "Target app exited"}</end-reason>
                <instruments-version>{recording.device.xcode}</instruments-version>
                <template-name>{recording.template}</template-name>
                <recording-mode>Deferred</recording-mode>
                <time-limit>12 hours</time-limit>
            </summary>
        </info>
        <processes>
{listed}            <process name="kernel" pid="0" path="/System/Library/Kernels/kernel"/>
        </processes>
        <data>
{tables}        </data>
        <tracks/>
    </run>
"""


def _device_attributes(device: Device, encoding: Encoding) -> list[tuple[str, str]]:
    ends = [("uuid", device.uuid), ("platform", "macOS")]
    first, last = reversed(ends) if encoding.has_documentation else ends  # they changed places about Xcode 26.4
    return [first, ("model", device.model), ("name", device.name), ("os-version", device.os_version), last]


def _attributes(named: Sequence[tuple[str, str]]) -> str:
    return " ".join(f'{name}="{_escape(value)}"' for name, value in named)
