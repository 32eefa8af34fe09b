"""The colours of engines, phases and images, the same in every picture.

Chosen so that each pair stays apart for readers without red, green or blue cones, on light and on dark ground, and so
that dark text is legible on all of them; tests/report/test_palette.py measures both.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from tracekit.model.schema import Engine, Phase

LIGHT: Final[Mapping[Engine, str]] = {
    "ANE": "#e8952b",
    "GPU": "#4c8fd9",
    "CPU": "#7fd0a0",
    "none": "#c9cfd8",
    "unknown": "#f5e27a",
}
DARK: Final[Mapping[Engine, str]] = {**LIGHT, "none": "#8d96a3"}

SAFE: Final[Mapping[Engine, str]] = {
    "ANE": "#d87f45",
    "GPU": "#93b0f3",
    "CPU": "#85fd9f",
    "none": "#897e86",
    "unknown": "#eacd30",
}
"""To be chosen in the page: engines that are farther apart for every eye, and by their lightness alone, as on paper."""
SAFE_BUSY: Final[Mapping[str, str]] = {"ANE": "#f0c9b0", "GPU": "#d3defa"}

KINDS: Final = ("#5bc8f7", "#4087dd", "#dfce6a", "#b8736b", "#a884a5", "#a7ecb4", "#768d35")
"""What else is told apart: kinds of phases, images."""

REST: Final = "#c9cfd8"
"""What is left over when kinds are told apart."""

CHANGES_LIGHT: Final[Mapping[str, str]] = {
    "less-3": "#3f86d0",
    "less-2": "#7fb1e3",
    "less-1": "#bcd5ee",
    "same": "#e3e6ea",
    "more-1": "#fbd3b4",
    "more-2": "#f5a263",
    "more-3": "#e5712a",
}
"""What is less and more in B than in A: blue and orange, which nobody mixes up, away from what stayed the same."""
CHANGES_DARK: Final[Mapping[str, str]] = {
    "less-3": "#8fc4ff",
    "less-2": "#5a8fc8",
    "less-1": "#3d5c80",
    "same": "#39414b",
    "more-1": "#7d4f2c",
    "more-2": "#c97a3a",
    "more-3": "#ffa85c",
}

ON_COLOUR: Final = "#14181f"
"""Text on any of them."""


class PhaseKind(NamedTuple):
    """Phases that share a colour: more than these nobody tells apart."""

    label: str
    phases: tuple[Phase, ...]


PHASE_KINDS: Final = (
    PhaseKind("execute", ("execute",)),
    PhaseKind("dispatch", ("dispatch",)),
    PhaseKind("wait", ("wait",)),
    PhaseKind("copy and convert", ("copy", "convert")),
    PhaseKind("load, compile, prepare", ("load", "compile", "prepare")),
    PhaseKind("framework", ("framework",)),
    PhaseKind("contention, completion", ("contention", "completion")),
    PhaseKind("other", ("teardown", "idle", "other")),
)
"""In the order of ``KINDS``; the last is the ``REST``."""
