"""An agent reads what lies in the folders it was given, and nothing else."""

import os
import sys
from pathlib import Path

import pytest

from tracekit.agents.folders import Folders
from tracekit.errors import InputError, SelectionError

with_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """``given`` with a recording and a bundle, ``other`` beside it."""
    (tmp_path / "given" / "deep" / "run.trace").mkdir(parents=True)
    (tmp_path / "given" / "a.xml.gz").touch()
    (tmp_path / "given" / "deep" / "run.trace" / "inside.xml").touch()
    (tmp_path / "given" / "note.md").touch()
    (tmp_path / "given" / ".hidden.xml").touch()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret.xml").touch()
    return tmp_path


def test_names_are_seen_from_a_folder_or_absolute(place: Path) -> None:
    folders = Folders([place / "given"])
    assert folders.path("a.xml.gz") == folders.path(str(place / "given" / "a.xml.gz")) == place / "given" / "a.xml.gz"
    assert folders.path("deep/run.trace") == place / "given" / "deep" / "run.trace"


@pytest.mark.parametrize(
    "name",
    ["../other/secret.xml", "{place}/other/secret.xml", "/etc/passwd", "none.xml", "a\0b", "x" * 5000, "-", ".."],
)
def test_whatever_lies_elsewhere_is_not_there(name: str, place: Path) -> None:
    with pytest.raises(SelectionError, match="there is no such recording in the folders that were given"):
        Folders([place / "given"]).path(name.format(place=place))


@with_links
def test_a_link_out_of_the_folders_leads_nowhere(place: Path) -> None:
    (place / "given" / "link.xml").symlink_to(place / "other" / "secret.xml")
    (place / "given" / "folder").symlink_to(place / "other")
    (place / "given" / "loop.xml").symlink_to(place / "given" / "loop.xml")
    folders = Folders([place / "given"])
    for name in ("link.xml", "folder/secret.xml", "loop.xml"):
        with pytest.raises(SelectionError):
            folders.path(name)
    assert [path.name for path in folders.recordings()] == ["a.xml.gz", "run.trace"]


@with_links
def test_a_bundle_with_a_link_out_of_the_folders_is_refused(place: Path) -> None:
    bundle = place / "given" / "deep" / "run.trace"
    (bundle / "link").symlink_to(place / "other" / "secret.xml")
    with pytest.raises(SelectionError, match="holds a link that leads out"):
        Folders([place / "given"]).path("deep/run.trace")
    assert Folders([place / "given", place / "other"]).path("deep/run.trace") == bundle


def test_recordings_are_listed_by_their_names(place: Path) -> None:
    folders = Folders([place / "given", place / "other"])
    found = [os.path.relpath(path, place) for path in folders.recordings()]
    assert found == [str(Path(name)) for name in ("given/a.xml.gz", "given/deep/run.trace", "other/secret.xml")]


def test_a_folder_has_to_be_one(place: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        Folders([place / "given" / "a.xml.gz"])
