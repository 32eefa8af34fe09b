"""Where the harness runs: on this Mac, or on a device (``phone.py``)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tracekit.recording.harness.build import Build, build
from tracekit.recording.harness.command import HarnessRun
from tracekit.recording.harness.compute_plan import read_plan
from tracekit.recording.runner import Runner


class Files(NamedTuple):
    """What the harness writes."""

    sidecar: Path
    progress: Path
    log: Path
    plan: Path


class Host(Protocol):
    """A place where the harness runs."""

    @property
    def run(self) -> HarnessRun:
        """What it is asked to do."""

    @property
    def is_ready(self) -> bool:
        """Whether nothing is to be prepared."""

    def preparations(self) -> Iterator[tuple[str, ...]]:
        """The commands that prepare it."""

    def prepare(self, runner: Runner) -> None:
        """Make it ready. Raises RecordingError or OutputError where that fails."""

    def launched(self, files: Files) -> tuple[str, ...]:
        """What ``xctrace`` launches, with its arguments."""

    def collecting(self, files: Files) -> Iterator[tuple[str, ...]]:
        """The commands that fetch what it wrote."""

    def planning(self, files: Files) -> Iterator[tuple[str, ...]]:
        """The commands that ask for Core ML's compute plan."""

    def plan(self, runner: Runner, files: Files) -> Mapping[str, Any]:
        """Core ML's compute plan: see ``compute_plan.read_plan``."""


@dataclass(frozen=True, slots=True)
class OnMac:
    """The harness as a program on this Mac."""

    run: HarnessRun
    build: Build

    @property
    def is_ready(self) -> bool:
        """See ``Host``."""
        return self.build.is_there

    def preparations(self) -> Iterator[tuple[str, ...]]:
        """See ``Host``."""
        if not self.is_ready:
            yield from self.build.commands()

    def prepare(self, runner: Runner) -> None:
        """See ``Host``."""
        build(self.build, runner)

    def launched(self, files: Files) -> tuple[str, ...]:
        """See ``Host``."""
        return (str(self.build.program), *self.run.arguments(*map(str, files[:3])))

    def collecting(self, files: Files) -> Iterator[tuple[str, ...]]:  # noqa: ARG002 - as Host's
        """See ``Host``: it writes to the files themselves."""
        yield from ()

    def planning(self, files: Files) -> Iterator[tuple[str, ...]]:
        """See ``Host``."""
        yield (str(self.build.program), *self.run.plan_arguments(str(files.plan)))

    def plan(self, runner: Runner, files: Files) -> Mapping[str, Any]:
        """See ``Host``."""
        return read_plan(runner, list(self.planning(files)), files.plan)
