"""A recording of a language model's tables alone: what they tell is said first, and that the engine needs samples."""

import pandas as pd
import pytest

from tests.analysis.predictions.test_generation import ANSWERS, ASKED, COUNTED, MS, event, events, inference, signposts
from tests.support.judged import ane
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.predictions.measure import Beside
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta

ALONE = "Samples would tell which engine ran it, and the recording holds none: record the Time Profiler beside it."
TWO = events(
    *(event(0, "A", ASKED), event(400, "A", ANSWERS), event(1400, "A", COUNTED)),
    *(event(2000, "B", ASKED), event(2500, "B", ANSWERS), event(4100, "B", COUNTED)),
)
PROMPTS = inference(("A", 0, 1400, "600", "30", "0"), ("B", 2000, 4100, "400", "30", "0"))
LOADS = pd.DataFrame({"start": [0, 9 * MS], "duration": [3 * MS, 4 * MS], "to-state": ["loaded", "loaded"]})


def said(tables: dict[str, pd.DataFrame]) -> str:
    verdict = analyze_profile(ProfileBuilder().build(Meta("ns")), beside=Beside(tables)).verdict
    assert (verdict.answer, verdict.evidence) == ("unknown", "none")
    return verdict.sentence


@pytest.mark.parametrize(
    "tables, told",
    [
        (
            {"FMEventTable": TWO, "ModelInferenceTable": PROMPTS, "ModelLoadingTable": LOADS},
            "2 requests to a language model: prefill 900.0 ms (1,000 tokens, 1,111.1 a second), "
            "decode 2.60 s (60 tokens, 23.1 a second)",
        ),
        ({"FMEventTable": TWO.head(2)}, "1 request to a language model: prefill 400.0 ms"),
        ({"ModelInferenceTable": PROMPTS}, "2 requests to a language model: 3.50 s (60 tokens)"),
        ({"ModelLoadingTable": LOADS.head(1)}, "language models were loaded 1 time, in 3.0 ms"),
        ({"ModelLoadingTable": LOADS}, "language models were loaded 2 times, in 7.0 ms"),
        (
            {"os-signpost-interval": signposts(("Extend", 0, 20, ""), ("Extend", 20, 40, ""), pid=1)},
            "a language model ran: decode 40.0 ms (2 tokens, 50.0 a second)",
        ),
    ],
)
def test_what_its_tables_tell_comes_first(tables: dict[str, pd.DataFrame], told: str) -> None:
    assert said(tables) == f"Unknown: {told}. {ALONE}"


def test_tables_that_tell_of_no_run_say_nothing_of_one() -> None:
    """Near miss: text made of tokens is no run of a model."""
    text = signposts(("Decode", 0, 1, ""), pid=1)
    assert (
        said({"os-signpost-interval": text})
        == "Unknown: the recording holds no samples. Record it again with the Time Profiler."
    )


def test_requests_of_the_neural_engine_are_told_beside() -> None:
    tables = {"FMEventTable": TWO, "ane-hw-intervals": ane([(100, 120)])}
    verdict = analyze_profile(ProfileBuilder().build(Meta("ns")), beside=Beside(tables)).verdict
    assert verdict.sentence.startswith("Unknown: 2 requests to a language model: prefill 900.0 ms")
    assert "The Neural Engine's table holds 1 request (" in verdict.sentence
