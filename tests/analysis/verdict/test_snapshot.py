"""A snapshot is answered by what threads did, in the past tense, without shares of time."""

import re
from dataclasses import replace

import pytest

from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.verdict.judge import Verdict
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta
from tracekit.model.schema import NONE

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


ANE = f"{PREDICT};E5RT::Ops::AneInferenceOperation::ExecuteSync();leaf"
CPU = f"{PREDICT};E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync();BNNSGraphContextExecute_v2"
LOAD = "main;+[MLModel modelWithContentsOfURL:configuration:error:];read"


def of_threads(*threads: tuple[str, str]) -> str:
    """The sentence on one stack each of threads with these names; an empty name is none, and ``?`` no thread."""
    builder = ProfileBuilder()
    for tid, (name, stack) in enumerate(threads, start=1):
        frames = [builder.frame(symbol) for symbol in reversed(stack.split(";"))]
        thread = NONE if name == "?" else builder.thread(tid, name, 7, "app")
        builder.sample(time_ns=0, thread_id=thread, stack=builder.stack(frames), weight=1)
    return analyze_profile(builder.build(Meta("samples", format="snapshot"))).verdict.sentence


def test_each_thread_is_named_where_it_has_a_name() -> None:
    said = of_threads(("worker", ANE), ("", CPU), ("?", LOAD), ("idler", "main;work"))
    assert "worker was handing work to the Neural Engine (leaf) in a prediction; " in said
    assert "a thread was computing on the CPU (BNNSGraphContextExecute_v2) in a prediction; " in said
    assert said.endswith("a thread was loading a model (read).")
    assert "idler" not in said
    assert " long. A thread was computing" in of_threads(("", CPU))


@pytest.mark.parametrize("count,more", [(3, ""), (4, ""), (5, "; and 1 more"), (12, "; and 8 more")])
def test_four_threads_are_told_of_and_the_others_counted(count: int, more: str) -> None:
    said = of_threads(*[(f"t{number}", CPU) for number in range(count)])
    assert said.count(" was computing ") == min(count, 4)
    assert said.endswith(f" in a prediction{more}.")


def test_what_was_seen_most_is_told_first_and_equals_in_the_order_of_threads() -> None:
    builder = ProfileBuilder()
    for tid, weight in ((1, 1), (2, 3), (3, 1)):
        frames = [builder.frame(symbol) for symbol in reversed(CPU.split(";"))]
        builder.sample(
            time_ns=0, thread_id=builder.thread(tid, f"t{tid}", 7, "app"), stack=builder.stack(frames), weight=weight
        )
    said = analyze_profile(builder.build(Meta("samples", format="snapshot"))).verdict.sentence
    assert re.findall(r"t\d", said) == ["t2", "t1", "t3"]
