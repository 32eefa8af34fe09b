"""The harness's source, checked as for a Mac with hand-written declarations; see apple_sdk/README.md."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.recording.harness.conftest import SDK
from tracekit.recording.harness.build import SOURCE

UNITS = sorted(path.name for path in SOURCE.iterdir() if path.suffix in (".m", ".c"))
LEVELS = ("xcode14", "xcode15", "xcode16", "xcode26")
MAC = "arm64-apple-macos13"


def check(clang: str, path: Path, *, level: str = "xcode26", target: str = MAC, how: Sequence[str] = ()) -> str:
    """What clang complains about; empty if nothing."""
    language = ("-fobjc-arc", "-fblocks") if path.suffix == ".m" else ("-std=c11",)
    sdk = ["system", *LEVELS[: LEVELS.index(level) + 1]]
    argv = [clang, "-target", target, *language, "-nostdlibinc", *(how or ("-fsyntax-only", "-Wall", "-Wextra"))]
    argv += [part for name in sdk for part in ("-isystem", str(SDK / name))]
    done = subprocess.run([*argv, "-Werror", "-I", str(SOURCE), str(path)], capture_output=True, text=True, check=False)
    return done.stderr


@pytest.mark.parametrize("name", UNITS)
def test_the_source_is_right(needed: Callable[[str], str], name: str) -> None:
    assert check(needed("clang"), SOURCE / name) == ""


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ["harness.m", "evaluate.m", "machine.m", "plan.m"])
def test_older_sdks_and_phones(needed: Callable[[str], str], name: str, level: str) -> None:
    assert check(needed("clang"), SOURCE / name, level=level) == ""
    assert check(needed("clang"), SOURCE / name, level=level, target="arm64-apple-ios16") == ""


def changed(tmp_path: Path, name: str, before: str, after: str) -> Path:
    source = (SOURCE / name).read_text()
    assert before in source
    path = tmp_path / name
    path.write_text(source.replace(before, after))
    return path


@pytest.mark.parametrize(
    "name, before, after, complaint",
    [
        ("harness.m", "modelWithContentsOfURL:compiled", "modelWithContentsOfFile:compiled", "no known class method"),
        ("evaluate.m", "options:evaluation->options", "option:evaluation->options", "no visible"),
        ("plan.m", "@available(macOS 14.4, iOS 17.4, *)", "YES", "only available on macOS 14.4"),
        ("evaluate.m", "@available(macOS 15.0, iOS 18.0, *)", "YES", "only available on macOS 15.0"),
        ("harness.m", 'addPhase(sidecar, @"load", start);', "addPhase(sidecar, 3, start);", "incompatible"),
        ("harness.m", "configuration.computeUnits =", "configuration.computeUnit =", "not found on object"),
        ("machine.m", "#if HAS_COMPUTE_DEVICES", "#if 1", "no type or protocol named"),
    ],
)
def test_a_broken_call_is_found(
    needed: Callable[[str], str], tmp_path: Path, name: str, before: str, after: str, complaint: str
) -> None:
    path = changed(tmp_path, name, before, after)
    level = "xcode14" if name == "machine.m" else "xcode26"
    assert complaint in check(needed("clang"), path, level=level)


# Without the rule that NSError ** may be null: nobody but the harness calls these functions.
ANALYZE = (
    *("--analyze", "-Xclang", "-analyzer-output=text", "-o", "/dev/null"),
    *("-Xclang", "-analyzer-disable-checker=osx.cocoa.NSError"),
)


@pytest.mark.parametrize("name", UNITS)
def test_the_analyzer_finds_nothing(needed: Callable[[str], str], name: str) -> None:
    assert check(needed("clang"), SOURCE / name, how=ANALYZE) == ""


def test_the_analyzer_finds_an_error_that_dies_with_its_pool(needed: Callable[[str], str], tmp_path: Path) -> None:
    """The reason of a failed prediction was once written through ``*error`` in the prediction's own pool."""
    path = changed(tmp_path, "harness.m", "failure =\n                    problem(", "*error = problem(")
    found = check(needed("clang"), path, how=ANALYZE)
    assert "Write to autoreleasing out parameter inside locally-scoped autorelease pool" in found


def test_the_measured_function_is_never_inlined_or_left_early() -> None:
    source = (SOURCE / "evaluate.m").read_text()
    for name in ("tracekit_measured_prediction", "tracekit_warmup_prediction"):
        assert f"__attribute__((noinline, used, disable_tail_calls)) BOOL {name}(" in source
