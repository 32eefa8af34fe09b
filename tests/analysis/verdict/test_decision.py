"""The table that decides, row by row, and every edge of it."""

from dataclasses import replace

import pytest

from tests.analysis.verdict.known import NOTHING, work
from tracekit.analysis.verdict.decision import ENOUGH_SAMPLES, Answer, Evidence, Reason, decide
from tracekit.analysis.verdict.work import Waited, Work


def evidence(found: Work, **more: object) -> Evidence:
    given = {"has_predictions": True, "disagrees": False, "ane_requests": 0, "ane_recorded": False, **more}
    return Evidence(found, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "found,answer,reason",
    [
        (evidence(work(ane=900), disagrees=True), "unknown", "sources disagree"),
        (evidence(NOTHING, has_predictions=False), "unknown", "no prediction"),
        (evidence(NOTHING), "unknown", "no sample in predictions"),
        # A request of this process without any sample: never a plain yes.
        (evidence(NOTHING, ane_requests=1, ane_recorded=True), "partly", "nothing else is known"),
        (evidence(NOTHING, has_predictions=False, ane_requests=5), "partly", "nothing else is known"),
        # The ANE was seen.
        (evidence(work(ane=900)), "yes", "ANE alone"),
        (evidence(work(ane=1)), "yes", "ANE alone"),  # Core ML's own code rules nothing out and nothing in
        (evidence(work(ane=900, cpu=49)), "yes", "ANE alone"),
        (evidence(work(ane=900, cpu=50)), "partly", "others too"),
        (evidence(work(ane=900, cpu=25, gpu=25)), "partly", "others too"),
        (evidence(work(ane=900, unknown=49)), "yes", "ANE alone"),
        (evidence(work(ane=900, unknown=50)), "partly", "perhaps others too"),
        (evidence(work(ane=900, blocked=50)), "partly", "perhaps others too"),
        (evidence(work(ane=900, cpu=25, blocked=25)), "partly", "perhaps others too"),
        (evidence(work(ane=900, moving=90)), "yes", "ANE alone"),
        (evidence(work(ane=500, once=400)), "yes", "ANE alone"),
        (evidence(work(cpu=10), ane_requests=5, ane_recorded=True), "yes", "ANE alone"),
        (evidence(work(ane=900), gpu_share=0.0499), "yes", "ANE alone"),
        (evidence(work(ane=900), gpu_share=0.05), "partly", "others too"),
        (evidence(work(ane=900), served=0.951), "yes", "ANE alone"),
        (evidence(work(ane=900), served=0.95), "partly", "not all predictions"),
        # Where blocked threads were recorded, what they waited for counts too.
        (evidence(replace(work(ane=900), waited=Waited(1000, 900, 0, 99))), "yes", "ANE alone"),
        (evidence(replace(work(ane=900), waited=Waited(1000, 900, 0, 100))), "partly", "perhaps others too"),
        (evidence(replace(work(ane=900), waited=Waited(1000, 0, 100, 0))), "partly", "others too"),
        (evidence(replace(work(ane=900), waited=Waited(1000, 900, 50, 50))), "partly", "perhaps others too"),
        # The edge is exact where a weight is one sample; and what weighs nothing is no part.
        (evidence(work(weight=1, cpu=1, samples=1), ane_requests=5), "partly", "others too"),
        (evidence(work(weight=0, ane_samples=40, nameless=0)), "yes", "ANE alone"),
        # It was not.
        (evidence(work(moving=500)), "unknown", "no engine named"),
        (evidence(work()), "unknown", "no engine named"),
        (evidence(work(cpu=500)), "no", "ANE not seen"),
        (evidence(work(cpu=499)), "unknown", "mostly nameless"),
        (evidence(work(cpu=500, unknown=500)), "no", "ANE not seen"),
        (evidence(work(cpu=499, unknown=501)), "unknown", "mostly nameless"),
        (evidence(work(gpu=400, once=300)), "no", "ANE not seen"),
        (evidence(work(cpu=900, samples=29, others_samples=29)), "unknown", "too few samples"),
        (evidence(work(cpu=900, samples=30, others_samples=30)), "no", "ANE not seen"),
        (evidence(work(cpu=900, samples=90, others_samples=29)), "unknown", "too few samples"),
        (evidence(work(cpu=900, samples=1, others_samples=1), ane_recorded=True), "no", "ANE not seen"),
        (evidence(work(), gpu_share=0.01, ane_recorded=True), "no", "ANE not seen"),
        # Requests of no known process may be theirs: then the table does not say no; and many of them leave no answer.
        (evidence(work(cpu=900, others_samples=29), ane_recorded=True, unclaimed="some"), "unknown", "too few samples"),
        (evidence(work(cpu=900, others_samples=30), ane_recorded=True, unclaimed="some"), "no", "ANE not seen"),
        (evidence(work(cpu=900, others_samples=99), ane_recorded=True, unclaimed="much"), "unknown", "too few samples"),
        (evidence(work(), gpu_share=0.01), "unknown", "too few samples"),
    ],
)
def test_every_row_of_the_table(found: Evidence, answer: Answer, reason: Reason) -> None:
    assert decide(found) == (answer, reason)


def test_the_docstring_s_numbers_are_those_that_decide() -> None:
    assert ENOUGH_SAMPLES == 30
