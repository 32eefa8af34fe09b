"""Laws that hold for every recording whose truth is known: what is said is never more than what was.

A dozen recordings in every run of the tests. ``TRACEKIT_TRUTHS=5000`` draws as many, ``TRACEKIT_TRUTHS_FROM`` says
from which seed on. A failure names its seed.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from tests.analysis.machine import PID, Request
from tests.analysis.recordings import ASKS, OTHERS, Drawn, Recording, caller, recording
from tracekit.analysis.analyze import Analysis, analyze_profile
from tracekit.report.formats.analysis_json import analysis_document

DRAWS = int(os.environ.get("TRACEKIT_TRUTHS", "12"))
FIRST = int(os.environ.get("TRACEKIT_TRUTHS_FROM", "0"))

Law = Callable[[Recording, Analysis], Iterable[str]]


@pytest.mark.no_cover
def test_every_law_holds_for_every_recording() -> None:
    broken = []
    for seed in range(FIRST, FIRST + DRAWS):
        made = recording(seed)
        found = analyze_profile(made.profile, made.scope, beside=made.beside)
        broken += [f"seed {seed}: {law.__name__}: {said}" for law in LAWS for said in law(made, found)]
    assert broken == []


def yes_and_no_are_earned(made: Recording, found: Analysis) -> Iterable[str]:
    truth, answer = made.truth, found.verdict.answer
    if answer == "yes":
        if not {"ANE", "mixed"} & {truth.engines[each.model] for each in truth.predictions}:
            yield f"yes, of {truth.engines}"
        yield from _too_much_of_others(inside(made))
    if answer == "no" and asks(made):
        yield "no, and samples ask for the Neural Engine"
    few = sum(each.piece.sign in OTHERS for each in inside(made)) < 30
    is_there = any(row.pid in truth.chosen and row.kind == "prediction" for row in truth.rows)
    if answer == "no" and "ane-hw-intervals" in made.beside.tables and few and is_there:
        yield "no of few samples, and requests of it are in the table"


def _too_much_of_others(samples: list[Drawn]) -> Iterable[str]:
    running = [each for each in samples if each.piece.sign not in "AGb"]
    for which, chosen in (("running", running), ("all", samples)):
        others = sum(each.weight for each in chosen if each.piece.sign in OTHERS)
        if chosen and others / sum(each.weight for each in chosen) >= 0.05:
            yield f"yes, and {others} of {len(chosen)} {which} samples weigh other engines"


def strangers_are_not_ours(made: Recording, found: Analysis) -> Iterable[str]:
    """Of what is tied to the process, every row is its own; only those that name no model may be others' too."""
    rows = found.measured.requests
    rows = rows[(rows["table"] == "ane").to_numpy()]
    for model, kind, tie in zip(rows["model"], rows["kind"], rows["tie"], strict=True):
        theirs = [each for each in _requests(made, model, kind) if each.pid not in made.truth.chosen]
        if tie in ("named", "asked") and theirs:
            yield f"{len(theirs)} requests ({kind}) of {model!r} are others', tied: {tie}"
        if tie == "beside" and (model or not asks(made)):
            yield f"requests of {model!r} tied, and no sample asks"


def predictions_are_served_as_said(made: Recording, found: Analysis) -> Iterable[str]:
    """The Neural Engine worked in no fewer predictions than is said, and where all requests are tied in no more."""
    hardware = found.measured.hardware
    ane = hardware.ane if hardware is not None else None
    source = found.measured.iterations.source
    if ane is None or ane.predictions is None or ane.predictions_at_most is None or source == "user":
        return
    own = [row for row in made.truth.rows if row.pid in made.truth.chosen and row.kind == "prediction"]
    asked = {row.of for row in own}
    counted = [each for each in made.truth.predictions if source != "sidecar" or each.pid == PID]
    right = sum((each.tid, each.start) in asked for each in counted)
    if ane.predictions > right and made.truth.labels != "unnamed":
        yield f"the Neural Engine worked in {ane.predictions} predictions, right is {right}"
    rows = found.measured.requests
    rows = rows[((rows["table"] == "ane") & (rows["kind"] == "prediction")).to_numpy()]
    if (rows["tie"] != "none").all() and ane.predictions_at_most < right:
        yield f"the Neural Engine worked in {ane.predictions_at_most} predictions at most, right is {right}"


def samples_prove_no_more_than_there_were(made: Recording, found: Analysis) -> Iterable[str]:
    said = analysis_document(found)["predictions"]
    if said["at_least"] > len(made.truth.predictions):
        yield f"at least {said['at_least']}, of {len(made.truth.predictions)}"


def exact_sources_count_exactly(made: Recording, found: Analysis) -> Iterable[str]:
    truth, said = made.truth, analysis_document(found)["predictions"]
    own = sum(each.pid == PID for each in truth.predictions)
    seen = {each.pid for each in inside(made)}
    right: dict[str, int | None] = {
        "sidecar": own,
        "coreml-table": len(truth.predictions),
        "signposts": sum(each.pid in seen for each in truth.predictions),
        "user": truth.said,
        "none": None,
    }
    if inside(made) and said["count"] != right[said["source"]]:
        yield f"count {said['count']} from {said['source']}, right is {right[said['source']]}"
    wanted = {"signposts": "signposts", "coreml": "coreml-table"}.get(truth.exact)
    if wanted not in (None, said["source"]) and len(truth.chosen) == len({each.pid for each in truth.drawn}):
        yield f"{wanted} was not used, but {said['source']}"


def runs_are_predictions(made: Recording, found: Analysis) -> Iterable[str]:
    """Where the user's number is right, and lengths are shown, each run is one prediction."""
    iterations, truth = found.measured.iterations, made.truth
    if iterations.source != "user" or truth.said != len(truth.predictions):
        return
    tids = found.profile.threads["tid"].to_numpy()
    columns = (iterations.table[name].tolist() for name in ("thread_id", "start_ns", "end_ns"))
    for thread, start, end in zip(*columns, strict=True):
        here = [each for each in truth.predictions if each.tid == tids[thread]]
        met = sum(min(each.end, end) - max(each.start, start) > truth.interval for each in here)
        if met > 1:
            yield f"a run is {met} predictions"


def nothing_else_counts_or_measures(made: Recording, found: Analysis) -> Iterable[str]:
    document = analysis_document(found)
    if document["predictions"]["source"] != "none":
        return
    if document["iterations"] is not None:
        yield "iterations without a source"
    for model in document["models"]:
        if any(model[name] is not None for name in ("predictions", "p50_ns", "p95_ns")):
            yield f"a length or count of {model['name']}"
    for engine in (document["hardware"] or {}).values():
        if isinstance(engine, dict) and (engine["predictions"] is not None or engine["in_predictions_ns"] is not None):
            yield "predictions of an engine"
    texts = [document["verdict"]["sentence"], *(each["sentence"] for each in document["findings"])]
    texts += [each["message"] for each in document["warnings"]]
    for text in texts:
        if re.search(r"\d predictions?\b|\ba prediction takes|of [\d.,]+ m?s a prediction|\bp(50|95)\b", text):
            yield text


def requests_are_counted_exactly(made: Recording, found: Analysis) -> Iterable[str]:
    if "ane-hw-intervals" not in made.beside.tables:
        return
    right = Counter((row.model, row.kind) for row in made.truth.rows)
    counted = found.measured.requests
    counted = counted[counted["table"] == "ane"]
    keys = zip(counted["model"], counted["kind"], strict=True)
    said = dict(zip(keys, zip(counted["count"], counted["busy_ns"], strict=True), strict=True))
    if {key: value[0] for key, value in said.items()} != dict(right):
        yield f"requests {said}, right is {dict(right)}"
        return
    for key, (_, busy) in said.items():
        covered = _covered([(row.start, row.end) for row in _requests(made, *key)])
        if busy != covered:
            yield f"busy {busy} of {key}, right is {covered}"


def _requests(made: Recording, model: str, kind: str) -> list[Request]:
    return [row for row in made.truth.rows if (row.model, row.kind) == (model, kind)]


def _covered(spans: list[tuple[int, int]]) -> int:
    """How much time some spans cover: their edges in order, and how many are open between each two."""
    edges = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    is_open = total = before = 0
    for at, step in edges:
        total += (at - before) * (is_open > 0)
        is_open, before = is_open + step, at
    return total


def every_model_gets_its_own_answer(made: Recording, found: Analysis) -> Iterable[str]:
    of_owner: dict[tuple[int, str, str], list[Drawn]] = {}
    for each in inside(made):
        of_owner.setdefault((each.pid, *_owner(made, found, each)), []).append(each)
    for model in found.verdict.models:
        name = model.name.split("`")[-1]
        own = of_owner.get((model.pid, model.named_by, name if model.named_by != "nothing" else ""))
        if own is None:
            yield f"a model {model.named_by} {model.name!r}, of {sorted(of_owner)}"
            continue
        if model.samples != len(own):
            yield f"{model.samples} samples of {model.name!r}, right is {len(own)}"
        engines = {made.truth.engines[each.piece.model] for each in own}
        if model.answer == "yes":
            if not engines & {"ANE", "mixed"}:
                yield f"yes for {model.name!r} of {engines}"
            yield from _too_much_of_others(own)
        if model.answer == "no" and any(each.piece.sign in ASKS for each in own):
            yield f"no for {model.name!r}, and samples ask for the Neural Engine"
        asked = [row for row in made.truth.rows if row.pid == model.pid and row.kind == "prediction"]
        if made.truth.labels != "unnamed" and model.ane_requests > len(asked):
            yield f"{model.ane_requests} requests of {model.name!r}, right is {len(asked)}"


def _owner(made: Recording, found: Analysis, each: Drawn) -> tuple[str, str]:
    table = found.measured.iterations.table
    running = set(table.loc[((table["start_ns"] <= each.time) & (table["end_ns"] > each.time)).to_numpy(), "model"])
    if len(running - {""}) == 1:
        return "model", (running - {""}).pop()
    return ("nothing", "") if each.piece.is_worker else ("caller", caller(made.truth.models[each.piece.model]))


def every_row_is_somewhere(made: Recording, found: Analysis) -> Iterable[str]:
    said = analysis_document(found)["accounting"]
    parts = sum(said[name] for name in ("attributed", "outside_focus", "no_stack", "filtered", "skipped"))
    truth = made.truth
    chosen = [each for each in truth.drawn if each.pid in truth.chosen]
    right = {
        "rows": len(truth.drawn) + truth.damaged,
        "attributed": len(inside(made)),
        "no_stack": sum(not each.has_stack for each in chosen),
        "filtered": len(truth.drawn) - len(chosen),
        "skipped": truth.damaged,
    }
    if said["rows"] != parts or {name: said[name] for name in right} != right:
        yield f"{said}, right is {right}"


def inside(made: Recording) -> list[Drawn]:
    """Samples whose stack shows a prediction of a process that takes part."""
    return [
        each for each in made.truth.drawn if each.has_stack and each.piece.model >= 0 and each.pid in made.truth.chosen
    ]


def asks(made: Recording) -> bool:
    """Whether a sample of the process asks for the Neural Engine."""
    return any(each.piece.sign in ASKS for each in inside(made))


LAWS: tuple[Law, ...] = (
    yes_and_no_are_earned,
    strangers_are_not_ours,
    predictions_are_served_as_said,
    samples_prove_no_more_than_there_were,
    exact_sources_count_exactly,
    runs_are_predictions,
    nothing_else_counts_or_measures,
    requests_are_counted_exactly,
    every_model_gets_its_own_answer,
    every_row_is_somewhere,
)
