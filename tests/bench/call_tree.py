"""Times the call tree with engines of a large profile: 200,000 stacks of depth 121, a million samples.

    python -m tests.bench.call_tree

Stacks are as unlike as recorded ones are: each keeps the root side of an earlier one and differs towards its leaf.
"""

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.analysis.call_tree import call_tree
from tracekit.attribution.engines import attribute
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile

STACKS: Final = 200_000
DEPTH: Final = 121
SAMPLES: Final = 1_000_000
FUNCTIONS: Final = 4_000
_NAMES: Final = ("-[MLModel predictionFromFeatures:error:]", "Espresso::ANERuntimeEngine::compute", "work")


def large_profile(stacks: int = STACKS, depth: int = DEPTH, samples: int = SAMPLES, seed: int = 1) -> Profile:
    """A profile of so many distinct stacks, all of one depth."""
    random = np.random.default_rng(seed)
    builder = ProfileBuilder()
    for function in range(FUNCTIONS):
        builder.frame(f"{_NAMES[min(function, 2)]}{function if function > 1 else ''}")
    thread = builder.thread(1, "main", 1, "bench")
    first = builder.stacks(_paths(random, stacks, depth).ravel(), np.full(stacks, depth, np.int32))
    builder.samples(
        {
            "time_ns": np.arange(samples) * 1_000_000,
            "thread_id": np.full(samples, thread),
            "path_id": first + random.integers(0, stacks, samples),
            "weight": np.full(samples, 1_000_000),
            "state": np.full(samples, builder.state("Running")),
            "core": np.zeros(samples, np.int64),
        }
    )
    return builder.build(Meta(unit="ns"))


def _paths(random: np.random.Generator, stacks: int, depth: int) -> NDArray[np.int32]:
    """One row a path, root first."""
    paths = (random.zipf(1.3, (stacks, depth)) % FUNCTIONS).astype(np.int32)
    kept = np.minimum(random.integers(depth // 2, depth + depth // 2, stacks), depth - 1)
    trunk = paths[random.integers(0, 64, stacks)]
    return np.where(np.arange(depth) < kept[:, None], trunk, paths)


def main() -> None:
    """Build, then time what an analysis does with the stacks."""
    profile = large_profile()
    print(profile)
    began = time.perf_counter()
    attributed = attribute(profile)
    between = time.perf_counter()
    tree = call_tree(attributed)
    ended = time.perf_counter()
    print(f"engines of every sample: {between - began:.2f} s")
    print(f"call tree with engines, {len(tree):,} nodes: {ended - between:.2f} s")


if __name__ == "__main__":
    main()
