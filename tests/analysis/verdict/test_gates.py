"""Every gate: passes, fails, cannot be measured; and the values just on either side of its limit."""

from dataclasses import replace

import pytest

from tracekit.analysis.verdict.gates import Gates, Measures, Outcome, ask
from tracekit.analysis.verdict.judge import ENOUGH_SAMPLES, EvidenceClass


def found(
    samples: int = 100,
    *,
    ane: float = 0.0,
    cpu: float = 0.0,
    unknown: float = 0.0,
    evidence: EvidenceClass = "stacks",
    p95_ns: int | None = None,
    weighs: str = "ns of running threads",
) -> Measures:
    shares = {"ANE": ane, "CPU": cpu, "unknown": unknown}
    return Measures(samples, shares, evidence, p95_ns, predictions=0 if p95_ns is None else 90, weighs=weighs)


def only(gates: Gates, measures: Measures, baseline: Measures | None = None) -> Outcome:
    (outcome,) = ask(gates, measures, baseline)
    return outcome


CASES = [
    (Gates(min_ane=0.8), found(ane=0.8), "passed"),
    (Gates(min_ane=0.8), found(ane=0.8 - 1e-7), "passed"),  # shares are rounded to six digits
    (Gates(min_ane=0.8), found(ane=0.799), "failed"),
    (Gates(min_ane=0.8), found(ane=0.7, unknown=0.2), "failed"),
    (Gates(min_ane=0.8), found(ENOUGH_SAMPLES, ane=0.9), "passed"),
    (Gates(min_ane=0.8), found(ENOUGH_SAMPLES - 1, ane=0.9), "not measurable"),
    (Gates(min_ane=0.0), found(0), "not measurable"),
    (Gates(max_cpu=0.1), found(cpu=0.1), "passed"),
    (Gates(max_cpu=0.1), found(cpu=0.11), "failed"),
    (Gates(max_cpu=0.1), found(cpu=0.05, unknown=0.05), "passed"),
    (Gates(max_cpu=0.1), found(cpu=0.05, unknown=0.06), "not measurable"),
    (Gates(max_cpu=0.1), found(5, cpu=0.05), "not measurable"),
    (Gates(max_unknown=0.0), found(), "passed"),
    (Gates(max_unknown=0.0), found(unknown=0.001), "failed"),
    (Gates(max_unknown=0.5), found(5), "not measurable"),
    (Gates(max_p95_ns=10), found(p95_ns=10), "passed"),
    (Gates(max_p95_ns=10), found(p95_ns=11), "failed"),
    (Gates(max_p95_ns=10), found(), "not measurable"),
    (Gates(max_p95_ns=10), replace(found(p95_ns=1), predictions=19), "not measurable"),
    (Gates(max_p95_ns=10), replace(found(p95_ns=1), predictions=20), "passed"),
    (Gates(max_p95_ns=10), found(5, p95_ns=9), "passed"),  # signposts may know predictions that no sample met
    (Gates(require_evidence="hardware"), found(evidence="hardware"), "passed"),
    (Gates(require_evidence="hardware"), found(evidence="waiting"), "failed"),
    (Gates(require_evidence="stacks"), found(evidence="waiting"), "passed"),
    (Gates(require_evidence="stacks"), found(evidence="threads"), "failed"),
    (Gates(require_evidence="stacks"), found(evidence="none"), "failed"),
]


@pytest.mark.parametrize("gates,measures,result", CASES)
def test_gate(gates: Gates, measures: Measures, result: str) -> None:
    outcome = only(gates, measures)
    assert outcome.result == result
    assert outcome.is_passed == (result == "passed")


BEFORE = found(ane=0.6, cpu=0.2, p95_ns=1000)
REGRESSIONS = [
    (BEFORE, "passed"),
    (found(ane=0.55, cpu=0.25, p95_ns=1050), "passed"),
    (found(ane=0.9, cpu=0.0, p95_ns=10), "passed"),
    (found(ane=0.54, cpu=0.2, p95_ns=1000), "failed"),
    (found(ane=0.6, cpu=0.26, p95_ns=1000), "failed"),
    (found(ane=0.6, cpu=0.2, p95_ns=1051), "failed"),
    (found(ane=0.6, cpu=0.2), "not measurable"),
    (replace(found(ane=0.6, cpu=0.2, p95_ns=1000), predictions=19), "not measurable"),
    (found(5, ane=0.6, cpu=0.2, p95_ns=1000), "not measurable"),
    # What became unknown may be the CPU's …
    (found(ane=0.6, cpu=0.22, unknown=0.04, p95_ns=1000), "not measurable"),
    (found(ane=0.6, cpu=0.22, unknown=0.03, p95_ns=1000), "passed"),
    (found(ane=0.6, cpu=0.1, unknown=0.1, p95_ns=1000), "passed"),
    # … and shares of other time are no shares to compare.
    (found(ane=0.6, cpu=0.2, p95_ns=1000, weighs="ns of blocked threads too"), "not measurable"),
]


@pytest.mark.parametrize("after,result", REGRESSIONS)
def test_regression(after: Measures, result: str) -> None:
    assert only(Gates(max_regression=0.05), after, BEFORE).result == result


def test_a_baseline_of_few_predictions_does_not_know_their_length() -> None:
    few = replace(BEFORE, predictions=19)
    assert only(Gates(max_regression=0.05), found(ane=0.6, cpu=0.2, p95_ns=9000), few).is_passed


def test_a_regression_names_all_that_got_worse() -> None:
    sentence = only(Gates(max_regression=0.05), found(ane=0.5, cpu=0.3, p95_ns=2000), BEFORE).sentence
    assert "fell by 10.0 points" in sentence
    assert "rose by 10.0 points" in sentence
    assert "grew by 100.0 %" in sentence


def test_a_baseline_of_too_few_samples_measures_nothing() -> None:
    outcome = only(Gates(max_regression=0.05), found(ane=0.9), found(3, ane=0.1))
    assert outcome.result == "not measurable"
    assert outcome.sentence.startswith("the baseline: only 3 samples")


def test_a_baseline_without_predictions_compares_shares_only() -> None:
    assert only(Gates(max_regression=0.05), found(ane=0.6, p95_ns=9), found(ane=0.6)).is_passed


def test_all_gates_are_asked_in_order() -> None:
    gates = Gates(0.5, 0.5, 0.5, 5, 0.5, "stacks")
    names = [outcome.gate for outcome in ask(gates, found(ane=1.0, p95_ns=1), found(ane=1.0, p95_ns=1))]
    assert names == ["min-ane", "max-cpu", "max-unknown", "max-p95", "max-regression", "require-evidence"]


def test_no_gate_no_outcome() -> None:
    assert ask(Gates(), found()) == ()
