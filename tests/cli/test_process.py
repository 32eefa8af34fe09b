"""As a process among others: pipes, interrupts, and readers that go away."""

import gzip
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.inputs import SAMPLE, first_rows
from tracekit._version import __version__

TRACEKIT = [sys.executable, "-m", "tracekit"]
PIPE_HOLDS = 1 << 16
"""Bytes that a system keeps for a reader; a writer of more waits for the reader to begin."""
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes are others there")


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*TRACEKIT, *map(str, arguments)], input=stdin, capture_output=True, timeout=60, check=False
    )  # fmt: skip


@pytest.mark.parametrize("packed", [False, True], ids=["xml", "gzip"])
def test_standard_input_is_read_from_a_pipe(packed: bool) -> None:
    data = first_rows(60).encode()
    done = run("analyze", "-", "--json", "-", stdin=gzip.compress(data) if packed else data)
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert (found["source"]["path"], found["accounting"]["rows"]) == ("standard input", 60)


def test_an_empty_pipe_is_one_line() -> None:
    done = run("analyze", "-")
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"tracekit: standard input: the file is empty.\n")


@posix_only
def test_a_pipe_by_its_path_is_refused() -> None:
    done = run("analyze", "/dev/stdin", stdin=b"x")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"tracekit: /dev/stdin: is a pipe. Use - to read standard input.\n"


@posix_only
@pytest.mark.parametrize(
    "arguments",
    [
        ["tree", SAMPLE, "--no-focus", "--min-share", "0"],
        ["convert", SAMPLE, "--format", "csv"],
        ["--help"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_reader_that_goes_away_is_no_error(arguments: list[object]) -> None:
    """As ``tracekit tree x | head -1``."""
    with subprocess.Popen(
        [*TRACEKIT, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == 0


def _hear_ctrl_c() -> None:
    """Programs that a shell starts in the background ignore Ctrl-C, and so would what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@posix_only
def test_ctrl_c_ends_quietly_with_130() -> None:
    with subprocess.Popen(
        [*TRACEKIT, "analyze", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_hear_ctrl_c,
    ) as child:
        assert child.stdin is not None
        child.stdin.write(first_rows(5).encode()[:200] + b" " * 2 * PIPE_HOLDS)
        child.stdin.flush()  # returns when some of it was read: the rest is waited for
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", ["tree", "convert"])
def test_a_full_disk_behind_stdout_is_one_line(command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*TRACEKIT, command, SAMPLE], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        1,
        b"tracekit: the output cannot be written: No space left on device.\n",
    )


@posix_only
def test_standard_input_may_be_closed() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *TRACEKIT, "analyze", "-"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"tracekit: standard input is closed.\n")


def test_the_module_and_the_script_are_the_same_program() -> None:
    script = shutil.which("tracekit", path=str(Path(sys.executable).parent))
    assert script is not None
    for program in (TRACEKIT, [script]):
        done = subprocess.run([*program, "--version"], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"tracekit {__version__}\n", "")
