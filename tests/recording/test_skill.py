"""What SKILL.md teaches an agent works, from the first command to the last, on a fake Mac."""

import re
import shlex
import shutil
from typing import get_args

import pytest

from tests.docs.pages import ROOT, blocks_of
from tests.recording.conftest import Here
from tests.support.fake_mac import FakeMac
from tracekit.analysis.verdict.judge import EvidenceClass
from tracekit.recording.harness.models import ML_PROGRAM

SKILL = (ROOT / "SKILL.md").read_text("utf-8")
COMMANDS = [
    shlex.split(line.removeprefix("$ tracekit "))
    for block in blocks_of(SKILL)
    if block.info == "console"
    for line in block.text.splitlines()
]


def test_the_workflow_runs(here: Here, mac: FakeMac) -> None:
    shutil.copytree(ML_PROGRAM, mac.home / "Model.mlpackage")
    assert [words[0] for words in COMMANDS] == [
        *("doctor", "record", "analyze", "tree", "ops", "explain", "sql", "sql", "sql", "record", "diff", "check"),
    ]
    for words in COMMANDS:
        done = here(*words)
        assert done.returncode == 0, (words, done)


def test_every_evidence_class_is_explained() -> None:
    table = SKILL.partition("| evidence |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.M)) == sorted(get_args(EvidenceClass))


def test_its_head_is_what_agents_look_for() -> None:
    head = re.match(r"---\nname: ([a-z-]+)\ndescription: (.+)\n---\n", SKILL)
    assert head is not None
    assert len(head[2]) < 1024


@pytest.mark.parametrize("code", ["conversion", "input-copies", "fallback", "compile", "contention", "encoding"])
def test_what_a_recording_shows_most_often_has_its_remedy(code: str) -> None:
    (row,) = [line for line in SKILL.splitlines() if line.startswith("| `") and f"`{code}`" in line.split(" | ")[0]]
    assert len(row.split(" | ")[1]) > 20
