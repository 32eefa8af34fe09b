"""What a Core ML model consists of: operations, what they read and write, and the model's own inputs and outputs.

    operations  one operation                     part function parent_id depth name type opset is_constant
                                                  stored_bytes constant_bytes reason
    values      one thing it reads or writes      operation_id direction argument name source_id dtype shape rank last
                                                  elements is_static is_constant
    features    one input, output or state        part function direction name kind dtype shape is_static

Rows of ``operations`` stand in the order of the file, every operation after those whose values it reads; an operation
with blocks of its own stands before what is in them. Ids are row positions, -1 means none. So what a value is made by
is one lookup (``source_id``), and no walk over the model is ever needed.

A shape is written ``[1, ?, 64]`` (``?``: not fixed), a scalar ``[]``; it is empty where the file gives none, as most
neural networks do. dtypes are those of the Model Intermediate Language: ``fp16``, ``fp32``, ``int32``, ``bool``, ….
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import pandas as pd

from tracekit.errors import InputError
from tracekit.model.schema import NONE, from_tuples

ModelKind = Literal["mlpackage", "mlmodel", "mlmodelc", "espresso"]
"""``mlmodelc`` is a compiled ML Program, ``espresso`` a compiled neural network."""
Direction = Literal["in", "out", "state"]

OPERATIONS: Final[Mapping[str, str]] = {
    "part": "category",
    "function": "category",
    "parent_id": "int32",
    "depth": "int16",
    "name": "str",
    "type": "category",
    "opset": "category",
    "is_constant": "bool",
    "stored_bytes": "int64",
    "constant_bytes": "int64",
    "reason": "str",
}
"""``part``: which model of a pipeline, by name, empty where there is one model. ``depth``: of its block, 0 is the
function's own. ``stored_bytes``: constants that are part of this operation, as they lie in the files;
``constant_bytes``: those that it reads, too. ``reason``: what Core ML's compiler wrote about an engine that cannot run
it."""

VALUES: Final[Mapping[str, str]] = {
    "operation_id": "int32",
    "direction": "category",
    "argument": "category",
    "name": "str",
    "source_id": "int32",
    "dtype": "category",
    "shape": "str",
    "rank": "int16",
    "last": "int64",
    "elements": "int64",
    "is_static": "bool",
    "is_constant": "bool",
}
"""``argument``: the operation's name for it (``x``, ``weight``), empty for results. ``rank``: -1 where not known.
``last``: size of the last axis, -1 where it is not fixed or there is none. ``elements``: -1 where it is not fixed; at
most 2 to the 62nd."""

FEATURES: Final[Mapping[str, str]] = {
    "part": "category",
    "function": "category",
    "direction": "category",
    "name": "str",
    "kind": "category",
    "dtype": "category",
    "shape": "str",
    "is_static": "bool",
}

MAX_OPERATIONS: Final = 500_000
"""Real models stay below 50,000. What a hostile file may make of its bytes is bounded by this, and by the next two."""
MAX_VALUES: Final = 5_000_000
MAX_AXES: Final = 100
MAX_TENSOR_BYTES: Final = 1 << 48
MAX_DEPTH: Final = 50
"""Blocks in blocks, and models in models."""

BITS: Final[Mapping[str, int]] = {
    "bool": 8, "fp16": 16, "fp32": 32, "fp64": 64, "bf16": 16, "fp8e4m3fn": 8, "fp8e5m2": 8,
    "int4": 4, "int8": 8, "int16": 16, "int32": 32, "int64": 64,
    "uint1": 1, "uint2": 2, "uint3": 3, "uint4": 4, "uint6": 6, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64,
}  # fmt: skip
"""How many bits an element takes. A string has no such size."""

UNKNOWN: Final = -1
"""In a shape: this axis is not fixed."""
_MANY: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class ValueType:
    """What a value is. ``shape`` is None where the file does not say."""

    dtype: str = ""
    shape: tuple[int, ...] | None = None

    @property
    def is_static(self) -> bool:
        return self.shape is not None and UNKNOWN not in self.shape

    def text(self) -> str:
        """The shape as it is written."""
        if self.shape is None:
            return ""
        return f"[{', '.join('?' if size == UNKNOWN else str(size) for size in self.shape)}]"

    @property
    def elements(self) -> int:
        """How many; -1 where that is not fixed."""
        if self.shape is None or not self.is_static:
            return UNKNOWN
        elements = 1
        for size in self.shape:
            elements = min(elements * size, _MANY)
        return elements

    def size(self, where: str) -> int:
        """Bytes of all elements; 0 for what has no fixed size.

        Raises:
            InputError: no real tensor is so big.
        """
        elements = max(self.elements, 0)
        if elements > MAX_TENSOR_BYTES:
            raise InputError(f"a constant of the shape {self.text()} is beyond any real model", where=where)
        return (elements * BITS.get(self.dtype, 0) + 7) // 8


NOTHING: Final = ValueType()


@dataclass(frozen=True, slots=True)
class Reads:
    """An input of an operation: by the name of a value, or a constant written in place (then without a name)."""

    argument: str
    name: str
    inline: ValueType | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """An input, output or state of a model, as its description has it."""

    direction: Direction
    name: str
    kind: str
    type: ValueType
    is_flexible: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A model, as tables. See the top of this file for the columns."""

    source: str
    kind: ModelKind
    version: int
    """Core ML's specification version; 0 where the files do not say."""
    operations: pd.DataFrame
    values: pd.DataFrame
    features: pd.DataFrame

    @property
    def constant_bytes(self) -> int:
        """Size of all constants; each counts once, however many operations read it."""
        return int(self.operations["stored_bytes"].sum())


@dataclass(frozen=True, slots=True)
class CoreAIModel:
    """A model of Core AI, whose operations nothing here can read: what its files tell."""

    source: str
    kind: Literal["aimodel", "aimodelc"]
    ane_regions: int
    """Parts compiled for the Neural Engine; 0 before compiling."""
    bytes: int
    """Of all its files."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a value by its name."""

    source_id: int
    type: ValueType
    is_constant: bool = False
    constant_bytes: int = 0


_NOWHERE: Final = _Known(NONE, NOTHING)


class ModelBuilder:
    """The only way a reader makes a ``Model``: it is told the operations in the order of the file.

    A value is looked up by the name that it has in the innermost block that is open, as the Model Intermediate Language
    has it. What nothing before has made is a value without source: so no operation can come before itself.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._operations: list[tuple[object, ...]] = []
        self._values: list[tuple[object, ...]] = []
        self._features: list[tuple[object, ...]] = []
        self._place = ("", "", "")
        self._scopes: list[dict[str, _Known]] = []
        self._parents: list[int] = []

    def begin(self, part: str, function: str, opset: str, inputs: Iterable[tuple[str, ValueType]]) -> None:
        """Begin a function."""
        self._place = (part, function, opset)
        self._parents = []
        self._scopes = [{name: _Known(NONE, kind) for name, kind in inputs}]

    def enter(self, operation: int, inputs: Iterable[tuple[str, ValueType]]) -> None:
        """Begin a block of an operation.

        Raises:
            InputError: blocks are nested beyond any real model.
        """
        if len(self._parents) == MAX_DEPTH:
            raise InputError(f"blocks are nested more than {MAX_DEPTH} deep", where=self._source)
        self._parents.append(operation)
        self._scopes.append({name: _Known(NONE, kind) for name, kind in inputs})

    def leave(self) -> None:
        """End the block that was entered last."""
        self._parents.pop()
        self._scopes.pop()

    def add(
        self,
        name: str,
        kind: str,
        reads: Sequence[Reads],
        results: Sequence[tuple[str, ValueType]],
        *,
        stored_bytes: int = 0,
        is_constant: bool = False,
        reason: str = "",
    ) -> int:
        """Add an operation; gives its row.

        Raises:
            InputError: there are more than any real model has.
        """
        row = len(self._operations)
        if row == MAX_OPERATIONS:
            raise InputError(f"there are more than {MAX_OPERATIONS:,} operations", where=self._source)
        known = [self._find(each) for each in reads]
        sources = {id(each): each.constant_bytes for each in known if each.is_constant}
        total = stored_bytes + sum(sources.values())
        part, function, opset = self._place
        parent = self._parents[-1] if self._parents else NONE
        place = (part, function, parent, len(self._parents))
        self._operations.append((*place, name, kind, opset, is_constant, stored_bytes, total, reason))
        for read, each in zip(reads, known, strict=True):
            self._value(row, "in", read.argument, read.name, each)
        for result, result_type in results:
            each = _Known(row, result_type, is_constant, total if is_constant else 0)
            self._scopes[-1][result] = each
            self._value(row, "out", "", result, each)
        return row

    def add_feature(self, part: str, function: str, feature: Feature) -> None:
        """Add an input, output or state of the model."""
        kind = feature.type
        static = kind.is_static and not feature.is_flexible
        row = (part, function, feature.direction, feature.name, feature.kind, kind.dtype, kind.text(), static)
        self._features.append(row)

    def build(self, kind: ModelKind, version: int) -> Model:
        """The model."""
        given = ((OPERATIONS, self._operations), (VALUES, self._values), (FEATURES, self._features))
        return Model(self._source, kind, version, *(from_tuples(dtypes, rows) for dtypes, rows in given))

    def _find(self, read: Reads) -> _Known:
        if read.inline is not None:
            return _Known(NONE, read.inline, is_constant=True, constant_bytes=read.inline.size(self._source))
        return next((scope[read.name] for scope in reversed(self._scopes) if read.name in scope), _NOWHERE)

    def _value(self, row: int, direction: Direction, argument: str, name: str, known: _Known) -> None:
        if len(self._values) == MAX_VALUES:
            raise InputError(f"operations read and make more than {MAX_VALUES:,} values", where=self._source)
        what = (*_described(known.type), known.is_constant)
        self._values.append((row, direction, argument, name, known.source_id, *what))


@lru_cache(maxsize=4096)  # a model has few types, each of many values
def _described(kind: ValueType) -> tuple[str, str, int, int, int, bool]:
    """The columns of ``VALUES`` that follow from a type."""
    rank, last = NONE if kind.shape is None else len(kind.shape), kind.shape[-1] if kind.shape else UNKNOWN
    return kind.dtype, kind.text(), rank, last, kind.elements, kind.is_static
