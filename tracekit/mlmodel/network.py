"""A neural network, Core ML's older kind of model → its layers, as operations.

Layers have no element types: Core ML chooses the precision when it loads the model. Shapes are given for models that
use the later layers only, and often not even then. Weights are part of the layer.
"""

from collections.abc import Iterator
from typing import Final

from tracekit.mlmodel.layers import Layer, Path, layers
from tracekit.mlmodel.wire import Buffer, fields, message, number, sizes, text
from tracekit.model.operations import MAX_AXES, NOTHING, UNKNOWN, ModelBuilder, Reads, ValueType

_HEAD: Final = 20
"""Fields below are the layer's own; its type has a number above."""
_WEIGHTS: Final = (1, 2, 30, 31)
"""WeightParams: floats, float16, raw, int8."""


def read_network(data: Buffer, part: str, builder: ModelBuilder, inputs: list[tuple[str, ValueType]]) -> None:
    """Add all layers of a network.

    Raises:
        WireError: it is damaged.
        InputError: it is beyond any real model.
    """
    builder.begin(part, "", "", inputs)
    _layers(data, builder)


def _layers(data: Buffer, builder: ModelBuilder) -> None:
    for field, value in fields(data):
        if field == 1:
            _layer(message(value), builder)


def _layer(data: Buffer, builder: ModelBuilder) -> None:
    name, kind, parameters = "", Layer("", (), ()), memoryview(b"")
    reads: list[str] = []
    results: list[str] = []
    shapes: list[ValueType] = []
    for field, value in fields(data):
        if field == 1:
            name = text(value)
        elif field == 2:
            reads.append(text(value))
        elif field == 3:
            results.append(text(value))
        elif field == 5:
            shapes.append(_tensor(message(value)))
        elif field > _HEAD:
            kind = layers().get(field, Layer(f"layer {field}", (), ()))
            parameters = message(value)
    stored = sum(_stored(each) for path in kind.weights for each in _at(parameters, path))
    shapes += [NOTHING] * (len(results) - len(shapes))
    row = builder.add(
        name,
        kind.name,
        [Reads("", each) for each in reads],
        list(zip(results, shapes, strict=False)),
        stored_bytes=stored,
    )
    for path in kind.networks:
        for inner in _at(parameters, path):
            builder.enter(row, ())
            _layers(inner, builder)
            builder.leave()


def _at(data: Buffer, path: Path) -> Iterator[Buffer]:
    """Every message at a path of field numbers."""
    if not path:
        yield data
        return
    for field, value in fields(data):
        if field == path[0]:
            yield from _at(message(value), path[1:])


def _stored(data: Buffer) -> int:
    """Bytes of weights, as they lie in the file."""
    return sum(len(message(value)) for field, value in fields(data) if field in _WEIGHTS)


def _tensor(data: Buffer) -> ValueType:
    rank = next((number(value) for field, value in fields(data) if field == 1), 0)
    shape = tuple(size if size > 0 else UNKNOWN for size in sizes(data, 2))
    return ValueType("", shape or (UNKNOWN,) * min(rank, MAX_AXES))
