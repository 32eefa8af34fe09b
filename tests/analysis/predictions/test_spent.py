"""What predictions spent on the GPU's hand-over and on what is done once, of rows by hand."""

import pandas as pd

from tracekit.analysis.predictions.measure import Iterations
from tracekit.analysis.predictions.spent import gpu_driving, one_off_parts

ROWS = [
    # prediction, engine, phase, weight
    (0, "GPU", "dispatch", 1_000_000),
    (0, "GPU", "wait", 20_000_000),
    (0, "GPU", "compile", 300_000_000),
    (0, "CPU", "compute", 4_000_000),
    (1, "GPU", "dispatch", 50_000_000),
    (1, "none", "load", 400_000_000),
    (1, "CPU", "prepare", 2_000_000),
    (2, "CPU", "compile", 200_000_000),
]
PHASES = pd.DataFrame(ROWS, columns=["index", "engine", "phase", "weight"])
FOUND = Iterations(pd.DataFrame({"index": range(3)}), PHASES, "signposts", "", None, {}, 3)


def of(*numbers: int) -> pd.DataFrame:
    return pd.DataFrame({"index": numbers})


def test_driving_the_gpu_is_all_of_it_but_waiting() -> None:
    assert [gpu_driving(FOUND, of(*each)) for each in ((0,), (0, 1), (2,), ())] == [301_000_000, 351_000_000, 0, 0]


def test_what_is_done_once_is_summed_and_told_heaviest_first() -> None:
    assert one_off_parts(FOUND, of(0, 1, 2)) == [
        "500.0 ms compiling",
        "400.0 ms loading and reshaping",
        "2.0 ms preparing",
    ]
    assert one_off_parts(FOUND, of(1)) == ["400.0 ms loading and reshaping", "2.0 ms preparing"]
    assert one_off_parts(FOUND, of()) == []
