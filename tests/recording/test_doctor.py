"""Preflight, on a fake Mac and without one."""

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
