"""Whether two readings of the same recording agree, row by row: tracekit's reader of bundles against Apple's export."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.model.forest import forest_of, paths_of
from tracekit.model.profile import Profile, threads_of
from tracekit.model.schema import NONE

Texts = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """What was compared, and where it differs."""

    rows: int
    frames: int
    columns: pd.DataFrame
    """One row a property: ``property`` str, ``compared``, ``different`` int64, ``example`` str of the first."""
    named_only_first: int
    """Frames that the first reading names and the second gives as an address only: no difference."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing differs."""
        return not self.columns["different"].any()


def compare(first: Profile, second: Profile) -> Agreement:
    """Compare two readings sample by sample, in order of time and thread.

    Times, threads, processes, cores, states, weights and stack depths are compared of every row; functions and their
    images of every frame of the rows whose stacks are equally deep.
    """
    rows = min(len(first), len(second))
    one, two = _in_order(first).head(rows), _in_order(second).head(rows)
    checks = [_check("rows", np.array([len(first)]), np.array([len(second)]))]
    checks += [_check(name, one[name].to_numpy(), two[name].to_numpy()) for name in one.columns if name != "stack_id"]
    alike = one["depth"].to_numpy() == two["depth"].to_numpy()
    names, images = _frames_read(first, one["stack_id"].to_numpy()[alike])
    other_names, other_images = _frames_read(second, two["stack_id"].to_numpy()[alike])
    named_only_first = _is_address(other_names) & ~_is_address(names)
    both = ~named_only_first
    checks += [_check("function", names[both], other_names[both]), _check("image", images[both], other_images[both])]
    return Agreement(rows, len(names), pd.DataFrame(checks), int(named_only_first.sum()))


def _in_order(profile: Profile) -> pd.DataFrame:
    """The samples with what their ids stand for, by time and thread."""
    samples = profile.samples
    thread = threads_of(profile, samples["thread_id"].to_numpy())
    depth = np.append(profile.stacks["depth"].to_numpy() + 1, 0)[samples["stack_id"].to_numpy()]
    table = pd.DataFrame(
        {
            "time": samples["time_ns"],
            "thread id": thread["tid"],
            "thread": thread["name"],
            "process id": thread["pid"],
            "process": thread["process"],
            "core": samples["core"],
            "state": samples["state"].astype("str").fillna(""),
            "weight": samples["weight"],
            "depth": depth,
            "stack_id": samples["stack_id"],
        }
    )
    return table.sort_values(["time", "thread id"], kind="stable", ignore_index=True)


def _frames_read(profile: Profile, stack_id: NDArray[np.int32]) -> tuple[Texts, Texts]:
    """Functions and images of every frame of some stacks, root first, one stack after the other."""
    frames, _ = paths_of(forest_of(profile.stacks), stack_id[stack_id != NONE].astype(np.int64))
    names = profile.frames["name"].to_numpy().astype(str)
    images = np.append(profile.binaries["name"].to_numpy().astype(str), "")
    return names[frames], images[profile.frames["binary_id"].to_numpy()[frames]]


def _is_address(names: Texts) -> NDArray[np.bool_]:
    return np.char.startswith(names, "0x")


def _check(name: str, one: NDArray[np.generic], two: NDArray[np.generic]) -> dict[str, object]:
    different = np.flatnonzero(one != two)
    example = f"{one[different[0]]} / {two[different[0]]}" if len(different) else ""
    return {"property": name, "compared": len(one), "different": len(different), "example": example}
