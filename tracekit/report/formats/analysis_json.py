"""An analysis as JSON, schema ``tracekit.analysis/2``: a contract that other programs rely on."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import pandas as pd

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.findings.finding import Finding
from tracekit.analysis.operations.placement import Placement, by_type
from tracekit.analysis.predictions.breakdown import PARTS
from tracekit.analysis.predictions.generation import rate_of
from tracekit.analysis.predictions.log import Logged
from tracekit.analysis.predictions.measure import Iterations
from tracekit.analysis.summary import Accounting
from tracekit.analysis.verdict.work import work_of
from tracekit.model.facts import Notice
from tracekit.model.profile import Meta
from tracekit.model.schema import ENGINES, NONE

SCHEMA: Final = "tracekit.analysis/2"


def analysis_document(analysis: Analysis, notices: tuple[Notice, ...] = ()) -> dict[str, Any]:
    """The document as plain values, in the order of the contract. Weights are integers in the accounting's unit."""
    meta, measured = analysis.profile.meta, analysis.measured
    return {
        "schema": SCHEMA,
        "source": source_of(meta),
        "accounting": _accounting(analysis.accounting),
        "focus": {"roots": _records(analysis.roots), "candidates": _records(analysis.candidates)},
        "engines": _records(analysis.engines),
        "phases": _records(analysis.phases),
        "waits": _records(analysis.waits),
        "work": asdict(work_of(analysis.profile.only(analysis.in_focus))),
        "rules": _records(analysis.rules[["rule", "engine", "phase", "samples", "weight", "example"]]),
        "outside": _records(analysis.outside[["rule", "engine", "phase", "samples", "weight", "example"]]),
        "unmatched": _records(analysis.unmatched),
        "hardware": asdict(measured.hardware) if measured.hardware else None,
        "gpu": asdict(measured.gpu) if measured.gpu else None,
        "predictions": _predictions(measured.iterations),
        "iterations": _iterations(measured.iterations),
        "generation": _generation(measured.generation),
        "requests": _records(measured.requests),
        "loads": [_known(row, row) for row in _records(analysis.loads)],
        "log": _log(measured.log) if measured.log else None,
        "threads": _records(analysis.threads[["tid", "name", "samples"]]),
        "models": [asdict(model) for model in analysis.verdict.models],
        "verdict": {name: value for name, value in asdict(analysis.verdict).items() if name != "models"},
        "findings": [finding_document(each) for each in analysis.findings],
        "operations": None if analysis.explained is None else operations_document(analysis.explained.placement),
        "warnings": [asdict(notice) for notice in (*meta.notices, *measured.notices, *notices)],
    }


def source_of(meta: Meta) -> dict[str, Any]:
    """Where a profile comes from, as far as it is known."""
    facts = meta.facts
    return {
        "path": meta.source,
        "format": meta.format,
        "run": meta.run,
        "table": meta.table or None,
        "xcode": facts.xcode,
        "template": facts.template,
        "device": facts.device_model or facts.device,
        "os": " ".join(part for part in (facts.platform, facts.os) if part) or None,
        "process": facts.process,
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """What is worth acting on, what that rests on, and what to do."""
    return {
        "code": finding.code,
        "rests_on": list(finding.evidence),
        "sentence": finding.sentence,
        "fix": finding.fix,
        "symbols": list(finding.symbols),
    }


def operations_document(placement: Placement) -> dict[str, Any]:
    """A model's operations by type, and how its plan cuts it. A plan is what Core ML expects, not what happened.

    ``weight`` of a type is that of the samples whose functions name it, null where none does.
    """
    types = by_type(placement).rename(columns={"type_weight": "weight"})
    return {
        "count": len(placement.operations),
        "has_plan": placement.has_plan,
        "not_in_model": placement.unmatched_plan,
        "runs": {str(engine): int(count) for engine, count in placement.segments["engine"].value_counts().items()},
        "handed_over": len(placement.transfers),
        "types": [_known(row, ["weight"]) for row in _records(types)],
    }


def to_json(document: dict[str, Any]) -> str:
    """The document as text; the same analysis gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _accounting(accounting: Accounting) -> dict[str, Any]:
    samples, weight = asdict(accounting.samples), asdict(accounting.weight)
    rows = samples.pop("total")
    del weight["skipped"]  # what skipped rows weigh is not known
    return {"rows": rows, **samples, "weight": {"unit": accounting.unit, **weight}}


def _predictions(iterations: Iterations) -> dict[str, Any]:
    """How many predictions there were, as far as anything tells: ``count`` only where each is known by itself."""
    known = len(iterations.table)
    proved = known if iterations.source != "user" else 0
    return {
        "source": iterations.source,
        "count": known or None,
        "at_least": max(proved, iterations.at_least),
        "said": iterations.said,
        "note": iterations.note,
    }


def _iterations(iterations: Iterations) -> dict[str, Any] | None:
    """Predictions one by one: how they were found, how long they took, and where their time went. None where nothing
    says when each began and ended.

    ``sums`` and ``per_engine`` are over those after warm-up; ``sums.wall_ns`` is the sum of the five parts after it.
    """
    if not len(iterations.table):
        return None
    chosen, steady = iterations.after_warmup, iterations.steady
    times = asdict(steady) if steady else {}
    count, _ = times.pop("count", 0), times.pop("warmup", 0)
    parts = ("wall_ns", *PARTS, "ane_busy_ns", "gpu_busy_ns", "switches")
    return {
        "source": iterations.source,
        "note": iterations.note,
        "count": count,
        "warmup": len(iterations.table) - count,
        **times,
        "sums": {name: int(chosen[name].sum()) for name in parts},
        "per_engine": {engine: {"cpu": int(chosen[f"cpu_{engine}"].sum())} for engine in ENGINES},
        "rows": _records(iterations.table),
    }


def _generation(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """What language models did; ``tokens`` and ``tokens_per_s`` are null where no tokens are said, an engine's
    busy time where no table of it was recorded.
    """
    found = []
    for row in _records(rows):
        tokens, time = row.pop("tokens"), row.pop("tokens_ns")
        rate = rate_of(row["phase"], tokens, time)
        found.append(
            _known({**row, "tokens": tokens}, ["ane_busy_ns", "gpu_busy_ns", "tokens"]) | {"tokens_per_s": rate}
        )
    return found


def _log(log: Logged) -> dict[str, Any]:
    """What the process's own log says; ``inferences`` is None where its regions were not asked equally often."""
    return {
        "path": log.path,
        "process": log.process or None,
        "pid": log.pid,
        "clock": log.clock or None,
        "lines": log.lines,
        "requests": log.count,
        "regions": log.regions,
        "inferences": log.inferences,
        "failed": sum(log.failed.values()),
        "statuses": [{"status": f"0x{status:x}", "count": count} for status, count in sorted(log.statuses.items())],
        "rows": _records(log.requests),
        "processes": _records(log.processes),
        "models": list(log.models),
        "unsupported": _records(log.unsupported),
        "cost_lines": log.cost_lines,
        "compile_failures": log.compile_failures,
        "background_denials": log.background_denials,
    }


def _known(row: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The row with null for -1 in some columns, where nothing tells."""
    return row | {name: None for name in names if row[name] == NONE}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return json.loads(table.to_json(orient="records", double_precision=6))  # type: ignore[no-any-return]
