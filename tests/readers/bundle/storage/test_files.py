"""Bundles are read from folders and archives alike, and archives cannot do harm."""

import io
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pytest

from sample_traces.bundle import write_folder, write_zip
from tests.support.bundle_writer import in_memory, sample_files
from tracekit.errors import InputError
from tracekit.readers.bundle import open_bundle, sniff
from tracekit.readers.bundle.storage.files import BundleFiles, open_files

SMALL = {"corespace/a": b"alpha", "form.template": b"beta" * 50}


def write_tar(files: Mapping[str, bytes], path: Path, folder: str, mode: Literal["w", "w:gz"] = "w:gz") -> None:
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def as_folder(files: Mapping[str, bytes], tmp_path: Path) -> Path:
    write_folder(files, tmp_path / "x.trace")
    return tmp_path / "x.trace"


def as_zip(files: Mapping[str, bytes], tmp_path: Path) -> Path:
    write_zip(files, tmp_path / "x.zip", "x.trace")
    return tmp_path / "x.zip"


def as_stored_zip(files: Mapping[str, bytes], tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "stored.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(f"deep/er/x.trace/{name}", data)
    return tmp_path / "stored.zip"


def as_tar(files: Mapping[str, bytes], tmp_path: Path) -> Path:
    write_tar(files, tmp_path / "x.tar", "x.trace", "w")
    return tmp_path / "x.tar"


def as_tar_gz(files: Mapping[str, bytes], tmp_path: Path) -> Path:
    write_tar(files, tmp_path / "x.tar.gz", "x.trace")
    return tmp_path / "x.tar.gz"


FORMS = (as_folder, as_zip, as_stored_zip, as_tar, as_tar_gz)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same_files(form: Callable[[Mapping[str, bytes], Path], Path], tmp_path: Path) -> None:
    path = form(SMALL, tmp_path)
    assert sniff(path)
    files = open_files(path)
    assert {name: files.read(name) for name in SMALL} == SMALL
    assert [match[0] for match in files.names("corespace/.*")] == ["corespace/a"]
    assert files.read("form.template", 6) == b"betabe"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_profile(form: Callable[[Mapping[str, bytes], Path], Path], tmp_path: Path) -> None:
    profile = open_bundle(form(sample_files(is_deflated=True), tmp_path)).profile()
    assert (len(profile), profile.weight) == (5, 6_000_000)


def test_no_more_is_allocated_than_a_file_has(tmp_path: Path) -> None:
    """A file may inflate to 100 times the bundle, so that many bytes were once set aside for each."""
    path = as_folder({**SMALL, "unused": bytes(4 << 20)}, tmp_path)
    files = open_files(path)
    tracemalloc.start()
    assert files.read("corespace/a") == b"alpha"
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_files_are_inflated_where_they_are_deflated() -> None:
    data = bytes(range(256)) * 4096
    files = in_memory({"raw": data, "deflated": zlib.compress(data), "looks deflated": b"\x78\x02" + data})
    assert files.read("raw") == files.read("deflated") == data
    assert files.read("deflated", 1000) == data[:1000]
    assert files.read("looks deflated")[:4] == b"\x78\x02\x00\x01"
    assert in_memory({"short": b"\x78"}).read("short") == b"\x78"


@pytest.mark.parametrize(
    "data, message",
    [
        (zlib.compress(b"x" * 99)[:-5], "cut off"),
        (b"\x78\x9c" + b"\xff" * 20, "cannot be inflated"),
    ],
)
def test_damaged_deflated_files_are_told(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"demo.trace/name: .*{message}"):
        in_memory({"name": data}).read("name")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputError, match=r"demo\.trace/corespace/b: the file is missing"):
        in_memory(SMALL).read("corespace/b")


def test_what_a_deflated_file_may_inflate_to_follows_the_size_of_the_bundle() -> None:
    bomb = zlib.compress(bytes(100 << 20))
    assert len(bomb) < 200_000
    with pytest.raises(InputError, match="inflates to more than 64 MiB"):
        in_memory({"bomb": bomb}).read("bomb")
    assert len(in_memory({"bomb": bomb}).read("bomb", 70 << 10)) == 70 << 10


def zip_with(name: str, tmp_path: Path, **attributes: int) -> Path:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x.trace/corespace/a", b"data")
        info = zipfile.ZipInfo("placeholder")
        info.filename = name
        for attribute, value in attributes.items():
            setattr(info, attribute, value)
        archive.writestr(info, b"data")
    return tmp_path / "x.zip"


@pytest.mark.parametrize(
    "name, attributes, message",
    [
        ("x.trace/../../etc/passwd", {}, "reaches outside"),
        ("/etc/passwd", {}, "reaches outside"),
        ("x.trace\\..\\secret", {}, "reaches outside"),
        ("C:/x.trace/a", {}, "reaches outside"),
        ("x.trace/a\nb", {}, "without a proper name"),
        ("x.trace/link", {"external_attr": 0o120777 << 16}, "is a link"),
        ("y.trace/corespace/a", {}, "holds 2 trace bundles: x.trace, y.trace"),
        ("x.trace/lzma", {"compress_type": zipfile.ZIP_LZMA}, "neither stored nor deflated"),
    ],
)
def test_zip_members_that_could_do_harm_are_refused(
    name: str, attributes: dict[str, int], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        open_files(zip_with(name, tmp_path, **attributes))


def test_members_beside_the_bundle_do_no_harm(tmp_path: Path) -> None:
    path = zip_with("__MACOSX/x.trace/corespace/._a", tmp_path)
    assert open_files(path).root == "x.trace/"
    assert "corespace/a" in open_files(zip_with("readme.txt", tmp_path))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a member twice"):
        open_files(zip_with("x.trace/corespace/a", tmp_path))


def patched(path: Path, marker: bytes, offset: int, value: bytes) -> Path:
    """The file with some bytes exchanged behind the last ``marker``."""
    data = bytearray(path.read_bytes())
    at = data.rindex(marker) + offset
    data[at : at + len(value)] = value
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("size", [1 << 31, 5000 * 1100])
def test_absurd_sizes_of_zip_members_are_refused(size: int, tmp_path: Path) -> None:
    path = patched(as_zip(SMALL, tmp_path), b"PK\x01\x02", 24, struct.pack("<I", size))
    with pytest.raises(InputError, match="claims to inflate far beyond"):
        open_files(path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is encrypted"):
        open_files(patched(as_zip(SMALL, tmp_path), b"PK\x01\x02", 8, b"\x01"))


def test_a_zip_member_that_is_not_what_the_list_says_is_told(tmp_path: Path) -> None:
    files = open_files(patched(as_stored_zip(SMALL, tmp_path), b"alpha", 0, b"A"))
    with pytest.raises(InputError, match="differs from its checksum"):
        files.read("corespace/a")
    files = open_files(patched(as_stored_zip(SMALL, tmp_path), b"PK\x01\x02", 42, struct.pack("<I", 3)))
    with pytest.raises(InputError, match="not where it should be"):
        files.read("form.template")


def test_a_zip_member_that_is_no_deflated_stream_is_told(tmp_path: Path) -> None:
    path = as_zip({"form.template": SMALL["form.template"]}, tmp_path)
    files = open_files(patched(path, b"PK\x03\x04", 30 + len("x.trace/form.template"), b"\x07"))  # no kind of block
    with pytest.raises(InputError, match="cannot be inflated"):
        files.read("form.template")


def tar_with(tmp_path: Path, **attributes: object) -> Path:
    path = tmp_path / "x.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in ("x.trace/corespace/a", "x.trace/corespace/b"):
            member = tarfile.TarInfo(name)
            if name.endswith("b"):
                for attribute, value in attributes.items():
                    setattr(member, attribute, value)
            archive.addfile(member)
    return path


@pytest.mark.parametrize(
    "attributes, message",
    [
        ({"name": "x.trace/../../a"}, "reaches outside"),
        ({"name": "/tmp/a"}, "reaches outside"),
        ({"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, "is a link"),
        ({"type": tarfile.LNKTYPE, "linkname": "x.trace/corespace/a"}, "is a link"),
        ({"type": tarfile.CHRTYPE}, "is a link or a device"),
        ({"name": "x.trace/corespace/a"}, "a member twice"),
        ({"name": "other.trace/corespace/a"}, "holds 2 trace bundles"),
        ({"size": 1 << 40}, "damaged or cut off"),
    ],
)
def test_tar_members_that_could_do_harm_are_refused(
    attributes: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        open_files(tar_with(tmp_path, **attributes))


def test_a_tar_that_inflates_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    write_tar({"corespace/a": bytes(100 << 20)}, path, "x.trace")
    assert path.stat().st_size < 200_000
    with pytest.raises(InputError, match="claims to inflate far beyond"):
        open_files(path)


@pytest.mark.parametrize("name", ["x.trace", "x.zip", "x.tar.gz", "x.xml"])
def test_other_files_are_not_taken_for_bundles(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"<?xml version='1.0'?><trace-query-result/>")
    assert not sniff(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export.xml", "<a/>")
    assert not sniff(path)
    with pytest.raises(InputError, match="holds no trace bundle"):
        open_files(path)
    path.write_bytes(b"\x1f\x8b" + bytes(20))
    assert not sniff(path)


def test_folders_are_told_by_name_or_content(tmp_path: Path) -> None:
    assert not sniff(tmp_path)
    (tmp_path / "Trace3.run").mkdir()
    assert sniff(tmp_path)
    (tmp_path / "empty.trace").mkdir()
    assert sniff(tmp_path / "empty.trace")


def test_symbolic_links_in_a_folder_lead_nowhere(tmp_path: Path) -> None:
    path = as_folder(SMALL, tmp_path)
    (tmp_path / "secret").write_text("secret")
    (path / "corespace" / "b").symlink_to(tmp_path / "secret")
    (path / "outside").symlink_to(tmp_path)
    files = open_files(path)
    assert "corespace/b" not in files
    assert "outside/secret" not in files


def test_errors_name_the_file_in_the_archive() -> None:
    files = BundleFiles(Path("run.zip"), in_memory(SMALL).container, "x.trace/")
    assert files.where("form.template") == "run.zip/x.trace/form.template"
