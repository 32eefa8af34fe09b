"""Binary property lists are read as plistlib reads them, and cannot cost more than they weigh."""

import plistlib
import struct
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.errors import InputError
from tracekit.readers.bundle.storage.plist import BinaryPlist, Pairs, Refs, Uid, read_xml_plist

VALUES = st.recursive(
    st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.builds(plistlib.UID, st.integers(0, (1 << 32) - 1)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def unfolded(plist: BinaryPlist, number: int) -> Any:
    value = plist[number]
    if isinstance(value, Refs):
        return [unfolded(plist, member) for member in value.members]
    if isinstance(value, Pairs):
        return {unfolded(plist, key): unfolded(plist, item) for key, item in zip(value.keys, value.values, strict=True)}
    return plistlib.UID(value.number) if isinstance(value, Uid) else value


@given(VALUES)
def test_values_are_those_of_plistlib(value: Any) -> None:
    plist = BinaryPlist(plistlib.dumps(value, fmt=plistlib.FMT_BINARY), "x")
    found = unfolded(plist, plist.top)
    assert found == value
    assert type(found) is type(value)


@given(VALUES, st.data())
def test_damaged_lists_are_told_or_read(value: Any, data: st.DataObject) -> None:
    content = bytearray(plistlib.dumps(value, fmt=plistlib.FMT_BINARY))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InputError):
        plist = BinaryPlist(bytes(content), "x")
        for number in range(50):
            plist[number]


def plist_of(objects: list[bytes], top: int = 0, ref_size: int = 1) -> bytes:
    """A plist of encoded objects, with references of one byte unless told otherwise."""
    data, offsets = b"bplist00", []
    for item in objects:
        offsets.append(len(data))
        data += item
    table = b"".join(struct.pack(">I", offset) for offset in offsets)
    return data + table + struct.pack(">6xBBQQQ", 4, ref_size, len(objects), top, len(data))


@pytest.mark.parametrize(
    "item, message",
    [
        (b"\x07", "unknown kind 0x07"),
        (b"\x90", "unknown kind 9"),
        (b"\x15" + bytes(32), "more than 16 bytes"),
        (b"\x21" + bytes(2), "real number of 2 bytes"),
        (b"\x5f\x50", "without a length"),
        (b"\x5f\x14" + bytes(16), "without a length"),
        (b"\x5f\x13" + b"\x7f" * 8, "cut off"),
        (b"\xa2\x00", "cut off"),
    ],
)
def test_what_is_wrong_is_said(item: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"x: the property list is damaged: .*{message}"):
        BinaryPlist(plist_of([item]), "x")[0]


def test_references_to_nothing_are_told() -> None:
    with pytest.raises(InputError, match="refers to an object 5 of 1"):
        BinaryPlist(plist_of([b"\x08"]), "x")[5]


def test_objects_that_overlap_cannot_multiply_the_file() -> None:
    block = b"\x4f\x12" + struct.pack(">I", 100_000) + bytes(100_000)
    data = b"bplist00" + block
    table = struct.pack(">I", 8) * 200
    plist = BinaryPlist(data + table + struct.pack(">6xBBQQQ", 4, 1, 200, 0, len(data)), "x")
    assert plist[0] == bytes(100_000)
    with pytest.raises(InputError, match="overlap"):
        [plist[number] for number in range(200)]


@pytest.mark.parametrize("size", range(1, 9))
def test_references_may_have_any_size(size: int) -> None:
    items = [b"\xa3" + b"".join(number.to_bytes(size, "big") for number in (1, 2, 1)), b"\x08", b"\x09"]
    plist = BinaryPlist(plist_of(items, ref_size=size), "x")
    assert (plist[0], plist[1], plist[2]) == (Refs((1, 2, 1)), False, True)
    items[0] = b"\xa1" + b"\xff" * size
    assert BinaryPlist(plist_of(items, ref_size=size), "x")[0] == Refs((256**size - 1,))


@pytest.mark.parametrize("data", [b"", b"bplist00", b"<?xml", b"bplist00" + b"\xff" * 32])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        BinaryPlist(data, "x")


def test_xml_lists_are_read_without_entities() -> None:
    assert read_xml_plist(plistlib.dumps({"a": [1, "b"]}), "x") == {"a": [1, "b"]}
    bomb = b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaa">]><plist><string>&a;</string></plist>'
    with pytest.raises(InputError, match="x: the property list is damaged"):
        read_xml_plist(bomb, "x")


@pytest.mark.parametrize(
    "data", [b"", b"<plist><dict><string>1</string></dict></plist>", b"<plist><integer>x</integer>"]
)
def test_damaged_xml_lists_are_told(data: bytes) -> None:
    with pytest.raises(InputError, match="x: the property list is damaged"):
        read_xml_plist(data, "x")
