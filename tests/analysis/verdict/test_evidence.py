"""What is gathered for the decision: parts of predictions, and whose the requests may be that nobody claims."""

from typing import Any

import pytest

from tests.analysis.verdict.known import asked, engine, hardware, measured, predictions
from tests.support.judged import Written
from tests.support.timelines import drawn
from tracekit.analysis.verdict.decision import Evidence
from tracekit.analysis.verdict.evidence import evidence_of, table_speaks, unclaimed
from tracekit.attribution.engines import attribute

FOUR = predictions(4)
TIED = asked(tied=6)


def gathered(*, is_core_ai: bool = False, **known: Any) -> Evidence:
    return evidence_of(attribute(drawn("")), measured(**known), is_core_ai=is_core_ai)


def test_of_nothing_nothing_is_known() -> None:
    found = gathered()
    assert (found.has_predictions, found.disagrees, found.ane_requests, found.ane_recorded) == (False, False, 0, False)
    assert (found.unclaimed, found.gpu_share, found.served, found.work.samples) == ("none", 0.0, None, 0)


def test_the_work_is_that_of_the_samples() -> None:
    work = evidence_of(attribute(drawn("cc")), measured(), is_core_ai=False).work
    assert (work.samples, work.running) == (2, 2)


@pytest.mark.parametrize(
    "known,gpu_share,served",
    [
        ({"hardware": hardware(100, engine(predictions_at_most=3)), "ane": TIED}, 0.0, 0.75),
        ({"hardware": hardware(100, engine(predictions=3, predictions_at_most=4)), "ane": TIED}, 0.0, 1.0),
        ({"hardware": hardware(100, engine(predictions_at_most=0)), "ane": TIED}, 0.0, 0.0),
        # Of requests that are tied to nobody it is not known in which predictions they worked.
        ({"hardware": hardware(100, engine(predictions_at_most=3)), "ane": asked(untied=6)}, 0.0, None),
        ({"hardware": hardware(100, gpu=engine(in_predictions_ns=40)), "ane": None}, 0.4, None),
        ({"hardware": hardware(100, engine(), engine(in_predictions_ns=100)), "ane": TIED}, 1.0, 0.0),
        ({"hardware": hardware(100, engine(), engine(in_predictions_ns=0)), "ane": TIED}, 0.0, 0.0),
        # Predictions of no length, or none that is known one by one: no part of them can be told.
        ({"hardware": hardware(0, engine(predictions_at_most=3), engine()), "ane": TIED}, 0.0, None),
        ({"hardware": hardware(None, engine(predictions_at_most=None), engine(in_predictions_ns=None))}, 0.0, None),
    ],
)
def test_parts_of_the_predictions(known: dict[str, Any], gpu_share: float, served: float | None) -> None:
    found = gathered(iterations=FOUR, **known)
    assert (found.gpu_share, found.served) == (gpu_share, served)


def test_one_prediction_that_a_table_tells_of_is_known() -> None:
    assert gathered(iterations=predictions(1)).has_predictions


@pytest.mark.parametrize(
    "ane,is_core_ai,speaks",
    [
        (None, False, False),
        (asked(), False, True),
        (asked(untied=9), False, True),
        # Of Core AI, the table speaks only where it has a row of the process.
        (None, True, False),
        (asked(), True, False),
        (asked(untied=9), True, False),
        (asked(tied=1), True, True),
    ],
)
def test_when_the_table_may_speak_against_the_engine(ane: Any, is_core_ai: bool, speaks: bool) -> None:
    assert table_speaks(ane, is_core_ai=is_core_ai) == speaks
    assert gathered(ane=ane, is_core_ai=is_core_ai).ane_recorded == speaks


@pytest.mark.parametrize(
    "known,whose",
    [
        ({}, "none"),
        ({"ane": TIED}, "none"),
        ({"ane": asked(untied=1)}, "some"),
        ({"ane": asked(untied=1), "iterations": FOUR}, "none"),  # known one by one, and the request is in none of them
        ({"ane": asked(untied=1, untied_in_predictions_ns=49), "iterations": FOUR}, "some"),
        ({"ane": asked(untied=1, untied_in_predictions_ns=50), "iterations": FOUR}, "much"),
        ({"ane": asked(untied=1, untied_in_predictions_ns=50)}, "much"),
        # The model was loaded to do without: another's.
        ({"ane": asked(untied=1, untied_in_predictions_ns=50), "harness": Written("cpuOnly")}, "none"),
        ({"ane": asked(untied=1, untied_in_predictions_ns=50), "harness": Written("all")}, "much"),
    ],
)
def test_requests_of_nobody_may_be_of_these_predictions(known: dict[str, Any], whose: str) -> None:
    """They fill 5 % of 1,000 ns or less."""
    assert unclaimed(measured(predicting_ns=1000, **known)) == whose
    assert gathered(predicting_ns=1000, **known).unclaimed == whose
