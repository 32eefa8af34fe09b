"""Where the time of each prediction went: the parts of drawn ones, and that they always add up."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.predictions.tables import ane, gpu, windows
from tests.support.profiles import profiles
from tests.support.timelines import PID, TICK, analysed, drawn, marked
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.predictions.breakdown import PARTS, EngineTimes, break_down
from tracekit.analysis.predictions.find import Sampled
from tracekit.analysis.predictions.measure import Beside
from tracekit.analysis.predictions.spans import union
from tracekit.attribution.engines import attribute
from tracekit.model import schema
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE


def test_work_that_a_prediction_gave_away_is_counted_in_it() -> None:
    mine = "x ppp xx ppp x"
    analysis = analysed(mine, "x ooo xx x.o x", beside=Beside(marked(mine)))
    assert windows(analysis) == [(1, 4), (6, 9)]
    assert analysis.measured.iterations.table["cpu"].tolist() == [6 * TICK, 4 * TICK]
    assert analysis.measured.iterations.table["cpu_ANE"].tolist() == [3 * TICK, TICK]


def test_another_thread_s_prediction_is_not_counted_in_this_one_s() -> None:
    table = analysed("x pppp x", "x x cc x x", marks=True).measured.iterations.table
    assert table["cpu"].tolist() == [4 * TICK, 2 * TICK]
    assert table["cpu_CPU"].tolist() == [0, 2 * TICK]


def test_switches_between_engines_are_counted_within_a_prediction() -> None:
    table = analysed("x aapagc x aaa x caca x", marks=True).measured.iterations.table
    assert table["switches"].tolist() == [2, 0, 3]


def test_another_thread_with_another_engine_is_no_switch() -> None:
    signpost = pd.DataFrame({"start": [0], "duration": [6 * TICK], "name": ["prediction"], "process.pid": [PID]})
    table = analysed("aaaaaa", "cccaac", beside=Beside({"os-signpost-interval": signpost})).measured.iterations.table
    assert table["samples"].tolist() == [12]
    assert table["switches"].tolist() == [2]


def test_predictions_of_no_length_take_no_share_of_the_gpu() -> None:
    signposts = pd.DataFrame({"start": [TICK, 3 * TICK], "duration": 0, "name": "prediction", "process.pid": PID})
    tables = {"os-signpost-interval": signposts, "metal-gpu-intervals": gpu((1, 2))}
    analysis = analysed("x gggg x", beside=Beside(tables))
    assert analysis.measured.iterations.table["wall_ns"].tolist() == [0, 0]
    assert analysis.verdict.answer == "unknown"


def test_waiting_samples_are_no_cpu_time() -> None:
    table = analysed("x p A A p b p x", marks=True).measured.iterations.table
    row = table.iloc[0]
    assert (row["cpu"], row["waited"], row["samples"]) == (3 * TICK, 3 * TICK, 3)
    assert (row["on_cpu_ns"], row["waiting_ns"], row["unaccounted_ns"]) == (3 * TICK, 3 * TICK, 0)


@pytest.mark.parametrize(
    "drawing,ane_spans,gpu_spans,parts",
    [
        # docs/iterations.md: CPU, ANE alone, GPU alone, waiting, unaccounted
        ("x a....a x", [(1.5, 4.0)], [], [2, 2.5, 0, 0, 1.5]),
        # A sample that was taken while the engine was busy is CPU, and no longer ANE alone.
        ("x a.a..a x", [(1.5, 4.0)], [], [3, 1.5, 0, 0, 1.5]),
        # The GPU's time counts where the ANE was idle.
        ("x a....a x", [(1.5, 4.0)], [(3.5, 5.0)], [2, 2.5, 1, 0, 0.5]),
        ("x a....a x", [(1.5, 4.0)], [(2.0, 3.0)], [2, 2.5, 0, 0, 1.5]),
        # A sample that was taken while both were busy is taken from the ANE's time, and not from the GPU's too.
        ("x a.a....a x", [(1.5, 4.0)], [(1.5, 6.0)], [3, 1.5, 2, 0, 1.5]),
        # A thread that waits while an engine works waits for it.
        ("x aAAAAa x", [(1.5, 4.0)], [], [2, 2.5, 0, 1.5, 0]),
        # Samples stand for more than there is: nothing goes below zero.
        ("x aaaaaa x", [(1.0, 7.0)], [(1.0, 7.0)], [6, 0, 0, 0, 0]),
        # Outside of the prediction nothing counts.
        ("x a....a x", [(0.0, 1.0), (7.0, 9.0)], [(7.5, 8.0)], [2, 0, 0, 0, 4]),
    ],
)
def test_where_the_time_of_a_prediction_went(
    drawing: str, ane_spans: list[tuple[float, float]], gpu_spans: list[tuple[float, float]], parts: list[float]
) -> None:
    beside = Beside({"ane-hw-intervals": ane(*ane_spans), "metal-gpu-intervals": gpu(*gpu_spans)})
    table = analysed(drawing, beside=beside, marks=True).measured.iterations.table
    assert len(table) == 1
    assert (table[list(PARTS)].to_numpy()[0] / TICK).tolist() == parts


spans_drawn = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 300)), max_size=6)


@given(profiles(), spans_drawn, spans_drawn, spans_drawn, st.lists(st.integers(-1, 2), min_size=6, max_size=6))
def test_the_parts_always_add_up(
    profile: Profile,
    predicted: list[tuple[int, int]],
    ane_spans: list[tuple[int, int]],
    gpu_spans: list[tuple[int, int]],
    owners: list[int],
) -> None:
    attributed = attribute(profile)
    in_focus = (attributed.samples["engine"] != "none").to_numpy()
    kinds = schema.categorical(np.zeros(len(in_focus), np.int8), ["Core ML"])
    table = schema.table(
        schema.ITERATIONS,
        {
            "index": range(len(predicted)),
            "start_ns": [start for start, _ in predicted],
            "end_ns": [start + length for start, length in predicted],
            "warmup": [False] * len(predicted),
            "thread_id": owners[: len(predicted)],
            "model": [""] * len(predicted),
        },
    )

    def spans(given: list[tuple[int, int]]) -> Any:
        start = np.array([start for start, _ in given], np.int64)
        return union(start, start + np.array([length for _, length in given], np.int64))

    broken = break_down(
        table,
        Sampled(attributed, np.where(in_focus, 0, NONE).astype(np.int32), in_focus, kinds),
        EngineTimes(spans(ane_spans), spans(gpu_spans)),
    )
    found = broken.table
    assert (found[list(PARTS)].sum(axis=1) == found["wall_ns"]).all()
    assert (found[list(PARTS)] >= 0).all(axis=None)
    assert (found["ane_alone_ns"] <= found["ane_busy_ns"]).all()
    assert (found["gpu_alone_ns"] <= found["gpu_busy_ns"]).all()
    assert found["cpu"].sum() == broken.phases["weight"].sum()
    assert found[[f"cpu_{engine}" for engine in schema.ENGINES]].sum(axis=1).tolist() == found["cpu"].tolist()
    per_phase = broken.phases.groupby("index")["weight"].sum().reindex(range(len(found)), fill_value=0)
    assert per_phase.tolist() == found["cpu"].tolist()


def test_cycles_are_no_time() -> None:
    drawing = "x a....a x"
    tables = {"ane-hw-intervals": ane((1.5, 4.0)), **marked(drawing)}
    analysis = analyze_profile(drawn(drawing, unit="cycles"), beside=Beside(tables))
    row = analysis.measured.iterations.table.iloc[0]
    assert (row["cpu"], row["on_cpu_ns"], row["ane_alone_ns"], row["wall_ns"]) == (2 * TICK, 0, 2.5 * TICK, 6 * TICK)
