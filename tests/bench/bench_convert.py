"""How long it takes to write 1,000,000 samples on 100,000 stacks in every format, and how large the files are.

    python -m tests.bench.bench_convert [--samples 1000000] [--stacks 100000] [FORMAT…]

The stacks are 30 deep and share prefixes as those of a call tree do; eight threads jump between neighbouring ones.
"""

import argparse
import resource
from time import perf_counter
from typing import get_args

import numpy as np

from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta
from tracekit.report.viewers.converters import Look, ViewerFormat, converted

DEPTH = 30
THREADS = 8
FRAMES = 20_000
JUMP = 50


def made(samples: int, stacks: int) -> Analysis:
    """The analysis of a made recording."""
    builder = ProfileBuilder()
    images = [builder.binary(f"Image{n}", f"/System/Library/Frameworks/Image{n}.framework/Image{n}") for n in range(50)]
    coreml, espresso = builder.binary("CoreML", "/System/CoreML"), builder.binary("Espresso", "/System/Espresso")
    frames = np.array([builder.frame(f"-[Class{n} method{n}With:error:]", images[n % 50]) for n in range(FRAMES)])
    paths = np.empty((stacks, DEPTH), np.int32)
    for depth in range(DEPTH):
        siblings = max(1, int(stacks ** ((depth + 1) / DEPTH)))
        paths[:, depth] = frames[(np.arange(stacks) * siblings // stacks * 7919 + depth) % FRAMES]
    paths[:, 4] = builder.frame("-[MLModel predictionFromFeatures:error:]", coreml)
    paths[::3, 5] = builder.frame("E5RT::Ops::AneInferenceOperation::ExecuteSync()", espresso)
    paths[1::3, 5] = builder.frame("E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()", espresso)
    first = builder.stacks(paths.ravel(), np.full(stacks, DEPTH, np.int32))
    for number in range(THREADS):
        builder.thread(1000 + number, f"Thread {number}", 7, "App")
    walk = np.cumsum(np.random.default_rng(1).integers(-JUMP, JUMP + 1, samples)) % stacks
    builder.samples(
        {
            "time_ns": np.arange(samples) * (1_000_000 // THREADS),
            "thread_id": np.arange(samples) % THREADS,
            "path_id": first + walk,
            "weight": np.full(samples, 1_000_000),
            "state": np.full(samples, builder.state("Running")),
            "core": np.zeros(samples, np.int64),
        }
    )
    return analyze_profile(builder.build(Meta("ns", format="export", source="made.xml")), Scope(whole=True))


def main() -> None:
    """Print a line a format: seconds, megabytes, and the most memory until then."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--stacks", type=int, default=100_000)
    parser.add_argument("formats", nargs="*", choices=[[], *get_args(ViewerFormat)], metavar="FORMAT")
    chosen = parser.parse_args()
    analysis = made(chosen.samples, chosen.stacks)
    for kind in chosen.formats or get_args(ViewerFormat):
        began = perf_counter()
        size = len(converted(analysis, kind, Look()))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{kind:10} {perf_counter() - began:6.2f} s {size / 1e6:8.1f} MB  memory {memory} MB", flush=True)


if __name__ == "__main__":
    main()
