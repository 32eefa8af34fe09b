"""The steps of action.yml, run one after the other as GitHub's runner does: red and green."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import ROOT, blocks_of
from tracekit.cli.demo import SAMPLE

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SPLIT = ROOT / "sample_traces" / SAMPLE

needs_bash = pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="its steps are for bash")


@dataclass
class Ran:
    """A run of the action."""

    code: int
    said: str
    summary: str
    outputs: dict[str, str]
    folder: Path


def run_action(place: Path, **inputs: str) -> Ran:
    """Run the steps that are scripts, but for the installation, until one fails."""
    given = {name: each.get("default", "") for name, each in ACTION["inputs"].items()} | inputs
    outputs: dict[str, dict[str, str]] = {}
    files = {name: place / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    said, code = "", 0
    for step in STEPS:
        if "run" not in step or step.get("name") == "Install tracekit":
            continue
        files["GITHUB_OUTPUT"].write_text("")
        variables = {name: filled(value, given, outputs) for name, value in step.get("env", {}).items()}
        paths = {name: str(path) for name, path in files.items()} | {"RUNNER_TEMP": str(place)}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=place, env={**os.environ, **variables, **paths, "PATH": path},
            capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip
        lines = files["GITHUB_OUTPUT"].read_text("utf-8").splitlines()
        outputs[step.get("id", "")] = {name: value for name, _, value in (line.partition("=") for line in lines)}
        said, code = said + done.stdout + done.stderr, done.returncode
        if code:
            break
    summary = files["GITHUB_STEP_SUMMARY"]
    found = {name: filled(each["value"], given, outputs) for name, each in ACTION["outputs"].items()}
    return Ran(code, said, summary.read_text("utf-8") if summary.exists() else "", found, Path(found["folder"]))


def filled(text: str, inputs: dict[str, str], outputs: dict[str, dict[str, str]]) -> str:
    """A value with its expressions filled in."""

    def value(match: re.Match[str]) -> str:
        kind, *rest = match[1].split(".")
        return inputs[rest[0]] if kind == "inputs" else outputs.get(rest[0], {}).get(rest[2], "")

    return re.sub(r"\$\{\{ ([\w.]+) \}\}", value, text)


@needs_bash
def test_green(tmp_path: Path) -> None:
    ran = run_action(tmp_path, trace=str(SPLIT), gates="--min-ane 0.4 --max-unknown 0.05")
    assert ran.code == 0, ran.said
    assert (ran.outputs["answer"], ran.outputs["evidence"]) == ("partly", "hardware")
    assert ran.summary.startswith("    Partly: ")
    assert "| min-ane | ✅ passed |" in ran.summary
    assert "::error" not in ran.said
    assert (ran.folder / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert {path.name for path in ran.folder.iterdir()} == {
        *("analysis.json", "report.html", "summary.md", "verdict.md"),
    }


@needs_bash
def test_red(tmp_path: Path) -> None:
    ran = run_action(tmp_path, trace=str(SPLIT), gates="--min-ane 0.9")
    assert ran.code == 3
    assert "| min-ane | ❌ failed |" in ran.summary
    assert "::error title=" in ran.said
    assert (ran.folder / "report.html").exists()


@needs_bash
def test_gates_of_the_project_count(tmp_path: Path) -> None:
    (tmp_path / "tracekit.toml").write_text("[check]\nmin-ane = 0.9\n")
    assert run_action(tmp_path, trace=str(SPLIT)).code == 3


@needs_bash
@pytest.mark.parametrize(
    "inputs,code",
    [
        ({"trace": "none.trace"}, 1),
        ({"trace": str(SPLIT)}, 2),
        ({"trace": str(SPLIT), "gates": "--min-ana 1"}, 2),
        ({"trace": "$(touch pwned)"}, 1),
        ({"trace": str(SPLIT), "gates": "--min-ane 0.5; touch pwned"}, 2),
        ({"trace": str(SPLIT), "gates": "--min-ane 0.5", "options": "`touch pwned`"}, 2),
    ],
    ids=["no recording", "no gate", "no such gate", "a command as path", "a command as gate", "a command as option"],
)
def test_what_is_wrong_is_red_and_no_input_is_a_command(inputs: dict[str, str], code: int, tmp_path: Path) -> None:
    ran = run_action(tmp_path, **inputs)
    assert ran.code == code
    assert ran.said
    assert not (tmp_path / "pwned").exists()


def test_no_script_is_made_of_an_input() -> None:
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_what_the_page_shows_names_inputs_that_there_are() -> None:
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    shown = [yaml.safe_load(block.text) for block in blocks_of(page) if "uses: OWNER/tracekit" in block.text]
    assert shown
    for steps in shown:
        step = next(step for step in steps if step["uses"].startswith("OWNER/tracekit"))
        assert set(step["with"]) <= set(ACTION["inputs"])
    assert sorted(re.findall(r"^\| `(\w+)` \|", page.partition("| input |")[2].partition("\n\n")[0], re.M)) == sorted(
        ACTION["inputs"]
    )
