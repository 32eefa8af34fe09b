"""``analyze --json``, schema ``tracekit.analysis/2``: what other programs rely on.

Keys keep their names, their order and their types; more may be added inside the objects of lists, of ``hardware``,
``iterations`` and ``verdict``.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.cli.conftest import Tracekit
from tests.cli.inputs import CONTENTS, NO_PREDICTION, SAMPLE, SAMPLES, TWO_RUNS, make_recording
from tracekit.cli.app import app
from tracekit.model.schema import ENGINES, PHASES

KEYS = [
    "schema", "source", "accounting", "focus", "engines", "phases", "waits", "work", "rules", "outside", "unmatched",
    "hardware", "gpu", "predictions", "iterations", "generation", "requests", "loads", "log", "threads", "models",
    "verdict",
    "findings", "operations", "warnings",
]  # fmt: skip
SOURCE = {
    "path": str, "format": str, "run": int, "table": str | None, "xcode": str | None, "template": str | None,
    "device": str | None, "os": str | None, "process": str | None,
}  # fmt: skip
TALLY = {"attributed": int, "outside_focus": int, "no_stack": int, "filtered": int}
ACCOUNTING = {"rows": int, **TALLY, "skipped": int, "weight": dict}
PARTS = dict.fromkeys(("ane", "cpu", "gpu", "moving", "once", "unknown", "blocked", "nameless"), int)
WORK: dict[str, Any] = {"samples": int, "ane_samples": int, "others_samples": int, "weight": int, **PARTS}
WORK |= {"waited": dict | None, "once_ane": int, "once_gpu": int}
WAITED = {"weight": int, "ane": int, "gpu": int, "unnamed": int, "samples": int}
PREDICTIONS = {"source": str, "count": int | None, "at_least": int, "said": int | None, "note": str}
WEIGHT = {"unit": str, "total": int, **TALLY}
SYMBOL = {"symbol": str, "samples": int, "weight": int}
RULE = {"rule": str, "engine": str, "phase": str, "samples": int, "weight": int, "example": str}
TIME = int | None
ROWS: dict[str, dict[str, Any]] = {
    "requests": {
        "engine": str,
        "model": str,
        "kind": str,
        "table": str,
        "count": int,
        "busy_ns": int,
        "mean_ns": int,
        "p50_ns": int,
        "p95_ns": int,
        "longest_ns": int,
        "tie": str,
    },
    "loads": {
        "model": str,
        "tie": str,
        "prepare_ns": TIME,
        "load_ns": TIME,
        "ane_load_ns": TIME,
        "ane_compile_ns": TIME,
        "first_ns": TIME,
        "usual_ns": TIME,
    },
    "models": {
        "process": str,
        "pid": int,
        "name": str,
        "named_by": str,
        "kind": str,
        "answer": str,
        "reason": str,
        "where": str,
        "samples": int,
        "weight": int,
        "predictions": TIME,
        "p50_ns": TIME,
        "p95_ns": TIME,
        "ane_requests": int,
        "work": dict,
    },
    "engines": {"engine": str, "samples": int, "weight": int, "share": float | int},
    "phases": {"engine": str, "phase": str, "samples": int, "weight": int, "share": float | int},
    "waits": {"engine": str, "phase": str, "samples": int, "weight": int},
    "rules": RULE,
    "outside": RULE,
    "unmatched": {"symbol": str, "binary": str, "samples": int, "weight": int},
    "threads": {"tid": int, "name": str, "samples": int},
    "findings": {"code": str, "rests_on": list, "sentence": str, "fix": str, "symbols": list},
    "warnings": {"code": str, "message": str, "count": int},
}
FALLBACK = SAMPLES / "ane-with-cpu-fallback"
FOLDED_UNKNOWN = b"main;-[MLModel predictionFromFeatures:error:];Espresso`Espresso::novel 40\n"
INPUTS: dict[str, tuple[tuple[object, ...], bytes]] = {
    "a sample": ((SAMPLE,), b""),
    "hardware and blocked threads": ((FALLBACK,), b""),
    "no prediction": ((NO_PREDICTION,), b""),
    "a function that may be one": (("-",), b"main;runInference;matmul 40\n"),
    "the second run": ((TWO_RUNS, "--run", 2), b""),
    "nothing left": ((SAMPLE, "--time-range", "100s.."), b""),
    "everything": ((SAMPLE, "--no-focus"), b""),
    "a function that no rule knows": (("-",), FOLDED_UNKNOWN),
    "a line that is no stack": (("-",), 3 * FOLDED_UNKNOWN + b"what is this\n"),
}


def has_types(value: dict, types: dict[str, Any], *, exactly: bool = True) -> bool:
    """Whether an object begins with these keys, in order, with values of these types; bool is no number here."""
    names = list(value) if exactly else list(value)[: len(types)]
    return names == list(types) and all(
        isinstance(value[name], kind) and not isinstance(value[name], bool) for name, kind in types.items()
    )


@cache
def analyzed(what: str) -> str:
    """What is printed for an input."""
    arguments, stdin = INPUTS[what]
    done = CliRunner().invoke(app, ["analyze", *map(str, arguments), "--json", "-"], input=stdin)
    assert done.exit_code == 0
    return done.stdout


@pytest.fixture(params=INPUTS)
def document(request: pytest.FixtureRequest) -> dict:
    """The document of each input."""
    found: dict = json.loads(analyzed(request.param))
    return found


def test_keys_are_those_of_the_contract_in_order(document: dict) -> None:
    assert list(document) == KEYS
    assert document["schema"] == "tracekit.analysis/2"


def test_objects_have_their_keys_in_order_and_their_types(document: dict) -> None:
    assert has_types(document["source"], SOURCE)
    assert has_types(document["accounting"], ACCOUNTING)
    assert has_types(document["accounting"]["weight"], WEIGHT)
    assert list(document["focus"]) == ["roots", "candidates"]
    assert all(has_types(row, SYMBOL, exactly=False) for rows in document["focus"].values() for row in rows)
    assert has_types(document["predictions"], PREDICTIONS)
    for work in (document["work"], *(model["work"] for model in document["models"])):
        assert has_types(work, WORK)
        assert work["waited"] is None or has_types(work["waited"], WAITED)
    verdict = {
        "answer": str,
        "evidence": str,
        "sentence": str,
        "decided_by": str,
        "contradictions": list,
    }
    assert has_types(document["verdict"], verdict)
    assert document["hardware"] is None or list(document["hardware"])[:2] == ["ane", "gpu"]
    assert document["iterations"] is None or isinstance(document["iterations"]["count"], int)


@pytest.mark.parametrize("table", ROWS)
def test_lists_hold_objects_of_one_kind(table: str, document: dict) -> None:
    assert isinstance(document[table], list)
    assert all(has_types(row, ROWS[table], exactly=False) for row in document[table])


def test_words_are_those_of_the_contract(document: dict) -> None:
    assert document["verdict"]["answer"] in ("yes", "partly", "no", "unknown")
    assert document["verdict"]["evidence"] in ("hardware", "waiting", "stacks", "threads", "none")
    assert document["accounting"]["weight"]["unit"] in ("ns", "cycles", "events", "samples")
    assert document["source"]["format"] in ("bundle", "export", "deepcopy", "sample", "folded")
    assert {row["engine"] for name in ("engines", "phases", "rules") for row in document[name]} <= set(ENGINES)
    assert {row["phase"] for name in ("phases", "rules") for row in document[name]} <= set(PHASES)


def test_sums_agree(document: dict) -> None:
    accounting = document["accounting"]
    assert accounting["rows"] == sum(accounting[kind] for kind in (*TALLY, "skipped"))
    assert accounting["weight"]["total"] == sum(accounting["weight"][kind] for kind in TALLY)
    for table in ("engines", "phases"):
        # A line of folded text is one row, and as many samples as it weighs.
        counts = accounting["weight"] if accounting["weight"]["unit"] == "samples" else accounting
        rows = [*document[table], *document["waits"]]
        assert sum(row["samples"] for row in rows) == counts["attributed"]
        assert sum(row["weight"] for row in rows) == accounting["weight"]["attributed"]
        assert sum(row["share"] for row in document[table]) == pytest.approx(1 if document[table] else 0, abs=1e-5)


def test_sums_of_work_are_of_cpu_time_and_apart_from_what_waited(document: dict) -> None:
    work = document["work"]
    assert work["weight"] == sum(work[name] for name in PARTS)
    waited = work["waited"] or {"weight": 0, "samples": 0}
    assert work["weight"] + waited["weight"] == document["accounting"]["weight"]["attributed"]
    assert work["samples"] == sum(row["samples"] for row in (*document["engines"], *document["waits"]))
    assert waited["weight"] == sum(row["weight"] for row in document["waits"])


def test_models_share_out_what_is_in_predictions(document: dict) -> None:
    inside = {model["kind"] for model in document["models"]}
    if document["focus"]["roots"]:
        assert sum(model["samples"] for model in document["models"]) <= document["work"]["samples"]
    assert bool(inside) == bool(document["focus"]["roots"])


def test_a_count_of_predictions_is_one_of_rows(document: dict) -> None:
    """Samples prove a number at least, and that is no count."""
    found, rows = document["predictions"], (document["iterations"] or {"rows": []})["rows"]
    assert found["count"] == (len(rows) or None)
    assert (found["source"] == "none") == (not rows)
    assert found["at_least"] >= len(rows)


def test_every_list_was_seen_with_rows() -> None:
    """Or the tests above would say nothing of it."""
    documents = [json.loads(analyzed(what)) for what in INPUTS]
    assert {name for found in documents for name in ROWS if found[name]} == set(ROWS)
    assert {name for found in documents for name, rows in found["focus"].items() if rows} == {"roots", "candidates"}


def test_the_source_says_what_the_table_of_contents_says(tracekit: Tracekit, tmp_path: Path) -> None:
    path = make_recording(tmp_path / "recording")
    assert json.loads(tracekit("analyze", path, "--json", "-").out)["source"] == {
        "path": str(path),
        "format": "export",
        "run": 1,
        "table": "time-profile",
        "xcode": "16.0 (16F6)",
        "template": "Time Profiler",
        "device": "Mac",
        "os": "macOS 15.6 (24G84)",
        "process": "Tool",
    }


def test_the_same_input_gives_the_same_bytes(tracekit: Tracekit) -> None:
    assert tracekit("analyze", SAMPLE, "--json", "-").out == analyzed("a sample")


def test_a_table_of_contents_is_no_input_to_analyze(tracekit: Tracekit) -> None:
    done = tracekit("analyze", CONTENTS, "--json", "-")
    assert (done.code, done.out) == (1, "")
