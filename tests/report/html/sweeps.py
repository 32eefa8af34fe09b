"""Reports of sweeps, made of samples instead of recordings."""

from collections.abc import Sequence

from tests.report.html.pages import PROVENANCE
from tests.support.samples import analysis_of
from tracekit.analysis.analyze import Analysis
from tracekit.report.html.sweep_page import Recording, Table, render_sweep

SETTINGS = {"cpuAndGPU": "gpu", "cpuAndNeuralEngine": "ane-with-cpu-fallback", "all": "all-ane"}
TABLE = Table(
    ("compute units", "Neural Engine", "median"),
    [("cpuAndGPU", "no", "4.74 ms"), ("cpuAndNeuralEngine", "partly", "8.42 ms"), ("all", "yes", "3.40 ms")],
    ("Predictions are slower while they are recorded: compare them with one another only.",),
)
CONTROL = ("the control is not clean: 7 rows of the Neural Engine's table are other programs'",)


def recording(name: str, analysis: Analysis, durations: Sequence[int] = ()) -> Recording:
    """A recording of a sweep; the setting is what its name begins with."""
    return Recording.of(name, name.partition("-")[0], analysis, PROVENANCE, durations)


def sampled() -> list[Recording]:
    """A recording of three settings, each a sample with predictions."""
    return [recording(f"{units}-1", analysis_of(f"{name}.trace.zip")) for units, name in SETTINGS.items()]


def swept(**options: bool) -> str:
    """The page of them; a fourth recording failed."""
    order = ["all-1", "cpuAndGPU-1", "cpuOnly-1", "cpuAndNeuralEngine-1"]
    return render_sweep(sampled(), TABLE, order=order, control=CONTROL, **options)  # type: ignore[arg-type]
