"""Profile: the samples of one run with the tables they point into."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.errors import InvariantError
from tracekit.model import schema
from tracekit.model.facts import SKIPPED, Facts, Notice
from tracekit.model.schema import NONE, Unit, level_slices
from tracekit.model.shown import html_of
from tracekit.model.sums import added

P = ParamSpec("P")
R = TypeVar("R")


SNAPSHOT: Final = "snapshot"
"""The format of stacks of one moment, such as a crash report's: their weights are no shares of time."""


@dataclass(frozen=True, slots=True)
class Meta:
    """Where a profile comes from and what its weights count."""

    unit: Unit
    source: str = ""
    format: str = ""
    """Kind of the input: ``export``, ``bundle``, ``deepcopy``, ``sample``, ``folded`` or ``snapshot``."""
    table: str = ""
    """The Instruments schema the samples were read from, such as ``time-profile``; empty for text formats."""
    run: int = 1
    attributes: tuple[tuple[str, str], ...] = ()
    """What the TOC says of the table, such as ``record-waiting-threads``."""
    facts: Facts = field(default_factory=Facts)
    notices: tuple[Notice, ...] = ()

    @property
    def skipped(self) -> int:
        """Rows that were there and could not be read, so that no sample stands for them."""
        return sum(notice.count for notice in self.notices if notice.code.startswith(SKIPPED))


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Tables as ``schema.py`` describes them. Never changed in place: every transform returns a new one."""

    samples: pd.DataFrame
    stacks: pd.DataFrame
    frames: pd.DataFrame
    binaries: pd.DataFrame
    threads: pd.DataFrame
    meta: Meta

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.samples)

    @property
    def weight(self) -> int:
        """Sum of all samples' weights, in ``meta.unit``."""
        return int(self.samples["weight"].sum())

    def pipe(self, function: "Callable[Concatenate[Profile, P], R]", *args: P.args, **kwargs: P.kwargs) -> R:
        """``function(self, *args, **kwargs)``, so that steps read in the order they run."""
        return function(self, *args, **kwargs)

    def with_samples(self, samples: pd.DataFrame) -> "Profile":
        """The same profile with other samples (or other columns of them)."""
        return replace(self, samples=samples)

    def only(self, chosen: NDArray[np.bool_]) -> "Profile":
        """The profile with some of its samples (``chosen``: an entry each); the same one where that is all of them."""
        return self if chosen.all() else self.with_samples(self.samples[chosen].reset_index(drop=True))

    def _repr_html_(self) -> str:
        return html_of("Profile", self)

    def validate(self) -> "Profile":
        """Check every law of the tables; return the profile itself.

        Raises:
            InvariantError: a law is broken, with its name.
        """
        _check_dtypes(self)
        _check_ids(self)
        _check_forest(self.stacks)
        return self

    def __repr__(self) -> str:
        return (
            f"<Profile {len(self.samples)} samples, {self.weight} {self.meta.unit}, "
            f"{len(self.stacks)} stack nodes, {len(self.frames)} frames, {len(self.threads)} threads>"
        )


_UNKNOWN: Final[dict[str, int | str]] = {"int64": NONE, "str": ""}


def threads_of(profile: Profile, rows: NDArray[np.integer[Any]]) -> pd.DataFrame:
    """Some rows of ``threads``, in the order given; -1 is a thread that is not known: ids -1, no names."""
    columns = {
        name: profile.threads[name].array.take(rows, allow_fill=True, fill_value=_UNKNOWN[dtype])
        for name, dtype in schema.THREADS.items()
    }
    return pd.DataFrame(columns, copy=False)


def stack_weights(profile: Profile) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Self and total weight of every row of ``stacks``: total = self + Σ total of children."""
    samples = profile.samples
    return self_and_total(profile.stacks, samples["stack_id"].to_numpy(), samples["weight"].to_numpy())


def self_and_total(
    stacks: pd.DataFrame, stack_id: NDArray[np.int32], weight: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Charge ``weight`` to the rows ``stack_id`` of ``stacks`` (-1: none); return (self, total) per row."""
    own = _self(stacks, stack_id, weight)
    total = own.copy()
    _add_to_parents(stacks, total)
    return own, total


def totals(stacks: pd.DataFrame, stack_id: NDArray[np.int32], weight: NDArray[np.int64]) -> NDArray[np.int64]:
    """The totals of ``self_and_total`` alone, in half the memory."""
    total = _self(stacks, stack_id, weight)
    _add_to_parents(stacks, total)
    return total


def _self(stacks: pd.DataFrame, stack_id: NDArray[np.int32], weight: NDArray[np.int64]) -> NDArray[np.int64]:
    has_stack = stack_id != NONE
    return added(stack_id[has_stack], weight[has_stack], len(stacks))


def _add_to_parents(stacks: pd.DataFrame, total: NDArray[np.int64]) -> None:
    """Turn the self weights in ``total`` into totals."""
    parent = stacks["parent_id"].to_numpy()
    for above, level in reversed([*pairwise(level_slices(stacks["depth"].to_numpy()))]):
        # into the slice of the parents alone: numpy copies an array that is both added to and read
        np.add.at(total[above], parent[level] - above.start, total[level])


def _fail(law: str) -> None:
    raise InvariantError(f"profile invariant broken: {law}")


def _check_dtypes(profile: Profile) -> None:
    expected = {
        "samples": schema.SAMPLES,
        "stacks": schema.STACKS,
        "frames": schema.FRAMES,
        "binaries": schema.BINARIES,
        "threads": schema.THREADS,
    }
    for name, dtypes in expected.items():
        table: pd.DataFrame = getattr(profile, name)
        allowed = {**dtypes, **schema.ATTRIBUTION} if name == "samples" else dtypes
        found = {str(column): str(dtype) for column, dtype in table.dtypes.items()}
        if list(found)[: len(dtypes)] != list(dtypes) or any(allowed.get(k) != v for k, v in found.items()):
            _fail(f"{name} has columns {found}, expected {dict(dtypes)}")


def _check_ids(profile: Profile) -> None:
    references = [
        ("samples.thread_id", profile.samples["thread_id"], profile.threads),
        ("samples.stack_id", profile.samples["stack_id"], profile.stacks),
        ("stacks.parent_id", profile.stacks["parent_id"], profile.stacks),
        ("stacks.frame_id", profile.stacks["frame_id"], profile.frames),
        ("frames.binary_id", profile.frames["binary_id"], profile.binaries),
    ]
    for name, ids, target in references:
        if len(ids) and not (ids.min() >= NONE and ids.max() < len(target)):
            _fail(f"{name} points outside its table")
    if (profile.stacks["frame_id"] < 0).any():
        _fail("a stack without a frame")


def _check_forest(stacks: pd.DataFrame) -> None:
    parent, frame, depth = (stacks[name].to_numpy() for name in schema.STACKS)
    if (np.diff(depth) < 0).any():
        _fail("stacks are sorted by depth")
    outer = slice(NONE, 0)
    for level in level_slices(depth):
        above = parent[level]
        if not len(above) or above.min() < outer.start or above.max() >= outer.stop or depth[0] < 0:
            is_late = above >= np.arange(level.start, level.stop)
            _fail("stacks are stored parents first" if is_late.any() else "depth = depth of the parent + 1")
        outer = level
        keys = (above.astype(np.int64) << 32) | frame[level]
        if not (np.diff(keys) > 0).all() and (np.diff(np.sort(keys)) == 0).any():
            _fail("no two children of a stack have the same frame")
