"""Small profiles written as text, and profiles for properties."""

from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

from hypothesis import strategies as st

from tracekit.model.builder import ProfileBuilder
from tracekit.model.folded import from_folded, is_address
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE


def profile_from_text(text: str) -> Profile:
    """Folded text, indented as the test likes it, a sample a line."""
    return from_folded(dedent(text), unit="ns")


def profile_from_stacks(stacks: Sequence[Mapping[str, Any]]) -> Profile:
    """A profile of recorded stacks: ``frames`` (leaf first, ``image`` and ``symbol``), ``weight_ns``, ``thread_name``.

    A symbol that the source of a stack gives as null was stripped.
    """
    builder = ProfileBuilder()
    for stack in stacks:
        frames = []
        for frame in stack["frames"]:
            symbol = frame.get("symbol") or "<redacted>"
            symbol = "<redacted>" if symbol.startswith("null") else symbol
            image = frame.get("image")
            binary = builder.binary(image) if image else NONE
            frames.append(builder.frame(symbol, binary, is_symbolicated=not is_address(symbol)))
        name = stack.get("thread_name") or ""
        builder.sample(
            time_ns=0,
            thread_id=builder.thread(stack.get("tid") or len(name), name),
            stack=builder.stack(frames),
            weight=stack.get("weight_ns", 1),
            state=builder.state("Running"),
        )
    return builder.build(Meta("ns"))


def profile_without_threads(named: int = 0) -> Profile:
    """Five samples that say nothing of their thread, beside some that do; one unit of weight each, a prediction all."""
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame(name) for name in ("-[MLModel predictionFromFeatures:error:]", "main")])
    threads = [NONE] * 5 + [builder.thread(5, "worker", 7, "app") for _ in range(named)]
    for at, thread in enumerate(threads):
        builder.sample(time_ns=at * 1_000_000, stack=stack, weight=1, thread_id=thread)
    return builder.build(Meta("ns"))


SYMBOLS = (
    *("start", "main", "app", "work", "lock", "alpha", "beta"),
    "CoreML`-[MLModel predictionFromFeatures:error:]",
    "CoreML`+[MLModel modelWithContentsOfURL:configuration:error:]",
    "CoreML`-[MLMultiArray setNumber:atOffset:]",
    "CoreML`-[MLE5Engine predictionFromFeatures:options:error:]",
    "Espresso`E5RT::AsyncTask::SafeExecuteTask()",
    "Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()",
    "Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()",
    "Espresso`E5RT::Ops::MpsGraphInferenceOperation::ExecuteSync()",
    "Espresso`Espresso::layer::__launch",
    "Espresso`0x1000",
    "MetalPerformanceShadersGraph`-[MPSGraphExecutable specializeWithDevice:]",
    "MPSCore`0x2000",
    "libBNNS.dylib`0x3000",
    "libvDSP.dylib`vDSP_vmul",
    "libsystem_kernel.dylib`mach_msg2_trap",
    "libsystem_kernel.dylib`__ulock_wait",
    "ANEServices`H11ANE::H11ANEServicesThreadStart",
)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Profiles of several threads and processes, with samples that have no stack."""
    builder = ProfileBuilder()
    for _ in range(draw(st.integers(0, 25))):
        frames = []
        for text in draw(st.lists(st.sampled_from(SYMBOLS), max_size=7)):
            image, _, symbol = text.rpartition("`")
            frames.append(builder.frame(symbol, builder.binary(image) if image else NONE))
        thread = draw(st.integers(1, 3))
        name = "H11ANEServicesThread" if thread == 3 else f"thread {thread}"
        builder.sample(
            time_ns=draw(st.integers(0, 1000)),
            thread_id=builder.thread(thread, name, pid=thread % 2, process=f"app {thread % 2}"),
            stack=builder.stack(frames),
            weight=draw(st.integers(0, 5)),
            state=builder.state(draw(st.sampled_from(["Running", "Blocked"]))),
            core=draw(st.integers(0, 3)),
        )
    return builder.build(Meta("ns"))
