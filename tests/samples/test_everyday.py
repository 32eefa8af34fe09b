"""The everyday recordings are as their truth says, counted from their exports with nothing of tracekit."""

import json
import re
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree as ET

import pytest

from sample_traces.everyday.live import Lived, everyday
from sample_traces.everyday.situations import SITUATIONS
from sample_traces.everyday.truth import everyday_json
from sample_traces.recording import Answer

FOLDER = Path(__file__).parents[2] / "sample_traces" / "everyday"
each = pytest.mark.parametrize("lived", [situation.name for situation in SITUATIONS], indirect=True)


@pytest.fixture
def lived(request: pytest.FixtureRequest) -> Lived:
    """The situation of that name, played when a test first asks."""
    (found,) = (lived for lived in everyday() if lived.situation.name == request.param)
    return found


def truth(lived: Lived) -> dict[str, Any]:
    return json.loads(everyday_json(lived))


def rows(name: str, table: str) -> list[dict[str, str]]:
    """The texts of every row of a table in a zip, references resolved, by mnemonic."""
    with zipfile.ZipFile(FOLDER / f"{name}.zip") as archive:
        if f"{table}.xml" not in archive.namelist():
            return []
        root = ET.fromstring(archive.read(f"{table}.xml"))
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    names = [element.text or "" for element in root.iter("mnemonic")]
    return [
        {name: "".join(by_id.get(cell.get("ref"), cell).itertext()) for name, cell in zip(names, row, strict=True)}
        for row in root.iter("row")
    ]


@each
def test_every_sample_is_in_one_place(lived: Lived) -> None:
    told = truth(lived)
    places = [told["no_stack"], told["outside_focus"], told["in_focus"]]
    assert sum(place["rows"] for place in places) == told["rows"] == len(rows(lived.situation.name, "time-profile"))
    assert sum(place["weight_ns"] for place in places) == told["weight_ns"]
    for part in ("engines", "phases"):
        assert sum(one["rows"] for one in told["in_focus"][part]) == told["in_focus"]["rows"]


@each
def test_requests_are_the_table_s_outermost_active_rows(lived: Lived) -> None:
    told = truth(lived)["requests"]
    for table in {one["table"] for one in told}:
        found = [
            int(row["duration"])
            for row in rows(lived.situation.name, table)
            if row.get("state", "Active") == "Active" and row.get("event-depth", "0") == "0"
            and row.get("category") != "Inference"
        ]  # fmt: skip
        assert sorted(found) == sorted(length for one in told if one["table"] == table for length in one["lengths_ns"])


@each
def test_predictions_are_what_the_table_that_tells_of_them_has(lived: Lived) -> None:
    told = truth(lived)["predictions"]
    lengths = sorted(length for one in told["of"] for length in one["lengths_ns"])
    assert told["count"] == len(lengths)
    assert told["at_least"] <= told["count"]
    if told["told_by"] == "coreml-table":
        found = [int(row["duration"]) for row in rows(lived.situation.name, "coreml-os-signpost")]
        assert sorted(found) == lengths
    if told["told_by"] == "odie-profile":
        table = rows(lived.situation.name, "ODIEProfile")
        found = [int(row["duration"]) for row in table if (row["category"], row["level"]) == ("Inference", "0")]
        assert sorted(found) == lengths


@each
def test_predictions_of_a_process_follow_one_another_and_end_after_their_requests(lived: Lived) -> None:
    for process in lived.recording.runs[0].processes:
        mine = [(one.start_ns, one.end_ns) for one in lived.predicted if one.process == process]
        assert all(earlier[1] < later[0] for earlier, later in pairwise(mine))
        for one in lived.asked:
            if one.process == process and one.row.kind == "prediction":
                assert any(start <= one.start_ns and one.start_ns + one.length_ns <= end for start, end in mine)


def test_they_call_for_every_answer_and_every_source() -> None:
    assert {one.answer for one in SITUATIONS} == set(get_args(Answer))
    assert {one.told_by for one in SITUATIONS} == {"none", "sidecar", "coreml-table", "odie-profile"}
    assert {one.has_samples for one in SITUATIONS} == {True, False}


def test_each_says_what_it_teaches_in_the_readme() -> None:
    text = re.sub(r"\s+", " ", (FOLDER.parent / "README.md").read_text("utf-8"))
    assert [one.name for one in SITUATIONS if f"| `{one.name}` | {one.teaches} |" not in text] == []


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.zip")) < 400_000
