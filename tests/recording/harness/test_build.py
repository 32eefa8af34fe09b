"""Building the harness: the cache, and what a failed build leaves."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tracekit.errors import RecordingError
from tracekit.files import cache_folder
from tracekit.readers.cache.folder import why_not
from tracekit.recording.harness.build import SOURCE, build, plan_build
from tracekit.recording.harness.models import ML_PROGRAM, NEURAL_NETWORK, checked_model, model_hash
from tracekit.recording.runner import Answer, Running


class Compiler:
    """A runner with a compiler of some version."""

    def __init__(
        self, version: str = "clang 17", *, breaks: bool = False, codesign: int = 0, silicon: str = "1\n"
    ) -> None:
        self.version, self.breaks, self.codesign, self.silicon = version, breaks, codesign, silicon
        self.asked: list[str] = []

    def ask(self, argv: Sequence[str], *, within_s: float = 0) -> Answer:
        self.asked.append(" ".join(argv[:2]))
        if "--version" in argv:
            return Answer(0, self.version, "")
        if argv[0] == "codesign":
            return Answer(self.codesign, "", "no identity error")
        if argv[0] == "sysctl":
            return Answer(0 if self.silicon else 1, self.silicon, "")
        made = Path(argv[argv.index("-o") + 1])
        made.write_text("program")
        made.with_name(f"{made.name}.dSYM").mkdir()
        return Answer(1 if self.breaks else 0, "", "note: x\nharness.m:1: error: broken\n" if self.breaks else "")

    def start(self, argv: Sequence[str], *, log: Path) -> Running:
        raise AssertionError("nothing is started")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACEKIT_CACHE_DIR", str(tmp_path))
    return tmp_path


def test_it_is_built_once_for_a_compiler() -> None:
    first = Compiler()
    plan = plan_build(first)
    assert not plan.is_there
    assert build(plan, first).read_text() == "program"
    again = Compiler()
    assert plan_build(again).is_there
    build(plan_build(again), again)
    assert again.asked == ["sysctl -n", "xcrun clang"] * 2
    assert not plan_build(Compiler("clang 18")).is_there


def test_it_shares_the_folder_of_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody else may write, whatever the user's own habit is: else nothing that was read would be kept there."""
    place = tmp_path / "tracekit"
    monkeypatch.setenv("TRACEKIT_CACHE_DIR", str(place))
    before = os.umask(0o002)
    try:
        program = build(plan_build(Compiler()), Compiler())
    finally:
        os.umask(before)
    assert program.parents[1] == place == cache_folder()
    assert why_not() == ""


def test_its_debug_symbols_stay_beside_it() -> None:
    compiler = Compiler()
    program = build(plan_build(compiler), compiler)
    assert {path.name for path in program.parent.iterdir()} == {"tracekit-harness", "tracekit-harness.dSYM"}


@pytest.mark.parametrize("silicon, architecture", [("1\n", "arm64"), ("0\n", "x86_64"), ("", "x86_64")])
def test_it_is_built_for_the_machine_and_not_for_the_python(silicon: str, architecture: str) -> None:
    plan = plan_build(Compiler(silicon=silicon))
    assert plan.compile[2:4] == ("-arch", architecture)


def test_all_of_its_source_is_compiled() -> None:
    units = {Path(argument).name for argument in plan_build(Compiler()).compile if argument.startswith("/")}
    assert units == {path.name for path in SOURCE.iterdir() if path.suffix in (".m", ".c")}


@pytest.mark.parametrize(
    "compiler, message", [(Compiler(breaks=True), "error: broken"), (Compiler(codesign=1), "signed")]
)
def test_a_failed_build_leaves_nothing(compiler: Compiler, message: str, cache: Path) -> None:
    plan = plan_build(compiler)
    with pytest.raises(RecordingError, match=message):
        build(plan, compiler)
    assert [path for path in cache.rglob("*") if path.is_file()] == []


def test_the_default_models_are_there_and_small() -> None:
    assert checked_model(None) == ML_PROGRAM
    files = [path for path in (*ML_PROGRAM.rglob("*"), NEURAL_NETWORK) if path.is_file()]
    assert {path.name for path in files} == {"Manifest.json", "model.mlmodel", "weight.bin", "TinyConv.mlmodel"}
    assert sum(path.stat().st_size for path in files) < 500_000


def test_a_hash_knows_names_and_contents(tmp_path: Path) -> None:
    one = tmp_path / "a.mlmodel"
    one.write_text("x")
    before = model_hash(one)
    one.write_text("y")
    assert model_hash(one) != before
    assert model_hash(ML_PROGRAM) != model_hash(NEURAL_NETWORK)


@pytest.mark.parametrize(
    "name, message",
    [
        ("no.mlmodel", r"^/.*/no\.mlmodel: there is no such model\. Models end in \.mlpackage, "),
        ("a.onnx", r"is no Core ML model\. Models end in \.mlpackage, "),
    ],
)
def test_what_is_no_model(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "a.onnx").write_text("")
    with pytest.raises(RecordingError, match=message):
        checked_model(tmp_path / name)
