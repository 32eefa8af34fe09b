"""Devices that ``xctrace`` can record on, as ``xctrace list devices`` prints them.

    == Devices ==
    Jane's Mac (34DA2EBC-…)                        the Mac itself: no version of an OS
    Jane's iPhone (18.2) (00008110-…)
    == Devices Offline ==
    == Simulators ==
    iPhone 16 Simulator (18.2) (58FE…)

Headings may be translated; a simulator is told by its name, too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tracekit.errors import RecordingError
from tracekit.recording.xctrace.tool import Version

Kind = Literal["mac", "device", "offline", "simulator"]

_HEADING: Final = re.compile(r"^==\s*(.+?)\s*==$")
_LINE: Final = re.compile(r"^(?P<name>.+?)(?: \((?P<os>\d[\w. ]*)\))? \((?P<udid>[0-9A-Fa-f-]{16,})\)$")


@dataclass(frozen=True, slots=True)
class Device:
    """Something to record on."""

    name: str
    os: str | None
    udid: str
    kind: Kind

    def __str__(self) -> str:
        state = {"mac": "this Mac", "device": self.os, "offline": f"{self.os}, offline", "simulator": "simulator"}
        return f"{self.name} ({state[self.kind]}, {self.udid})"


def parse_devices(text: str) -> tuple[Device, ...]:
    """The devices of a list, in its order."""
    devices = []
    heading = ""
    for line in (raw.strip() for raw in text.splitlines()):
        if match := _HEADING.match(line):
            heading = match[1]
        elif heading and (match := _LINE.match(line)):
            name, os, udid = match["name"], match["os"], match["udid"]
            devices.append(Device(name, os, udid, _kind(heading, name, os)))
    return tuple(devices)


def _kind(heading: str, name: str, os: str | None) -> Kind:
    if "Simulator" in heading or name.endswith("Simulator"):
        return "simulator"
    if os is None:
        return "mac"
    return "offline" if "Offline" in heading else "device"


def find_device(devices: Sequence[Device], wanted: str) -> Device:
    """The device with a name or UDID.

    Raises:
        RecordingError: there is none, or there are more; the message lists them.
    """
    found = [each for each in devices if wanted.casefold() in (each.udid.casefold(), each.name.casefold())]
    if len(found) == 1:
        return found[0]
    if found:
        hint = f"Give one UDID: {', '.join(map(str, found))}"
        raise RecordingError(f"{len(found)} devices are called {wanted!r}", hint=hint)
    known = [each for each in devices if each.kind != "simulator"] or devices
    hint = f"xctrace lists: {', '.join(map(str, known)) or 'none'}"
    raise RecordingError(f"there is no device {wanted!r}", hint=hint)


def check_recordable(device: Device, version: Version) -> str | None:
    """What to say before recording on a device; None where there is nothing.

    Raises:
        RecordingError: xctrace would hang.
    """
    if device.kind == "simulator" and version.hangs_on_simulators:
        hint = "Its programs are processes of this Mac: record them with --app PID, or with --all-processes"
        raise RecordingError(f"{device.name} is a simulator, and recording one hangs with {version}", hint=hint)
    if device.kind == "offline":
        return (
            f"{device.name} is listed as offline; recording is tried all the same. Connect it by cable, unlock it, "
            f"trust this Mac; tracekit doctor --device {device.udid} says more"
        )
    return None
