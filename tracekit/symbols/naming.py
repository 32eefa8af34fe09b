"""A profile with addresses → the same with functions.

main               main
  0x100004020        draw           the function at the address
    conv               blend        inlined into it
                         conv
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tracekit.model.builder import assemble
from tracekit.model.facts import Notices
from tracekit.model.forest import forest_of, paths_of
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE
from tracekit.model.trace import RunAround, Trace
from tracekit.symbols.objects import Objects, Place

Row = tuple[str, int, bool, str, int]


def with_symbols(trace: Trace, objects: Objects) -> Trace:
    """A trace whose profiles have the names that ``objects`` know and the recording does not."""
    return replace(trace, runs=tuple(_Named(run, objects) for run in trace.runs))


def name_frames(profile: Profile, objects: Objects) -> Profile:
    """The profile with functions in place of addresses, inlined ones and lines included.

    Only frames without a symbol, in images with a UUID, are asked for. Images of the same name but another UUID than
    the symbols have are said: they are of another build.
    """
    notices = Notices()
    names = _places(profile, objects)
    _note(profile, objects, names, notices)
    frames, chosen, counts = _expanded(profile, names)
    used = np.unique(profile.samples["stack_id"].to_numpy()[profile.samples["stack_id"].to_numpy() != NONE])
    old, lengths = paths_of(forest_of(profile.stacks), used.astype(np.int64))
    many = counts[old]
    starts = (np.cumsum(counts) - counts)[old]
    before = np.cumsum(many) - many
    new = chosen[np.repeat(starts - before, many) + np.arange(int(many.sum()))]
    ends = np.append(0, np.cumsum(many))[np.append(0, np.cumsum(lengths))]
    path_id = np.full(len(profile.samples), NONE, np.int32)
    stack_id = profile.samples["stack_id"].to_numpy()
    path_id[stack_id != NONE] = np.searchsorted(used, stack_id[stack_id != NONE])
    samples = profile.samples
    columns = {name: samples[name].to_numpy() for name in ("time_ns", "thread_id", "weight", "core")}
    states = samples["state"].cat
    return assemble(
        {**columns, "path_id": path_id, "state": states.codes.to_numpy().astype(np.int32)},
        states=[str(state) for state in states.categories],
        paths=(new.astype(np.int32), np.diff(ends).astype(np.int32)),
        frames=frames,
        binaries=[tuple(row) for row in profile.binaries.itertuples(index=False)],
        threads=[tuple(row) for row in profile.threads.itertuples(index=False)],
        meta=profile.meta,
        notices=notices,
    )


def _places(profile: Profile, objects: Objects) -> dict[int, tuple[Place, ...]]:
    """What is known of each frame without a symbol, innermost function first."""
    found: dict[int, tuple[Place, ...]] = {}
    binaries = profile.binaries
    uuids, bases = binaries["uuid"].tolist(), binaries["load_addr"].tolist()
    nameless = np.flatnonzero(~profile.frames["is_symbolicated"].to_numpy())
    owners = profile.frames["binary_id"].to_numpy()[nameless].tolist()
    names = profile.frames["name"].to_numpy()[nameless].tolist()
    for frame, owner, name in zip(nameless.tolist(), owners, names, strict=True):
        if owner != NONE and uuids[owner]:
            places = objects.find(uuids[owner], int(name, 16) - bases[owner])
            if places:
                found[frame] = places
    return found


def _note(profile: Profile, objects: Objects, names: dict[int, tuple[Place, ...]], notices: Notices) -> None:
    uuids = {uuid.upper() for uuid in profile.binaries["uuid"].tolist()}
    for uuid in sorted(set(objects.caches) - uuids):
        notices.add("symbols-of-no-image", f"no image of the recording has the UUID {uuid} of the symbols given")
    if names:
        notices.add("named-by-symbols", f"{len(names)} functions were named by the symbols given")


def _expanded(profile: Profile, names: dict[int, tuple[Place, ...]]) -> tuple[list[Row], Any, Any]:
    """All frames, with those found behind the old ones; which of them stand for each old one, outermost first."""
    table = profile.frames
    rows: list[Row] = [tuple(row) for row in table.itertuples(index=False)]
    ids = {(row[0], row[1]): at for at, row in enumerate(rows)}
    chosen: list[int] = []
    counts = np.ones(len(rows), np.int64)
    for frame in range(len(table)):
        places: Sequence[Place] = names.get(frame, ())
        counts[frame] = max(1, len(places))
        for place in reversed(places):
            key = (place.name, rows[frame][1])
            if key not in ids:
                ids[key] = len(rows)
                rows.append((place.name, rows[frame][1], True, place.file, place.line))
            chosen.append(ids[key])
        if not places:
            chosen.append(frame)
    return rows, np.array(chosen, np.int64), counts


@dataclass
class _Named(RunAround):
    objects: Objects

    def profile(self) -> Profile:
        return name_frames(self.run.profile(), self.objects)
