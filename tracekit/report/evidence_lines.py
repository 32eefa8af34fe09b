"""What a process's log and the tables of engines say, in lines that a terminal and a page show alike.

Names in them are as they were recorded: whoever shows them escapes them.
"""

from pathlib import PurePath
from typing import Any, Final

import pandas as pd

from tracekit.analysis.predictions.generation import DECODE, PREFILL, rate_of
from tracekit.analysis.predictions.gpu import GpuWork
from tracekit.analysis.predictions.log import Logged
from tracekit.analysis.stats import ENOUGH_FOR_P95
from tracekit.analysis.words import counted, listed
from tracekit.model.schema import NONE
from tracekit.report.numbers import weight_text

_PHASES_OF: Final = {
    "coreai-models": "language model, by the signposts of com.apple.coreai-models.performance",
    "mlx-swift-lm": "language model, by the signposts of ai.mlx.bench",
    "Foundation Models": "language model, by the tables of the Foundation Models instrument",
}


def log_title(log: Logged) -> str:
    """Whose log it is, where it was read, and whether its clock is the recording's."""
    when = "" if log.clock else ", whose clock is not joined to the recording"
    return f"the log of {log.process or 'the process'} ({PurePath(log.path).name}){when}"


def log_lines(log: Logged) -> list[str]:
    """What it says: first the requests to the Neural Engine, then what was refused, then who else asked."""
    times = f" × {log.inferences:,} inferences" if log.inferences is not None else ""
    regions = f": {counted(log.regions, 'region')}{times}" if log.regions else ""
    answered = ", ".join(f"0x{status:x} × {count:,}" for status, count in sorted(log.statuses.items()))
    asked = f"{counted(log.count, 'request')}{regions}"
    said = [f"{asked}; status {answered}" if answered else asked]
    for count, what in (
        (log.compile_failures, "a segment was not compiled for the Neural Engine"),
        (log.background_denials, "work was refused because the app was in the background"),
        (log.cost_lines, "Espresso wrote what operations cost"),
    ):
        said += [f"{what} (lines: {count:,})"] if count else []
    said += [f"not supported: {row.type} ({row.reason})" for row in log.unsupported.itertuples(index=False)]
    others = log.processes[log.processes["pid"] != log.pid]
    return said + [f"{row.process} ({row.pid}): {row.requests:,} requests" for row in others.itertuples(index=False)]


def gpu_line(work: GpuWork) -> str:
    """``340 rows of this process (Compute × 340): 170 command buffers, 238 encoders; from the CPU …``."""
    channels = ", ".join(f"{name} × {count:,}" for name, count in work.channels.items())
    lead = f"{counted(work.rows, 'row')} of this process{f' ({channels})' if channels else ''}"
    known = ((work.command_buffers, "command buffer"), (work.encoders, "encoder"))
    parts = [counted(count, what) for count, what in known if count]
    said = f"{lead}: {', '.join(parts)}" if parts else lead
    if work.latency_p50_ns is not None and work.latency_p95_ns is not None:
        p50, p95 = (weight_text(value, "ns") for value in (work.latency_p50_ns, work.latency_p95_ns))
        said += f"; from the CPU to the start on the GPU p50 {p50}, p95 {p95}"
    return said


def generation_lines(rows: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """What language models did: for each source its title and a line a phase."""
    return [
        (_PHASES_OF[str(source)], [_phase_line(row) for row in mine.itertuples(index=False)])
        for source, mine in rows.groupby("source", sort=False)
    ]


def _phase_line(row: Any) -> str:
    """``decode (Extend): 99 × p50 43.1 ms, p95 45.0 ms, mean …; 99 tokens, 23.2 a second; by its samples …``."""
    times = f"p50 {weight_text(row.p50_ns, 'ns')}"
    if row.count >= ENOUGH_FOR_P95:
        times += f", p95 {weight_text(row.p95_ns, 'ns')}"
    said = [f"{row.phase} ({row.name}): {row.count:,} × {times}, mean {weight_text(row.mean_ns, 'ns')}"]
    if row.tokens != NONE:
        rate = rate_of(row.phase, row.tokens, row.tokens_ns)
        said.append(counted(row.tokens, "token") + (f", {rate:,.1f} a second" if rate is not None else ""))
    if row.phase in (PREFILL, DECODE):
        busy = ((row.ane_busy_ns, "the Neural Engine"), (row.gpu_busy_ns, "the GPU"))
        asked = ((row.cpu_ANE, "the Neural Engine"), (row.cpu_GPU, "the GPU"), (row.cpu_CPU, "the CPU"))
        seen = [engine for weight, engine in asked if weight]
        said += [f"by its samples on {listed(seen)}"] if seen else []
        said += [f"{engine} busy {weight_text(time, 'ns')}" for time, engine in busy if time > 0]
    return "; ".join(said)
