"""The truth about an everyday recording: what was asked of engines and how long it took, one length after the other."""

import json
import re
from collections.abc import Sequence

from sample_traces.everyday.live import Asked, Lived, Predicted
from sample_traces.recording import Process, Run
from sample_traces.truth import Json, run_truth

_LIST = re.compile(r"\[\s+([-\d][^][{}]*?)\s+\]")
_OBJECT = re.compile(r"\{\s+([^{}\[\]]*?)\s+\}")


def everyday_json(lived: Lived) -> str:
    """``everyday/<name>.truth.json``: of the whole as in the other samples, of predictions and requests each length."""
    situation = lived.situation
    (run,) = lived.recording.runs
    counted = run_truth(1, run)
    truth: Json = {
        "recording": situation.name,
        "synthetic": "Composed by sample_traces/generate.py. Nothing in it was measured.",
        "teaches": situation.teaches,
        **{name: value for name, value in counted.items() if name not in ("run", "iterations")},
        "answers": dict(situation.answers),
        "predictions": {
            "told_by": situation.told_by,
            "count": len(lived.predicted),
            "at_least": _at_least(run),
            "of": _predicted(lived.predicted),
        },
        "requests": _asked(lived.asked, run.processes),
    }
    if situation.prompt_tokens:
        truth["generation"] = _generation(lived.predicted, situation.prompt_tokens)
    text = json.dumps(truth, indent=2, ensure_ascii=False)
    for pattern in (_LIST, _OBJECT):  # a list of numbers, and an object of plain values, on a line of its own
        text = pattern.sub(lambda found: found[0][0] + re.sub(r"\s+", " ", found[1]) + found[0][-1], text)
    return text + "\n"


def _predicted(predicted: Sequence[Predicted]) -> list[Json]:
    """Predictions by model and function, in order of time."""
    kinds = dict.fromkeys((one.process.name, one.calls.model, one.calls.function) for one in predicted)
    found: list[Json] = []
    for kind in kinds:
        mine = [one for one in predicted if (one.process.name, one.calls.model, one.calls.function) == kind]
        found.append(
            {
                **dict(zip(("process", "model", "function"), kind, strict=True)),
                "warmup": sum(one.is_warmup for one in mine),
                "lengths_ns": [one.end_ns - one.start_ns for one in mine],
            }
        )
    return found


def _generation(predicted: Sequence[Predicted], prompt_tokens: int) -> list[Json]:
    """What a language model did: each phase with its tokens and the length of each of its spans."""
    lengths: dict[str, list[int]] = {"prefill": [], "decode": []}
    for one in predicted:
        lengths[one.calls.function].append(one.end_ns - one.start_ns)
    tokens = {"prefill": prompt_tokens * len(lengths["prefill"]), "decode": len(lengths["decode"])}
    return [{"phase": phase, "tokens": tokens[phase], "lengths_ns": spans} for phase, spans in lengths.items()]


def _asked(asked: Sequence[Asked], own: Sequence[Process]) -> list[Json]:
    """What engines were asked for, by table, model, kind, and whether it was for a process that was recorded."""

    def key(one: Asked) -> tuple[str, str, str, str, bool]:
        return one.row.table, one.row.engine, one.row.model, one.row.kind, one.process in own

    active = [one for one in asked if one.row.state == "Active"]
    names = ("table", "engine", "model", "kind", "is_own")
    found: list[Json] = []
    for kind in dict.fromkeys(map(key, sorted(active, key=lambda one: one.start_ns))):
        mine = sorted((one.start_ns, one.length_ns) for one in active if key(one) == kind)
        found.append(
            {
                **dict(zip(names, kind, strict=True)),
                "busy_ns": _covered(mine),
                "lengths_ns": [length for _, length in mine],
            }
        )
    return found


def _covered(rows: Sequence[tuple[int, int]]) -> int:
    """How much time rows cover, in order of their starts."""
    covered, reach = 0, 0
    for start, length in rows:
        covered += max(0, start + length - max(start, reach))
        reach = max(reach, start + length)
    return covered


def _at_least(run: Run) -> int:
    """How often samples of a thread with a stack enter a prediction: so many there were, and perhaps more."""
    entered = 0
    for thread in {sample.thread for sample in run.samples}:
        inside = [sample.stack.in_focus for sample in run.samples if sample.thread == thread and sample.stack]
        entered += sum(is_in and not was_in for was_in, is_in in zip([False, *inside], inside, strict=False))
    return entered
