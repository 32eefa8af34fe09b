"""``model.mil`` of a compiled model: an ML Program as text → operations.

    program(1.0)
    [buildInfo = dict<tensor<string, []>, tensor<string, []>>({{"coremlc-version", "3304.5.2"}})]
    {
        func main<ios16>(tensor<fp16, [1, 3, 8, 8]> x) {
            tensor<fp16, [4, 3, 1, 1]> w = const()[name = tensor<string, []>("w"), val = tensor<fp16, [4, 3, 1, 1]>(
                BLOBFILE(path = tensor<string, []>("@model_path/weights/weight.bin"),
                         offset = tensor<uint64, []>(64)))];
            tensor<fp16, [1, 4, 8, 8]> y = conv(weight = w, x = x)[name = tensor<string, []>("y")];
        } -> (y);
    }

Apple describes this text nowhere; what is read here is what compiled models in public repositories hold. Newer ones
write ``string("w")`` for ``tensor<string, []>("w")``. A statement that does not look like one of these ends reading
with an error, never with a guess.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, NoReturn, TypeVar

from tracekit.errors import InputError
from tracekit.mlmodel.program import is_constant
from tracekit.mlmodel.weights import Weights
from tracekit.model.operations import BITS, MAX_AXES, MAX_DEPTH, UNKNOWN, ModelBuilder, Reads, ValueType

_TOKEN: Final = re.compile(r'\s*("(?:[^"\\]|\\.)*"|->|[<>()\[\]{},=;?]|[^\s<>()\[\]{},=;?"]+)')
_END: Final = ""
_LONGEST: Final = 19
"""Digits of a number that may be a size."""
_CLOSING: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
T = TypeVar("T")

_NAME: Final = re.compile(r"[A-Za-z_][\w.@:/\-]*")


def read_mil(text: str, builder: ModelBuilder, weights: Weights, where: str) -> None:
    """Add all operations of all functions.

    Raises:
        InputError: the text is damaged, or not of this kind.
    """
    _Reader(text, builder, weights, where).program()


@dataclass(frozen=True, slots=True)
class _Written:
    """What matters of a value that is written in place."""

    texts: list[str]
    is_blob: bool
    number: int
    """The last one: where a weight file is named, the offset in it."""


class _Reader:
    """Reads tokens, one of them ahead."""

    def __init__(self, text: str, builder: ModelBuilder, weights: Weights, where: str) -> None:
        self._text, self._builder, self._weights, self._where = text, builder, weights, where
        self._at, self._next = 0, _END
        self._advance()

    def program(self) -> None:
        self._expect("program")
        self._group("(")
        if self._next == "[":
            self._group("[")
        self._expect("{")
        while self._next != "}":
            self._function()
        self._expect("}")

    def _function(self) -> None:
        self._expect("func")
        name = self._name()
        opset = ""
        if self._take("<"):
            opset = self._name()
            self._expect(">")
        inputs = self._parameters()
        self._attributes()
        self._builder.begin("", name, opset, inputs)
        self._block(0)
        self._expect(";")

    def _block(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._fail("blocks are nested too deep")
        self._expect("{")
        while self._next != "}":
            self._statement(depth)
        self._expect("}")
        self._expect("->")
        self._group("(")

    def _statement(self, depth: int) -> None:
        first = self._name()
        if self._next == "(":  # an operation that makes nothing, such as write_state
            kind, results = first, []
        else:
            results = self._results(self._type_of(first, 0))
            kind = self._name()
        reads = sorted(self._arguments(), key=attrgetter("argument"))
        name, stored, reason = self._attributes()
        constant = is_constant(kind)
        row = self._builder.add(
            name or (results[0][0] if results else ""),
            kind,
            reads,
            results,
            stored_bytes=stored if constant else 0,
            is_constant=constant,
            reason=reason,
        )
        while self._next not in (";", _END):
            self._take(",")
            if _NAME.fullmatch(self._next):
                self._name()
            inputs = self._parameters() if self._next == "(" else []
            self._builder.enter(row, inputs)
            self._block(depth + 1)
            self._builder.leave()
        self._expect(";")

    def _results(self, first: ValueType) -> list[tuple[str, ValueType]]:
        """``… a, tensor<fp16, [1, 2]> b =``, behind the first type."""
        found = [(self._name(), first)]
        while self._take(","):
            kind = self._type()
            found.append((self._name(), kind))
        self._expect("=")
        return found

    def _parameters(self) -> list[tuple[str, ValueType]]:
        return self._listed("(", ")", self._parameter)

    def _parameter(self) -> tuple[str, ValueType]:
        kind = self._type()
        return self._name(), kind

    def _listed(self, opening: str, closing: str, read: Callable[[], T]) -> list[T]:
        """What ``read`` finds between two brackets, time and again, with commas between."""
        self._expect(opening)
        found: list[T] = []
        while self._next != closing:
            found.append(read())
            if not self._take(","):
                break
        self._expect(closing)
        return found

    def _type(self) -> ValueType:
        """``fp16``, ``tensor<fp16, [1, ?]>``, ``state<tensor<…>>``, ``list<…>``."""
        return self._type_of(self._name(), 0)

    def _type_of(self, name: str, depth: int) -> ValueType:
        if name in BITS or name == "string":
            return ValueType(name, ())
        if depth > MAX_DEPTH:
            self._fail("types are nested too deep")
        if name == "tensor":
            self._expect("<")
            dtype = self._name()
            self._expect(",")
            shape = self._shape()
            self._expect(">")
            return ValueType(dtype, shape)
        if name == "state":
            self._expect("<")
            inner = self._type_of(self._name(), depth + 1)
            self._expect(">")
            return inner
        if self._next == "<":
            self._group("<")
        return ValueType(name)

    def _shape(self) -> tuple[int, ...]:
        sizes = self._listed("[", "]", self._size)
        if len(sizes) > MAX_AXES:
            self._fail(f"a shape has more than {MAX_AXES} axes")
        return tuple(sizes)

    def _size(self) -> int:
        size = self._advance()
        if size != "?" and not (size.isdecimal() and len(size) < _LONGEST):
            self._fail(f"{size!r} is no size")
        return UNKNOWN if size == "?" else int(size)

    def _arguments(self) -> list[Reads]:
        """``(x = y, values = (a, b), axes = tensor<int32, [1]>([1]))``."""
        return [read for reads in self._listed("(", ")", self._argument) for read in reads]

    def _argument(self) -> list[Reads]:
        argument = self._name()
        self._expect("=")
        return self._reads(argument)

    def _reads(self, argument: str) -> list[Reads]:
        if self._next == "(":
            return [read for reads in self._listed("(", ")", lambda: self._reads(argument)) for read in reads]
        name = self._name()
        if self._next not in ("<", "("):
            return [Reads(argument, name)]
        kind = self._type_of(name, 0)
        self._group("(")
        return [Reads(argument, "", kind)]

    def _attributes(self) -> tuple[str, int, str]:
        """``[name = …, val = …]`` → the name, the size of the constants, what the compiler says of engines."""
        name, stored, reason = "", 0, ""
        if not self._take("["):
            return name, stored, reason
        while self._next != "]":
            key = self._name()
            self._expect("=")
            kind = self._type()
            written = self._group("(")
            if key == "name":
                name = written.texts[0] if written.texts else ""
            elif key.startswith("ValidationMessage"):
                reason = "; ".join(
                    f"{engine}: {why}" for engine, why in zip(written.texts[::2], written.texts[1::2], strict=False)
                )
            else:
                size = kind.size(self._where)
                stored += size
                if written.is_blob and written.texts:
                    self._weights.check(written.texts[0], written.number, size)
            if not self._take(","):
                break
        self._expect("]")
        return name, stored, reason

    # ---- Tokens.

    def _group(self, opening: str) -> _Written:
        """Skip a bracket with all that is in it, and remember what may matter: it can hold a million numbers."""
        self._expect(opening)
        expected = [_CLOSING[opening]]
        texts: list[str] = []
        is_blob, last = False, 0
        while expected:
            found = self._advance()
            if found in _CLOSING:
                expected.append(_CLOSING[found])
            elif found == expected[-1]:
                expected.pop()
            elif found in _CLOSING.values() or found == _END:
                self._fail(f"{found or 'the end'} stands where {expected[-1]} is missing")
            elif found[0] == '"':
                texts.append(found[1:-1])
            elif found == "BLOBFILE":
                is_blob = True
            elif found.isdecimal() and len(found) < _LONGEST:
                last = int(found)
        return _Written(texts, is_blob, last)

    def _name(self) -> str:
        token = self._advance()
        if not _NAME.fullmatch(token):
            self._fail(f"{token or 'the end'} stands where a name should be")
        return token

    def _take(self, token: str) -> bool:
        if self._next != token:
            return False
        self._advance()
        return True

    def _expect(self, token: str) -> None:
        found = self._advance()
        if found != token:
            self._fail(f"{found or 'the end'} stands where {token} should be")

    def _advance(self) -> str:
        token = self._next
        match = _TOKEN.match(self._text, self._at)
        if match is not None:
            self._next, self._at = match[1], match.end()
        elif self._text[self._at :].strip():
            self._fail("there is a text without an end")
        else:
            self._next = _END
        return token

    def _fail(self, what: str) -> NoReturn:
        line = self._text.count("\n", 0, self._at) + 1
        said = " ".join(what.split())[:120]  # a text in it may have lines
        raise InputError(f"line {line} is no MIL that is known: {said}", where=self._where)
