"""What a person reads of an analysis line by line, the same in the terminal, on the page and in a notebook."""

import re
from collections.abc import Hashable, Mapping
from typing import Any, Final

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.predictions.steady import Steady
from tracekit.analysis.running import running
from tracekit.analysis.stats import ENOUGH_FOR_P95, ENOUGH_FOR_P99
from tracekit.analysis.verdict.judge import EvidenceClass
from tracekit.analysis.words import counted
from tracekit.report.numbers import quantity_of, signed, weight_text

_SENTENCE_ENDS: Final = re.compile(r"(?<=\.) (?=[A-Z0-9])")
EVIDENCE: Final[dict[EvidenceClass, str]] = {
    "hardware": "the engines' own interval tables",
    "waiting": "functions on stacks of running and of blocked threads",
    "stacks": "functions on stacks of running threads",
    "threads": "a thread of the Neural Engine's driver, and no more",
    "none": "nothing speaks for or against it",
}
"""What each class is, in the words of docs/report.md."""


def sentences(text: str) -> list[str]:
    """A verdict's sentences: the first is the answer."""
    return _SENTENCE_ENDS.split(text)


def load_text(row: Mapping[Hashable, Any]) -> str:
    """``load Flowers: 4.0 ms loading on the Neural Engine, first prediction 9.3 ms, usually 3.4 ms``."""
    told = (
        ("load_ns", "{} to load"),
        ("prepare_ns", "{} to compile the package"),
        ("ane_load_ns", "{} loading on the Neural Engine"),
        ("ane_compile_ns", "{} compiling for the Neural Engine"),
        ("first_ns", "first prediction {}"),
        ("usual_ns", "usually {}"),
    )
    parts = [words.format(weight_text(int(row[name]), "ns")) for name, words in told if row[name] >= 0]
    whose = "; of no known process" if row["tie"] == "none" else ""
    return f"load{' ' + str(row['model']) if row['model'] else ''}: {', '.join(parts)}{whose}"


def predictions_lines(analysis: Analysis) -> list[str]:
    """What is known of the number and the length of predictions: a line, or one for each model."""
    iterations = analysis.measured.iterations
    if iterations.steady is not None:
        return [predictions_text(iterations.steady)]
    if iterations.by_model:
        return [f"{model}: {predictions_text(times)}" for model, times in iterations.by_model.items()]
    if len(iterations.table):
        return [f"{counted(len(iterations.table), 'prediction')}, all of them warm-up"]
    return [_bound_text(analysis)] if iterations.at_least or iterations.said else []


def _bound_text(analysis: Analysis) -> str:
    """``At least 10 predictions: …``: what samples alone say of their number, and what would tell."""
    iterations = analysis.measured.iterations
    said = iterations.said
    if said and said >= iterations.at_least:
        ran = running(analysis.focused)
        unit, mean = ran.meta.unit, ran.weight // said
        lightest = max(int(ran.samples["weight"].min()), 1) if len(ran) else 1
        if mean >= lightest:
            mine = weight_text(mean, unit)
            return f"{counted(said, 'prediction')}, as you said: {mine} of {quantity_of(ran)} in each, on average"
        return (
            f"{counted(said, 'prediction')}, as you said; the samples prove at least {iterations.at_least:,}. Together "
            f"they hold {weight_text(ran.weight, unit)} of {quantity_of(ran)}: less than the lightest sample "
            f"({weight_text(lightest, unit)}) in each, so there is no mean"
        )
    return f"At least {counted(iterations.at_least, 'prediction')}: {iterations.note}"


def predictions_text(steady: Steady) -> str:
    """``100 predictions after 10 of warm-up: p50 8.4 ms, …``; no percentile that would be the longest of them."""
    warmup = f" after {steady.warmup:,} of warm-up" if steady.warmup else ""
    percentiles = ((50, steady.p50_ns, 1), (95, steady.p95_ns, ENOUGH_FOR_P95), (99, steady.p99_ns, ENOUGH_FOR_P99))
    times = ", ".join(
        f"p{at} {weight_text(value, 'ns')}" for at, value, needed in percentiles if steady.count >= needed
    )
    return f"{counted(steady.count, 'prediction')}{warmup}: {times}{_steadiness(steady)}"


def _steadiness(steady: Steady) -> str:
    """Drift and outliers, where there are any."""
    drift, said = steady.drift, ""
    if drift is not None and drift.is_shown:
        change = signed(drift.change_ns, weight_text(abs(drift.change_ns), "ns"))
        said = f"; drift {change} from first to last"
    return f"{said}; {counted(len(steady.outliers), 'outlier')}" if steady.outliers else said


def waits_lines(analysis: Analysis) -> list[str]:
    """``blocked on the ANE: 440.0 ms, an upper bound of its work``: an engine a line, heaviest first."""
    unit, count = analysis.accounting.unit, len(analysis.measured.iterations.table)
    named = {"ANE": "the ANE", "GPU": "the GPU", "CPU": "work on the CPU", "none": "Core ML's own code"}
    sums = analysis.waits.groupby("engine")["weight"].sum().sort_values(ascending=False, kind="stable")
    lines = []
    for engine, weight in sums.items():
        each = f", {weight_text(int(weight) // count, unit)} a prediction" if count else ""
        bound = ", an upper bound of its work" if engine in ("ANE", "GPU") else ""
        what = named.get(str(engine), "what no stack names")
        lines.append(f"blocked on {what}: {weight_text(int(weight), unit)}{each}{bound}")
    return lines
