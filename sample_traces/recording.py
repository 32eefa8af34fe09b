"""What was recorded, in no file's terms: one ``Recording`` can be written as XML, as a bundle, or counted.

::

    Recording ── Run ── Sample ── Thread ── Process
                  │        └── Stack ── Frame ── Function ── Image
                  ├── Iteration
                  └── Interval

A ``Stack`` also carries what a recording does not: the truth about it, put there by the composer.
"""

from dataclasses import dataclass
from typing import Literal

from sample_traces.planned import Planned

Engine = Literal["ANE", "GPU", "CPU", "none", "unknown"]
Phase = Literal[
    "execute",
    "dispatch",
    "wait",
    "copy",
    "convert",
    "load",
    "compile",
    "prepare",
    "teardown",
    "framework",
    "contention",
    "completion",
    "idle",
]
Answer = Literal["yes", "partly", "no", "unknown"]

WEIGHT_NS = 1_000_000
"""Weight of every sample: Time Profiler looks once a millisecond and says so, even after a gap."""


@dataclass(frozen=True, slots=True)
class Label:
    """The truth about a stack: which engine it serves, and in which phase."""

    engine: Engine
    phase: Phase


@dataclass(frozen=True, slots=True)
class Image:
    """A loaded binary."""

    name: str
    path: str
    uuid: str
    arch: str
    load_address: int


@dataclass(frozen=True, slots=True)
class Function:
    """``name`` is None where the image was stripped, ``image`` is None where none was known yet (early launch).

    ``source_path`` and ``first_line`` are there when debug information was found.
    """

    image: Image | None
    name: str | None
    start: int
    size: int
    source_path: str | None = None
    first_line: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """``address`` is the next instruction to run: the pc in the leaf, the return address in a caller (both ≡ 0 mod 4).

    What an export prints differs from this by 1, in a way that depends on Xcode's version; the writer knows.
    """

    function: Function
    address: int
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """Frames, leaf first as Instruments lists them, and the truth: ``label``, ``in_focus``, ``activity``.

    ``activity`` names what the thread was doing in plain words; it matters for stacks outside the focus.
    """

    frames: tuple[Frame, ...]
    label: Label | None
    in_focus: bool
    activity: str


@dataclass(frozen=True, slots=True)
class Process:
    """A process and how it was started."""

    pid: int
    name: str
    path: str
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """``name`` is None for a thread nobody named; old exports then show ``entry``, the function it began in."""

    tid: int
    process: Process
    name: str | None
    entry: str


@dataclass(frozen=True, slots=True)
class Core:
    """``kind`` is "P" (performance) or "E" (efficiency)."""

    index: int
    kind: Literal["P", "E"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at one running thread; ``stack`` is None where no backtrace could be taken."""

    time_ns: int
    thread: Thread
    core: Core
    stack: Stack | None
    weight_ns: int = WEIGHT_NS
    state: Literal["Running", "Blocked"] = "Running"


@dataclass(frozen=True, slots=True)
class Iteration:
    """One prediction of the measured loop, from just before the call to just after its return."""

    start_ns: int
    end_ns: int
    is_warmup: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """One row of an interval table. ``table`` is its schema; tables without a column for the process, such as the
    Neural Engine's, do not show it. ``category`` is Core AI's, or what a signpost says;
    ``latency_ns`` the GPU's: since it was handed over.
    """

    table: str
    start_ns: int
    duration_ns: int
    label: str
    channel: str = ""
    state: str = "Active"
    depth: int = 0
    process: Process | None = None
    thread: Thread | None = None
    category: str = ""
    latency_ns: int = 0
    number: int = 0
    """Counts the intervals of the run; 0: not counted."""


@dataclass(frozen=True, slots=True)
class Harness:
    """What the harness was asked for, the model's file, and Core ML's compute plan."""

    compute_units: str
    model: str
    plan: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One press of Record. Times count from its start; ``samples`` are sorted by time, then by thread.

    Samples of other processes than ``process`` are there where all processes were recorded.
    """

    process: Process
    samples: tuple[Sample, ...]
    iterations: tuple[Iteration, ...]
    start_date: str
    duration_ns: int
    expected_answer: Answer
    intervals: tuple[Interval, ...] = ()
    tables: tuple[str, ...] = ()
    """The interval tables that were recorded, also those without a row."""
    has_samples: bool = True
    """Whether Time Profiler was among the instruments."""
    harness: Harness | None = None

    @property
    def processes(self) -> tuple[Process, ...]:
        """Those that were sampled, the recorded one first."""
        return tuple(dict.fromkeys([self.process, *(sample.thread.process for sample in self.samples)]))


@dataclass(frozen=True, slots=True)
class Device:
    """The machine that was recorded, and the Instruments that recorded it (``xcode``: as a TOC spells it)."""

    uuid: str
    model: str
    name: str
    os_version: str
    xcode: str
    cores: tuple[Core, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """A saved document of Instruments: one machine, one or more runs."""

    name: str
    device: Device
    template: str
    runs: tuple[Run, ...]
