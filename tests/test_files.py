"""What lies beside a recording is read from files alone, by one door: anything else is one sentence, at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tracekit.attribution.own_rules import load_catalogue
from tracekit.errors import InputError, TracekitError
from tracekit.files import as_argument, read_file, read_json
from tracekit.recording.harness.sidecar import read_sidecar
from tracekit.report.formats.saved_analysis import read_saved


@pytest.mark.parametrize("read", [load_catalogue, read_sidecar, lambda path: read_saved(str(path))])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0x", b"[" * 100_000, b'{"a":' * 100_000, b"\0" * 5000])
def test_what_cannot_be_meant_is_a_sentence(read: Callable[[Path], object], content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(TracekitError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_no_more_is_read_than_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes(1 << 20))
    assert len(read_file(path, 1 << 20)) == 1 << 20
    with pytest.raises(InputError, match="has more than 0 MiB"):
        read_file(path, (1 << 20) - 1)


@pytest.mark.parametrize("path", ["", "."])
def test_an_empty_path_is_told(path: str) -> None:
    with pytest.raises(InputError, match="the path is empty"):
        read_json(path)


@pytest.mark.parametrize(
    "path, argument",
    [
        ("runs/a.trace", "runs/a.trace"),
        ("a b.trace", "'a b.trace'"),
        ("-a.trace", "./-a.trace"),
        ("--force *.trace", "'./--force *.trace'"),
        ("a-b.trace", "a-b.trace"),
        ("-", "-"),
        ("~x", "'~x'"),
    ],
)
def test_a_path_in_a_command_is_quoted_and_no_option(path: str, argument: str) -> None:
    assert as_argument(path) == argument
