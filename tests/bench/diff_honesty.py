"""How often ``tracekit diff`` claims a difference where there is none, and finds one that is there.

    python -m tests.bench.diff_honesty              600 equal pairs over five kinds of dependence; six minutes
    python -m tests.bench.diff_honesty --shift 0.1  the same with 10 points moved from the ANE to one CPU function
    python -m tests.bench.diff_honesty --repeats 3  sides of three recordings, whose mixes differ from one to the next

Kinds are those of tests/support/mixes.py; of predictions and regimes every second pair has exact predictions. The table
is Markdown, for docs/diff.md: pairs, those of which nothing is tested, those with any claim, how often the intervals of
engines hold the true change, and how often the shift of the ANE and its function are shown.
"""

import argparse
from collections import Counter
from typing import Any

import numpy as np

from tests.support.mixes import KINDS, recording
from tracekit.analysis.compare.diff import diff
from tracekit.analysis.compare.result import Diff


def pair(kind: str, number: int, seconds: tuple[float, float], shift: float) -> Diff:
    """One pair; each recording is as long as chance has it."""
    rng = np.random.default_rng([number, KINDS.index(kind)])
    exact = kind in ("predictions", "regimes") and number % 2 == 0
    a, b = (
        recording(kind, float(rng.uniform(*seconds)), int(rng.integers(2**32)), shift=moved, exact=exact)
        for moved in (0.0, shift)
    )
    return diff(a, b)


def counted(found: Diff, shift: float) -> Counter[str]:
    """What one comparison adds to the table."""
    rows: list[dict[str, Any]] = found.rows.to_dict("records")  # type: ignore[assignment]  # column names are strings
    truth = {"ANE": -shift, "CPU": shift, "GPU": 0.0}
    engines = [row for row in rows if row["kind"] == "engine" and row["name"] in truth and row["is_tested"]]
    tested = found.basis != "nothing"
    return Counter(
        pairs=1,
        untested=not tested,
        claims=bool(len(found.differences)),
        intervals=len(engines),
        held=sum(row["low"] <= truth[row["name"]] <= row["high"] for row in engines),
        ane=any(row["name"] == "ANE" and row["is_difference"] for row in engines),
        function=any(row["kind"] == "self" and "CPU_0" in row["name"] and row["is_difference"] for row in rows),
    )


def line(name: str, sums: Counter[str]) -> str:
    """One row of the table."""
    held = f"{sums['held'] / sums['intervals']:.1%}" if sums["intervals"] else "–"
    cells = (name, *(str(sums[key]) for key in ("pairs", "untested", "claims")), held, sums["ane"], sums["function"])
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Parse the arguments and count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pairs", type=int, default=120, help="of each kind")
    parser.add_argument("--seconds", type=float, nargs=2, default=(3.0, 12.0), help="the length of a recording")
    parser.add_argument("--shift", type=float, default=0.0, help="share that moves from the ANE to the CPU")
    given = parser.parse_args()
    print("| kind | pairs | not tested | any claim | intervals that hold | ANE shown | function shown |")
    print("|---|---|---|---|---|---|---|")
    every: Counter[str] = Counter()
    for kind in KINDS:
        sums: Counter[str] = Counter()
        for number in range(given.pairs):
            sums += counted(pair(kind, number, tuple(given.seconds), given.shift), given.shift)
        every += sums
        print(line(kind, sums), flush=True)
    print(line("all", every))


if __name__ == "__main__":
    main()
