"""Times and durations beyond all reason: the row is skipped and counted, by every reader, and nothing wraps."""

import pytest

from tests.readers.export.documents import document, node, opened, schema, with_times
from tracekit.errors import InputError
from tracekit.model.instruments import TIME_LIMIT
from tracekit.readers.source import ReaderChoice

BEYOND = [-(1 << 63), -TIME_LIMIT - 1, TIME_LIMIT, 1 << 62, (1 << 63) - 1]
INTERVALS = (("start", "start-time"), ("duration", "duration"))


def intervals(*rows: tuple[int, int]) -> str:
    cells = (f"<row><start-time>{start}</start-time><duration>{length}</duration></row>" for start, length in rows)
    return document(node(*cells, head=schema("ane-hw-intervals", INTERVALS)))


@pytest.mark.parametrize("reader", ["auto", "lxml"])
@pytest.mark.parametrize("time", BEYOND)
def test_a_sample_beyond_reason_is_skipped_and_counted(time: int, reader: ReaderChoice) -> None:
    profile = opened(with_times(time, 5), reader=reader).profile()
    assert profile.samples["time_ns"].tolist() == [2_000_000, 5]
    assert [(notice.code, notice.count) for notice in profile.meta.notices] == [("skipped-row:bad-number", 1)]
    assert profile.meta.skipped == 1


@pytest.mark.parametrize("time", [-TIME_LIMIT, -1, 0, TIME_LIMIT - 1])
def test_a_sample_at_the_edge_of_reason_is_kept(time: int) -> None:
    assert opened(with_times(time)).profile().samples["time_ns"].tolist() == [2_000_000, time]


@pytest.mark.parametrize("bad", [*((time, 1) for time in BEYOND), (1, -1), (1, TIME_LIMIT)])
def test_an_interval_beyond_reason_is_skipped_and_counted(bad: tuple[int, int]) -> None:
    table = opened(intervals((1, 2), bad, (3, 4))).table("ane-hw-intervals")
    assert table["start"].tolist() == [1, 3]
    assert [notice.count for notice in table.attrs["notices"]] == [1]


def test_durations_that_cannot_be_added_are_refused() -> None:
    assert len(opened(intervals(*[(1, TIME_LIMIT - 1)] * 1000)).table("ane-hw-intervals")) == 1000
    with pytest.raises(InputError, match="the column duration adds up to more than a 64-bit number"):
        opened(intervals(*[(1, TIME_LIMIT - 1)] * 1025)).table("ane-hw-intervals")
