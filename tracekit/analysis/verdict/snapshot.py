"""What the stacks of one moment say: which engine each thread was in. They are no shares of time."""

import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from tracekit.analysis.verdict.judge import Verdict
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

_DOING: Final[Mapping[tuple[str, str], str]] = {
    ("ANE", "wait"): "waiting for the Neural Engine",
    ("ANE", "execute"): "driving the Neural Engine",
    ("ANE", "dispatch"): "handing work to the Neural Engine",
    ("ANE", "completion"): "told that the Neural Engine is done",
    ("GPU", "wait"): "waiting for the GPU",
    ("GPU", "dispatch"): "handing work to the GPU",
    ("CPU", "execute"): "computing on the CPU",
    ("CPU", "copy"): "copying data on the CPU",
    ("CPU", "convert"): "converting data on the CPU",
    ("none", "idle"): "idle",
}
_ANY_ENGINE: Final[Mapping[str, str]] = {
    "load": "loading a model",
    "compile": "compiling a model",
    "prepare": "preparing a model",
    "wait": "waiting, and no frame says for what",
}
_MOST_SAID: Final = 4
_SAID: Final = "Unknown: this is a snapshot, which says what threads did at one moment and not how long. "


def of_snapshot(profile: Profile, predicted: Profile) -> Verdict:
    """The verdict on stacks of one moment, attributed; ``predicted`` has those inside predictions.

    The answer is never more than unknown: one stack shows what was tried, not what a model uses.
    """
    inside = _clauses(predicted, "in a prediction")
    others = [text for text in _clauses(profile, "") if not any(each.startswith(text) for each in inside)]
    said = [*inside, *others]
    if not said:
        return Verdict("unknown", "none", f"{_SAID}None was in Core ML's or an engine's functions.")
    more = f"; and {len(said) - _MOST_SAID} more" if len(said) > _MOST_SAID else ""
    clauses = re.sub("^a thread", "A thread", "; ".join(said[:_MOST_SAID]))
    return Verdict("unknown", "stacks", f"{_SAID}{clauses}{more}.")


def _clauses(profile: Profile, where: str) -> list[str]:
    """A clause for each thread and each thing it did that a rule knows, what was seen most first."""
    samples = profile.samples
    samples = samples[samples["rule"].notna().to_numpy() & (samples["stack_id"].to_numpy() != NONE)]
    keys = ["thread_id", "engine", "phase"]
    sums = samples.groupby(keys, observed=True).agg(weight=("weight", "sum"), stack=("stack_id", "first")).reset_index()
    sums = sums.sort_values("weight", ascending=False, kind="stable")
    names = profile.threads["name"].to_numpy()
    leaves = profile.frames["name"].to_numpy()[profile.stacks["frame_id"].to_numpy()[sums["stack"].to_numpy(np.int64)]]
    clauses = []
    for row, leaf in zip(sums.itertuples(), leaves, strict=True):
        doing = _DOING.get((str(row.engine), str(row.phase))) or _ANY_ENGINE.get(str(row.phase))
        doing = doing or f"in functions of {row.engine} ({row.phase})"
        thread = str(names[row.thread_id]) if row.thread_id != NONE else ""
        clauses.append(f"{thread or 'a thread'} was {doing} ({leaf})" + (f" {where}" if where else ""))
    return clauses
