"""Every gate: passes, fails, cannot be measured; and the values just on either side of its limit."""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.verdict.known import judged_model
from tracekit.analysis.verdict.decision import ENOUGH_SAMPLES
from tracekit.analysis.verdict.gates import Gates, Measures, Outcome, ask
from tracekit.analysis.verdict.models import Model
from tracekit.analysis.verdict.work import Waited, Work

WHOLE = 1000


def work(samples: int = 100, **sums: int) -> Work:
    """Sums over a weight of 1000, of which what is not named is nameless."""
    parts = dict.fromkeys(("ane", "cpu", "gpu", "moving", "once", "unknown", "blocked"), 0) | sums
    rest = WHOLE - sum(parts.values())
    return Work(samples, min(samples, parts["ane"]), 0, WHOLE, **parts, nameless=rest, waited=None)


def found(samples: int = 100, p95_ns: int | None = None, more: dict[str, Any] | None = None, **sums: int) -> Measures:
    measures = Measures(
        work=work(samples, **sums),
        unit="ns",
        evidence="stacks",
        disagrees=False,
        p95_ns=p95_ns,
        p95_note="nothing tells them apart" if p95_ns is None else "",
        predictions=0 if p95_ns is None else 90,
        predictions_of={},
        gpu_busy=None,
        loads_ns={},
        untied_loads_ns=0,
        models=(),
        asked={},
    )
    return replace(measures, **(more or {}))


def model(name: str, answer: str = "yes", pid: int = 1, **given: Any) -> Model:
    return judged_model(name, **{"answer": answer, "pid": pid, "work": work(ane=900)} | given)


def only(gates: Gates, measures: Measures, baseline: Measures | None = None) -> Outcome:
    (outcome,) = ask(gates, measures, baseline)
    return outcome


BLOCKED = replace(work(ane=900), samples=1000, waited=Waited(10**6, 0, 0, 0, samples=1000 - ENOUGH_SAMPLES + 1))
CASES = [
    (Gates(min_decode_rate=20), found(more={"decoded": {"a": (20, Fraction(20)), "b": (90, Fraction(21))}}), "passed"),
    (Gates(min_decode_rate=20), found(more={"decoded": {"a": (20, Fraction(20)), "b": (90, Fraction(19))}}), "failed"),
    (Gates(min_decode_rate=20), found(more={"decoded": {"a": (19, Fraction(90))}}), "not measurable"),
    (Gates(min_decode_rate=0), found(), "not measurable"),
    (Gates(min_ane=0.8), found(ane=800), "passed"),
    (Gates(min_ane=0.8), found(ane=799), "failed"),
    (Gates(min_ane=0.8), found(ane=700, unknown=200), "failed"),
    (Gates(min_ane=0.8), found(ENOUGH_SAMPLES, ane=900), "passed"),
    (Gates(min_ane=0.8), found(ENOUGH_SAMPLES - 1, ane=900), "not measurable"),
    (Gates(min_ane=0.8), found(more={"work": BLOCKED}), "not measurable"),  # blocked threads' samples do not count
    (Gates(min_ane=0.8), found(ane=900, more={"disagrees": True}), "not measurable"),
    (Gates(min_ane=0.0), found(0), "not measurable"),
    (Gates(max_cpu=0.1), found(cpu=100), "passed"),
    (Gates(max_cpu=0.1), found(cpu=101), "failed"),
    (Gates(max_cpu=0.1), found(cpu=50, unknown=50), "passed"),
    (Gates(max_cpu=0.1), found(cpu=50, unknown=51), "not measurable"),
    (Gates(max_cpu=0.1), found(cpu=50, blocked=51), "not measurable"),
    (Gates(max_cpu=0.1), found(cpu=50, moving=900), "passed"),  # moving data is no computing
    (Gates(max_cpu=0.1), found(5, cpu=50), "not measurable"),
    (Gates(max_gpu=0.1), found(gpu=100), "passed"),
    (Gates(max_gpu=0.1), found(gpu=101), "failed"),
    (Gates(max_gpu=0.1), found(gpu=50, unknown=51), "not measurable"),
    (Gates(max_gpu=0.1), found(gpu=50, more={"gpu_busy": Fraction(1, 10)}), "passed"),
    (Gates(max_gpu=0.1), found(gpu=50, more={"gpu_busy": Fraction(11, 100)}), "failed"),
    (Gates(max_gpu=0.1), found(gpu=101, more={"gpu_busy": Fraction(0)}), "failed"),
    (Gates(max_gpu=0.1), found(5, more={"gpu_busy": Fraction(11, 100)}), "failed"),  # its table needs no samples
    (Gates(max_gpu=0.1), found(5, more={"gpu_busy": Fraction(0)}), "not measurable"),
    (Gates(max_unknown=0.0), found(), "passed"),
    (Gates(max_unknown=0.0), found(unknown=1), "failed"),
    (Gates(max_unknown=0.1), found(unknown=50, blocked=51), "failed"),
    (Gates(max_unknown=0.5), found(5), "not measurable"),
    (Gates(max_p95_ns=10), found(p95_ns=10), "passed"),
    (Gates(max_p95_ns=10), found(p95_ns=11), "failed"),
    (Gates(max_p95_ns=10), found(), "not measurable"),
    (Gates(max_p95_ns=10), found(p95_ns=1, more={"predictions": 19}), "not measurable"),
    (Gates(max_p95_ns=10), found(p95_ns=1, more={"predictions": 20}), "passed"),
    (Gates(max_p95_ns=10), found(5, p95_ns=9), "passed"),  # signposts may know predictions that no sample met
    (Gates(max_load_ns=10), found(more={"loads_ns": {"A": 10, "B": 3}}), "passed"),
    (Gates(max_load_ns=10), found(more={"loads_ns": {"A": 3, "": 11}}), "failed"),
    (Gates(max_load_ns=10), found(), "not measurable"),
    (Gates(max_load_ns=10), found(more={"untied_loads_ns": 3}), "not measurable"),
    (Gates(require_evidence="hardware"), found(more={"evidence": "hardware"}), "passed"),
    (Gates(require_evidence="hardware"), found(more={"evidence": "waiting"}), "failed"),
    (Gates(require_evidence="stacks"), found(more={"evidence": "waiting"}), "passed"),
    (Gates(require_evidence="stacks"), found(more={"evidence": "threads"}), "failed"),
    (Gates(require_evidence="stacks"), found(more={"evidence": "none"}), "failed"),
    (Gates(require_ane=("A",)), found(more={"models": (model("A"),)}), "passed"),
    (Gates(require_ane=("A",)), found(more={"models": (model("A", "partly"),)}), "passed"),
    (Gates(require_ane=("A",)), found(more={"models": (model("A", "no"),)}), "failed"),
    (Gates(require_ane=("A",)), found(more={"models": (model("A", "unknown"),)}), "not measurable"),
    (Gates(require_ane=("A",)), found(more={"models": (model("B"),)}), "not measurable"),
    (Gates(require_ane=("A",)), found(), "not measurable"),
    (Gates(require_ane=("A",)), found(more={"models": (model("A"),), "disagrees": True}), "not measurable"),
    (Gates(require_ane=("A",)), found(more={"models": (model("A"), model("B", "no"))}), "passed"),
    (Gates(require_ane=("*",)), found(more={"models": (model("A"), model("B", "no"))}), "failed"),
    (Gates(require_ane=("*",)), found(more={"models": (model("A"), model("B", "unknown"))}), "not measurable"),
    # Of two processes' models of one name, both.
    (Gates(require_ane=("A",)), found(more={"models": (model("A"), model("A", "no", pid=2))}), "failed"),
    (Gates(require_ane=("-[A b:]",)), found(more={"models": (model("-[A b:]"),)}), "passed"),  # no pattern
    # No sample fell into its predictions, but requests are its own.
    (Gates(require_ane=("A",)), found(more={"asked": {"A_0": 3}}), "passed"),
    (Gates(require_ane=("A",)), found(more={"asked": {"": 3, "Ab": 3}}), "not measurable"),
    (Gates(require_ane=("A",)), found(more={"models": (model("A", "no"),), "asked": {"A_0": 3}}), "failed"),
]


@pytest.mark.parametrize("gates,measures,result", CASES)
def test_gate(gates: Gates, measures: Measures, result: str) -> None:
    outcome = only(gates, measures)
    assert outcome.result == result
    assert outcome.is_passed == (result == "passed")


MS = 10**6
SENTENCES = [
    (Gates(min_ane=0.8), found(ane=900, unknown=50), "90.0 % handed work to the ANE, at least 80.0 % is asked"),
    (Gates(min_ane=0.8), found(ane=799), "79.9 % handed work to the ANE, at least 80.0 % is asked"),
    # What is doubtful is told where it might have made a difference.
    (Gates(min_ane=0.8), found(ane=700, unknown=99), "70.0 % handed work to the ANE, at least 80.0 % is asked"),
    (
        Gates(min_ane=0.8),
        found(ane=700, unknown=60, blocked=40),
        "70.0 % handed work to the ANE, at least 80.0 % is asked; 10.0 % could be any engine's",
    ),
    (Gates(min_ane=0.0), found(more={"disagrees": True}), "the evidence disagrees on the Neural Engine"),
    (Gates(max_cpu=0.1), found(cpu=101, unknown=50), "10.1 % computed on the CPU, at most 10.0 % is allowed"),
    (
        Gates(max_cpu=0.1),
        found(cpu=100, unknown=51),
        "10.0 % computed on the CPU and 5.1 % could be any engine's: up to 15.1 %, at most 10.0 % is allowed",
    ),
    (
        Gates(max_gpu=0.1),
        found(gpu=50, more={"gpu_busy": Fraction(1, 10)}),
        "5.0 % handed work to the GPU, at most 10.0 % is allowed; the GPU worked in 10.0 % of the predictions' time, "
        "at most 10.0 % is allowed",
    ),
    (
        Gates(max_gpu=0.1),
        found(gpu=101, more={"gpu_busy": Fraction(0)}),
        "10.1 % handed work to the GPU, at most 10.0 % is allowed",
    ),
    (
        Gates(max_gpu=0.1),
        found(gpu=101, more={"gpu_busy": Fraction(1001, 10000)}),
        "the GPU worked in 10.01 % of the predictions' time, at most 10.00 % is allowed",
    ),
    (Gates(max_unknown=0.1), found(unknown=99, blocked=1), "10.0 % could be any engine's, at most 10.0 % is allowed"),
    (
        Gates(max_unknown=0.1),
        found(1),
        "only 1 sample of running threads fell inside predictions, 30 are needed",
    ),
    (
        Gates(max_unknown=0.1),
        found(more={"work": replace(work(), weight=0, nameless=0)}),
        "the samples inside predictions weigh nothing",
    ),
    (
        Gates(max_p95_ns=2 * MS),
        found(p95_ns=5 * MS // 4),
        "95 of 100 predictions take up to 1.25 ms (90 predictions), at most 2.00 ms is allowed",
    ),
    (
        Gates(max_p95_ns=2 * MS),
        found(p95_ns=2 * MS + 1, more={"predictions": 20, "p95_note": "by the harness's word"}),
        "95 of 100 predictions take up to 2.000001 ms (20 predictions, by the harness's word), "
        "at most 2.000000 ms is allowed",
    ),
    (Gates(max_p95_ns=2), found(), "how long predictions take is not known: nothing tells them apart"),
    (
        Gates(max_p95_ns=2),
        found(p95_ns=1, more={"predictions": 1}),
        "the recording has 1 prediction after warm-up, 20 are needed for a 95th percentile",
    ),
    (Gates(max_load_ns=2), found(), "nothing shows this process loading or compiling a model"),
    (
        Gates(max_load_ns=2),
        found(more={"untied_loads_ns": 3 * MS}),
        "nothing shows this process loading or compiling a model; 3.00 ms is of no known process",
    ),
    (
        Gates(max_load_ns=30 * MS),
        found(more={"loads_ns": {"A": 4, "B": 31 * MS}}),
        "loading B took 31.00 ms, at most 30.00 ms is allowed",
    ),
    (
        Gates(max_load_ns=30 * MS),
        found(more={"loads_ns": {"": 3 * MS}}),
        "loading a model that is not named took 3.00 ms, at most 30.00 ms is allowed",
    ),
    (Gates(min_decode_rate=0), found(), "nothing tells of tokens that a language model decoded"),
    (
        Gates(min_decode_rate=20),
        found(more={"decoded": {"a": (30, Fraction(20)), "b": (19, Fraction(90))}}),
        "b tells of fewer than 20 tokens, of which a rate says little",
    ),
    (
        Gates(min_decode_rate=20),
        found(more={"decoded": {"a": (30, Fraction(4001, 2)), "b": (1200, Fraction(81, 4))}}),
        "20.25 tokens a second by b (1,200 tokens), at least 20 are asked",
    ),
    (Gates(require_evidence="waiting"), found(), 'the evidence is "stacks", "waiting" is required'),
    (Gates(require_ane=("A",)), found(more={"disagrees": True}), "the evidence disagrees on the Neural Engine"),
    (Gates(require_ane=("A",)), found(), "nothing tells of a model A: no sample fell inside a prediction"),
    (
        Gates(require_ane=("A",)),
        found(more={"models": (model("", "yes"),)}),
        "nothing names a model A: no model of this recording has a name",
    ),
    (
        Gates(require_ane=("A",)),
        found(more={"models": (model("B"), model(""))}),
        "no model is called A; there is B",
    ),
    (Gates(require_ane=("A",)), found(more={"asked": {"A_0": 1, "A_1": 3}}), "A_0: 1 request; A_1: 3 requests"),
    # Of one name in two processes, both are named with their process.
    (
        Gates(require_ane=("A",)),
        found(more={"models": (model("A", "partly"), model("A", "no", pid=2))}),
        "App (1), A: partly, on the Neural Engine (100 samples asking); "
        "App (2), A: no, on the Neural Engine (100 samples asking)",
    ),
]


@pytest.mark.parametrize("gates,measures,said", SENTENCES)
def test_what_a_gate_says(gates: Gates, measures: Measures, said: str) -> None:
    assert only(gates, measures).sentence == said


def test_values_that_differ_beyond_all_digits_are_printed_alike() -> None:
    """25 digits, and no more: two values may differ where nobody writes it down."""
    whole = 10**60
    near = replace(work(), weight=whole, unknown=whole // 10 + 1)
    outcome = only(Gates(max_unknown=0.1), found(more={"work": near}))
    value, limit = re.findall(r"[\d.]+(?= %)", outcome.sentence)
    assert (outcome.result, value, limit) == ("failed", f"10.{'0' * 25}", f"10.{'0' * 25}")


BEFORE = found(ane=600, cpu=200, p95_ns=1000)
REGRESSIONS = [
    (BEFORE, "passed"),
    (found(ane=550, cpu=250, p95_ns=1050), "passed"),
    (found(ane=900, cpu=0, p95_ns=10), "passed"),
    (found(ane=549, cpu=200, p95_ns=1000), "failed"),
    (found(ane=600, cpu=251, p95_ns=1000), "failed"),
    (found(ane=600, cpu=200, p95_ns=1051), "failed"),
    (found(ane=600, cpu=200), "not measurable"),
    (found(ane=600, cpu=200, p95_ns=1000, more={"predictions": 19}), "not measurable"),
    (found(5, ane=600, cpu=200, p95_ns=1000), "not measurable"),
    (found(ane=600, cpu=200, p95_ns=1000, more={"disagrees": True}), "not measurable"),
    # What became unknown may be the CPU's …
    (found(ane=600, cpu=220, unknown=31, p95_ns=1000), "not measurable"),
    (found(ane=600, cpu=220, unknown=30, p95_ns=1000), "passed"),
    (found(ane=600, cpu=100, unknown=100, p95_ns=1000), "passed"),
    # … and shares of another unit are no shares to compare.
    (found(ane=600, cpu=200, p95_ns=1000, more={"unit": "cycles"}), "not measurable"),
]


@pytest.mark.parametrize("after,result", REGRESSIONS)
def test_regression(after: Measures, result: str) -> None:
    assert only(Gates(max_regression=0.05), after, BEFORE).result == result


def test_what_was_doubtful_before_is_not_held_against_the_recording() -> None:
    """Of the doubtful, what came since may be the CPU's: 2 points of it and 3 are allowed, and no tenth more."""
    before = found(ane=600, cpu=200, unknown=100, p95_ns=1000)
    assert only(Gates(max_regression=0.05), found(ane=600, cpu=220, unknown=130, p95_ns=1000), before).is_passed
    more = only(Gates(max_regression=0.05), found(ane=600, cpu=220, unknown=130, blocked=1, p95_ns=1000), before)
    assert (more.result, more.sentence) == (
        "not measurable", "what could be any engine's rose by 3.1 points, which may be the CPU's"
    )  # fmt: skip


@pytest.mark.parametrize(
    "after,before,said",
    [
        (BEFORE, BEFORE, "nothing is worse than the baseline by more than 5.0"),
        (found(ane=549, p95_ns=1), BEFORE, "the share that handed work to the ANE fell by 5.1 points, at most 5.0 is"),
        # As many digits as tell them apart.
        (found(ane=600, p95_ns=10501), found(ane=600, p95_ns=10000), "grew by 5.01 %, at most 5.00 is allowed"),
        (found(ane=549, p95_ns=10501), found(ane=600, p95_ns=10000), "fell by 5.10 points and the 95th"),
        (found(ane=600), BEFORE, "the baseline knows how long 20 predictions or more take, this recording does not"),
        (found(more={"unit": "cycles"}), found(), "this recording counts cycles, the baseline ns: their shares are of"),
        (found(more={"disagrees": True}), found(), "the evidence disagrees on the Neural Engine"),
        (found(), found(more={"disagrees": True}), "the baseline: the evidence disagrees on the Neural Engine"),
        (found(p95_ns=9), found(p95_ns=0), "nothing is worse"),  # of nothing, no part can be told
    ],
)
def test_what_a_regression_says(after: Measures, before: Measures, said: str) -> None:
    assert said in only(Gates(max_regression=0.05), after, before).sentence


def test_a_baseline_of_few_predictions_does_not_know_their_length() -> None:
    few = replace(BEFORE, predictions=19)
    assert only(Gates(max_regression=0.05), found(ane=600, cpu=200, p95_ns=9000), few).is_passed


def test_a_regression_names_all_that_got_worse() -> None:
    sentence = only(Gates(max_regression=0.05), found(ane=500, cpu=300, p95_ns=2000), BEFORE).sentence
    assert "fell by 10.0 points" in sentence
    assert "rose by 10.0 points" in sentence
    assert "grew by 100.0 %" in sentence


def test_a_baseline_of_too_few_samples_measures_nothing() -> None:
    outcome = only(Gates(max_regression=0.05), found(ane=900), found(3, ane=100))
    assert outcome.result == "not measurable"
    assert outcome.sentence.startswith("the baseline: only 3 samples")


def test_a_baseline_without_predictions_compares_shares_only() -> None:
    assert only(Gates(max_regression=0.05), found(ane=600, p95_ns=9), found(ane=600)).is_passed


ALL = Gates(0.5, 0.5, 0.5, 0.5, 5, 5, 0.5, ("A",), "stacks")
NUMBERS = ["min-ane", "max-cpu", "max-gpu", "max-unknown", "max-p95", "max-load", "max-regression"]


def test_all_gates_are_asked_in_order() -> None:
    measures = found(ane=1000, p95_ns=1)
    names = [outcome.gate for outcome in ask(ALL, measures, measures)]
    assert names == [*NUMBERS, "require-ane (A)", "require-evidence"]


def test_no_gate_no_outcome() -> None:
    assert ask(Gates(), found()) == ()


def test_numbers_are_asked_of_each_model_that_is_named() -> None:
    both = (model("A", p95_ns=7, predictions=9), model("B", work=work(cpu=900)))
    measures = found(ane=500, more={"models": both, "loads_ns": {"A_0": 4, "B": 6}, "predictions_of": {"A": 20}})
    outcomes = {each.gate: each.result for each in ask(ALL, measures, measures, ["*"])}
    assert outcomes == {
        **{f"{name} (A)": "passed" for name in NUMBERS},
        **{f"{name} (B)": "failed" for name in ("min-ane", "max-cpu", "max-load")},
        **{f"{name} (B)": "passed" for name in ("max-gpu", "max-unknown", "max-regression")},
        "max-p95 (A)": "failed",
        "max-p95 (B)": "not measurable",
        "require-ane (A)": "passed",
        "require-evidence": "passed",
    }


def test_a_model_that_is_not_there_passes_no_gate() -> None:
    measures = found(ane=1000, p95_ns=1, more={"models": (model("Letters"), model("Flowers"))})
    outcomes = ask(replace(ALL, require_ane=(), require_evidence=None), measures, measures, ["Leters"])
    assert {each.result for each in outcomes} == {"not measurable"}
    assert {each.sentence for each in outcomes} == {"no model is called Leters; there are Letters and Flowers"}


def test_what_was_measured_of_the_whole_is_not_said_of_one_model_of_several() -> None:
    busy = {"gpu_busy": Fraction(1, 2)}
    alone, several = (found(more={**busy, "models": models}) for models in ((model("A"),), (model("A"), model("B"))))
    assert ask(Gates(max_gpu=0.1), alone, models=["A"])[0].result == "failed"
    assert ask(Gates(max_gpu=0.1), several, models=["A"])[0].result == "passed"


def test_a_model_s_predictions_are_its_own() -> None:
    """Where several models are predicted with, the whole has no percentile, and each model its own."""
    several = (model("A", p95_ns=7), model("B"), model("C", p95_ns=7))
    known = {"models": several, "p95_note": "they are of several models", "predictions_of": {"A": 20, "B": 30}}
    said = {each.gate: each.sentence for each in ask(Gates(max_p95_ns=10), found(more=known), models=["*"])}
    assert said == {
        "max-p95 (A)": "95 of 100 predictions take up to 0.000007 ms (20 predictions), at most 0.000010 ms is allowed",
        "max-p95 (B)": "how long predictions take is not known: they are of several models",
        "max-p95 (C)": "the recording has 0 predictions after warm-up, 20 are needed for a 95th percentile",
    }
    # By whose word the percentile is known stays said of the one model that there is.
    alone = found(p95_ns=7, more={"models": several[:1], "p95_note": "in the user's word"})
    (outcome,) = ask(Gates(max_p95_ns=10), alone, models=["A"])
    assert "(90 predictions, in the user's word)" in outcome.sentence


def test_a_function_of_a_model_is_held_to_the_load_of_the_whole() -> None:
    measures = found(more={"models": (model("Chat · decode"),), "loads_ns": {"Chat": 9, "Other": 99}})
    (outcome,) = ask(Gates(max_load_ns=10), measures, models=["Chat"])
    assert (outcome.gate, outcome.result) == ("max-load (Chat · decode)", "passed")


def test_a_baseline_with_two_models_of_the_name_measures_nothing() -> None:
    measures, before = found(more={"models": (model("A"),)}), found(more={"models": (model("A"), model("A", pid=2))})
    (outcome,) = ask(Gates(max_regression=0.1), measures, before, ["A"])
    assert (outcome.result, outcome.sentence) == (
        "not measurable", "the baseline names no model like this, or more than one"
    )  # fmt: skip


def test_a_baseline_without_the_model_measures_nothing() -> None:
    measures, before = (found(more={"models": (model(name),)}) for name in ("A", "B"))
    assert ask(Gates(max_regression=0.1), measures, before, ["A"])[0].result == "not measurable"
    assert ask(Gates(max_regression=0.1), measures, measures, ["A"])[0].result == "passed"


_VALUE = re.compile(r"([\d.]+)(?: %| ms)?")


@given(st.integers(1, 10**6), st.data())
def test_what_is_printed_never_contradicts_the_outcome(whole: int, data: st.DataObject) -> None:
    """The value and its limit as they are printed are in the order that decided, at any distance."""
    part = data.draw(st.integers(0, whole))
    near = data.draw(st.sampled_from([0, 1, -1, 7]))
    limit = min(max(part + near, 0), whole) / whole
    sums = dict.fromkeys(("ane", "cpu", "gpu", "moving", "once", "unknown", "blocked"), 0)
    for gates, name in (
        (Gates(min_ane=limit), "ane"),
        (Gates(max_cpu=limit), "cpu"),
        (Gates(max_unknown=limit), "unknown"),
    ):
        shares = {**sums, name: part}
        mine = Work(100, 0, 0, whole, **shares, nameless=whole - part, waited=None)
        outcome = only(gates, found(more={"work": mine}))
        value, asked = (Decimal(each) for each in _VALUE.findall(outcome.sentence)[:2])
        is_right = value >= asked if name == "ane" else value <= asked
        assert is_right == outcome.is_passed, outcome.sentence


@given(st.integers(0, 10**10), st.sampled_from([0, 1, -1, 10_000]))
def test_nor_do_times(longest: int, near: int) -> None:
    outcome = only(Gates(max_p95_ns=max(longest + near, 0)), found(p95_ns=longest))
    value, allowed = (Decimal(each) for each in re.findall(r"([\d.]+) ms", outcome.sentence))
    assert (value <= allowed) == outcome.is_passed, outcome.sentence


@pytest.mark.parametrize(
    "changed,told",
    [
        ({"ane_requests": 1200, "ane_samples": 1}, "A: yes, on the Neural Engine (1,200 requests, 1 sample asking)"),
        ({"ane_requests": 1, "ane_samples": 0}, "A: yes, on the Neural Engine (1 request)"),
        ({"ane_requests": 0, "ane_samples": 2}, "A: yes, on the Neural Engine (2 samples asking)"),
        ({"ane_requests": 0, "ane_samples": 0}, "A: yes, on the Neural Engine (ANE alone)"),
        ({"ane_requests": 0, "ane_samples": 0, "where": ""}, "A: yes (ANE alone)"),
    ],
)
def test_a_model_s_gate_says_what_its_answer_rests_on(changed: dict[str, Any], told: str) -> None:
    asked = changed.pop("ane_samples")
    one = model("A")
    one = replace(one, **changed, work=replace(one.work, ane_samples=asked))
    (outcome,) = ask(Gates(require_ane=("A",)), found(more={"models": (one,)}))
    assert outcome.sentence == told
