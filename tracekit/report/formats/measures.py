"""What the gates of ``check`` look at, from an analysis as JSON: that of a recording, or a saved one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from tracekit.analysis.verdict.gates import EVIDENCE_BY_STRENGTH, Measures
from tracekit.analysis.verdict.judge import ANSWERS
from tracekit.analysis.verdict.models import Model
from tracekit.analysis.verdict.work import Waited, Work

_OWN_TABLES = ("coreml", "coreai")
"""Whose rows of predictions are taken as the process's, and so those of loading."""


def measures_of(document: Mapping[str, Any]) -> Measures:
    """What the gates of ``check`` look at."""
    iterations, requests = document["iterations"] or {}, document["requests"]
    p95, verdict = iterations.get("p95_ns"), document["verdict"]
    mine = [row for row in requests if row["table"] in _OWN_TABLES or row["tie"] != "none"]
    return Measures(
        work=_work(document["work"]),
        unit=str(document["accounting"]["weight"]["unit"]),
        evidence=EVIDENCE_BY_STRENGTH[EVIDENCE_BY_STRENGTH.index(verdict["evidence"])],
        disagrees=verdict["decided_by"] == "sources disagree",
        p95_ns=None if p95 is None else int(p95),
        p95_note=_p95_note(document),
        predictions=int(iterations.get("count") or 0),
        predictions_of=Counter(str(row["model"]) for row in iterations.get("rows", ()) if not row["warmup"]),
        gpu_busy=_gpu_busy(document["hardware"] or {}),
        loads_ns=_loads(mine, document["loads"]),
        untied_loads_ns=max(_loads([row for row in requests if row not in mine], []).values(), default=0),
        models=tuple(_model(row) for row in document["models"]),
        asked={
            str(row["model"]): int(row["count"])
            for row in mine
            if row["table"] == "ane" and row["kind"] == "prediction"
        },
        decoded={
            str(row["source"]): (int(row["tokens"]), Fraction(str(row["tokens_per_s"])))
            for row in document.get("generation", ())
            if row["phase"] == "decode" and row["tokens_per_s"] is not None
        },
    )


def _p95_note(document: Mapping[str, Any]) -> str:
    """Whose word a 95th percentile is, or why there is none."""
    iterations = document["iterations"]
    if iterations is None:
        return str(document["predictions"]["note"])
    if iterations.get("p95_ns") is None:
        several = len({row["model"] for row in iterations.get("rows", ())}) > 1
        return "they are of several models; ask each with --model" if several else "all of them are warm-up"
    return "as you said" if iterations["source"] == "user" else ""


def _gpu_busy(hardware: Mapping[str, Any]) -> Fraction | None:
    gpu, whole = hardware.get("gpu"), hardware.get("predictions_ns")
    if not gpu or not whole or gpu["in_predictions_ns"] is None:
        return None
    return Fraction(int(gpu["in_predictions_ns"]), int(whole))


def _loads(rows: Sequence[Mapping[str, Any]], told: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How long each model took to load.

    The harness's clock and Core ML's rows hold what the engines did for them: of the sources the longest counts.
    """
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        # Core AI prepares for each call anew (Setup): that is no loading.
        if row["kind"] in ("load", "compile") or (row["kind"] == "prepare" and row["table"] != "coreai"):
            sums[str(row["model"]), str(row["table"])] += int(row["busy_ns"])
    found = {
        str(row["model"]): int(row["load_ns"]) + int(row["prepare_ns"] or 0)
        for row in told
        if row["load_ns"] is not None
    }
    for (model, _), time in sums.items():
        found[model] = max(time, found.get(model, 0))
    return found


def _work(saved: Mapping[str, Any]) -> Work:
    waited = saved["waited"]
    sums = {name: int(value) for name, value in saved.items() if name != "waited"}
    blocked = None if waited is None else Waited(**{name: int(value) for name, value in waited.items()})
    return Work(**sums, waited=blocked)


def _model(saved: Mapping[str, Any]) -> Model:
    if saved["answer"] not in ANSWERS:
        raise ValueError("answer")
    return Model(**{**saved, "work": _work(saved["work"])})
