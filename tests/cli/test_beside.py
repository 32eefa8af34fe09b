"""Files that are named beside a recording: whatever they are, one sentence, at once."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Tracekit

KINDS = {
    "pipe": "is a pipe. Name a file.",
    "device": "is a device. Name a file.",
    "folder": "is a folder. Name a file.",
    "nothing": "there is no such file.",
    "below": "there is no such file.",
}
OPTIONS = {
    "--rules": "analyze",
    "--sidecar": "analyze",
    "--log": "analyze",
    "--plan": "ops",
}


@pytest.fixture
def place(tmp_path: Path) -> Callable[[str], Path]:
    def made(kind: str) -> Path:
        path = tmp_path / kind
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "below":
            (tmp_path / "file").write_text("x")
            return tmp_path / "file" / "x"
        return Path("/dev/zero") if kind == "device" else path

    return made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("option", OPTIONS)
def test_what_is_no_file_is_a_sentence(
    option: str, kind: str, place: Callable[[str], Path], tracekit: Tracekit, tmp_path: Path
) -> None:
    recording = tmp_path / "x.folded"
    recording.write_text("main;-[MLModel predictionFromFeatures:error:];work 3\n")
    path = place(kind)
    done = tracekit(OPTIONS[option], recording, option, path)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"tracekit: {path}: {KINDS[kind]}\n"
