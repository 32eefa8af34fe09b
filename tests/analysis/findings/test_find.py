"""Each finding fires on what it is about, and a near miss does not fire it."""

from pathlib import Path

import pytest

from tests.analysis.findings.cases import CLEAN, FIRES, NEAR_MISSES, found
from tests.mlmodel.reading import BUNDLED, read
from tests.support.operations import model_from
from tracekit.analysis.findings.catalogue import entries, entry
from tracekit.analysis.findings.find import by_catalogue, explain
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.operations.placement import place


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


def test_findings_stand_in_the_order_of_the_catalogue() -> None:
    shuffled = [Finding(code, ("model",), "") for code in sorted(entries(), reverse=True)]
    assert [each.code for each in by_catalogue(shuffled)] == list(entries())


def test_the_operations_of_one_code_are_told() -> None:
    named = [Finding("compile", ("trace",), "", (1, 2)), Finding("fallback", ("trace",), "", (3,))]
    explained = explain(place(model_from(CLEAN), None), named)
    assert [explained.rows_of(code) for code in ("compile", "fallback", "custom-layer")] == [[1, 2], [3], []]
