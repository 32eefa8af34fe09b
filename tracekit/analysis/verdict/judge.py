"""The answer to "is my model using the Neural Engine?", with its evidence, in a sentence to act on.

``decision.py`` has the table that decides, ``wording.py`` the words. One answer is of everything, and one of each model
of each process, or where nothing names a model, of each function of the app that calls one.

Evidence is the best there is: hardware intervals of the ANE that can be tied to the process, else waiting threads, else
samples of running threads.
"""

from dataclasses import dataclass, replace
from typing import Literal

from tracekit.analysis.predictions.find import Sampled
from tracekit.analysis.predictions.measure import Measured
from tracekit.analysis.predictions.owners import CORE_AI
from tracekit.analysis.running import waiting_was_recorded
from tracekit.analysis.verdict.contradictions import contradictions
from tracekit.analysis.verdict.decision import ANSWERS, Answer, Evidence, Reason, decide
from tracekit.analysis.verdict.evidence import evidence_of
from tracekit.analysis.verdict.models import Model, models_judged, naming_models
from tracekit.analysis.verdict.wording import (
    disagreement,
    gpu_beside,
    refusals,
    sentence_of,
    set_apart,
    skipped,
    without_predictions,
)
from tracekit.attribution.engines import waits_for_driver
from tracekit.model.profile import Profile

__all__ = ["ANSWERS", "EvidenceClass", "Verdict", "judge"]

EvidenceClass = Literal["hardware", "waiting", "stacks", "threads", "none"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, what it rests on, and the sentence that says both."""

    answer: Answer
    evidence: EvidenceClass
    sentence: str
    decided_by: str = ""
    """Which row of the table in ``decision.py``."""
    models: tuple[Model, ...] = ()
    """One answer a process and model, heaviest first."""
    contradictions: tuple[str, ...] = ()
    """Where sources disagree, a sentence each."""


def judge(sampled: Sampled, focused: Profile, measured: Measured, left_out: int = 0) -> Verdict:
    """The verdict on an attributed profile; ``focused`` holds the samples inside predictions, and ``left_out`` others
    of the recording were not selected.
    """
    profile = sampled.profile
    is_core_ai = bool((sampled.kind[sampled.in_focus] == CORE_AI).any())
    found = evidence_of(focused, measured, is_core_ai=is_core_ai)
    against = contradictions(measured, found.work, table_speaks=found.ane_recorded)
    deciding = [each.sentence for each in against if each.decides]
    found = replace(found, disagrees=bool(deciding))
    answer, reason = decide(found)
    models = models_judged(sampled, measured)
    if deciding:
        said = disagreement(deciding)
    elif reason == "no prediction":
        said = without_predictions(profile, measured, left_out)
    else:
        said = sentence_of(answer, reason, found, measured) + gpu_beside(measured, models)
        said = naming_models(said, models) + set_apart(measured)
    said += refusals(measured) + skipped(profile.meta.skipped, len(profile))
    evidence = _class_of(profile, found, measured, reason)
    return Verdict(answer, evidence, said, reason, models, tuple(each.sentence for each in against))


def _class_of(profile: Profile, found: Evidence, measured: Measured, reason: Reason) -> EvidenceClass:
    if reason == "no prediction":
        if measured.ane is not None and measured.ane.untied:
            return "hardware"
        return "threads" if waits_for_driver(profile).any() else "none"
    if reason == "no sample in predictions":
        return "none"
    if found.ane_recorded and (found.disagrees or found.ane_requests or not found.work.ane_samples):
        return "hardware"
    return "waiting" if waiting_was_recorded(profile) else "stacks"
