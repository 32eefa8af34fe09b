"""The models that tests read, and reading them. Nothing here loads coremltools, which takes half a second."""

from importlib.resources import files
from pathlib import Path

from tracekit.mlmodel import open_model
from tracekit.model.operations import Model

BUNDLED = Path(str(files("tracekit.recording.harness").joinpath("default_model")))
"""TinyConv, of both kinds."""

PROGRAMS = [
    "transformer-fp16", "transformer-fp32", "branching", "stateful", "flexible", "palettized", "multifunction",
]  # fmt: skip
"""Every ML Program of the fixture ``saved``."""


def read(path: Path) -> Model:
    """The operations of a model."""
    model = open_model(path)
    assert isinstance(model, Model)
    return model
