"""The real harness, built for this machine: GNUstep's Foundation and a Core ML of our own."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import tools
from tracekit.recording.harness.build import SOURCE
from tracekit.recording.harness.sidecar import Sidecar, read_sidecar

HERE = Path(__file__).parent
SDK = HERE / "apple_sdk"
GNUSTEP = HERE / "gnustep"
FLAGS = (
    *("-g", "-O1", "-Wall", "-Werror", "-D_GNU_SOURCE", "-fblocks", "-fexceptions", "-fobjc-exceptions"),
    # What Debian's GNUstep is built for.
    *("-fobjc-runtime=gcc", "-fconstant-string-class=NSConstantString", "-D_NATIVE_OBJC_EXCEPTIONS"),
    *("-DGNUSTEP", "-DGNUSTEP_BASE_LIBRARY=1", "-DGNU_RUNTIME=1"),
    # The declarations say "property", and our Core ML has methods.
    *("-Wno-objc-property-implementation", "-Wno-multichar"),
)


@dataclass(frozen=True)
class Harness:
    """The program, and a folder to run it in."""

    program: Path
    folder: Path

    def model(self, name: str = "model.mlmodelc", **facts: Any) -> Path:
        """A model of our Core ML; see gnustep/coreml.m."""
        path = self.folder / name
        path.write_text(json.dumps({"inputs": [], "microseconds": 100} | facts))
        return path

    def command(self, model: Path, *arguments: str) -> list[str]:
        files = ("--sidecar", str(self.sidecar), "--log", str(self.log))
        return [str(self.program), "--model", str(model), "--min-seconds", "0", *files, *arguments]

    def run(self, model: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            self.command(model, *arguments), capture_output=True, timeout=20, check=False, env=environment or None
        )

    @property
    def sidecar(self) -> Path:
        return self.folder / "run.sidecar.json"

    @property
    def log(self) -> Path:
        return self.folder / "harness.log"

    def told(self) -> Sidecar:
        """The sidecar that the last run left."""
        return read_sidecar(self.sidecar)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The harness, compiled."""
    clang = tools.needed("clang")
    if not Path("/usr/include/GNUstep/Foundation/Foundation.h").exists():
        tools.absent("GNUstep (libgnustep-base-dev, libblocksruntime-dev)")
    made = tmp_path_factory.mktemp("harness") / "tracekit-harness"
    runtime = Path(
        subprocess.run(
            ["gcc", "-print-file-name=libobjc.so"], capture_output=True, text=True, check=True
        ).stdout.strip()
    ).parent
    headers = [GNUSTEP, SDK / "xcode14", SDK / "xcode15", SDK / "xcode16", SOURCE, runtime / "include"]
    includes = [f"-I{path}" for path in headers] + ["-I/usr/include/GNUstep"]
    units = [*SOURCE.glob("*.[mc]"), *GNUSTEP.glob("*.m")]
    libraries = [f"-L{runtime}", "-lgnustep-base", "-lobjc", "-lBlocksRuntime", "-lm", "-lpthread"]
    subprocess.run([clang, *FLAGS, *includes, *map(str, units), "-o", str(made), *libraries], check=True)
    return made


@pytest.fixture
def harness(program: Path, tmp_path: Path) -> Harness:
    """The harness, and a folder to run it in."""
    return Harness(program, tmp_path)
