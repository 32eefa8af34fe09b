"""The second command on a large file: the same answer from what is kept, and ``--no-cache``."""

from pathlib import Path

import pytest

from tests.bench.generate_export import Shape, write_export
from tests.cli.conftest import Tracekit
from tracekit.files import CACHE_NAMED
from tracekit.readers.cache import folder
from tracekit.readers.export import ahead


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_NAMED, str(tmp_path / "kept"))
    monkeypatch.delenv(folder.OFF)
    monkeypatch.setattr(folder, "LEAST_BYTES", 0)
    monkeypatch.setattr(ahead, "_WORTH_IT", 0)
    return tmp_path / "kept"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "run.xml"
    write_export(path, Shape(400, depth=(1, 9), functions=60))
    return path


def test_the_second_command_says_the_same(export: Path, kept: Path, tracekit: Tracekit) -> None:
    for command in (
        ["analyze", "--no-focus"],
        ["analyze", "--no-focus", "--json", "-"],
        ["tree", "--no-focus"],
        ["info"],
    ):
        first, second = (tracekit(*command, export) for _ in range(2))
        assert first == second
    assert len(list(kept.iterdir())) == 1


def test_nothing_is_kept_with_no_cache_wherever_it_stands(
    export: Path, kept: Path, tracekit: Tracekit, monkeypatch
) -> None:
    for arguments in (["--no-cache", "analyze"], ["analyze", "--no-cache"]):
        monkeypatch.delenv(folder.OFF, raising=False)
        assert tracekit(*arguments, "--no-focus", export).code == 0
    assert not kept.exists()


def test_doctor_says_what_is_kept_and_why_it_is_not_used(
    export: Path, kept: Path, tracekit: Tracekit, monkeypatch
) -> None:
    def line() -> str:
        (said,) = [line for line in tracekit("doctor").out.splitlines() if line[2:].startswith("cache ")]
        return said

    tracekit("analyze", "--no-focus", export)
    assert line().startswith("✓ cache            1 file read before, ")
    assert line().endswith(f" in {kept} (at most 1.0 GB, may be deleted)")
    kept.chmod(0o777)
    assert line() == f"! cache            {kept} is not used: it is no folder, or others may write to it"
    monkeypatch.setenv(folder.OFF, "1")
    assert line().endswith("; not used: TRACEKIT_NO_CACHE is set")


def test_standard_input_is_not_kept(export: Path, kept: Path, tracekit: Tracekit) -> None:
    assert tracekit("analyze", "--no-focus", "-", stdin=export.read_bytes()).code == 0
    assert not kept.exists()
