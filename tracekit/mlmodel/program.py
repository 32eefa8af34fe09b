"""An ML Program (the Model Intermediate Language as protocol buffers) → operations.

Field numbers are those of Core ML's published format (MIL.proto, in coremltools). A function has a block for each set
of operations it was written for; the one that its ``opset`` names is the one that runs. Functions and arguments are
maps, which have no order in a file: they are put in the order of their names, so that one model gives one table.
"""

from collections.abc import Iterator
from operator import itemgetter

from tracekit.mlmodel.types import named_type, value_type
from tracekit.mlmodel.weights import Weights
from tracekit.mlmodel.wire import Buffer, WireError, entry, fields, message, number, one, text
from tracekit.model.operations import NOTHING, ModelBuilder, Reads, ValueType


def is_constant(kind: str) -> bool:
    """Whether operations of a type make a constant: they have no device in a plan and take no time in a prediction."""
    return kind == "const" or kind.startswith("constexpr_")


def read_program(data: Buffer, part: str, builder: ModelBuilder, weights: Weights) -> None:
    """Add all operations of a program.

    Raises:
        WireError: it is damaged.
        InputError: it is beyond any real model.
    """
    functions = [entry(message(value)) for field, value in fields(data) if field == 2]
    for name, function in sorted(functions, key=itemgetter(0)):
        _Function(builder, weights).read(function, part, name)


class _Function:
    """Reads the blocks of one function."""

    def __init__(self, builder: ModelBuilder, weights: Weights) -> None:
        self._builder, self._weights = builder, weights

    def read(self, data: Buffer, part: str, name: str) -> None:
        inputs, opset, blocks = [], "", {}
        for field, value in fields(data):
            if field == 1:
                inputs.append(named_type(message(value)))
            elif field == 2:
                opset = text(value)
            elif field == 3:
                key, block = entry(message(value))
                blocks[key] = block
        if opset not in blocks:
            raise WireError(f"the function {name!r} has no block for its operations {opset!r}")
        self._builder.begin(part, name, opset, inputs)
        self._block(blocks[opset])

    def _block(self, data: Buffer) -> None:
        for field, value in fields(data):
            if field == 3:
                self._operation(message(value))

    def _operation(self, data: Buffer) -> None:
        kind, name, stored = "", "", 0
        arguments: list[tuple[str, Buffer]] = []
        results: list[tuple[str, ValueType]] = []
        blocks: list[Buffer] = []
        for field, value in fields(data):
            if field == 1:
                kind = text(value)
            elif field == 2:
                arguments.append(entry(message(value)))
            elif field == 3:
                results.append(named_type(message(value)))
            elif field == 4:
                blocks.append(message(value))
            elif field == 5:
                key, attribute = entry(message(value))
                if key == "name":
                    name = _string(attribute)
                else:
                    stored += self._size(attribute)
        arguments.sort(key=itemgetter(0))
        reads = [read for argument in arguments for read in _argument(*argument)]
        row = self._builder.add(
            name or (results[0][0] if results else ""),
            kind,
            reads,
            results,
            stored_bytes=stored if is_constant(kind) else 0,
            is_constant=is_constant(kind),
        )
        for block in blocks:
            self._builder.enter(row, _block_inputs(block))
            self._block(block)
            self._builder.leave()

    def _size(self, data: Buffer) -> int:
        """Bytes that a constant takes, in the message or in a weight file."""
        kind, file, offset = NOTHING, "", 0
        for field, value in fields(data):
            if field == 2:
                kind = value_type(message(value))
            elif field == 5:
                for at, each in fields(message(value)):
                    file, offset = (text(each), offset) if at == 1 else (file, number(each) if at == 2 else offset)
        size = kind.size(self._weights.source)
        if file:
            self._weights.check(file, offset, size)
        return size


def _block_inputs(data: Buffer) -> list[tuple[str, ValueType]]:
    return [named_type(message(value)) for field, value in fields(data) if field == 1]


def _argument(name: str, data: Buffer) -> Iterator[Reads]:
    """One input, which is several values where it takes a list."""
    for field, value in fields(data):
        if field != 1:
            continue
        for at, binding in fields(message(value)):
            if at == 1:
                yield Reads(name, text(binding))
            elif at == 2:
                kind = one(message(binding), 2)
                yield Reads(name, "", NOTHING if kind is None else value_type(kind))


def _string(value: Buffer) -> str:
    """The text in a Value: immediateValue.tensor.strings.values."""
    inside: Buffer | None = value
    for field in (3, 1, 4):
        inside = one(inside, field) if inside is not None else None
    return "" if inside is None else next((text(each) for field, each in fields(inside) if field == 1), "")
