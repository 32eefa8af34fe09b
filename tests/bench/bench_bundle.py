"""Times whole processes that read bundles: ``python -m tests.bench.bench_bundle [PATH...]``.

Without paths: the bundle of 40,913 rows, where the real recordings are at hand, and two synthetic ones of a million
samples with 50,000 distinct stacks, the second without anything that stacks share. Exits with 1 when a bar is missed.

The real bundle is analyzed (``tracekit analyze --no-focus --json -``), the synthetic ones are read; each three times
in a fresh interpreter, and the least counts. Bars are held against the processor's time, which is the time on the wall
where the machine has nothing else to do. Figures are in docs/trace-bundle.md.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.generate_bundle import write_big_bundle

READ = ("-c", "import sys; from tracekit.readers import open_trace; print(open_trace(sys.argv[1]).profile())")
ANALYZE = ("-m", "tracekit", "analyze", "--no-focus", "--json", "-")
REAL = (
    Path(os.environ.get("TRACEKIT_REAL_DATA", "../shared/real")) / "bundles/time-profile-40913-rows_xcode16.3.trace.zip"
)
REPEATS = 3


class Cost(NamedTuple):
    """What a process takes, or may take."""

    cpu_s: float
    peak_mb: float
    wall_s: float = 0.0


REAL_BAR, BIG_BAR = Cost(2.0, 350), Cost(6.0, 1000)


def cost(command: Sequence[str], path: Path) -> Cost:
    """The least of some runs."""
    return min(_once([sys.executable, *command, str(path)]) for _ in range(REPEATS))


def _once(command: list[str]) -> Cost:
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(command)}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, wall_s)


def report(name: str, taken: Cost, bar: Cost | None = None) -> bool:
    """Print what was taken; whether it keeps within the bar."""
    allowed = f"   bar: {bar.cpu_s:.1f} s, {bar.peak_mb:.0f} MB" if bar else ""
    print(f"{name:36} {taken.cpu_s:6.2f} s ({taken.wall_s:.2f} s on the wall) {taken.peak_mb:5.0f} MB{allowed}")
    return bar is None or (taken.cpu_s <= bar.cpu_s and taken.peak_mb <= bar.peak_mb)


def main(paths: Sequence[str]) -> int:
    """The command; gives the exit code."""
    for path in paths:
        report(path, cost(ANALYZE, Path(path)))
    if paths:
        return 0
    kept = [report("40,913 rows, analyzed", cost(ANALYZE, REAL), REAL_BAR)] if REAL.exists() else []
    with tempfile.TemporaryDirectory() as folder:
        for name, sharing in (("1,000,000 samples, shared callers", 10), ("1,000,000 samples, nothing shared", 1)):
            big = Path(folder) / "big.trace"
            write_big_bundle(big, sharing=sharing)
            kept.append(report(name, cost(READ, big), BIG_BAR))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
