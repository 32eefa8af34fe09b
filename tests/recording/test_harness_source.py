"""The Objective-C harness, checked as for a Mac with hand-written declarations; see apple_sdk/README.md."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tracekit.recording.harness.build import SOURCE

SDK = Path(__file__).parent / "apple_sdk"
FLAGS = ("-fblocks", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-nostdlibinc")


def check(clang: str, path: Path) -> str:
    """What clang complains about; empty if nothing."""
    language = ("-fobjc-arc",) if path.suffix == ".m" else ("-std=c11",)
    argv = [
        clang,
        "-target",
        "arm64-apple-macos13",
        *language,
        *FLAGS,
        "-isystem",
        str(SDK),
        "-I",
        str(SOURCE),
        str(path),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize("name", ["harness.m", "inputs.c"])
def test_the_source_is_right(needed: Callable[[str], str], name: str) -> None:
    assert check(needed("clang"), SOURCE / name) == ""


@pytest.mark.parametrize(
    "before, after, complaint",
    [
        ("modelWithContentsOfURL:compiled", "modelWithContentsOfFile:compiled", "no known class method"),
        ("predictionFromFeatures:inputs options:options", "predictionFromFeatures:inputs option:options", "no visible"),
        ("@available(macOS 14.4, *)", "YES", "only available on macOS 14.4"),
        ("@available(macOS 15.0, *)", "YES", "only available on macOS 15.0"),
        ('addPhase(sidecar, @"load", start);', "addPhase(sidecar, 3, start);", "incompatible"),
        ("configuration.computeUnits =", "configuration.computeUnit =", "not found on object"),
    ],
)
def test_a_broken_call_is_found(
    needed: Callable[[str], str], tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    source = (SOURCE / "harness.m").read_text()
    assert before in source
    broken = tmp_path / "harness.m"
    broken.write_text(source.replace(before, after))
    assert complaint in check(needed("clang"), broken)


def test_older_sdks_without_states_and_plans(needed: Callable[[str], str], tmp_path: Path) -> None:
    source = (SOURCE / "harness.m").read_text()
    older = tmp_path / "harness.m"
    older.write_text(source.replace("MLComputePlan.h", "Missing1.h").replace("MLState.h", "Missing2.h"))
    assert check(needed("clang"), older) == ""


def test_the_measured_function_is_never_inlined_or_left_early() -> None:
    source = (SOURCE / "harness.m").read_text()
    for name in ("tracekit_measured_prediction", "tracekit_warmup_prediction"):
        assert f"__attribute__((noinline, used, disable_tail_calls)) id<MLFeatureProvider>\n{name}(" in source
