"""Whose a request is: tied by a name, by samples that ask beside it, or by nothing."""

import pandas as pd
import pytest

from tests.support.timelines import TICK, analysed
from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.credit import same_model
from tracekit.analysis.predictions.measure import Beside

Spans = list[tuple[float, float]]


def ane(**of_model: Spans) -> pd.DataFrame:
    rows = [
        (int(start * TICK), int((end - start) * TICK), f"{model} Prediction", "Active")
        for model, spans in of_model.items()
        for start, end in spans
    ]
    return pd.DataFrame(rows, columns=["start", "duration", "event-label", "state"])


def ties(analysis: Analysis) -> dict[str, str]:
    found = analysis.measured.requests
    return dict(zip(found["model"], found["tie"], strict=True))


def beside(**of_model: Spans) -> Beside:
    return Beside({"ane-hw-intervals": ane(**of_model)})


LOOP = "xxxxxxx a ........ a xx " * 20  # 19 ticks; the ANE works while the thread sleeps
MINE = [(19 * at + 8.2, 19 * at + 16.0) for at in range(20)]


def test_samples_that_ask_beside_its_rows_tie_a_model() -> None:
    assert ties(analysed(LOOP, beside=beside(Mine=MINE))) == {"Mine": "asked"}


def test_rows_that_nobody_asks_for_are_of_no_known_process() -> None:
    cpu = LOOP.replace("a", "c").replace(".", "c")
    analysis = analysed(cpu, beside=beside(Theirs=MINE))
    assert ties(analysis) == {"Theirs": "none"}
    assert analysis.measured.ane is not None
    assert (analysis.measured.ane.tied, analysis.measured.ane.untied) == (0, 20)


def test_a_model_in_the_background_is_not_tied_beside_one_that_is_asked() -> None:
    everywhere = [(3.0 * at, 3.0 * at + 2.0) for at in range(120)]
    assert ties(analysed(LOOP, beside=beside(Mine=MINE, Theirs=everywhere))) == {"Mine": "asked", "Theirs": "none"}


def test_a_model_that_worked_while_this_process_did_is_not_tied_beside_its_own() -> None:
    """Both rest in the second half of the recording: beside so many rows every sample is by chance."""
    mine = [(at + 0.5, at + 7.5) for at in range(8, 199, 19)]
    theirs = [(at + 0.2, at + 0.4) for at in range(199)]
    drawing = LOOP.replace(" ", "")[:190] + "x" * 190
    found = ties(analysed(drawing, beside=beside(Mine=mine, Theirs=theirs)))
    assert found == {"Mine": "asked", "Theirs": "none"}


def test_few_rows_of_another_are_not_tied_by_chance() -> None:
    assert ties(analysed(LOOP, beside=beside(Mine=MINE, Theirs=[(5.0, 8.6)])))["Theirs"] == "none"


def test_an_engine_that_never_rests_is_tied_where_no_other_model_explains_the_samples() -> None:
    tight = "aaaa" * 50
    rows = [(4.0 * at, 4.0 * at + 3.9) for at in range(50)]
    assert ties(analysed(tight, beside=beside(Mine=rows))) == {"Mine": "asked"}
    assert ties(analysed(tight, beside=beside(Mine=rows, Theirs=rows))) == {"Mine": "none", "Theirs": "none"}
    # Against it: the process computed while they lasted.
    assert ties(analysed("accc" * 50, beside=beside(Theirs=rows))) == {"Theirs": "none"}


def test_a_model_that_core_ml_s_table_names_is_tied_by_its_name() -> None:
    table = pd.DataFrame(
        {"start": [0], "duration": [5 * TICK], "event-label": ["Prediction"], "model-name": ["Mine-1"]}
    )
    tables = {"ane-hw-intervals": ane(Mine_0=[(1.0, 2.0)], Other=[(3.0, 4.0)]), "coreml-os-signpost": table}
    assert ties(analysed("ppppp", beside=Beside(tables)))["Mine_0"] == "named"
    assert ties(analysed("ppppp", beside=Beside(tables)))["Other"] == "none"


@pytest.mark.parametrize(
    "label,name,same",
    [
        ("Net", "Net", True),
        ("Net_0", "Net", True),
        ("Net-5F", "Net", True),
        ("Network", "Net", False),
        ("Net", "", False),
    ],
)
def test_a_label_names_the_model_or_a_part_of_it(label: str, name: str, same: bool) -> None:
    assert same_model(label, name) == same


def test_loads_are_tied_with_their_model() -> None:
    table = pd.concat(
        [ane(Mine=MINE), ane(Mine=[(0.0, 4.0)]).assign(**{"event-label": "Neural Engine Load Mine.mlmodelc"})]
    )
    found = analysed(LOOP, beside=Beside({"ane-hw-intervals": table})).measured.requests
    assert found[["kind", "count", "tie"]].to_dict("records") == [
        {"kind": "prediction", "count": 20, "tie": "asked"},
        {"kind": "load", "count": 1, "tie": "asked"},
    ]
