"""Recordings to ask: hardware and signposts, GPU, and an export of samples alone."""

from functools import cache
from typing import Final

import tracekit as tk
from tests.docs.pages import ROOT
from tracekit.analysis.analyze import Analysis
from tracekit.model.trace import Trace

SPLIT: Final = str(ROOT / "sample_traces" / "ane-with-cpu-fallback.trace.zip")
GPU: Final = str(ROOT / "sample_traces" / "gpu.trace.zip")
LEGACY: Final = str(ROOT / "sample_traces" / "legacy-nn-ane.xcode16.4.xml.gz")
ALL: Final = (SPLIT, GPU, LEGACY)


@cache
def opened(path: str) -> Trace:
    """A sample, opened once."""
    return tk.open_trace(path)


@cache
def analyzed(path: str) -> Analysis:
    """Its analysis, which asks no database."""
    return tk.analyze(opened(path))
