"""Whose work a row of the Neural Engine or of MPSGraph is. Their tables name no process.

Requests become a process's own only through evidence, a model at a time:

    named    their model is one that the process's own tables, sidecar or log name
    asked    samples of the process, inside predictions, ask for that engine at the edges of this model's requests and
             of no other's: more often than chance would; or most of them, where those of all others leave most
             unexplained; or no other model was recorded
    beside   the same, of requests that name no model: others' may be among them

Everything else is of no known process. It is shown, and decides nothing.

    samples         a   a       a c c         a: inside a prediction, asking for the ANE; c: computing on the CPU
    A Prediction     ├──┤  ├──┤  ├──┤         asked: every a is just before one of its rows, or just after
    B Prediction   ├─┤        ├┤   ├────┤     not: A explains them all

A call for the engine is made before the request begins, and returns after it ends. So a sample in a request's midst
may well be of a call that waits for its turn behind it: the sample may be explained by that request, but is no evidence
for it, unless the thread was seen blocked.
"""

from collections.abc import Collection, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.predictions.requests import engines_asked
from tracekit.analysis.predictions.sampling import in_order
from tracekit.analysis.predictions.spans import Mask, Spans, Times, edges, union
from tracekit.analysis.running import is_running
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE

Tie = Literal["named", "asked", "beside", "none"]

SLACK_NS: Final = 1_500_000
"""How far a sample may be from the request it asks for: that begins after the call for it has, and ends before the call
returns. A sample is a moment, whatever the sampling interval."""
HANDED_NS: Final = 200_000
"""So long after a request has begun, the call that handed it over may still be running; and by so much the clocks of
engine and samples may differ at its end."""
CHANCE: Final = 0.001
"""A tie by samples must be less likely than this if the samples fell anywhere."""
MOSTLY: Final = 0.5
NEEDED: Final = 0.25
"""Part of the samples that only this model explains, from which on no noise does."""
_MOVES: Final = 200
"""So many other places: enough to see what happens once in a hundred."""
_MOVED_AT_MOST: Final = 1000
_GOLDEN: Final = 0.618034
"""Multiples of it, without their whole part, lie evenly, and fall into no rhythm."""

_ASKS: Final = ("dispatch", "wait", "completion")


class Asks(NamedTuple):
    """When samples inside predictions asked for an engine, in order; and when their threads ran something else."""

    times: Times
    blocked: Mask
    """Which of ``times`` are the last moments for which a thread was blocked. Those before them tell nothing: it may
    have waited for its turn."""
    interval: int
    """After so long at most it ran again."""
    elsewhere: tuple[Times, ...]
    """For each thread that asked, when it computed on the CPU inside predictions."""


def asks_for(profile: Profile, inside: Mask, engine: str) -> Asks:
    """Of an attributed profile, the samples ``inside`` predictions that ask for an engine."""
    samples = profile.samples
    asks = (samples["engine"] == engine).to_numpy() & samples["phase"].isin(_ASKS).to_numpy() & inside
    runs = is_running(profile)
    time = samples["time_ns"].to_numpy()
    thread = samples["thread_id"].to_numpy()
    sampled = in_order(profile)
    shown = (samples["stack_id"] != NONE).to_numpy()[sampled.rows]
    rows, on = sampled.rows[shown], sampled.thread[shown]
    waits = (asks & ~runs)[rows]
    goes_on = np.append(waits[1:] & (np.diff(on) == 0), False)[: len(waits)]
    asks[rows[waits & goes_on]] = False
    order = np.flatnonzero(asks)[np.argsort(time[asks], kind="stable")]
    computes = inside & ~asks & runs & (samples["engine"] == "CPU").to_numpy()
    elsewhere = tuple(np.sort(time[computes & (thread == each)]) for each in np.unique(thread[order]))
    return Asks(time[order], ~runs[order], sampled.interval, elsewhere)


def ties(
    asked: pd.DataFrame,
    engine: str,
    samples: Asks,
    named: Collection[str],
    span: tuple[int, int],
    rivals: Asks | None = None,
) -> NDArray[np.str_]:
    """For every request of ``requests.outermost``, its ``Tie``; ``none`` for those of other engines.

    ``named`` are the models that the process itself names; ``span`` is the time in which it was sampled; ``rivals`` are
    samples of processes that take no part.
    """
    found = np.full(len(asked), "none", dtype="U6")
    mine = (engines_asked(asked) == engine).to_numpy() & (asked["phase"].isin(["execute", "other"])).to_numpy()
    start, end = edges(asked)
    models = asked["model"].to_numpy(object)
    once = _one_a_stretch(samples)
    rows_of = {
        model: _Rows(start[rows], end[rows], rows)
        for model in sorted(set(models[mine]))
        for rows in [np.flatnonzero(mine & (models == model))]
    }
    for model, rows in rows_of.items():
        others = [each for other, each in rows_of.items() if other != model]
        if any(same_model(model, name) for name in named):
            found[rows.at] = "named"
        elif not _is_theirs(rows, once, rivals) and _is_asked(rows, others, once, span):
            found[rows.at] = "asked" if model else "beside"
    of_model = dict(zip(models[mine], found[mine], strict=True))
    besides = (engines_asked(asked) == engine).to_numpy() & ~mine & (models != "")
    found[besides] = [of_model.get(name, "none") for name in models[besides]]
    return found


class _Rows(NamedTuple):
    """The requests of one model."""

    start: Times
    end: Times
    at: NDArray[np.intp]


def _is_asked(rows: _Rows, others: Sequence[_Rows], samples: Asks, span: tuple[int, int]) -> bool:
    """Whether samples ask for requests, of which those of other models explain some."""
    beside = near_any(rows.start, rows.end, samples.times)
    if not beside.any() or _against(rows.start, rows.end, samples.elsewhere) >= MOSTLY:
        return False
    if not others:
        return True  # Whoever asks is served, and nothing else was.
    explained, nearby = np.zeros((2, len(beside)), bool)
    for each in others:
        explained |= asking(each.start, each.end, samples)
        nearby |= near_any(each.start, each.end, samples.times)
    free = samples._replace(times=samples.times[~explained], blocked=samples.blocked[~explained])
    hits = asking(rows.start, rows.end, free)
    if not hits.any():
        return False
    if nearby.mean() < MOSTLY <= min(hits.mean(), 1 - explained.mean()):
        return True
    if chance(float(hits.mean()), reach(rows.start, rows.end, free, span), len(hits)) >= CHANCE:
        return False
    return bool(hits.sum() >= NEEDED * len(beside)) or at_other_times(rows.start, rows.end, free, span) < CHANCE


def _is_theirs(rows: _Rows, samples: Asks, rivals: Asks | None) -> bool:
    """Whether a process that takes no part asks for as many of the requests."""

    def part(asks: Asks) -> float:
        return float(has_any(rows.start, rows.end, asks.times[asking(rows.start, rows.end, asks)]).mean())

    return rivals is not None and part(rivals) >= part(samples)


def same_model(label: str, name: str) -> bool:
    """Whether a label's model is one that the process names: the same, or a part of it (``Letters_0`` of Letters)."""
    return bool(name) and (label == name or label.startswith((f"{name}_", f"{name}-")))


def near_any(start: Times, end: Times, times: Times) -> Mask:
    """For every time, whether it is in a request, or so near that it may have asked for it."""
    return union(start - SLACK_NS, end + SLACK_NS).holds(times)


def has_any(start: Times, end: Times, times: Times) -> Mask:
    """For every request, whether one of some times, in order, is in it or so near."""
    low, high = np.searchsorted(times, start - SLACK_NS), np.searchsorted(times, end + SLACK_NS, side="right")
    return high > low


def asking(start: Times, end: Times, samples: Asks) -> Mask:
    """For every sample, whether it asks for one of some requests."""
    runs, waits = (spans.holds(samples.times) for spans in _asking_windows(start, end, samples.interval))
    return np.where(samples.blocked, waits, runs)


def _asking_windows(start: Times, end: Times, interval: int) -> tuple[Spans, Spans]:
    """When a running thread asks for requests: before each begins, and after it ends. And when a thread that waits for
    them is seen blocked for the last time.
    """
    handing = np.concatenate([start - SLACK_NS, np.maximum(end - HANDED_NS, start)])
    handed = np.concatenate([np.minimum(start + HANDED_NS, end), end + SLACK_NS])
    return union(handing, handed), union(end - max(interval, SLACK_NS), end + SLACK_NS)


def reach(start: Times, end: Times, samples: Asks, span: tuple[int, int]) -> float:
    """The share of the time in which a sample would ask for the requests."""
    low, high = np.array([span[:1], span[1:]], np.int64)
    runs, waits = (int(spans.within(low, high).sum()) for spans in _asking_windows(start, end, samples.interval))
    share = float(samples.blocked.mean())
    return (runs * (1 - share) + waits * share) / max(span[1] - span[0], 1)


def chance(hits: float, expected: float, count: int) -> float:
    """A bound on the probability of so many hits if each has the chance ``expected`` (Chernoff)."""
    if hits <= expected:
        return 1.0
    if expected <= 0:
        return 0.0
    away = (1 - hits) * np.log((1 - hits) / (1 - expected)) if hits < 1 else 0.0
    return float(np.exp(-count * (hits * np.log(hits / expected) + away)))


def at_other_times(start: Times, end: Times, samples: Asks, span: tuple[int, int]) -> float:
    """How often as many samples ask for the requests after all samples were moved, around the recording's end and
    by more than a request lasts: where both keep a pace, or both work in one part of the recording, by chance alone.
    """
    length, near = span[1] - span[0], int(np.median(end - start)) + 2 * SLACK_NS
    if length <= 2 * near:
        return 1.0
    step = -(-len(samples.times) // _MOVED_AT_MOST)
    chosen = samples._replace(times=samples.times[::step], blocked=samples.blocked[::step])
    moves = near + ((np.arange(1, _MOVES + 1) * _GOLDEN) % 1 * (length - 2 * near)).astype(np.int64)
    moved = span[0] + (chosen.times[None, :] - span[0] + moves[:, None]) % length
    there = asking(start, end, chosen._replace(times=moved.ravel(), blocked=np.tile(chosen.blocked, len(moves))))
    return float((there.reshape(moved.shape).mean(axis=1) >= asking(start, end, chosen).mean()).mean())


def _against(start: Times, end: Times, elsewhere: tuple[Times, ...]) -> float:
    """Share of the requests in whose midst every thread that asks was seen computing inside a prediction."""
    computes = np.full(len(start), bool(elsewhere))
    for times in elsewhere:
        low, high = (np.searchsorted(times, edge) for edge in (start, end))
        computes &= high > low
    return float(computes.mean())


def _one_a_stretch(samples: Asks) -> Asks:
    """One of each stretch of ``SLACK_NS``: samples of the same request are one piece of evidence, not many."""
    first = np.unique(samples.times // SLACK_NS, return_index=True)[1]
    return samples._replace(times=samples.times[first], blocked=samples.blocked[first])
