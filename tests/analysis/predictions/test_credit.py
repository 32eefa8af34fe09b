"""Whose a request is: tied by a name, by samples that ask beside it, or by nothing."""

from dataclasses import replace

import pandas as pd
import pytest

from tests.support.timelines import OTHER_PID, TICK, analysed, drawn
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.credit import same_model
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.select import Selection

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
    """Both rest in the second half of the recording."""
    mine = [(at + 0.5, at + 7.5) for at in range(8, 199, 19)]
    theirs = [(at + 0.2, at + 0.4) for at in range(0, 199, 10)]
    drawing = LOOP.replace(" ", "")[:190] + "x" * 190
    found = ties(analysed(drawing, beside=beside(Mine=mine, Theirs=theirs)))
    assert found == {"Mine": "asked", "Theirs": "none"}
    # Where every moment is beside one of theirs, no sample tells of which it asks.
    theirs = [(at + 0.2, at + 0.4) for at in range(199)]
    assert set(ties(analysed(drawing, beside=beside(Mine=mine, Theirs=theirs))).values()) == {"none"}


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


def test_a_model_that_the_process_was_launched_with_is_tied_by_its_name() -> None:
    profile = drawn("ppppp")
    launched = replace(profile.meta, facts=replace(profile.meta.facts, models=("Mine",)))
    tables = beside(Mine_0=[(1.0, 2.0)], Other=[(3.0, 4.0)])
    found = analyze_profile(replace(profile, meta=launched), beside=tables)
    assert ties(found) == {"Mine_0": "named", "Other": "none"}
    # Of a process that takes no part nothing is said.
    other = replace(launched, facts=replace(launched.facts, pid=OTHER_PID))
    assert set(ties(analyze_profile(replace(profile, meta=other), beside=tables)).values()) == {"none"}


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


# ---- In line for the engine: one process's call waits for its turn behind another's request.


def test_a_request_behind_which_a_call_waits_is_not_asked_for() -> None:
    """Every call is made in the midst of a stranger's request, and served when that has ended."""
    waiting = "xxx a ........ a xxxxx " * 20  # 18 ticks: asks at 3, served from 9 to 11
    theirs = [(18 * at + 1.0, 18 * at + 9.0) for at in range(20)]
    mine = [(18 * at + 9.0, 18 * at + 11.9) for at in range(20)]
    found = ties(analysed(waiting, beside=beside(Mine=mine, Theirs=theirs)))
    assert found["Theirs"] == "none"


def test_of_a_blocked_thread_the_last_moment_alone_asks() -> None:
    waiting = "xxx a AAAAAAAA a xxxxx " * 20
    theirs = [(18 * at + 1.0, 18 * at + 8.0) for at in range(20)]
    mine = [(18 * at + 8.0, 18 * at + 11.9) for at in range(20)]
    assert ties(analysed(waiting, beside=beside(Mine=mine, Theirs=theirs))) == {"Mine": "asked", "Theirs": "none"}
    # A sample without a stack does not end the waiting.
    nameless = waiting.replace("AAAAAAAA", "A?A?A?AA")
    assert ties(analysed(nameless, beside=beside(Mine=mine, Theirs=theirs))) == {"Mine": "asked", "Theirs": "none"}


def test_two_models_at_the_same_moments_are_of_no_known_process() -> None:
    """A stranger that keeps exactly this process's pace: no sample tells of which of the two it asks."""
    again = [(start + 0.1, end + 0.1) for start, end in MINE]
    assert ties(analysed(LOOP, beside=beside(Mine=MINE, Theirs=again))) == {"Mine": "none", "Theirs": "none"}


def test_a_stranger_at_this_pace_is_not_tied_where_the_own_model_is_named() -> None:
    table = pd.DataFrame(
        {"start": [0], "duration": [5 * TICK], "event-label": ["Prediction"], "model-name": ["Mine-1"]}
    )
    theirs = [(start - 4.0, end - 4.0) for start, end in MINE]
    tables = {"ane-hw-intervals": ane(Mine=MINE, Theirs=theirs), "coreml-os-signpost": table}
    assert ties(analysed(LOOP, beside=Beside(tables))) == {"Mine": "named", "Theirs": "none"}


def test_an_engine_that_never_rests_is_tied_where_others_rows_explain_little() -> None:
    rows = [(4.0 * at, 4.0 * at + 3.9) for at in range(50)]
    found = ties(analysed("aaaa" * 50, beside=beside(Mine=rows, Stray=[(20.0, 21.0), (90.0, 91.0)])))
    assert found == {"Mine": "asked", "Stray": "none"}


def test_a_stranger_at_this_pace_is_not_tied_by_what_lost_rows_leave_unexplained() -> None:
    """Of every fifth call the request is not in the table, and a stranger's begin and end with every call."""
    theirs = [span for at in range(20) for span in ((19 * at + 7.5, 19 * at + 8.0), (19 * at + 15.2, 19 * at + 15.8))]
    lost = [row for at, row in enumerate(MINE) if at % 5]
    assert ties(analysed(LOOP, beside=beside(Mine=lost, Theirs=theirs)))["Theirs"] == "none"


def test_rows_at_another_pace_meet_samples_by_chance() -> None:
    theirs = [(13.0 * at, 13.0 * at + 1.0) for at in range(29)]
    assert ties(analysed(LOOP, beside=beside(Theirs=theirs, Stray=[(12.0, 12.1)])))["Theirs"] == "none"


# ---- Requests that name no model.


def test_nameless_requests_may_be_others_too_and_the_verdict_says_beside_how_many_a_sample_asks() -> None:
    theirs = [(19.0 * at + 3.0, 19.0 * at + 4.0) for at in range(20)]
    rows = ane(Mine=sorted([*MINE, *theirs])).assign(**{"event-label": "Neural Engine Prediction"})
    analysis = analysed(LOOP, beside=Beside({"ane-hw-intervals": rows}))
    assert ties(analysis) == {"": "beside"}
    assert [model.ane_requests for model in analysis.verdict.models] == [20]
    assert (
        "40 requests, busy 176.0 ms (hardware intervals). They name neither model nor process, so another process's "
        "may be among them; samples of this process ask for the Neural Engine beside 20."
    ) in analysis.verdict.sentence


def test_a_compilation_that_names_no_model_leaves_the_requests_tied() -> None:
    rows = ane(Mine=MINE).assign(**{"event-label": "Neural Engine Prediction"})
    rows = pd.concat([rows, ane(Mine=[(400.0, 401.0)]).assign(**{"event-label": "Neural Engine Compile"})])
    found = analysed(LOOP, beside=Beside({"ane-hw-intervals": rows})).measured.requests
    assert dict(zip(found["kind"], found["tie"], strict=True)) == {"prediction": "beside", "compile": "none"}


# ---- More than one thread, more than one process.


def test_a_thread_that_computes_does_not_speak_against_what_another_asks_for() -> None:
    computing = "c" * 380
    assert ties(analysed(LOOP, computing, beside=beside(Mine=MINE))) == {"Mine": "asked"}


ONLY_THIS = Scope(selection=Selection(processes=("app",)))


def test_requests_that_a_process_left_out_asks_for_are_not_this_one_s() -> None:
    """Alone, this process's samples would ask for them."""
    tables = beside(Theirs=MINE)
    assert ties(analysed(LOOP, beside=tables, scope=ONLY_THIS)) == {"Theirs": "asked"}
    assert ties(analysed(LOOP, beside=tables, scope=ONLY_THIS, others=[LOOP])) == {"Theirs": "none"}
    # Where both take part, they are of the two.
    assert ties(analysed(LOOP, beside=tables, others=[LOOP])) == {"Theirs": "asked"}


def test_core_ml_s_rows_are_not_used_where_a_process_is_left_out() -> None:
    table = pd.DataFrame(
        {"start": [8 * TICK], "duration": [9 * TICK], "event-label": ["Prediction"], "model-name": ["Theirs-1"]}
    )
    tables = Beside({"ane-hw-intervals": ane(Theirs=[(8.2, 16.0)]), "coreml-os-signpost": table})
    apart = analysed("c" * 380, beside=tables, scope=ONLY_THIS, others=[LOOP])
    assert (ties(apart), apart.measured.iterations.source) == ({"Theirs": "none"}, "none")
    assert [notice.code for notice in apart.measured.notices] == ["rows-of-several-processes"]
    # One of which no sample shows a prediction may have predicted between two samples.
    asleep = analysed("c" * 380, beside=tables, scope=ONLY_THIS, others=["xxxx"])
    assert (ties(asleep), asleep.measured.iterations.source) == ({"Theirs": "none"}, "none")
    alone = analysed("c" * 380, beside=tables, scope=ONLY_THIS)
    assert (ties(alone)["Theirs"], alone.measured.iterations.source) == ("named", "coreml-table")
