"""The answer to "is my model using the Neural Engine?", with its evidence, in a sentence to act on.

yes      the ANE worked in the predictions, and other engines' execute and dispatch weigh under 5 % of the focus
partly   it did, and they weigh more
no       predictions were seen with enough samples, other engines worked, and nothing of the ANE was seen
unknown  otherwise, and where sources of evidence contradict one another

Evidence is the best there is: hardware intervals of the ANE and predictions to hold them against, else waiting
threads, else samples of running threads.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import pandas as pd

from tracekit.analysis.predictions.hardware import EngineHardware
from tracekit.analysis.predictions.measure import Measured
from tracekit.analysis.predictions.sidecar import Harness
from tracekit.analysis.verdict.causes import Cause, gpu_driving, milliseconds, one_off_parts
from tracekit.analysis.verdict.contradictions import contradictions
from tracekit.attribution.engines import IDLE_THREAD_RULE, service_threads
from tracekit.model.profile import Profile

Answer = Literal["yes", "partly", "no", "unknown"]
Evidence = Literal["hardware", "waiting", "stacks", "threads", "none"]
ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)

ENOUGH_SAMPLES: Final = 30
"""Below this, shares are not meaningful: 100 predictions on the ANE may leave 17 samples (docs/attribution.md)."""

OTHERS_ALLOWED: Final = 0.05
"""How much of the focus other engines may weigh for a plain yes."""

_ANE_AT_WORK: Final = ("dispatch", "wait", "completion")
_OTHERS_AT_WORK: Final = ("execute", "dispatch")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, what it rests on, and the sentence that says both."""

    answer: Answer
    evidence: Evidence
    sentence: str
    causes: tuple[Cause, ...] = ()
    """What is worth acting on."""
    contradictions: tuple[str, ...] = ()
    """Where sources disagree, a sentence each."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What was seen inside the predictions: samples, and shares of their weight."""

    samples: int
    ane_samples: int
    ane: float
    cpu: float
    gpu: float
    cpu_moving: float
    compiling: float
    unknown: float
    blocked: float

    @property
    def others(self) -> float:
        return self.cpu + self.gpu


def judge(
    profile: Profile, focused: Profile, measured: Measured, *, has_roots: bool, harness: Harness | None = None
) -> Verdict:
    """The verdict on an attributed profile; ``focused`` holds the samples inside predictions.

    ``has_roots`` is false where the trace holds no prediction root at all.
    """
    work = _work(focused)
    evidence: Evidence = "waiting" if waiting_was_recorded(profile) else "stacks"
    enough = work.samples >= ENOUGH_SAMPLES
    found = contradictions(measured, work.ane_samples, harness, enough_samples=enough)
    deciding = [each.sentence for each in found if each.decides]
    if deciding:
        verdict = _contradicted(deciding, measured)
    else:
        by_hardware = _by_hardware(work, measured)
        verdict = by_hardware or _by_samples(profile, work, evidence, has_roots=has_roots)
        if by_hardware is None:
            verdict = replace(verdict, sentence=verdict.sentence + _gpu_beside(measured))
    return replace(verdict, contradictions=tuple(each.sentence for each in found))


def _by_samples(profile: Profile, work: _Work, evidence: Evidence, *, has_roots: bool) -> Verdict:
    if not len(profile):
        return Verdict("unknown", "none", "Unknown: the recording holds no samples.")
    if not has_roots:
        return _without_predictions(profile)
    if work.ane > 0:
        return _with_ane(work, evidence)
    if work.samples >= ENOUGH_SAMPLES and work.others > 0:
        return _without_ane(work, evidence)
    return _undecided(work)


def _contradicted(sentences: list[str], measured: Measured) -> Verdict:
    evidence: Evidence = "hardware" if measured.hardware else "stacks"
    return Verdict("unknown", evidence, f"Unknown: the evidence disagrees: {'; '.join(sentences)}.")


def _by_hardware(work: _Work, measured: Measured) -> Verdict | None:
    """The verdict from intervals; None where they cannot tell."""
    hardware, iterations = measured.hardware, measured.iterations
    count = len(iterations.table)
    if hardware is None or hardware.ane is None or not count:
        return None
    gpu_share = hardware.gpu.in_predictions_ns / hardware.predictions_ns if hardware.gpu else 0.0
    if hardware.ane.predictions:
        return _ane_was_busy(hardware.ane, measured, max(work.others, gpu_share))
    if work.others > 0 or gpu_share > 0:
        return _ane_was_idle(measured)
    return None


def _ane_was_busy(ane: EngineHardware, measured: Measured, others: float) -> Verdict:
    iterations = measured.iterations
    without = 1 - ane.predictions / len(iterations.table)
    answer: Answer = "partly" if max(others, without) >= OTHERS_ALLOWED else "yes"
    chosen = iterations.after_warmup
    also = ", and other engines too" if others >= OTHERS_ALLOWED else ""
    if iterations.lengths_known:
        count = f"{len(iterations.table):,}"
        busy, wall = (int(chosen[name].mean()) for name in ("ane_busy_ns", "wall_ns"))
        time = f"{milliseconds(busy)} of {milliseconds(wall)} a prediction"
    else:
        count, time = f"about {len(iterations.table):,}", f"{milliseconds(ane.in_predictions_ns)} in them"
    sentence = (
        f"{answer.capitalize()}: {ane.predictions:,} of {count} predictions used the Neural Engine "
        f"(hardware intervals){also}. It was busy {time}{_joined(_cpu_of(measured))}."
    )
    return Verdict(answer, "hardware", sentence + _gpu_beside(measured) + _set_apart(measured))


def _ane_was_idle(measured: Measured) -> Verdict:
    iterations = measured.iterations
    ane = measured.hardware.ane if measured.hardware else None
    idle = "its work lies outside of them" if ane and ane.busy_ns else "recorded, and without any work"
    steady = iterations.steady if iterations.lengths_known else None
    cpu = _cpu_of(measured)
    time = f" {cpu[:1].upper()}{cpu[1:]}." if cpu else ""
    if steady is not None:
        time = f" A prediction takes {milliseconds(steady.p50_ns)} (p50){_joined(cpu)}."
    about = "" if iterations.lengths_known else "about "
    sentence = (
        f"No: none of {about}{len(iterations.table):,} predictions used the Neural Engine (hardware intervals: {idle})."
        f"{_gpu_beside(measured)}{time}"
    )
    return Verdict("no", "hardware", sentence + _set_apart(measured))


def _cpu_of(measured: Measured) -> str:
    """What the CPU did in a prediction after warm-up, as a part of a sentence; empty where that is not known."""
    iterations = measured.iterations
    chosen = iterations.after_warmup
    phases = iterations.phases[iterations.phases["index"].isin(chosen["index"])]
    work = _work_of(phases)
    if not work.samples or not measured.times_cpu:
        return ""
    parts = [f"{_percent(work.ane)} drove the ANE"] if work.ane > 0 else []
    parts += _other_parts(work)
    time = f"{milliseconds(int(chosen['cpu'].sum()))} of CPU time in them"
    if iterations.lengths_known:
        time = f"{milliseconds(int(chosen['cpu'].mean()))} of CPU time a prediction"
    return f"of {time}, {_listed(parts)}" if parts else time


def _joined(part: str) -> str:
    return f"; {part}" if part else ""


def _gpu_beside(measured: Measured) -> str:
    """How long the GPU was busy, beside what driving it cost."""
    gpu = measured.hardware.gpu if measured.hardware else None
    if gpu is None or not gpu.in_predictions_ns or not measured.times_cpu:
        return ""
    driving = gpu_driving(measured.iterations, measured.iterations.table)
    return (
        f" The GPU was busy {milliseconds(gpu.in_predictions_ns)} in them, beside {milliseconds(driving)} of CPU time "
        "driving it."
    )


def _set_apart(measured: Measured) -> str:
    """What was done once, in warm-up."""
    iterations = measured.iterations
    first = iterations.table[iterations.table["warmup"].to_numpy()]
    parts = one_off_parts(iterations, first)
    if not parts or not measured.times_cpu:
        return ""
    wall = milliseconds(int(first["wall_ns"].sum()))
    which = "The first prediction is" if len(first) == 1 else f"The first {len(first)} predictions are"
    return f" {which} set apart: {wall}, with {_listed(parts)}, once."


def _work(focused: Profile) -> _Work:
    samples = focused.samples
    grouped = samples.groupby(["engine", "phase"], observed=True)["weight"].agg(samples="size", weight="sum")
    rows = grouped.reset_index()
    if focused.meta.unit == "samples":
        rows["samples"] = rows["weight"]
    return _work_of(rows)


def _work_of(rows: pd.DataFrame) -> _Work:
    """From sums by ``engine`` and ``phase``, with ``samples`` and ``weight``."""
    whole = int(rows["weight"].sum()) or 1

    def chosen(engine: str | None, *phases: str) -> pd.DataFrame:
        kept = rows if engine is None else rows[rows["engine"] == engine]
        return kept[kept["phase"].isin(phases)] if phases else kept

    def share(engine: str | None, *phases: str) -> float:
        return int(chosen(engine, *phases)["weight"].sum()) / whole

    return _Work(
        samples=int(rows["samples"].sum()),
        ane_samples=int(chosen("ANE", *_ANE_AT_WORK)["samples"].sum()),
        ane=share("ANE", *_ANE_AT_WORK),
        cpu=share("CPU", *_OTHERS_AT_WORK),
        gpu=share("GPU", *_OTHERS_AT_WORK),
        cpu_moving=share("CPU", "copy", "convert"),
        compiling=share(None, "compile", "load", "prepare"),
        unknown=share("unknown", "other"),
        blocked=share("unknown", "wait", "contention"),
    )


def waiting_was_recorded(profile: Profile) -> bool:
    """Whether samples of blocked threads are in the profile: then its weight is threads' time, not CPU time."""
    states = set(profile.samples["state"].dropna().unique())
    return bool(states - {"Running"}) or dict(profile.meta.attributes).get("record-waiting-threads") == "1"


def _with_ane(work: _Work, evidence: Evidence) -> Verdict:
    answer: Answer = "partly" if work.others >= OTHERS_ALLOWED else "yes"
    opening = {
        "yes": "Yes: the Neural Engine worked in these predictions",
        "partly": "Partly: the Neural Engine worked in these predictions, but not alone",
    }[answer]
    parts = [f"{_percent(work.ane)} drove the ANE", *_other_parts(work)]
    return Verdict(
        answer, evidence, f"{opening}. Of their {_time(evidence)}, {_listed(parts)}. {_limits(work, evidence)}"
    )


def _without_ane(work: _Work, evidence: Evidence) -> Verdict:
    parts = _other_parts(work)
    where = {(True, False): "on the CPU", (False, True): "on the GPU", (True, True): "on the GPU and the CPU"}
    ran = f", which ran {where[work.cpu > 0, work.gpu > 0]}"
    if work.unknown + work.blocked > work.others:
        ran = ", of which more are of an unknown engine than of a known one"
    return Verdict(
        "no",
        evidence,
        f"No: nothing of the Neural Engine was seen in {work.samples:,} samples inside predictions{ran}. "
        f"Of their {_time(evidence)}, {_listed(parts)}. {_limits(work, evidence)}",
    )


def _undecided(work: _Work) -> Verdict:
    evidence: Evidence = "stacks" if work.samples else "none"
    if not work.samples:
        return Verdict("unknown", evidence, "Unknown: no sample that takes part fell inside a prediction.")
    if work.others > 0:
        return Verdict(
            "unknown",
            evidence,
            f"Unknown: only {work.samples} samples fell inside predictions, too few to say that the Neural Engine was "
            f"not used. Of their CPU time, {_listed(_other_parts(work))}. Record more iterations.",
        )
    said = f"Unknown: predictions were seen ({work.samples:,} samples), but no frame tells which engine worked."
    if work.unknown:
        said += f" {_percent(work.unknown)} is in symbols no rule knows; --rules FILE adds rules."
    if work.samples < ENOUGH_SAMPLES:
        said += f" Only {work.samples} samples: shares are not meaningful."
    return Verdict("unknown", evidence, said)


def _without_predictions(profile: Profile) -> Verdict:
    rules = set(profile.samples["rule"].dropna().unique())
    if IDLE_THREAD_RULE in rules:
        return Verdict(
            "unknown",
            "threads",
            f"Unknown: no prediction was found in this trace. {_service_threads(profile)} only that the "
            "process opened the Neural Engine once. --focus PATTERN names another root.",
        )
    return Verdict(
        "unknown",
        "none",
        "Unknown: no prediction was found in this trace. --focus PATTERN names another root.",
    )


def _service_threads(profile: Profile) -> str:
    """The threads that wait for the ANE's driver, by the names that were seen, as the beginning of a sentence."""
    names = service_threads(profile)
    if not names:
        return "The thread of the Neural Engine's driver shows"
    return f"The thread {names[0]} shows" if len(names) == 1 else f"The threads {_listed(list(names))} show"


def _time(evidence: Evidence) -> str:
    """What the samples' weight is: where waiting threads were recorded, no CPU time."""
    return "threads' time, running and blocked" if evidence == "waiting" else "CPU time"


def _other_parts(work: _Work) -> list[str]:
    """What else the time went into, heaviest first; side matters only where they weigh something."""
    engines = [(work.cpu, "computed on the CPU"), (work.gpu, "drove the GPU")]
    others = [
        (work.cpu_moving, "copied or converted data"),
        (work.compiling, "loaded, compiled or prepared"),
        (work.unknown, "is in symbols no rule knows"),
        (work.blocked, "waited for a thread or engine that the stack does not name"),
    ]
    shown = [part for part in engines if part[0] > 0] + [part for part in others if part[0] >= OTHERS_ALLOWED]
    return [f"{_percent(share)} {what}" for share, what in sorted(shown, key=lambda part: -part[0])]


def _limits(work: _Work, evidence: Evidence) -> str:
    few = ""
    if work.samples < ENOUGH_SAMPLES:
        few = f"Only {work.samples} samples fell inside predictions: the shares are not meaningful. "
    if evidence == "waiting":
        return few + "Waiting threads were recorded: time waiting for an engine is an upper bound of its busy time."
    return few + "These are CPU samples: they do not say how long the ANE or the GPU was busy."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if share >= 0.1 else f"{share:.1%}".replace("%", " %")
