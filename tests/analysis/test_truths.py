"""Laws that hold for every recording whose truth is known: what is said is never more than what was.

A dozen recordings in every run of the tests. ``TRACEKIT_TRUTHS=5000`` draws as many, ``TRACEKIT_TRUTHS_FROM`` says
from which seed on. A failure names its seed.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable

from tests.analysis.recordings import ASKS, OTHERS, Drawn, Recording, caller, recording
from tracekit.analysis.analyze import Analysis, analyze_profile
from tracekit.report.formats.analysis_json import analysis_document

DRAWS = int(os.environ.get("TRACEKIT_TRUTHS", "12"))
FIRST = int(os.environ.get("TRACEKIT_TRUTHS_FROM", "0"))

Law = Callable[[Recording, Analysis], Iterable[str]]


def test_every_law_holds_for_every_recording() -> None:
    broken, tied, beside_asking = [], [], 0
    for seed in range(FIRST, FIRST + DRAWS):
        made = recording(seed)
        found = analyze_profile(made.profile, beside=made.beside)
        broken += [f"seed {seed}: {law.__name__}: {said}" for law in LAWS for said in law(made, found)]
        beside_asking += made.truth.foreign_model != "" and asks(made)
        tied += [seed] if _ties_a_stranger(made, found) else []
    assert broken == []
    # Samples that ask for our model may lie beside another's rows by chance: once in a hundred.
    assert len(tied) <= max(1, beside_asking // 100), f"seeds {tied} of {beside_asking}"


def _ties_a_stranger(made: Recording, found: Analysis) -> bool:
    rows = found.measured.requests
    tied = set(rows.loc[((rows["table"] == "ane") & (rows["tie"] != "none")).to_numpy(), "model"])
    return bool(made.truth.foreign_model) and made.truth.foreign_model in tied


def yes_and_no_are_earned(made: Recording, found: Analysis) -> Iterable[str]:
    truth, answer = made.truth, found.verdict.answer
    if answer == "yes":
        if not {"ANE", "mixed"} & set(truth.engines):
            yield f"yes, of {truth.engines}"
        yield from _too_much_of_others(inside(truth.drawn))
    if answer == "no" and asks(made):
        yield "no, and samples ask for the Neural Engine"


def _too_much_of_others(samples: list[Drawn]) -> Iterable[str]:
    running = [each for each in samples if each.piece.sign not in "AGb"]
    for which, chosen in (("running", running), ("all", samples)):
        others = sum(each.piece.sign in OTHERS for each in chosen)
        if chosen and others / len(chosen) >= 0.05:
            yield f"yes, and {others} of {len(chosen)} {which} samples are of other engines"


def strangers_are_not_ours(made: Recording, found: Analysis) -> Iterable[str]:
    truth, ane = made.truth, found.measured.ane
    if ane is None or asks(made):
        return
    rows = found.measured.requests
    tied = rows[(rows["table"] == "ane") & (rows["tie"] != "none")]
    named = set(truth.models) if truth.exact == "coreml" else set()
    if ane.tied and not set(tied["model"]) <= named:
        yield f"{ane.tied} requests of {sorted(tied['model'])} tied, and no sample asks"


def samples_prove_no_more_than_there_were(made: Recording, found: Analysis) -> Iterable[str]:
    said = analysis_document(found)["predictions"]
    if said["at_least"] > len(made.truth.predictions):
        yield f"at least {said['at_least']}, of {len(made.truth.predictions)}"


def exact_sources_count_exactly(made: Recording, found: Analysis) -> Iterable[str]:
    said = analysis_document(found)["predictions"]
    right = None if made.truth.exact == "none" else len(made.truth.predictions)
    if {each.tid for each in made.truth.predictions} > {each.tid for each in made.truth.drawn}:
        return  # Of threads without a sample it is not known which signposts lie inside another.
    if said["count"] != right:
        yield f"count {said['count']} from {said['source']}, right is {right}"


def nothing_else_counts_or_measures(made: Recording, found: Analysis) -> Iterable[str]:
    if made.truth.exact != "none":
        return
    document = analysis_document(found)
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
    rows = made.truth.rows
    right = Counter((row.model, row.kind) for row in rows)
    counted = found.measured.requests
    counted = counted[counted["table"] == "ane"]
    keys = zip(counted["model"], counted["kind"], strict=True)
    said = dict(zip(keys, zip(counted["count"], counted["busy_ns"], strict=True), strict=True))
    if {key: value[0] for key, value in said.items()} != dict(right):
        yield f"requests {said}, right is {dict(right)}"
        return
    for key, (_, busy) in said.items():
        covered = _covered([(row.start, row.end) for row in rows if (row.model, row.kind) == key])
        if busy != covered:
            yield f"busy {busy} of {key}, right is {covered}"


def _covered(spans: list[tuple[int, int]]) -> int:
    """How much time some spans cover: their edges in order, and how many are open between each two."""
    edges = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    is_open = total = before = 0
    for at, step in edges:
        total += (at - before) * (is_open > 0)
        is_open, before = is_open + step, at
    return total


def every_model_gets_its_own_answer(made: Recording, found: Analysis) -> Iterable[str]:
    of_owner: dict[tuple[str, str], list[Drawn]] = {}
    for each in inside(made.truth.drawn):
        of_owner.setdefault(_owner(made, each), []).append(each)
    for model in found.verdict.models:
        name = model.name.split("`")[-1]
        own = of_owner.get((model.named_by, name if model.named_by != "nothing" else ""))
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


def _owner(made: Recording, each: Drawn) -> tuple[str, str]:
    truth = made.truth
    if truth.exact == "coreml":
        running = {p.model for p in truth.predictions if p.start <= each.time < p.end}
        if len(running) == 1:
            return "model", truth.models[running.pop()]
    return ("nothing", "") if each.piece.is_worker else ("caller", caller(truth.models[each.piece.model]))


def every_row_is_somewhere(made: Recording, found: Analysis) -> Iterable[str]:
    said = analysis_document(found)["accounting"]
    parts = sum(said[name] for name in ("attributed", "outside_focus", "no_stack", "filtered", "skipped"))
    drawn = made.truth.drawn
    right = len(drawn), len(inside(drawn)), sum(not each.has_stack for each in drawn)
    if said["rows"] != parts or (said["rows"], said["attributed"], said["no_stack"]) != right:
        yield f"{said}, right is {right}"


def inside(drawn: Iterable[Drawn]) -> list[Drawn]:
    """Samples whose stack shows a prediction."""
    return [each for each in drawn if each.has_stack and each.piece.model >= 0]


def asks(made: Recording) -> bool:
    """Whether a sample of the process asks for the Neural Engine."""
    return any(each.piece.sign in ASKS for each in inside(made.truth.drawn))


LAWS: tuple[Law, ...] = (
    yes_and_no_are_earned,
    strangers_are_not_ours,
    samples_prove_no_more_than_there_were,
    exact_sources_count_exactly,
    nothing_else_counts_or_measures,
    requests_are_counted_exactly,
    every_model_gets_its_own_answer,
    every_row_is_somewhere,
)
