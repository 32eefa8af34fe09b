"""What a comparison means for the person who changed something: the answer before and after, and how much faster.

    Fixed: partly → yes. 2.5 × faster (8.3 → 3.3 ms a prediction, sure).

Shares are not in it: the same share of half the time is half the work.
"""

from collections.abc import Mapping
from typing import Any, Final

from tracekit.analysis.compare.result import Diff
from tracekit.analysis.verdict.decision import Answer
from tracekit.report.numbers import weight_text

_RANK: Final[Mapping[Answer, int]] = {"no": 0, "partly": 1, "yes": 2}
_ALIKE: Final = 1.02
"""Lengths nearer than this are called alike where chance explains them."""
_TIMES: Final = 1.1
"""From this ratio on it is told as one, below as a percentage."""


def diff_headline(diff: Diff) -> str:
    """One or two sentences: is it fixed, and is it faster; each says how sure that is."""
    return f"{_answers(diff)} {_speed(diff)}"


def _answers(diff: Diff) -> str:
    before, after = ([side.verdict.answer for side in sides] for sides in (diff.a, diff.b))
    said = f"{_told(before)} → {_told(after)}"
    if len({*before}) > 1 or len({*after}) > 1:
        return f"Not the same answer each time: {said}."
    a, b = before[0], after[0]
    if a == b:
        return f"Still {b}."
    if a not in _RANK or b not in _RANK:
        return f"Known of {'A' if a in _RANK else 'B'} alone: {said}."
    if _RANK[b] < _RANK[a]:
        return f"Worse: {said}."
    return f"{'Fixed' if b == 'yes' else 'Better'}: {said}."


def _told(answers: list[Answer]) -> str:
    return ", ".join(dict.fromkeys(answers))


def _speed(diff: Diff) -> str:
    rows = diff.rows
    found = rows[(rows["kind"] == "prediction") & (rows["name"] == "wall_ns")].to_dict("records")
    if not found or not min(found[0]["a"], found[0]["b"]) > 0:
        return f"How long a prediction takes {_which(diff)}."
    row: Mapping[Any, Any] = found[0]
    sure = "sure" if row["is_difference"] else "not sure" if row["is_tested"] else "not tested"
    ratio = max(row["a"], row["b"]) / min(row["a"], row["b"])
    lengths = f"({_from_to(round(row['a']), round(row['b']))} a prediction, {sure})"
    if ratio < _ALIKE and not row["is_difference"]:
        return f"About as fast {lengths}."
    way = "faster" if row["change"] < 0 else "slower"
    much = f"{ratio:.1f} × {way}" if ratio >= _TIMES else f"{abs(row['change']) / row['a'] * 100:.0f} % {way}"
    return f"{much if row['is_difference'] else f'Perhaps {much}'} {lengths}."


def _which(diff: Diff) -> str:
    """Of which side it is known, where it was not compared."""
    known = [name for name, sides in (("A", diff.a), ("B", diff.b)) if all(len(side.steady()) for side in sides)]
    return ("is known of neither", f"is known of {''.join(known)} alone", "was not compared")[len(known)]


def _from_to(a: int, b: int) -> str:
    """``8.3 → 3.3 ms``, ``980.0 µs → 1.2 ms``."""
    before, after = weight_text(a, "ns"), weight_text(b, "ns")
    number, _, unit = before.partition(" ")
    return f"{number} → {after}" if after.endswith(f" {unit}") else f"{before} → {after}"
