"""The everyday recordings of ``sample_traces``, each analysed once, and their truth."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from tracekit.analysis.analyze import Analysis
from tracekit.api import analyze

FOLDER = Path(__file__).parents[2] / "sample_traces" / "everyday"
NAMES = sorted(path.name.removesuffix(".truth.json") for path in FOLDER.glob("*.truth.json"))


@cache
def analysed(name: str) -> Analysis:
    """The analysis of a recording."""
    return analyze(FOLDER / f"{name}.zip")


def truth_of(name: str) -> dict[str, Any]:
    """What is really in it."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.truth.json").read_text("utf-8"))
    return found
