"""An ML Program (the Model Intermediate Language as protocol buffers) → operations.

Field numbers are those of Core ML's published format (MIL.proto, in coremltools). A function has a block for each set
of operations it was written for; the one that its ``opset`` names is the one that runs. Functions and arguments are
maps, which have no order in a file: they are put in the order of their names, so that one model gives one table.
"""

from collections.abc import Iterator
from operator import itemgetter

from tracekit.mlmodel.types import named_type, value_type
from tracekit.mlmodel.weights import Weights
from tracekit.mlmodel.wire import Buffer, Message, WireError, each, entry, fields, message, one, text
from tracekit.model.operations import ModelBuilder, Reads


def is_constant(kind: str) -> bool:
    """Whether operations of a type make a constant: they have no device in a plan and take no time in a prediction."""
    return kind == "const" or kind.startswith("constexpr_")


def read_program(data: Buffer, part: str, builder: ModelBuilder, weights: Weights) -> None:
    """Add all operations of a program.

    Raises:
        WireError: it is damaged.
        InputError: it is beyond any real model.
    """
    functions = sorted(map(entry, each(data, 2)), key=itemgetter(0))
    for name, function in functions:
        _Function(builder, weights).read(function, part, name)


class _Function:
    """Reads the blocks of one function."""

    def __init__(self, builder: ModelBuilder, weights: Weights) -> None:
        self._builder, self._weights = builder, weights

    def read(self, data: Buffer, part: str, name: str) -> None:
        function = Message(data)
        opset, blocks = function.text(2), dict(map(entry, function.all(3)))
        if opset not in blocks:
            raise WireError(f"the function {name!r} has no block for its operations {opset!r}")
        self._builder.begin(part, name, opset, map(named_type, function.all(1)))
        self._block(blocks[opset])

    def _block(self, data: Buffer) -> None:
        for operation in each(data, 3):
            self._operation(Message(operation))

    def _operation(self, operation: Message) -> None:
        kind = operation.text(1)
        arguments = sorted(map(entry, operation.all(2)), key=itemgetter(0))
        reads = [read for argument in arguments for read in _argument(*argument)]
        results = [named_type(result) for result in operation.all(3)]
        name, stored = "", 0
        for key, attribute in map(entry, operation.all(5)):
            if key == "name":
                name = _string(attribute)
            else:
                stored += self._size(attribute)
        row = self._builder.add(
            name or (results[0][0] if results else ""),
            kind,
            reads,
            results,
            stored_bytes=stored if is_constant(kind) else 0,
            is_constant=is_constant(kind),
        )
        for block in operation.all(4):
            self._builder.enter(row, map(named_type, each(block, 1)))
            self._block(block)
            self._builder.leave()

    def _size(self, data: Buffer) -> int:
        """Bytes that a constant takes, in the message or in a weight file."""
        constant = Message(data)
        kind, blob = value_type(constant.one(2)), Message(constant.one(5))
        file = blob.text(1)
        size = kind.size(self._weights.source)
        if file:
            self._weights.check(file, blob.number(2), size)
        return size


def _argument(name: str, data: Buffer) -> Iterator[Reads]:
    """One input, which is several values where it takes a list."""
    for binding in each(data, 1):
        for field, value in fields(binding):
            if field == 1:
                yield Reads(name, text(value))
            elif field == 2:
                yield Reads(name, "", value_type(one(message(value), 2)))


def _string(value: Buffer) -> str:
    """The text in a Value: immediateValue.tensor.strings.values."""
    return next((text(string) for string in each(one(one(one(value, 3), 1), 4), 1)), "")
