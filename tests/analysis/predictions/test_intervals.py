"""Interval tables on one clock: unions against counting, labels, owners, signposts, and the shape of the table."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.analysis.predictions.breakdown import EngineTimes
from tracekit.analysis.predictions.hardware import engine_times, summarize
from tracekit.analysis.predictions.intervals import busy, intervals, paired
from tracekit.analysis.predictions.requests import outermost
from tracekit.analysis.predictions.spans import Spans, union
from tracekit.model.schema import INTERVALS, ITERATIONS
from tracekit.readers import open_trace

OURS, THEIRS = 7, 8

pieces = st.lists(st.tuples(st.integers(-20, 40), st.integers(-3, 25)), max_size=12)
"""(start, duration): overlapping, nested, out of order, empty, and turned around."""
times = st.lists(st.integers(-30, 80), max_size=10)


def spans(given_pieces: list[tuple[int, int]]) -> Spans:
    start = np.array([start for start, _ in given_pieces], np.int64)
    return union(start, start + np.array([length for _, length in given_pieces], np.int64))


def counted(given_pieces: list[tuple[int, int]]) -> set[int]:
    """Every nanosecond that is covered."""
    return {moment for start, length in given_pieces for moment in range(start, start + length)}


@given(pieces)
def test_the_union_equals_a_count(given_pieces: list[tuple[int, int]]) -> None:
    found = spans(given_pieces)
    assert found.total == len(counted(given_pieces))
    assert (found.ends > found.starts).all()
    assert (found.starts[1:] > found.ends[:-1]).all()
    moments = {m for s, e in zip(found.starts.tolist(), found.ends.tolist(), strict=True) for m in range(s, e)}
    assert moments == counted(given_pieces)


@given(pieces, times, times)
def test_what_lies_in_a_window_equals_a_count(
    given_pieces: list[tuple[int, int]], starts: list[int], lengths: list[int]
) -> None:
    windows = [(start, start + length) for start, length in zip(starts, lengths, strict=False)]
    low, high = (np.array([window[i] for window in windows], np.int64) for i in (0, 1))
    covered = counted(given_pieces)
    expected = [len(covered & set(range(start, end))) for start, end in windows]
    assert spans(given_pieces).within(low, high).tolist() == expected


@given(pieces, times)
def test_before_and_holds_equal_a_count(given_pieces: list[tuple[int, int]], moments: list[int]) -> None:
    found, covered = spans(given_pieces), counted(given_pieces)
    at = np.array(moments, np.int64)
    assert found.before(at).tolist() == [sum(moment < time for moment in covered) for time in moments]
    assert found.holds(at).tolist() == [time in covered for time in moments]


@given(pieces, pieces)
def test_joining_is_the_union_of_both(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    assert spans(one).joined(spans(other)).total == len(counted([*one, *other]))


def gpu_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["start", "duration", "event-label", "state", "process", "process.pid"])
    return table.astype({"start": "Int64", "duration": "Int64", "process.pid": "Int64"})


def ane_table(*rows: tuple[int, int, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["start", "duration", "event-label", "state"])
    return table.astype({"start": "Int64", "duration": "Int64"})


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


@pytest.mark.parametrize("name", ["ane-hw-intervals", "ane-hw-intervals-internal"])
@pytest.mark.parametrize(
    "label,phase",
    [
        ("Neural Engine Prediction", "execute"),
        ("Flowers_main__Op0_AneInference", "execute"),
        ("Flowers_5E8F… Prediction", "execute"),
        ("LoadForecast Prediction", "execute"),  # near miss: the model's name says Load
        ("CompileNet_main__Op0_AneInference", "execute"),
        ("Neural Engine Load", "load"),
        ("Neural Engine Unload Flowers.mlmodelc", "load"),
        ("Neural Engine Load (Prediction model)", "load"),  # near miss: Prediction, but not at the end
        ("Neural Engine Compile", "compile"),
        ("Flowers Compilation", "compile"),
        ("Payload", "other"),
        ("", "other"),
    ],
)
def test_labels_tell_predictions_from_loading_and_compiling(name: str, label: str, phase: str) -> None:
    table = intervals({name: ane_table((0, 10, label, "Active"))})
    assert table["phase"].tolist() == [phase]
    assert busy(table, "ane").total == (10 if phase == "execute" else 0)


def test_both_names_of_the_neural_engine_s_table_are_one_kind() -> None:
    row = (0, 10, "Neural Engine Prediction", "Active")
    table = intervals({"ane-hw-intervals": ane_table(row), "ane-hw-intervals-internal": ane_table((5, 10, *row[2:]))})
    assert table["kind"].tolist() == ["ane", "ane"]
    assert busy(table, "ane").total == 15


def test_core_ml_events_keep_their_names() -> None:
    events = ["Prediction", "CPU", "GPU Request", "Prepare GPU Request", "Load (cached)", "Odd"]
    table = pd.DataFrame({"start": range(6), "duration": [1] * 6, "event-label": events})
    found = intervals({"coreml-os-signpost": table})
    assert found["label"].tolist() == events
    assert found["phase"].tolist() == ["execute", "execute", "execute", "prepare", "load", "other"]


def test_the_table_has_its_columns_and_types_whatever_it_holds() -> None:
    some = intervals(
        {"metal-gpu-intervals": gpu_table([dict.fromkeys(["start", "duration"], 1) | {"state": "Active"}])}
    )
    for table in (intervals({}), intervals({"ane-hw-intervals": ane_table()}), some):
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == INTERVALS
    assert some[["process", "thread_id", "depth", "pid"]].values.tolist() == [["", -1, 0, -1]]


def test_a_table_of_another_kind_or_without_a_start_is_left_alone() -> None:
    odd = pd.DataFrame({"time": [1], "event-label": ["x"]})
    assert intervals({"time-profile": odd, "ane-hw-intervals": odd}).empty


def test_rows_are_in_order_of_time_and_the_outer_before_the_inner() -> None:
    rows = pd.DataFrame({"start": [9, 3, 3], "duration": [1, 2, 5], "event-depth": [0, 1, 0], "state": ["Active"] * 3})
    table = intervals({"metal-gpu-intervals": rows})
    assert table[["start_ns", "depth"]].values.tolist() == [[3, 0], [3, 1], [9, 0]]


def test_a_thread_is_found_by_its_id_unless_it_is_another_process_s() -> None:
    threads = pd.DataFrame({"tid": [50, 20], "pid": [OURS, OURS]})
    table = pd.DataFrame(
        {
            "start": range(4),
            "duration": [1] * 4,
            "name": ["prediction"] * 4,
            "process.pid": [OURS, OURS, THEIRS, None],
            "start-thread.tid": [20, 50, 20, 99],
        }
    )
    assert intervals({"os-signpost-interval": table}, threads)["thread_id"].tolist() == [1, 0, -1, -1]


def events(*rows: tuple[int, str, str, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["time", "event-type", "name", "identifier"])
    table["process.pid"], table["subsystem"], table["category"] = OURS, "app", "c"
    return table


def test_a_begin_is_paired_with_the_end_of_its_own_signpost() -> None:
    found = paired(
        events(
            (10, "Begin", "prediction", 1),
            (12, "Begin", "prediction", 2),  # another identifier: they overlap
            (20, "End", "prediction", 1),
            (26, "End", "prediction", 2),
            (30, "Event", "prediction", 1),
            (31, "Begin", "load", 1),
            (40, "End", "prediction", 1),  # an end without a beginning
        ).sample(frac=1, random_state=5)
    )
    assert sorted(found[["start", "duration"]].values.tolist()) == [[10, 10], [12, 14]]


def test_signpost_events_without_the_columns_they_need_pair_to_nothing() -> None:
    assert paired(pd.DataFrame({"time": [1, 2]})).empty
    assert intervals({"os-signpost": pd.DataFrame({"time": [1, 2]})}).empty


def regions(*rows: tuple[int, int, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["start", "duration", "name", "class"])
    return table.assign(**{"process.pid": OURS, "start-thread.tid": 50})


def test_regions_of_interest_are_signposts_where_they_last() -> None:
    table = regions((1, 5, "prediction", "Interval"), (2, 0, "mark", "Event"), (9, 1, "load", "Interval"))
    found = intervals({"region-of-interest": table})
    assert found[["kind", "label", "start_ns", "duration_ns", "pid"]].values.tolist() == [
        ["signpost", "prediction", 1, 5, OURS],
        ["signpost", "load", 9, 1, OURS],
    ]
    assert intervals({"region-of-interest": table.drop(columns="class")}).empty


def test_a_signpost_that_several_tables_hold_is_there_once() -> None:
    threads = pd.DataFrame({"tid": [50], "pid": [OURS]})
    table = events((1, "Begin", "prediction", 7), (6, "End", "prediction", 7)).assign(**{"thread.tid": 50})
    both = {
        "os-signpost": table,
        "region-of-interest": regions((1, 5, "prediction", "Interval"), (1, 6, "prediction", "Interval")),
        "metal-gpu-intervals": gpu_table([{"start": 1, "duration": 5, "state": "Active"}] * 2),
    }
    found = intervals(both, threads)
    signposts = found[(found["kind"] == "signpost").to_numpy()]
    assert signposts["duration_ns"].tolist() == [5, 6]
    assert signposts["thread_id"].tolist() == [0, 0]
    assert (found["kind"] == "gpu").sum() == 2  # near miss: hardware that shows the same twice is left as it is


def test_real_regions_of_interest_are_the_pairs_of_signposts(real_data: Path) -> None:
    trace = open_trace(real_data / "bundles" / "time-profile-zero-rows_xcode26.2.trace.zip")
    tables = {name: trace.table(name) for name in ("os-signpost", "region-of-interest")}
    assert [len(table) for table in tables.values()] == [926, 463]
    by_events, by_regions = (intervals({name: table}) for name, table in tables.items())
    pd.testing.assert_frame_equal(by_events, by_regions)
    assert set(by_regions["label"]) == {"Watchdog"}
    assert len(intervals(tables)) == 463


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
        per_window = busy_times.ane.within(windows["start_ns"].to_numpy(), windows["end_ns"].to_numpy())
        rows = windows.assign(ane_busy_ns=per_window, gpu_busy_ns=0)
        hardware = summarize({"ane-hw-intervals"}, table, rows, busy_times, None)
        assert hardware is not None
        assert hardware.ane is not None
        assert hardware.gpu is None
        found = hardware.ane
        assert (found.busy_ns, found.own_ns, found.others_ns, found.in_predictions_ns) == (30, ours, others, within)
        assert (found.intervals, found.load_ns, found.compile_ns, found.unknown_ns) == (3, 100, 0, 7)
        assert found.predictions == (1 if within else 0)
        assert hardware.predictions_ns == 35


def test_without_known_predictions_nothing_is_in_or_outside_of_them() -> None:
    table = intervals({"ane-hw-intervals": ane_table((10, 20, "Neural Engine Prediction", "Active"))})
    nothing = iterations().assign(ane_busy_ns=0, gpu_busy_ns=0)
    hardware = summarize({"ane-hw-intervals"}, table, nothing, own(table, "asked"), None)
    assert hardware is not None
    assert hardware.ane is not None
    assert (hardware.predictions_ns, hardware.ane.in_predictions_ns, hardware.ane.predictions) == (None, None, None)
    assert hardware.ane.own_ns == 20


def test_without_a_table_of_hardware_there_is_none_and_an_empty_one_counts_as_recorded() -> None:
    nothing = iterations().assign(ane_busy_ns=0, gpu_busy_ns=0)
    idle = own(intervals({}))
    assert summarize({"os-signpost"}, intervals({}), nothing, idle, None) is None
    recorded = summarize({"ane-hw-intervals"}, intervals({}), nothing, idle, None)
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
