"""The committed samples are what the generator writes, and the generator says so when they are not."""

import gzip
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from sample_traces import generate

ROOT = Path(generate.__file__).parents[1]


class Made(NamedTuple):
    """Everything the generator makes, made once."""

    texts: list[tuple[str, str]]
    archives: list[tuple[str, Mapping[str, bytes]]]


@pytest.fixture(scope="module")
def made() -> Made:
    return Made(list(generate.texts()), list(generate.archives()))


def test_the_committed_files_are_what_the_generator_writes(
    made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "texts", lambda: iter(made.texts))
    monkeypatch.setattr(generate, "archives", lambda: iter(made.archives))
    assert generate.main(["--check"]) == 0, capsys.readouterr().out


def test_the_generator_runs_as_a_script_from_any_folder(tmp_path: Path) -> None:
    script = ROOT / "sample_traces" / "generate.py"
    done = subprocess.run([sys.executable, str(script), "--check"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def written(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.no_cover
def test_making_twice_gives_the_same_bytes(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    assert generate.main([]) == 0
    first = written(tmp_path)
    for name in first:
        (tmp_path / name).unlink()
    monkeypatch.setattr(generate, "texts", lambda: iter(made.texts))
    monkeypatch.setattr(generate, "archives", lambda: iter(made.archives))
    assert generate.main([]) == 0
    assert written(tmp_path) == first
    assert len(first) == len(made.texts) + len(made.archives)


def test_check_names_the_files_that_differ_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    monkeypatch.setattr(generate, "texts", lambda: iter([("a.xml", "<a/>"), ("b.xml.gz", "<b/>"), ("c.xml", "<c/>")]))
    monkeypatch.setattr(
        generate, "archives", lambda: iter([("d.trace.zip", {"d": b"d"}), ("e.trace.zip", {"e": b"e"})])
    )
    with zipfile.ZipFile(tmp_path / "d.trace.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("d", b"d")  # packed otherwise, and no difference
    (tmp_path / "a.xml").write_text("<a/>")
    (tmp_path / "b.xml.gz").write_bytes(gzip.compress(b"<b />"))
    assert generate.main(["--check"]) == 1
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["b.xml.gz", "c.xml", "e.trace.zip"]
    assert sorted(written(tmp_path)) == ["a.xml", "b.xml.gz", "d.trace.zip"]


def test_the_same_text_packed_by_another_zlib_is_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    monkeypatch.setattr(generate, "texts", lambda: iter([("b.xml.gz", "<b/>" * 50)]))
    monkeypatch.setattr(generate, "archives", lambda: iter(()))
    packed = gzip.compress(b"<b/>" * 50, compresslevel=1, mtime=5)
    (tmp_path / "b.xml.gz").write_bytes(packed)
    assert generate.main(["--check"]) == 0
    assert generate.main([]) == 0
    assert (tmp_path / "b.xml.gz").read_bytes() == packed
    assert capsys.readouterr().out == ""


def test_no_generated_file_is_left_over(made: Made) -> None:
    names = {name for name, _ in made.texts} | {name for name, _ in made.archives}
    there = {name for name in written(generate.FOLDER) if name.endswith((".xml", ".xml.gz", ".json", ".zip"))}
    assert {name for name in there if ".mlpackage/" not in name} == names  # make_models.py writes those
