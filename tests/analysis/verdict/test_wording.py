"""The sentences of a verdict, each in whole; those of shares add up to what tables by engine show."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from tests.analysis.verdict.known import (
    NOTHING,
    asked,
    engine,
    hardware,
    judged_model,
    logged,
    measured,
    predictions,
    work,
)
from tests.support.timelines import drawn
from tracekit.analysis.predictions.steady import Steady
from tracekit.analysis.verdict.decision import Evidence
from tracekit.analysis.verdict.wording import (
    disagreement,
    gpu_beside,
    refusals,
    sentence_of,
    set_apart,
    shares_text,
    skipped,
    without_predictions,
)
from tracekit.analysis.verdict.work import Waited, Work
from tracekit.attribution.engines import attribute
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import ISSUE, NO_NAMES, Notice
from tracekit.model.profile import Meta


@pytest.mark.parametrize(
    "ane, gpu, said",
    [
        (0, 0, ""),
        (0, 400, " for the GPU"),
        (400, 0, " for the ANE"),
        (0, 150, " (15 % for the GPU)"),
        (100, 300, " (10 % for the ANE and 30 % for the GPU)"),
    ],
)
def test_one_off_work_says_for_which_engine_it_was(ane: int, gpu: int, said: str) -> None:
    found = work(gpu=600, once=400, nameless=0, once_ane=ane, once_gpu=gpu)
    assert shares_text(found, is_cpu_time=False) == (
        f"Of the samples in predictions, 60 % handed work to the GPU and 40 % loaded, compiled or prepared{said}."
    )


MS = 1_000_000
STEADY = Steady(3, 0, 1, 1, 1, 1, 1, None, ())
MET = {"ane_busy_ns": [9 * MS, MS, 3 * MS, 2 * MS], "wall_ns": [90 * MS, 10 * MS, 30 * MS, 20 * MS]}
FOUR = replace(predictions(4, **MET), steady=STEADY)
WARMED = replace(predictions(4, **(MET | {"warmup": [True, False, False, False]})), steady=replace(STEADY, warmup=1))


def said(answer: Any, reason: Any, found: Work = NOTHING, evidence: Any = None, **known: Any) -> str:
    given = {"has_predictions": True, "disagrees": False, "ane_requests": 0, "ane_recorded": True, **(evidence or {})}
    return sentence_of(answer, reason, Evidence(found, **given), measured(**known))


def served(surely: int, at_most: int) -> Any:
    return hardware(100, engine(predictions=surely, predictions_at_most=at_most))


USED = "predictions used the Neural Engine (hardware intervals)"
BESIDE = "neither model nor process, so another process's may be among them; samples of this process ask for the Neural"


@pytest.mark.parametrize(
    "reason,known,expected",
    [
        ("ANE alone", {}, "Yes: the Neural Engine worked in these predictions."),
        ("others too", {}, "Yes: the Neural Engine worked in these predictions, but not alone."),
        (
            "ANE alone",
            {"ane": asked(untied=1, untied_ns=5 * MS)},
            "Yes: the Neural Engine worked in these predictions. Its table holds 1 request (5.0 ms) of no known "
            "process.",
        ),
        # Known one by one: how many, and how long it was busy in each.
        (
            "ANE alone",
            {"ane": asked(tied=4), "hardware": served(4, 4), "iterations": FOUR},
            f"Yes: 4 of 4 {USED}. It was busy 3.8 ms of 37.5 ms a prediction.",
        ),
        (
            "others too",
            {"ane": asked(tied=4, untied=2, untied_ns=MS), "hardware": served(4, 4), "iterations": WARMED},
            f"Yes: 4 of 4 {USED}, and other engines too. After warm-up it was busy 2.0 ms of 20.0 ms a prediction. "
            "Its table also holds 2 requests (1.0 ms) of no known process.",
        ),
        (
            "ANE alone",
            {"ane": asked(tied=4, nameless=4, nameless_asked=3), "hardware": served(2, 4), "iterations": FOUR},
            f"Yes: 2 to 4 of 4 {USED}. Some ran at once, and requests do not say of which of them they are. "
            f"The rows name {BESIDE} Engine beside 3.",
        ),
        (
            "ANE alone",
            {"ane": asked(tied=4), "hardware": served(4, 4), "iterations": replace(FOUR, steady=None)},
            f"Yes: 4 of 4 {USED}.",
        ),
        (
            "not all predictions",
            {"ane": asked(tied=4), "hardware": served(0, 2), "iterations": FOUR},
            f"Yes: 0 to 2 of 4 {USED}. Some ran at once, and requests do not say of which of them they are.",
        ),
        (
            "not all predictions",
            {"ane": asked(tied=4), "hardware": served(0, 0), "iterations": replace(FOUR, steady=None)},
            f"Yes: 0 of 4 {USED}.",
        ),
        # Requests, and no prediction that is known.
        (
            "nothing else is known",
            {"ane": asked(tied=1, tied_ns=2 * MS), "hardware": served(1, 1)},
            "Yes: the Neural Engine worked for this process: 1 request, busy 2.0 ms (hardware intervals).",
        ),
        (
            "ANE alone",
            {"ane": asked(tied=6, tied_ns=2 * MS, nameless=4, nameless_asked=1), "hardware": served(1, 1)},
            "Yes: the Neural Engine worked in these predictions: 6 requests, busy 2.0 ms (hardware intervals). "
            f"4 of them name {BESIDE} Engine beside 1.",
        ),
    ],
)
def test_how_far_the_engine_worked(reason: Any, known: dict[str, Any], expected: str) -> None:
    assert said("yes", reason, **known) == expected


@pytest.mark.parametrize("models,of", [((), ""), (("Net",), " of Net"), (("Net", "Other"), " of 2 models")])
def test_models_that_requests_name_are_named(models: tuple[str, ...], of: str) -> None:
    near = [
        ("GPU", "mps", "named", "prediction"),
        ("ANE", "ane", "none", "prediction"),
        ("ANE", "ane", "named", "load"),
    ]
    near += [("ANE", "coreml", "named", "prediction")]
    rows = [(*row, "Near") for row in near] + [("ANE", "ane", "named", "prediction", name) for name in ("", *models)]
    requests = pd.DataFrame(rows, columns=["engine", "table", "tie", "kind", "model"])
    assert f": 9 requests{of}, busy " in said("yes", "ANE alone", ane=asked(tied=9), requests=requests)


@pytest.mark.parametrize(
    "found,evidence,ane,expected",
    [
        (
            work(cpu=1),
            {},
            None,
            "ran on the CPU; nothing asks for the Neural Engine in 1,000 samples inside predictions",
        ),
        (work(gpu=1), {}, None, "ran on the GPU; nothing asks"),
        (work(cpu=1, gpu=1), {}, None, "ran on the GPU and the CPU; nothing"),
        (work(cpu=1), {"gpu_share": 0.01}, None, "ran on the GPU and the CPU; nothing"),
        (work(), {"gpu_share": 0.01}, None, "ran on the GPU; nothing"),
        (work(cpu=1), {}, asked(), "inside predictions, and its table was recorded, without any work."),
        (work(cpu=1), {}, asked(untied=1), "and nothing ties the work in its table to this process. Its table holds 1"),
        (work(cpu=1), {"ane_recorded": False}, asked(), "; that its table is empty says nothing of Core AI."),
        (
            work(cpu=1),
            {"ane_recorded": False},
            asked(untied=1),
            "; that nothing in its table is tied to this process says nothing of Core AI. Its table holds 1 request",
        ),
    ],
)
def test_how_a_no_is_said(found: Work, evidence: dict[str, Any], ane: Any, expected: str) -> None:
    text = said("no", "ANE not seen", found, evidence, ane=ane)
    assert text.startswith("No: these predictions ran ")
    assert expected in text


@pytest.mark.parametrize(
    "reason,found,known,expected",
    [
        ("no sample in predictions", NOTHING, {}, "Unknown: no sample that takes part fell inside a prediction."),
        (
            "no sample in predictions",
            NOTHING,
            {"iterations": replace(FOUR, source="odie-profile")},
            "Unknown: Core AI's table says when 4 predictions ran, not on which engine, and no sample that takes part "
            "fell inside one. Record the Time Profiler beside it.",
        ),
        ("too few samples", work(samples=1), {}, "only 1 sample fell inside predictions, too few to say that the Neur"),
        (
            "no engine named",
            work(samples=40),
            {},
            "predictions were seen (40 samples), but no frame tells which engine",
        ),
        ("mostly nameless", work(), {}, "but more of their time names no engine than names one."),
    ],
)
def test_why_nothing_is_known(reason: Any, found: Work, known: dict[str, Any], expected: str) -> None:
    assert expected in said("unknown", reason, found, **known)


def test_few_samples_are_said_to_be_few_once() -> None:
    few = "Only 29 samples fell inside predictions: the shares are not meaningful."
    assert few in said("yes", "ANE alone", work(ane=900, samples=29))
    assert few not in said("unknown", "too few samples", work(samples=29))
    assert "not meaningful" not in said("yes", "ANE alone", work(ane=900, samples=30))
    assert "in predictions, 90 % handed work to the ANE" in said("yes", "ANE alone", work(ane=900, samples=30))
    assert "not meaningful" not in said("yes", "ANE alone")


@pytest.mark.parametrize(
    "found,expected",
    [
        (
            work(ane=1, nameless=999),
            "Of 0.00 ms of CPU time in predictions, 100 % is in code that names no engine and 0.1",
        ),
        (work(ane=900, moving=50, once=49), "90 % handed work to the ANE and 5.0 % copied or converted data."),
        (
            work(cpu=300, gpu=500, unknown=100, blocked=100),
            "50 % handed work to the GPU, 30 % computed on the CPU, 10 %",
        ),
        (work(moving=0, nameless=0), ""),
    ],
)
def test_shares_are_told_heaviest_first(found: Work, expected: str) -> None:
    text = shares_text(found, is_cpu_time=True)
    assert expected in text
    assert bool(text) == bool(expected)


@pytest.mark.parametrize(
    "found,share",
    [
        (work(ane=500), ""),
        (work(ane=499), "50 %"),
        (work(ane=200, cpu=200, gpu=99, unknown=101, blocked=200, nameless=200), "50 %"),
        (work(ane=300, cpu=100, gpu=100, unknown=100, blocked=200, nameless=200), ""),
        (work(), ""),  # where nothing names an engine, that is the answer
    ],
)
def test_what_names_no_engine_is_said_to_be_more_where_it_is(found: Work, share: str) -> None:
    text = f"What names no engine ({share}) is more than what names one."
    assert (text in said("yes", "ANE alone", found)) == bool(share)
    assert ("What names no engine" in said("yes", "ANE alone", found)) == bool(share)


ASKED_ONLY = "No sample shows a prediction: what else worked is not known."
LIMITS = "CPU samples do not say how long the ANE or the GPU was busy."


def test_what_limits_the_answer() -> None:
    assert ASKED_ONLY in said("partly", "nothing else is known", evidence={"ane_requests": 1})
    assert ASKED_ONLY not in said("partly", "nothing else is known")
    assert LIMITS in said("yes", "ANE alone", work(ane=900))
    assert LIMITS not in said("yes", "ANE alone", work(ane=900), hardware=hardware(None))
    waited = replace(work(ane=900), waited=Waited(9 * MS, 8 * MS, 0, 0, 5))
    upper = "an upper bound of its work."
    assert f"blocked on the ANE for 8.0 ms, {upper}" in said("yes", "ANE alone", waited)
    each = f"blocked on the ANE for 8.0 ms (2.0 ms a prediction), {upper}"
    assert each in said("yes", "ANE alone", waited, iterations=FOUR)
    assert upper not in said("yes", "ANE alone", waited, times_cpu=False)
    assert upper not in said("yes", "ANE alone", replace(waited, waited=Waited(9, 0, 9, 0, 5)))


def test_all_that_disagrees_is_said() -> None:
    assert disagreement(["a", "b"]) == "Unknown: the evidence disagrees: a; b."


# ---- What is said beside the answer.


DRIVEN = pd.DataFrame({"index": [0, 0, 9], "engine": "GPU", "phase": ["dispatch", "wait", "dispatch"]}).assign(
    weight=[3 * MS, 5 * MS, 7 * MS]
)


@pytest.mark.parametrize(
    "known,expected",
    [
        ({}, ""),
        ({"hardware": hardware(9, engine())}, ""),
        ({"hardware": hardware(9, gpu=engine())}, ""),
        (
            {"hardware": hardware(9, gpu=engine(in_predictions_ns=MS)), "iterations": replace(FOUR, phases=DRIVEN)},
            " The GPU was busy 1.0 ms in them, beside 3.0 ms of CPU time spent for it.",
        ),
        ({"hardware": hardware(9, gpu=engine(own_ns=MS))}, ""),  # in none of the predictions
        ({"hardware": hardware(None, gpu=engine(own_ns=MS, in_predictions_ns=None))}, " for this process."),
        ({"hardware": hardware(None, gpu=engine(own_ns=MS, in_predictions_ns=None)), "pid": 2}, " for B (2)."),
        ({"hardware": hardware(None, gpu=engine(own_ns=0, in_predictions_ns=None)), "pid": 2}, ""),
        ({"hardware": hardware(None, gpu=engine(own_ns=MS, in_predictions_ns=None)), "times_cpu": False}, ""),
    ],
)
def test_how_long_the_gpu_worked(known: dict[str, Any], expected: str) -> None:
    models = (judged_model("m"), judged_model("n", pid=2, process="B"))
    text = gpu_beside(measured(**({"pid": None} | known)), models)
    assert text.endswith(expected)
    assert bool(text) == bool(expected)


def test_the_only_process_is_this_one() -> None:
    known = measured(pid=1, hardware=hardware(None, gpu=engine(own_ns=MS, in_predictions_ns=None)))
    assert gpu_beside(known, (judged_model("m"),)) == " The GPU was busy 1.0 ms for this process."
    assert gpu_beside(known, (judged_model("m", process=""), judged_model("n", pid=2))).endswith(
        " for the process (1)."
    )


@pytest.mark.parametrize(
    "log,expected",
    [
        (None, ""),
        (logged(40), ""),
        (
            logged(39, 1, statuses=(0, 0x12)),
            "1 of 40 requests to the Neural Engine ended with status 0x12: it returned nothing for it.",
        ),
        (
            logged(2000, 2, 3, statuses=(0, 0x1D, 0x12)),
            "5 of 2,005 requests to the Neural Engine ended with status 0x12 and 0x1d: it returned nothing for them.",
        ),
    ],
)
def test_requests_that_were_refused_are_told(log: Any, expected: str) -> None:
    assert refusals(measured(log=log)) == (f" The process's log says that {expected}" if expected else "")


@pytest.mark.parametrize(
    "count,read,expected", [(0, 0, ""), (4, 77, ""), (5, 95, "5 of 100"), (2000, 0, "2,000 of 2,000")]
)
def test_rows_that_could_not_be_read_are_told_from_5_percent_on(count: int, read: int, expected: str) -> None:
    text = skipped(count, read)
    assert text == (f" {expected} rows could not be read: what they held is not known." if expected else "")


@pytest.mark.parametrize(
    "first,expected",
    [
        (1, " The first prediction is set apart: 90.0 ms, with 7.0 ms compiling, once."),
        (2, " The first 2 predictions are set apart: 100.0 ms, with 16.0 ms compiling, once."),
        (0, ""),
    ],
)
def test_warm_up_is_set_apart(first: int, expected: str) -> None:
    iterations = predictions(4, **(MET | {"warmup": [number < first for number in range(4)]}))
    phases = pd.DataFrame({"index": [0, 1, 3], "phase": "compile", "weight": [7 * MS, 9 * MS, MS]})
    known = {"iterations": replace(iterations, phases=phases)}
    assert set_apart(measured(**known)) == expected
    assert set_apart(measured(times_cpu=False, **known)) == ""


EMPTY = drawn("")


@pytest.mark.parametrize(
    "notices,known,expected",
    [
        ((), {}, "Unknown: the recording holds no samples. Record it again with the Time Profiler."),
        (
            (Notice(ISSUE, "a."), Notice("x", "b"), Notice(ISSUE, "c")),
            {},
            "Unknown: the recording holds no samples. a. Record it again with the Time Profiler.",
        ),
        (
            (),
            {"ane": asked(untied=1, untied_ns=5 * MS)},
            "Unknown: the Neural Engine worked: 1 request, 5.0 ms; for which process its table does not say. Record "
            "the Time Profiler beside it.",
        ),
    ],
)
def test_a_recording_without_samples(notices: tuple[Notice, ...], known: dict[str, Any], expected: str) -> None:
    near = [("ane", "load", "A", 5), ("mps", "prediction", "B", 7)]
    requests = pd.DataFrame([("ane", "prediction", "A", 1), *near], columns=["table", "kind", "model", "count"])
    profile = replace(EMPTY, meta=replace(EMPTY.meta, notices=notices))
    assert without_predictions(profile, measured(requests=requests, **known)) == expected


def test_requests_of_several_models_are_counted() -> None:
    rows = [("ane", "prediction", name, 600) for name in ("A", "B", "")]
    requests = pd.DataFrame(rows, columns=["table", "kind", "model", "count"])
    assert ": 1,800 requests of 2 models, " in without_predictions(
        EMPTY, measured(requests=requests, ane=asked(untied=3))
    )


def test_samples_without_a_prediction() -> None:
    profile = attribute(drawn("xx"))
    start, end = (
        "Unknown: no prediction was found in this trace.",
        "If the model is called by another function, give that",
    )
    assert without_predictions(profile, measured()) == f"{start} {end} to --focus."
    worked = " The Neural Engine worked 5.0 ms while it was recorded, for which process its table does not say. "
    assert worked in without_predictions(profile, measured(ane=asked(untied=1, untied_ns=5 * MS)))
    unnamed = replace(profile, meta=replace(profile.meta, notices=(Notice(NO_NAMES, "n"),)))
    assert without_predictions(unnamed, measured()).startswith(f"{start} A function without a name may be one;")
    assert end not in without_predictions(unnamed, measured())


@pytest.mark.parametrize(
    "names,shows",
    [
        (("",), "The thread of the Neural Engine's driver shows"),
        (("H11ANEServicesThread",), "The thread H11ANEServicesThread shows"),
        (("B", "A", "", "C"), "The threads A, B and C show"),
    ],
)
def test_threads_of_the_driver_show_no_prediction(names: tuple[str, ...], shows: str) -> None:
    builder = ProfileBuilder()
    stack = builder.stack([builder.frame("H11ANE::H11ANEServicesThreadStart", builder.binary("ANEServices"))])
    for tid, name in enumerate(names):
        builder.sample(time_ns=tid, thread_id=builder.thread(tid, name, 7, "app"), stack=stack, weight=1)
    said = without_predictions(attribute(builder.build(Meta("ns"))), measured())
    assert f" in this trace. {shows} only that the process opened the Neural Engine once. If" in said
