"""Preflight: can this machine record, and if not, what is the one line that helps?

Checks go from what everything rests on to what is only nice to have. A check that failed makes those that need it be
skipped. ``ok`` ✓, ``warn`` ! (recording works, with less), ``fail`` ✗ (it does not).
"""

import platform
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from tracekit._version import __version__
from tracekit.errors import RecordingError
from tracekit.recording.devicectl import state_of
from tracekit.recording.harness.build import plan_build
from tracekit.recording.plan import LITTLE_DISK
from tracekit.recording.runner import Runner
from tracekit.recording.xctrace.devices import check_recordable, find_device, parse_devices
from tracekit.recording.xctrace.templates import TIME_PROFILER, has_hardware, ladder
from tracekit.recording.xctrace.tool import Version, Xctrace, find_xctrace

SCHEMA: Final = "tracekit.doctor/1"

Status = Literal["ok", "warn", "fail"]

_RECORDERS: Final = frozenset({"xctrace", "Instruments"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    status: Status
    found: str
    fix: str = ""


def examine(runner: Runner, folder: Path, *, device: str | None = None, system: str = sys.platform) -> Iterator[Check]:
    """Every check, in order; with ``device``, those of a device too."""
    yield Check("analysis", "ok", "traces recorded elsewhere are opened, analysed and reported here")
    if system != "darwin":
        yield Check("system", "warn", f"{system}, not macOS: xctrace, Core ML and the Neural Engine are a Mac's")
    try:
        xctrace = find_xctrace(runner)
        version = xctrace.version()
    except RecordingError as error:
        yield _failed("xctrace", error)
    else:
        yield _version(xctrace, version)
        yield from _offers(xctrace, version)
        yield from _permission(runner)
        yield from _compiler(runner, version)
        yield from _others(runner)
        if device is not None:
            yield from _device(runner, xctrace, version, device)
    yield _disk(folder)


def can_record(checks: Sequence[Check]) -> bool:
    """Whether nothing failed."""
    return all(check.status != "fail" for check in checks)


def document_of(checks: Sequence[Check]) -> dict[str, Any]:
    """The checks as plain values, schema ``tracekit.doctor/1``, with what a report of a fault needs; no user's name."""
    home = str(Path.home())
    return {
        "schema": SCHEMA,
        "tracekit": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "can_record": can_record(checks),
        "checks": [
            {**asdict(check), "found": check.found.replace(home, "~"), "fix": check.fix.replace(home, "~")}
            for check in checks
        ],
    }


def _failed(name: str, error: RecordingError) -> Check:
    return Check(name, "fail", error.what, error.hint or "")


def _version(xctrace: Xctrace, version: Version) -> Check:
    found = f"{version}: {xctrace.path}"
    if version.xcode is None:
        return Check("xctrace", "warn", found, "Update tracekit; recording will be tried all the same")
    return Check("xctrace", "ok", found)


def _offers(xctrace: Xctrace, version: Version) -> Iterator[Check]:
    try:
        templates = xctrace.templates()
        instruments = xctrace.instruments() if version.takes_instruments else ()
    except RecordingError as error:
        yield _failed("templates", error)
        return
    if TIME_PROFILER not in templates:
        yield Check("templates", "fail", f"no {TIME_PROFILER} among {len(templates)} templates", "Install Xcode anew")
        return
    choice = ladder(templates, instruments)
    if has_hardware(choice):
        yield Check("templates", "ok", f"will record with {choice}")
    else:
        less = f"{TIME_PROFILER} alone: CPU samples, and no times of the Neural Engine or the GPU"
        yield Check("templates", "warn", less, "Update to Xcode 14 or later")
    if version.takes_recording_options:
        yield Check("waiting threads", "ok", "can be recorded: --waiting-threads")
    else:
        found = "not from the command line before Xcode 27"
        yield Check("waiting threads", "warn", found, "Use --template 'App Launch'")


def _permission(runner: Runner) -> Iterator[Check]:
    if shutil.which("DevToolsSecurity") is None:
        return
    if "enabled" in runner.ask(["DevToolsSecurity", "-status"]).text.lower():
        yield Check("permission", "ok", "developer mode is enabled")
    else:
        found = "developer mode is not enabled: macOS asks for a password on first use"
        yield Check("permission", "warn", found, "Run: sudo DevToolsSecurity -enable")


def _compiler(runner: Runner, version: Version) -> Iterator[Check]:
    if not version.takes_instruments:
        yield Check("harness", "fail", f"{version}: the harness needs the SDK of Xcode 14", "Update Xcode")
        return
    try:
        plan = plan_build(runner)
    except RecordingError as error:
        yield _failed("harness", error)
        return
    found = f"built: {plan.program}" if plan.is_there else "will be built on first use"
    yield Check("harness", "ok", found)


def _device(runner: Runner, xctrace: Xctrace, version: Version, wanted: str) -> Iterator[Check]:
    try:
        device = find_device(parse_devices(xctrace.listing("devices")), wanted)
        warning = check_recordable(device, version)
    except RecordingError as error:
        yield _failed("device", error)
        return
    if warning is None:
        yield Check("device", "ok", str(device))
    else:
        yield Check("device", "warn", str(device), "Connect it by cable, unlock it and trust this Mac")
    if device.kind in ("mac", "simulator"):
        return
    state = state_of(runner, device.udid)
    yield _state("trust", state.is_paired, "the device does not trust this Mac", "Unlock it, and tap Trust")
    fix = "On it: Settings, Privacy & Security, Developer Mode"
    yield _state("developer mode", state.has_developer_mode, "Developer Mode is off on the device", fix)
    fix = "Unlock it, and leave it unlocked while it records"
    yield _state("lock", state.is_unlocked, "the device is locked", fix)


def _state(name: str, is_right: bool | None, wrong: str, fix: str) -> Check:
    if is_right is None:
        return Check(name, "warn", "not known: devicectl (Xcode 15 and later) says nothing of it")
    return Check(name, "ok", "as it should be") if is_right else Check(name, "fail", wrong, fix)


def _others(runner: Runner) -> Iterator[Check]:
    try:
        listing = runner.ask(["ps", "-axo", "comm="]).out
    except RecordingError:
        return
    running = sorted({Path(line.strip()).name for line in listing.splitlines()} & _RECORDERS)
    if running:
        found = f"{' and '.join(running)} is running; only one recording at a time can use the profiling hardware"
        yield Check("other recorders", "warn", found, "Stop its recording first")


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.0f} GB free"
    if free < LITTLE_DISK:
        return Check("disk", "warn", found, "Make room: a recording with GPU tables takes about 15 MB a second")
    return Check("disk", "ok", found)
