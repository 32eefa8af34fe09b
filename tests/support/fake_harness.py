"""Stands in for the compiled harness: its arguments, its progress file and its sidecar. Predicts nothing.

FAKE_ITERATION_S     how long a prediction takes
FAKE_HARNESS_ERROR   the predictions fail with this message
FAKE_SLOW_UNITS      these compute units take twice as long
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("--model", "--sidecar", "--progress", "--function"):
        parser.add_argument(name)
    parser.add_argument("--compute-units", default="all")
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--input", action="append", default=[])
    asked = parser.parse_args()
    takes = float(os.environ.get("FAKE_ITERATION_S", "0.001"))
    error = os.environ.get("FAKE_HARNESS_ERROR")
    ticks = 2 if os.environ.get("FAKE_SLOW_UNITS") == asked.compute_units else 1
    print("harness: hello")
    iterations = []
    clock = 1000
    for warmup, count in ((True, asked.warmup), (False, asked.iterations)):
        for index in range(0 if error else count):
            time.sleep(takes)
            phase = "warmup" if warmup else "measure"
            Path(asked.progress).write_text(f"{phase:<10} {index + 1:>10} {count:>10}\n")
            end = clock + ticks * (24_000 + 240 * (index % 5))
            iterations.append({"index": index, "warmup": warmup, **span(clock, end)})
            clock = end + 100
    document = {
        "schema": "tracekit.sidecar/1",
        "harness": "fake",
        "pid": os.getpid(),
        "timebase": {"numer": 125, "denom": 3},
        "compute_units": asked.compute_units,
        "model": {"path": asked.model, "compiled": False},
        "inputs": [],
        "skipped_inputs": [],
        "phases": [{"name": "measure", **span(1000, clock)}],
        "iterations": iterations,
        "compute_plan": None,
        "error": error,
        "home": "/Users/jane.doe/models",
    }
    Path(asked.sidecar).write_text(json.dumps(document))
    if error:
        print(error, file=sys.stderr)
    return 1 if error else 0


def span(start: int, end: int) -> dict[str, int]:
    wall = 1_768_927_491_000_000_000
    return {
        "start_mach": start,
        "end_mach": end,
        "start_wall_ns": wall + start * 125 // 3,
        "end_wall_ns": wall + end * 125 // 3,
    }


if __name__ == "__main__":
    sys.exit(main())
