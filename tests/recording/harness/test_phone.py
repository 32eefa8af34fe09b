"""The harness as an app: its project, and a whole recording on a fake phone."""

import json
import plistlib
import xml.dom.minidom
from collections.abc import Callable
from pathlib import Path

from tests.recording.conftest import Here
from tests.recording.harness.test_source import check
from tests.support.fake_mac import FakeMac
from tracekit.recording.harness.build import FOLDER, SOURCE
from tracekit.recording.harness.command import HarnessRun
from tracekit.recording.harness.models import ML_PROGRAM
from tracekit.recording.harness.phone import OnDevice, write_project

PHONE = "00008110-0001AAAA22228888"
TEAM = "ABCDE12345"


def test_the_app_s_source_is_right(needed: Callable[[str], str]) -> None:
    assert check(needed("clang"), FOLDER / "phone" / "main.m", target="arm64-apple-ios16") == ""


def test_the_project_has_all_that_is_built(tmp_path: Path) -> None:
    values = tmp_path / "ids.npy"
    values.write_bytes(b"x")
    host = OnDevice(HarnessRun(ML_PROGRAM, inputs=(("tokens", values),)), PHONE, TEAM, tmp_path / "project")
    write_project(host)
    project = plistlib.loads((host.folder / "TracekitHarness.xcodeproj" / "project.pbxproj").read_bytes())
    objects = project["objects"]

    def of(kind: str) -> list[dict]:
        return [each for each in objects.values() if each["isa"] == kind]

    def files_of(kind: str) -> set[str]:
        (phase,) = of(kind)
        return {objects[objects[use]["fileRef"]]["path"] for use in phase["files"]}

    units = {path.name for path in SOURCE.iterdir() if path.suffix in (".m", ".c")}
    assert files_of("PBXSourcesBuildPhase") == units
    assert files_of("PBXResourcesBuildPhase") == {"Model"}
    assert all((host.folder / name).is_file() for name in units)
    assert "UIApplicationMain" in (host.folder / "main.m").read_text()
    assert {path.name for path in (host.folder / "Model").iterdir()} == {"TinyConv.mlpackage", "ids.npy"}
    referred = [
        value
        for each in objects.values()
        for key, given in each.items()
        if key in ("fileRef", "mainGroup", "productReference", "buildConfigurationList", "targets", "files", "children")
        or key in ("buildPhases", "buildConfigurations")
        for value in (given if isinstance(given, list) else [given])
    ]
    assert {project["rootObject"], *referred} <= set(objects)
    (settings,) = (each["buildSettings"] for each in of("XCBuildConfiguration"))
    assert (settings["DEVELOPMENT_TEAM"], settings["PRODUCT_BUNDLE_IDENTIFIER"]) == (TEAM, f"tracekit.harness.{TEAM}")
    scheme = xml.dom.minidom.parse(str(next(host.folder.rglob("*.xcscheme"))))
    blueprint = scheme.getElementsByTagName("BuildableReference")[0].getAttribute("BlueprintIdentifier")
    assert objects[blueprint]["isa"] == "PBXNativeTarget"


def test_a_recording_on_a_phone(mac: FakeMac, here: Here) -> None:
    asked = ("record", "--device", "Jane's iPhone", "--team", TEAM, "-o", "run.trace")
    done = here(*asked)
    assert done.returncode == 0, done.stderr
    used = json.loads((mac.home / "run.trace" / "fake.json").read_text())
    assert used["options_given"]["--device"] == [PHONE]
    assert "--target-stdout" not in used["options_given"]
    assert used["target"][:3] == [f"tracekit.harness.{TEAM}", "--model", "@bundle/TinyConv.mlpackage"]
    sidecar = json.loads((mac.home / "run.sidecar.json").read_text())
    assert len(sidecar["iterations"]) == 100
    assert sidecar["compute_plan"]["operations"][0]["operator"] == "conv"


def test_who_signs_it_is_asked_for(mac: FakeMac, here: Here) -> None:
    for team in ((), ("--team", "me")):
        done = here("record", "--device", PHONE, *team)
        assert done.returncode == 1
        assert "Give your team with --team ABCDE12345" in done.stderr
    done = here("record", "--device", PHONE, "--team", TEAM, FAKE_FAILURE="no-signing")
    assert 'error: No Account for Team "ABCDE12345"' in done.stderr
    assert "in Xcode once and run it on the device" in done.stderr


def test_other_apps_on_a_phone(mac: FakeMac, here: Here) -> None:
    launched = here("record", "--device", PHONE, "--launch", "com.example.Shop", "-o", "a.trace", "--", "--fast")
    assert launched.returncode == 0, launched.stderr
    used = json.loads((mac.home / "a.trace" / "fake.json").read_text())
    assert used["target"] == ["com.example.Shop", "--fast"]
    attached = here("record", "--device", PHONE, "--app", "Maps", "--time-limit", "50ms", "-o", "b.trace")
    assert attached.returncode == 0, attached.stderr
    nobody = here("record", "--device", PHONE, "--app", "Nobody", "-o", "c.trace")
    assert "there is no such process" in nobody.stderr
    locked = here("record", "--device", PHONE, "--launch", "com.example.Shop", "-o", "d.trace", FAKE_PHONE="locked")
    assert "tracekit: the device is locked. Unlock it" in locked.stderr
    other = here("record", "--device", "Joe's iPhone", "--app", "Maps")
    assert 'there is no device "Joe\'s iPhone". xctrace lists: ' in other.stderr
    simulated = here("record", "--device", "Apple TV Simulator", "--app", "Maps")
    assert "is a simulator, and recording one hangs with" in simulated.stderr
