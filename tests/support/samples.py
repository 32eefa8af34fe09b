"""The samples, each analysed once for all tests of a process."""

from functools import cache
from pathlib import Path

from tracekit import api
from tracekit.analysis.analyze import Analysis

SAMPLES = Path(__file__).parents[2] / "sample_traces"


@cache
def analysis_of(name: str, model: str | None = None) -> Analysis:
    """The analysis of a sample, told the model that it ran; nobody changes it."""
    return api.analyze(SAMPLES / name, model=None if model is None else SAMPLES / model)
