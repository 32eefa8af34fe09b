"""The whole call tree of a report with its samples, packed for the page's scripts.

Nothing of the tree that follows from something else is stored: totals, positions and colours are sums over the cells,
so that the page can filter, invert and merge by itself.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.compare.merge import Merged
from tracekit.analysis.predictions.sampling import sampling_interval
from tracekit.analysis.running import is_running
from tracekit.model.forest import forest_of
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE, PHASES
from tracekit.report.html.packing import Numbers, packed
from tracekit.report.layout import drawing_order
from tracekit.report.numbers import DRIVING, NO_SYMBOL, NO_THREAD, readable_symbol, thread_label, visible
from tracekit.report.palette import PHASE_KINDS

MOST_TIMED: Final = 150_000
"""With more samples, cells are summed over time, and the page has no time order: 150,000 take about a megabyte."""

RUNTIME_IMAGES: Final = re.compile(
    r"^(libsystem_\w+\.dylib|lib(System|dispatch|objc|c\+\+|c\+\+abi|swiftCore|xpc)\..*|dyld|dyld_sim|CoreFoundation"
    r"|Foundation|kernel(\.\w+)*|mach_kernel)$"
)
"""What every program runs on. The page can charge it to its callers."""

_MICRO: Final = 1000
_KINDS: Final = len(ENGINES) * len(PHASE_KINDS)
_KIND_OF_PHASE: Final = {phase: code for code, kind in enumerate(PHASE_KINDS) for phase in kind.phases}

Show = Callable[[str], str]
"""How a string of the trace is written."""


def pack(profile: Profile, show: Show = visible) -> str:
    """The call tree and samples of an attributed profile as text.

    Columns: for every call in drawing order (``drawing_order``) its ``depth`` and ``frame``; for every frame its
    ``image``, 0 where none is known, and where the source is known its ``file`` and ``line``, else 0. A cell is what
    was sampled of one call on one thread, by engine, kind of phase and the rule that decided them (one of the header's
    ``tags``; rule 0 is none): ``cell_call``, ``cell_tag``, ``cell_thread``, ``cell_weight`` (times ``scale`` of the
    header), ``cell_count`` (samples). Up to ``MOST_TIMED`` samples every sample is a cell of its own, in order of
    time, with ``cell_step``: microseconds since the one before, the first since the recording began. Where some are of
    running and some of blocked threads, ``cell_waits`` tells which are the latter.
    """
    order = drawing_order(profile)
    rows = _rows(profile, order)
    waits = ["waits"] if rows["waits"].nunique() > 1 else []
    if len(rows) > MOST_TIMED or not has_times(profile):
        cells = _summed(rows, ["call", "tag", "thread_id", *waits])
    else:
        cells = rows.assign(count=1).sort_values("time", kind="stable", ignore_index=True)
    parts = _parts(profile, order, cells, show)
    if waits:
        parts.columns["cell_waits"] = cells["waits"].to_numpy(np.int64)
    if "time" in cells:
        parts.columns["cell_step"] = np.diff(cells["time"].to_numpy(), prepend=0)
    parts.header["threads"] = [thread_label(profile, row, show) for row in parts.threads]
    return packed(parts.header, parts.columns)


def pack_merged(merged: Merged, told: Mapping[str, Numbers], show: Show = visible) -> str:
    """The call trees of two recordings as one.

    As ``pack``, but cells are summed over time, a cell is of one recording, ``cell_side`` (0: A, 1: B), and threads
    are told by their name. ``told`` has numbers for every row of ``merged.functions``; its columns become columns of
    the frames.
    """
    profile = merged.profile
    order = drawing_order(profile)
    rows = _rows(profile, order).assign(side=merged.is_b[(profile.samples["stack_id"] != NONE).to_numpy()].astype(int))
    cells = _summed(rows, ["call", "tag", "thread_id", "side"])
    parts = _parts(profile, order, cells, show)
    parts.columns["cell_side"] = cells["side"].to_numpy()
    parts.columns.update({name: values[parts.frames] for name, values in told.items()})
    parts.header["symbols"] = [name or NO_SYMBOL for name in parts.header["symbols"]]
    names = profile.threads["name"].to_numpy()
    parts.header["threads"] = [NO_THREAD if row == NONE else show(names[row]) or "unnamed" for row in parts.threads]
    return packed(parts.header, parts.columns)


class _Parts(NamedTuple):
    """A packed tree before it is packed."""

    header: dict[str, Any]
    columns: dict[str, Numbers]
    frames: Numbers
    """The rows of ``frames`` that occur."""
    threads: list[int]
    """The rows of ``threads`` that occur."""


def _parts(profile: Profile, order: NDArray[np.int32], cells: pd.DataFrame, show: Show) -> _Parts:
    forest = forest_of(profile.stacks)
    used = np.flatnonzero(np.bincount(forest.frame_id[order], minlength=len(profile.frames)))
    code = np.zeros(len(profile.frames), np.int32)
    code[used] = np.arange(len(used))
    frames = profile.frames.take(used)
    files, file = np.unique(np.append("", frames["file"].to_numpy(object)), return_inverse=True)
    tags, tag = np.unique(cells["tag"].to_numpy(), return_inverse=True)
    rules, tag_rule = np.unique(np.append(NONE, tags // _KINDS), return_inverse=True)
    threads, thread = np.unique(cells["thread_id"].to_numpy(), return_inverse=True)
    weight = cells["weight"].to_numpy()
    scale = max(int(np.gcd.reduce(weight)), 1) if len(weight) else 1
    columns: dict[str, Numbers] = {
        "depth": forest.depth[order],
        "frame": code[forest.frame_id[order]],
        "image": frames["binary_id"].to_numpy() + 1,
        "file": file[1:],
        "line": np.maximum(frames["line"].to_numpy(), 0),
        "cell_call": cells["call"].to_numpy(),
        "cell_tag": tag,
        "cell_thread": thread,
        "cell_weight": weight // scale,
        "cell_count": cells["count"].to_numpy(),
    }
    header = {
        "unit": profile.meta.unit,
        "scale": scale,
        "interval": sampling_interval(profile) // _MICRO,
        "engines": [{"name": engine, "label": DRIVING[engine]} for engine in ENGINES],
        "phases": [kind.label for kind in PHASE_KINDS],
        "tags": np.stack([tags % _KINDS // len(PHASE_KINDS), tags % len(PHASE_KINDS), tag_rule[1:]], axis=1).tolist(),
        "rules": ["", *profile.samples["rule"].cat.categories[rules[1:]]],
        "files": [show(name) for name in files],
        "symbols": [show(readable_symbol(name)) for name in frames["name"]],
        "images": ["", *(show(name) for name in profile.binaries["name"])],
        "runtime": [0, *(int(bool(RUNTIME_IMAGES.match(name))) for name in profile.binaries["name"])],
    }
    return _Parts(header, columns, used, threads.tolist())


def has_times(profile: Profile) -> bool:
    """Whether samples can be told apart by time: text formats give none."""
    return bool(profile.samples["time_ns"].nunique() > 1)


def _rows(profile: Profile, order: NDArray[np.int32]) -> pd.DataFrame:
    """A row a sample with a stack: ``call`` (in the order), ``tag``, ``thread_id``, ``weight``, ``time`` in µs, and
    ``waits``: whether its thread was blocked.
    """
    has_stack = (profile.samples["stack_id"] != NONE).to_numpy()
    samples = profile.samples[has_stack]
    call = np.full(len(profile.stacks), NONE, np.int32)
    call[order] = np.arange(len(order), dtype=np.int32)
    return pd.DataFrame(
        {
            "call": call[samples["stack_id"].to_numpy()],
            "tag": _tags(samples),
            "thread_id": samples["thread_id"].to_numpy(),
            "weight": samples["weight"].to_numpy(),
            "time": np.maximum(samples["time_ns"].to_numpy() // _MICRO, 0),
            "waits": ~is_running(profile)[has_stack],
        }
    )


def _summed(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The rows summed over time: ``keys``, ``weight``, ``count``."""
    return rows.groupby(keys, sort=True)["weight"].agg(weight="sum", count="size").reset_index()


def _tags(samples: pd.DataFrame) -> NDArray[np.int64]:
    """Rule, engine and kind of phase of every sample as one number; below zero without a rule."""
    kinds = np.array([_KIND_OF_PHASE[phase] for phase in PHASES], np.int64)
    rule, engine, phase = (samples[name].cat.codes.to_numpy().astype(np.int64) for name in ("rule", "engine", "phase"))
    return rule * _KINDS + engine * len(PHASE_KINDS) + kinds[phase]
