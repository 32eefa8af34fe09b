"""Image lists of form.template: processes, kernel, shared caches, lifetimes."""

import struct
from dataclasses import replace

import pytest

from sample_traces.bundle import DENOMINATOR, NUMERATOR, TICKS, Template
from sample_traces.bundle_files import Object, keyed_archive, signature
from tests.support.bundle_writer import APP, CACHE, DEVICE, FACTS, KEXT, LIB, PID, template, ticks
from tracekit.errors import InputError, UnsupportedError
from tracekit.readers.bundle.addresses.images import ALWAYS
from tracekit.readers.bundle.addresses.signatures import parse_signature, process_images
from tracekit.readers.bundle.clock import Clock
from tracekit.readers.bundle.storage.keyed_archive import KeyedArchive, Node

CLOCK = Clock(TICKS, NUMERATOR, DENOMINATOR, 0)


def archive(form: Template) -> KeyedArchive:
    return KeyedArchive(form.file(), "form.template")


def test_images_of_a_process_are_its_own_and_those_of_the_shared_cache() -> None:
    images = process_images(archive(template()), 1, PID, None)
    assert [(image.name, image.uuid, image.load_addr) for image in images] == [
        ("Demo", APP.uuid, APP.load_address),
        ("Net", LIB.uuid, LIB.load_address),
    ]
    assert [segment.name for segment in images[0].segments] == ["__TEXT", "__DATA_CONST", "__LINKEDIT"]
    assert {image.lifetime for image in images} == {ALWAYS}


def test_the_kernel_is_process_0() -> None:
    assert [image.name for image in process_images(archive(template()), 1, 0, None)] == ["com.apple.driver.Sample"]
    alone = {"com.apple.xray.symbolstore.kern.signatures": {1: signature(0, [KEXT])}}
    images = process_images(KeyedArchive(keyed_archive(alone), "form.template"), 1, 0, None)
    assert [image.load_addr for image in images] == [KEXT.load_address]


@pytest.mark.parametrize("run, pid", [(1, 99), (2, PID), (2, 0)])
def test_other_processes_and_runs_have_none(run: int, pid: int) -> None:
    assert process_images(archive(template()), run, pid, None) == ()


def test_only_images_that_the_process_uses_are_taken_from_the_cache() -> None:
    other = replace(LIB, path="/usr/lib/other.dylib", load_address=LIB.load_address + 0x100_0000)
    both = Template(DEVICE, {1: {PID: [APP, LIB], 99: [other]}}, {1: FACTS}, CACHE)
    assert [image.name for image in process_images(archive(both), 1, PID, None)] == ["Demo", "Net"]
    assert [image.name for image in process_images(archive(both), 1, 99, None)] == ["other.dylib"]


def test_lifetimes_are_times_of_the_run() -> None:
    data = signature(PID, [replace(APP, ticks=(ticks(500_000), ticks(2_000_000)))])
    assert parse_signature(data, CLOCK, "x").images[0].lifetime == (500_000, 2_000_000)
    assert parse_signature(data, None, "x").images[0].lifetime == ALWAYS


def test_the_tail_names_the_shared_cache() -> None:
    found = parse_signature(signature(PID, [APP], cache=CACHE), None, "x")
    assert (found.cache_uuid, found.cache_base) == CACHE
    assert parse_signature(signature(PID, [APP]), None, "x").cache_uuid == ""
    assert parse_signature(signature(PID, [APP]) + bytes(40), None, "x").cache_uuid == ""


@pytest.mark.parametrize("size", [0, 23, 24, 60, 100, 160])
def test_lists_that_are_cut_off_are_told(size: int) -> None:
    with pytest.raises(InputError, match="x: a list of images is cut off"):
        parse_signature(signature(PID, [APP])[:size], None, "x")


@pytest.mark.parametrize("count", [0xFFFFFFFF, 5])
def test_counts_that_cannot_be_are_told(count: int) -> None:
    data = bytearray(signature(PID, [APP]))
    data[20:24] = struct.pack("<I", count)
    with pytest.raises(InputError, match="cut off"):
        parse_signature(bytes(data), None, "x")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="unknown kind"):
        parse_signature(bytes(64), None, "x")


def record(moments: object, start_ns: int = 1_700_000_000_000_000_000) -> Node:
    data = keyed_archive({"root": {"mach_time_info": moments, "startTime": start_ns}})
    return KeyedArchive(data, "x").root()


def test_the_clock_counts_from_the_first_item() -> None:
    """A run that began 4 µs after the moment of which the ticks are known."""
    clock = Clock.read(record({DEVICE: [1000, 125, 3, 9_999_999, 1_700_000_000.0, "UTC"]}, 1_700_000_000_000_004_000))
    assert clock == Clock(1000, 125, 3, 4000)
    assert clock.lifetime(1000 + 24, (1 << 63) - 1) == (1000 - 4000, ALWAYS[1])
    assert clock.lifetime(0, 1000 + 240) == (ALWAYS[0], 10_000 - 4000)


def test_four_items_of_older_versions_are_enough() -> None:
    assert Clock.read(record({DEVICE: [1000, 1, 1, 5]})) == Clock(1000, 1, 1, 0)


@pytest.mark.parametrize("moments", [None, {}, {DEVICE: []}, {DEVICE: [1000, 0, 3]}, {DEVICE: ["a", "b", "c"]}, 7])
def test_without_a_clock_there_is_none(moments: object) -> None:
    assert Clock.read(record(moments)) is None


def test_a_clock_far_off_is_not_corrected() -> None:
    assert Clock.read(record({DEVICE: [1000, 1, 1, 5, 1e300]})) == Clock(1000, 1, 1, 0)
    assert Clock.read(record({DEVICE: [1000, 1, 1, 5, 1.0]})) == Clock(1000, 1, 1, 0)


def test_lifetimes_stay_within_what_numbers_hold() -> None:
    low, high = Clock(1 << 62, (1 << 31) - 1, 1, 0).lifetime(1, (1 << 63) - 2)
    assert ALWAYS[0] <= low < high <= ALWAYS[1]


def test_damaged_symbol_records_have_no_images() -> None:
    stores = {"com.apple.xray.symbolstoremanager.symbolstores": {1: {f"{DEVICE}.{PID}": Object("X", {"y": 1})}}}
    assert process_images(KeyedArchive(keyed_archive(stores), "x"), 1, PID, None) == ()
