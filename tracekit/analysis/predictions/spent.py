"""What predictions spent on handing work to the GPU, and on what is done once."""

from typing import Final

import pandas as pd

from tracekit.analysis.predictions.measure import Iterations
from tracekit.analysis.words import milliseconds

_DOING: Final = {"compile": "compiling", "load": "loading and reshaping", "prepare": "preparing"}


def gpu_driving(iterations: Iterations, chosen: pd.DataFrame) -> int:
    """CPU time that some predictions spent driving the GPU; waiting for it is none."""
    phases = iterations.phases
    mine = phases["index"].isin(chosen["index"]) & (phases["engine"] == "GPU") & (phases["phase"] != "wait")
    return int(phases.loc[mine, "weight"].sum())


def one_off_parts(iterations: Iterations, chosen: pd.DataFrame) -> list[str]:
    """What some predictions spent on what is done once: ``91.0 ms compiling``, heaviest first."""
    phases = iterations.phases
    mine = phases[phases["index"].isin(chosen["index"]) & phases["phase"].isin(_DOING)]
    sums = mine.groupby("phase")["weight"].sum().sort_values(ascending=False, kind="stable")
    return [f"{milliseconds(int(weight))} {_DOING[str(phase)]}" for phase, weight in sums.items()]
