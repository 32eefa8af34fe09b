"""Times whole processes on generated exports, in turn in one run: tracekit, its reference reader, and its peers.

    python -m tests.bench.run                 small, deep, shallow and compressed exports; two minutes
    python -m tests.bench.run --large         also 1.1 GB, which needs 1.3 GB of disk
    python -m tests.bench.run --rounds 5      the median of so many is shown, after one that is not counted

Exports are generated into a temporary folder, or into --folder, where they are kept for the next run. A peer is timed
where its program is installed. Python keeps its bytecode, as it does for users. Wall time and peak memory are the
process's own, as the system reports them. The table is Markdown, for docs/performance.md.
"""

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.generate_export import Shape, write_export


@dataclass(frozen=True, slots=True)
class Case:
    """One export to read."""

    name: str
    shape: Shape
    suffix: str = ".xml"
    is_large: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took; None where it failed."""

    wall_s: float
    cpu_s: float
    peak_mb: float


CASES: Final = (
    Case("small", Shape(9_581, stacks=16)),
    Case("deep", Shape(200_000)),
    Case("deep, unlike stacks", Shape(200_000, kept=0)),
    Case("deep, Xcode 26.4", Shape(150_000, "wrapped")),
    Case("deep, Xcode 27", Shape(150_000, "flat")),
    Case("shallow repeats", Shape(479_050, stacks=16)),
    Case("deep, gzip", Shape(200_000), suffix=".xml.gz"),
    Case("deep, large", Shape(2_000_000), is_large=True),
)

_ANALYZE: Final = ("-m", "tracekit", "analyze", "--no-focus", "--json", "-")
_PEERS: Final = {"inferno": "inferno-collapse-xctrace"}
"""Column and program of each peer. inferno reads stacks only, and no .gz."""


def commands(export: Path) -> Iterator[tuple[str, list[str]]]:
    """What to time on one export: (column, command)."""
    yield "tracekit", [sys.executable, *_ANALYZE, str(export)]
    yield "lxml reader", [sys.executable, *_ANALYZE, "--reader", "lxml", str(export)]
    for name, program in _PEERS.items():
        found = shutil.which(program)
        if found and export.suffix != ".gz":
            yield name, [found, str(export)]


def cost(command: list[str]) -> Cost | None:
    """Run a command to its end; its output goes nowhere."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "TRACEKIT_NO_CACHE": "1"}
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1e6 if sys.platform == "darwin" else 1e3  # ru_maxrss is in bytes there, in kB elsewhere
    if process.returncode:
        return None
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)


def inflate_s(path: Path) -> float:
    """How long it takes to inflate a file and do nothing with it."""
    began = time.perf_counter()
    with gzip.open(path) as stream:
        while stream.read(1 << 20):
            pass
    return time.perf_counter() - began


def median(costs: list[Cost | None]) -> Cost | None:
    """The run in the middle, by wall time; of an even number the slower of two."""
    done = sorted((each for each in costs if each is not None), key=lambda each: each.wall_s)
    return done[len(done) // 2] if done else None


def table(results: dict[str, dict[str, Cost | None]], notes: dict[str, str]) -> str:
    """Rows are exports, columns programs: wall time, processor time, peak memory."""
    columns = list(dict.fromkeys(column for row in results.values() for column in row))
    lines = ["| export | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in results.items():
        cells = [_cell(row[column]) if column in row else "–" for column in columns]
        lines.append(f"| {name} ({notes[name]}) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(found: Cost | None) -> str:
    return "failed" if found is None else f"{found.wall_s:.2f} s, cpu {found.cpu_s:.2f} s, {found.peak_mb:.0f} MB"


def exported(case: Case, folder: Path) -> Path:
    """The export of a case, generated where it is not there yet."""
    name = "".join(letter if letter.isalnum() else "-" for letter in case.name)
    path = folder / f"{name}-{case.shape.rows}{case.suffix}"
    if not path.exists():
        write_export(path, case.shape)
    return path


def run(cases: list[Case], folder: Path, rounds: int, columns: set[str]) -> None:
    """Time all cases and print the table."""
    results: dict[str, dict[str, Cost | None]] = {}
    notes: dict[str, str] = {}
    for case in cases:
        export = exported(case, folder)
        notes[case.name] = f"{export.stat().st_size / 1e6:.1f} MB, {case.shape.rows:,} rows"
        if case.suffix == ".xml.gz":
            notes[case.name] += f", inflates in {inflate_s(export):.2f} s"
        timed: dict[str, list[Cost | None]] = {}
        for _ in range(rounds + 1):
            for column, command in commands(export):
                if not columns or column in columns:
                    timed.setdefault(column, []).append(cost(command))
        results[case.name] = {column: median(costs[1:]) for column, costs in timed.items()}
        print(f"{case.name}: done", file=sys.stderr)
    print(table(results, notes))
    for option in ("--help", "--version"):
        starts = median([cost([sys.executable, "-m", "tracekit", option]) for _ in range(rounds)])
        print(f"\n`tracekit {option}`: {_cell(starts)}")


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", action="store_true", help="also the export of 1.1 GB")
    parser.add_argument("--case", action="append", help="only this export; repeatable")
    parser.add_argument("--only", action="append", help="only this program (a column); repeatable")
    parser.add_argument("--folder", type=Path, help="keep the exports here")
    given = parser.parse_args()
    chosen = [case for case in CASES if (given.large or not case.is_large)]
    if given.case:
        chosen = [case for case in CASES if case.name in given.case]
    only = set(given.only or ())
    if given.folder:
        given.folder.mkdir(parents=True, exist_ok=True)
        run(chosen, given.folder, given.rounds, only)
        return
    with tempfile.TemporaryDirectory() as folder:
        run(chosen, Path(folder), given.rounds, only)


if __name__ == "__main__":
    main()
