"""Keyed archives: what Instruments writes with ``NSKeyedArchiver``.

An archive is a binary plist ``{$top: {name: Uid}, $objects: [...]}``. An object names its class and refers to other
objects by number. Nothing is instantiated: a ``Node`` is a view of a value that knows the few classes of collections
and strings, and that answers None or nothing where something else was expected.
"""

import plistlib
import uuid
from collections.abc import Hashable, Iterator
from itertools import count
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

NOTHING_ARCHIVED = plistlib.dumps({"$objects": [], "$top": {}}, fmt=plistlib.FMT_BINARY)


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
        self._objects = objects.members
        self._classes: dict[Value, str] = {}
        self._top = self.plist.mapping(frame["$top"])

    def top(self, name: str) -> "Node":
        """A value of ``$top``; an empty node where there is none of this name."""
        return self.node(self._top[name]) if name in self._top else Node(self, None)

    def root(self) -> "Node":
        """The value that most archives hold alone."""
        return self.top("root")

    def node(self, number: int) -> "Node":
        """What an object of the plist is, or refers to; an empty node for ``$null``.

        Raises:
            InputError: it is damaged, or refers to nothing.
        """
        value = self.plist[number]
        if isinstance(value, Uid):
            if value.number >= len(self._objects):
                raise InputError(
                    f"the archive is damaged: it refers to an object {value.number} of {len(self._objects)}",
                    where=self.where,
                )
            value = self.plist[self._objects[value.number]]
        return Node(self, None if value == "$null" else value)

    def class_of(self, fields: dict[str, int]) -> str:
        """The name of the class that an object of these fields has; each class is looked at once."""
        if "$class" not in fields:
            return ""
        reference = self.plist[fields["$class"]]
        if reference not in self._classes:
            name = self.node(fields["$class"]).field("$classname").value
            self._classes[reference] = name if isinstance(name, str) else ""
        return self._classes[reference]


class Node:
    """A value in an archive: plain, or the object that a reference is of."""

    __slots__ = ("_named", "archive", "value")

    def __init__(self, archive: KeyedArchive, value: Value) -> None:
        self.archive, self.value = archive, value
        self._named: dict[str, int] | None = None if isinstance(value, Pairs) else {}

    @property
    def _fields(self) -> dict[str, int]:
        """Where the fields of an object are; read when first asked for, since some objects have thousands."""
        if self._named is None:
            assert isinstance(self.value, Pairs)
            self._named = self.archive.plist.named(self.value)
        return self._named

    def field(self, name: str) -> "Node":
        """A field of an object; an empty node where it has none of this name."""
        return self.archive.node(self._fields[name]) if name in self._fields else Node(self.archive, None)

    @property
    def class_name(self) -> str:
        """The class of an object; empty for plain values."""
        return self.archive.class_of(self._fields)

    def _of(self, field: str, classes: frozenset[str]) -> Value:
        """The value, which objects of some classes keep in a field."""
        return self.field(field).value if self.class_name in classes else self.value

    def exists(self) -> bool:
        """Whether there is a value at all."""
        return self.value is not None

    def text(self) -> str | None:
        """A string, plain or as an object."""
        value = self._of("NS.string", _STRINGS)
        return value if isinstance(value, str) else None

    def integer(self) -> int | None:
        """A whole number."""
        return int(self.value) if isinstance(self.value, int) else None

    def number(self) -> int | float | None:
        """A number."""
        return self.value if isinstance(self.value, (int, float)) else None

    def data(self) -> bytes | None:
        """Bytes, plain or as an object."""
        value = self._of("NS.data", _DATA)
        return value if isinstance(value, bytes) else None

    def uuid(self) -> str | None:
        """A UUID as text, in capitals."""
        data = self.field("NS.uuidbytes").value if self.class_name == "NSUUID" else None
        return uuid_text(data) if isinstance(data, bytes) and len(data) == 16 else None

    def elements(self) -> Iterator["Node"]:
        """Members of an array or set; nothing for other values."""
        value = self._of("NS.objects", _COLLECTIONS)
        return iter([self.archive.node(number) for number in value.members] if isinstance(value, Refs) else [])

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
        return self._plain(0, count())

    def _plain(self, depth: int, nodes: "count[int]") -> Any:
        """Counts nodes: shared objects could otherwise unfold without end."""
        if depth > _MAX_DEPTH or next(nodes) >= _MAX_NODES:
            raise InputError("the archive is damaged: its objects nest without end", where=self.archive.where)
        for scalar in (self.key(), self.data()):
            if scalar is not None:
                return scalar
        if self.class_name in _DICTIONARIES or self.class_name == _INT_KEYED:
            return {key: value._plain(depth + 1, nodes) for key, value in self.entries().items()}
        if self.class_name in _COLLECTIONS or isinstance(self.value, Refs):
            return [member._plain(depth + 1, nodes) for member in self.elements()]
        fields = (name for name in self._fields if name != "$class")
        return {name: self.field(name)._plain(depth + 1, nodes) for name in fields} or None


def uuid_text(data: bytes) -> str:
    """16 bytes as a UUID in capitals, with dashes."""
    return str(uuid.UUID(bytes=data)).upper()
