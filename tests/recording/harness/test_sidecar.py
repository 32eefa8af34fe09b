"""The harness's sidecar, and documents that only look like one."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tracekit.errors import InputError, UnsupportedError
from tracekit.recording.harness.sidecar import NAME, find_sidecar, parse_sidecar, read_sidecar


def document(**changes: Any) -> dict[str, Any]:
    span = {"start_mach": 24, "end_mach": 48, "start_wall_ns": 1000, "end_wall_ns": 2000}
    return {
        "schema": "tracekit.sidecar/1",
        "pid": 7,
        "compute_units": "all",
        "timebase": {"numer": 125, "denom": 3},
        "phases": [{"name": "load", **span}],
        "iterations": [{"index": 0, "warmup": True, **span}, {"index": 0, "warmup": False, **span, "end_mach": 72}],
        "error": None,
    } | changes


def test_durations_are_nanoseconds() -> None:
    sidecar = parse_sidecar(document(), "s")
    assert sidecar.durations_ns() == [48 * 125 // 3]
    assert sidecar.durations_ns(warmup=True) == [24 * 125 // 3]


@pytest.mark.parametrize(
    "changes, error, message",
    [
        ({"schema": "tracekit.sidecar/2"}, UnsupportedError, "version tracekit.sidecar/2"),
        ({"schema": "other"}, InputError, "is no sidecar"),
        ({"timebase": {"numer": 1, "denom": 0}}, InputError, "damaged"),
        ({"iterations": [{}]}, InputError, "KeyError"),
        ({"iterations": 3}, InputError, "TypeError"),
        ({"pid": "x"}, InputError, "ValueError"),
        (
            {"phases": [{"name": "load", "start_mach": 9, "end_mach": 8, "start_wall_ns": 0, "end_wall_ns": 0}]},
            InputError,
            "load ends before it starts",
        ),
    ],
)
def test_damaged_documents(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        parse_sidecar(document(**changes), "s")


def test_a_list_is_no_sidecar() -> None:
    with pytest.raises(InputError, match="is no sidecar"):
        parse_sidecar([], "s")


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    with pytest.raises(InputError, match="there is no such file"):
        read_sidecar(path)
    path.write_text("{")
    with pytest.raises(InputError, match="is no JSON"):
        read_sidecar(path)
    path.write_text(json.dumps(document(extra=[1])))
    assert read_sidecar(path).document["extra"] == [1]


@pytest.mark.parametrize("broken", [b"\x07", b"\x03"], ids=["no kind of block", "cut off"])
def test_a_sidecar_in_a_zip_that_cannot_be_inflated_is_told(broken: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, b'{"schema": 1}' * 9)
    data = bytearray(path.read_bytes())
    data[30 + len(NAME)] = broken[0]
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"x.zip/{NAME}: cannot be read"):
        find_sidecar(path)
