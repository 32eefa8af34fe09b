"""How the harness is called, and what it tells while it runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tracekit.errors import RecordingError

ComputeUnits = Literal["all", "cpuOnly", "cpuAndGPU", "cpuAndNeuralEngine"]
COMPUTE_UNITS: Final[tuple[ComputeUnits, ...]] = ("cpuOnly", "cpuAndGPU", "cpuAndNeuralEngine", "all")


@dataclass(frozen=True, slots=True)
class HarnessRun:
    """What the harness is asked to do."""

    model: Path
    compute_units: ComputeUnits = "all"
    iterations: int = 100
    warmup: int = 10
    function: str | None = None
    inputs: tuple[tuple[str, Path], ...] = ()

    def argv(self, program: Path, sidecar: Path, progress: Path) -> tuple[str, ...]:
        """The command. Results go to the sidecar, never through stdout, which is mixed with the recorder's."""
        argv = [str(program), "--model", str(self.model), "--compute-units", self.compute_units]
        argv += ["--iterations", str(self.iterations), "--warmup", str(self.warmup)]
        if self.function is not None:
            argv += ["--function", self.function]
        for name, path in self.inputs:
            argv += ["--input", f"{name}={path}"]
        return (*argv, "--sidecar", str(sidecar), "--progress", str(progress))


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
