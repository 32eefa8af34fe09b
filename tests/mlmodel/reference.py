"""The same models as coremltools sees them: the other way to every number that these tests compare."""

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

logging.disable(logging.WARNING)  # coremltools complains of every part that only a Mac has
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.proto import MIL_pb2, Model_pb2, NeuralNetwork_pb2
logging.disable(logging.NOTSET)

_WEIGHTS = "CoreML.Specification.WeightParams"
_NETWORK = "CoreML.Specification.NeuralNetwork"

_DTYPES = {
    "FLOAT16": "fp16", "FLOAT32": "fp32", "FLOAT64": "fp64", "BFLOAT16": "bf16",
    "FLOAT8E4M3FN": "fp8e4m3fn", "FLOAT8E5M2": "fp8e5m2",
}  # fmt: skip

Operation = tuple[str, str, str, int, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""function, type, name, depth of the block, names read, names made, types made"""


def specification(path: Path) -> Any:
    """The model as coremltools' own message."""
    file = path / "Data/com.apple.CoreML/model.mlmodel" if path.is_dir() else path
    return Model_pb2.Model.FromString(file.read_bytes())


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
    name = MIL_pb2.DataType.Name(kind.tensorType.dataType)
    sizes = [
        str(each.constant.size) if each.WhichOneof("dimension") == "constant" else "?"
        for each in kind.tensorType.dimensions
    ]
    return f"{_DTYPES.get(name, name.lower())} [{', '.join(sizes)}]"


def network_layers(network: Any, depth: int = 0) -> Iterator[tuple[str, str, int, tuple[str, ...], tuple[str, ...]]]:
    """Every layer of a neural network: type, name, depth, names read, names made."""
    for each in network.layers:
        kind = each.WhichOneof("layer")
        yield kind, each.name, depth, tuple(each.input), tuple(each.output)
        parameters = getattr(each, kind)
        for field, inner in parameters.ListFields():
            if field.message_type is not None and field.message_type.full_name == _NETWORK:
                yield from network_layers(inner, depth + 1)


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
    layer = NeuralNetwork_pb2.DESCRIPTOR.message_types_by_name["NeuralNetworkLayer"]
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
