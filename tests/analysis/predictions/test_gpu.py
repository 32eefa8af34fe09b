"""The GPU's own rows of one process, counted."""

import pandas as pd

from tests.support.timelines import PID
from tracekit.analysis.predictions.gpu import GpuWork, gpu_work

ROWS = [
    # start, state, channel, start latency, process, command buffer, encoder
    (300, "Active", "Compute", 90, PID, 2, 21),
    (100, "Active", "Compute", 50, PID, 1, 11),
    (200, "Active", "Compute", 150, PID, 1, 12),
    (250, "Active", "Vertex", 160, PID, 1, 12),
    (500, "Idle", "Compute", 7, PID, 3, 31),
    (150, "Active", "Compute", 1, PID + 1, 9, 91),
    (600, "Active", "Compute", None, PID, 4, 41),
]
COLUMNS = ["start", "state", "channel-name", "start-latency", "process.pid", "cmdbuffer-id", "encoder-id"]
TABLE = pd.DataFrame(ROWS, columns=COLUMNS).astype({"start-latency": "Int64"})


def test_a_command_buffers_latency_is_that_of_its_first_row() -> None:
    found = gpu_work({"metal-gpu-intervals": TABLE}, PID)
    assert found == GpuWork(
        rows=5,
        others_rows=1,
        channels={"Compute": 4, "Vertex": 1},
        encoders=4,
        command_buffers=3,
        latency_p50_ns=70,
        latency_p95_ns=88,
        mps_rows=None,
    )


def test_what_was_not_recorded_is_not_zero() -> None:
    assert gpu_work({}, PID) is None
    bare = gpu_work({"metal-gpu-intervals": TABLE[["start", "state"]], "mps-hw-intervals": TABLE.head(2)}, PID)
    assert bare == GpuWork(6, 0, {}, None, None, None, None, mps_rows=2)
    empty = gpu_work({"metal-gpu-intervals": TABLE.head(0)}, PID)
    assert empty == GpuWork(0, 0, {}, 0, 0, None, None, None)


def test_without_a_process_all_rows_count() -> None:
    found = gpu_work({"metal-gpu-intervals": TABLE}, None)
    assert found is not None
    assert (found.rows, found.others_rows, found.command_buffers) == (6, 0, 4)
