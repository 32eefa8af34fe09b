"""Two sources that do not fit: what is said, whether it leaves the answer open, and how near a miss may come."""

from typing import Any

import pytest

from tests.analysis.verdict.known import asked, logged, measured, work
from tests.support.judged import Written, planned
from tracekit.analysis.verdict.contradictions import contradictions

NO_TABLE = None
EMPTY = asked()
OTHERS = asked(untied=3)
OURS = asked(tied=2)
ASKING = work(ane=1, samples=40)
SILENT = work(samples=100)
FEW = work(samples=99)
CPU_ONLY, NO_GPU = Written("cpuOnly"), Written("cpuAndNeuralEngine")
ELSEWHERE = "1 sample shows predictions asking for the Neural Engine, but all of its intervals lie elsewhere"
HELD = "of this process's model, but none of 100 samples inside predictions asks for it"


def stray(ns: int, **more: Any) -> dict[str, Any]:
    """Rows of no known process, so long inside 1,000 ns of predictions."""
    return {"ane": asked(untied=3, untied_in_predictions_ns=ns), "predicting_ns": 1000} | more


@pytest.mark.parametrize(
    "known,sums,said",
    [
        # What the model was loaded for, against what was seen.
        ({"harness": CPU_ONLY}, ASKING, "loaded for the CPU only, but 1 sample shows predictions asking for"),
        ({"harness": CPU_ONLY, "ane": OURS}, FEW, "the CPU only, but the Neural Engine's table holds 2 requests of it"),
        ({"harness": CPU_ONLY, "ane": OTHERS}, FEW, None),
        ({"harness": CPU_ONLY}, FEW, None),
        ({"harness": NO_GPU}, ASKING, None),
        # The process's log, against samples.
        ({"log": logged(1200)}, SILENT, "log holds 1,200 requests to the Neural Engine, but none of 100 samples"),
        ({"log": logged(1)}, FEW, None),
        ({"log": logged(1200)}, work(samples=100, ane_samples=1), None),
        ({"log": logged(1200, clock="")}, SILENT, None),  # of another time, perhaps
        ({"log": logged(0)}, SILENT, None),
        # The Neural Engine's table, against samples.
        ({"ane": OTHERS}, ASKING, ELSEWHERE),
        (
            {"ane": EMPTY},
            work(ane=2, samples=1),
            "2 samples show predictions asking for the Neural Engine, but its interval table",
        ),
        ({"ane": asked(beside=1)}, ASKING, None),
        ({"ane": OURS}, ASKING, None),
        ({"ane": NO_TABLE}, ASKING, None),
        ({"ane": OURS}, SILENT, f"the Neural Engine's table holds 2 requests {HELD}"),
        ({"ane": asked(tied=1)}, SILENT, f"the Neural Engine's table holds 1 request {HELD}"),
        ({"ane": OURS}, FEW, None),
        # Rows that name no process, while predictions ran: 5 % of them or more.
        (stray(50), SILENT, "worked 0.00 ms while predictions ran, but its rows name no process, and none of 100"),
        (stray(2_500_000), work(samples=1234), "Neural Engine worked 2.5 ms while predictions ran"),
        (stray(2_500_000), work(samples=1234), "none of 1,234 samples inside predictions asks for it: the work may be"),
        (stray(49), SILENT, None),
        (stray(50), FEW, None),
        (stray(0, predicting_ns=0), SILENT, None),
        (stray(50, harness=CPU_ONLY), SILENT, None),  # others alone may work there
    ],
)
def test_what_leaves_the_answer_open(known: dict[str, Any], sums: Any, said: str | None) -> None:
    found = contradictions(measured(**known), sums)
    assert [each.decides for each in found] == [True] * (said is not None)
    assert all(said is not None and said in each.sentence for each in found)


PLANNED = planned(ANE=30, CPU=2)


@pytest.mark.parametrize(
    "known,sums,said",
    [
        (PLANNED, work(samples=30), "for 30 of 32 operations, but nothing of it was seen in the samples"),
        (PLANNED, work(samples=29), None),
        (planned(ANE=1), work(samples=30), "for 1 of 1 operations, but nothing"),
        (PLANNED, work(ane=1), None),
        (planned(CPU=2), work(ane=1, samples=30), "for no operation, but it worked in the predictions"),
        (planned(CPU=1), work(ane=1, samples=30), "for no operation, but it worked in the predictions"),
        (planned(CPU=2), work(ane=1, samples=29), None),
        (planned(), work(ane=1), None),
        (NO_GPU, work(ane=1), None),
    ],
)
def test_a_plan_without_a_table(known: Written, sums: Any, said: str | None) -> None:
    found = contradictions(measured(harness=known), sums)
    assert [each.decides for each in found] == [False] * (said is not None)
    assert all(said is not None and said in each.sentence for each in found)


def test_a_plan_beside_a_table_needs_no_samples() -> None:
    (found,) = contradictions(measured(harness=PLANNED, ane=EMPTY), work(samples=0))
    assert found.sentence.endswith("for 30 of 32 operations, but nothing of it was measured")
    assert contradictions(measured(harness=PLANNED, ane=asked(tied=1)), work(samples=0)) == ()
    (found,) = contradictions(measured(harness=planned(CPU=2), ane=asked(tied=1)), work(samples=0))
    assert found.sentence.endswith("but it worked in the predictions")


def test_a_table_that_may_not_show_the_work_speaks_against_nothing() -> None:
    for ane in (EMPTY, OTHERS):
        assert contradictions(measured(ane=ane), ASKING, table_speaks=False) == ()


def test_what_the_setting_excludes_is_not_said_of_the_table_again() -> None:
    """Requests of its own against a setting: two sources, of which each is told once."""
    found = contradictions(measured(ane=OURS, harness=CPU_ONLY), SILENT)
    assert [each.sentence.partition(" of ")[0] for each in found] == [
        "the model was loaded for the CPU only, but the Neural Engine's table holds 2 requests",
        "the Neural Engine's table holds 2 requests",
    ]
