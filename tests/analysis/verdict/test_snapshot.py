"""A snapshot is answered by what threads did, in the past tense, without shares of time."""

from dataclasses import replace

import pytest

from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.verdict.judge import Verdict

PREDICT = "main;-[MLModel predictionFromFeatures:error:];-[MLE5Engine _predictionFromFeatures:stream:options:error:]"


def verdict(text: str) -> Verdict:
    profile = profile_from_text(text)
    return analyze_profile(replace(profile, meta=replace(profile.meta, format="snapshot"))).verdict


@pytest.mark.parametrize(
    "leaf, doing",
    [
        ("E5RT::Ops::AneInferenceOperation::ExecuteSync();semaphore_wait_trap", "waiting for the Neural Engine"),
        ("E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync();BNNSGraphContextExecute_v2", "computing on the CPU"),
    ],
)
def test_what_a_thread_did_in_a_prediction(leaf: str, doing: str) -> None:
    found = verdict(f"{PREDICT};{leaf} 1")
    assert (found.answer, found.evidence) == ("unknown", "stacks")
    assert f" was {doing} ({leaf.rpartition(';')[2]}) in a prediction." in found.sentence
    assert "snapshot" in found.sentence
    assert "%" not in found.sentence


def test_what_is_nobodys_is_not_said() -> None:
    found = verdict("main;work 1")
    assert (found.answer, found.evidence) == ("unknown", "none")
    assert found.sentence.endswith("None was in Core ML's or an engine's functions.")
