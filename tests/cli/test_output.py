"""Files are written whole or not at all, and never over what the user did not mean."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Tracekit
from tests.cli.inputs import first_rows
from tracekit.cli.output import check_free, write_result
from tracekit.errors import OutputError

WRITING = {
    "analyze --json": ("analyze", "--json"),
    "analyze --report": ("analyze", "--report"),
    "report": ("report", "-o"),
    "convert": ("convert", "-o"),
    "table": ("table", "--schema=time-profile", "-o"),
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "small.xml"
    path.write_text(first_rows(20))
    return path


def written(tracekit: Tracekit, command: str, export: Path, output: Path, *more: str) -> tuple[int, str]:
    name, *options = WRITING[command]
    done = tracekit(name, export, *more, *options, output)
    return done.code, done.err


@pytest.mark.parametrize("command", WRITING)
def test_an_existing_file_is_kept_unless_forced(tracekit: Tracekit, command: str, export: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    output.write_text("mine")
    assert written(tracekit, command, export, output) == (
        1,
        f"tracekit: {output}: already exists. Use --force to replace it, or -o another name.\n",
    )
    assert output.read_text() == "mine"
    code, _ = written(tracekit, command, export, output, "--force")
    assert code == 0
    assert len(output.read_text()) > 100


@pytest.mark.parametrize("command", WRITING)
@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "forced"])
def test_a_folder_is_never_replaced(
    tracekit: Tracekit, command: str, force: list[str], export: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out.csv"
    folder.mkdir()
    sentence = f"tracekit: {folder}: is a folder. Name a file in it.\n"
    assert written(tracekit, command, export, folder, *force) == (1, sentence)


@pytest.mark.parametrize("command", WRITING)
def test_a_missing_folder_is_said_before_the_work(tracekit: Tracekit, command: str, tmp_path: Path) -> None:
    output = tmp_path / "a" / "b" / "out.csv"
    sentence = f"tracekit: {output}: its folder does not exist. Create it first: mkdir -p {output.parent}.\n"
    assert written(tracekit, command, tmp_path / "missing.xml", output) == (1, sentence)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.csv"
    output.write_text("mine")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError) as error:
        write_result(output, "new", force=True)
    assert str(error.value) == f"{output}: cannot be written: No space left on device."
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.csv", "mine")]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are told otherwise there")
def test_a_full_disk_leaves_the_old_file_and_nothing_else(export: Path, tmp_path: Path) -> None:
    """A process that may write 4 kB to a file and no more."""
    output = tmp_path / "out.json"
    output.write_text("mine")
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); sys.dont_write_bytecode = True;"
        "from tracekit.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "table", export, "--schema", "time-profile", "-o", output, "--force"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, f"tracekit: {output}: cannot be written: File too large.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "small.xml"]
    assert output.read_text() == "mine"


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_result(tmp_path / "new", "text", force=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@pytest.mark.parametrize("content", ["text ☀️ \r\n", b"\0\xff", ""])
def test_content_is_written_as_it_is(tmp_path: Path, content: str | bytes) -> None:
    write_result(tmp_path / "new", content, force=False)
    expected = content.encode() if isinstance(content, str) else content
    assert (tmp_path / "new").read_bytes() == expected


def test_what_is_no_text_is_written_out(tmp_path: Path) -> None:
    write_result(tmp_path / "new", "x\udc80", force=False)
    assert (tmp_path / "new").read_text("utf-8") == "x\\udc80"


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    output = tmp_path / ("n" * 250)
    write_result(output, "text", force=False)
    assert output.read_text() == "text"


def test_devices_are_written_to_and_not_replaced(tracekit: Tracekit, export: Path) -> None:
    for force in ([], ["--force"]):
        assert tracekit("convert", export, "-o", os.devnull, *force) == (0, "", "")
        assert not Path(os.devnull).is_file()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_gets_the_result(export: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        write_result(pipe, "text", force=False)
        out, _ = reader.communicate(timeout=60)
    assert out == b"text"
    assert pipe.is_fifo()


def test_a_link_to_nowhere_is_free(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    check_free(tmp_path / "link", force=False)
