"""How long it takes to put predictions and interval tables on one clock: python -m tests.bench.one_clock [PREDICTIONS]

Analysis alone, from tables in memory: reading them is timed elsewhere.
"""

import sys
from time import process_time

import numpy as np
import pandas as pd

from tests.support.timelines import PID, TICK, drawn
from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.predictions.measure import Beside

PREDICTION = "xxxx apaac "
GPU_ROWS = 200_000
OTHERS_SIGNPOSTS = 100_000


def tables(count: int) -> dict[str, pd.DataFrame]:
    """Ten ANE intervals and a signpost a prediction, and many rows of the GPU and of other programs."""
    random = np.random.default_rng(0)
    length = count * (len(PREDICTION) - 1) * TICK
    begin = (np.arange(count) * (len(PREDICTION) - 1) + 4) * TICK
    ane = {"start": np.repeat(begin, 10) + np.tile(np.arange(10) * 100_000, count), "duration": 60_000}
    gpu = {"start": random.integers(0, length, GPU_ROWS), "duration": random.integers(1_000, 50_000, GPU_ROWS)}
    owner = {"process": "app", "process.pid": random.choice([PID, PID + 1], GPU_ROWS)}
    mine = events(begin, begin + 5 * TICK, "prediction", PID)
    early, late = np.sort(random.integers(0, length, (2, OTHERS_SIGNPOSTS)), axis=0)
    others = events(early, late, "other", PID + 1)
    encoders = [f"Encoder {row % 500}" for row in range(GPU_ROWS)]
    return {
        "ane-hw-intervals": pd.DataFrame({**ane, "event-label": "Neural Engine Prediction", "state": "Active"}),
        "metal-gpu-intervals": pd.DataFrame({**gpu, **owner, "event-label": encoders, "state": "Active"}),
        "os-signpost": pd.concat([mine, others]),
    }


def events(begin: np.ndarray, end: np.ndarray, name: str, pid: int) -> pd.DataFrame:
    """A Begin and an End for each."""
    return pd.DataFrame(
        {
            "time": np.concatenate([begin, end]),
            "event-type": ["Begin"] * len(begin) + ["End"] * len(end),
            "name": name,
            "identifier": np.tile(np.arange(len(begin)), 2),
            "process.pid": pid,
        }
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    profile, beside = drawn(PREDICTION * count), Beside(tables(count))
    began = process_time()
    measured = analyze_profile(profile, beside=beside).measured
    took = process_time() - began
    print(
        f"{len(profile):,} samples, {len(measured.intervals):,} intervals, {len(measured.iterations.table):,} "
        f"predictions from {measured.iterations.source}: {took:.2f} s"
    )


if __name__ == "__main__":
    main()
