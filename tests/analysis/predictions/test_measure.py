"""Everything on one clock: what is credited, clipped, left out and said."""

from dataclasses import replace

import pandas as pd
import pytest

from tests.analysis.predictions.tables import interval_rows
from tests.support.timelines import OTHER_PID, TICK, analysed, drawn
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.measure import Beside, Iterations, clipped
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
ONLY_THIS = Scope(selection=Selection(processes=("app",)))


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


def test_a_stranger_at_this_pace_is_not_tied_where_the_own_model_is_named() -> None:
    table = pd.DataFrame(
        {"start": [0], "duration": [5 * TICK], "event-label": ["Prediction"], "model-name": ["Mine-1"]}
    )
    theirs = [(start - 4.0, end - 4.0) for start, end in MINE]
    tables = {"ane-hw-intervals": ane(Mine=MINE, Theirs=theirs), "coreml-os-signpost": table}
    assert ties(analysed(LOOP, beside=Beside(tables))) == {"Mine": "named", "Theirs": "none"}


def test_loads_are_tied_with_their_model() -> None:
    table = pd.concat(
        [ane(Mine=MINE), ane(Mine=[(0.0, 4.0)]).assign(**{"event-label": "Neural Engine Load Mine.mlmodelc"})]
    )
    found = analysed(LOOP, beside=Beside({"ane-hw-intervals": table})).measured.requests
    assert found[["kind", "count", "tie"]].to_dict("records") == [
        {"kind": "prediction", "count": 20, "tie": "asked"},
        {"kind": "load", "count": 1, "tie": "asked"},
    ]


def test_a_compilation_that_names_no_model_leaves_the_requests_tied() -> None:
    rows = ane(Mine=MINE).assign(**{"event-label": "Neural Engine Prediction"})
    rows = pd.concat([rows, ane(Mine=[(400.0, 401.0)]).assign(**{"event-label": "Neural Engine Compile"})])
    found = analysed(LOOP, beside=Beside({"ane-hw-intervals": rows})).measured.requests
    assert dict(zip(found["kind"], found["tie"], strict=True)) == {"prediction": "beside", "compile": "none"}


def test_rows_that_nobody_asks_for_are_of_no_known_process() -> None:
    cpu = LOOP.replace("a", "c").replace(".", "c")
    analysis = analysed(cpu, beside=beside(Theirs=MINE))
    assert ties(analysis) == {"Theirs": "none"}
    assert analysis.measured.ane is not None
    assert (analysis.measured.ane.tied, analysis.measured.ane.untied) == (0, 20)


@pytest.mark.parametrize(
    "time_range,cut",
    [
        ((None, None), [("ane", 10, 10), ("signpost", 10, 10), ("coreml", 12, 4), ("gpu", 30, 5)]),
        ((12, None), [("ane", 12, 8), ("signpost", 10, 10), ("coreml", 12, 4), ("gpu", 30, 5)]),
        ((None, 18), [("ane", 10, 8), ("signpost", 10, 10), ("coreml", 12, 4)]),
        ((12, 31), [("ane", 12, 8), ("signpost", 10, 10), ("coreml", 12, 4), ("gpu", 30, 1)]),
        # What touches the range stays, with no length.
        ((20, 30), [("ane", 20, 0), ("signpost", 10, 10), ("coreml", 12, 4), ("gpu", 30, 0)]),
        ((21, 29), [("signpost", 10, 10), ("coreml", 12, 4)]),
    ],
)
def test_hardware_is_cut_at_the_ends_of_a_time_range_and_nothing_else_is(
    time_range: tuple[int | None, int | None], cut: list[tuple[str, int, int]]
) -> None:
    table = interval_rows(
        *(
            {"kind": kind, "start_ns": start, "duration_ns": length}
            for kind, start, length in (("ane", 10, 10), ("signpost", 10, 10), ("coreml", 12, 4), ("gpu", 30, 5))
        )
    )
    found = clipped(table, time_range)
    assert list(found[["kind", "start_ns", "duration_ns"]].itertuples(index=False, name=None)) == cut
    assert found.index.tolist() == list(range(len(cut)))


def test_of_predictions_that_were_all_warm_up_all_are_left() -> None:
    def left(*warmup: bool) -> list[int]:
        table = pd.DataFrame({"index": range(len(warmup)), "warmup": warmup})
        return Iterations(table, table, "signposts", "", None, {}, 0).after_warmup["index"].tolist()

    assert (left(True, False, False), left(True, True)) == ([1, 2], [0, 1])


@pytest.mark.parametrize(
    "time_range,starts",
    [((None, None), [1, 4, 7]), ((4, None), [4, 7]), ((5, None), [7]), ((None, 6), [1, 4]), ((None, 5), [1])],
)
def test_predictions_wholly_in_a_time_range_are_left(
    time_range: tuple[int | None, int | None], starts: list[int]
) -> None:
    begin, end = (None if edge is None else edge * TICK for edge in time_range)
    scope = Scope(selection=Selection(time_range=(begin, end)))
    found = analysed("x pp x pp x pp x", scope=scope, marks=True).measured.iterations.table
    assert (found["start_ns"] // TICK).tolist() == starts
