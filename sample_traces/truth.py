"""The truth about a recording, counted from the labels that the composer put on its stacks."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from sample_traces.recording import Recording, Run, Sample

Json = dict[str, object]


def truth_json(recording: Recording, files: Sequence[Json]) -> str:
    """``<name>.truth.json``: ``files`` tells which exports hold the recording; ``runs`` has one entry a run."""
    truth = {
        "recording": recording.name,
        "synthetic": "Composed by sample_traces/generate.py. Nothing in it was measured.",
        "files": list(files),
        "runs": [run_truth(number, run) for number, run in enumerate(recording.runs, start=1)],
    }
    text = json.dumps(truth, indent=2)
    # One line for each innermost object, so that a list of a hundred iterations can be read.
    return re.sub(r"\{\s+([^{}\[\]]*?)\s+\}", lambda found: "{" + re.sub(r"\s+", " ", found[1]) + "}", text) + "\n"


def run_truth(number: int, run: Run) -> Json:
    """Rows and weight of one run: by place, in the focus by engine and phase, outside it by activity."""
    stacks = [(sample, sample.stack) for sample in run.samples if sample.stack is not None]
    inside = [(sample, stack.label) for sample, stack in stacks if stack.in_focus and stack.label is not None]
    outside = [(sample, stack.activity) for sample, stack in stacks if not stack.in_focus]
    return {
        "run": number,
        **_sums(run.samples),
        "no_stack": _sums(sample for sample in run.samples if sample.stack is None),
        "outside_focus": {
            **_sums(sample for sample, _ in outside),
            "activities": _table(("activity",), ((sample, (activity,)) for sample, activity in outside)),
        },
        "in_focus": {
            **_sums(sample for sample, _ in inside),
            "engines": _table(("engine",), ((sample, (label.engine,)) for sample, label in inside)),
            "phases": _table(("engine", "phase"), ((sample, (label.engine, label.phase)) for sample, label in inside)),
        },
        "verdict": {"answer": run.expected_answer},
        "iterations": [{"start_ns": one.start_ns, "end_ns": one.end_ns} for one in run.iterations],
    }


def _sums(samples: Iterable[Sample]) -> Json:
    weights = [sample.weight_ns for sample in samples]
    return {"rows": len(weights), "weight_ns": sum(weights)}


def _table(names: tuple[str, ...], keyed: Iterable[tuple[Sample, tuple[str, ...]]]) -> list[Json]:
    """Rows and weight of each key, heaviest first."""
    rows: Counter[tuple[str, ...]] = Counter()
    weights: Counter[tuple[str, ...]] = Counter()
    for sample, key in keyed:
        rows[key] += 1
        weights[key] += sample.weight_ns
    order = sorted(weights, key=lambda key: (-weights[key], key))
    return [{**dict(zip(names, key, strict=True)), "rows": rows[key], "weight_ns": weights[key]} for key in order]
