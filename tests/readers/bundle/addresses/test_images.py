"""An address belongs to the image that covers it, at its time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.errors import InputError
from tracekit.readers.bundle.addresses.images import ALWAYS, AddressSpace, Image, Segment

PAC = 0x8023_0000_0000_0000


def image(name: str, *segments: tuple[int, int], lifetime: tuple[int, int] = ALWAYS) -> Image:
    parts = tuple(Segment(f"__TEXT{number or ''}", start, size) for number, (start, size) in enumerate(segments))
    return Image(name, f"/usr/lib/{name}", parts, 0, lifetime)


def found(space: AddressSpace, *addresses: int, time: int = 0) -> list[str]:
    rows = space.find(np.array(addresses, np.uint64), np.full(len(addresses), time))
    return [space.segments[row][0].uuid if row >= 0 else "-" for row in rows.tolist()]


def test_the_segment_that_covers_an_address() -> None:
    space = AddressSpace([image("b", (0x200, 0x10), (0x900, 0x10)), image("a", (0x100, 0x10))], "x")
    assert found(space, 0xFF, 0x100, 0x10F, 0x110, 0x200, 0x90F, 0x910) == ["-", "a", "a", "-", "b", "b", "-"]
    assert found(space, 0, (1 << 64) - 1) == ["-", "-"]


def test_the_name_and_the_load_address_of_an_image() -> None:
    segments = (Segment("__PAGEZERO", 0, 0x1000), Segment("__TEXT", 0x1000, 0x10), Segment("__DATA", 0x2000, 8))
    one = Image("U", "/System/Net.framework/Net", segments)
    assert (one.name, one.load_addr) == ("Net", 0x1000)
    assert one.moved(0x500).load_addr == 0x1500
    assert Image("U", "com.apple.driver", ()).load_addr == 0


def test_segments_without_code_cover_nothing() -> None:
    segments = (Segment("__PAGEZERO", 0, 0x1000), Segment("__LINKEDIT", 0x5000, 0x1000), Segment("__TEXT", 0x1000, 0))
    assert found(AddressSpace([Image("U", "/x", segments)], "x"), 0, 0x1000, 0x5000) == ["-", "-", "-"]


def test_authentication_bits_are_left_out_only_where_the_plain_address_is_in_no_image() -> None:
    space = AddressSpace(
        [image("a", (0x1000, 0x10)), image("k", (PAC + 0x2000, 0x10)), image("b", (0x2000, 0x10))], "x"
    )
    assert found(space, PAC + 0x1008, PAC + 0x2008, PAC + 0x3008) == ["a", "k", "-"]
    row = space.find(np.array([PAC + 0x1008], np.uint64), np.zeros(1, np.int64))[0]
    assert space.offsets(np.array([PAC + 0x1008, 0x1002], np.uint64), int(row)).tolist() == [8, 2]


def test_images_that_take_turns_in_one_place_are_told_by_time() -> None:
    first, second = image("old", (0x100, 0x80), lifetime=(0, 50)), image("new", (0x140, 0x80), lifetime=(50, 90))
    space = AddressSpace([first, second], "x")
    assert [found(space, 0x150, time=time) for time in (10, 49, 50, 89)] == [["old"], ["old"], ["new"], ["new"]]
    assert found(space, 0x110, 0x1A0, time=70) == ["old", "new"], "where just one lies, its lifetime does not matter"
    assert found(space, 0x150, time=95) == ["old"], "where neither lives, the first in memory is as good"
    assert space.boundaries.tolist() == [0, 50, 90]


def test_images_that_never_overlap_have_no_boundaries() -> None:
    space = AddressSpace([image("a", (0x100, 8), lifetime=(3, 5)), image("b", (0x108, 8), lifetime=(5, 9))], "x")
    assert space.boundaries.tolist() == []
    assert AddressSpace([], "x").boundaries.tolist() == []
    assert found(AddressSpace([], "x"), 0x100) == ["-"]


def test_more_images_in_one_place_than_can_be_are_refused() -> None:
    with pytest.raises(InputError, match=r"run\.trace: more than 16 images cover the same address"):
        AddressSpace([image(str(number), (0x100, 8)) for number in range(17)], "run.trace")


IMAGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20), st.tuples(st.integers(0, 9), st.integers(0, 9))), max_size=8
)


@given(IMAGES, st.lists(st.tuples(st.integers(0, 90), st.integers(0, 9)), min_size=1, max_size=20))
def test_every_answer_covers_its_address_and_lives_where_one_does(
    parts: list[tuple[int, int, tuple[int, int]]], asked: list[tuple[int, int]]
) -> None:
    images = [
        image(str(number), (start, size), lifetime=(min(life), max(life)))
        for number, (start, size, life) in enumerate(parts)
    ]
    space = AddressSpace(images, "x")
    addresses, times = (np.array([one[part] for one in asked]) for part in (0, 1))
    rows = space.find(addresses.astype(np.uint64), times.astype(np.int64)).tolist()
    for (address, time), row in zip(asked, rows, strict=True):
        covering = [
            one for one in images if one.segments[0].start <= address < one.segments[0].start + one.segments[0].size
        ]
        living = [one for one in covering if one.lifetime[0] <= time < one.lifetime[1]]
        answer = space.segments[row][0] if row >= 0 else None
        assert (answer in (living or covering)) if covering else answer is None
