"""What the harness would have written beside a recording: ``sidecar.json``, schema ``tracekit.sidecar/1``."""

import json
from datetime import UTC, datetime, timedelta

from sample_traces.interval_tables import TICKS_AT_START
from sample_traces.recording import Recording, Run

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sidecar_json(recording: Recording, run: Run) -> str:
    """The sidecar of a run that the harness made."""
    harness = run.harness
    assert harness is not None
    warmup = [one for one in run.iterations if one.is_warmup]
    measured = [one for one in run.iterations if not one.is_warmup]
    document = {
        "schema": "tracekit.sidecar/1",
        "harness": "synthetic",
        "pid": run.process.pid,
        "os": recording.device.os_version,
        "machine": recording.device.model,
        "timebase": {"numer": 125, "denom": 3},
        "compute_units": harness.compute_units,
        "model": {"path": harness.model, "compiled": True},
        "compute_plan": {
            "operations": [each._asdict() for each in harness.plan],
        },
        "phases": [
            {"name": name, **_span(run, part[0].start_ns, part[-1].end_ns)}
            for name, part in (("warmup", warmup), ("measure", measured))
        ],
        "iterations": [
            {"index": index, "warmup": one.is_warmup, **_span(run, one.start_ns, one.end_ns)}
            for part in (warmup, measured)
            for index, one in enumerate(part)
        ],
        "error": None,
    }
    return json.dumps(document, indent=1) + "\n"


def _span(run: Run, start_ns: int, end_ns: int) -> dict[str, int]:
    began = _wall_ns(run.start_date)
    return {
        "start_mach": _ticks(start_ns),
        "end_mach": _ticks(end_ns),
        "start_wall_ns": began + start_ns,
        "end_wall_ns": began + end_ns,
    }


def _ticks(time_ns: int) -> int:
    """The tick whose time, cut to nanoseconds, this is."""
    return TICKS_AT_START - (-time_ns * 3 // 125)


def _wall_ns(date: str) -> int:
    return (datetime.fromisoformat(date) - _EPOCH) // timedelta(microseconds=1) * 1_000
