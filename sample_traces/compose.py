"""How a recording is composed: parts are added up to stacks, and stacks are sampled while time passes.

A ``Part`` is a few calls with the truth about them. Adding parts gives a longer part, and the inner one speaks last:

    APP + PREDICTION                                    (none, framework), in the focus
    APP + PREDICTION + ANE_OPERATION                    (ANE, dispatch)
    APP + PREDICTION + ANE_OPERATION + ANE_TRAP         (ANE, wait)
    APP + PREDICTION + ANE_OPERATION + MALLOC           (ANE, dispatch): a part without a label changes nothing

So the truth comes from how a stack was put together and never from reading its symbols.
"""

import random
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple, TypeVar

from sample_traces.recording import (
    Answer,
    Core,
    Frame,
    Function,
    Image,
    Interval,
    Iteration,
    Label,
    Process,
    Run,
    Sample,
    Stack,
    Thread,
)

T = TypeVar("T")

TICK_NS = 1_000_000
FIRST_TICK_NS = 480_037_000  # an app needs about half a second from the press of Record to its first instruction
LATENESS_NS = 2_000  # a sample is taken up to this long after its tick
NO_BACKTRACE = 0.012  # the share of samples whose stack could not be read


class Call(NamedTuple):
    """A function by its image and symbol; ``?3`` is the third function without a symbol, image ``?`` is no image."""

    image: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Part:
    """Calls, outer first; the truth they bring; whether a prediction begins in them; what the thread is doing."""

    calls: tuple[Call, ...]
    label: Label | None = None
    opens_focus: bool = False
    activity: str = ""

    def __add__(self, inner: "Part") -> "Part":
        return Part(
            self.calls + inner.calls,
            inner.label or self.label,
            self.opens_focus or inner.opens_focus,
            inner.activity or self.activity,
        )

    def labelled(self, label: Label) -> "Part":
        """The same calls with another truth."""
        return replace(self, label=label)


def part(text: str, label: Label | None = None, *, opens_focus: bool = False, activity: str = "") -> Part:
    """The part that is written one call a line as ``Image`symbol``, outer call first."""
    lines = (line.strip() for line in text.splitlines())
    return Part(tuple(Call(*line.split("`", 1)) for line in lines if line), label, opens_focus, activity)


_FRAMEWORKS = "/System/Library/Frameworks"
_PRIVATE = "/System/Library/PrivateFrameworks"
_SUBFRAMEWORKS = "/System/Library/SubFrameworks"
_VECLIB = f"{_FRAMEWORKS}/Accelerate.framework/Versions/A/Frameworks/vecLib.framework/Versions/A"
_MPS = f"{_FRAMEWORKS}/MetalPerformanceShaders.framework/Versions/A/Frameworks"
SYSTEM_FOLDERS = {
    "AGXMetalG14X": "/System/Library/Extensions/AGXMetalG14X.bundle/Contents/MacOS",
    "ANEServices": f"{_PRIVATE}/ANEServices.framework/Versions/A",
    "AppleNeuralEngine": f"{_PRIVATE}/AppleNeuralEngine.framework/Versions/A",
    "CoreFoundation": f"{_FRAMEWORKS}/CoreFoundation.framework/Versions/A",
    "CoreML": f"{_FRAMEWORKS}/CoreML.framework/Versions/A",
    "CoreVideo": f"{_FRAMEWORKS}/CoreVideo.framework/Versions/A",
    "Espresso": f"{_PRIVATE}/Espresso.framework/Versions/A",
    "IOGPU": f"{_PRIVATE}/IOGPU.framework/Versions/A",
    "IOKit": f"{_FRAMEWORKS}/IOKit.framework/Versions/A",
    "MIL": f"{_PRIVATE}/MIL.framework/Versions/A",
    "MPSCore": f"{_MPS}/MPSCore.framework/Versions/A",
    "MPSNDArray": f"{_MPS}/MPSNDArray.framework/Versions/A",
    "Metal": f"{_FRAMEWORKS}/Metal.framework/Versions/A",
    "MetalPerformanceShadersGraph": f"{_FRAMEWORKS}/MetalPerformanceShadersGraph.framework/Versions/A",
    "dyld": "/usr/lib",
    "libBLAS.dylib": _VECLIB,
    "libBNNS.dylib": _VECLIB,
    "libSystem.B.dylib": "/usr/lib",
    "libdispatch.dylib": "/usr/lib/system",
    "libobjc.A.dylib": "/usr/lib",
    "libsystem_c.dylib": "/usr/lib/system",
    "libsystem_kernel.dylib": "/usr/lib/system",
    "libsystem_malloc.dylib": "/usr/lib/system",
    "libsystem_platform.dylib": "/usr/lib/system",
    "libsystem_pthread.dylib": "/usr/lib/system",
    "libvDSP.dylib": _VECLIB,
    "CoreAI": f"{_FRAMEWORKS}/CoreAI.framework/Versions/A",
    "CoreAIRuntime": f"{_SUBFRAMEWORKS}/CoreAIRuntime.framework/Versions/A",
    "CoreAIDelegates": f"{_SUBFRAMEWORKS}/CoreAIDelegates.framework/Versions/A",
}
"""Images lie in memory in this order, so that a new one is the last."""
SYSTEM_BASE = 0x1_8800_0000
SYSTEM_STRIDE = 0x0200_0000
PROGRAM_BASE = 0x1_0040_0000
PAGE = 0x4000


def _scatter(text: str, count: int) -> int:
    """A number below ``count`` that looks random and is the same for the same text on every machine."""
    return zlib.crc32(text.encode()) % count


def invented_uuid(text: str) -> str:
    """A UUID as Instruments spells it; the same text gives the same one."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{text}.samples.invalid")).upper()


def program_image(name: str, path: str, launch: str) -> Image:
    """The app's own binary where this launch put it."""
    slide = PAGE * _scatter(f"{name} {launch}", 0x1000)
    return Image(name, path, invented_uuid(name), "arm64", PROGRAM_BASE + slide)


@dataclass
class AddressSpace:
    """Where everything lies on one machine after one boot: a function takes the next free place in its image.

    ``sources`` tells file and first line of the functions that have debug information.
    """

    boot: str
    sources: Mapping[str, tuple[str, int]]
    _functions: dict[tuple[Image | None, str], Function] = field(default_factory=dict)
    _ends: dict[Image | None, int] = field(default_factory=dict)

    def frames(self, calls: Sequence[Call], program: Image, site: int) -> tuple[Frame, ...]:
        """The calls as frames, leaf first; ``site`` chooses the place in the leaf where the thread is."""
        functions = [self._function(call, program) for call in calls]
        next_in = [*(call.symbol for call in calls[1:]), f"site {site}"]
        return tuple(map(_frame, reversed(functions), reversed(next_in)))

    def _function(self, call: Call, program: Image) -> Function:
        image = None if call.image == "?" else self._image(call.image, program)
        key = image, call.symbol
        if key not in self._functions:
            start = self._ends.get(image) or (image.load_address + PAGE if image else PROGRAM_BASE - 8 * PAGE)
            size = 0x40 + 16 * _scatter(call.symbol, 0x60)
            self._ends[image] = start + size
            name = None if call.symbol.startswith("?") else call.symbol
            path, first_line = self.sources.get(call.symbol, (None, 0))
            self._functions[key] = Function(image, name, start, size, path, first_line)
        return self._functions[key]

    def _image(self, name: str, program: Image) -> Image:
        return program if name == program.name else _system_image(name, self.boot)


@cache
def _system_image(name: str, boot: str) -> Image:
    """A library where this boot put it."""
    load_address = SYSTEM_BASE + PAGE * _scatter(boot, 0x400) + SYSTEM_STRIDE * list(SYSTEM_FOLDERS).index(name)
    path = f"{SYSTEM_FOLDERS[name]}/{name}"
    return Image(name, path, invented_uuid(f"{name} {boot}"), "arm64e", load_address)


def _frame(function: Function, next_in: str) -> Frame:
    """``next_in`` stands for what the function is about to do; the same thing always happens at the same address."""
    offset = 4 * (1 + _scatter(next_in, function.size // 4 - 1))
    line = function.first_line + offset // 16 if function.source_path else None
    return Frame(function, function.start + offset, line)


class Background(NamedTuple):
    """A thread that runs now and then beside what is told: in each tick with the probability ``often``."""

    often: float
    thread: Thread
    doing: Sequence[Part]


class Timeline:
    """One run as it happens: every tick is a millisecond, in which each running thread is sampled once."""

    def __init__(self, space: AddressSpace, program: Image, process: Process, cores: Sequence[Core], seed: str) -> None:
        self._space = space
        self._program = program
        self._process = process
        self._cores = cores
        self._random = random.Random(seed)  # only random() is used: its sequence is the same in every Python
        self._next_tid = 0x2_0000 + _scatter(seed, 0xF_0000)
        self._now_ns = FIRST_TICK_NS
        self._background: tuple[Background, ...] = ()
        self._core_of: dict[Thread, Core] = {}
        self._samples: list[Sample] = []
        self._iterations: list[Iteration] = []
        self._intervals: list[Interval] = []

    def thread(self, name: str | None, entry: str) -> Thread:
        """A new thread of the process."""
        self._next_tid += self._between(1, 10)
        return Thread(self._next_tid, self._process, name, entry)

    def chance(self, probability: float) -> bool:
        """True as often as ``probability`` says."""
        return self._random.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the next."""
        return options[self._between(0, len(options))]

    def run(self, thread: Thread, *doing: Part) -> None:
        """The thread runs and does these things, a millisecond each."""
        for one in doing:
            self._tick({thread: one})

    def blocked(self, ticks: int) -> None:
        """The thread that is told about waits off the cores."""
        for _ in range(ticks):
            self._tick({})

    @contextmanager
    def iteration(self) -> Iterator[None]:
        """What is sampled inside belongs to one prediction of the measured loop."""
        start_ns = self._now_ns - self._between(100_000, 400_000)
        yield
        end_ns = self._now_ns - TICK_NS + self._between(100_000, 400_000)
        self._iterations.append(Iteration(start_ns, end_ns))

    @contextmanager
    def meanwhile(self, *background: Background) -> Iterator[None]:
        """What happens inside happens beside these threads."""
        self._background = background
        yield
        self._background = ()

    @contextmanager
    def predicted(self, *, is_warmup: bool = False) -> Iterator[None]:
        """The same, on the clock of the machine, so that a sidecar can say when it was in ticks."""
        start_ns = clock_ns(self._now_ns - self._between(100_000, 400_000))
        yield
        end_ns = clock_ns(self._now_ns - TICK_NS + self._between(100_000, 400_000))
        self._iterations.append(Iteration(start_ns, end_ns, is_warmup))

    def wait(self, thread: Thread, one: Part, ticks: int) -> None:
        """The thread waits in a place; recorded, as Time Profiler does when it is told to sample waiting threads."""
        for _ in range(ticks):
            time_ns = clock_ns(self._now_ns + self._between(0, LATENESS_NS))
            core = self._core_of.get(thread, self._cores[0])
            self._samples.append(Sample(time_ns, thread, core, self._stack(one), state="Blocked"))
            self._now_ns += TICK_NS

    def hardware(self, after_ns: int, length_ns: int, interval: Interval) -> None:
        """An interval that begins that long after the next tick and lasts about as long; its own times are ignored."""
        start_ns = clock_ns(self._now_ns + after_ns + self._between(0, 60_000))
        end_ns = clock_ns(start_ns + length_ns + self._between(0, 60_000))
        latency_ns, number = max(0, start_ns - self._now_ns), len(self._intervals) + 1
        self._intervals.append(
            replace(interval, start_ns=start_ns, duration_ns=end_ns - start_ns, latency_ns=latency_ns, number=number)
        )

    def add(self, interval: Interval) -> None:
        """An interval that has its times."""
        self._intervals.append(interval)

    @property
    def now_ns(self) -> int:
        """The time of the next tick."""
        return self._now_ns

    @property
    def last_iteration(self) -> Iteration:
        """The prediction that ended last."""
        return self._iterations[-1]

    @property
    def last_interval(self) -> Interval:
        """The interval that was added last."""
        return self._intervals[-1]

    def finish(self, start_date: str, expected_answer: Answer) -> Run:
        """The run, once nothing more happens."""
        return Run(
            process=self._process,
            samples=tuple(sorted(self._samples, key=lambda sample: (sample.time_ns, sample.thread.tid))),
            iterations=tuple(self._iterations),
            start_date=start_date,
            duration_ns=self._now_ns + self._between(2_000_000, 9_000_000),
            expected_answer=expected_answer,
            intervals=tuple(sorted(self._intervals, key=lambda one: one.start_ns + one.duration_ns)),
        )

    def _tick(self, told: Mapping[Thread, Part]) -> None:
        running = dict(told)
        for often, thread, doing in self._background:
            if self.chance(often):
                running.setdefault(thread, self.pick(doing))
        busy: set[Core] = set()
        for thread, one in running.items():
            core = self._core(thread, busy)
            busy.add(core)
            time_ns = clock_ns(self._now_ns + self._between(0, LATENESS_NS))
            stack = None if self.chance(NO_BACKTRACE) else self._stack(one)
            self._samples.append(Sample(time_ns, thread, core, stack))
        self._now_ns += TICK_NS

    def _stack(self, doing: Part) -> Stack:
        frames = self._space.frames(doing.calls, self._program, site=self._between(0, 3))
        return Stack(frames, doing.label, doing.opens_focus, doing.activity)

    def _core(self, thread: Thread, busy: set[Core]) -> Core:
        """Threads mostly stay where they are; two never share a core at one time."""
        core = self._core_of.get(thread)
        if core is None or core in busy or self.chance(0.04):
            core = self.pick([core for core in self._cores if core not in busy])
            self._core_of[thread] = core
        return core

    def _between(self, low: int, high: int) -> int:
        return low + int(self._random.random() * (high - low))


def clock_ns(time_ns: int) -> int:
    """The time of the last tick of Apple silicon's 24 MHz clock: the only times an export can show."""
    return time_ns * 3 // 125 * 125 // 3
