"""The bars: how long whole commands take, as multiples of ``python -c "import pandas"`` on the same machine.

    python -m tests.bench.ratios              the table of docs/performance.md; five minutes on a quiet machine
    python -m tests.bench.ratios --rounds 3   so many runs of each, after one that is not counted
    python -m tests.bench.ratios --only deep  the rows whose name holds this; repeatable

Every round begins with the unit, and a ratio is of medians. The processor's time counts helpers too; on a busy machine
it is what can be compared. Peak memory is that of the largest process. Exports are generated, into --folder to be kept.
Where ``inferno-collapse-xctrace`` is on PATH, it reads each export that it can in the same rounds.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from tests.bench.bench_bundle import REAL
from tests.bench.generate_export import Shape, write_export

UNIT: Final = (sys.executable, "-c", "import pandas")
PEER: Final = "inferno-collapse-xctrace"
"""It reads stacks only, one row as one, and no .gz."""
_TRACEKIT: Final = (sys.executable, "-m", "tracekit")
_ANALYZE: Final = (*_TRACEKIT, "analyze", "--no-focus", "--json", "-")


@dataclass(frozen=True, slots=True)
class Row:
    """One command. ``{}`` in it is the input, ``{html}`` a file to write."""

    name: str
    command: tuple[str, ...]
    source: Shape | Path | None = None
    suffix: str = ".xml"
    is_kept: bool = False
    """Whether what was read before is used: then the run that is not counted is the one that reads."""
    bar: float | None = None
    """At most so many times the unit."""
    peer_bar: float | None = None
    """At most so many times the peer, where that is at hand: then it is this which decides."""
    most_mb: int | None = None


DEEP: Final = Shape(200_000)
ROWS: Final = (
    Row("`tracekit --help`", (*_TRACEKIT, "--help"), bar=0.45),
    Row("1.9 MB export", (*_ANALYZE, "{}"), Shape(9_581, stacks=16), bar=1.6),
    Row("bundle of 40,913 rows", (*_ANALYZE, "{}"), REAL, bar=2.0),
    Row("deep export, 117 MB", (*_ANALYZE, "{}"), DEEP, bar=3.0, peer_bar=0.75, most_mb=400),
    Row("deep export, read before", (*_ANALYZE, "{}"), DEEP, is_kept=True, bar=2.5, most_mb=400),
    Row("deep export, gzip, 14 MB", (*_ANALYZE, "{}"), DEEP, ".xml.gz"),
    Row("deep export, stacks unlike", (*_ANALYZE, "{}"), Shape(200_000, kept=0)),
    Row("shallow repeats, 94 MB", (*_ANALYZE, "{}"), Shape(479_050, stacks=16)),
    Row(
        "report of the deep export",
        (*_TRACEKIT, "report", "--no-focus", "--force", "-o", "{html}", "{}"),
        DEEP,
        most_mb=400,
    ),
    Row("deep export, lxml reader", (*_ANALYZE, "--reader", "lxml", "{}"), DEEP),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took, its helpers included."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def cost(command: tuple[str, ...], environment: dict[str, str]) -> Cost:
    """Run a command to its end; its output goes nowhere. A failure ends the benchmark."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(command)}\n{said}")
    scale = 1e6 if sys.platform == "darwin" else 1e3  # ru_maxrss is in bytes there, in kB elsewhere
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)


def measured(row: Row, folder: Path, rounds: int) -> str:
    """A line of the table."""
    source = _input(row, folder)
    command = tuple(part.format(source, html=folder / "report.html") for part in row.command)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "TRACEKIT_CACHE_DIR": str(folder / "kept")}
    environment |= {"TRACEKIT_NO_CACHE": "" if row.is_kept else "1"}
    commands = {"unit": UNIT, "own": command}
    if source.endswith(".xml") and shutil.which(PEER):
        commands["peer"] = (PEER, source)
    rounds_taken = [{name: cost(each, environment) for name, each in commands.items()} for _ in range(rounds + 1)][1:]
    wall = {name: median(taken[name].wall_s for taken in rounds_taken) for name in commands}
    cpu = {name: median(taken[name].cpu_s for taken in rounds_taken) for name in commands}
    peak = max(taken["own"].peak_mb for taken in rounds_taken)
    of_unit, of_peer = wall["own"] / wall["unit"], wall["own"] / wall["peer"] if "peer" in wall else None
    bars = [
        f"{row.bar} ×" if row.bar else "",
        f"{row.peer_bar} × inferno" if row.peer_bar else "",
        f"{row.most_mb} MB" if row.most_mb else "",
    ]
    is_slow = of_peer > row.peer_bar if row.peer_bar and of_peer else row.bar is not None and of_unit > row.bar
    is_large = row.most_mb is not None and peak > row.most_mb
    cells = [
        row.name,
        f"{of_unit:.2f} ×",
        f"{cpu['own'] / cpu['unit']:.2f} ×",
        f"{of_peer:.2f} ×" if of_peer else "",
        f"{wall['own']:.2f} s",
        f"{peak:.0f} MB",
        ", ".join(filter(None, bars)) + (" **missed**" if is_slow or is_large else ""),
    ]
    return f"| {' | '.join(cells)} |"


def _input(row: Row, folder: Path) -> str:
    if not isinstance(row.source, Shape):
        return str(row.source)
    shape = row.source
    path = folder / f"{shape.rows}-{shape.stacks}-{shape.kept}{row.suffix}"
    if not path.exists():
        write_export(path, shape)
    return str(path)


def run(rows: list[Row], folder: Path, rounds: int) -> None:
    """Print the table, line by line."""
    print("| command | time | processor | to inferno | wall | peak | at most |\n|---|---|---|---|---|---|---|")
    for row in rows:
        if isinstance(row.source, Path) and not row.source.exists():
            print(f"{row.name}: {row.source} is not at hand", file=sys.stderr)
            continue
        print(measured(row, folder, rounds), flush=True)


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", default=[], help="only rows whose name holds this; repeatable")
    parser.add_argument("--folder", type=Path, help="keep the exports here")
    given = parser.parse_args()
    chosen = [row for row in ROWS if not given.only or any(part in row.name for part in given.only)]
    if given.folder:
        given.folder.mkdir(parents=True, exist_ok=True)
        run(chosen, given.folder, given.rounds)
        return
    with tempfile.TemporaryDirectory() as folder:
        run(chosen, Path(folder), given.rounds)


if __name__ == "__main__":
    main()
