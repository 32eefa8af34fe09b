"""Interval tables on one clock: unions against counting, labels, owners, signposts, and the shape of the table."""

from pathlib import Path

import pandas as pd
import pytest

from tests.analysis.predictions.tables import ane_table, gpu_table
from tracekit.analysis.predictions.intervals import busy, intervals, paired
from tracekit.model.schema import INTERVALS
from tracekit.readers import open_trace

OURS, THEIRS = 7, 8


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


def test_a_row_counts_only_where_it_says_when_and_how_long() -> None:
    rows = pd.DataFrame({"start": [1, None, 3], "duration": [None, 2, 5], "state": "Active"}, dtype="object")
    table = intervals({"metal-gpu-intervals": rows.astype({"start": "Int64", "duration": "Int64"})})
    assert table[["start_ns", "duration_ns"]].values.tolist() == [[3, 5]]


def test_core_ml_s_part_of_another_model_is_further_in() -> None:
    """A pipeline's parts name it as their parent; a model may name itself."""
    rows = pd.DataFrame({"start": [0, 1, 2], "duration": [9, 2, 3], "event-label": "Prediction"})
    rows["model-name"], rows["parent-model-name"] = ["Pipe-1", "Part-2", "Alone-3"], ["", "Pipe-1", "Alone-3"]
    table = intervals({"coreml-os-signpost": rows})
    assert table[["model", "depth"]].values.tolist() == [["Pipe", 0], ["Part", 1], ["Alone", 0]]
    # No other table's rows are parts by a name.
    other = intervals({"metal-gpu-intervals": rows.assign(**{"process.pid": OURS})})
    assert other["depth"].tolist() == [0, 0, 0]


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


def test_a_process_s_busy_time_is_of_its_own_rows() -> None:
    rows = [{"start": 0, "duration": 5, "process.pid": OURS}, {"start": 3, "duration": 9, "process.pid": THEIRS}]
    found = intervals({"metal-gpu-intervals": gpu_table([{**row, "state": "Active"} for row in rows])})
    assert [busy(found, "gpu", pid=pid).total for pid in (OURS, THEIRS, None, 9)] == [5, 9, 12, 0]


def test_rows_without_a_state_of_their_own_are_not_active() -> None:
    rows = [{"start": at, "duration": 1, "state": state} for at, state in enumerate(["Active", None, "active", "Idle"])]
    assert intervals({"metal-gpu-intervals": gpu_table(rows)})["start_ns"].tolist() == [0, 2]


def test_signposts_without_an_identifier_pair_too() -> None:
    table = events((10, "Begin", "a", 1), (20, "End", "a", 1)).assign(identifier=None)
    assert paired(table)[["start", "duration"]].values.tolist() == [[10, 10]]


@pytest.mark.parametrize("missing", ["start", "duration"])
def test_a_table_that_lacks_when_or_how_long_is_left_alone(missing: str) -> None:
    rows = pd.DataFrame({"start": [1], "duration": [2], "event-label": ["Net Prediction"]})
    assert intervals({"ane-hw-intervals": rows.drop(columns=missing)}).empty


def test_core_ai_s_rows_are_called_by_the_first_function_that_they_name_and_need_a_level() -> None:
    rows = pd.DataFrame(
        {
            "start": range(4),
            "duration": 1,
            "function-name": ["main", "", "", "lost"],
            "base-function-name": ["base", "base", "", ""],
            "category": ["Inference", "Load", "Setup", "Inference"],
            "level": [0, 2, 1, None],
            "model-name": " Chat ",
        }
    )
    found = intervals({"ODIEProfile": rows})
    assert found[["label", "phase", "depth", "model"]].values.tolist() == [
        ["main", "execute", 0, "Chat"],
        ["base", "load", 2, "Chat"],
        ["Setup", "prepare", 1, "Chat"],
    ]
    fewer = intervals({"ODIEProfile": rows.drop(columns=["function-name", "base-function-name"])})
    assert fewer["label"].tolist() == ["Inference", "Load", "Setup"]
    assert intervals({"ODIEProfile": rows.drop(columns="level")}).empty
