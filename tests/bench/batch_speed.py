"""How much faster two workers are than one: python -m tests.bench.batch_speed [RECORDINGS]

Not a test, since it needs a machine that does nothing else.
"""

import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter
from typing import NamedTuple

from tracekit.batch.processes import on_processes
from tracekit.batch.run import run_batch

SAMPLE = Path(__file__).parents[2] / "sample_traces" / "mlprogram-split.xcode26.5.xml"


class Cost(NamedTuple):
    """Seconds of a clock, and of processors."""

    wall: float
    cpu: float


def cost(folder: Path, workers: int) -> Cost:
    """A whole batch, with the start of its workers."""
    began, before = perf_counter(), getrusage(RUSAGE_CHILDREN)
    output = folder.parent / f"by-{workers}.parquet"
    run_batch([f"{folder}/*.xml"], output, partial(on_processes, workers=workers, memory=0))
    after = getrusage(RUSAGE_CHILDREN)
    return Cost(perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "recordings")
        folder.mkdir()
        for number in range(count):
            shutil.copy(SAMPLE, folder / f"{number:03}.xml")
        one, two = cost(folder, 1), cost(folder, 2)
    print(f"{count} recordings: 1 worker {one.wall:.1f} s ({one.cpu:.1f} s of CPU), ", end="")
    print(f"2 workers {two.wall:.1f} s ({two.cpu:.1f} s of CPU): {one.wall / two.wall:.2f} times as fast")


if __name__ == "__main__":
    main()
