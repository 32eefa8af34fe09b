"""Types of values in the Model Intermediate Language, as protocol buffers (MIL.proto, in coremltools)."""

from collections.abc import Mapping
from typing import Final

from tracekit.mlmodel.wire import TOO_MANY_AXES, Buffer, Message, WireError, entry, fields, message, number, one
from tracekit.model.operations import MAX_AXES, MAX_DEPTH, NOTHING, UNKNOWN, ValueType

DTYPES: Final[Mapping[int, str]] = {
    1: "bool", 2: "string", 10: "fp16", 11: "fp32", 12: "fp64", 13: "bf16",
    21: "int8", 22: "int16", 23: "int32", 24: "int64", 25: "int4",
    31: "uint8", 32: "uint16", 33: "uint32", 34: "uint64", 35: "uint4", 36: "uint2", 37: "uint1", 38: "uint6",
    39: "uint3", 40: "fp8e4m3fn", 41: "fp8e5m2",
}  # fmt: skip
"""MIL.proto's DataType, by the names that MIL's text has for them."""

_CONTAINERS: Final[Mapping[int, str]] = {2: "list", 3: "tuple", 4: "dict"}
_TENSOR, _STATE = 1, 5


def value_type(data: Buffer, depth: int = 0) -> ValueType:
    """What a value is: a tensor's type; a state's is that of the tensor in it, a container has no shape."""
    if depth > MAX_DEPTH:
        raise WireError("types are nested too deep")
    for field, value in fields(data):
        if field == _TENSOR:
            return _tensor_type(Message(message(value)))
        if field == _STATE:
            return value_type(one(message(value), 1), depth + 1)
        if field in _CONTAINERS:
            return ValueType(_CONTAINERS[field])
    return NOTHING


def _tensor_type(tensor: Message) -> ValueType:
    dimensions = tensor.all(3)
    if len(dimensions) > MAX_AXES:
        raise WireError(TOO_MANY_AXES)
    shape = tuple(map(_dimension, dimensions))
    # A rank without dimensions is that of a tensor whose very rank is open (-1 in the file).
    return ValueType(DTYPES.get(tensor.number(1), ""), shape if shape or tensor.number(2) == 0 else None)


def _dimension(data: Buffer) -> int:
    for field, value in fields(data):
        if field == 1:
            size = next((number(size) for at, size in fields(message(value)) if at == 1), 0)
            if size >> 63:
                raise WireError(f"an axis has {size:,} elements")
            return size
    return UNKNOWN


def named_type(data: Buffer) -> tuple[str, ValueType]:
    """A name and the type of what has it."""
    name, kind = entry(data)
    return name, value_type(kind)
