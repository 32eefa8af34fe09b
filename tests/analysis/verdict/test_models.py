"""The answer of each model: which requests and predictions are its own, what it is called, and when it is named."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from tests.analysis.predictions.test_owners import ON_ANE, ON_CPU, ON_GPU, recorded
from tests.analysis.verdict.known import asked, judged_model, measured, predictions, sampled
from tests.support.judged import Written
from tracekit.analysis.predictions.measure import Iterations
from tracekit.analysis.predictions.steady import Steady
from tracekit.analysis.verdict.models import Model, model_label, models_judged, naming_models

MS = 1_000_000
APP = ("App`main", "App`detect()")


def requests(*rows: tuple[str, str, str, str, int]) -> pd.DataFrame:
    """Rows of ``Measured.requests``: table, model, kind, tie, count."""
    return pd.DataFrame(rows, columns=["table", "model", "kind", "tie", "count"])


def of_models(*models: str, busy: int = 1) -> Iterations:
    """Predictions of 10 ms, one after the other, each of a model; the first ``busy`` of them met the Neural Engine."""
    at = [10 * MS * number for number in range(len(models))]
    worked = [1 if number < busy else 0 for number in range(len(models))]
    ends = [start + 10 * MS for start in at]
    return predictions(len(models), start_ns=at, end_ns=ends, model=list(models), ane_busy_ns=worked)


def judged(*stacks: tuple[tuple[str, ...], int], **known: Any) -> tuple[Model, ...]:
    """The models of one process, which ran each stack for so many milliseconds."""
    profile = recorded(*((7, "App", stack, count) for stack, count in stacks))
    return models_judged(sampled(profile), measured(**({"requests": requests()} | known)))


ROWS = requests(
    ("ane", "Letters_0", "prediction", "named", 1),
    ("ane", "Letters", "prediction", "asked", 2),
    ("ane", "Flowers", "prediction", "named", 4),
    ("ane", "", "prediction", "beside", 8),
    ("ane", "Letters", "prediction", "none", 16),
    ("ane", "Letters", "load", "named", 32),
    ("mps", "Letters", "prediction", "named", 64),
)


def test_requests_are_the_model_s_that_they_name() -> None:
    letters, flowers, nobody = judged(
        ((*APP, *ON_ANE), 30), ((*APP, *ON_ANE), 10), (("start_wqthread", *ON_ANE), 5),
        iterations=of_models("Letters", "Letters", "Letters", "Flowers"), requests=ROWS, ane=asked(tied=15, nameless=8),
    )  # fmt: skip
    assert (letters.name, letters.ane_requests, letters.predictions, letters.samples) == ("Letters", 3, 3, 30)
    assert (flowers.name, flowers.ane_requests, flowers.predictions, flowers.weight) == ("Flowers", 4, 1, 10 * MS)
    # What no prediction names has no request: those without a name may be anybody's.
    assert (nobody.name, nobody.named_by, nobody.ane_requests, nobody.predictions) == ("", "nothing", 0, None)


@pytest.mark.parametrize("nameless,beside,own", [(8, 8, 15), (8, 3, 10), (20, 0, 0)])
def test_of_the_only_model_all_requests_are_but_nameless_ones_that_nobody_asks_for(
    nameless: int, beside: int, own: int
) -> None:
    ane = asked(tied=15, nameless=nameless, nameless_asked=beside)
    (model,) = judged(((*APP, *ON_ANE), 40), requests=ROWS, ane=ane)
    assert (model.name, model.named_by, model.ane_requests) == ("detect", "caller", own)


@pytest.mark.parametrize("busy,answer,reason", [(20, "yes", "ANE alone"), (19, "partly", "not all predictions")])
def test_a_model_that_was_not_always_served_is_partly_on_the_engine(busy: int, answer: str, reason: str) -> None:
    known = of_models(*["Letters"] * 20, busy=busy)
    (model,) = judged(((*APP, *ON_ANE), 200), iterations=known, requests=ROWS, ane=asked(tied=7))
    assert (model.answer, model.reason, model.predictions) == (answer, reason, 20)
    # Without a request of its own, that no row met a prediction says nothing.
    (model,) = judged(((*APP, *ON_ANE), 200), iterations=known, ane=asked())
    assert model.answer == "yes"


@pytest.mark.parametrize("harness,answer", [(None, "no"), (Written(pid=7), "no"), (Written(pid=8), "unknown")])
def test_a_table_speaks_of_a_model_where_no_other_may_have_asked(harness: Written | None, answer: str) -> None:
    """Two samples on the CPU are too few by themselves. The harness may tell of predictions of another process."""
    (model,) = judged(((*APP, *ON_CPU), 2), ane=asked(), harness=harness)
    assert (model.answer, model.where) == (answer, "on the CPU")
    others = judged(((*APP, *ON_CPU), 2), (("App`main", "App`read()", *ON_CPU), 2), ane=asked())
    assert [each.answer for each in others] == ["unknown", "unknown"]


def test_requests_of_nobody_leave_a_model_open_too() -> None:
    (model,) = judged(((*APP, *ON_CPU), 2), ane=asked(untied=1))
    assert (model.answer, model.reason) == ("unknown", "too few samples")


CORE_AI = ("CoreAI`InferenceFunction.run(inputs:)", ON_CPU[1])


@pytest.mark.parametrize("ane,answer", [(asked(), "unknown"), (asked(tied=1), "partly")])
def test_of_core_ai_an_empty_table_says_nothing(ane: Any, answer: str) -> None:
    rows = requests(("ane", "", "prediction", "asked", 1)) if ane.tied else requests()
    (model,) = judged(((*APP, *CORE_AI), 2), ane=ane, requests=rows)
    assert (model.kind, model.answer) == ("Core AI", answer)


@pytest.mark.parametrize(
    "call,kind",
    [(ON_CPU, "Core ML"), (("CoreML`MLTensor.matmul(_:)", ON_CPU[1]), "MLTensor"), (CORE_AI, "Core AI")],
)
def test_what_an_app_calls_is_named_by_its_function(call: tuple[str, ...], kind: str) -> None:
    (model,) = judged(((*APP, *call), 40))
    assert (model.kind, model.named_by, model.name) == (kind, "caller", "detect")
    assert model_label(model) == "what detect calls"


def test_where_it_ran_is_told_in_words() -> None:
    stacks = (*APP, *ON_GPU), (*APP, *ON_CPU), (*APP, *ON_ANE)
    (model,) = judged(*((stack, 40) for stack in stacks))
    assert model.where == "on the Neural Engine, the GPU and the CPU"
    for call, where in ((ON_GPU, "on the GPU"), (ON_CPU, "on the CPU")):  # the least that a sample may weigh
        one = recorded((7, "App", (*APP, *call), 1), step=1)
        assert [each.where for each in models_judged(sampled(one), measured(requests=requests()))] == [where]
    (model,) = judged(((*APP, ON_CPU[0]), 40), requests=ROWS)  # requests, and no sample that asks
    assert model.where == "on the Neural Engine"
    (model,) = judged(((*APP, ON_CPU[0]), 40))
    assert model.where == ""


@pytest.mark.parametrize("count,p95", [(19, None), (20, 9)])
def test_times_are_those_after_warm_up(count: int, p95: int | None) -> None:
    times = Steady(count, 1, 7, 9, 10, 1, 1, None, ())
    iterations = replace(of_models(*["Letters"] * 20), steady=times)
    (model,) = judged(((*APP, *ON_ANE), 200), iterations=iterations)
    assert (model.p50_ns, model.p95_ns) == (7, p95)
    (model,) = judged(((*APP, *ON_ANE), 40))
    assert (model.p50_ns, model.p95_ns) == (None, None)


# ---- The first sentence.

SAID = "Partly: some worked. More of it."
YES, NO, PARTLY, OPEN = (
    judged_model(name, answer=answer, where="on the CPU")
    for name, answer in (("A", "yes"), ("B", "no"), ("C", "partly"), ("D", "unknown"))
)


def nameless(samples: int, **given: Any) -> Model:
    return judged_model("", named_by="nothing", samples=samples, **given)


@pytest.mark.parametrize(
    "models,named",
    [
        ((), ""),
        ((YES,), ""),
        ((YES, judged_model("B")), ""),
        ((YES, OPEN), ""),
        ((NO, YES), "B: no, on the CPU · A: yes."),
        ((NO, YES, OPEN), "B: no, on the CPU · A: yes."),
        ((PARTLY, YES), "C: partly, on the CPU · A: yes."),
        ((judged_model("B", answer="no", where=""), YES), "B: no · A: yes."),
        # So many that have no name, or a few: what a worker did for the others.
        ((NO, nameless(30)), ""),
        ((NO, nameless(30, kind="Vision")), "B: no, on the CPU · what nothing names: yes."),
        ((NO, nameless(29, kind="Vision")), ""),
        ((nameless(30, answer="no", where=""), nameless(30)), "what nothing names: no · what nothing names: yes."),
        ((NO, YES, NO, YES), "B: no, on the CPU · A: yes · B: no, on the CPU · A: yes."),
        ((NO, YES, NO, YES, NO, YES), "B: no, on the CPU · A: yes · B: no, on the CPU · A: yes · and 2 more."),
    ],
)
def test_models_are_named_where_their_answers_differ(models: tuple[Model, ...], named: str) -> None:
    expected = f"Partly: {named} Together: some worked. More of it." if named else SAID
    assert naming_models(SAID, models) == expected


@pytest.mark.parametrize("other", [{"pid": 2}, {"process": "Other"}])
def test_processes_are_named_whatever_their_answers(other: dict[str, Any]) -> None:
    models = (judged_model("A"), judged_model("A", answer="unknown", **other))
    process = f"{other.get('process', 'App')} ({other.get('pid', 1)})"
    assert naming_models(SAID, models) == (
        f"Partly: App (1), A: yes · {process}, A: unknown. --process NAME answers for one. Together: some worked. "
        "More of it."
    )


@pytest.mark.parametrize(
    "given,alone,with_process",
    [
        ({"name": "Letters"}, "Letters", "App (1), Letters"),
        ({"name": "detect", "named_by": "caller"}, "what detect calls", "App (1), what detect calls"),
        ({"name": "Vision", "named_by": "framework"}, "Vision's own model", "App (1), Vision's own model"),
        ({"name": "", "named_by": "nothing"}, "what nothing names", "App (1)"),
        ({"name": "Letters", "process": ""}, "Letters", "unnamed process (1), Letters"),
    ],
)
def test_what_a_model_is_called(given: dict[str, Any], alone: str, with_process: str) -> None:
    model = judged_model(**given)
    assert (model_label(model), model_label(model, with_process=True)) == (alone, with_process)
