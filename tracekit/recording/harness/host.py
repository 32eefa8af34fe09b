"""Where the harness runs: on this Mac, or on a device (``phone.py``)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tracekit.recording.harness.build import Build, build
from tracekit.recording.harness.command import HarnessRun
from tracekit.recording.products import Products
from tracekit.recording.runner import Runner


class Host(Protocol):
    """A place where the harness runs."""

    @property
    def run(self) -> HarnessRun:
        """What it is asked to do."""

    def preparations(self) -> Iterator[tuple[str, ...]]:
        """The commands that prepare it; none where it is ready."""

    def prepare(self, runner: Runner) -> None:
        """Make it ready. Raises RecordingError or OutputError where that fails."""

    def launched(self, products: Products) -> tuple[str, ...]:
        """What ``xctrace`` launches, with its arguments."""

    def collecting(self, products: Products) -> Iterator[tuple[str, ...]]:
        """The commands that fetch what it wrote."""

    def planning(self, products: Products) -> Iterator[tuple[str, ...]]:
        """The commands that ask for Core ML's compute plan."""


@dataclass(frozen=True, slots=True)
class OnMac:
    """The harness as a program on this Mac. See ``Host``."""

    run: HarnessRun
    build: Build

    def preparations(self) -> Iterator[tuple[str, ...]]:
        if not self.build.is_there:
            yield from self.build.commands()

    def prepare(self, runner: Runner) -> None:
        build(self.build, runner)

    def launched(self, products: Products) -> tuple[str, ...]:
        written = (products.working_sidecar, products.progress, products.harness_log)
        return (str(self.build.program), *self.run.arguments(*map(str, written)))

    def collecting(self, products: Products) -> Iterator[tuple[str, ...]]:  # noqa: ARG002 - as Host's
        """See ``Host``: it writes to the files themselves."""
        yield from ()

    def planning(self, products: Products) -> Iterator[tuple[str, ...]]:
        yield (str(self.build.program), *self.run.plan_arguments(str(products.compute_plan)))
