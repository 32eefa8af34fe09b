"""What is known of a neural network's layers: names, where weights and inner networks lie. Data, from layers.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """A type of layer. Paths are field numbers, from the layer's parameters inwards."""

    name: str
    weights: tuple[Path, ...]
    networks: tuple[Path, ...]


@cache
def layers() -> Mapping[int, Layer]:
    """Every type of layer, by its field number in NeuralNetworkLayer (NeuralNetwork.proto, in coremltools)."""
    known = json.loads(files("tracekit.mlmodel").joinpath("layers.json").read_bytes())
    return {
        int(field): Layer(each["name"], _paths(each.get("weights")), _paths(each.get("networks")))
        for field, each in known.items()
    }


def _paths(given: list[list[int]] | None) -> tuple[Path, ...]:
    return tuple(tuple(path) for path in given or ())
