"""Each finding fires on what it is about, and a near miss does not fire it."""

from pathlib import Path

import pandas as pd
import pytest

from tests.analysis.findings import test_of_trace
from tests.mlmodel.test_against_coremltools import BUNDLED, read
from tests.support.bless import Golden
from tests.support.operations import model_from, plan_from
from tracekit.analysis.findings.catalogue import entries, entry
from tracekit.analysis.findings.find import explain
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.operations.measured import MeasuredTypes
from tracekit.analysis.operations.placement import place, with_reasons
from tracekit.errors import SelectionError

ROOT = Path(__file__).parents[3]
RELU = "b = relu(a): fp16 [1, 64, 64, 64]"

CLEAN = """
    x: fp16 [1, 64, 64, 64]
    w = const(): fp16 [64, 64, 3, 3]
    a = conv(x, w): fp16 [1, 64, 64, 64]
    b = relu(a): fp16 [1, 64, 64, 64]
    -> b
    """
BLOCKS = """
    x: fp16 [1, 64, 64, 64]
    a = relu(x): fp16 [1, 64, 64, 64]
    b = topk(a): fp16 [1, 64, 64, 64]
    c = relu(b): fp16 [1, 64, 64, 64]
    d = topk(c): fp16 [1, 64, 64, 64]
    e = relu(d): fp16 [1, 64, 64, 64]
    -> e
    """
CUT = "a ANE 0.3 CPU ANE\nb CPU 0.1 CPU\nc ANE 0.3 CPU ANE\nd CPU 0.1 CPU\ne ANE 0.2 CPU ANE"
CASTS = """
    x: fp32 [1, 64, 64, 64]
    a = cast(x): fp16 [1, 64, 64, 64]
    b = relu(a): fp16 [1, 64, 64, 64]
    c = cast(b): fp32 [1, 64, 64, 64]
    -> c
    """
TURNED = """
    x: fp16 [1, 64, 64, 64]
    a = relu(x): fp16 [1, 64, 64, 64]
    b = transpose(a): fp16 [1, 64, 64, 64]
    c = relu(b): fp16 [1, 64, 64, 64]
    -> c
    """
BRANCHES = """
    x: fp16 [1, 64, 64, 64]
    a = relu(x): fp16 [1, 64, 64, 64]
    p = topk(x): fp16 [1, 64, 64, 64]
    b = relu(a): fp16 [1, 64, 64, 64]
    q = topk(p): fp16 [1, 64, 64, 64]
    c = relu(b): fp16 [1, 64, 64, 64]
    d = add(c, q): fp16 [1, 64, 64, 64]
    -> d
    """
ON_ANE = "a ANE 0.5 CPU ANE\nb ANE 0.5 CPU ANE"
SEEN = pd.DataFrame({"key": ["topk", "cast"], "engine": ["CPU", "CPU"], "samples": 9, "weight": [40, 20]})


def found(drawing: str, plan: str = "", *, seen: bool = False) -> dict[str, Finding]:
    model = model_from(drawing)
    measured = MeasuredTypes(SEEN, 100, {"CPU": 100}, "ns") if seen else None
    placement = place(model, plan_from(model, plan) if plan else None, measured)
    return {each.code: each for each in explain(placement).findings}


FIRES = {
    "fp32-compute": (CLEAN.replace("fp16", "fp32"), ""),
    "rank-over-5": (CLEAN.replace(RELU, "b = reshape(a): fp16 [1, 8, 8, 64, 8, 8]"), ""),
    "dynamic-shapes": (CLEAN.replace("x: fp16 [1, 64, 64, 64]", "x: fp16 [1, 64, 64, 64]~"), ""),
    "short-last-axis": (CLEAN.replace(RELU, "b = reshape(a): fp16 [1, 64, 4096, 1]"), ""),
    "linear-not-convolution": (
        "x: fp16 [64, 1024]\nv = const(): fp16 [1024, 1024]\nw = const(): fp16 [1024, 1024]\n"
        "a = linear(x, v): fp16 [64, 1024]\nb = linear(a, w): fp16 [64, 1024]\n-> b", "",
    ),
    "unsupported-operation": (BLOCKS, CUT),
    "casts-at-border": (CASTS, "a CPU 0.2 CPU\nb ANE 0.5 CPU ANE\nc CPU 0.3 CPU"),
    "transposes-at-border": (TURNED, "a ANE 0.4 CPU ANE\nb CPU 0.2 CPU ANE\nc ANE 0.4 CPU ANE"),
    "many-segments": (BLOCKS, CUT),
    "custom-layer": (CLEAN.replace("relu(a)", "custom(a)"), ""),
}  # fmt: skip
NEAR_MISSES = {
    "fp32-compute": [(CASTS, ""), (CLEAN.replace("fp16", "int32"), ""), (FIRES["fp32-compute"][0], ON_ANE)],
    "rank-over-5": [
        (FIRES["rank-over-5"][0].replace("[1, 8, 8, 64, 8, 8]", "[8, 8, 64, 8, 8]"), ""),
        (FIRES["rank-over-5"][0], ON_ANE),
    ],
    "dynamic-shapes": [(CLEAN, ""), (CLEAN.replace(RELU, "b = relu(a): fp16 [1, ?, 64, 64]"), ON_ANE)],
    "short-last-axis": [
        (CLEAN.replace("[1, 64, 64, 64]", "[1, 512, 7, 7]"), ""),  # the last maps of every image network
        (CLEAN.replace(RELU, "b = reduce_mean(a): fp16 [1, 64, 1, 1]"), ""),
        (FIRES["short-last-axis"][0], ON_ANE.replace("b ANE", "b CPU")),
        (FIRES["short-last-axis"][0].replace("fp16 [1, 64, 4096, 1]", "fp32 [1, 64, 4096, 1]"), ""),
    ],
    "linear-not-convolution": [
        (FIRES["linear-not-convolution"][0].replace("1024", "100"), ""),
        (FIRES["linear-not-convolution"][0], "a ANE 0.5 CPU ANE\nb ANE 0.5 CPU ANE"),
        (FIRES["linear-not-convolution"][0].replace("linear(", "matmul("), ""),
    ],
    "unsupported-operation": [
        (BLOCKS, CUT.replace("CPU 0.1 CPU", "CPU 0.1 CPU ANE")),
        (BLOCKS, CUT.replace(" ANE\n", "\n").removesuffix(" ANE").replace(" ANE ", " CPU ")),  # cpuOnly
    ],
    "casts-at-border": [
        (CASTS, ""),
        (CASTS, "a CPU 0.01 CPU\nb ANE 0.98 CPU ANE\nc CPU 0.01 CPU"),
        (CASTS, "a ANE 0.2 CPU ANE\nb ANE 0.5 CPU ANE\nc ANE 0.3 CPU ANE"),
    ],
    "transposes-at-border": [(TURNED, "a ANE 0.4 CPU ANE\nb ANE 0.2 CPU ANE\nc ANE 0.4 CPU ANE")],
    "many-segments": [
        (BLOCKS, CUT.replace("d CPU 0.1 CPU", "d ANE 0.1 CPU ANE")),
        (  # five runs in the order of the file, and no piece that waits for another
            BRANCHES,
            "a ANE 0.2 CPU ANE\np CPU 0.1 CPU\nb ANE 0.2 CPU ANE\nq CPU 0.1 CPU\nc ANE 0.2 CPU ANE\nd CPU 0.2 CPU",
        ),
    ],
    "custom-layer": [(CLEAN, "")],
}  # fmt: skip
"""Of each code, models with plans that are as near as can be."""


@pytest.mark.parametrize("code", FIRES)
def test_it_fires(code: str) -> None:
    finding = found(*FIRES[code])[code]
    assert set(finding.evidence) <= set(entry(code).evidence)
    assert finding.sentence.endswith(".")


@pytest.mark.parametrize("code,case", [(code, case) for code, cases in NEAR_MISSES.items() for case in cases])
def test_near_misses_do_not(code: str, case: tuple[str, str]) -> None:
    assert code not in found(*case)


def test_sentences() -> None:
    said = {code: found(*case)[code].sentence for code, case in FIRES.items()}
    assert said["fp32-compute"] == (
        "2 of 2 operations compute in fp32, which the Neural Engine does not: conv × 1, relu × 1."
    )
    assert said["unsupported-operation"] == (
        "Core ML's plan does not offer the Neural Engine to 2 of 5 operations: topk × 2."
    )
    assert said["casts-at-border"] == (
        "2 casts at the model's inputs and outputs (fp32 → fp16, fp16 → fp32) run on the CPU, "
        "at 50 % of the plan's cost."
    )
    assert said["many-segments"] == (
        "The plan cuts the Neural Engine's work into 3 pieces or more, each of which waits for another engine; "
        "between them: topk × 2."
    )
    assert said["dynamic-shapes"] == "The input x may have several shapes."


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


def test_nothing_is_found_where_nothing_is_wrong(saved: dict[str, Path]) -> None:
    """Precision over precision: networks of convolutions in fp16 with fixed shapes, with and without a plan."""
    assert found(CLEAN) == {}
    assert found(CLEAN, "a ANE 0.8 CPU GPU ANE\nb ANE 0.2 CPU GPU ANE", seen=True) == {}
    for path in (BUNDLED / "TinyConv.mlpackage", BUNDLED / "TinyConv.mlmodel", saved["palettized"]):
        assert explain(place(read(path), None)).findings == ()


def test_saved_models_show_what_they_were_made_to_show(saved: dict[str, Path]) -> None:
    codes = {
        name: [each.code for each in explain(place(read(saved[name]), None)).findings]
        for name in ("transformer-fp32", "transformer-fp16", "flexible")
    }
    assert codes == {
        "transformer-fp32": ["fp32-compute"],
        "transformer-fp16": [],
        "flexible": ["dynamic-shapes"],
    }


# ---- The catalogue.


@pytest.mark.parametrize("code", entries())
def test_every_code_has_its_page(golden: Golden, code: str) -> None:
    """``pytest --bless`` writes the pages from the catalogue."""
    page = Golden(ROOT / "docs" / "findings", golden.actual, golden.test, bless=golden.bless)
    page(f"{code}.md", entry(code).page())


def test_every_page_has_a_code() -> None:
    assert {path.stem for path in (ROOT / "docs" / "findings").glob("*.md")} == set(entries())


def test_every_code_is_tested_to_fire() -> None:
    assert {*FIRES, "plan-not-followed", *test_of_trace.FIRES} == set(entries())


def test_an_unknown_code_is_refused_with_the_nearest() -> None:
    with pytest.raises(SelectionError, match=r"no finding has the code 'fp32'\. Did you mean fp32-compute"):
        entry("fp32")
