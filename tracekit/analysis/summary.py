"""Sums over an attributed profile: by engine, phase, rule, thread, binary; and the accounting of every row.

Every share is of CPU time: samples of threads that ran. What blocked threads waited for is summed apart (``by_wait``).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.running import blocked, is_running, running
from tracekit.model.profile import Profile, threads_of
from tracekit.model.schema import NONE, Unit
from tracekit.model.sums import added, summed

Mask = NDArray[np.bool_]

SHARE_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of each kind. ``total = attributed + outside_focus + no_stack + filtered + skipped``, always."""

    total: int
    attributed: int
    outside_focus: int
    no_stack: int
    filtered: int
    skipped: int = 0
    """Rows that could not be read. What they weigh is not known, so in weight it is 0."""


@dataclass(frozen=True, slots=True)
class Accounting:
    """Where every row went, in rows and in weight."""

    samples: Tally
    weight: Tally
    unit: Unit


def account(profile: Profile, taking_part: Mask, in_focus: Mask) -> Accounting:
    """Count every sample once: filtered, else without a stack, else outside the focus, else attributed; and the rows
    of which no sample could be made.

    Both masks have one entry a sample of ``profile``, which is the profile as it was read.
    """
    has_stack = profile.samples["stack_id"].to_numpy() != NONE
    kinds = np.select([~taking_part, ~has_stack, ~in_focus], [3, 2, 1], default=0)
    weight = profile.samples["weight"].to_numpy()

    def tally(amount: NDArray[np.int64], skipped: int = 0) -> Tally:
        attributed, outside, no_stack, filtered = (int(amount[kinds == kind].sum()) for kind in range(4))
        return Tally(int(amount.sum()) + skipped, attributed, outside, no_stack, filtered, skipped)

    rows = tally(np.ones(len(weight), np.int64), profile.meta.skipped)
    return Accounting(rows, tally(weight), profile.meta.unit)


def by_engine(profile: Profile) -> pd.DataFrame:
    """Samples, weight and share of each engine that occurs.

    Columns: ``engine`` str, ``samples``, ``weight`` int64, ``share`` float64 of the profile's CPU time; in the order
    of ``ENGINES``. The weight of ANE and GPU is CPU time spent driving them, not their busy time.
    """
    return _with_share(_sums_by(running(profile), ["engine"]))


def by_phase(profile: Profile) -> pd.DataFrame:
    """As ``by_engine``, by engine and phase (columns ``engine``, ``phase``), heaviest first."""
    return _heaviest_first(_with_share(_sums_by(running(profile), ["engine", "phase"])))


def by_wait(profile: Profile) -> pd.DataFrame:
    """What blocked threads waited for: ``engine``, ``phase`` str, ``samples``, ``weight`` int64, heaviest first.

    Time, not CPU time, and no share of it. Nothing where only running threads were recorded.
    """
    return _heaviest_first(_sums_by(blocked(profile), ["engine", "phase"]))


def by_rule(profile: Profile) -> pd.DataFrame:
    """What each rule decided: ``rule``, ``engine``, ``phase``, ``samples``, ``weight``, ``share``, ``example``.

    ``example`` is the leaf symbol of its heaviest stack. Samples that no rule decided are left out.
    """
    ran = running(profile)
    sums = matched(ran)
    example = sums.pop("example")
    return sums.assign(share=_share_of(sums["weight"], ran.weight), example=example)


def matched(profile: Profile) -> pd.DataFrame:
    """As ``by_rule``, of running and of blocked threads, and so without a share."""
    sums = _heaviest_first(_sums_by(profile, ["rule", "engine", "phase"]))
    sums["example"] = pd.Series([_example(profile, row) for row in sums["rule"]], dtype="str")
    return sums


def by_thread(profile: Profile) -> pd.DataFrame:
    """``tid`` int64, ``name``, ``process`` str, ``samples``, ``weight`` int64 and ``share``, heaviest first.

    A thread that never ran has 0 of each. Samples whose thread is not known are a row of their own: ``tid`` -1, no
    names.
    """
    samples, runs = profile.samples, is_running(profile)
    place, count = samples["thread_id"].to_numpy() + 1, len(profile.threads) + 1  # 0: not known
    met = np.flatnonzero(np.bincount(place, minlength=count))
    ran = added(place, runs.astype(np.int64), count)[met]
    weight = added(place[runs], samples["weight"].to_numpy()[runs], count)[met]
    table = threads_of(profile, met - 1)[["tid", "name", "process"]].assign(samples=ran, weight=weight)
    return _heaviest_first(_with_share(table))


def by_binary(profile: Profile) -> pd.DataFrame:
    """Self weight by image: ``binary`` str, ``samples``, ``weight`` int64 and ``share``, heaviest first."""
    samples = running(profile).samples
    with_stack = samples[samples["stack_id"] != NONE]
    frame = profile.stacks["frame_id"].to_numpy()[with_stack["stack_id"].to_numpy()]
    names = pd.Categorical([*profile.binaries["name"], ""])
    binary = pd.Series(names[profile.frames["binary_id"].to_numpy()[frame]])
    sums = summed(with_stack["weight"].to_numpy(), binary=binary)
    sums["share"] = _share_of(sums["weight"], int(samples["weight"].sum()))
    return _heaviest_first(sums)


def _sums_by(profile: Profile, keys: list[str]) -> pd.DataFrame:
    """Samples and weight of each combination of some categories that occurs, in their order; of samples with all."""
    samples = profile.samples
    sums = summed(samples["weight"].to_numpy(), **{key: samples[key] for key in keys})
    told = sums[(sums[keys] != "").all(axis=1)].reset_index(drop=True)
    # a line of folded text stands for as many samples as it weighs
    return told.assign(samples=told["weight"]) if profile.meta.unit == "samples" else told


def _with_share(sums: pd.DataFrame) -> pd.DataFrame:
    return sums.assign(share=_share_of(sums["weight"], int(sums["weight"].sum())))


def _share_of(weight: "pd.Series[int]", whole: int) -> "pd.Series[float]":
    """Weight as a part of the whole, 0 to 1; 0 where there is nothing."""
    return (weight / (whole or 1)).round(SHARE_DIGITS)


def _heaviest_first(sums: pd.DataFrame) -> pd.DataFrame:
    ties = [column for column in sums.columns if sums[column].dtype == "str"]
    return sums.sort_values(["weight", *ties], ascending=[False] + [True] * len(ties), ignore_index=True)


def _example(profile: Profile, rule: str) -> str:
    mine = profile.samples[profile.samples["rule"] == rule]
    stacks, position = np.unique(mine["stack_id"].to_numpy(), return_inverse=True)
    weight = np.bincount(position, mine["weight"].to_numpy(), minlength=len(stacks))
    leaf = stacks[weight.argmax()]
    frame = profile.stacks["frame_id"].to_numpy()[leaf]
    return str(profile.frames["name"].to_numpy()[frame]) if leaf != NONE else ""
