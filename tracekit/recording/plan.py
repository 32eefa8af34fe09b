"""A recording as data, before anything is started: ``--dry-run`` prints it, ``recorder.record`` carries it out."""

import json
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tracekit.errors import RecordingError
from tracekit.recording.harness.build import Build, plan_build
from tracekit.recording.harness.command import HarnessRun
from tracekit.recording.products import Products, products_for
from tracekit.recording.runner import Runner
from tracekit.recording.target import HARNESS, Target, resolve
from tracekit.recording.xctrace.commands import RecordCommand, time_limit_argument
from tracekit.recording.xctrace.templates import AUTO, TIME_PROFILER, choose
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

    app: str = HARNESS
    arguments: tuple[str, ...] = ()
    output: Path | None = None
    harness: HarnessRun | None = None
    template: str = AUTO
    instruments: tuple[str, ...] = ()
    time_limit: str | None = None
    device: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    waiting_threads: bool = False
    compute_plan: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done."""

    xctrace: Xctrace
    version: Version
    target: Target
    command: RecordCommand
    products: Products
    limit_s: float
    build: Build | None
    harness: HarnessRun | None
    recording_options: str | None
    """The document handed to ``--recording-options``."""
    asks_compute_plan: bool
    notes: tuple[str, ...]

    def argv(self) -> list[str]:
        """The recorder's exact command."""
        return self.command.argv(self.xctrace.path)

    def lines(self) -> Iterator[str]:
        """Every command that will be run, as one types it."""
        if self.build is not None and not self.build.is_there:
            yield from self.build.commands()
        yield shlex.join(self.argv())
        if self.build is not None and self.harness is not None and self.asks_compute_plan:
            yield shlex.join(self.harness.plan_argv(self.build.program, self.products.compute_plan))


def make_plan(request: Request, runner: Runner) -> Plan:
    """Find out everything that a recording needs; starts nothing but questions.

    Raises:
        RecordingError: it cannot be made; the message says what is missing.
        OutputError: the bundle is there already.
    """
    target = resolve(request.app, request.arguments, runner, device=request.device)
    if target.kind == "harness" and request.device is not None:
        raise RecordingError(
            "the harness runs on this Mac only", hint="Leave out --device, or name an app on the device"
        )
    products = products_for(request.output, target.name)
    default = ATTACH_LIMIT if target.kind == "attach" else LAUNCH_LIMIT
    limit, limit_s = time_limit_argument(request.time_limit or default)
    xctrace = find_xctrace(runner)
    version = xctrace.version()
    choice = choose(xctrace, version, request.template, request.instruments)
    options = _with_waiting_threads(xctrace, version, choice.template) if request.waiting_threads else None
    harness = (request.harness or _no_harness_run()) if target.kind == "harness" else None
    build = plan_build(runner) if harness is not None else None
    command = RecordCommand(
        template=choice.template,
        instruments=choice.instruments,
        output=products.unfinished,
        time_limit=limit,
        kind="attach" if target.kind == "attach" else "launch",
        target=_target_command(target, build, harness, products),
        device=request.device,
        environment=request.environment,
        recording_options=products.recording_options if options is not None else None,
        target_stdout=None if target.kind == "attach" else products.target_log,
    )
    return Plan(
        xctrace=xctrace,
        version=version,
        target=target,
        command=command,
        products=products,
        limit_s=limit_s,
        build=build,
        harness=harness,
        recording_options=options,
        asks_compute_plan=harness is not None and request.compute_plan,
        notes=tuple(_notes(command, products)),
    )


def _no_harness_run() -> HarnessRun:
    from tracekit.recording.harness.models import ML_PROGRAM

    return HarnessRun(ML_PROGRAM)


def _target_command(
    target: Target, build: Build | None, harness: HarnessRun | None, products: Products
) -> tuple[str, ...]:
    if build is None or harness is None:
        return target.command
    return harness.argv(build.program, products.working_sidecar, products.progress, products.harness_log)


def _with_waiting_threads(xctrace: Xctrace, version: Version, template: str) -> str:
    """The template's own options with waiting threads switched on. The whole document is handed back: whether a part
    is enough is not settled.
    """
    if not version.takes_recording_options:
        raise RecordingError(
            f"{version} cannot record waiting threads from the command line",
            hint="Use --template 'App Launch', which records them, or Xcode 27",
        )
    try:
        document: Any = json.loads(xctrace.recording_options(template))
        section = document[TIME_PROFILER]
        section[_WAITING] = True
    except (ValueError, KeyError, TypeError) as error:
        raise RecordingError(
            f"the options of {template!r} have no {TIME_PROFILER} with {_WAITING}",
            hint="Record without --waiting-threads",
        ) from error
    return json.dumps(document, indent=2) + "\n"


def _notes(command: RecordCommand, products: Products) -> Iterator[str]:
    free = shutil.disk_usage(products.bundle.parent).free
    if free < LITTLE_DISK:
        yield f"only {free / 1e9:.1f} GB are free; a recording may take more"
    if command.environment and command.kind == "attach":
        yield "--env has no effect on a process that runs already"
