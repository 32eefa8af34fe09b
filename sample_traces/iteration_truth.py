"""Where the time of every prediction went, counted one moment after the other; nothing here is fast or shared.

cpu          weight of the running samples in it, by engine and phase
ane_busy     moments in which the Neural Engine worked, for anybody
gpu_busy     moments in which the GPU worked for this process
parts        what docs/iterations.md calls CPU, ANE alone, GPU alone, waiting and unaccounted
"""

import json
import re
from collections import Counter
from itertools import pairwise

from sample_traces.interval_tables import ANE, ANE_INTERNAL, GPU
from sample_traces.recording import Interval, Iteration, Recording, Run, Sample

Json = dict[str, object]


def iterations_json(recording: Recording) -> str:
    """``truth.json`` of a recording with intervals."""
    (run,) = recording.runs
    truth = {
        "recording": recording.name,
        "synthetic": "Composed by sample_traces/generate.py. Nothing in it was measured.",
        "verdict": {"answer": run.expected_answer},
        "tables": list(run.tables),
        "iterations": [iteration_truth(run, one) for one in run.iterations],
    }
    text = json.dumps(truth, indent=1)
    return re.sub(r"\{\s+([^{}\[\]]*?)\s+\}", lambda found: "{" + re.sub(r"\s+", " ", found[1]) + "}", text) + "\n"


def iteration_truth(run: Run, one: Iteration) -> Json:
    """One prediction."""
    ane = [each for each in run.intervals if each.table in (ANE, ANE_INTERNAL) and is_inference(each)]
    gpu = [each for each in run.intervals if each.table == GPU and each.process == run.process and _is_active(each)]
    inside = [
        sample for sample in run.samples if one.start_ns <= sample.time_ns < one.end_ns and _is_prediction(sample)
    ]
    running = [sample for sample in inside if sample.state == "Running"]
    blocked = [sample for sample in inside if sample.state == "Blocked"]
    ane_busy, only_gpu, gpu_busy = _covered(one, ane, gpu)
    on_ane = [sample for sample in running if _is_covered(sample.time_ns, ane)]
    on_gpu = [sample for sample in running if _is_covered(sample.time_ns, gpu) and sample not in on_ane]
    idle = [sample for sample in blocked if not _is_covered(sample.time_ns, [*ane, *gpu])]
    claims = {
        "on_cpu_ns": _weight(running),
        "ane_alone_ns": ane_busy - _weight(on_ane),
        "gpu_alone_ns": only_gpu - _weight(on_gpu),
        "waiting_ns": _weight(idle),
    }
    left = one.end_ns - one.start_ns
    parts = {}
    for name, claim in claims.items():
        parts[name] = max(0, min(claim, left))
        left -= parts[name]
    labels: Counter[tuple[str, str]] = Counter()
    for sample in running:
        assert sample.stack is not None
        assert sample.stack.label is not None
        labels[sample.stack.label.engine, sample.stack.label.phase] += sample.weight_ns
    return {
        "start_ns": one.start_ns,
        "end_ns": one.end_ns,
        "warmup": one.is_warmup,
        "wall_ns": one.end_ns - one.start_ns,
        "ane_busy_ns": ane_busy,
        "gpu_busy_ns": gpu_busy,
        **parts,
        "unaccounted_ns": left,
        "cpu": {f"{engine} {phase}": weight for (engine, phase), weight in sorted(labels.items())},
    }


def is_inference(one: Interval) -> bool:
    """Whether a row of the Neural Engine is a prediction: not one of loading, of compiling, or of nothing."""
    return _is_active(one) and one.label.endswith(("Prediction", "AneInference"))


def _is_active(one: Interval) -> bool:
    return one.state == "Active"


def _is_prediction(sample: Sample) -> bool:
    return sample.stack is not None and sample.stack.in_focus


def _covered(one: Iteration, ane: list[Interval], gpu: list[Interval]) -> tuple[int, int, int]:
    """How long the ANE worked, the GPU alone, and the GPU: between any two edges nothing changes."""
    edges = {one.start_ns, one.end_ns}
    for each in (*ane, *gpu):
        edges |= {each.start_ns, each.start_ns + each.duration_ns}
    ane_busy = only_gpu = gpu_busy = 0
    for start, end in pairwise(sorted(edge for edge in edges if one.start_ns <= edge <= one.end_ns)):
        by_ane, by_gpu = _is_covered(start, ane), _is_covered(start, gpu)
        ane_busy += (end - start) * by_ane
        gpu_busy += (end - start) * by_gpu
        only_gpu += (end - start) * (by_gpu and not by_ane)
    return ane_busy, only_gpu, gpu_busy


def _is_covered(time_ns: int, intervals: list[Interval]) -> bool:
    return any(one.start_ns <= time_ns < one.start_ns + one.duration_ns for one in intervals)


def _weight(samples: list[Sample]) -> int:
    return sum(sample.weight_ns for sample in samples)
