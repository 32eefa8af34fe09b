"""How the harness is called, and what it tells while it runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tracekit.errors import RecordingError

ComputeUnits = Literal["all", "cpuOnly", "cpuAndGPU", "cpuAndNeuralEngine"]
COMPUTE_UNITS: Final[tuple[ComputeUnits, ...]] = ("cpuOnly", "cpuAndGPU", "cpuAndNeuralEngine", "all")

Evaluate = Literal["sync", "async", "batch", "state"]


@dataclass(frozen=True, slots=True)
class HarnessRun:
    """What the harness is asked to do: at least ``iterations`` predictions and at least ``min_seconds`` of them."""

    model: Path
    compute_units: ComputeUnits = "all"
    iterations: int = 100
    min_seconds: float = 2.0
    warmup: int = 10
    evaluate: Evaluate = "sync"
    batch_size: int = 8
    function: str | None = None
    inputs: tuple[tuple[str, Path], ...] = ()

    def arguments(self, sidecar: str, progress: str, log: str) -> tuple[str, ...]:
        """What the program is given. Results go to the sidecar, never through stdout, which is mixed with the
        recorder's; what it complains about goes to ``log``, since recorders do not keep a target's stderr.
        """
        given = [*self._model(), "--iterations", str(self.iterations), "--min-seconds", f"{self.min_seconds:g}"]
        given += ["--warmup", str(self.warmup), "--evaluate", self.evaluate]
        if self.evaluate == "batch":
            given += ["--batch-size", str(self.batch_size)]
        for name, path in self.inputs:
            given += ["--input", f"{name}={path}"]
        return (*given, "--sidecar", sidecar, "--progress", progress, "--log", log)

    def plan_arguments(self, plan: str) -> tuple[str, ...]:
        """What the program is given to ask for Core ML's compute plan, and predict nothing."""
        return (*self._model(), "--plan", plan)

    def _model(self) -> list[str]:
        given = ["--model", str(self.model), "--compute-units", self.compute_units]
        return given if self.function is None else [*given, "--function", self.function]


@dataclass(frozen=True, slots=True)
class Step:
    """How far the harness is."""

    phase: str
    done: int
    of: int


def read_progress(path: Path) -> Step | None:
    """The one line of the progress file; None before there is one."""
    try:
        phase, done, of = path.read_text("ascii", "replace").split()
        return Step(phase, int(done), int(of))
    except (OSError, ValueError):
        return None


def parse_input(text: str) -> tuple[str, Path]:
    """``name=file.npy``.

    Raises:
        RecordingError: it is not of this form, or there is no such file.
    """
    name, sign, file = text.partition("=")
    path = Path(file).expanduser().absolute()
    if not (name and sign and file):
        raise RecordingError(f"{text!r} is no input", hint="Write --input NAME=FILE.npy")
    if not path.is_file():
        raise RecordingError("there is no such file", where=file)
    return name, path
