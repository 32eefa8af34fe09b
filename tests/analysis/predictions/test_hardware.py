"""How long the engines worked, and for whom: each figure counted another way."""

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.predictions.tables import ane_table, gpu_table
from tests.analysis.predictions.test_spans import counted
from tracekit.analysis.predictions.breakdown import EngineTimes
from tracekit.analysis.predictions.hardware import engine_times, served, summarize
from tracekit.analysis.predictions.intervals import busy, intervals
from tracekit.analysis.predictions.requests import outermost
from tracekit.model.schema import ITERATIONS

OURS, THEIRS = 7, 8

foreign_rows = st.lists(
    st.fixed_dictionaries(
        {
            "start": st.integers(0, 40) | st.none(),
            "duration": st.integers(0, 20),
            "event-label": st.just(""),
            "state": st.sampled_from(["Active", "Idle", "active", None]),
            "process": st.just("p"),
            "process.pid": st.sampled_from([OURS, THEIRS, None]),
        }
    ),
    max_size=12,
)


def own(table: pd.DataFrame, tie: str = "none") -> EngineTimes:
    """When the engines worked for this process, if all requests have the same tie."""
    asked = outermost(table)
    return engine_times(table, asked, np.full(len(asked), tie), OURS)


@given(foreign_rows)
def test_busy_counts_active_rows_of_the_process_once(rows: list[dict[str, Any]]) -> None:
    table = intervals({"metal-gpu-intervals": gpu_table(rows)})
    active = [row for row in rows if row["start"] is not None and str(row["state"]).casefold() == "active"]

    def expected(pids: set[int | None]) -> int:
        return len(counted([(row["start"], row["duration"]) for row in active if row["process.pid"] in pids]))

    assert busy(table, "gpu").total == expected({OURS, THEIRS, None})
    assert busy(table, "gpu", pid=OURS).total == expected({OURS})
    # A row that names nobody may be ours; one that names another is not.
    assert own(table).gpu.total == expected({OURS, None})


def iterations(*windows: tuple[int, int]) -> pd.DataFrame:
    table = pd.DataFrame({name: pd.Series(0, range(len(windows)), dtype=dtype) for name, dtype in ITERATIONS.items()})
    table["start_ns"], table["end_ns"] = [w[0] for w in windows], [w[1] for w in windows]
    return table


def test_the_neural_engine_s_work_that_nothing_ties_is_of_no_known_process() -> None:
    ane = ane_table(
        (10, 20, "Neural Engine Prediction", "Active"),
        (15, 5, "m_AneInference", "Active"),
        (60, 10, "Neural Engine Prediction", "Active"),
        (80, 7, "Refresh", "Active"),
        (28, 100, "Neural Engine Load", "Active"),
        (10, 20, "Neural Engine Prediction", "Idle"),
    )
    table = intervals({"ane-hw-intervals": ane})
    windows = iterations((0, 25), (90, 100))
    for tie, ours, others, within in (("asked", 30, 7, 15), ("none", 0, 37, 0)):
        busy_times = own(table, tie)
        tied = outermost(table).head(len(table) if tie == "asked" else 0)
        hardware = summarize({"ane-hw-intervals"}, table, windows, busy_times, tied, None)
        assert hardware is not None
        assert hardware.ane is not None
        assert hardware.gpu is None
        found = hardware.ane
        assert (found.busy_ns, found.own_ns, found.others_ns, found.in_predictions_ns) == (30, ours, others, within)
        assert (found.intervals, found.load_ns, found.compile_ns, found.unknown_ns) == (3, 100, 0, 7)
        assert (found.predictions, found.predictions_at_most) == ((1, 1) if within else (0, 0))
        assert hardware.predictions_ns == 35


def test_without_known_predictions_nothing_is_in_or_outside_of_them() -> None:
    table = intervals({"ane-hw-intervals": ane_table((10, 20, "Neural Engine Prediction", "Active"))})
    hardware = summarize({"ane-hw-intervals"}, table, iterations(), own(table, "asked"), outermost(table), None)
    assert hardware is not None
    assert hardware.ane is not None
    assert (hardware.predictions_ns, hardware.ane.in_predictions_ns, hardware.ane.predictions) == (None, None, None)
    assert hardware.ane.own_ns == 20


def test_without_a_table_of_hardware_there_is_none_and_an_empty_one_counts_as_recorded() -> None:
    empty = intervals({})
    idle = own(empty)
    assert summarize({"os-signpost"}, empty, iterations(), idle, outermost(empty), None) is None
    recorded = summarize({"ane-hw-intervals"}, empty, iterations(), idle, outermost(empty), None)
    assert recorded is not None
    assert recorded.ane is not None
    assert (recorded.ane.intervals, recorded.ane.busy_ns) == (0, 0)


def test_mpsgraph_s_own_table_stands_in_where_the_gpu_s_has_nothing_of_ours() -> None:
    mps = pd.DataFrame({"start": [5], "duration": [7], "event-label": ["MPSGraph:0x1"], "state": ["Active"]})
    theirs = {"start": 0, "duration": 3, "state": "Active", "process.pid": THEIRS}
    alone = intervals({"mps-hw-intervals": mps, "metal-gpu-intervals": gpu_table([theirs])})
    assert own(alone, "asked").gpu.total == 7
    assert own(alone, "none").gpu.total == 0  # its rows name no process either
    both = intervals({"mps-hw-intervals": mps, "metal-gpu-intervals": gpu_table([theirs | {"process.pid": OURS}])})
    assert own(both, "asked").gpu.total == 3


# ---- In how many predictions an engine worked.

windows_drawn = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), st.sampled_from(["", "A", "B"])), max_size=7)


def asked_for(*rows: tuple[int, int, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["start_ns", "duration_ns", "model"]).astype({"model": object})


def predicted(*rows: tuple[int, int, str]) -> pd.DataFrame:
    table = iterations(*((start, start + lasts) for start, lasts, _ in rows))
    return table.assign(model=pd.Series([model for *_, model in rows], dtype="str"))


def test_of_predictions_at_once_nobody_knows_whose_a_request_is() -> None:
    one, two, three = (0, 10, ""), (20, 15, ""), (28, 15, "")
    assert served(asked_for((2, 3, "")), predicted(one, two, three)) == (1, 1)
    assert served(asked_for((2, 3, ""), (30, 2, "")), predicted(one, two, three)) == (1, 2)
    assert served(asked_for((30, 2, ""), (32, 2, "")), predicted(one, two, three)) == (0, 2)
    assert served(asked_for((21, 2, ""), (30, 2, ""), (40, 1, "")), predicted(two, three)) == (2, 2)
    assert served(asked_for((12, 3, "")), predicted(one, two, three)) == (0, 0)
    # One that runs on while another comes and goes is served once, however often it asks.
    assert served(asked_for((1, 1, ""), (20, 2, "")), predicted((0, 30, ""), (5, 10, ""))) == (1, 1)


def test_a_request_of_a_model_is_of_a_prediction_of_that_model() -> None:
    both = predicted((0, 20, "A"), (0, 20, "B"))
    assert served(asked_for((2, 3, "A_0")), both) == (1, 1)
    assert served(asked_for((2, 3, "A_0"), (9, 3, "B")), both) == (2, 2)
    assert served(asked_for((2, 3, "")), both) == (0, 1)


@given(windows_drawn, windows_drawn)
def test_every_way_to_give_requests_to_predictions_lies_between(
    predictions: list[tuple[int, int, str]], requests: list[tuple[int, int, str]]
) -> None:
    """A request is of one of the predictions that it meets; those that it may be of are tried one by one."""
    named = {model for *_, model in predictions}

    def may_be(request: tuple[int, int, str]) -> list[int]:
        start, lasts, model = request
        return [
            number
            for number, (begin, length, name) in enumerate(predictions)
            if begin < start + lasts and start < begin + length and (name == model or not model or model not in named)
        ]

    reached = {frozenset[int]()}
    for choices in map(may_be, requests):
        reached = {seen | {each} for seen in reached for each in choices} or reached
    counts = {len(each) for each in reached}
    low, high = served(asked_for(*requests), predicted(*predictions))
    assert low <= min(counts)
    assert max(counts) <= high


def test_the_gpu_s_rows_are_ours_anothers_or_nobody_s() -> None:
    rows = [(2, 3, OURS), (8, 4, None), (20, 7, THEIRS), (21, 2, THEIRS), (40, 5, OURS)]
    gpu = gpu_table([{"start": s, "duration": d, "state": "Active", "process.pid": pid} for s, d, pid in rows])
    mps = pd.DataFrame({"start": [60], "duration": [7], "event-label": ["MPSGraph:0x1"], "state": ["Active"]})
    windows = iterations((0, 10), (20, 30), (60, 70))

    def shown(pid: int | None, **tables: pd.DataFrame) -> tuple[object, ...]:
        table = intervals({name.replace("_", "-"): each for name, each in tables.items()})
        asked = outermost(table)
        times = engine_times(table, asked, np.full(len(asked), "asked"), pid)
        found = summarize({"metal-gpu-intervals", "mps-hw-intervals"}, table, windows, times, asked, pid)
        assert found is not None
        assert found.ane is None
        assert found.gpu is not None
        one = found.gpu
        return one.intervals, one.busy_ns, one.own_ns, one.others_ns, one.in_predictions_ns, one.predictions

    assert shown(OURS, metal_gpu_intervals=gpu, mps_hw_intervals=mps) == (5, 19, 12, 7, 5, 1)
    # Whose they are is not known: what names nobody is all that may be of this process.
    assert shown(None, metal_gpu_intervals=gpu, mps_hw_intervals=mps) == (5, 19, 4, 15, 2, 1)
    # MPSGraph's own rows stand in where the GPU's has none.
    assert shown(OURS, mps_hw_intervals=mps) == (1, 7, 7, 0, 7, 1)
    theirs = gpu_table([{"start": 20, "duration": 7, "state": "Active", "process.pid": THEIRS}])
    assert shown(OURS, metal_gpu_intervals=theirs, mps_hw_intervals=mps) == (1, 7, 7, 7, 7, 1)
