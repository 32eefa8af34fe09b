"""The hand-written declarations in apple_sdk/, against what others made from Apple's own headers.

pyobjc's metadata is generated from the headers of Xcode: values of enumerations, and selectors that take an error or a
block. With ``TRACEKIT_APPLE_SDK=/path/to/MacOSX.sdk`` the harness is checked against Apple's headers themselves.
"""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.recording.harness.conftest import SDK
from tests.recording.harness.test_source import UNITS
from tests.support import tools
from tracekit.recording.harness.build import SOURCE

PYOBJC = Path(__file__).parents[3] / "build" / "pyobjc"
"""Where .ci/run puts pyobjc's packages for the Mac; nothing in them is run here."""


def metadata(framework: str) -> str:
    path = PYOBJC / framework / "_metadata.py"
    return path.read_text("utf-8") if path.exists() else tools.absent(f"build/pyobjc/{framework}")


def declared(folder: str) -> str:
    return "\n".join(path.read_text() for path in sorted(SDK.rglob(f"{folder}/*.h")))


def enumerators(text: str) -> dict[str, int]:
    """Names and values of all enumerations, ``NAME = 0x10000 | 32`` or counted from 0."""
    found = {}
    for body in re.findall(r"(?:NS_ENUM\([^)]*\)|enum) \{(.*?)\}", text, re.S):
        value = -1
        for name, given in re.findall(r"(\w+)(?: = ([^,}]+))?\s*,?", body):
            value = sum(int(part, 0) for part in given.split("|")) if given else value + 1
            found[name] = value
    return found


@pytest.mark.parametrize("framework, at_least", [("CoreML", 20), ("Foundation", 7)])
def test_enumerations_have_apple_s_values(framework: str, at_least: int) -> None:
    ours = enumerators(declared(framework))
    theirs = {name: int(value) for name, value in re.findall(r"\$?(\w+)@(-?\d+)", metadata(framework))}
    assert len(ours) >= at_least
    assert {name: theirs[name] for name in ours if name in theirs} == {n: v for n, v in ours.items() if n in theirs}
    assert {name for name in ours if name not in theirs} <= {"NSDataReadingNone"}


def test_selectors_with_an_error_or_a_block_are_apple_s() -> None:
    theirs = set(re.findall(r'b"(\w+)",\s*b"([\w:]+)"', metadata("CoreML")))
    ours = set()
    for interface, body in re.findall(r"@interface (\w+)(.*?)@end", declared("CoreML"), re.S):
        for method in re.findall(r"^[-+] \([^\n]*?\)\w+:.*?;", body, re.S | re.M):
            if "NSError **" in method or "(^)" in method:
                flat = re.sub(r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", "", method)
                ours.add((interface, "".join(re.findall(r"\w+:", flat))))
    assert len(ours) >= 10
    assert ours - theirs == set()


def test_against_apple_s_own_headers(needed: Callable[[str], str]) -> None:
    sdk = os.environ.get("TRACEKIT_APPLE_SDK")
    if sdk is None:
        pytest.skip("TRACEKIT_APPLE_SDK names no SDK: on a Mac, $(xcrun --show-sdk-path)")
    for name in UNITS:
        language = ("-fobjc-arc", "-fblocks") if name.endswith(".m") else ("-std=c11",)
        argv = [needed("clang"), "-target", "arm64-apple-macos13", *language, "-isysroot", sdk, "-fsyntax-only"]
        done = subprocess.run([*argv, "-Wall", str(SOURCE / name)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
