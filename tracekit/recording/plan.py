"""A recording as data, before anything is started: ``--dry-run`` prints it, ``recorder.record`` carries it out."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tracekit.errors import RecordingError
from tracekit.files import cache_folder
from tracekit.model.instruments import TIME_PROFILE
from tracekit.recording.harness.build import plan_build
from tracekit.recording.harness.command import HarnessRun
from tracekit.recording.harness.host import Host, OnMac
from tracekit.recording.harness.models import ML_PROGRAM
from tracekit.recording.harness.phone import SIGNING_TEAM, OnDevice
from tracekit.recording.products import Products, products_for
from tracekit.recording.rehearsal import Rehearsal
from tracekit.recording.runner import Runner
from tracekit.recording.target import ALL_PROCESSES, HARNESS, Target, launched, resolve
from tracekit.recording.xctrace.commands import Choice, RecordCommand, export_argv, table_xpath, time_limit_argument
from tracekit.recording.xctrace.devices import Device, check_recordable, find_device, parse_devices
from tracekit.recording.xctrace.templates import AUTO, TIME_PROFILER, choose, simpler
from tracekit.recording.xctrace.tool import Version, Xctrace, find_xctrace

LAUNCH_LIMIT: Final = "10m"
"""A safety net well above any run of the harness: a launched program ends by itself."""
ATTACH_LIMIT: Final = "10s"
LITTLE_DISK: Final = 2 << 30
"""Recordings with GPU tables were seen to take 14 MB a second."""

_WAITING: Final = "recordWaitingThreads"


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for."""

    app: str | None = None
    """As ``--app``; None is the harness."""
    launch: str | None = None
    """The bundle id of an app to launch on the device."""
    all_processes: bool = False
    arguments: tuple[str, ...] = ()
    output: Path | None = None
    append_run: bool = False
    harness: HarnessRun | None = None
    template: str = AUTO
    instruments: tuple[str, ...] = ()
    time_limit: str | None = None
    device: str | None = None
    team: str | None = None
    """The team that signs the harness for a device."""
    notification: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    waiting_threads: bool = False
    compute_plan: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done."""

    xctrace: Xctrace
    version: Version
    command: RecordCommand
    simpler: Choice | None
    """What is recorded with where xctrace fails with the command's choice."""
    products: Products
    limit_s: float
    host: Host | None
    """Where the harness runs; None where something else is recorded."""
    recording_options: str | None
    """The document handed to ``--recording-options``."""
    asks_compute_plan: bool
    notes: tuple[str, ...]

    def argv(self) -> list[str]:
        """The recorder's exact command."""
        return self.command.argv(self.xctrace.path)

    def lines(self) -> Iterator[str]:
        """Every command that will be run, as one types it, with a comment where more depends on what happens."""
        commands = list(self.host.preparations()) if self.host is not None else []
        if self.command.append_run:
            commands.append(("cp", "-R", str(self.products.bundle), str(self.products.unfinished)))
        yield from map(shlex.join, (*commands, self.argv()))
        if self.simpler is not None:
            yield f"# if xctrace fails with these instruments: the same with {TIME_PROFILER} alone"
        yield shlex.join(export_argv(self.xctrace.path, self.products.unfinished, self.products.contents))
        yield shlex.join(["mv", str(self.products.unfinished), str(self.products.bundle)])
        if self.host is not None:
            yield from map(shlex.join, self.host.collecting(self.products))
            if self.asks_compute_plan:
                yield from map(shlex.join, self.host.planning(self.products))
        yield "# for every table that the recording lists and analysis can use:"
        table = self.products.work / f"{TIME_PROFILE}.xml"
        yield shlex.join(export_argv(self.xctrace.path, self.products.bundle, table, table_xpath(TIME_PROFILE)))


def make_plan(request: Request, runner: Runner, rehearsal: Rehearsal | None = None, *, is_dry: bool = False) -> Plan:
    """Find out everything that a recording needs; starts nothing but questions.

    With a ``rehearsal`` it answers those, and what is not here is assumed. ``is_dry``: nothing will be written.

    Raises:
        RecordingError: it cannot be made; the message says what is missing.
        OutputError: the bundle is there already.
    """
    xctrace = find_xctrace(runner) if rehearsal is None else Xctrace("xctrace", rehearsal)
    asked = xctrace.runner
    version = xctrace.version()
    target = _target(request, asked, rehearsal)
    products = products_for(request.output, target.name, append=request.append_run, is_rehearsal=is_dry)
    is_launched = target.kind in ("harness", "launch")
    limit, limit_s = time_limit_argument(request.time_limit or (LAUNCH_LIMIT if is_launched else ATTACH_LIMIT))
    device = None
    if request.device is not None and rehearsal is None:
        device = find_device(parse_devices(xctrace.listing("devices")), request.device)
    elif request.device is not None and rehearsal is not None:
        rehearsal.assume(f"{request.device} is the UDID of a device that is connected, unlocked and trusts the Mac")
    choice = choose(xctrace, version, request.template, request.instruments)
    options = _with_waiting_threads(xctrace, version, choice.template) if request.waiting_threads else None
    udid = request.device if device is None else device.udid
    host = _host(request, udid, asked) if target.kind == "harness" else None
    command = RecordCommand(
        choice=choice,
        output=products.unfinished,
        time_limit=limit,
        kind="launch" if is_launched else "attach" if target.kind == "attach" else "all",
        target=target.command if host is None else host.launched(products),
        device=udid,
        append_run=request.append_run,
        notification=request.notification,
        environment=request.environment,
        recording_options=products.recording_options if options is not None else None,
        target_stdout=products.target_log if is_launched and request.device is None else None,
    )
    return Plan(
        xctrace=xctrace,
        version=version,
        command=command,
        simpler=simpler(choice) if request.template == AUTO and not request.instruments else None,
        products=products,
        limit_s=limit_s,
        host=host,
        recording_options=options,
        asks_compute_plan=host is not None and request.compute_plan,
        notes=tuple(_notes(command, products, version, device)),
    )


def _target(request: Request, runner: Runner, rehearsal: Rehearsal | None) -> Target:
    given = [name for name, value in (("--app", request.app), ("--launch", request.launch)) if value is not None]
    given += ["--all-processes"] if request.all_processes else []
    if len(given) > 1:
        raise RecordingError(f"{' and '.join(given)} exclude each other", hint="Give one of them")
    if request.all_processes:
        return ALL_PROCESSES
    if request.launch is not None:
        if request.device is None:
            raise RecordingError("--launch is for an app on a device", hint="Add --device, or give a path with --app")
        return launched(request.launch, request.arguments)
    app = request.app or HARNESS
    assume = rehearsal.assume if rehearsal is not None else None
    return resolve(app, request.arguments, runner, on_device=request.device is not None, assume=assume)


def _host(request: Request, udid: str | None, runner: Runner) -> Host:
    run = request.harness or HarnessRun(ML_PROGRAM)
    if udid is None:
        return OnMac(run, plan_build(runner))
    if request.team is None or not re.fullmatch(SIGNING_TEAM, request.team):
        hint = "Give your team with --team ABCDE12345: Xcode, Settings, Accounts shows it"
        instead = "Or record an app that is there, with --launch BUNDLE_ID"
        raise RecordingError("on a device the harness is an app, which somebody must sign", hint=f"{hint}. {instead}")
    return OnDevice(run, udid, request.team, cache_folder() / f"phone-{request.team}")


def _with_waiting_threads(xctrace: Xctrace, version: Version, template: str) -> str:
    """The template's own options with waiting threads switched on. The whole document is handed back: whether a part
    is enough is not settled.
    """
    if not version.takes_recording_options:
        hint = "Use --template 'App Launch', which records them, or Xcode 27"
        raise RecordingError(f"{version} cannot record waiting threads from the command line", hint=hint)
    try:
        document: Any = json.loads(xctrace.recording_options(template))
        section = document[TIME_PROFILER]
        section[_WAITING] = True
    except (ValueError, KeyError, TypeError) as error:
        what = f"the options of {template!r} have no {TIME_PROFILER} with {_WAITING}"
        raise RecordingError(what, hint="Record without --waiting-threads") from error
    return json.dumps(document, indent=2) + "\n"


def _notes(command: RecordCommand, products: Products, version: Version, device: Device | None) -> Iterator[str]:
    folder = products.bundle.parent
    if folder.is_dir() and (free := shutil.disk_usage(folder).free) < LITTLE_DISK:
        yield f"only {free / 1e9:.1f} GB are free; a recording may take more"
    if command.environment and command.kind != "launch":
        yield "--env has an effect on a program that is launched only"
    if device is not None and (said := check_recordable(device, version)) is not None:
        yield said
