"""The recordings: which app, on which machine, doing what. Nothing here was measured; every number is a choice.

Each scenario is told as the app would live it: launch, load, predict in a loop, go. A prediction is a table of steps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sample_traces import parts
from sample_traces.compose import AddressSpace, Background, Part, Timeline, invented_uuid, part, program_image
from sample_traces.recording import Answer, Core, Device, Process, Recording, Run, Thread

CORES = tuple(Core(index, "E") for index in range(4)) + tuple(Core(index, "P") for index in range(4, 12))
PREDICTIONS = 100
SHORT = 25  # predictions of a run in two-runs

Choice = Sequence[Part]


class Step(NamedTuple):
    """Something a prediction does: how often a sample catches it, the choices that its stack takes one piece each of,
    and how many milliseconds the thread then waits off the cores.
    """

    often: float
    choices: tuple[Choice, ...]
    blocked: int


def step(often: float, *pieces: Part | Choice, blocked: int = 0) -> Step:
    """A step from its pieces, outer first; a single part is no choice."""
    return Step(often, tuple((piece,) if isinstance(piece, Part) else piece for piece in pieces), blocked)


@dataclass(frozen=True)
class App:
    """An invented app; ``sources`` has file and first line of the functions with debug information."""

    name: str
    arguments: str
    sources: Mapping[str, tuple[str, int]]

    def does(self, *functions: str) -> Part:
        """The app's own calls below ``main``."""
        calls = "".join(f"\n{self.name}`{function}" for function in functions)
        return part(f"dyld`start\n{self.name}`main{calls}", activity="app")


@cache
def recordings() -> tuple[Recording, ...]:
    """All of them, the same on every call."""
    return legacy_nn_ane(), mlprogram_split(), cpu_only(), no_prediction(), two_runs()


# ---- legacy-nn-ane: a neural network on the ANE, with layers that fall back to the CPU.

PLANT_LENS = App(
    "PlantLens",
    "--model Leaves.mlmodelc --compute-units all --iterations 100",
    {
        "main": ("/Users/sample/PlantLens/Sources/main.swift", 3),
        "Classifier.classifyAll(_:)": ("/Users/sample/PlantLens/Sources/Classifier.swift", 41),
        "Classifier.classify(_:)": ("/Users/sample/PlantLens/Sources/Classifier.swift", 18),
        "ImageFeeder.next()": ("/Users/sample/PlantLens/Sources/ImageFeeder.swift", 12),
    },
)
_MOVE = (parts.NOTHING, parts.MEMMOVE)
_NN_ANE_STEPS = (
    step(0.25, parts.NN_BIND, parts.NEUTRAL),
    step(0.35, parts.NN_CONVERT_INPUT),
    step(0.25, parts.NN_COPY_INPUT, _MOVE),
    step(1.00, parts.NN_ANE, parts.NN_ANE_REQUEST, parts.NEUTRAL),
    step(0.80, parts.NN_ANE, parts.NN_ANE_BLOCKED, blocked=1),
)
_NN_FALLBACK_STEPS = (
    step(0.55, parts.NN_FALLBACK),
    step(0.95, parts.NN_ANE, parts.NN_ANE_REQUEST, parts.NEUTRAL),
    step(0.70, parts.NN_ANE, parts.NN_ANE_BLOCKED, blocked=1),
)
_NN_OUTPUT_STEPS = (
    step(0.25, parts.NN_COPY_OUTPUT, _MOVE),
    step(0.35, parts.NN_CONVERT_OUTPUT),
)
_NN_CPU_STEPS = (
    step(0.30, parts.NN_BIND, parts.NEUTRAL),
    step(0.40, parts.NN_COPY_INPUT, _MOVE),
    *[step(0.95, parts.NN_CPU_KERNELS)] * 3,
    step(0.30, parts.NN_COPY_OUTPUT, _MOVE),
)


def legacy_nn_ane() -> Recording:
    """A legacy neural network, most of it on the ANE; some layers run as CPU kernels."""
    device = _device("Sample Mac 15", "15.4 (24E248)", "16.0 (16F6)")
    space = AddressSpace(device.os_version, PLANT_LENS.sources)
    run = _run(PLANT_LENS, space, 4417, "2026-01-12T09:30:00.000+01:00", "partly", _live_legacy)
    return Recording("legacy-nn-ane", device, "Time Profiler", (run,))


def _live_legacy(timeline: Timeline, app: App) -> None:
    main, service, worker = _threads(timeline)
    batch = timeline.thread("Batch <low>, retries (2)", "PlantLens.BatchQueue.drain()")
    classify = app.does("Classifier.classifyAll(_:)", "Classifier.classify(_:)") + parts.NN_PREDICTION
    feed = app.does("Classifier.classifyAll(_:)", "ImageFeeder.next()")
    queued = part(
        f"libsystem_pthread.dylib`thread_start\nlibsystem_pthread.dylib`_pthread_start\n{app.name}`BatchQueue.drain()"
    )
    beside = (
        Background(0.020, worker, (parts.NN_BATCH_DONE,)),
        Background(0.012, service, (parts.FRAME_DONE_15,)),
        Background(0.008, service, (parts.SERVICE_SLEEPS_15,)),
        Background(0.010, batch, (queued + parts.NN_BATCH_QUEUED,)),
    )
    _load(timeline, main, app.does("Classifier.init(modelAt:)"), parts.NN_LOAD, 44)
    with timeline.meanwhile(*beside):
        for index in range(PREDICTIONS):
            _work(timeline, main, feed, (parts.ARRAY_WRITE, parts.MEMMOVE, *parts.NEUTRAL), 2)
            with timeline.iteration():
                if index in (0, 50):  # the input shape changes
                    _work(timeline, main, classify + parts.NN_RESHAPE, parts.NEUTRAL, 4)
                _steps(timeline, main, classify, (*_NN_ANE_STEPS, *_NN_FALLBACK_STEPS, *_NN_OUTPUT_STEPS))
    _work(timeline, main, app.does() + parts.NN_TEARDOWN, (parts.FREE, parts.NOTHING), 6)


# ---- mlprogram-split: one ML Program, its operations on ANE, CPU and GPU.

CAPTION_BENCH = App(
    "CaptionBench",
    "--model Captions.mlmodelc --compute-units all --iterations 100",
    {
        "main": ("/Users/sample/CaptionBench/Sources/main.swift", 9),
        "Captioner.caption(_:)": ("/Users/sample/CaptionBench/Sources/Captioner.swift", 27),
        "Captioner.fill(_:from:)": ("/Users/sample/CaptionBench/Sources/Captioner.swift", 63),
    },
)
_GPU_LEAVES = (*parts.NEUTRAL, parts.TRACE)
_GPU_STEP = (parts.E5_EXECUTE, parts.GPU_OPERATION, parts.GPU_OP_HANDLERS, _GPU_LEAVES)
_SPLIT_STEPS = (
    step(0.25, parts.E5_BIND, parts.NEUTRAL),
    step(0.30, parts.E5_CONVERT_INPUT, _MOVE),
    step(1.00, parts.E5_EXECUTE, parts.ANE_OPERATION, parts.ANE_REQUEST, parts.NEUTRAL),
    step(0.60, parts.E5_EXECUTE, parts.ANE_OPERATION, parts.ANE_BLOCKED, blocked=1),
    step(0.95, parts.E5_EXECUTE, parts.BNNS_OPERATION, parts.BNNS_KERNELS),
    step(0.40, parts.E5_EXECUTE, parts.BNNS_OPERATION, parts.BNNS_KERNELS),
    step(1.00, *_GPU_STEP),
    step(0.90, *_GPU_STEP),
    step(0.60, *_GPU_STEP),
    step(0.35, parts.E5_EXECUTE, parts.GPU_BLOCKED, blocked=1),
    step(0.30, parts.E5_CONVERT_OUTPUT),
    step(0.12, parts.E5_RESET, (parts.FREE, parts.RELEASE, parts.NOTHING)),
)
_FIRST_SPLIT_STEPS = (
    *[step(1.0, parts.E5_BIND, parts.NEUTRAL)] * 3,
    *[step(1.0, parts.E5_GPU_PREPARE, parts.NEUTRAL)] * 7,
    *[step(1.0, parts.E5_EXECUTE, parts.GPU_SPECIALIZE, parts.NEUTRAL)] * 46,
)
_ASYNC_STEPS = (
    step(0.90, parts.ANE_OPERATION, parts.ANE_REQUEST, parts.NEUTRAL),
    step(0.60, parts.ANE_OPERATION, parts.ANE_BLOCKED, blocked=1),
    step(1.00, parts.BNNS_OPERATION, parts.BNNS_KERNELS),
    step(0.70, parts.BNNS_OPERATION, parts.BNNS_KERNELS),
)


def mlprogram_split() -> Recording:
    """An ML Program split over ANE, BNNS and GPU; every fourth prediction is asynchronous."""
    device = _device("Sample Mac 26", "26.5 (25F71)", "16.0 (17F42)")
    space = AddressSpace(device.os_version, CAPTION_BENCH.sources)
    run = _run(CAPTION_BENCH, space, 7310, "2026-02-03T14:05:20.000+01:00", "partly", _live_split)
    return Recording("mlprogram-split", device, "Time Profiler", (run,))


def _live_split(timeline: Timeline, app: App) -> None:
    main, service, worker = _threads(timeline)
    operations = timeline.thread(None, "_dispatch_worker_thread2")
    caption = app.does("Captioner.caption(_:)") + parts.E5_PREDICTION
    fill = app.does("Captioner.caption(_:)", "Captioner.fill(_:from:)")
    beside = (
        Background(0.040, worker, (parts.METAL_SUBMIT, parts.METAL_COMPLETION + parts.RELEASE)),
        Background(0.010, service, (parts.FRAME_DONE_26,)),
        Background(0.008, service, (parts.SERVICE_SLEEPS_26,)),
    )
    with timeline.meanwhile(Background(0.10, operations, (parts.E5_LOAD_WORKER,))):
        _load(timeline, main, app.does("Captioner.init(modelAt:)"), parts.E5_LOAD, 52)
    with timeline.meanwhile(*beside):
        for index in range(PREDICTIONS):
            _work(timeline, main, fill, (parts.ARRAY_READ, parts.ARRAY_WRITE, *parts.NEUTRAL), 1 + index % 2)
            with timeline.iteration():
                if index == 0:
                    _steps(timeline, main, caption, _FIRST_SPLIT_STEPS)
                if index % 4 == 3:
                    _steps(timeline, worker, parts.E5_SUBMIT, (step(0.8, parts.NEUTRAL),))
                    _steps(timeline, operations, parts.E5_ASYNC_TASK, _ASYNC_STEPS)
                else:
                    _steps(timeline, main, caption, _SPLIT_STEPS)
        _work(timeline, worker, parts.E5_LATE_RESET, (parts.FREE, parts.RELEASE), 3)
    _work(timeline, main, app.does() + parts.E5_TEARDOWN, (parts.FREE, parts.NOTHING), 8)


# ---- cpu-only: an ML Program that was asked to stay on the CPU, in an app without symbols.

LEDGER_CHECK = App("LedgerCheck", "--model Ledger.mlmodelc --compute-units cpuOnly --iterations 100", {})
_CPU_STEPS = (
    step(0.25, parts.E5_BIND, parts.NEUTRAL),
    step(0.20, parts.E5_EXECUTE, parts.CAST_OPERATION, (parts.NOTHING, parts.MEMSET)),
    *[step(0.95, parts.E5_EXECUTE, parts.BNNS_OPERATION, parts.BNNS_KERNELS)] * 5,
    step(0.10, parts.E5_RESET, (parts.FREE, parts.RELEASE, parts.NOTHING)),
)


def cpu_only() -> Recording:
    """An ML Program with compute units cpuOnly: BNNS alone."""
    device = _device("Sample Mac 15", "15.6 (24G84)", "16.0 (16F6)")
    space = AddressSpace(device.os_version, LEDGER_CHECK.sources)
    run = _run(LEDGER_CHECK, space, 2188, "2026-01-20T17:44:51.000+01:00", "no", _live_cpu)
    return Recording("cpu-only", device, "Time Profiler", (run,))


def _live_cpu(timeline: Timeline, app: App) -> None:
    main = timeline.thread("Main Thread", "main")
    helper = timeline.thread(None, "_dispatch_worker_thread2")
    timeline.run(main, *parts.LAUNCH)
    _load(timeline, main, app.does("?1", "?2"), parts.E5_LOAD, 40)
    for _ in range(PREDICTIONS):
        _work(timeline, main, app.does("?1", "?3"), (parts.ARRAY_WRITE, *parts.NEUTRAL), 1)
        with timeline.iteration(), timeline.meanwhile(Background(0.10, helper, (parts.BNNS_WORKER,))):
            _steps(timeline, main, app.does("?1", "?4") + parts.E5_PREDICTION, _CPU_STEPS)
    _work(timeline, main, app.does() + parts.E5_TEARDOWN, (parts.FREE, parts.NOTHING), 5)


# ---- no-prediction: a model is loaded and never asked; the app computes by itself.

GRAPH_LAB = App(
    "GraphLab",
    "--preview",
    {
        "main": ("/Users/sample/GraphLab/main.swift", 5),
        "Spectrum.update(_:)": ("/Users/sample/GraphLab/Spectrum.swift", 88),
        "Filter.render(into:)": ("/Users/sample/GraphLab/Filter.swift", 31),
    },
)


def no_prediction() -> Recording:
    """A model is loaded and never used; MPSGraph, vDSP and BLAS work for the app itself."""
    device = _device("Sample Mac 27", "27.2 (26B5086k)", "27.2 (27B5019j)")
    space = AddressSpace(device.os_version, GRAPH_LAB.sources)
    run = _run(GRAPH_LAB, space, 5901, "2026-10-07T08:12:09.000+02:00", "unknown", _live_without)
    return Recording("no-prediction", device, "Time Profiler", (run,))


def _live_without(timeline: Timeline, app: App) -> None:
    main, service, worker = _threads(timeline)
    render = app.does("Filter.render(into:)") + parts.OWN_GRAPH
    spectrum = app.does("Spectrum.update(_:)")
    beside = (
        Background(0.060, worker, (parts.METAL_SUBMIT, parts.METAL_COMPLETION + parts.RELEASE)),
        Background(0.020, service, (parts.SERVICE_SLEEPS_26,)),
    )
    _load(timeline, main, app.does("Filter.init(modelAt:)"), parts.E5_LOAD, 48)
    with timeline.meanwhile(*beside):
        for _ in range(90):
            handler = timeline.pick(parts.GPU_OP_HANDLERS)
            _work(timeline, main, render + handler, _GPU_LEAVES, 3)
            _work(timeline, main, spectrum, parts.OWN_TRANSFORM, 2)
            _work(timeline, main, spectrum, (parts.ARRAY_READ, parts.MEMMOVE), 1)
            timeline.blocked(2)


# ---- two-runs: one document, Record pressed twice.


def two_runs() -> Recording:
    """The same app twice: on the ANE alone, then with compute units cpuOnly."""
    device = _device("Sample Mac 15", "15.4 (24E248)", "16.0 (16F6)")
    space = AddressSpace(device.os_version, PLANT_LENS.sources)
    on_ane = App(PLANT_LENS.name, "--compute-units all --iterations 25", PLANT_LENS.sources)
    on_cpu = App(PLANT_LENS.name, "--compute-units cpuOnly --iterations 25", PLANT_LENS.sources)
    runs = (
        _run(on_ane, space, 4502, "2026-01-12T10:01:00.000+01:00", "yes", _live_on_ane),
        _run(on_cpu, space, 4511, "2026-01-12T10:02:30.000+01:00", "no", _live_on_cpu),
    )
    return Recording("two-runs", device, "Time Profiler", runs)


def _live_on_ane(timeline: Timeline, app: App) -> None:
    _live_short(timeline, app, (*_NN_ANE_STEPS, *_NN_OUTPUT_STEPS))


def _live_on_cpu(timeline: Timeline, app: App) -> None:
    _live_short(timeline, app, _NN_CPU_STEPS)


def _live_short(timeline: Timeline, app: App, steps: Sequence[Step]) -> None:
    main = timeline.thread("Main Thread", "main")
    classify = app.does("Classifier.classifyAll(_:)", "Classifier.classify(_:)") + parts.NN_PREDICTION
    feed = app.does("Classifier.classifyAll(_:)", "ImageFeeder.next()")
    timeline.run(main, *parts.LAUNCH)
    _load(timeline, main, app.does("Classifier.init(modelAt:)"), parts.NN_LOAD, 12)
    for _ in range(SHORT):
        _work(timeline, main, feed, (parts.ARRAY_WRITE, *parts.NEUTRAL), 1)
        with timeline.iteration():
            _steps(timeline, main, classify, steps)


# ---- What the scenarios share.


def _device(name: str, os_version: str, xcode: str) -> Device:
    return Device(invented_uuid(name), "MacBook Pro", name, os_version, xcode, CORES)


def _run(
    app: App,
    space: AddressSpace,
    pid: int,
    start_date: str,
    answer: Answer,
    live: Callable[[Timeline, App], None],
) -> Run:
    path = f"/Applications/{app.name}.app/Contents/MacOS/{app.name}"
    program = program_image(app.name, path, launch=start_date)
    timeline = Timeline(space, program, Process(pid, app.name, path, app.arguments), CORES, seed=start_date)
    live(timeline, app)
    return timeline.finish(start_date, answer)


def _threads(timeline: Timeline) -> tuple[Thread, Thread, Thread]:
    """The main thread, just launched; the service thread of ANEServices; and a worker of libdispatch."""
    main = timeline.thread("Main Thread", "main")
    service = timeline.thread("H11ANEServicesThread", "H11ANEServicesThread")
    worker = timeline.thread(None, "_dispatch_workloop_worker_thread")
    timeline.run(main, *parts.LAUNCH)
    return main, service, worker


def _load(timeline: Timeline, thread: Thread, caller: Part, doing: Choice, ticks: int) -> None:
    for _ in range(ticks):
        timeline.run(thread, caller + timeline.pick(doing) + timeline.pick(parts.NEUTRAL))


def _work(timeline: Timeline, thread: Thread, caller: Part, leaves: Choice, ticks: int) -> None:
    for _ in range(ticks):
        timeline.run(thread, caller + timeline.pick(leaves))


def _steps(timeline: Timeline, thread: Thread, caller: Part, steps: Sequence[Step]) -> None:
    for often, choices, blocked in steps:
        if timeline.chance(often):
            timeline.run(thread, sum(map(timeline.pick, choices), start=caller))
        timeline.blocked(blocked)
