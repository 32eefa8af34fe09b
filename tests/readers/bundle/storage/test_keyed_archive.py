"""Keyed archives: views of values, lenient about what they are, strict about what they cost."""

import plistlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_traces.bundle_files import IntKeyed, Object, Uuid, keyed_archive
from tracekit.errors import InputError
from tracekit.readers.bundle.storage.keyed_archive import KeyedArchive, Node

VALUES = st.recursive(
    st.booleans() | st.integers(-(1 << 31), 1 << 63) | st.floats(allow_nan=False) | st.text().filter("$null".__ne__),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter("$null".__ne__), inner),
    max_leaves=20,
)


def root(value: object) -> Node:
    return KeyedArchive(keyed_archive({"root": value}), "x").root()


@given(VALUES)
def test_plain_values_come_back(value: Any) -> None:
    assert root(value).plain() == value


def test_objects_are_seen_by_their_fields() -> None:
    node = root(Object("XRThing", {"name": "a", "data": b"xyz", "id": Uuid("6F1B0B57-2C2E-4B60-9F0B-0D6D6F5B7A11")}))
    assert node.class_name == "XRThing"
    assert node.field("name").text() == "a"
    assert node.field("data").data() == b"xyz"
    assert node.field("id").uuid() == "6F1B0B57-2C2E-4B60-9F0B-0D6D6F5B7A11"
    assert node.plain() == {"name": "a", "data": b"xyz", "id": "6F1B0B57-2C2E-4B60-9F0B-0D6D6F5B7A11"}


def test_dictionaries_by_number_keep_their_pairs() -> None:
    entries = root(IntKeyed({7: "seven", 300: "three hundred"})).entries()
    assert {key: node.text() for key, node in entries.items()} == {7: "seven", 300: "three hundred"}


def test_mutable_strings_are_strings() -> None:
    node = KeyedArchive(keyed_archive({"root": Object("NSMutableString", {"NS.string": "3 seconds"})}), "x").root()
    assert node.text() == node.plain() == "3 seconds"


@pytest.mark.parametrize("value", [None, 3, "text", [1], {"a": 1}, b"data"])
def test_what_is_not_there_is_nothing_and_not_an_error(value: object) -> None:
    node = root(value)
    assert not node.field("missing").exists()
    assert node.get("missing").get("deeper").text() is None
    assert node.field("missing").integer() is None
    assert list(node.field("missing").elements()) == []
    assert node.uuid() is None


def test_null_is_none() -> None:
    assert not root(None).exists()
    assert root({"a": None}).plain() == {"a": None}


def test_an_archive_that_contains_itself_is_told() -> None:
    objects: list[object] = ["$null", {"NS.objects": [plistlib.UID(1), plistlib.UID(1)], "$class": plistlib.UID(2)}]
    objects.append({"$classname": "NSArray"})
    frame = {"$top": {"root": plistlib.UID(1)}, "$objects": objects}
    node = KeyedArchive(plistlib.dumps(frame, fmt=plistlib.FMT_BINARY), "x").root()
    with pytest.raises(InputError, match="x: the archive is damaged: its objects nest without end"):
        node.plain()


@pytest.mark.parametrize(
    "class_name, field",
    [("NSString", "NS.string"), ("NSData", "NS.data"), ("NSUUID", "NS.uuidbytes"), ("NSSet", "NS.objects")],
)
def test_objects_that_hold_themselves_are_nothing(class_name: str, field: str) -> None:
    objects: list[object] = ["$null", {field: plistlib.UID(1), "$class": plistlib.UID(2)}]
    for name in (class_name, plistlib.UID(2)):
        frame = {"$top": {"root": plistlib.UID(1)}, "$objects": [*objects, {"$classname": name}]}
        node = KeyedArchive(plistlib.dumps(frame, fmt=plistlib.FMT_BINARY), "x").root()
        assert (node.text(), node.data(), node.uuid(), list(node.elements()), list(node.items())) == (None,) * 3 + (
            [],
            [],
        )


@pytest.mark.no_cover
def test_shared_objects_cannot_unfold_without_end() -> None:
    objects: list[object] = ["$null", {"$classname": "NSArray"}, "leaf"]
    for level in range(20):
        objects.append({"NS.objects": [plistlib.UID(level + 2)] * 4, "$class": plistlib.UID(1)})
    frame = {"$top": {"root": plistlib.UID(22)}, "$objects": objects}
    node = KeyedArchive(plistlib.dumps(frame, fmt=plistlib.FMT_BINARY), "x").root()
    with pytest.raises(InputError, match="nest without end"):
        node.plain()


def test_references_to_nothing_are_told() -> None:
    frame = {"$top": {"root": plistlib.UID(9)}, "$objects": ["$null"]}
    with pytest.raises(InputError, match="refers to an object 9 of 1"):
        KeyedArchive(plistlib.dumps(frame, fmt=plistlib.FMT_BINARY), "x").root().text()


@pytest.mark.parametrize("frame", [{}, [], {"$objects": []}, {"$objects": 1, "$top": {}}])
def test_other_lists_are_refused(frame: Any) -> None:
    with pytest.raises(InputError, match="x: the file is not a keyed archive"):
        KeyedArchive(plistlib.dumps(frame, fmt=plistlib.FMT_BINARY), "x")
