"""Loads: each time from the source that has it, a row a model."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

import tracekit as tk
from tests.support.profiles import profile_from_text
from tests.support.samples import analysis_of
from tests.support.timelines import TICK, analysed, marked
from tracekit.analysis.analyze import Scope
from tracekit.analysis.predictions.loads import LOADS, loads, waits_of
from tracekit.analysis.predictions.measure import NOTHING, Beside, Measured
from tracekit.analysis.predictions.sidecar import Harness
from tracekit.attribution.engines import attribute

LOADED = {"name": "load", "start_mach": 0, "end_mach": 24}
LOAD = "start;main;CoreML`+[MLModel modelWithContentsOfURL:configuration:error:]"


@dataclass
class Written:
    """A sidecar that tells of phases alone."""

    document: dict[str, Any] = field(default_factory=dict)
    pid: int = 7
    compute_units: str = "all"
    timebase: tuple[int, int] = (125, 3)
    iterations: tuple[Any, ...] = ()


def measured(*labels: tuple[str, int, int]) -> Measured:
    """What a recording with rows of the Neural Engine shows: label, start and duration in ms."""
    rows = [(int(start * 10**6), int(length * 10**6), label, "Active") for label, start, length in labels]
    columns = pd.DataFrame(rows, columns=["start", "duration", "event-label", "state"])
    beside = Beside({"ane-hw-intervals": columns}) if rows else NOTHING
    return tk.analyze(profile_from_text(f"{LOAD} 5000000")).measured if beside is NOTHING else _measured(beside)


def _measured(beside: Beside) -> Measured:
    from tracekit.analysis.analyze import analyze_profile

    return analyze_profile(profile_from_text(f"{LOAD} 5000000"), beside=beside).measured


def test_the_harness_tells_of_its_own_load() -> None:
    phases = [
        {"name": "compile", "start_mach": 0, "end_mach": 2_400_000},
        {"name": "load", "start_mach": 2_400_000, "end_mach": 4_800_000},
    ]
    harness: Harness = Written({"model": {"path": "/x/Letters.mlpackage"}, "phases": phases})
    (row,) = loads(measured(), harness).to_dict("records")
    told = {"model": "Letters", "tie": "named", "prepare_ns": 10**8, "load_ns": 10**8}
    assert row == dict.fromkeys(LOADS, -1) | told


def test_phases_that_are_not_whole_are_not_told() -> None:
    broken = [
        "load",
        {"name": "load", "start_mach": 0},
        {"name": "load", "start_mach": "now", "end_mach": 24},
        {"name": "warm-up", "start_mach": 0, "end_mach": 24},
    ]
    assert loads(measured(), Written({"phases": broken})).empty
    assert loads(measured(), Written({"phases": "load"})).empty
    after = [*broken, {"name": "load", "start_mach": 24, "end_mach": 48}]
    assert loads(measured(), Written({"phases": after}))["load_ns"].tolist() == [1000]


def test_the_first_prediction_stands_beside_what_one_usually_takes() -> None:
    drawing = "x pppp x pp x pp x pp x pp x"
    analysis = analysed(drawing, beside=Beside(marked(drawing), Written({"phases": [LOADED]})))
    (row,) = analysis.loads.to_dict("records")
    assert (row["first_ns"], row["usual_ns"]) == (4 * TICK, 2 * TICK)
    # All of them warm-up: there is no usual one.
    alone = "x w x"
    told = analysed(alone, beside=Beside({}, Written({"phases": [LOADED]})), scope=Scope(predictions=1)).loads
    assert told[["first_ns", "usual_ns"]].values.tolist() == [[TICK, -1]]


def test_rows_of_the_neural_engine_are_told_by_model() -> None:
    rows = loads(
        measured(
            ("Neural Engine Load A.mlmodelc", 0, 4),
            ("Neural Engine Load A.mlmodelc", 2, 4),
            ("Neural Engine Compile B", 20, 9),
            ("Neural Engine Unload A", 90, 1),
            ("LoadForecast_main__Op0_AneInference", 50, 3),
        ),
        None,
    )
    assert rows[["model", "tie", "ane_load_ns", "ane_compile_ns"]].to_numpy().tolist() == [
        ["A", "none", 6_000_000, -1],
        ["B", "none", -1, 9_000_000],
    ]


def test_rows_that_name_no_model_are_not_those_of_the_harness_s() -> None:
    harness: Harness = Written({"model": {"path": "/x/Letters.mlmodelc"}})
    rows = loads(measured(("Neural Engine Load Letters", 0, 4), ("Neural Engine Compile", 20, 9)), harness)
    assert rows[["model", "tie", "ane_load_ns", "ane_compile_ns"]].to_numpy().tolist() == [
        ["Letters", "named", 4_000_000, -1],
        ["", "none", -1, 9_000_000],
    ]


def test_nothing_is_told_of_what_was_not_recorded() -> None:
    assert loads(measured(), None).empty
    assert {name: str(dtype) for name, dtype in loads(measured(), None).dtypes.items()} == dict(LOADS)


@pytest.mark.parametrize(
    "stack,waited",
    [
        (f"{LOAD};AppleNeuralEngine`-[_ANEDaemonConnection loadModel:];mach_msg2_trap", ("aned",)),
        (f"{LOAD};Espresso`E5RT::E5CompilerImpl::Compile()", ("e5rt compile",)),
        (f"{LOAD};parse", ()),
        ("start;main;AppleNeuralEngine`-[_ANEDaemonConnection nothing];draw", ()),  # no load
    ],
)
def test_what_loading_waited_for_is_read_from_its_stacks(stack: str, waited: tuple[str, ...]) -> None:
    assert waits_of(attribute(profile_from_text(f"{stack} 5000000"))) == waited


def test_the_sample_was_compiled_and_loaded() -> None:
    analysis = analysis_of("all-ane.trace.zip")
    rows = analysis.loads.set_index("model")
    labels = analysis.measured.intervals.groupby("phase", observed=True)["duration_ns"].sum()
    assert rows.loc["", "ane_compile_ns"] == labels["compile"]
    assert rows.loc["Flowers", "ane_load_ns"] == labels["load"]
    assert rows["tie"].to_dict() == {"Flowers": "named", "": "none"}
    assert rows.loc["Flowers", "first_ns"] == analysis.measured.iterations.table["wall_ns"].iloc[0]
    assert "e5rt compile" in analysis.load_waits
