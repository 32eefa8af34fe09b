"""Which recordings a batch is given."""

import os
import shlex
from pathlib import Path

import pytest

from tracekit.batch.inputs import expand, fingerprint
from tracekit.errors import InputError
from tracekit.readers import open_trace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.xml", "b.xml", "sub/c.xml", "run.trace/form.template", "run.trace/deep/x.xml", "odd[1].xml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "patterns,expected",
    [
        (["*.xml"], ["a.xml", "b.xml", "odd[1].xml"]),
        (["b.xml", "a.xml", "*.xml", "./a.xml"], ["a.xml", "b.xml", "odd[1].xml"]),
        (["**/*.xml"], ["a.xml", "b.xml", "odd[1].xml", "run.trace/deep/x.xml", "sub/c.xml"]),
        (["**/*.xml", "*.trace"], ["a.xml", "b.xml", "odd[1].xml", "run.trace", "sub/c.xml"]),
        (["odd[1].xml"], ["odd[1].xml"]),
        (["run.trace/"], ["run.trace"]),
    ],
)
def test_patterns(patterns: list[str], expected: list[str], folder: Path) -> None:
    assert expand(patterns) == expected


def test_the_output_is_no_input(folder: Path) -> None:
    assert "b.xml" not in expand(["*.xml"], without=[Path("b.xml")])


@pytest.mark.parametrize("pattern", ["nothing*", "nothing.trace"])
def test_a_pattern_that_names_nothing_is_a_mistake(pattern: str, folder: Path) -> None:
    with pytest.raises(InputError, match="names no file"):
        expand(["*.xml", pattern])


def test_a_fingerprint_changes_with_what_it_is_of(folder: Path) -> None:
    before = fingerprint("run.trace")
    assert fingerprint("run.trace") == before
    os.utime(folder / "run.trace/deep/x.xml", ns=(1, 1))
    touched = fingerprint("run.trace")
    (folder / "run.trace/deep/y.xml").write_text("")
    added = fingerprint("run.trace")
    (folder / "run.trace/deep/y.xml").rename(folder / "run.trace/deep/z.xml")
    assert len({before, touched, added, fingerprint("run.trace")}) == 4


def test_a_fingerprint_is_not_of_the_neighbours(folder: Path) -> None:
    before = fingerprint("a.xml")
    (folder / "ab.sidecar.json").write_text("{}")
    (folder / "b.xml").write_text("longer")
    assert fingerprint("a.xml") == before
    (folder / "a.sidecar.json").write_text("{}")
    assert fingerprint("a.xml") != before


def test_links_are_not_followed(folder: Path) -> None:
    (folder / "run.trace/loop").symlink_to(folder / "run.trace")
    assert fingerprint("run.trace")


@pytest.mark.parametrize("place", ["it's [1]", "-o x"])
def test_what_a_folder_of_recordings_is_told_to_type_names_all_of_them(folder: Path, place: str) -> None:
    names = {Path(place, name) for name in ("a.zip", "b.trace", "c.xml.zip", "d.tar.gz")}
    Path(place).mkdir()
    for name in names:
        name.write_bytes(b"")
    with pytest.raises(InputError) as error:
        open_trace(place)
    _, _, command = str(error.value).partition("tracekit batch ")
    arguments = shlex.split(command.removesuffix("."))
    assert not any(argument.startswith("-") for argument in arguments)
    assert set(map(Path, expand(arguments))) == names
