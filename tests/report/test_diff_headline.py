"""What a comparison means: the answer, the speed, and how sure."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.support.samples import analysis_of
from tracekit.analysis.compare.diff import diff
from tracekit.analysis.compare.repeats import diff_sides
from tracekit.analysis.compare.sides import Side
from tracekit.analysis.verdict.decision import Answer
from tracekit.report.diff_headline import diff_headline


def side(answer: Answer, length: int | None = None, seed: int = 1, count: int = 80) -> Side:
    """A recording with this answer, and so many predictions of about that length."""
    table = None
    if length is not None:
        wall = np.full(count, length) + np.random.default_rng(seed).permutation(count) * 500
        table = pd.DataFrame({"start_ns": np.arange(count) * 20_000_000, "warmup": False, "wall_ns": wall})
    recorded = Side.of(analysis_of("legacy-nn-ane.xcode16.4.xml.gz"))
    return replace(recorded, verdict=replace(recorded.verdict, answer=answer), iterations=table)


@pytest.mark.parametrize(
    "before, after, said",
    [
        ("partly", "yes", "Fixed: partly → yes."),
        ("no", "yes", "Fixed: no → yes."),
        ("no", "partly", "Better: no → partly."),
        ("yes", "partly", "Worse: yes → partly."),
        ("yes", "yes", "Still yes."),
        ("unknown", "yes", "Known of B alone: unknown → yes."),
        ("yes", "unknown", "Known of A alone: yes → unknown."),
        ("unknown", "unknown", "Still unknown."),
    ],
)
def test_the_answer_before_and_after(before: Answer, after: Answer, said: str) -> None:
    headline = diff_headline(diff(side(before), side(after)))
    assert headline == f"{said} How long a prediction takes is known of neither."


@pytest.mark.parametrize("lengths, which", [((3_000_000, None), "A"), ((None, 3_000_000), "B")])
def test_whose_length_is_known(lengths: tuple[int | None, int | None], which: str) -> None:
    headline = diff_headline(diff(*(side("yes", length) for length in lengths)))
    assert headline == f"Still yes. How long a prediction takes is known of {which} alone."


def test_lengths_that_are_known_and_were_not_compared() -> None:
    idle = side("yes").engines.assign(samples=0, weight=0)
    a = tuple(side("yes", 8_000_000, seed) for seed in range(2))
    b = tuple(replace(side("yes", 4_000_000, seed), engines=idle) for seed in range(2))
    assert diff_headline(diff_sides(a, b)) == "Still yes. How long a prediction takes was not compared."


@pytest.mark.parametrize(
    "before, after, said",
    [
        (8_300_000, 3_300_000, "2.5 × faster (8.3 → 3.3 ms a prediction, sure)."),
        (3_300_000, 8_300_000, "2.5 × slower (3.3 → 8.3 ms a prediction, sure)."),
        (900_000, 1_980_000, "2.2 × slower (919.8 µs → 2.0 ms a prediction, sure)."),
        (3_300_000, 3_300_000, "About as fast (3.3 → 3.3 ms a prediction, not sure)."),
        (3_300_000, 3_150_000, "5 % faster (3.3 → 3.2 ms a prediction, sure)."),
    ],
)
def test_how_much_faster_and_how_sure(before: int, after: int, said: str) -> None:
    assert diff_headline(diff(side("yes", before), side("yes", after, 2))) == f"Still yes. {said}"


def test_few_predictions_are_not_sure() -> None:
    before, after = (side("yes", length, count=4) for length in (3_000_000, 2_000_000))
    said = "Still yes. Perhaps 1.5 × faster (3.0 → 2.0 ms a prediction, not tested)."
    assert diff_headline(diff(before, after)) == said


def test_several_recordings_of_each() -> None:
    a = tuple(side("partly", 8_000_000 + seed * 1000, seed) for seed in range(3))
    b = tuple(side("yes", 4_000_000 + seed * 1000, seed) for seed in range(3))
    assert diff_headline(diff_sides(a, b)) == "Fixed: partly → yes. 2.0 × faster (8.0 → 4.0 ms a prediction, sure)."
    mixed = (replace(b[0], verdict=a[0].verdict), *b[1:])
    assert diff_headline(diff_sides(a, mixed)).startswith("Not the same answer each time: partly → partly, yes.")
