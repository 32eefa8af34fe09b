"""What goes wrong around a command: outputs that are inputs, names that are no text, streams that are closed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Tracekit
from tests.cli.inputs import make_recording
from tests.support.bundle_writer import sample_bundle

FOLDED = "main;-[MLModel predictionFromFeatures:error:];work 3\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze", "x.xml", "--json", "x.xml"],
        ["analyze", "x.xml", "--json=./x.xml"],
        ["report", "x.xml", "-o", "link.xml"],
        ["convert", "x.xml", "-o", "x.xml", "--format", "folded"],
        ["diff", "y.xml", "x.xml", "--json", "x.xml"],
    ],
)
def test_an_input_is_never_overwritten(
    tracekit: Tracekit, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("x.xml", "y.xml"):
        Path(name).write_text(FOLDED)
    Path("link.xml").symlink_to("x.xml")
    done = tracekit(*arguments, "--force")
    assert done.code == 1
    assert "is an input of this command. Give -o another name." in done.err
    assert Path("x.xml").read_text() == FOLDED


def test_a_part_of_a_bundle_is_never_overwritten(tracekit: Tracekit, tmp_path: Path) -> None:
    bundle = sample_bundle(tmp_path)
    done = tracekit("table", bundle, "--schema", "time-profile", "-o", bundle / "form.template.csv", "--force")
    assert done.code == 0, "nothing was there"
    done = tracekit("table", bundle, "--schema", "time-profile", "-o", bundle / "form.template.csv", "--force")
    assert done.code == 1
    assert "is an input of this command" in done.err


def test_a_name_that_is_no_text_is_written_out_in_valid_json(tracekit: Tracekit, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/x\xff.folded")
    Path(path).write_text(FOLDED)
    output = tmp_path / "x.json"
    assert tracekit("analyze", path, "--json", output).code == 0
    assert json.loads(output.read_bytes().decode("utf-8"))["source"]["path"] == path, "the same bytes again"


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are closed otherwise there")
def test_a_closed_stderr_loses_no_result(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "folder")
    command = f"'{sys.executable}' -m tracekit analyze '{path}' --json -"
    said, unsaid = (
        subprocess.run(["/bin/sh", "-c", f"{command} 2>{to}"], capture_output=True) for to in ("/dev/null", "&-")
    )
    assert unsaid.returncode == said.returncode == 0
    assert unsaid.stdout == said.stdout != b""


def test_nothing_to_propose_writes_no_file(tracekit: Tracekit, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("_main\n_helper\n")
    done = tracekit("symbols", names, "--image", "Demo", "--propose", tmp_path / "rules.toml")
    assert done.code == 0
    assert "nothing to propose" in done.err
    assert not (tmp_path / "rules.toml").exists()


def test_a_folded_line_may_be_long(tracekit: Tracekit, tmp_path: Path) -> None:
    path = tmp_path / "x.folded"
    path.write_text(";".join(f"function{at}" for at in range(10_000)) + " 3\n")
    done = tracekit("tree", path)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[-1].endswith("[9,999] function9999")
    assert len(done.out) < 20_000_000, "blanks for every caller would take 100 MB"
