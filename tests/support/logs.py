"""Logs of the system as ``log show --style ndjson`` writes them, composed of what processes said."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.timelines import PID

BEGAN = datetime(2026, 9, 1, 12, 0, 0, tzinfo=UTC)
ASKS = "processRequest:model:qos: ANEProgramProcessRequestDirect() for lModel.string_id:0x{:08x} waitForResults is 1"
ANSWERS = "-----> processRequest: ANEProgramProcessRequestDirect() status=0x{:x} : statusType=0x0 : qos=0x21"
FAILS = "ANEProgramProcessRequestDirect() Failed with status=0x{:x} : statusType=0x9: Program Inference error"


def entry(
    message: str, *, at_ms: float = 0, subsystem: str = "com.apple.ane", pid: int = PID, thread: int = 1
) -> dict[str, Any]:
    """One entry, with the names that ``log`` gives."""
    time = BEGAN + timedelta(milliseconds=at_ms)
    return {
        "timestamp": time.strftime("%Y-%m-%d %H:%M:%S.%f%z"),
        "machTimestamp": int(at_ms * 24_000),
        "processID": pid,
        "threadID": thread,
        "processImagePath": f"/Applications/App.app/Contents/MacOS/{'App' if pid == PID else 'aned'}",
        "subsystem": subsystem,
        "category": "common",
        "messageType": "Debug",
        "eventType": "logEvent",
        "eventMessage": message,
    }


def inferences(regions: int, count: int, failing: Iterable[tuple[int, int]] = ()) -> Iterator[dict[str, Any]]:
    """What a process logs of a model with so many regions; ``failing`` are requests, by number, with their status."""
    statuses = dict(failing)
    for request in range(regions * count):
        status, at_ms = statuses.get(request, 0), request / 10
        yield entry(ASKS.format(0x40 + request % regions), at_ms=at_ms)
        yield entry(ANSWERS.format(status), at_ms=at_ms)
        if status:
            yield entry(FAILS.format(status), at_ms=at_ms)
            yield entry(
                f"Error Domain=com.apple.appleneuralengine {FAILS.format(status)}", subsystem="com.apple.espresso"
            )


def ndjson(entries: Iterable[dict[str, Any]]) -> bytes:
    """The file."""
    return "".join(f"{json.dumps(each)}\n" for each in entries).encode()


def moved(entries: Iterable[dict[str, Any]], pid: int, began: datetime) -> Iterator[dict[str, Any]]:
    """The same, written by another process at another time."""
    for each in entries:
        time = began + (datetime.fromisoformat(each["timestamp"]) - BEGAN)
        yield each | {"processID": pid, "timestamp": time.strftime("%Y-%m-%d %H:%M:%S.%f%z")}
