"""The report of a comparison: what changed from A to B, on one page of the same parts as the report of one recording.

Every number stands in ``Diff.rows`` too, but for the flame graph and the table of functions, which are of all functions
and not only of those that are compared one by one.
"""

import re
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.compare.merge import Merged, merged
from tracekit.analysis.compare.result import Diff
from tracekit.analysis.compare.rows import rows_of, weights
from tracekit.model.profile import Profile, totals
from tracekit.model.schema import NONE
from tracekit.report.diff_headline import diff_headline
from tracekit.report.diff_sentences import basis_text, diff_answer, records
from tracekit.report.html.bars import Bar, engine_bar, latencies, prediction_bars, prediction_rows
from tracekit.report.html.compared import Compared
from tracekit.report.html.comparison_rows import accounted, engines, groups, rules
from tracekit.report.html.page import PlotlyJs, keyboard, page, shown_as
from tracekit.report.html.payload import Show, pack_merged
from tracekit.report.html.report import EVIDENCE, PHASES, Answer
from tracekit.report.numbers import NO_SYMBOL, readable_symbol

LETTERS: Final = ("A", "B")
FUNCTIONS_SHOWN: Final = 20
"""So many functions whose self changed most are listed without scripts, and so many whose total did."""

_CODES: Final = ("not tested", "no difference shown", "difference")
"""What the page's scripts are told of a function; difference.js has the same list."""


def render_comparison(
    diff: Diff, about: tuple[Compared, Compared], *, plotlyjs: PlotlyJs = "inline", redact_paths: bool = False
) -> str:
    """The report of a comparison of one recording with another, as the text of an HTML file.

    ``redact_paths`` takes out what ``redaction.py`` lists: folders, which name users and projects, and the devices'
    names.
    """
    show = shown_as(redact_paths=redact_paths)
    if redact_paths:
        about = (about[0].redacted(), about[1].redacted())
    head, clauses = diff_answer(diff)
    predictions = [each.predictions for each in about]
    shown = _shown(diff, show)
    return page(
        "comparison.html.jinja",
        unit=diff.a[0].unit,
        show=show,
        plotlyjs=plotlyjs,
        draws=shown is not None or any(table is not None for table in predictions),
        tracekit_version=about[0].provenance.tracekit_version,
        sides=[
            {
                "letter": letter,
                "name": name,
                "side": side,
                "about": each,
                "answer": Answer.of(side.verdict.sentence),
                "evidence": EVIDENCE[side.verdict.evidence],
            }
            for letter, name, side, each in zip(LETTERS, _names(about), (diff.a[0], diff.b[0]), about, strict=True)
        ],
        head=head,
        headline=diff_headline(diff),
        clauses=clauses,
        groups=groups(diff),
        basis=basis_text(diff),
        limits=diff.notes,
        prediction_bars=prediction_bars(LETTERS, predictions),
        prediction_rows=prediction_rows(predictions),
        latencies=latencies(LETTERS, predictions),
        engine_bars=_engine_bars(diff, about),
        engines=engines(diff),
        rules=rules(diff),
        phase_meaning=PHASES,
        shown=shown,
        accounting=[
            (letter, accounted(each.accounting))
            for letter, each in zip(LETTERS, about, strict=True)
            if each.accounting is not None
        ],
        keyboard=keyboard(of_two=True),
    )


def _names(about: tuple[Compared, Compared]) -> tuple[str, str]:
    """What tells the two apart: the names of their files, else their runs, else where the files lie."""
    a, b = (each.provenance for each in about)
    names = [re.split(r"[/\\]", each.source.rstrip("/\\"))[-1] or "a recording" for each in (a, b)]
    if names[0] != names[1]:
        return names[0], names[1]
    if a.source == b.source and a.run != b.run:
        return f"{names[0]}, run {a.run}", f"{names[1]}, run {b.run}"
    return a.source or names[0], b.source or names[1]


def _engine_bars(diff: Diff, about: tuple[Compared, Compared]) -> list[Bar]:
    rows = diff.rows[diff.rows["kind"] == "engine"]
    bars = []
    for letter, each in zip(LETTERS, about, strict=True):
        label = f"{letter} · {each.quantity}" if each.quantity else letter
        bars.append(engine_bar(label, dict(zip(rows["name"], rows[letter.lower()], strict=True))))
    return bars


def _shown(diff: Diff, show: Show) -> dict[str, object] | None:
    """What the flame graph and the symbols are of, with shares of each side's focus; None where a side has no stacks.

    ``has_warmup``: there is warm-up in it, which the compared rows leave out. ``only_a``: the share of A in calls that
    B does not have: they have no width in B.
    """
    a, b = diff.a[0].focused, diff.b[0].focused
    if a is None or b is None or not (len(a) or len(b)):
        return None
    both = merged(a, b)
    told = {kind: _told(both, diff.rows, kind) for kind in ("self", "total")}
    functions = function_shares(a, b)
    listed = _listed(functions)
    rows = [
        {
            **row,
            "name": readable_symbol(row["name"]) or NO_SYMBOL,
            **{f"is_{kind}_shown": codes[at] == _CODES.index("difference") for kind, codes in told.items()},
        }
        for at, row in zip(listed, records(functions.take(listed)), strict=True)
    ]
    return {
        "whole": "focus",
        "packed": pack_merged(both, {f"told_{kind}": codes for kind, codes in told.items()}, show),
        "symbols": rows,
        "symbols_left_out": len(functions) - len(rows),
        "has_warmup": diff.is_after_warmup,
        "only_a": _share_only_a(both),
    }


def _share_only_a(both: Merged) -> float:
    """How much of A is sampled in calls that B never makes."""
    stacks, samples = both.profile.stacks, both.profile.samples
    stack_id, weight = (samples[name].to_numpy() for name in ("stack_id", "weight"))
    in_b = totals(stacks, stack_id[both.is_b], np.ones(int(both.is_b.sum()), np.int64))
    of_a = ~both.is_b & (stack_id != NONE)
    return float(weight[of_a & (in_b[stack_id] == 0)].sum() / (weight[of_a].sum() or 1))


def function_shares(a: Profile, b: Profile) -> pd.DataFrame:
    """Every function of two attributed profiles, in the order of ``merge.Merged.functions``.

    Columns: ``name``, ``image`` str; ``self_a``, ``total_a``, ``self_b``, ``total_b`` float64: shares of the weight
    that has a stack. A sample counts once in a total, however often the function recurs.
    """
    rows = rows_of(a, b)
    every = np.arange(len(rows.labels), dtype=np.int32)
    kind = rows.labels["kind"].to_numpy()
    columns: dict[str, Any] = {}
    for letter, side in zip("ab", rows.sides, strict=True):
        sums = weights(side, np.zeros(len(side.profile), np.int32), 1, every)[0]
        whole = sums[kind == "engine"].sum() or 1
        columns |= {f"{each}_{letter}": sums[kind == each] / whole for each in ("self", "total")}
    labels = rows.labels[kind == "self"].reset_index(drop=True)
    return pd.DataFrame({"name": labels["name"], "image": labels["image"], **columns})


def _listed(functions: pd.DataFrame) -> NDArray[np.intp]:
    """The functions that changed most, by self and by total, in the order of the table of symbols."""
    size = pd.DataFrame({each: (functions[f"{each}_b"] - functions[f"{each}_a"]).abs() for each in ("self", "total")})
    order = size.sort_values(["self", "total"], ascending=False, kind="stable").index
    chosen = {*order[:FUNCTIONS_SHOWN], *size["total"].nlargest(FUNCTIONS_SHOWN).index}
    return np.array([row for row in order if row in chosen], np.intp)


def _told(both: Merged, rows: pd.DataFrame, kind: str) -> NDArray[np.int64]:
    """For every function the position in ``_CODES`` of what the comparison says of its self or total."""
    mine = rows[rows["kind"] == kind]
    code = np.where(mine["is_difference"], 2, np.where(mine["is_tested"], 1, 0))
    known = dict(zip(zip(mine["name"], mine["image"], strict=True), code.tolist(), strict=True))
    names = zip(both.functions["name"], both.functions["image"], strict=True)
    return np.array([known.get(name, 0) for name in names], np.int64)
