"""What a plan shows of a model's operations, with what was measured of them."""

import pandas as pd
import pytest

from tests.analysis.findings.cases import BLOCKS, CASTS, CUT, FIRES, SEEN, TURNED, found
from tests.support.operations import model_from, plan_from
from tracekit.analysis.findings.find import explain
from tracekit.analysis.operations.measured import MeasuredTypes
from tracekit.analysis.operations.placement import place, with_reasons


def test_a_finding_names_its_operations() -> None:
    assert found(*FIRES["unsupported-operation"])["unsupported-operation"].operations == (1, 3)
    assert found(*FIRES["transposes-at-border"])["transposes-at-border"].operations == (1,)


def test_measured_casts_outweigh_the_plan() -> None:
    finding = found(CASTS, seen=True)["casts-at-border"]
    assert (finding.evidence, "take 20 % of the predictions' CPU time" in finding.sentence) == (("trace",), True)


def test_casts_elsewhere_may_be_what_was_measured() -> None:
    inner = CASTS.replace("b = relu(a)", "d = cast(a): int32 [1, 64, 64, 64]\n    b = cast(d)")
    assert "casts-at-border" not in found(inner, seen=True)


def test_a_plan_that_was_not_followed_is_named() -> None:
    everywhere = CUT.replace("CPU 0.1 CPU", "ANE 0.1 CPU ANE")
    assert "topk × 2" in found(BLOCKS, everywhere, seen=True)["plan-not-followed"].sentence
    assert "plan-not-followed" not in found(BLOCKS, CUT, seen=True)  # planned for the CPU, seen there
    assert "plan-not-followed" not in found(BLOCKS, everywhere)
    one_of_two = CUT.replace("d CPU 0.1 CPU", "d ANE 0.1 CPU ANE")
    assert "plan-not-followed" not in found(BLOCKS, one_of_two, seen=True)  # it may be the other one


def test_few_samples_speak_against_no_plan() -> None:
    model = model_from(BLOCKS)
    everywhere = plan_from(model, CUT.replace("CPU 0.1 CPU", "ANE 0.1 CPU ANE"))
    few = MeasuredTypes(SEEN.assign(samples=4), 100, {"CPU": 100}, "ns")
    assert "plan-not-followed" not in {each.code for each in explain(place(model, everywhere, few)).findings}


def test_a_plan_says_on_which_os_it_was_made() -> None:
    model = model_from(BLOCKS)

    def said(os: str) -> str:
        plan = plan_from(model, CUT)
        plan.attrs["os"] = os
        (found,) = [each for each in explain(place(model, plan)).findings if each.code == "unsupported-operation"]
        return found.sentence

    assert said("macOS 15.6 (24G84)").startswith("On macOS 15.6 (24G84), Core ML's plan does not offer the Neural")
    assert said("").startswith("Core ML's plan does not offer")


def test_a_reason_is_told_with_its_type() -> None:
    model = model_from(BLOCKS)
    reasons = pd.DataFrame({"type": ["topk"], "reason": ["axis 1"]}).astype("str")
    explained = explain(with_reasons(place(model, plan_from(model, CUT)), reasons))
    (finding,) = [each for each in explained.findings if each.code == "unsupported-operation"]
    assert "topk × 2 (axis 1)" in finding.sentence


def test_five_samples_do() -> None:
    model = model_from(BLOCKS)
    everywhere = plan_from(model, CUT.replace("CPU 0.1 CPU", "ANE 0.1 CPU ANE"))
    enough = MeasuredTypes(SEEN.assign(samples=5), 100, {"CPU": 100}, "ns")
    assert "plan-not-followed" in {each.code for each in explain(place(model, everywhere, enough)).findings}


def chain(*kinds: str) -> tuple[str, str]:
    """A model of one operation of each kind, and a plan that offers the Neural Engine to the first alone."""
    value = "fp16 [1, 64, 64, 64]"
    lines, plan = [f"x: {value}"], []
    for number, kind in enumerate(kinds):
        lines.append(f"v{number} = {kind}({f'v{number - 1}' if number else 'x'}): {value}")
        plan.append(f"v{number} CPU 0.1 CPU{'' if number else ' ANE'}")
    return "\n".join([*lines, f"-> v{len(kinds) - 1}"]), "\n".join(plan)


@pytest.mark.parametrize(
    "kinds,said",
    [
        (("a", "b", "c", "b"), "to 3 of 4 operations: b × 2, c × 1."),
        (("a", "b", "c", "d", "e"), "to 4 of 5 operations: b × 1, c × 1, d × 1, e × 1."),
        (("a", "b", "c", "d", "e", "f"), "b × 1, c × 1, d × 1, e × 1 and 1 other type."),
        (("a", "b", "c", "d", "e", "f", "g", "g"), "g × 2, b × 1, c × 1, d × 1 and 2 other types."),
    ],
)
def test_types_that_the_plan_does_not_offer_are_told_commonest_first(kinds: tuple[str, ...], said: str) -> None:
    assert found(*chain(*kinds))["unsupported-operation"].sentence.endswith(said)


def test_one_transpose_stands_and_two_stand() -> None:
    one = found(*FIRES["transposes-at-border"])["transposes-at-border"].sentence
    assert one == "1 transpose stands where the plan changes engines: b_op."
    twice = TURNED.replace("c = relu(b)", "c = transpose(b)")
    two = found(twice, "a ANE 0.4 CPU ANE\nb CPU 0.2 CPU ANE\nc ANE 0.4 CPU ANE")["transposes-at-border"].sentence
    assert two == "2 transposes stand where the plan changes engines: b_op, c_op."


@pytest.mark.parametrize("cost,fires", [("0.05", True), ("0.049", False)])
def test_casts_are_named_from_5_percent_of_the_plan_s_cost_on(cost: str, fires: bool) -> None:
    assert ("casts-at-border" in found(CASTS, f"a CPU {cost} CPU\nb ANE 0.9 ANE\nc ANE 0.9 ANE")) == fires


@pytest.mark.parametrize("weight,fires", [(5, True), (4, False)])
def test_casts_are_named_from_5_percent_of_the_cpu_time_on(weight: int, fires: bool) -> None:
    model = model_from(CASTS.replace("c = cast(b): fp32", "c = relu(b): fp16"))
    rows = pd.DataFrame({"key": ["cast", "cast"], "engine": ["CPU", "ANE"], "samples": 9, "weight": [weight, 90]})
    findings = explain(place(model, None, MeasuredTypes(rows, 100, {"CPU": 100}, "ns"))).findings
    said = "1 cast at the model's inputs and outputs (fp32 → fp16) takes 5.0 % of the predictions' CPU time."
    assert [each.sentence for each in findings if each.code == "casts-at-border"] == [said] * fires
    nothing = MeasuredTypes(rows.head(0), 0, {}, "ns")
    assert "casts-at-border" not in {each.code for each in explain(place(model, None, nothing)).findings}
