"""What weights are called: blocked threads' time is never called CPU time."""

from pathlib import Path

from tests.support.profiles import profile_from_text
from tracekit.analysis.running import running as ran
from tracekit.readers import open_trace
from tracekit.report.numbers import quantity_of

SAMPLES = Path(__file__).parents[2] / "sample_traces"


def test_running_threads_weigh_cpu_time_and_blocked_ones_do_not() -> None:
    blocked = open_trace(SAMPLES / "ane-with-cpu-fallback.trace.zip").profile()
    running = open_trace(SAMPLES / "gpu.trace.zip").profile()
    assert set(blocked.samples["state"]) == {"Running", "Blocked"}
    assert set(running.samples["state"]) == {"Running"}
    assert quantity_of(ran(blocked)) == "CPU time"
    assert quantity_of(blocked) == "threads' time (running and blocked)"
    assert quantity_of(running) == quantity_of(profile_from_text("main 1")) == "CPU time"
