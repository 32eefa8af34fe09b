"""Protocol buffers as they lie in a file: numbered fields, one after another.

Model files are messages of this kind. They are read with these lines and the field numbers of Core ML's published
format, and not with coremltools: that takes 1.9 s to import, prints complaints where there is no Mac, and reads a file
whole, weights and all. Here nothing is copied but names, so a model of gigabytes costs what its operations cost.

See https://protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Container, Iterator
from typing import Final

from tracekit.model.operations import MAX_AXES

Buffer = memoryview

_VARINT, _I64, _LENGTH, _I32 = 0, 1, 2, 5
_WIDTHS: Final = {_I64: 8, _I32: 4}
_LONGEST: Final = 10
TOO_MANY_AXES: Final = f"a shape has more than {MAX_AXES} axes"
_MASK: Final = (1 << 64) - 1


class WireError(ValueError):
    """These bytes are no message."""


def fields(data: Buffer) -> Iterator[tuple[int, int | Buffer]]:
    """Number and value of every field: varints as ints, everything else as the bytes it is.

    Raises:
        WireError: the bytes are cut off, or are no message.
    """
    at, end = 0, len(data)
    while at < end:
        tag = data[at]
        at += 1
        if tag > 127:
            tag, at = _varint(data, at - 1)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise WireError("a field has the number 0")
        if kind == _LENGTH:
            if at == end:
                raise WireError("it is cut off")
            length = data[at]
            at += 1
            if length > 127:
                length, at = _varint(data, at - 1)
            if length > end - at:
                raise WireError("it is cut off")
            yield number, data[at : at + length]
            at += length
        elif kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
        elif kind in _WIDTHS:
            width = _WIDTHS[kind]
            if width > end - at:
                raise WireError("it is cut off")
            yield number, data[at : at + width]
            at += width
        else:
            raise WireError(f"a field is of the unknown wire type {kind}")


def message(value: int | Buffer) -> Buffer:
    """A field that must be a message, a text or bytes. Raises WireError where it is a number."""
    if isinstance(value, int):
        raise WireError("a number stands where a message should be")
    return value


def number(value: int | Buffer) -> int:
    """A field that must be a number without a sign. Raises WireError where it is something else."""
    if not isinstance(value, int):
        raise WireError("a message stands where a number should be")
    return value


def text(value: int | Buffer) -> str:
    """A field that must be text. Raises WireError where it is not."""
    try:
        return bytes(message(value)).decode()
    except UnicodeDecodeError:
        raise WireError("a name is not UTF-8") from None


def sizes(data: Buffer, wanted: int) -> list[int]:
    """The sizes of a shape: a repeated number with a sign (int64), packed or not.

    Raises:
        WireError: it is something else, or no shape has so many axes.
    """
    found: list[int] = []
    for field, value in fields(data):
        if field == wanted:
            found += [_signed(value)] if isinstance(value, int) else _packed(value)
        if len(found) > MAX_AXES:
            raise WireError(TOO_MANY_AXES)
    return found


def _packed(data: Buffer) -> list[int]:
    """Numbers with a sign, one behind the other: not many more than a shape has."""
    found: list[int] = []
    at = 0
    while at < len(data) and len(found) <= MAX_AXES:
        each, at = _varint(data, at)
        found.append(_signed(each))
    return found


def each(data: Buffer, wanted: int) -> Iterator[Buffer]:
    """Every message in a field, one at a time: there may be many."""
    return (message(value) for field, value in fields(data) if field == wanted)


def one(data: Buffer, wanted: int) -> Buffer:
    """The message in a field that stands there once; an empty one where it is not there."""
    found = memoryview(b"")
    for inner in each(data, wanted):
        found = inner  # the last counts
    return found


class Message:
    """A message of few fields, asked for them by number. Of one that stands there once, the last counts."""

    __slots__ = ("fields",)

    def __init__(self, data: Buffer) -> None:
        """Split the message.

        Raises:
            WireError: see ``fields``; so do the methods, where a field is of another kind.
        """
        self.fields: dict[int, list[int | Buffer]] = {}
        for field, value in fields(data):
            if field in self.fields:
                self.fields[field].append(value)
            else:
                self.fields[field] = [value]

    def all(self, field: int) -> list[Buffer]:
        """The messages in a field."""
        return [message(value) for value in self.fields.get(field, ())]

    def one(self, field: int) -> Buffer:
        """The message in a field; an empty one where it is not there."""
        return message(self.fields[field][-1]) if field in self.fields else memoryview(b"")

    def texts(self, field: int) -> list[str]:
        """The texts in a field."""
        return [text(value) for value in self.fields.get(field, ())]

    def text(self, field: int) -> str:
        """The text in a field; empty where it is not there."""
        return text(self.fields[field][-1]) if field in self.fields else ""

    def number(self, field: int) -> int:
        """The number without a sign in a field; 0 where it is not there."""
        return number(self.fields[field][-1]) if field in self.fields else 0

    def first(self, wanted: Container[int]) -> int:
        """The number of the first field that is one of some; 0 where none is there."""
        return next((field for field in self.fields if field in wanted), 0)


def entry(data: Buffer) -> tuple[str, Buffer]:
    """Key and value of an entry of a map whose keys are texts."""
    key, value = "", memoryview(b"")
    for field, content in fields(data):
        if field == 1:
            key = text(content)
        elif field == 2:
            value = message(content)
    return key, value


def _varint(data: Buffer, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(data[at : at + _LONGEST]):
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value & _MASK, at + place + 1
    raise WireError("it is cut off" if len(data) - at < _LONGEST else "a number is longer than 64 bits")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
