"""A neural network, Core ML's older kind of model → its layers, as operations.

What is known of types of layers is data, in layers.json: names, and where weights and inner networks lie.

Layers have no element types: Core ML chooses the precision when it loads the model. Shapes are given for models that
use the later layers only, and often not even then. Weights are part of the layer.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from tracekit.mlmodel.wire import Buffer, Message, each, fields, message, sizes
from tracekit.model.operations import MAX_AXES, NOTHING, UNKNOWN, ModelBuilder, Reads, ValueType

_HEAD: Final = 20
"""Fields below are the layer's own; its type has a number above."""
_WEIGHTS: Final = (1, 2, 30, 31)
"""WeightParams: floats, float16, raw, int8."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A type of layer. Paths are field numbers, from the layer's parameters inwards."""

    name: str
    weights: Sequence[Sequence[int]] = ()
    networks: Sequence[Sequence[int]] = ()


@cache
def layers() -> Mapping[int, Layer]:
    """Every type of layer, by its field number in NeuralNetworkLayer (NeuralNetwork.proto, in coremltools)."""
    known = json.loads(files("tracekit.mlmodel").joinpath("layers.json").read_bytes())
    return {int(field): Layer(**each) for field, each in known.items()}


def read_network(data: Buffer, part: str, builder: ModelBuilder, inputs: list[tuple[str, ValueType]]) -> None:
    """Add all layers of a network.

    Raises:
        WireError: it is damaged.
        InputError: it is beyond any real model.
    """
    builder.begin(part, "", "", inputs)
    _layers(data, builder)


def _layers(data: Buffer, builder: ModelBuilder) -> None:
    for layer in each(data, 1):
        _layer(Message(layer), builder)


def _layer(layer: Message, builder: ModelBuilder) -> None:
    field = next((field for field in layer.fields if field > _HEAD), 0)
    kind = layers().get(field, Layer(f"layer {field}" if field else ""))
    parameters = layer.one(field)
    results = layer.texts(3)
    shapes = [*map(_tensor, layer.all(5)), *[NOTHING] * len(results)]
    row = builder.add(
        layer.text(1),
        kind.name,
        [Reads("", name) for name in layer.texts(2)],
        list(zip(results, shapes, strict=False)),
        stored_bytes=sum(_stored(weights) for path in kind.weights for weights in _at(parameters, path)),
    )
    for path in kind.networks:
        for inner in _at(parameters, path):
            builder.enter(row, ())
            _layers(inner, builder)
            builder.leave()


def _at(data: Buffer, path: Sequence[int]) -> Iterator[Buffer]:
    """Every message at a path of field numbers."""
    if not path:
        yield data
        return
    for inner in each(data, path[0]):
        yield from _at(inner, path[1:])


def _stored(data: Buffer) -> int:
    """Bytes of weights, as they lie in the file."""
    return sum(len(message(value)) for field, value in fields(data) if field in _WEIGHTS)


def _tensor(data: Buffer) -> ValueType:
    shape = tuple(size if size > 0 else UNKNOWN for size in sizes(data, 2))
    return ValueType("", shape or (UNKNOWN,) * min(Message(data).number(1), MAX_AXES))
