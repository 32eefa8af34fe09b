"""The harness as an app on an iPhone or iPad: an Xcode project made here; built, signed, installed by Xcode's tools.

    folder/TracekitHarness.xcodeproj      one target, automatic signing, the team that was named
    folder/*.m, *.c, *.h                  the harness's own source, with phone/main.m as its main
    folder/Model/                         the model and the files given as inputs, copied as they are

What it writes lies in the app's Documents and is fetched with ``devicectl``. Nothing of this was run by this project;
the options are those of Apple's tools as others publish them (docs/recording.md).
"""

import hashlib
import plistlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tracekit.errors import RecordingError
from tracekit.files import writing
from tracekit.recording.harness.build import FOLDER, SOURCE
from tracekit.recording.harness.command import HarnessRun
from tracekit.recording.products import Products
from tracekit.recording.runner import Runner
from tracekit.recording.xctrace.failures import last_line

NAME: Final = "TracekitHarness"
SIGNING_TEAM: Final = r"[A-Z0-9]{10}"
BUILD_WITHIN_S: Final = 900.0

_BROUGHT: Final = "@bundle/"
_LEAST_IOS: Final = "16.0"
_FRAMEWORKS: Final = ("Foundation", "UIKit", "CoreML", "CoreVideo")


@dataclass(frozen=True, slots=True)
class OnDevice:
    """The harness as an app on a device. See ``host.Host``."""

    run: HarnessRun
    device: str
    """Its UDID."""
    team: str
    """The signing team's id."""
    folder: Path
    """Where the project is made."""

    @property
    def bundle_id(self) -> str:
        """What the app is called on the device."""
        return f"tracekit.harness.{self.team}"

    def preparations(self) -> Iterator[tuple[str, ...]]:
        """See ``Host``: the model is in the app, so it is built for every recording."""
        project, products = self.folder / f"{NAME}.xcodeproj", self.folder / "build"
        yield (
            *("xcrun", "xcodebuild", "-project", str(project), "-scheme", NAME, "-configuration", "Release"),
            *("-destination", f"id={self.device}", "-derivedDataPath", str(products)),
            *("-allowProvisioningUpdates", "-allowProvisioningDeviceRegistration", "build"),
        )
        app = products / "Build" / "Products" / "Release-iphoneos" / f"{NAME}.app"
        yield ("xcrun", "devicectl", "device", "install", "app", "--device", self.device, str(app))

    def prepare(self, runner: Runner) -> None:
        write_project(self)
        for command in self.preparations():
            answer = runner.ask(command, within_s=BUILD_WITHIN_S)
            if answer.code != 0:
                done = "build" if command[1] == "xcodebuild" else "install"
                errors = [line.strip() for line in answer.text.splitlines() if "error:" in line.lower()]
                why = errors[0] if errors else last_line(answer.text)
                once = f"Open {self.folder / NAME}.xcodeproj in Xcode once and run it on the device"
                what = f"{command[1]} could not {done} the harness for the device: {why}"
                raise RecordingError(what, hint=f"{once}, which settles signing and trust")

    def launched(self, products: Products) -> tuple[str, ...]:
        """See ``Host``: names without a folder are in the app's Documents."""
        names = (path.name for path in (products.working_sidecar, products.progress, products.harness_log))
        return (self.bundle_id, *self._brought().arguments(*names))

    def collecting(self, products: Products) -> Iterator[tuple[str, ...]]:
        yield self._fetch(products.working_sidecar)
        yield self._fetch(products.harness_log)

    def planning(self, products: Products) -> Iterator[tuple[str, ...]]:
        yield (
            *("xcrun", "devicectl", "device", "process", "launch", "--console", "--terminate-existing"),
            *("--device", self.device, self.bundle_id, *self._brought().plan_arguments(products.compute_plan.name)),
        )
        yield self._fetch(products.compute_plan)

    def _fetch(self, path: Path) -> tuple[str, ...]:
        return (
            *("xcrun", "devicectl", "device", "copy", "from", "--device", self.device),
            *("--domain-type", "appDataContainer", "--domain-identifier", self.bundle_id),
            *("--source", f"Documents/{path.name}", "--destination", str(path)),
        )

    def _brought(self) -> HarnessRun:
        """What is asked for, with the paths that files have in the app."""
        inputs = tuple((name, Path(f"{_BROUGHT}{path.name}")) for name, path in self.run.inputs)
        return replace(self.run, model=Path(f"{_BROUGHT}{self.run.model.name}"), inputs=inputs)


def write_project(host: OnDevice) -> None:
    """Write the project and all that is built into it.

    Raises:
        OutputError: it cannot be written.
    """
    folder = host.folder
    with writing(folder):
        shutil.rmtree(folder, ignore_errors=True)
        project = folder / f"{NAME}.xcodeproj"
        schemes = project / "xcshareddata" / "xcschemes"
        schemes.mkdir(parents=True)
        for path in _sources():
            shutil.copy(path, folder / path.name)
        brought = folder / "Model"
        brought.mkdir()
        for path in (host.run.model, *(path for _, path in host.run.inputs)):
            (shutil.copytree if path.is_dir() else shutil.copy)(path, brought / path.name)
        (project / "project.pbxproj").write_bytes(plistlib.dumps(project_of(host), sort_keys=True))
        (schemes / f"{NAME}.xcscheme").write_text(_SCHEME, "utf-8")


def _sources() -> list[Path]:
    harness = [path for path in SOURCE.iterdir() if path.suffix in (".m", ".c", ".h") and path.name != "main.m"]
    return sorted([*harness, FOLDER / "phone" / "main.m"])


def _id(name: str) -> str:
    """An object's id, as Xcode makes them: 24 hexadecimal digits."""
    return hashlib.sha256(name.encode()).hexdigest()[:24].upper()


_SCHEME: Final = f"""<?xml version="1.0" encoding="UTF-8"?>
<Scheme version="1.7">
  <BuildAction>
    <BuildActionEntries>
      <BuildActionEntry buildForRunning="YES" buildForProfiling="YES">
        <BuildableReference BuildableIdentifier="primary" BlueprintIdentifier="{_id("target")}"
          BuildableName="{NAME}.app" BlueprintName="{NAME}" ReferencedContainer="container:{NAME}.xcodeproj"/>
      </BuildActionEntry>
    </BuildActionEntries>
  </BuildAction>
</Scheme>
"""


def project_of(host: OnDevice) -> dict[str, Any]:
    """The project as Xcode's property list; XML is one of the forms that Xcode reads."""
    units = [path.name for path in _sources() if path.suffix in (".m", ".c")]
    sources = {name: _file(name, "sourcecode.c.objc" if name.endswith(".m") else "sourcecode.c.c") for name in units}
    place = "System/Library/Frameworks"
    frameworks = {name: _file(f"{place}/{name}.framework", "wrapper.framework", "SDKROOT") for name in _FRAMEWORKS}
    # A folder, so that it is copied as it is: Xcode would compile a model that it is shown.
    copied = {"Model": _file("Model", "folder")}
    files = sources | frameworks | copied
    objects: dict[str, Any] = {
        _id("project"): {
            "isa": "PBXProject",
            "buildConfigurationList": _id("configurations"),
            "compatibilityVersion": "Xcode 14.0",
            "mainGroup": _id("group"),
            "targets": [_id("target")],
        },
        _id("group"): {
            "isa": "PBXGroup",
            "children": [_id("app"), *(_id(f"file {name}") for name in files)],
            "sourceTree": "<group>",
        },
        _id("app"): _file(f"{NAME}.app", "wrapper.application", "BUILT_PRODUCTS_DIR", "explicitFileType"),
        _id("target"): {
            "isa": "PBXNativeTarget",
            "name": NAME,
            "productName": NAME,
            "productReference": _id("app"),
            "productType": "com.apple.product-type.application",
            "buildConfigurationList": _id("configurations"),
            "buildPhases": [_id("sources"), _id("frameworks"), _id("resources")],
            "buildRules": [],
            "dependencies": [],
        },
        _id("sources"): _phase("PBXSourcesBuildPhase", sources),
        _id("frameworks"): _phase("PBXFrameworksBuildPhase", frameworks),
        _id("resources"): _phase("PBXResourcesBuildPhase", copied),
        _id("configurations"): {
            "isa": "XCConfigurationList",
            "buildConfigurations": [_id("release")],
            "defaultConfigurationName": "Release",
        },
        _id("release"): {"isa": "XCBuildConfiguration", "name": "Release", "buildSettings": _settings(host)},
    }
    for name, reference in files.items():
        objects[_id(f"file {name}")] = reference
        objects[_id(f"use {name}")] = {"isa": "PBXBuildFile", "fileRef": _id(f"file {name}")}
    head = {"archiveVersion": "1", "classes": {}, "objectVersion": "56"}
    return {**head, "objects": objects, "rootObject": _id("project")}


def _settings(host: OnDevice) -> dict[str, str]:
    return {
        "SDKROOT": "iphoneos",
        "PRODUCT_NAME": NAME,
        "PRODUCT_BUNDLE_IDENTIFIER": host.bundle_id,
        "DEVELOPMENT_TEAM": host.team,
        "CODE_SIGN_STYLE": "Automatic",
        # get-task-allow, without which Instruments may not look into it.
        "CODE_SIGN_INJECT_BASE_ENTITLEMENTS": "YES",
        "IPHONEOS_DEPLOYMENT_TARGET": _LEAST_IOS,
        "TARGETED_DEVICE_FAMILY": "1,2",
        "GENERATE_INFOPLIST_FILE": "YES",
        "INFOPLIST_KEY_UILaunchScreen_Generation": "YES",
        "CLANG_ENABLE_OBJC_ARC": "YES",
        "GCC_OPTIMIZATION_LEVEL": "2",
        "DEBUG_INFORMATION_FORMAT": "dwarf-with-dsym",
    }


def _file(path: str, kind: str, tree: str = "<group>", known_as: str = "lastKnownFileType") -> dict[str, str]:
    return {"isa": "PBXFileReference", known_as: kind, "path": path, "sourceTree": tree}


def _phase(kind: str, files: Iterable[str]) -> dict[str, Any]:
    always = {"buildActionMask": "2147483647", "runOnlyForDeploymentPostprocessing": "0"}
    return {"isa": kind, "files": [_id(f"use {name}") for name in files], **always}
