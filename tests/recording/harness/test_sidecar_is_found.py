"""The sidecar of a recording is found by where it lies, and a broken one says so."""

import json
import zipfile
from pathlib import Path

import pytest

from tracekit.api import analyze
from tracekit.errors import InputError
from tracekit.recording.harness.sidecar import find_sidecar

SAMPLES = Path(__file__).parents[3] / "sample_traces"
SIDECAR = (SAMPLES / "gpu" / "sidecar.json").read_bytes()
PID = json.loads(SIDECAR)["pid"]


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_json", ".json"), data)
    return path


def test_in_a_folder_of_exports() -> None:
    found = find_sidecar(SAMPLES / "gpu")
    assert found is not None
    assert found.pid == PID


def test_in_a_zip(tmp_path: Path) -> None:
    found = find_sidecar(zipped(tmp_path / "run.tracekit.zip", sidecar_json=SIDECAR))
    assert found is not None
    assert found.pid == PID


@pytest.mark.parametrize("name", ["run.trace", "run.trace.zip", "run.tracekit.zip", "run.xml", "run.xml.gz"])
def test_beside_a_recording(tmp_path: Path, name: str) -> None:
    recording = tmp_path / name
    if name == "run.trace":
        recording.mkdir()
    elif name.endswith(".zip"):
        zipped(recording, other=b"")
    else:
        recording.write_text("<xml/>")
    assert find_sidecar(recording) is None
    (tmp_path / "run.sidecar.json").write_bytes(SIDECAR)
    found = find_sidecar(recording)
    assert found is not None
    assert found.pid == PID


@pytest.mark.parametrize("name", ["-", "other.trace", "runner.trace", "run"])
def test_another_recording_s_sidecar_is_not_taken(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sidecar.json").write_bytes(SIDECAR)
    (tmp_path / "run.trace.sidecar.json").write_bytes(SIDECAR)
    assert find_sidecar(Path(name)) is None


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[]", b'{"schema": "tracekit.sidecar/9"}', b'{"schema": "x"}'])
def test_a_broken_sidecar_is_an_error_and_leaves_the_analysis_whole(tmp_path: Path, data: bytes) -> None:
    for recording in (SAMPLES / "gpu").glob("*.xml*"):
        (tmp_path / recording.name).write_bytes(recording.read_bytes())
    (tmp_path / "sidecar.json").write_bytes(data)
    with pytest.raises(InputError):
        find_sidecar(tmp_path)
    with pytest.raises(InputError):
        find_sidecar(zipped(tmp_path / "a.zip", sidecar_json=data))
    (tmp_path / "a.zip").unlink()
    analysis = analyze(tmp_path)
    assert analysis.measured.iterations.source == "signposts"
    (notice,) = [notice for notice in analysis.measured.notices if notice.code == "sidecar-not-read"]
    assert "the sidecar was left out" in notice.message


def test_a_named_sidecar_comes_before_the_one_that_lies_there(tmp_path: Path) -> None:
    other = json.loads(SIDECAR) | {"pid": PID + 1}
    (tmp_path / "other.json").write_text(json.dumps(other))
    analysis = analyze(SAMPLES / "gpu", sidecar=tmp_path / "other.json")
    assert "sidecar-of-another-process" in [notice.code for notice in analysis.measured.notices]
    with pytest.raises(InputError, match=r"none\.json"):
        analyze(SAMPLES / "gpu", sidecar=tmp_path / "none.json")
