"""Whose work a row of the Neural Engine or of MPSGraph is. Their tables name no process.

A request becomes a process's own only through evidence:

    named   its model is one that the process's own tables, sidecar or log name
    asked   samples of the process, inside predictions, ask for that engine beside the requests of this model: more
            often than chance would, or beside most of them where those of all others together are not, or beside any
            where no other model's were recorded

Everything else is of no known process. It is shown, and decides nothing.

    samples         a   a       a c c         a: inside a prediction, asking for the ANE; c: computing on the CPU
    A Prediction     ├──┤  ├──┤  ├──┤         asked: every a is beside one of its rows
    B Prediction   ├─┤        ├┤   ├────┤     not: so much of the time is beside rows of B that chance explains it
"""

from collections.abc import Collection
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.requests import engines_asked
from tracekit.analysis.predictions.spans import Times, union
from tracekit.model.profile import Profile

Tie = Literal["named", "asked", "none"]

SLACK_NS: Final = 1_500_000
"""How far a sample may be from the request it asks for: that begins after the call for it has, and ends before the call
returns. A sample is a moment, whatever the sampling interval."""
CHANCE: Final = 0.01
"""A tie by samples must be less likely than this if the samples fell anywhere."""
MOSTLY: Final = 0.5
_MOVES: Final = 200
"""So many other places: enough to see what happens once in a hundred."""
_MOVED_AT_MOST: Final = 1000
_GOLDEN: Final = 0.618034
"""Multiples of it, without their whole part, lie evenly, and fall into no rhythm."""

_ASKS: Final = ("dispatch", "wait", "completion")


class Asks(NamedTuple):
    """When samples inside predictions asked for an engine, in order; and when others of them ran something else."""

    times: Times
    elsewhere: Times


def asks_for(profile: Profile, inside: NDArray[np.bool_], engine: str) -> Asks:
    """Of an attributed profile, the samples ``inside`` predictions that ask for an engine."""
    samples = profile.samples
    asks = (samples["engine"] == engine).to_numpy() & samples["phase"].isin(_ASKS).to_numpy() & inside
    runs = (samples["state"].isna() | (samples["state"] == "Running")).to_numpy()
    time = samples["time_ns"].to_numpy()
    return Asks(np.sort(time[asks]), np.sort(time[inside & ~asks & runs & (samples["engine"] == "CPU").to_numpy()]))


def ties(
    asked: pd.DataFrame, engine: str, samples: Asks, named: Collection[str], span: tuple[int, int]
) -> NDArray[np.str_]:
    """For every request of ``requests.outermost``, its ``Tie``; ``none`` for those of other engines.

    ``named`` are the models that the process itself names; ``span`` is the time in which it was sampled.
    """
    found = np.full(len(asked), "none", dtype="U5")
    mine = (engines_asked(asked) == engine).to_numpy() & (asked["phase"].isin(["execute", "other"])).to_numpy()
    start = asked["start_ns"].to_numpy()
    end = start + asked["duration_ns"].to_numpy()
    models = asked["model"].to_numpy(object)
    once = _thinned(samples.times)
    rows_of = {model: np.flatnonzero(mine & (models == model)) for model in sorted(set(models[mine]))}
    hits = {model: _hits(start[rows], end[rows], once) for model, rows in rows_of.items()}
    by_chance = {
        model: _chance(hits[model], _reach(start[rows], end[rows], span), len(once)) for model, rows in rows_of.items()
    }
    explaining = [
        model
        for model, rows in rows_of.items()
        if by_chance[model] < CHANCE and min(hits[model], _answered(start[rows], end[rows], once)) >= MOSTLY
    ]
    for model, rows in rows_of.items():
        if any(same_model(model, name) for name in named):
            found[rows] = "named"
            continue
        is_chance = by_chance[model] >= CHANCE
        # That is chance as if samples fell anywhere; but work keeps a pace, and is done in parts of a recording.
        if not is_chance and explaining != [model]:
            is_chance = _at_other_times(start[rows], end[rows], once, span) >= CHANCE
        # Where the engine worked nearly all the time, chance explains every sample; and one call may ask long before or
        # after the work. Then it speaks for these rows that those of all others together leave most unexplained; and
        # against them that the process computed while they lasted.
        enough = CHANCE if len(rows_of) == 1 else MOSTLY
        others = np.flatnonzero(mine & (models != model))
        alone = hits[model] >= enough and _hits(start[others], end[others], once) < MOSTLY
        if not is_chance or (alone and _against(start[rows], end[rows], samples.elsewhere) < MOSTLY):
            found[rows] = "asked"
    of_model = dict(zip(models[mine], found[mine], strict=True))
    others = (engines_asked(asked) == engine).to_numpy() & ~mine & (models != "")
    found[others] = [of_model.get(name, "none") for name in models[others]]
    return found


def same_model(label: str, name: str) -> bool:
    """Whether a label's model is one that the process names: the same, or a part of it (``Letters_0`` of Letters)."""
    return bool(name) and (label == name or label.startswith((f"{name}_", f"{name}-")))


def near_any(start: Times, end: Times, times: Times) -> NDArray[np.bool_]:
    """For every time, whether it is in a request, or so near that it may have asked for it."""
    return union(start - SLACK_NS, end + SLACK_NS).holds(times)


def _hits(start: Times, end: Times, times: Times) -> float:
    return float(near_any(start, end, times).mean()) if len(times) else 0.0


def _reach(start: Times, end: Times, span: tuple[int, int]) -> float:
    """The share of the time in which a sample would be beside the requests."""
    reach = union(np.maximum(start - SLACK_NS, span[0]), np.minimum(end + SLACK_NS, span[1])).total
    return reach / max(span[1] - span[0], 1)


def _chance(hits: float, expected: float, count: int) -> float:
    """A bound on the probability of so many hits if each has the chance ``expected`` (Chernoff)."""
    if hits <= expected:
        return 1.0
    if expected <= 0:
        return 0.0
    away = (1 - hits) * np.log((1 - hits) / (1 - expected)) if hits < 1 else 0.0
    return float(np.exp(-count * (hits * np.log(hits / expected) + away)))


def _answered(start: Times, end: Times, times: Times) -> float:
    """Share of the requests that have a sample beside them."""
    low, high = np.searchsorted(times, start - SLACK_NS), np.searchsorted(times, end + SLACK_NS)
    return float((high > low).mean()) if len(start) else 0.0


def _at_other_times(start: Times, end: Times, times: Times, span: tuple[int, int]) -> float:
    """How often as many samples are beside the requests after all samples were moved, around the recording's end and
    by more than a request lasts: where both keep a pace, or both work in one part of the recording, by chance alone.
    """
    length, near = span[1] - span[0], int(np.median(end - start)) + 2 * SLACK_NS
    if length <= 2 * near:
        return 1.0
    chosen = times[:: -(-len(times) // _MOVED_AT_MOST)]
    moves = near + ((np.arange(1, _MOVES + 1) * _GOLDEN) % 1 * (length - 2 * near)).astype(np.int64)
    moved = span[0] + (chosen[None, :] - span[0] + moves[:, None]) % length
    there = near_any(start, end, moved.ravel()).reshape(moved.shape).mean(axis=1)
    return float((there >= _hits(start, end, chosen)).mean())


def _against(start: Times, end: Times, elsewhere: Times) -> float:
    """Share of the requests in whose midst the process was seen computing inside a prediction."""
    low, high = (np.searchsorted(elsewhere, edge) for edge in (start, end))
    return float((high > low).mean()) if len(start) else 0.0


def _thinned(times: Times) -> Times:
    """One time of each stretch of ``SLACK_NS``: samples of the same request are one piece of evidence, not many."""
    return times[np.unique(times // SLACK_NS, return_index=True)[1]]
