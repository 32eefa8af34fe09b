"""Whose predictions samples are of: process, model, caller, framework."""

from collections.abc import Sequence

import pandas as pd
import pytest

from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.verdict.models import Model
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE

CALL = "CoreML`-[MLModel predictionFromFeatures:error:]"
ON_ANE = (CALL, "Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()")
ON_CPU = (CALL, "Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()")
ON_GPU = (CALL, "Espresso`E5RT::Ops::MpsGraphInferenceOperation::ExecuteSync()")
VISIONS_OWN = (
    "Espresso`espresso_plan_execute_sync",
    "Espresso`Espresso::ANERuntimeEngine::compiler::__forward_segment(int)",
)

Stack = tuple[str, ...]


def recorded(*samples: tuple[int, str, Stack, int], step: int = 1_000_000) -> Profile:
    """A profile: pid, process, stack (``Image`symbol``, root first) and how many samples of it follow one another."""
    builder = ProfileBuilder()
    time = 0
    for pid, process, stack, count in samples:
        thread = builder.thread(pid * 10, "main", pid, process)
        frames = []
        for text in reversed(stack):
            image, _, symbol = text.rpartition("`")
            frames.append(builder.frame(symbol, builder.binary(image) if image else NONE))
        for _ in range(count):
            builder.sample(time_ns=time, thread_id=thread, stack=builder.stack(frames), weight=step)
            time += step
    return builder.build(Meta("ns"))


def models(profile: Profile, beside: Beside | None = None) -> Sequence[Model]:
    return analyze_profile(profile, beside=beside or Beside({})).verdict.models


def told(found: Sequence[Model]) -> list[tuple[str, str, str]]:
    return [(model.name, model.named_by, model.answer) for model in found]


@pytest.mark.parametrize(
    "above,name,named_by",
    [
        (("dyld`start", "App`main", "App`detect()"), "detect", "caller"),
        # Vision runs the app's model: still the app's function.
        (("App`main", "App`look()", "Vision`-[VNCoreMLRequest perform]"), "look", "caller"),
        (
            ("App`main", "App`-[Camera frame:]", "libdispatch.dylib`_dispatch_client_callout"),
            "-[Camera frame:]",
            "caller",
        ),
        # Where a recording names no image, the system's classes are known by their prefixes; the app's are not.
        (("main", "look()", "-[VNCoreMLRequest perform]"), "look", "caller"),
        (("main", "-[Model predict:]"), "-[Model predict:]", "caller"),
        (("main", "App`-[MLPipe predict:]"), "-[MLPipe predict:]", "caller"),
        # What passes a call on is nobody's name for it, nor are the harness's own functions.
        (("dyld`start", "App`main", "Foundation`-[NSThread main]"), "", "nothing"),
        (("App`main", "App`tracekit_measured_prediction"), "", "nothing"),
        (("libsystem_pthread.dylib`start_wqthread",), "", "nothing"),
    ],
)
def test_without_a_name_a_model_is_known_by_who_calls_it(above: Stack, name: str, named_by: str) -> None:
    found = models(recorded((7, "app", (*above, *ON_ANE), 40)))
    assert told(found) == [(name, named_by, "yes")]
    assert {model.kind for model in found} == {"Core ML"}


def test_a_framework_s_own_model_is_its_own() -> None:
    vision = ("libsystem_pthread.dylib`start_wqthread", "Vision`-[VNDetector process]", *VISIONS_OWN)
    found = models(recorded((7, "app", ("App`main", *ON_CPU), 40), (7, "app", vision, 20)))
    assert told(found) == [("", "nothing", "no"), ("Vision", "framework", "yes")]


def test_two_callers_have_two_answers_and_the_headline_names_both() -> None:
    verdict = analyze_profile(
        recorded(
            (7, "app", ("App`main", "App`text()", *ON_CPU), 60), (7, "app", ("App`main", "App`detect()", *ON_ANE), 40)
        )
    ).verdict
    assert told(verdict.models) == [("text", "caller", "no"), ("detect", "caller", "yes")]
    assert verdict.sentence.startswith("Partly: what text calls: no, on the CPU · what detect calls: yes. Together: ")


def test_processes_are_answered_apart_and_said() -> None:
    verdict = analyze_profile(
        recorded((7, "App", ("App`main", *ON_CPU), 60), (8, "Other", ("Other`main", *ON_ANE), 40))
    ).verdict
    assert [(model.process, model.pid, model.answer) for model in verdict.models] == [
        ("App", 7, "no"),
        ("Other", 8, "yes"),
    ]
    assert "App (7): no, on the CPU · Other (8): yes. --process NAME answers for one." in verdict.sentence


@pytest.mark.parametrize("others,whose", [(0, "this process"), (40, "App (7)")])
def test_of_several_processes_it_is_said_for_which_the_gpu_worked(others: int, whose: str) -> None:
    profile = recorded((7, "App", ("App`main", *ON_GPU), 60), (8, "Other", ("Other`main", *ON_GPU), others))
    rows = {"start": [0, 70_000_000], "duration": 1_000_000, "state": "Active", "process.pid": [7, 8]}
    verdict = analyze_profile(profile, beside=Beside({"metal-gpu-intervals": pd.DataFrame(rows)})).verdict
    assert f"The GPU was busy 1.0 ms for {whose}." in verdict.sentence


@pytest.mark.parametrize("count,has_p95", [(19, False), (20, True)])
def test_a_model_has_a_95th_percentile_from_20_predictions_on(count: int, has_p95: bool) -> None:
    profile = recorded((7, "app", ("App`main", *ON_CPU), 10 * count))
    start = [10_000_000 * number for number in range(count)]
    table = {"start": start, "duration": 9_000_000, "event-label": "Prediction", "model-name": "Net-1"}
    model, *_ = models(profile, Beside({"coreml-os-signpost": pd.DataFrame(table)}))
    assert (model.name, model.predictions, model.p50_ns) == ("Net", count, 9_000_000)
    assert model.p95_ns == (9_000_000 if has_p95 else None)


def test_callers_that_agree_are_not_named_in_the_headline() -> None:
    verdict = analyze_profile(
        recorded((7, "app", ("App`main", "App`a()", *ON_ANE), 60), (7, "app", ("App`main", "App`b()", *ON_ANE), 40))
    ).verdict
    assert len(verdict.models) == 2
    assert verdict.sentence.startswith("Yes: the Neural Engine worked in these predictions.")


def test_core_ml_s_table_names_the_model_before_any_caller() -> None:
    profile = recorded(
        (7, "app", ("App`main", "App`run()", *ON_ANE), 10), (7, "app", ("App`main", "App`run()", *ON_CPU), 90)
    )
    rows = [(0, 10, "Prediction", "prefill-1"), (10, 90, "Prediction", "decode-2")]
    table = pd.DataFrame(rows, columns=["start", "duration", "event-label", "model-name"])
    table[["start", "duration"]] *= 1_000_000
    found = models(profile, Beside({"coreml-os-signpost": table}))
    assert told(found) == [("decode", "model", "no"), ("prefill", "model", "yes")]
    assert [model.predictions for model in found] == [1, 1]


def test_owners_share_all_samples_inside_predictions() -> None:
    profile = recorded(
        (7, "app", ("App`main", "App`a()", *ON_ANE), 6),
        (7, "app", ("App`main", "App`b()", *ON_CPU), 5),
        (7, "app", ("App`main",), 3),
    )
    found = models(profile)
    assert sum(model.samples for model in found) == 11
    assert sum(model.weight for model in found) == 11_000_000
