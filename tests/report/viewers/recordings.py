"""Recordings that are converted, and what tracekit says of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from tests.report.html.pages import MILLISECOND, timed
from tracekit import api
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.generation import GENERATION_SPANS
from tracekit.analysis.summary import by_engine, by_wait
from tracekit.attribution.engines import attribute
from tracekit.model import schema
from tracekit.model.builder import ProfileBuilder
from tracekit.model.folded import from_folded
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import ENGINES, NONE
from tracekit.report.numbers import DRIVING
from tracekit.report.viewers.shared import EXPORTER

SAMPLES = Path(__file__).parents[3] / "sample_traces"
BUNDLES = ("all-ane.trace.zip", "ane-with-cpu-fallback.trace.zip", "gpu.trace.zip")
EXPORTS = ("mlprogram-split.xcode26.5.xml", "legacy-nn-ane.xcode16.4.xml.gz", "no-prediction.xcode27.xml.gz")
REAL = (
    "bundles/coreml-gpu_xcode16.4_no-form-template.trace.zip",
    "bundles/time-profile_xcode16.4.trace.zip",
    "bundles/cpu-profile_xcode26.3.trace.zip",
    "bundles/time-profile-zero-rows_xcode26.2.trace.zip",
    "exports/cpu-profile_xcode14.0_text-addresses.xml.gz",
)
WHOLE = Scope(whole=True)

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    'quote " and \\ and , and ; and `',
    "\u202egpj.exe",
    "a\x1b[31mb\x00c",
    "line\nbreak\r\ttab\u2028",
    "=cmd|' /C calc'!A0",
    "lone \udc80 surrogate",
    "ünï ☀️ 漢字",
    "",
)
"""Names that a trace may hold. With pyarrow no table can hold the surrogate: see ``hostile``."""


@cache
def analysed(name: str, focus: tuple[str, ...] = ()) -> Analysis:
    """The analysis that ``tracekit convert`` makes of a bundled sample."""
    return api.analyze(SAMPLES / name, scope=Scope(focus=focus, whole=not focus))


@cache
def real(folder: Path, name: str) -> Analysis:
    return api.analyze(folder / name, scope=WHOLE)


def anew(make: Callable[[], Analysis]) -> Analysis:
    """A recording of those below made again, not the one that all tests have."""
    made: Analysis = make.__wrapped__()  # type: ignore[attr-defined]
    return made


def whole(profile: Profile) -> Analysis:
    return analyze_profile(profile, WHOLE)


def attributed(profile: Profile) -> Analysis:
    """``whole``, but for the verdict and the predictions, which are of no sample: for laws of any profile's samples."""
    profile = attribute(profile)
    in_focus = (profile.samples["stack_id"] != NONE).to_numpy()
    return replace(without_samples(), profile=profile, in_focus=in_focus, focused=profile.only(in_focus))


@cache
def language_model() -> Analysis:
    """Phases of a language model from two sources, one span inside another."""
    rows = [
        ("coreai-models", "prefill", "Prompt", 10, 4, 256),
        ("coreai-models", "decode", "Extend", 14, 1, 1),
        ("foundation-models", "request", "", 9, 9, NONE),
        ("foundation-models", "inference", "", 10, 3, NONE),
    ]
    spans = pd.DataFrame(rows, columns=[*GENERATION_SPANS]).astype(dict(GENERATION_SPANS))
    spans = spans.assign(start_ns=spans["start_ns"] * MILLISECOND, duration_ns=spans["duration_ns"] * MILLISECOND)
    analysis = small()
    return replace(analysis, measured=replace(analysis.measured, generation_spans=spans))


PHASES_SHOWN = {
    ("Language model (coreai-models)", "prefill: Prompt", 10.0, 14.0, "256"),
    ("Language model (coreai-models)", "decode: Extend", 14.0, 15.0, "1"),
    ("Language model (foundation-models)", "request", 9.0, 18.0, ""),
    ("Language model (foundation-models)", "inference", 10.0, 13.0, ""),
}
"""What any viewer shows of ``language_model``: lane, label, milliseconds from and to, tokens."""


@cache
def small() -> Analysis:
    """Six predictions on two threads, with hardware intervals."""
    analysis = timed()
    return replace(analysis, scope=WHOLE, focused=analysis.profile, in_focus=np.ones(len(analysis.profile), bool))


@cache
def tiny() -> Analysis:
    """Two threads, three engines, a sample without a stack, and one stack on which two engines were driven."""
    builder = ProfileBuilder()
    coreml = builder.binary("CoreML", "/System/CoreML", "A1B2", 4096)
    espresso = builder.binary("Espresso", "/System/Espresso")
    main, work = builder.frame("main", builder.binary("App", "/App"), file="/src/main.m", line=7), builder.frame("work")
    predict = builder.frame("-[MLModel predictionFromFeatures:error:]", coreml)
    ane = builder.frame("E5RT::Ops::AneInferenceOperation::ExecuteSync()", espresso)
    cpu = builder.frame("E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()", espresso)
    first, second = builder.thread(11, "Main Thread", 7, "App"), builder.thread(12, "", 7, "App")
    rows = [
        (first, [main], 1), (first, [predict, main], 1), (first, [ane, predict, main], 2), (first, [], 1),
        (first, [cpu, predict, main], 1), (second, [work], 3), (first, [ane, predict, main], 1),
    ]  # fmt: skip
    for number, (thread, stack, weight) in enumerate(rows):
        builder.sample(
            time_ns=number * MILLISECOND + 1,
            thread_id=thread,
            stack=builder.stack(stack),
            weight=weight * MILLISECOND,
            state=builder.state("Running"),
            core=number,
        )
    return whole(builder.build(Meta("ns", format="export", source="/Users/jo/App.xml", table="time-profile")))


@cache
def without_samples() -> Analysis:
    return whole(ProfileBuilder().build(Meta("ns")))


@cache
def without_threads() -> Analysis:
    """Samples that name no thread, in a profile that has none."""
    analysis = tiny()

    def of_nobody(profile: Profile) -> Profile:
        nobody = np.full(len(profile), NONE, np.int32)
        return replace(profile.with_samples(profile.samples.assign(thread_id=nobody)), threads=profile.threads.head(0))

    nowhere = analysis.measured.iterations.table.assign(thread_id=np.int32(NONE))
    iterations = replace(analysis.measured.iterations, table=nowhere)
    return replace(
        analysis,
        profile=of_nobody(analysis.profile),
        focused=of_nobody(analysis.focused),
        measured=replace(analysis.measured, iterations=iterations),
    )


@cache
def without_times() -> Analysis:
    """Folded text: weights are what was counted."""
    return whole(from_folded("main;work;hot 3\nmain;idle 2\nmain;CoreML`-[MLModel predictionFromFeatures:error:] 4\n"))


@cache
def in_cycles() -> Analysis:
    profile = tiny().profile
    plain = profile.with_samples(profile.samples[[*schema.SAMPLES]])
    return whole(replace(plain, meta=Meta("cycles", format="export", source="App.xml", table="cpu-profile")))


@cache
def hostile() -> Analysis:
    """Every name that a file shows is one of ``HOSTILE``."""
    builder = ProfileBuilder()
    names = [name.replace("\udc80", "") for name in HOSTILE]
    for number, name in enumerate(names):
        binary = builder.binary(name, name, name, number) if number % 2 else NONE
        thread = builder.thread(number + 1, name, number, name)
        frame = builder.frame(name, binary, file=name, line=number)
        stack = builder.stack([frame, builder.frame(f"{name}2", binary)])
        time = (number + 1) * MILLISECOND
        state = builder.state(name)
        builder.sample(time_ns=time, thread_id=thread, stack=stack, weight=MILLISECOND, state=state)
    profile = builder.build(Meta("ns", format="export", source=HOSTILE[2]))
    doubled = [*HOSTILE, *(f"{name}2" for name in HOSTILE)]
    tables = {name: getattr(profile, name) for name in ("frames", "threads", "binaries")}
    named = {name: table.assign(name=pd.Series(doubled[: len(table)], dtype=_PYTHON)) for name, table in tables.items()}
    return whole(replace(profile, **named))


_PYTHON = pd.StringDtype("python", na_value=np.nan)
"""Strings without pyarrow, as where it is not installed: these can hold a lone surrogate."""


def whole_of(analysis: Analysis, samples: pd.DataFrame) -> Analysis:
    """The same analysis with some of its converted samples."""
    return replace(analysis, focused=analysis.focused.with_samples(samples.reset_index(drop=True)))


def engines(analysis: Analysis, column: str = "weight") -> dict[str, int]:
    """Of each engine, all that is converted: what tracekit prints of running threads, and what others waited for."""
    sums = (
        pd.concat([by_engine(analysis.focused), by_wait(analysis.focused)]).groupby("engine", sort=False)[column].sum()
    )
    return {DRIVING[engine]: int(sums[engine]) for engine in ENGINES if engine in sums}


def expected_stacks(analysis: Analysis) -> list[tuple[int, tuple[int, ...], str, int]]:
    """(time, frames from the root, engine, weight) of every sample that is converted, found by climbing."""
    profile = analysis.focused
    parent, frame = profile.stacks["parent_id"].tolist(), profile.stacks["frame_id"].tolist()
    samples = profile.samples
    columns = (samples[name].tolist() for name in ("time_ns", "stack_id", "engine", "weight"))
    found = []
    for time, node, engine, weight in zip(*columns, strict=True):
        path: list[int] = []
        while node != NONE:
            path.insert(0, frame[node])
            node = parent[node]
        found.append((time, tuple(path), DRIVING[engine], weight))
    return sorted(found)


def unversioned(file: bytes) -> str:
    """A file as text that stays when the version changes."""
    return file.decode().replace(EXPORTER, "tracekit VERSION")
