"""Whatever the path names: a file, a folder, a zip, standard input; and what is refused before it is read."""

import gzip
import io
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.readers.export.documents import ROW, document, node, row, samples_of, schema, time_profile, toc, toc_run
from tracekit.errors import InputError, TracekitError, UnknownFormatError
from tracekit.model.trace import Trace
from tracekit.readers import archive, open_trace, source
from tracekit.readers.export.trace import sniff

NOBODY = 65534
PROFILE = time_profile(ROW, row()).encode()
CONTENTS = toc(toc_run()).encode()
TICKS = document(node('<row><sample-time id="1">5</sample-time></row>', head=schema("tick", [("time", "sample-time")])))
FOLDED = b"main;work 3\nmain;rest 1\n"


def summary(trace: Trace) -> tuple:
    """What is asked of every way to open the same recording."""
    assert list(trace.schemas()) == [info.schema for info in trace.tables() if info.available]
    return (
        sorted((info.schema, info.rows) for info in trace.tables()),
        trace.runs[0].facts.template,
        samples_of(trace.profile()),
        trace.table("tick")["time"].tolist(),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording, exported to a folder."""
    path = tmp_path / "recording"
    path.mkdir()
    (path / "toc.xml").write_bytes(CONTENTS)
    (path / "profile.xml").write_bytes(PROFILE)
    (path / "ticks.xml.gz").write_bytes(gzip.compress(TICKS.encode()))
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def stand_in_for_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


# ---- Ways to name an input.


def test_a_file_by_path_or_by_name(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_bytes(PROFILE)
    for path in (tmp_path / "x.xml", str(tmp_path / "x.xml")):
        trace = open_trace(path)
        assert (trace.path, trace.format, len(trace.profile())) == (str(path), "export", 2)


def test_compression_is_told_by_content(tmp_path: Path) -> None:
    for name, data in {"x.xml.gz": gzip.compress(PROFILE), "y.xml": gzip.compress(PROFILE), "z.gz": PROFILE}.items():
        (tmp_path / name).write_bytes(data)
        assert len(open_trace(tmp_path / name).profile()) == 2


def test_a_folder_and_a_zip_of_it_say_the_same(folder: Path, tmp_path: Path) -> None:
    expected = ([("tick", 1), ("time-profile", 2)], "Time Profiler", samples_of(open_trace(folder).profile()), [5])
    assert summary(open_trace(folder)) == expected
    members = {f"any/folder/{path.name}": path.read_bytes() for path in folder.iterdir()}
    for order in (members, dict(reversed(members.items()))):
        assert summary(open_trace(zipped(tmp_path / "x.zip", order))) == expected
    assert expected[2] == samples_of(open_trace(folder / "profile.xml").profile())


def test_what_else_lies_in_a_folder_is_left_alone(folder: Path) -> None:
    expected = summary(open_trace(folder))
    (folder / "notes.txt").write_text("not mine")
    (folder / "Info.xml").write_text("<plist/>")
    (folder / "empty.xml").write_text("")
    (folder / "._profile.xml").write_bytes(b"\0\5\x16\7" + bytes(80))
    (folder / "profile.xml.bak").write_bytes(PROFILE)
    (folder / "old").mkdir()
    (folder / "old" / "profile.xml").write_bytes(PROFILE)
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.xml")
    assert summary(open_trace(folder)) == expected


def test_what_else_lies_in_a_zip_is_left_alone(tmp_path: Path) -> None:
    members = {"x.xml": PROFILE, "__MACOSX/._x.xml": b"\0\5\x16\7" + bytes(80), "readme.md": b"#", "d.xml/": b""}
    assert len(open_trace(zipped(tmp_path / "x.zip", members)).profile()) == 2


@pytest.mark.parametrize("name", ["../../x.xml", "/etc/x.xml", "C:\\x.xml", "a/../x.xml", "x\x1b[31m.xml"])
def test_names_in_a_zip_are_only_names(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    path = zipped(inner / "x.zip", {name: PROFILE})
    assert len(open_trace(path).profile()) == 2
    path.unlink()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "data, kind", [(PROFILE, "export"), (gzip.compress(PROFILE), "export"), (FOLDED, "folded"), (CONTENTS, "export")]
)
def test_standard_input(data: bytes, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in_for_stdin(monkeypatch, data)
    trace = open_trace("-")
    assert (trace.path, trace.format) == ("standard input", kind)


def test_standard_input_can_be_read_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in_for_stdin(monkeypatch, PROFILE)
    trace = open_trace("-")
    assert [len(trace.profile()), len(trace.table("time-profile")), len(trace.table("time-profile"))] == [2, 2, 2]


def test_standard_input_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match=r"^standard input is closed\.$"):
        open_trace("-")


def test_errors_of_standard_input_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in_for_stdin(monkeypatch, PROFILE[:-30])
    with pytest.raises(InputError, match=r"^standard input: line 4: malformed XML: "):
        open_trace("-")


# ---- Which format.


@pytest.mark.parametrize(
    "head, kind",
    [
        (PROFILE, "result"),
        (CONTENTS, "toc"),
        (b"\xef\xbb\xbf" + CONTENTS, "toc"),
        (b"<!-- a --> <?b c?>\n<trace-toc>", "toc"),
        (b"\n <trace-query-result/>", "result"),
        (b"<?xml version='1.0' encoding='utf-8'?><trace-query-result>", "result"),
        (b"<trace-query-results>", "xml"),
        (b"<!DOCTYPE x><trace-toc>", "xml"),
        (b"<html>", "xml"),
        (b"<", "xml"),
        (b"<!-- never ends <trace-toc>", "xml"),
        (b"main;work 3", None),
        (b"", None),
        (b"\0<trace-toc>", None),
    ],
)
def test_exports_are_told_by_their_root(head: bytes, kind: str | None) -> None:
    assert sniff(head) == kind


def test_a_long_prolog_takes_no_time() -> None:
    assert sniff(b"<?x?>" * 13_000 + b"<!--" * 13_000) == "xml"
    assert sniff(b"<" + b" " * 65_000) == "xml"


def test_folded_stacks_may_begin_with_a_symbol_in_angle_brackets(tmp_path: Path) -> None:
    (tmp_path / "x.folded").write_text("<deduplicated_symbol>;main 3\n<unknown>;main 4\n")
    trace = open_trace(tmp_path / "x.folded")
    assert (trace.format, trace.profile().weight) == ("folded", 7)


def test_xml_of_another_kind_is_not_called_text(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<plist>\n<integer>3</integer>\n</plist>\n")
    with pytest.raises(UnknownFormatError, match="the XML is a <plist>"):
        open_trace(tmp_path / "x.xml")


# ---- Refused before it is read.


@pytest.mark.parametrize(
    "path, sentence",
    [
        ("", "the path is empty. Name a file or a folder; - is standard input."),
        ("missing.xml", "missing.xml: there is no such file or folder."),
        ("missing/x.xml", "missing/x.xml: there is no such file or folder."),
        ("file/x.xml", "file/x.xml: there is no such file or folder."),
        ("n" * 300, f"{'n' * 300}: cannot be read: File name too long."),
        ("a\0b", "a\0b: cannot be read: embedded null byte."),
    ],
)
def test_a_path_that_names_nothing(path: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as error:
        open_trace(path)
    assert str(error.value) == sentence


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError) as error:
        open_trace(tmp_path / "pipe")
    assert str(error.value) == f"{tmp_path}/pipe: is a pipe. Use - to read standard input."


@contextmanager
def without_root() -> Iterator[None]:
    """As a user who is not root, since root may read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are told otherwise here")
def test_what_may_not_be_read() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders only their owner may enter
        place = Path(name)
        place.chmod(0o755)
        (place / "x.xml").write_bytes(PROFILE)
        (place / "folder").mkdir()
        for each in place.iterdir():
            open_trace(place / "x.xml")  # it may be read, and what is imported on the way is here
            each.chmod(0)
            with without_root(), pytest.raises(InputError) as error:
                open_trace(each)
            assert str(error.value) == f"{each}: cannot be read: Permission denied."
            each.chmod(0o700)


# ---- Compressed data that are more than they seem.


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte, or twice the size: so that a test need not make the real bound's 256."""
    monkeypatch.setattr(archive, "INFLATION_FLOOR", 1 << 20)
    monkeypatch.setattr(archive, "INFLATION_RATIO", 2)


def blown_up(size: int) -> bytes:
    return PROFILE.replace(b"</row>", b"</row>" + b" " * size, 1)


@pytest.mark.usefixtures("small_bounds")
def test_gzip_that_inflates_beyond_bounds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml.gz"
    path.write_bytes(gzip.compress(blown_up(3 << 20)))
    with pytest.raises(InputError) as error:
        open_trace(path)
    assert str(error.value) == f"{path}: the compressed data inflate to more than 1 MiB, far beyond any real export."


@pytest.mark.usefixtures("small_bounds")
def test_a_zip_member_that_inflates_beyond_bounds_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", {"x.xml": blown_up(3 << 20)})
    with pytest.raises(InputError) as error:
        open_trace(path)
    assert str(error.value).startswith(f"{path}/x.xml: the archive claims to inflate far beyond any real recording.")


@pytest.mark.usefixtures("small_bounds")
def test_what_stays_within_bounds_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.xml.gz"
    path.write_bytes(gzip.compress(blown_up(1 << 19)))
    assert len(open_trace(path).profile()) == 2
    assert len(open_trace(zipped(tmp_path / "x.zip", {"x.xml": blown_up(1 << 19)})).profile()) == 2


@pytest.mark.usefixtures("small_bounds")
def test_plain_files_have_no_bound(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_bytes(blown_up(3 << 20))
    assert len(open_trace(tmp_path / "x.xml").profile()) == 2


def test_the_list_of_members_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many members there are: once to look for a bundle, and once for the exports."""
    path = zipped(
        tmp_path / "x.zip", {f"{number}.xml": PROFILE if number == 0 else b"<other/>" for number in range(50)}
    )
    reads: list[Path] = []
    read = archive.zip_members

    def counted(path: Path) -> list[zipfile.ZipInfo]:
        reads.append(path)
        return read(path)

    for module in (archive, source):
        monkeypatch.setattr(module, "zip_members", counted)
    assert len(open_trace(path).profile()) == 2
    assert len(reads) == 2


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_that_may_take_any_memory_is_refused(method: int, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", method) as written:
        written.writestr("x.xml", PROFILE)
    with pytest.raises(InputError) as error:
        open_trace(path)
    assert str(error.value) == f"{path}/x.xml: the member is neither stored nor deflated. Unpack the zip first."


def test_a_row_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.xml.gz"
    path.write_bytes(gzip.compress(PROFILE.replace(b"<row>", b"<row>" + b"<a/>" * (5 << 20), 1)))
    with pytest.raises(InputError) as error:
        open_trace(path).profile()
    assert str(error.value) == f"{path}: a row of more than 16 MiB, which no stack has."


@pytest.mark.parametrize("cut", [10, 40, 100, -30, -22, -5])
def test_a_zip_that_was_cut_is_an_error(cut: int, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"x.xml": PROFILE})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(TracekitError) as error:
        open_trace(path)
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.no_cover
def test_a_zip_with_any_byte_changed_is_read_or_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"x.xml": PROFILE})
    whole = path.read_bytes()
    read = 0
    for place in [*range(60), *range(60, len(whole) - 140, 61), *range(len(whole) - 140, len(whole))]:
        for byte in {0xFF, whole[place] ^ 1} - {whole[place]}:
            path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            try:
                assert len(open_trace(path).profile()) == 2
                read += 1
            except TracekitError as error:
                assert str(error).startswith(str(path))  # noqa: PT017 - many are read, the others must say where
    assert read > 20


# ---- Progress.


def test_progress_is_told_in_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.xml.gz"
    path.write_bytes(gzip.compress(PROFILE))
    told: list[tuple[int, int | None, int]] = []
    open_trace(path, progress=lambda *so_far: told.append(so_far)).profile()
    size = path.stat().st_size
    assert {total for _, total, _ in told} == {size}
    assert max(done for done, *_ in told) == size
    assert max(rows for *_, rows in told) == PROFILE.count(b"<row>") > 0
