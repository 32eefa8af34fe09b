"""What the files for other viewers share: names, threads in order of time, times, and how JSON and gzip are written.

Everything here gives the same bytes for the same input: no clock, no random id, keys in the order they are written.
"""

import gzip
import io
import json
import math
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracekit._version import __version__
from tracekit.analysis.analyze import Analysis
from tracekit.model.profile import Profile
from tracekit.model.schema import NONE
from tracekit.report.numbers import quantity_of, readable_symbol, thread_label, visible

EXPORTER: Final = f"tracekit {__version__}"
NANOSECONDS_PER_MS: Final = 1_000_000


class ThreadSamples(NamedTuple):
    """The samples of one thread."""

    thread: int
    """Row of ``threads``; -1 where the samples name none."""
    rows: NDArray[np.intp]
    """Rows of ``samples``, in order of time."""


def threads_of(profile: Profile) -> list[ThreadSamples]:
    """The threads that have samples, the heaviest first; every sample is in exactly one of them."""
    thread, time, weight = (profile.samples[name].to_numpy() for name in ("thread_id", "time_ns", "weight"))
    order = np.lexsort((time, thread))
    begins = np.flatnonzero(np.diff(thread[order], prepend=np.int32(NONE - 1)))
    parts = [ThreadSamples(int(thread[rows[0]]), rows) for rows in np.split(order, begins[1:]) if len(rows)]
    return sorted(parts, key=lambda part: (-int(weight[part.rows].sum()), part.thread))


def thread_name(profile: Profile, thread: int) -> str:
    """The name of a row of ``threads``, fit to be shown; empty where it has none."""
    return visible(str(profile.threads["name"].to_numpy()[thread])) if thread != NONE else ""


def process_name(profile: Profile, thread: int) -> str:
    """The name of the process of a row of ``threads``, fit to be shown."""
    return visible(str(profile.threads["process"].to_numpy()[thread])) if thread != NONE else ""


def thread_title(profile: Profile, thread: int) -> str:
    """``Main Thread · 777568``, and before it the process where the profile has several."""
    if thread == NONE:
        return "no thread"
    title = thread_label(profile, thread)
    several = profile.threads["pid"].nunique() > 1
    return f"{process_name(profile, thread) or 'process'} · {title}" if several else title


def symbols_of(profile: Profile) -> list[str]:
    """The name of every frame, fit to be shown; ``?`` where there is none."""
    return [visible(readable_symbol(name)) or "?" for name in profile.frames["name"]]


def images_of(profile: Profile) -> list[str]:
    """The path of every binary, its name where no path is known, and at the end "" for frames of none."""
    pairs = zip(profile.binaries["path"], profile.binaries["name"], strict=True)
    return [*(visible(path or name) for path, name in pairs), ""]


def title_of(analysis: Analysis) -> str:
    """``MobileNet.trace: CPU time``: the input without its folders, and what the weights are."""
    source = Path(analysis.profile.meta.source).name or "profile"
    return visible(f"{source}: {quantity_of(analysis.profile)}")


def about(analysis: Analysis) -> dict[str, str]:
    """What a reader of the file should know of its numbers."""
    return {
        "Written by": EXPORTER,
        "Weights": quantity_of(analysis.profile),
        "Engines": f"{quantity_of(analysis.profile)} of driving them, not the time in which they were busy",
        "Neural Engine": visible(analysis.verdict.sentence),
    }


def weighs_cpu_time(analysis: Analysis) -> bool:
    """Whether weights are nanoseconds of CPU time: not where waiting threads were recorded."""
    return analysis.profile.meta.unit == "ns" and quantity_of(analysis.profile) == "CPU time"


def start_ms(profile: Profile) -> int:
    """When the recording began, in milliseconds since 1970; 0 where it does not say."""
    try:
        began = datetime.fromisoformat(profile.meta.facts.start_date or "")
        return round(began.timestamp() * 1000) if began.tzinfo else 0
    except (ValueError, OverflowError):
        return 0


def duration_ns(profile: Profile) -> int:
    """How long the recording lasted; 0 where it does not say."""
    seconds = profile.meta.facts.duration_s
    return round(seconds * 10**9) if seconds is not None and math.isfinite(seconds) and seconds > 0 else 0


def lacks_times(profile: Profile) -> bool:
    """Whether its samples have no times: those of text formats are all 0."""
    return bool(len(profile)) and not profile.samples["time_ns"].to_numpy().any()


def json_text(value: object) -> str:
    """A value as compact JSON; strings must be ``visible``, or UTF-8 cannot hold them."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def gzipped(data: bytes) -> bytes:
    """Compressed, without a time or a name."""
    stream = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as file:
        file.write(data)
    return stream.getvalue()
