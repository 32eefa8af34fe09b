"""What the GPU's own table says of one process's work: encoders, command buffers, and how long they waited to start.

    commit          ├── start latency ──┤ encoder 1 │ encoder 2 │
    command buffer                      └───────────────────────┘

``start-latency`` is the GPU's row's own word for the time from the CPU to the GPU. A command buffer's is that of its
first row: the rows after it wait for the ones before them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from tracekit.analysis.predictions.intervals import is_active
from tracekit.model.instruments import GPU_TABLE, MPS_TABLE

_BUFFER: Final = "cmdbuffer-id"
_ENCODER: Final = "encoder-id"
_LATENCY: Final = "start-latency"
_CHANNEL: Final = "channel-name"
_PID: Final = "process.pid"


@dataclass(frozen=True, slots=True)
class GpuWork:
    """Rows of ``metal-gpu-intervals`` of one process, counted. What the table has no column for is None."""

    rows: int
    others_rows: int
    """Rows of other processes."""
    channels: Mapping[str, int]
    """Rows by channel (Compute, Vertex …), most first."""
    encoders: int | None
    command_buffers: int | None
    latency_p50_ns: int | None
    latency_p95_ns: int | None
    mps_rows: int | None
    """Runs of MPSGraph in its own table, which names no process; None where it was not recorded."""


def gpu_work(tables: Mapping[str, pd.DataFrame], pid: int | None) -> GpuWork | None:
    """The work of a process; None where the GPU's table was not recorded. Without a ``pid``, of all processes."""
    table = tables.get(GPU_TABLE)
    if table is None:
        return None
    rows = table[is_active(table)]
    own = rows if pid is None or _PID not in rows else rows[(rows[_PID] == pid).fillna(False).to_numpy(bool)]
    latency = _latencies(own)
    channels = own[_CHANNEL].astype("str").value_counts() if _CHANNEL in own else pd.Series([], dtype="int64")
    mps = tables.get(MPS_TABLE)
    return GpuWork(
        rows=len(own),
        others_rows=len(rows) - len(own),
        channels={str(name): int(count) for name, count in channels.items()},
        encoders=_how_many(own, _ENCODER),
        command_buffers=_how_many(own, _BUFFER),
        latency_p50_ns=None if latency.empty else round(latency.quantile(0.5)),
        latency_p95_ns=None if latency.empty else round(latency.quantile(0.95)),
        mps_rows=None if mps is None else int(is_active(mps).sum()),
    )


def _how_many(rows: pd.DataFrame, name: str) -> int | None:
    return int(rows[name].nunique()) if name in rows else None


def _latencies(rows: pd.DataFrame) -> pd.Series:
    """Of each command buffer, its first row's start latency; of every row, where they name no buffer."""
    if _LATENCY not in rows or "start" not in rows:
        return pd.Series([], dtype="int64")
    known = rows[rows[_LATENCY].notna()].sort_values("start", kind="stable")
    first = known.drop_duplicates(_BUFFER) if _BUFFER in known else known
    return first[_LATENCY].astype("int64")
