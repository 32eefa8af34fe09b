"""A thread's samples drawn as text, a character a sampling interval: profiles with times, for tests of iterations.

.  not sampled       x  on the stack of the app       ?  sampled, without a stack
p  in a prediction   a  driving the Neural Engine     g  driving the GPU     c  computing on the CPU
k  compiling         m, w  in the harness's measured or warm-up function, and in a prediction
v  converting data   y  copying data
A  blocked, waiting for the Neural Engine             b  blocked in a prediction, for nothing that is known
o  work of a prediction on another thread: no call of the app is on its stack
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.measure import NOTHING, Beside
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Facts
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE, Unit

TICK = 1_000_000
PID = 7
OTHER_PID = 8

_PREDICT = ("start", "main", "CoreML`-[MLModel predictionFromFeatures:error:]")
_OPERATION = "Espresso`E5RT::Ops::{}InferenceOperation::ExecuteSync()"
_STACKS: dict[str, tuple[str, ...]] = {
    "x": ("start", "main", "work"),
    "p": _PREDICT,
    "a": (*_PREDICT, _OPERATION.format("Ane")),
    "g": (*_PREDICT, _OPERATION.format("MpsGraph")),
    "c": (*_PREDICT, _OPERATION.format("BnnsCpu")),
    "k": (
        *_PREDICT,
        _OPERATION.format("MpsGraph"),
        "MetalPerformanceShadersGraph`-[MPSGraphExecutable specializeWithDevice:]",
    ),
    "v": (*_PREDICT, "CoreML`CoreML::vectorizeMultiArray<float, _Float16>(CoreML::MultiArray const&)"),
    "y": (*_PREDICT, "Espresso`EspressoLight::espresso_plan::__copy_inputs(bool)"),
    "m": ("start", "main", "tracekit_measured_prediction", *_PREDICT[2:]),
    "w": ("start", "main", "tracekit_warmup_prediction", *_PREDICT[2:]),
    "A": (*_PREDICT, _OPERATION.format("Ane"), "libsystem_kernel.dylib`mach_msg2_trap"),
    "b": (*_PREDICT, "libsystem_kernel.dylib`__ulock_wait"),
    "q": (
        *_PREDICT,
        "CoreML`-[MLNeuralNetworkEngine evaluateBatch:options:error:]",
        "libdispatch.dylib`_dispatch_sync_f_slow",
        "libdispatch.dylib`__DISPATCH_WAIT_FOR_QUEUE__",
        "libsystem_kernel.dylib`kevent_id",
    ),
    "o": ("start_wqthread", _OPERATION.format("Ane")),
}


def drawn(*threads: str, unit: Unit = "ns", start_date: str | None = None, others: Sequence[str] = ()) -> Profile:
    """A profile of threads, each drawn from time 0 on; blanks are left out. ``others`` are of another process."""
    builder = ProfileBuilder()
    for number, drawing in enumerate([*threads, *others], start=1):
        pid, process = (PID, "app") if number <= len(threads) else (OTHER_PID, "other")
        thread = builder.thread(number, f"thread {number}", pid, process)
        for tick, sign in enumerate(drawing.replace(" ", "")):
            if sign == ".":
                continue
            builder.sample(
                time_ns=tick * TICK,
                thread_id=thread,
                stack=NONE if sign == "?" else builder.stack([_frame(builder, f) for f in reversed(_STACKS[sign])]),
                weight=TICK,
                state=builder.state("Blocked" if sign in "Abq" else "Running"),
            )
    return builder.build(Meta(unit, facts=Facts(start_date=start_date, pid=PID)))


def analysed(
    *threads: str,
    beside: Beside = NOTHING,
    scope: Scope | None = None,
    marks: bool = False,
    others: Sequence[str] = (),
) -> Analysis:
    """The analysis of drawn threads; with ``marks``, the app marked its predictions by signposts."""
    if marks:
        beside = replace(beside, tables={**beside.tables, **marked(*threads)})
    return analyze_profile(drawn(*threads, others=others), scope or Scope(), beside=beside)


def marked(*threads: str) -> dict[str, pd.DataFrame]:
    """Signposts of the app: whatever is drawn between two ``x``, without the gaps at its edges, is a prediction."""
    rows = [
        (found.start() * TICK, (found.end() - found.start()) * TICK, "prediction", PID, number)
        for number, drawing in enumerate(threads, start=1)
        for found in re.finditer(r"[^x.?]([^x]*[^x.?])?", drawing.replace(" ", ""))
    ]
    columns = ["start", "duration", "name", "process.pid", "start-thread.tid"]
    return {"os-signpost-interval": pd.DataFrame(rows, columns=columns)}


def _frame(builder: ProfileBuilder, text: str) -> int:
    image, _, symbol = text.rpartition("`")
    return builder.frame(symbol, builder.binary(image) if image else NONE)
