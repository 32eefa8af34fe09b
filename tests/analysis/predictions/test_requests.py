"""Requests of an engine, counted exactly from its own rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.predictions.tables import interval_rows
from tracekit.analysis.predictions.intervals import intervals, model_named
from tracekit.analysis.predictions.requests import outermost, requests
from tracekit.model.schema import INTERVALS

Row = tuple[int, int, str, int]
"""Start, duration, label, depth."""


def ane(rows: Sequence[Row], state: str = "Active") -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["start", "duration", "event-label", "event-depth"])
    return table.assign(state=state)


def counted(*rows: Row) -> list[tuple[object, ...]]:
    found = requests(outermost(intervals({"ane-hw-intervals": ane(rows)})))
    return [tuple(row) for row in found[["model", "kind", "count", "busy_ns"]].itertuples(index=False)]


@pytest.mark.parametrize(
    "label,model",
    [
        ("Flowers_main__Op0_AneInference", "Flowers"),
        ("Flowers Prediction", "Flowers"),
        ("Letters_0_main__Op12_AneInference", "Letters_0"),
        ("part0_5F00A0-AAAA Prediction", "part0_5F00A0-AAAA"),
        ("part0_5F00A0-AAAA_main__Op0_AneInference Compile", "part0_5F00A0-AAAA"),
        ("Neural Engine Load Flowers.mlmodelc", "Flowers"),
        ("LoadForecast Prediction", "LoadForecast"),
        # Near misses: these name none.
        ("Neural Engine Prediction", ""),
        ("Neural Engine Load", ""),
        ("Neural Engine Compile", ""),
        ("", ""),
    ],
)
def test_the_model_that_a_label_names(label: str, model: str) -> None:
    assert model_named("ane", label) == model


def test_other_tables_name_theirs_in_their_own_way() -> None:
    assert model_named("mps", "MPSGraph:0x136 (CommandBuffer: 0x2a)") == "MPSGraph:0x136"
    assert model_named("coreml", "Letters-7") == "Letters"
    assert model_named("signpost", "prediction") == ""


def test_a_row_inside_another_is_a_part_of_it_and_may_name_its_model() -> None:
    assert counted(
        (0, 10, "Neural Engine Prediction", 0),
        (1, 8, "Flowers_main__Op0_AneInference", 1),
        (20, 10, "Neural Engine Prediction", 0),
        (21, 3, "Letters_main__Op0_AneInference", 1),
        (25, 3, "Letters_main__Op1_AneInference", 1),
        (40, 4, "Neural Engine Load Letters.mlmodelc", 0),
        (50, 4, "Neural Engine Prediction", 0),
    ) == [
        ("Flowers", "prediction", 1, 10),
        ("Letters", "prediction", 1, 10),
        ("Letters", "load", 1, 4),
        ("", "prediction", 1, 4),
    ]


def test_requests_at_once_are_told_apart_by_their_depth() -> None:
    assert counted((0, 10, "A Prediction", 0), (2, 5, "A Prediction", 0)) == [("A", "prediction", 2, 10)]
    assert counted((0, 10, "A Prediction", 0), (2, 5, "A Prediction", 1)) == [("A", "prediction", 1, 10)]
    # A part that ends with its whole is in it; one that ends later is not.
    assert counted((0, 10, "A Prediction", 0), (2, 8, "A Prediction", 1)) == [("A", "prediction", 1, 10)]
    assert counted((0, 10, "A Prediction", 0), (2, 9, "A Prediction", 1)) == [("A", "prediction", 2, 11)]
    # A compilation inside a load is a request of its own kind.
    assert counted((0, 10, "A Load", 0), (2, 5, "A Compile", 1)) == [("A", "load", 1, 10), ("A", "compile", 1, 5)]


def test_idle_rows_never_count_and_active_rows_of_an_unknown_label_are_of_an_unknown_kind() -> None:
    idle = intervals({"ane-hw-intervals": ane([(0, 9, "Neural Engine Prediction", 0)], "Idle")})
    assert requests(outermost(idle)).empty
    assert counted((0, 9, "Refresh", 0)) == [("Refresh", "unknown", 1, 9)]


def test_core_ml_s_rows_say_which_engine_a_model_asked() -> None:
    rows = [
        (0, 10, "Prediction", "decode-1"),
        (1, 8, "CPU", "decode-1"),
        (20, 9, "GPU Request", "prefill-2"),
        (0, 5, "Load (cached)", "decode-1"),
    ]
    table = pd.DataFrame(rows, columns=["start", "duration", "event-label", "model-name"])
    found = requests(outermost(intervals({"coreml-os-signpost": table})))
    told = found[["engine", "model", "kind", "count"]].itertuples(index=False, name=None)
    assert sorted(told) == [
        ("CPU", "decode", "prediction", 1),
        ("GPU", "prefill", "prediction", 1),
        ("none", "decode", "load", 1),
    ]


spans = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60), st.sampled_from("ABC")), min_size=1, max_size=40)


@given(spans)
def test_every_figure_against_counting_by_hand(drawn: list[tuple[int, int, str]]) -> None:
    rows = [(start, length, f"{model} Prediction", 0) for start, length, model in drawn]
    found = requests(outermost(intervals({"ane-hw-intervals": ane(rows)})))
    assert found["count"].sum() == len(drawn)
    for row in found.to_dict("records"):
        mine = [(start, length) for start, length, model in drawn if model == row["model"]]
        lengths = sorted(length for _, length in mine)
        covered = {moment for start, length in mine for moment in range(start, start + length)}
        assert (row["count"], row["busy_ns"], row["longest_ns"]) == (len(mine), len(covered), lengths[-1])
        assert row["mean_ns"] == round(float(np.mean(lengths)))
        assert row["p50_ns"] == round(float(np.median(lengths)))


def test_a_name_three_levels_in_is_the_first_one_s_and_a_named_part_keeps_its_own() -> None:
    assert counted(
        (0, 20, "Neural Engine Prediction", 0),
        (1, 18, "Neural Engine Prediction", 1),
        (2, 5, "Deep_main__Op0_AneInference", 2),
        (8, 5, "Later_main__Op1_AneInference", 2),
        (30, 9, "Own Prediction", 0),
        (31, 5, "Other_main__Op0_AneInference", 1),
        (50, 9, "Neural Engine Prediction", 0),
        (51, 2, "A_main__Op0_AneInference", 1),
        (54, 2, "B_main__Op0_AneInference", 1),
    ) == [("Deep", "prediction", 1, 20), ("Own", "prediction", 1, 9), ("A", "prediction", 1, 9)]


def test_a_row_is_a_part_of_its_own_kind_alone() -> None:
    """MPSGraph's row lies in the Neural Engine's, a level further in."""
    found = outermost(
        interval_rows(
            {"duration_ns": 10, "model": "Net"},
            {"kind": "mps", "start_ns": 2, "duration_ns": 3, "depth": 1},
            {"start_ns": 3, "duration_ns": 3, "depth": 1},
        )
    )
    assert found[["kind", "model"]].values.tolist() == [["ane", "Net"], ["mps", ""]]
    assert list(found.columns) == list(INTERVALS)
    assert found.index.tolist() == [0, 1]


def test_core_ai_s_inferences_are_predictions_and_what_it_does_once_is_a_request() -> None:
    found = requests(
        outermost(
            interval_rows(
                {"kind": "coreai", "label": "main", "model": "Chat"},
                {"kind": "coreai", "label": "main", "model": "Chat", "phase": "prepare"},
                {"kind": "signpost", "label": "predict"},
            )
        )
    )
    assert found[["engine", "model", "kind", "table"]].values.tolist() == [["none", "Chat", "prepare", "coreai"]]


def test_percentiles_of_the_numbers_to_101() -> None:
    found = requests(outermost(interval_rows(*({"start_ns": 200 * at, "duration_ns": at} for at in range(1, 102)))))
    assert found[["p50_ns", "p95_ns", "longest_ns"]].values.tolist() == [[51, 96, 101]]


def test_a_row_further_in_that_nothing_holds_names_nobody_else() -> None:
    assert counted(
        (0, 10, "Neural Engine Prediction", 0),
        (1, 3, "A_main__Op0_AneInference", 1),
        (20, 3, "B Prediction", 1),
        (30, 4, "Neural Engine Prediction", 0),
    ) == [("A", "prediction", 1, 10), ("B", "prediction", 1, 3), ("", "prediction", 1, 4)]
