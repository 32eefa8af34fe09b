"""The colours of engines, the same in every picture.

Chosen so that each pair stays apart for readers without red, green or blue cones, on light and on dark ground, and so
that dark text is legible on all of them; tests/report/test_palette.py measures both.
"""

from collections.abc import Mapping
from typing import Final

from tracekit.model.schema import Engine

LIGHT: Final[Mapping[Engine, str]] = {
    "ANE": "#e8952b",
    "GPU": "#4c8fd9",
    "CPU": "#7fd0a0",
    "none": "#c9cfd8",
    "unknown": "#f5e27a",
}
DARK: Final[Mapping[Engine, str]] = {**LIGHT, "none": "#8d96a3"}

ON_COLOUR: Final = "#14181f"
"""Text on any of them."""
