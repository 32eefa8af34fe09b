"""The answer to "is my model using the Neural Engine?", with its evidence, in a sentence to act on.

yes      the ANE worked in the predictions, and other engines' execute and dispatch weigh under 5 % of the focus
partly   it did, and they weigh more
no       predictions were seen with enough samples, other engines worked, and nothing of the ANE was seen
unknown  otherwise
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import pandas as pd

from tracekit.analysis.engines import IDLE_THREAD_RULE
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


@dataclass(frozen=True, slots=True)
class _Work:
    """What was seen inside the predictions."""

    samples: int
    ane: float
    cpu: float
    gpu: float
    cpu_moving: float
    compiling: float
    unknown: float

    @property
    def others(self) -> float:
        return self.cpu + self.gpu


def judge(profile: Profile, focused: Profile, *, has_roots: bool) -> Verdict:
    """The verdict on an attributed profile; ``focused`` holds the samples inside predictions.

    ``has_roots`` is false where the trace holds no prediction root at all.
    """
    if not len(profile):
        return Verdict("unknown", "none", "Unknown: the recording holds no samples.")
    if not has_roots:
        return _without_predictions(profile)
    work = _work(focused)
    evidence: Evidence = "waiting" if _waiting_was_recorded(profile) else "stacks"
    if work.ane > 0:
        return _with_ane(work, evidence)
    if work.samples >= ENOUGH_SAMPLES and work.others > 0:
        return _without_ane(work, evidence)
    return _undecided(work)


def sample_count(profile: Profile) -> int:
    """How many samples a profile stands for: in folded text counted in samples, a line is many."""
    return profile.weight if profile.meta.unit == "samples" else len(profile)


def _work(focused: Profile) -> _Work:
    samples = focused.samples
    whole = focused.weight or 1
    sums = samples.groupby(["engine", "phase"], observed=True)["weight"].sum()

    def share(engine: str | None, *phases: str) -> float:
        engines, done = (sums.index.get_level_values(level) for level in (0, 1))
        chosen = pd.Series(True, index=sums.index)
        if engine is not None:
            chosen &= engines == engine
        if phases:
            chosen &= done.isin(phases)
        return float(sums[chosen].sum()) / whole

    return _Work(
        samples=sample_count(focused),
        ane=share("ANE", *_ANE_AT_WORK),
        cpu=share("CPU", *_OTHERS_AT_WORK),
        gpu=share("GPU", *_OTHERS_AT_WORK),
        cpu_moving=share("CPU", "copy", "convert"),
        compiling=share(None, "compile", "load", "prepare"),
        unknown=share("unknown"),
    )


def _waiting_was_recorded(profile: Profile) -> bool:
    states = set(profile.samples["state"].dropna().unique())
    return bool(states - {"Running"}) or dict(profile.meta.attributes).get("record-waiting-threads") == "1"


def _with_ane(work: _Work, evidence: Evidence) -> Verdict:
    answer: Answer = "partly" if work.others >= OTHERS_ALLOWED else "yes"
    opening = {
        "yes": "Yes: the Neural Engine worked in these predictions",
        "partly": "Partly: the Neural Engine worked in these predictions, but not alone",
    }[answer]
    parts = [f"{_percent(work.ane)} drove the ANE", *_other_parts(work)]
    return Verdict(answer, evidence, f"{opening}. Of their CPU time, {_listed(parts)}. {_limits(work, evidence)}")


def _without_ane(work: _Work, evidence: Evidence) -> Verdict:
    parts = _other_parts(work)
    where = {(True, False): "on the CPU", (False, True): "on the GPU", (True, True): "on the GPU and the CPU"}
    return Verdict(
        "no",
        evidence,
        f"No: nothing of the Neural Engine was seen in {work.samples:,} samples inside predictions, which ran "
        f"{where[work.cpu > 0, work.gpu > 0]}. Of their CPU time, {_listed(parts)}. {_limits(work, evidence)}",
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
    few = f"Only {work.samples} samples: shares are not meaningful. " if work.samples < ENOUGH_SAMPLES else ""
    return Verdict(
        "unknown",
        evidence,
        f"Unknown: predictions were seen ({work.samples:,} samples), but no frame tells which engine worked"
        f"{f'; {_percent(work.unknown)} is in symbols no rule knows' if work.unknown else ''}. {few}"
        "See the unmatched symbols; --rules FILE adds rules.",
    )


def _without_predictions(profile: Profile) -> Verdict:
    rules = set(profile.samples["rule"].dropna().unique())
    if IDLE_THREAD_RULE in rules:
        return Verdict(
            "unknown",
            "threads",
            "Unknown: no prediction was found in this trace. The thread H11ANEServicesThread shows only that the "
            "process opened the Neural Engine once. --focus PATTERN names another root.",
        )
    return Verdict(
        "unknown",
        "none",
        "Unknown: no prediction was found in this trace. --focus PATTERN names another root.",
    )


def _other_parts(work: _Work) -> list[str]:
    """What else the time went into, heaviest first; side matters only where they weigh something."""
    engines = [(work.cpu, "computed on the CPU"), (work.gpu, "drove the GPU")]
    others = [
        (work.cpu_moving, "copied or converted data"),
        (work.compiling, "loaded, compiled or prepared"),
        (work.unknown, "is in symbols no rule knows"),
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
