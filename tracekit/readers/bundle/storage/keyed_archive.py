"""Keyed archives: what Instruments writes with ``NSKeyedArchiver``.

An archive is a binary plist ``{$top: {name: Uid}, $objects: [...]}``. An object names its class and refers to other
objects by number. Nothing is instantiated: a ``Node`` is a view of a value that knows the few classes of collections
and strings, and that answers None or nothing where something else was expected.
"""

import uuid
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tracekit.errors import InputError
from tracekit.readers.bundle.storage.plist import BinaryPlist, Pairs, Refs, Uid, Value

_DICTIONARIES = frozenset({"NSDictionary", "NSMutableDictionary"})
_COLLECTIONS = frozenset({"NSArray", "NSMutableArray", "NSSet", "NSMutableSet", "NSOrderedSet"})
_STRINGS = frozenset({"NSString", "NSMutableString"})
_DATA = frozenset({"NSData", "NSMutableData"})
_INT_KEYED = "XRIntKeyedDictionary"
_MAX_DEPTH = 24
_MAX_NODES = 200_000


class KeyedArchive:
    """An archive whose objects are looked at when they are asked for."""

    def __init__(self, data: bytes, where: str) -> None:
        """Read the frame of the archive.

        Raises:
            InputError: the data are no keyed archive.
        """
        self.where = where
        self.plist = BinaryPlist(data, where)
        frame = self.plist.mapping(self.plist.top)
        objects = self.plist[frame["$objects"]] if "$objects" in frame else None
        if not isinstance(objects, Refs) or "$top" not in frame:
            raise InputError("the file is not a keyed archive", where=where)
        self.objects = objects.members
        self._top = self.plist.mapping(frame["$top"])

    def top(self, name: str) -> "Node":
        """A value of ``$top``; an empty node where there is none of this name."""
        return Node(self, self.plist[self._top[name]] if name in self._top else None)

    def root(self) -> "Node":
        """The value that most archives hold alone."""
        return self.top("root")


@dataclass(frozen=True)
class Node:
    """A value in an archive."""

    archive: KeyedArchive
    value: Value

    @cached_property
    def _target(self) -> Value:
        """The value itself where it is a reference; None for ``$null``."""
        value = self.value
        if isinstance(value, Uid):
            objects = self.archive.objects
            if value.number >= len(objects):
                raise InputError(
                    f"the archive is damaged: it refers to an object {value.number} of {len(objects)}",
                    where=self.archive.where,
                )
            value = self.archive.plist[objects[value.number]]
        return None if value == "$null" else value

    @cached_property
    def _fields(self) -> dict[str, int]:
        target = self._target
        if not isinstance(target, Pairs):
            return {}
        plist = self.archive.plist
        keys = (plist[key] for key in target.keys)
        return {key: value for key, value in zip(keys, target.values, strict=True) if isinstance(key, str)}

    def _at(self, number: int) -> "Node":
        return Node(self.archive, self.archive.plist[number])

    def field(self, name: str) -> "Node":
        """A field of an object; an empty node where it has none of this name."""
        return self._at(self._fields[name]) if name in self._fields else Node(self.archive, None)

    @cached_property
    def class_name(self) -> str:
        """The class of an object; empty for plain values."""
        name = self.field("$class").field("$classname")._target if "$class" in self._fields else None
        return name if isinstance(name, str) else ""

    def exists(self) -> bool:
        """Whether there is a value at all."""
        return self._target is not None

    def text(self) -> str | None:
        """A string, plain or as an object."""
        target = self.field("NS.string")._target if self.class_name in _STRINGS else self._target
        return target if isinstance(target, str) else None

    def integer(self) -> int | None:
        """A whole number."""
        return int(self._target) if isinstance(self._target, int) else None

    def number(self) -> int | float | None:
        """A number."""
        return self._target if isinstance(self._target, (int, float)) else None

    def data(self) -> bytes | None:
        """Bytes, plain or as an object."""
        target = self.field("NS.data")._target if self.class_name in _DATA else self._target
        return target if isinstance(target, bytes) else None

    def uuid(self) -> str | None:
        """A UUID as text, in capitals."""
        data = self.field("NS.uuidbytes")._target if self.class_name == "NSUUID" else None
        return str(uuid.UUID(bytes=data)).upper() if isinstance(data, bytes) and len(data) == 16 else None

    def elements(self) -> Iterator["Node"]:
        """Members of an array or set; nothing for other values."""
        target = self.field("NS.objects")._target if self.class_name in _COLLECTIONS else self._target
        return iter([self._at(number) for number in target.members] if isinstance(target, Refs) else [])

    def items(self) -> Iterator[tuple["Node", "Node"]]:
        """Keys and values of a dictionary; nothing for other values."""
        if self.class_name in _DICTIONARIES:
            yield from zip(self.field("NS.keys").elements(), self.field("NS.objects").elements(), strict=False)
        elif self.class_name == _INT_KEYED:
            count = min(self.field("$0").integer() or 0, len(self._fields) // 2)
            for index in range(1, 2 * count, 2):
                yield self.field(f"${index}"), self.field(f"${index + 1}")

    def entries(self) -> dict[Hashable, "Node"]:
        """A dictionary by its keys: texts, numbers, and UUIDs as text."""
        keyed = ((key.key(), value) for key, value in self.items())
        return {key: value for key, value in keyed if key is not None}

    def key(self) -> str | int | float | None:
        """The value as a key of ``entries``."""
        for read in (self.text, self.number, self.uuid):
            key = read()
            if key is not None:
                return key
        return None

    def get(self, key: Hashable) -> "Node":
        """A value of a dictionary; an empty node where there is none."""
        return self.entries().get(key, Node(self.archive, None))

    def plain(self) -> Any:
        """Everything below as plain Python values; objects as dictionaries of their fields.

        Raises:
            InputError: the value nests too deep or is too big to be one of those this is meant for.
        """
        return _Plain(self.archive.where).value(self, 0)


class _Plain:
    """Converts one value, counting nodes: shared objects could otherwise unfold without end."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._left = _MAX_NODES

    def value(self, node: Node, depth: int) -> Any:
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0:
            raise InputError("the archive is damaged: its objects nest without end", where=self._where)
        scalar = node.key()
        if scalar is not None:
            return scalar
        data = node.data()
        if data is not None:
            return data
        if node.class_name in _DICTIONARIES or node.class_name == _INT_KEYED:
            return {key: self.value(value, depth + 1) for key, value in node.entries().items()}
        if node.class_name in _COLLECTIONS or isinstance(node._target, Refs):
            return [self.value(member, depth + 1) for member in node.elements()]
        fields = (name for name in node._fields if name != "$class")
        values = {name: self.value(node.field(name), depth + 1) for name in fields}
        return values or None
