"""Stands in for the compiled harness: its arguments, its progress file, its sidecar and its plan. Predicts nothing.

tests/recording/harness runs the real one. This one's predictions are those of a sample recording, so that both agree.

FAKE_ITERATION_S     how long a prediction takes
FAKE_PLAN            abort: asking for the compute plan ends the process
FAKE_HARNESS_ERROR   the predictions fail with this message
FAKE_HOT_UNITS       the Mac is hot with these compute units
FAKE_SLOW_UNITS      these compute units take twice as long
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "sample_traces"
TICKS_AT_START = 1_000_000_000
WALL_AT_START = 1_768_927_491_000_000_000


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("--model", "--sidecar", "--progress", "--function", "--plan", "--log", "--evaluate", "--batch-size"):
        parser.add_argument(name)
    parser.add_argument("--compute-units", default="all")
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--min-seconds", type=float, default=2)
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--input", action="append", default=[])
    asked = parser.parse_args()
    if asked.plan:
        return plan(asked.plan)
    takes = float(os.environ.get("FAKE_ITERATION_S", "0.001"))
    error = os.environ.get("FAKE_HARNESS_ERROR")
    ticks = 2 if os.environ.get("FAKE_SLOW_UNITS") == asked.compute_units else 1
    print("harness: hello")
    predictions = [] if error else predicted(os.environ["FAKE_SAMPLE"])
    iterations = []
    for warmup, count in ((True, asked.warmup), (False, asked.iterations)):
        for index in range(0 if error else count):
            time.sleep(takes)
            phase = "warmup" if warmup else "measure"
            Path(asked.progress).write_text(f"{phase:<10} {index + 1:>10} {count:>10}\n")
            if predictions:
                start, end = predictions.pop(0)
                iterations.append({"index": index, "warmup": warmup, **span(start, start + ticks * (end - start))})
    document = {
        "schema": "tracekit.sidecar/1",
        "harness": "fake",
        "pid": os.getpid(),
        "timebase": {"numer": 125, "denom": 3},
        "compute_units": asked.compute_units,
        "model": {"path": asked.model, "compiled": False},
        "inputs": [],
        "skipped_inputs": [],
        "phases": [{"name": "measure", **span(0, 1_000_000_000)}],
        "iterations": iterations,
        "compute_plan": None,
        "conditions": [condition(when, asked.compute_units) for when in ("before", "after")],
        "error": error,
        "ended": "error" if error else "done",
        "home": "/Users/jane.doe/models",
    }
    Path(asked.sidecar).write_text(json.dumps(document))
    if error:
        Path(asked.log).write_text(f"{error}\n")
    return 1 if error else 0


def plan(path: str) -> int:
    if os.environ.get("FAKE_PLAN") == "abort":
        os.abort()
    one = {"name": "conv0", "operator": "conv", "function": "main", "model": None, "within": None}
    operation = {**one, "supported": ["CPU", "ANE"], "preferred": "ANE", "cost": 1.0}
    Path(path).write_text(json.dumps({"operations": [operation]}))
    return 0


def condition(when: str, units: str) -> dict[str, object]:
    state = "serious" if os.environ.get("FAKE_HOT_UNITS") == units else "nominal"
    return {"when": when, "thermal_state": state, "low_power": False, "wall_ns": WALL_AT_START}


def predicted(sample: str) -> list[tuple[int, int]]:
    """Start and end of the predictions that a sample recording holds, in nanoseconds since it began."""
    truth = json.loads((SAMPLES / f"{sample}.truth.json").read_text())
    return [(each["start_ns"], each["end_ns"]) for each in truth["runs"][0]["iterations"]]


def span(start_ns: int, end_ns: int) -> dict[str, int]:
    """Times of the recording on both clocks of the harness."""
    return {
        "start_mach": TICKS_AT_START + start_ns * 3 // 125,
        "end_mach": TICKS_AT_START + end_ns * 3 // 125,
        "start_wall_ns": WALL_AT_START + start_ns,
        "end_wall_ns": WALL_AT_START + end_ns,
    }


if __name__ == "__main__":
    sys.exit(main())
