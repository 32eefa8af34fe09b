"""An analysis as JSON, schema ``tracekit.analysis/1``: a contract that other programs rely on."""

import json
from dataclasses import asdict
from typing import Any, Final

import pandas as pd

from tracekit.analysis.analyze import Analysis
from tracekit.analysis.summary import Accounting
from tracekit.model.facts import Notice
from tracekit.model.profile import Meta

SCHEMA: Final = "tracekit.analysis/1"


def analysis_document(analysis: Analysis, notices: tuple[Notice, ...] = ()) -> dict[str, Any]:
    """The document as plain values, in the order of the contract. Weights are integers in the accounting's unit."""
    meta = analysis.profile.meta
    return {
        "schema": SCHEMA,
        "source": source_of(meta),
        "accounting": _accounting(analysis.accounting),
        "focus": {"roots": _records(analysis.roots), "candidates": _records(analysis.candidates)},
        "engines": _records(analysis.engines),
        "phases": _records(analysis.phases),
        "rules": _records(analysis.rules[["rule", "engine", "phase", "samples", "weight", "example"]]),
        "outside": _records(analysis.outside[["rule", "engine", "phase", "samples", "weight", "example"]]),
        "unmatched": _records(analysis.unmatched),
        "hardware": None,
        "iterations": None,
        "threads": _records(analysis.threads[["tid", "name", "samples"]]),
        "verdict": asdict(analysis.verdict),
        "warnings": [asdict(notice) for notice in (*meta.notices, *notices)],
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


def to_json(document: dict[str, Any]) -> str:
    """The document as text; the same analysis gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _accounting(accounting: Accounting) -> dict[str, Any]:
    samples = asdict(accounting.samples)
    rows = samples.pop("total")
    return {"rows": rows, **samples, "weight": {"unit": accounting.unit, **asdict(accounting.weight)}}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return json.loads(table.to_json(orient="records", double_precision=6))  # type: ignore[no-any-return]
