"""Where the harness runs: on this Mac, or on a device (``phone.py``)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from tracekit.errors import RecordingError
from tracekit.recording.harness.build import Build, build
from tracekit.recording.harness.command import HarnessRun
from tracekit.recording.products import Products
from tracekit.recording.runner import Runner

PLANNED_WITHIN_S: Final = 180.0
"""The harness itself gives up after two minutes; compiling a large model comes before."""


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


def read_plan(runner: Runner, commands: Iterable[Sequence[str]], answer: Path) -> Mapping[str, Any]:
    """``{"operations": [...]}``, or ``{"note": why there are none}``, that ``commands`` leave in ``answer``.

    docs/harness.md describes an operation. This raises nothing: a recording is good without it. It is a run of its own,
    which nothing records: ``MLComputePlan`` was seen to end the process that asks (apple/coremltools#2757).
    """
    said = "it said nothing"
    try:
        for command in commands:
            done = runner.ask(command, within_s=PLANNED_WITHIN_S)
            if done.code < 0:
                return {"note": f"asking for Core ML's plan ended the process with signal {-done.code}"}
            said = (done.err.strip().splitlines() or [said])[-1]
    except RecordingError as error:
        return {"note": f"Core ML's plan could not be asked for: {error.what}"}
    try:
        document = json.loads(answer.read_bytes())
    except (OSError, ValueError):
        return {"note": f"Core ML's plan could not be asked for: {said}"}
    return document if isinstance(document, dict) else {"note": "the plan is no JSON object"}
