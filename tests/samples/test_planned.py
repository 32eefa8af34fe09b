"""The models, the plans and the recordings of the samples tell one story, or the two stories that they are to tell."""

import json
from pathlib import Path

import tracekit as tk
from sample_traces.planned import leaves_plan, letters
from tests.mlmodel.reading import read
from tracekit.analysis.findings.find import Explained

SAMPLES = Path(__file__).parents[2] / "sample_traces"
LETTERS, LEAVES = SAMPLES / "Letters.mlpackage", SAMPLES / "Leaves.mlmodel"


def explained(recording: str, model: Path, plan: Path | None = None) -> Explained:
    return tk.explain_operations(tk.analyze(SAMPLES / recording), model=model, plan=plan)


def test_the_plan_of_letters_is_that_of_its_model() -> None:
    found = explained("ane-with-cpu-fallback.trace.zip", LETTERS).placement
    assert found.unmatched_plan == 0
    assert len(found.operations) == len(letters()) == 40
    assert found.operations["preferred"].value_counts().to_dict() == {"ANE": 31, "CPU": 9}
    assert found.operations["name"].tolist()[1:4] == ["conv_1", "relu_1", "conv_2"]
    sidecar = json.loads((SAMPLES / "ane-with-cpu-fallback" / "sidecar.json").read_text())
    planned = {each["name"]: each["preferred"] for each in sidecar["compute_plan"]["operations"]}
    assert planned == {each.name: each.preferred for each in letters()}


def test_letters_is_cut_in_two_as_the_recording_shows() -> None:
    found = explained("ane-with-cpu-fallback.trace.zip", LETTERS)
    assert found.placement.segments["engine"].tolist() == ["CPU", "ANE", "CPU", "ANE", "CPU"]
    of_operations = [each.code for each in found.findings if each.operations]
    assert of_operations == ["unsupported-operation", "casts-at-border"]


def test_leaves_is_planned_for_what_did_not_happen() -> None:
    found = explained("legacy-nn-ane.xcode16.4.xml.gz", LEAVES, SAMPLES / "Leaves.plan.json")
    assert found.placement.unmatched_plan == 0
    codes = {each.code: each for each in found.findings}
    assert "plan-not-followed" in codes
    kinds = found.placement.operations["type"].to_numpy()[list(codes["plan-not-followed"].operations)]
    assert kinds.tolist() == ["softmax", "topK", "gatherND"]


def test_the_models_are_what_they_are_said_to_be() -> None:
    letter_types = [each.operator.removeprefix("ios17.") for each in letters()]
    operations = read(LETTERS).operations
    assert operations.loc[~operations["is_constant"], "type"].tolist() == letter_types
    layers = [each["operator"] for each in json.loads(leaves_plan())["operations"]]
    assert read(LEAVES).operations["type"].tolist() == layers
