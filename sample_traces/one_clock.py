"""Recordings of the harness with everything on one clock: samples, hardware intervals, signposts and a sidecar.

all-ane                 every operation on the Neural Engine; other processes use it too
ane-with-cpu-fallback   two operations run on the CPU, data are converted; waiting threads were recorded
gpu                     compute units cpuAndGPU; the first prediction compiles the GPU graph
"""

from dataclasses import replace
from functools import cache

from sample_traces import parts
from sample_traces.compose import AddressSpace, Part, Timeline, invented_uuid, part, program_image
from sample_traces.interval_tables import ANE, ANE_INTERNAL, CLOCK, COREML, GPU, MPS, SIGNPOST
from sample_traces.planned import Planned, letters
from sample_traces.recording import Answer, Device, Harness, Interval, Process, Recording, Run, Thread
from sample_traces.scenarios import CORES

WARMUP, MEASURED = 10, 100
US = 1_000

_ENGINE = "Apple Neural Engine"
_WINDOW_SERVER = Process(394, "WindowServer", "/System/Library/PrivateFrameworks/SkyLight.framework/WindowServer")
_NAME = "tracekit-harness"


@cache
def one_clock_recordings() -> tuple[Recording, ...]:
    """All of them, the same on every call."""
    return all_ane(), ane_with_cpu_fallback(), gpu()


def _does(*functions: str) -> Part:
    calls = "".join(f"\n{_NAME}`{function}" for function in functions)
    return part(f"dyld`start\n{_NAME}`main\n{_NAME}`run{calls}", activity="app")


def _predicts(is_warmup: bool) -> Part:
    name = "tracekit_warmup_prediction" if is_warmup else "tracekit_measured_prediction"
    return _does("loop", name) + parts.E5_PREDICTION


class _Told:
    """A run of the harness while it is told."""

    def __init__(self, os_version: str, xcode: str, pid: int, start_date: str, arguments: str) -> None:
        self.device = Device(
            invented_uuid(f"Sample Mac {os_version}"), "MacBook Pro", "Sample Mac", os_version, xcode, CORES
        )
        path = f"/tmp/{_NAME}"  # noqa: S108 - a name in a recording, no file
        self.process = Process(pid, _NAME, path, arguments)
        space, program = AddressSpace(os_version, {}), program_image(_NAME, path, launch=start_date)
        self.timeline = Timeline(space, program, self.process, CORES, seed=start_date)
        self.main: Thread = self.timeline.thread("Main Thread", "main")
        self.start_date = start_date
        self.timeline.run(self.main, *parts.LAUNCH)

    def cpu(self, often: float, *pieces: Part) -> None:
        """A millisecond of a prediction, or of the app, on the CPU: as often as said."""
        if self.timeline.chance(often):
            self.timeline.run(self.main, sum(pieces[1:], start=pieces[0]))

    def interval(self, after_us: int, length_us: int, interval: Interval) -> Interval:
        """An interval of about this length, this long after the next tick."""
        self.timeline.hardware(after_us * US, length_us * US, interval)
        return self.timeline.last_interval

    def ane(self, table: str, length_us: int, model: str) -> None:
        """A request to the Neural Engine after the next sample: a prediction, and the procedure inside it."""
        outer = self.interval(150, length_us, Interval(table, 0, 0, "Neural Engine Prediction", _ENGINE))
        self.interval(230, length_us - 200, replace(outer, label=f"{model}_main__Op0_AneInference", depth=1))

    def load(self, ticks: int) -> None:
        """The model is loaded."""
        for _ in range(ticks):
            self.timeline.run(self.main, _does() + self.timeline.pick(parts.E5_LOAD))

    def end(self, name: str, answer: Answer, tables: tuple[str, ...], harness: Harness) -> Recording:
        """The recording."""
        run = self.timeline.finish(self.start_date, answer)
        run = replace(run, tables=(*tables, CLOCK), harness=harness, intervals=_with_signposts(run, tables, self.main))
        return Recording(name, self.device, "Core ML", (run,))


def _with_signposts(run: Run, tables: tuple[str, ...], thread: Thread) -> tuple[Interval, ...]:
    """A signpost for every prediction, in the table of the recording that has them."""
    intervals = run.intervals
    if COREML in tables:
        signpost = Interval(COREML, 0, 0, "Prediction", "Letters-7")
    elif SIGNPOST in tables:
        signpost = Interval(SIGNPOST, 0, 0, "prediction", "tracekit", process=run.process, thread=thread)
    else:
        return intervals
    signposts = (
        replace(signpost, start_ns=one.start_ns, duration_ns=one.end_ns - one.start_ns) for one in run.iterations
    )
    return (*intervals, *signposts)


def _model(name: str) -> str:
    """Where a compiled model lay."""
    return f"/Users/sample/Models/{name}.mlmodelc"


def _plan(**operations: int) -> tuple[Planned, ...]:
    """A compute plan with that many operations for each device, and constants, which have none."""
    placed = [("ios17.conv", device) for device, count in operations.items() for _ in range(count)]
    every = (*placed, *[("const", None)] * 12)
    return tuple(Planned(f"op_{number}", operator, device) for number, (operator, device) in enumerate(every))


def _foreign_ane(told: _Told, table: str, times: int) -> None:
    """Another process uses the Neural Engine, while this one does something else."""
    for _ in range(times):
        told.interval(200, 1_300, Interval(table, 0, 0, "Neural Engine Prediction", _ENGINE))
        told.timeline.blocked(2)


# ---- all-ane


def all_ane() -> Recording:
    """Every operation on the Neural Engine; three requests left no interval, as happens."""
    told = _Told("26.5 (25F71)", "16.0 (17F42)", 6120, "2026-03-02T10:15:00.000+01:00", "--compute-units all")
    table = ANE_INTERNAL
    told.interval(0, 9_000, Interval(table, 0, 0, "Neural Engine Compile", _ENGINE))
    told.load(24)
    told.interval(0, 4_000, Interval(table, 0, 0, "Neural Engine Load Flowers.mlmodelc", _ENGINE))
    told.load(6)
    for index in range(WARMUP + MEASURED):
        told.cpu(1.0, _does("loop"), told.timeline.pick(parts.NEUTRAL))
        _ane_prediction(told, index, table)
    told.interval(0, 500, Interval(GPU, 0, 0, "Render", "Vertex", process=_WINDOW_SERVER))
    _foreign_ane(told, table, 12)
    told.interval(100, 2_000, Interval(table, 0, 0, "Neural Engine Prediction", _ENGINE, state="Idle"))
    told.timeline.blocked(3)
    harness = Harness("all", _model("Flowers"), _plan(ANE=40))
    return told.end("all-ane", "yes", (table, GPU), harness)


def _ane_prediction(told: _Told, index: int, table: str) -> None:
    predict, pick = _predicts(index < WARMUP), told.timeline.pick
    request = predict + parts.E5_EXECUTE + parts.ANE_OPERATION
    with told.timeline.predicted(is_warmup=index < WARMUP):
        told.cpu(0.25, predict, pick(parts.E5_BIND), pick(parts.NEUTRAL))
        if index == 0:
            for _ in range(6):
                told.cpu(1.0, predict, pick(parts.E5_BIND), pick(parts.NEUTRAL))
        if index not in (31, 57, 88):
            told.ane(table, 2_500 if index < 2 else 1_600, "Flowers")
        told.cpu(1.0, request, pick(parts.ANE_REQUEST))
        if told.timeline.chance(0.2):  # the thread tidies up while the engine works
            told.cpu(1.0, request, pick(parts.NEUTRAL))
        told.timeline.blocked(3 if index < 2 else 2)
        told.cpu(0.3, predict, parts.E5_CONVERT_OUTPUT)


# ---- ane-with-cpu-fallback


def ane_with_cpu_fallback() -> Recording:
    """Two operations fall back to the CPU, and inputs are converted; waiting threads were recorded."""
    told = _Told("27.2 (26B5086k)", "27.2 (27B5019j)", 7702, "2026-10-07T09:40:30.000+02:00", "--compute-units all")
    told.interval(0, 7_000, Interval(ANE, 0, 0, "Neural Engine Load", _ENGINE))
    told.load(22)
    for index in range(WARMUP + MEASURED):
        told.cpu(1.0, _does("loop"), told.timeline.pick(parts.NEUTRAL))
        _fallback_prediction(told, index)
    _foreign_ane(told, ANE, 4)
    harness = Harness("all", _model("Letters"), letters())
    return told.end("ane-with-cpu-fallback", "partly", (ANE, COREML), harness)


def _fallback_prediction(told: _Told, index: int) -> None:
    predict, pick = _predicts(index < WARMUP), told.timeline.pick
    execute = predict + parts.E5_EXECUTE
    with told.timeline.predicted(is_warmup=index < WARMUP):
        told.cpu(0.8, predict, parts.E5_CONVERT_INPUT, parts.MEMMOVE)
        for half in range(2):
            told.ane(ANE, 1_100, f"Letters_{half}")
            told.cpu(1.0, execute, parts.ANE_OPERATION, pick(parts.ANE_REQUEST))
            told.timeline.wait(told.main, execute + parts.ANE_OPERATION + pick(parts.ANE_BLOCKED), 2)
            if half == 0:
                told.cpu(0.95, execute, parts.BNNS_OPERATION, pick(parts.BNNS_KERNELS))
                told.cpu(0.40, execute, parts.BNNS_OPERATION, pick(parts.BNNS_KERNELS))
        told.cpu(0.5, predict, parts.E5_CONVERT_OUTPUT)
        if told.timeline.chance(0.1):  # it waits for something that no table tells of
            told.timeline.wait(told.main, predict + parts.GROUP_WAIT, 1)


# ---- gpu


def gpu() -> Recording:
    """Compute units cpuAndGPU: the Neural Engine's table was recorded and stays empty."""
    told = _Told("15.6 (24G84)", "16.0 (16F6)", 3315, "2026-01-20T18:02:11.000+01:00", "--compute-units cpuAndGPU")
    told.load(30)
    for index in range(WARMUP + MEASURED):
        told.cpu(1.0, _does("loop"), told.timeline.pick(parts.NEUTRAL))
        _gpu_prediction(told, index)
    harness = Harness("cpuAndGPU", _model("Depth"), _plan(GPU=38, CPU=2))
    return told.end("gpu", "no", (ANE_INTERNAL, GPU, MPS, SIGNPOST), harness)


def _gpu_prediction(told: _Told, index: int) -> None:
    predict, pick = _predicts(index < WARMUP), told.timeline.pick
    execute = predict + parts.E5_EXECUTE
    mine = Interval(GPU, 0, 0, "Command Buffer 0", "Compute", process=told.process)
    screen = Interval(GPU, 0, 0, "Render", "Vertex", process=_WINDOW_SERVER)
    with told.timeline.predicted(is_warmup=index < WARMUP):
        if index == 0:
            for _ in range(7):
                told.cpu(1.0, predict, pick(parts.E5_GPU_PREPARE))
            for _ in range(40):
                told.cpu(1.0, execute, pick(parts.GPU_SPECIALIZE))
        for step in range(3):
            if step:
                told.interval(100, 700, mine)
                told.interval(400, 500, mine)  # overlaps the one before
            told.cpu(1.0, execute, parts.GPU_OPERATION, pick(parts.GPU_OP_HANDLERS))
        told.cpu(0.3, execute, parts.BNNS_OPERATION, pick(parts.BNNS_KERNELS))
        told.interval(50, 900, mine)
        told.interval(60, 850, Interval(MPS, 0, 0, "MPSGraph:0x10f504470", "MPSGraph"))
        if index % 4 == 0:
            told.interval(300, 400, screen)
            told.interval(500, 400, replace(screen, channel="Fragment"))
        told.timeline.blocked(2)
        told.cpu(0.2, predict, parts.E5_CONVERT_OUTPUT)
