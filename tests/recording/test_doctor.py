"""Preflight, on a fake Mac and without one."""

import json

import pytest

from tests.recording.conftest import Here
from tests.support.fake_mac import FakeMac


def signs(text: str) -> dict[str, str]:
    """Every check's sign."""
    return {line[2:18].strip(): line[0] for line in text.splitlines() if line[:1] in ("✓", "!", "✗")}


@pytest.mark.parametrize(
    "xcode, template, waiting",
    [
        ("14.3", "Time Profiler + Neural Engine + GPU + Core ML", "!"),
        ("26.5", "Time Profiler + Neural Engine + GPU + Core ML", "!"),
        ("27.0", "Time Profiler + Neural Engine + GPU + Core ML + Core AI", "✓"),
    ],
)
def test_a_machine_that_can_record(here: Here, xcode: str, template: str, waiting: str) -> None:
    done = here("doctor", FAKE_XCODE=xcode)
    assert done.returncode == 0, done.stdout
    found = signs(done.stdout)
    assert found["analysis"] == found["xctrace"] == found["templates"] == found["harness"] == "✓"
    assert found["waiting threads"] == waiting
    assert f"will record with {template}\n" in done.stdout


@pytest.mark.parametrize(
    "failure, check, sign, fix",
    [
        ("command-line-tools", "xctrace", "✗", "sudo xcode-select -s"),
        ("licence", "xctrace", "✗", "sudo xcodebuild -license accept"),
        ("developer-tools-security", "permission", "!", "sudo DevToolsSecurity -enable"),
    ],
)
def test_what_is_missing_comes_with_its_fix(here: Here, failure: str, check: str, sign: str, fix: str) -> None:
    done = here("doctor", FAKE_FAILURE=failure)
    assert done.returncode == (1 if sign == "✗" else 0)
    assert signs(done.stdout)[check] == sign
    assert fix in done.stdout


def test_without_a_mac_it_says_what_works(mac: FakeMac, here: Here) -> None:
    for tool in ("xcrun", "xctrace"):
        (mac.bin / tool).unlink()
    done = here("doctor", PATH=f"{mac.bin}:/bin")
    assert done.returncode == 1
    assert signs(done.stdout)["analysis"] == "✓"
    assert signs(done.stdout)["xctrace"] == "✗"


@pytest.mark.parametrize(
    "state, check, sign, said",
    [
        ("", "device", "✓", "Jane's iPhone (18.2, 00008110-0001AAAA22228888)"),
        ("", "trust", "✓", "as it should be"),
        ("offline", "device", "!", "offline"),
        ("locked", "lock", "✗", "the device is locked"),
        ("untrusted", "trust", "✗", "does not trust this Mac"),
        ("no-developer-mode", "developer mode", "✗", "Settings, Privacy & Security, Developer Mode"),
    ],
)
def test_a_device(here: Here, state: str, check: str, sign: str, said: str) -> None:
    done = here("doctor", "--device", "jane's iphone", FAKE_PHONE=state)
    assert done.returncode == (1 if sign == "✗" else 0), done.stdout
    assert signs(done.stdout)[check] == sign
    assert said in done.stdout


def test_a_device_that_is_not_there(here: Here) -> None:
    done = here("doctor", "--device", "Nobody")
    assert done.returncode == 1
    assert "there is no device 'Nobody'" in done.stdout
    assert "xctrace lists: kazu's MB pro (this Mac, 34DA2EBC-" in done.stdout


def test_simulators_where_they_hang(here: Here) -> None:
    asked = ("doctor", "--device", "Apple TV Simulator")
    assert "recording one hangs" in here(*asked, FAKE_XCODE="27.0").stdout
    assert signs(here(*asked, FAKE_XCODE="16.4").stdout)["device"] == "✓"


def test_an_xcode_that_is_too_old_for_the_harness(here: Here) -> None:
    done = here("doctor", FAKE_XCODE="13.4")
    assert done.returncode == 1
    assert "the harness needs the SDK of Xcode 14" in done.stdout


def test_checks_as_json(mac: FakeMac, here: Here) -> None:
    done = here("doctor", "--json", "-")
    document = json.loads(done.stdout)
    assert (document["schema"], document["can_record"]) == ("tracekit.doctor/1", True)
    found = {check["name"]: (check["status"], check["found"]) for check in document["checks"]}
    assert found["xctrace"][0] == "ok"
    assert found["cache"][1].startswith("0 files read before, 0 bytes in ")
    assert str(mac.home) not in done.stdout
