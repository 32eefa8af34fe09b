"""Recordings made from a recording: two that differ by chance only, and one in which work has moved."""

from dataclasses import replace

import numpy as np

from tracekit.analysis.compare.sides import Side
from tracekit.model.forest import forest_of, paths_of
from tracekit.model.profile import Profile

Rows = np.ndarray

BLOCK_NS = 20_000_000
"""Not taken from ``units``: halves must not become alike because it takes shorter blocks."""


def with_rows(profile: Profile, rows: Rows, time_ns: Rows | None = None) -> Profile:
    """The samples of some rows, a row as often as it is named, at other times where given."""
    samples = profile.samples.take(rows).reset_index(drop=True)
    return profile.with_samples(samples if time_ns is None else samples.assign(time_ns=time_ns))


def halves_by_sample(side: Side, seed: int) -> tuple[Side, Side]:
    """Each half as many samples as the recording has, drawn with replacement."""
    rng = np.random.default_rng(seed)
    profile = focused(side)
    draws = [np.sort(rng.integers(0, len(profile), len(profile) // 2)) for _ in range(2)]
    return tuple(replace(side, focused=with_rows(profile, rows)) for rows in draws)  # type: ignore[return-value]


def halves_by_block(side: Side, seed: int) -> tuple[Side, Side]:
    """Each of half as many 20 ms blocks as the recording has, drawn with replacement and played one after another."""
    rng = np.random.default_rng(seed)
    return tuple(replace(side, focused=_drawn_blocks(focused(side), rng)) for _ in range(2))  # type: ignore[return-value]


def lengthened(side: Side, times: int = 8, seed: int = 0) -> Side:
    """A recording so many times as long, of its 20 ms blocks drawn with replacement."""
    rng = np.random.default_rng(seed)
    return replace(side, focused=_drawn_blocks(focused(side), rng, times))


def halves_by_prediction(side: Side, seed: int) -> tuple[Side, Side]:
    """Each of half as many steady predictions as the recording has, drawn with replacement and played one after
    another, with what follows each.
    """
    rng = np.random.default_rng(seed)
    return _drawn_predictions(side, rng), _drawn_predictions(side, rng)


def shifted(side: Side, *, part: float, seed: int = 0) -> tuple[Side, set[str]]:
    """The recording with a part of all samples moved from the ANE to one CPU stack; and the functions on that stack."""
    rng = np.random.default_rng(seed)
    profile = focused(side)
    samples = profile.samples
    on_ane = np.flatnonzero((samples["engine"] == "ANE").to_numpy())
    computing = np.flatnonzero(((samples["engine"] == "CPU") & (samples["phase"] == "execute")).to_numpy())
    rows = np.arange(len(samples))
    target = rng.choice(computing)
    rows[rng.choice(on_ane, round(part * len(samples)), replace=False)] = target
    moved = with_rows(profile, rows, samples["time_ns"].to_numpy())
    frames, _ = paths_of(forest_of(profile.stacks), samples["stack_id"].to_numpy()[[target]])
    return replace(side, focused=moved), set(profile.frames["name"].to_numpy()[frames])


def focused(side: Side) -> Profile:
    assert side.focused is not None
    return side.focused


def _drawn_predictions(side: Side, rng: np.random.Generator) -> Side:
    assert side.iterations is not None
    profile = focused(side)
    time = profile.samples["time_ns"].to_numpy()
    steady = side.iterations[~side.iterations["warmup"].to_numpy()].reset_index(drop=True)
    start, end = steady["start_ns"].to_numpy(), steady["end_ns"].to_numpy()
    until = np.append(start[1:], end[-1])
    drawn = rng.integers(0, len(steady), len(steady) // 2)
    begin = np.cumsum((until - start)[drawn]) - (until - start)[drawn]
    rows = [np.flatnonzero((time >= start[each]) & (time < until[each])) for each in drawn]
    moved = [time[mine] - start[each] + at for mine, each, at in zip(rows, drawn, begin, strict=True)]
    iterations = steady.iloc[drawn].reset_index(drop=True).assign(start_ns=begin, end_ns=begin + (end - start)[drawn])
    profile = with_rows(profile, np.concatenate(rows), np.concatenate(moved))
    return replace(side, focused=profile, iterations=iterations)


def _drawn_blocks(profile: Profile, rng: np.random.Generator, times: float = 0.5) -> Profile:
    time = profile.samples["time_ns"].to_numpy()
    block = time // BLOCK_NS
    known = np.unique(block)
    drawn = rng.choice(known, int(len(known) * times))
    rows = [np.flatnonzero(block == each) for each in drawn]
    moved = [time[mine] + (place - each) * BLOCK_NS for place, (each, mine) in enumerate(zip(drawn, rows, strict=True))]
    return with_rows(profile, np.concatenate(rows), np.concatenate(moved))
