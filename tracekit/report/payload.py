"""The whole call tree of a report with its samples, packed for the page's scripts.

Nothing of the tree that follows from something else is stored: totals, positions and colours are sums over the cells,
so that the page can filter, invert and merge by itself.
"""

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tracekit.analysis.iterations import sampling_interval
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES, NONE, PHASES
from tracekit.report.layout import flame_layout
from tracekit.report.numbers import DRIVING, readable_symbol, visible
from tracekit.report.packing import Numbers, packed
from tracekit.report.palette import PHASE_KINDS

MOST_TIMED: Final = 150_000
"""With more samples, cells are summed over time, and the page has no time order: 150,000 take about a megabyte."""

RUNTIME_IMAGES: Final = re.compile(
    r"^(libsystem_\w+\.dylib|lib(System|dispatch|objc|c\+\+|c\+\+abi|swiftCore|xpc)\..*|dyld|dyld_sim|CoreFoundation"
    r"|Foundation|kernel(\.\w+)*|mach_kernel)$"
)
"""What every program runs on. The page can charge it to its callers."""

_MICRO: Final = 1000
_KIND_OF_PHASE: Final = {phase: code for code, kind in enumerate(PHASE_KINDS) for phase in kind.phases}

Show = Callable[[str], str]
"""How a string of the trace is written."""


def pack(profile: Profile, show: Show = visible) -> str:
    """The call tree and samples of an attributed profile as text.

    Columns: for every call in drawing order (``flame_layout``) its ``depth`` and ``frame``; for every frame its
    ``image``, 0 where none is known. A cell is what was sampled of one call on one thread, by engine and kind of phase
    (one of the header's ``tags``): ``cell_call``, ``cell_tag``, ``cell_thread``, ``cell_weight`` (times ``scale`` of
    the header), ``cell_count`` (samples). Up to ``MOST_TIMED`` samples every sample is a cell of its own, in order of
    time, with ``cell_step``: microseconds since the one before, the first since the recording began.
    """
    layout = flame_layout(profile)
    used, frame = np.unique(layout["frame_id"].to_numpy(), return_inverse=True)
    frames = profile.frames.take(used)
    cells = _cells(profile, layout)
    tags, tag = np.unique(cells["tag"].to_numpy(), return_inverse=True)
    threads, thread = np.unique(cells["thread_id"].to_numpy(), return_inverse=True)
    weight = cells["weight"].to_numpy()
    scale = max(int(np.gcd.reduce(weight)), 1) if len(weight) else 1
    columns: dict[str, Numbers] = {
        "depth": layout["depth"].to_numpy(),
        "frame": frame,
        "image": frames["binary_id"].to_numpy() + 1,
        "cell_call": cells["call"].to_numpy(),
        "cell_tag": tag,
        "cell_thread": thread,
        "cell_weight": weight // scale,
        "cell_count": cells["count"].to_numpy(),
    }
    if "time" in cells:
        columns["cell_step"] = np.diff(cells["time"].to_numpy(), prepend=0)
    header = {
        "unit": profile.meta.unit,
        "scale": scale,
        "interval": sampling_interval(profile) // _MICRO,
        "engines": [{"name": engine, "label": DRIVING[engine]} for engine in ENGINES],
        "phases": [kind.label for kind in PHASE_KINDS],
        "tags": [[int(code) // len(PHASE_KINDS), int(code) % len(PHASE_KINDS)] for code in tags],
        "symbols": [show(readable_symbol(name)) for name in frames["name"]],
        "images": ["", *(show(name) for name in profile.binaries["name"])],
        "runtime": [0, *(int(bool(RUNTIME_IMAGES.match(name))) for name in profile.binaries["name"])],
        "threads": [thread_label(profile, row, show) for row in threads.tolist()],
    }
    return packed(header, columns)


def thread_label(profile: Profile, row: int, show: Show = visible) -> str:
    """``Main Thread · 777568``."""
    name, tid = profile.threads["name"].to_numpy()[row], profile.threads["tid"].to_numpy()[row]
    return f"{show(name) or 'unnamed'} · {tid}"


def has_times(profile: Profile) -> bool:
    """Whether samples can be told apart by time: text formats give none."""
    return bool(profile.samples["time_ns"].nunique() > 1)


def _cells(profile: Profile, layout: pd.DataFrame) -> pd.DataFrame:
    """``call`` (row of the layout), ``tag``, ``thread_id``, ``weight``, ``count``; ``time`` in µs where it is kept."""
    samples = profile.samples[profile.samples["stack_id"] != NONE]
    call = np.full(len(profile.stacks), NONE, np.int64)
    call[layout["stack_id"].to_numpy()] = np.arange(len(layout))
    rows = pd.DataFrame(
        {
            "call": call[samples["stack_id"].to_numpy()],
            "tag": _tags(samples),
            "thread_id": samples["thread_id"].to_numpy(),
            "weight": samples["weight"].to_numpy(),
        }
    )
    if len(rows) > MOST_TIMED or not has_times(profile):
        keys = ["call", "tag", "thread_id"]
        return rows.groupby(keys, sort=True)["weight"].agg(weight="sum", count="size").reset_index()
    rows["count"] = 1
    rows["time"] = np.maximum(samples["time_ns"].to_numpy() // _MICRO, 0)
    return rows.sort_values("time", kind="stable", ignore_index=True)


def _tags(samples: pd.DataFrame) -> NDArray[np.int64]:
    """Engine and kind of phase of every sample as one number."""
    kinds = np.array([_KIND_OF_PHASE[phase] for phase in PHASES], np.int64)
    engine = samples["engine"].cat.codes.to_numpy().astype(np.int64)
    return engine * len(PHASE_KINDS) + kinds[samples["phase"].cat.codes.to_numpy()]
