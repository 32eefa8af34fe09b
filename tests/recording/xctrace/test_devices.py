"""Lists of devices, as two people published them, and which of them can be recorded."""

import pytest

from tracekit.errors import RecordingError
from tracekit.recording.xctrace.devices import Device, check_recordable, find_device, parse_devices
from tracekit.recording.xctrace.tool import Version

LIST = """== Devices ==
kazu's MB pro (34DA2EBC-1111-2222-3333-444455556666)
Jane's iPhone (2) (18.2) (00008110-000A1111AAAA801E)

== Devices Offline ==
Old iPad (16.7.2) (0123456789abcdef0123456789abcdef01234567)

== Simulators ==
Apple TV Simulator (15.0) (58FE1111-2222-3333-4444-555566667777)
iPhone 16 Pro Simulator (18.1) (68FE1111-2222-3333-4444-555566667777)
"""
MAC, PHONE, IPAD, TV, SIMULATED = parse_devices(LIST)
XCODE_26_3, XCODE_26_4 = Version("26.0", "17C529"), Version("16.0", "17E202")


def test_a_list() -> None:
    assert Device("Jane's iPhone (2)", "18.2", "00008110-000A1111AAAA801E", "device") == PHONE
    assert [each.kind for each in (MAC, PHONE, IPAD, TV, SIMULATED)] == [
        *("mac", "device", "offline", "simulator", "simulator")
    ]
    assert parse_devices("warning: (a) (b)\nnot below a heading (34DA2EBC-1111-2222-3333-444455556666)") == ()


def test_translated_headings() -> None:
    german = LIST.replace("== Devices ==", "== Geräte ==").replace("== Simulators ==", "== Simulatoren ==")
    assert [each.kind for each in parse_devices(german)][:2] == ["mac", "device"]
    assert parse_devices(german)[-1].kind == "simulator"


@pytest.mark.parametrize("wanted", ["Jane's iPhone (2)", "JANE'S IPHONE (2)", "00008110-000a1111aaaa801e"])
def test_by_name_or_udid(wanted: str) -> None:
    assert find_device(parse_devices(LIST), wanted) == PHONE


def test_none_and_two() -> None:
    with pytest.raises(RecordingError, match=r"there is no device 'Jane'\. xctrace lists: kazu.* \(this Mac") as none:
        find_device(parse_devices(LIST), "Jane")
    assert "Simulator" not in str(none.value)
    with pytest.raises(RecordingError, match=r"2 devices are called 'Jane's iPhone \(2\)'|2 devices"):
        find_device([PHONE, PHONE], PHONE.name)
    with pytest.raises(RecordingError, match="xctrace lists: none"):
        find_device([], "x")


@pytest.mark.parametrize("build", ["17E202", "17F113", "27A266a", "18A1"])
def test_simulators_are_refused_where_recording_them_hangs(build: str) -> None:
    with pytest.raises(RecordingError, match="is a simulator, and recording one hangs"):
        check_recordable(TV, Version("x", build))


@pytest.mark.parametrize("build", ["17C529", "16F6", "15F31d"])
def test_simulators_are_recorded_elsewhere(build: str) -> None:
    assert check_recordable(TV, Version("x", build)) is None


def test_an_offline_device_is_tried() -> None:
    assert "is listed as offline; recording is tried" in (check_recordable(IPAD, XCODE_26_4) or "")
    assert check_recordable(PHONE, XCODE_26_4) is None
    assert check_recordable(MAC, XCODE_26_3) is None
