"""What ``devicectl`` (Xcode 15 and later) says of a device: whether it is paired, in Developer Mode, and locked.

The fields are those that others read from ``devicectl … --json-output``; one that is missing is not known.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tracekit.errors import RecordingError
from tracekit.recording.runner import Runner


@dataclass(frozen=True, slots=True)
class DeviceState:
    """None is "not known"."""

    is_paired: bool | None = None
    has_developer_mode: bool | None = None
    is_unlocked: bool | None = None


def state_of(runner: Runner, udid: str) -> DeviceState:
    """The state of a device; all unknown where there is no devicectl, or it does not know the device."""
    listed = _ask(runner, "list", "devices").get("devices")
    found = next((each for each in listed or () if _text(each, "hardwareProperties", "udid") == udid), None)
    if found is None:
        return DeviceState()
    pairing = _text(found, "connectionProperties", "pairingState")
    mode = _text(found, "deviceProperties", "developerModeStatus")
    locked = _ask(runner, "device", "info", "lockState", "--device", udid).get("passcodeRequired")
    return DeviceState(
        is_paired=None if pairing is None else pairing == "paired",
        has_developer_mode=None if mode is None else mode == "enabled",
        is_unlocked=not locked if isinstance(locked, bool) else None,
    )


def _ask(runner: Runner, *arguments: str) -> Mapping[str, Any]:
    """The ``result`` of a question; empty where there is none."""
    with TemporaryDirectory(prefix="tracekit-") as folder:
        answer = Path(folder) / "answer.json"
        try:
            runner.ask(["xcrun", "devicectl", *arguments, "--json-output", str(answer)])
            result = json.loads(answer.read_bytes())["result"]
        except (RecordingError, OSError, ValueError, KeyError, TypeError):
            return {}
    return result if isinstance(result, dict) else {}


def _text(device: Any, group: str, name: str) -> str | None:
    value = device.get(group, {}).get(name) if isinstance(device, dict) else None
    return value if isinstance(value, str) else None
