"""The same models as coremltools sees them: the other way to every number that these tests compare."""

import logging
import warnings
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_WEIGHTS = "CoreML.Specification.WeightParams"
_NETWORK = "CoreML.Specification.NeuralNetwork"

_DTYPES = {
    "FLOAT16": "fp16", "FLOAT32": "fp32", "FLOAT64": "fp64", "BFLOAT16": "bf16",
    "FLOAT8E4M3FN": "fp8e4m3fn", "FLOAT8E5M2": "fp8e5m2",
}  # fmt: skip

Operation = tuple[str, str, str, int, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""function, type, name, depth of the block, names read, names made, types made"""


@cache
def messages(name: str) -> Any:
    """A module of coremltools' messages, loaded when a test first asks: every worker collects every test."""
    logging.disable(logging.WARNING)  # coremltools complains of every part that only a Mac has
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = import_module(f"coremltools.proto.{name}")
    logging.disable(logging.NOTSET)
    return found


def specification(path: Path) -> Any:
    """The model as coremltools' own message."""
    file = path / "Data/com.apple.CoreML/model.mlmodel" if path.is_dir() else path
    return messages("Model_pb2").Model.FromString(file.read_bytes())


def program_operations(spec: Any) -> list[Operation]:
    """Every operation of an ML Program."""
    found: list[Operation] = []
    for name, function in spec.mlProgram.functions.items():
        found += _block(name, function.block_specializations[function.opset], 0)
    return found


def _block(function: str, block: Any, depth: int) -> Iterator[Operation]:
    for each in block.operations:
        reads = [binding.name for value in each.inputs.values() for binding in value.arguments]
        name = each.attributes["name"].immediateValue.tensor.strings.values[0]
        makes = [output.name for output in each.outputs], [type_text(output.type) for output in each.outputs]
        yield (function, each.type, name, depth, tuple(sorted(reads)), tuple(makes[0]), tuple(makes[1]))
        for inner in each.blocks:
            yield from _block(function, inner, depth + 1)


def type_text(kind: Any) -> str:
    """``fp16 [1, ?, 64]``."""
    which = kind.WhichOneof("type")
    if which == "stateType":
        return type_text(kind.stateType.wrappedType)
    if which != "tensorType":
        return f"{which.removesuffix('Type').replace('dictionary', 'dict')} "
    name = messages("MIL_pb2").DataType.Name(kind.tensorType.dataType)
    sizes = [
        str(each.constant.size) if each.WhichOneof("dimension") == "constant" else "?"
        for each in kind.tensorType.dimensions
    ]
    return f"{_DTYPES.get(name, name.lower())} [{', '.join(sizes)}]"


def network_layers(network: Any, depth: int = 0) -> Iterator[Operation]:
    """Every layer of a neural network, in no function; a layer's type of value is its shape, where it has one."""
    for each in network.layers:
        kind = each.WhichOneof("layer")
        shapes = [_sizes(tensor) for tensor in each.outputTensor] or [""] * len(each.output)
        makes = tuple(f" {shape}" for shape in shapes)
        yield "", kind, each.name, depth, tuple(sorted(each.input)), tuple(each.output), makes
        parameters = getattr(each, kind)
        for field, inner in parameters.ListFields():
            if field.message_type is not None and field.message_type.full_name == _NETWORK:
                yield from network_layers(inner, depth + 1)


def _sizes(tensor: Any) -> str:
    sizes = [str(size) if size > 0 else "?" for size in tensor.dimValue] or ["?"] * tensor.rank
    return f"[{', '.join(sizes)}]"


def features(spec: Any) -> list[tuple[str, str, str, str, str, bool]]:
    """Inputs, outputs and states: function, direction, name, dtype, shape, and whether that is the only one."""
    description = spec.description
    lists = [("", description.input, description.output, description.state)]
    lists += [(each.name, each.input, each.output, each.state) for each in description.functions]
    return [
        (function, direction, each.name, *_feature(each.type))
        for function, *every in lists
        for direction, some in zip(("in", "out", "state"), every, strict=True)
        for each in some
    ]


def _feature(kind: Any) -> tuple[str, str, bool]:
    which = kind.WhichOneof("Type")
    if which == "imageType":
        image = kind.imageType
        channels = {"GRAYSCALE": 1, "GRAYSCALE_FLOAT16": 1, "RGB": 3, "BGR": 3}
        space = type(image).ColorSpace.Name(image.colorSpace)
        shape = f"[{image.height}, {image.width}, {channels[space]}]"
        return "fp16" if "FLOAT16" in space else "uint8", shape, image.WhichOneof("SizeFlexibility") is None
    array = kind.stateType.arrayType if which == "stateType" else getattr(kind, which)
    if which not in ("stateType", "multiArrayType"):
        return "", "", False
    name = type(array).ArrayDataType.Name(array.dataType).lower()
    dtype = {"float16": "fp16", "float32": "fp32", "double": "fp64"}.get(name, name)
    ranges = [(each.lowerBound, each.upperBound) for each in array.shapeRange.sizeRanges]
    is_one = all(low == high for low, high in ranges) and len(array.enumeratedShapes.shapes) < 2
    shape = f"[{', '.join(map(str, array.shape))}]" if array.shape else ""
    return dtype, shape, is_one and bool(shape)


def weight_bytes(message: Any) -> int:
    """Bytes of all weights in a message, as they lie in the file."""
    if message.DESCRIPTOR.full_name == _WEIGHTS:
        sizes = (4 * len(message.floatValue), len(message.float16Value), len(message.rawValue))
        return sum(sizes) + len(message.int8RawValue)
    total = 0
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.full_name == _NETWORK:
            continue
        total += sum(weight_bytes(each) for each in (value if field.is_repeated else [value]))
    return total


def layer_types() -> dict[str, dict[str, object]]:
    """What layers.json must hold: for each type of layer its name, and where weights and networks lie in it."""
    layer = messages("NeuralNetwork_pb2").DESCRIPTOR.message_types_by_name["NeuralNetworkLayer"]
    found = {}
    for field in layer.oneofs[0].fields:
        known = {
            "name": field.name,
            "weights": _paths(field.message_type, _WEIGHTS),
            "networks": _paths(field.message_type, _NETWORK),
        }
        found[str(field.number)] = {key: value for key, value in known.items() if value}
    return found


def _paths(message: Any, target: str, seen: tuple[str, ...] = ()) -> list[list[int]]:
    found = []
    for field in message.fields:
        inner = field.message_type
        if inner is None or inner.full_name in seen:
            continue
        if inner.full_name == target:
            found.append([field.number])
        elif inner.full_name not in (_WEIGHTS, _NETWORK):
            found += [[field.number, *path] for path in _paths(inner, target, (*seen, message.full_name))]
    return found
