"""The report of one recording."""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from markupsafe import Markup, escape

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.call_tree import by_symbol
from tracekit.analysis.running import ran_or_all
from tracekit.analysis.verdict.judge import EvidenceClass
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE, Phase
from tracekit.report.evidence_lines import generation_lines, gpu_line, log_lines, log_title
from tracekit.report.html.compared import notices_of
from tracekit.report.html.operations import shown_operations
from tracekit.report.html.page import PlotlyJs, keyboard, page, shown_as
from tracekit.report.html.payload import Show, pack
from tracekit.report.html.predictions import pack_predictions, parts_of
from tracekit.report.html.timeline import pack_timeline
from tracekit.report.layout import Provenance
from tracekit.report.next_steps import focus_commands, recording_command
from tracekit.report.numbers import quantity_of
from tracekit.report.redaction import without_folders, without_owner
from tracekit.report.sentences import predictions_lines, sentences, waits_lines
from tracekit.report.starter_rules import starter_rules

SYMBOLS_SHOWN: Final = 20
"""So many symbols with the most self weight are listed without scripts, and so many with the most total weight."""

EVIDENCE: Final[dict[EvidenceClass, str]] = {
    "hardware": "Interval tables of the hardware itself were recorded: they say when an engine was busy.",
    "waiting": "Waiting threads were recorded: time spent waiting for an engine is an upper bound of its busy time.",
    "stacks": "CPU samples only. The functions on their stacks tell which engine was asked, not how long it was busy.",
    "threads": "Only a service thread of the Neural Engine was seen: the process opened it, nothing says it worked.",
    "none": "Nothing in the recording speaks for or against the Neural Engine.",
}

PHASES: Final[dict[Phase, str]] = {
    "execute": "computing layers on the CPU",
    "dispatch": "encoding work for the engine and handing it over",
    "wait": "waiting for the engine",
    "copy": "copying data between buffers",
    "convert": "changing the type or layout of data",
    "load": "loading the model",
    "compile": "compiling or specialising the model, as on first use",
    "prepare": "preparing operations, as on first use",
    "teardown": "releasing the model and its buffers",
    "framework": "Core ML's own bookkeeping",
    "contention": "queued behind another prediction",
    "completion": "handling what an engine finished",
    "idle": "a service thread without work",
    "other": "nothing that a rule names",
}


def render(
    analysis: Analysis, provenance: Provenance, *, plotlyjs: PlotlyJs = "inline", redact_paths: bool = False
) -> str:
    """The report of an analysis as the text of an HTML file.

    ``redact_paths`` takes out what ``redaction.py`` lists: folders, which name users and projects, and the device's
    name.
    """
    unmatched, gpu, log = analysis.unmatched, analysis.measured.gpu, analysis.measured.log
    if redact_paths:
        provenance = without_owner(provenance, analysis.profile.meta.facts.device_model)
        # Before rules are made of them: a rule writes a symbol as a pattern, in which no path is recognised.
        unmatched = unmatched.assign(symbol=unmatched["symbol"].map(without_folders).astype("str"))
    show = shown_as(redact_paths=redact_paths)
    shown = _shown(analysis, show)
    timeline = pack_timeline(analysis, show)
    return page(
        "report.html.jinja",
        unit=provenance.unit,
        show=show,
        sides=(),
        plotlyjs=plotlyjs,
        draws=bool(shown or timeline),
        analysis=analysis,
        provenance=provenance,
        tracekit_version=provenance.tracekit_version,
        answer=Answer.of(analysis.verdict.sentence),
        evidence=EVIDENCE[analysis.verdict.evidence],
        prediction=_prediction(analysis),
        predictions=predictions_lines(analysis),
        requests=list(analysis.measured.requests.itertuples(index=False)),
        generation=generation_lines(analysis.measured.generation),
        gpu=gpu_line(gpu) if gpu is not None and gpu.rows else "",
        log=None if log is None else {"title": log_title(log), "lines": log_lines(log)},
        contradictions=[each for each in analysis.verdict.contradictions if each not in analysis.verdict.sentence],
        engines=_engines(analysis),
        timeline=timeline,
        operations=None if analysis.explained is None else shown_operations(analysis.explained.placement),
        phase_meaning=PHASES,
        quantity=quantity_of(ran_or_all(analysis.profile)),
        waits=waits_lines(analysis),
        shown=shown,
        starter_rules=_lines(starter_rules(unmatched), show),
        keyboard=keyboard(),
        commands=_lines("\n".join(focus_commands(analysis, provenance.source)), show),
        record=recording_command(analysis),
        notices=notices_of(analysis),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence, cut after the answer: ``No: nothing of …`` is ``No`` and ``Nothing of …``."""

    word: str
    sentence: str
    others: tuple[str, ...] = ()
    """What stands behind the first sentence."""

    @classmethod
    def of(cls, sentence: str) -> "Answer":
        """The answer that a sentence begins with."""
        first, *others = sentences(sentence)
        word, _, rest = first.partition(": ")
        return cls(word, rest[:1].upper() + rest[1:], tuple(others))

    @property
    def whole(self) -> str:
        """All sentences as one text."""
        return " ".join((self.sentence, *self.others))


def _prediction(analysis: Analysis) -> dict[str, object] | None:
    """The mean prediction after warm-up, in nanoseconds; None where no prediction was found."""
    iterations, hardware = analysis.measured.iterations, analysis.measured.hardware
    chosen, steady = iterations.after_warmup, iterations.steady
    whole, count = int(chosen["wall_ns"].sum()), len(chosen)
    if steady is None or not whole:
        return None
    sums = [(part, int(part.times.sum())) for part in parts_of(chosen)]
    engines = (("ANE", "ane_busy_ns", hardware and hardware.ane), ("GPU", "gpu_busy_ns", hardware and hardware.gpu))
    return {
        "count": count,
        "warmup": steady.warmup,
        "note": iterations.note,
        "wall": whole // count,
        "parts": [
            {"name": part.name, "label": part.label, "time": time // count, "share": time / whole}
            for part, time in sums
        ],
        "p50": steady.p50_ns,
        "p95": steady.p95_ns,
        "p99": steady.p99_ns,
        "busy": [(name, int(chosen[column].sum()) // count) for name, column, known in engines if known],
        "packed": pack_predictions(iterations.table, steady) if len(iterations.table) > 1 else "",
    }


def _shown(analysis: Analysis, show: Show) -> dict[str, object] | None:
    """What flame graph and symbols are of: the focus; where it is empty, the whole profile; None where no sample has a
    stack.
    """
    profile = analysis.focused if _has_stacks(analysis.focused) else analysis.profile
    if not _has_stacks(profile):
        return None
    counted = ran_or_all(profile)
    symbols = by_symbol(counted)
    heaviest = pd.concat([symbols.head(SYMBOLS_SHOWN), symbols.nlargest(SYMBOLS_SHOWN, "total")])
    listed = symbols.loc[heaviest.index.unique().sort_values()]
    return {
        "whole": "focus" if profile is analysis.focused and not analysis.scope.whole else "whole profile",
        "packed": pack(profile, show),
        "weight": int(counted.samples["weight"][counted.samples["stack_id"] != NONE].sum()),
        "symbols": listed,
        "symbols_left_out": len(symbols) - len(listed),
    }


def _has_stacks(profile: Profile) -> bool:
    return bool((profile.samples["stack_id"] != NONE).any())


def _engines(analysis: Analysis) -> list[tuple[Any, list[Any]]]:
    """Each engine's row with the rows of its phases, in the order of the engines."""
    engines: list[Any] = list(analysis.engines.itertuples(index=False))
    phases: list[Any] = list(analysis.phases.itertuples(index=False))
    return [(engine, [phase for phase in phases if phase.engine == engine.engine]) for engine in engines]


def _lines(text: str, show: Show) -> Markup:
    """Text of several lines as it is to be shown."""
    return Markup("\n").join(escape(show(line)) for line in text.split("\n"))
