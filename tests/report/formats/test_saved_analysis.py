"""A saved ``analyze --json`` as one side of a comparison, and what is refused."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tracekit.analysis.analyze import analyze_profile
from tracekit.analysis.compare.diff import diff
from tracekit.analysis.compare.sides import Side
from tracekit.api import analyze
from tracekit.errors import InputError, UnsupportedError
from tracekit.readers import open_trace
from tracekit.report.formats.analysis_json import analysis_document, to_json
from tracekit.report.formats.saved_analysis import is_json, read_saved, side_of

SAMPLE = Path(__file__).parents[3] / "sample_traces" / "mlprogram-split.xcode26.5.xml"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return analysis_document(analyze_profile(open_trace(SAMPLE).profile()))


@pytest.fixture(scope="module")
def exact() -> dict[str, Any]:
    """A document whose predictions are known one by one."""
    return analysis_document(analyze(SAMPLE.parent / "all-ane"))


def saved(tmp_path: Path, content: object) -> str:
    path = tmp_path / "saved.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_what_was_saved_reads_back(document: dict[str, Any], tmp_path: Path) -> None:
    side = side_of(read_saved(saved(tmp_path, to_json(document))))
    live = Side.of(analyze_profile(open_trace(SAMPLE).profile()))
    assert (side.verdict.answer, side.verdict.sentence) == (live.verdict.answer, live.verdict.sentence)
    for name in ("engines", "phases", "rules"):
        mine, theirs = getattr(side, name), getattr(live, name)
        assert mine.to_dict("list") == theirs[list(mine.columns)].to_dict("list")


def test_a_saved_side_shows_changes_and_claims_nothing(document: dict[str, Any]) -> None:
    live = Side.of(analyze_profile(open_trace(SAMPLE).profile()))
    found = diff(side_of(document), live)
    assert not found.rows["change"].any()
    assert found.differences.empty
    assert any("a saved result holds sums" in note for note in found.notes)


def test_saved_predictions_are_compared(exact: dict[str, Any]) -> None:
    """Where they were known exactly: then each was saved."""
    slow = copy.deepcopy(exact)
    for row in slow["iterations"]["rows"]:
        row["wall_ns"] += 10_000_000
    found = diff(side_of(exact), side_of(slow))
    assert found.basis == "predictions"
    wall = found.rows[(found.rows["kind"] == "prediction") & (found.rows["name"] == "wall_ns")]
    assert wall["change"].tolist() == [10_000_000]
    assert wall["is_difference"].tolist() == [True]


DAMAGED = [
    ("{", InputError, "no JSON"),
    ("[" * 100_000, InputError, "no JSON"),
    ("[]", InputError, "no saved analysis"),
    ({"schema": "tracekit.sidecar/1"}, InputError, "no saved analysis"),
    ({"schema": "tracekit.analysis/1"}, UnsupportedError, "of version"),
    ({"schema": "tracekit.analysis/2"}, InputError, "damaged"),
]


@pytest.mark.parametrize("content,error,words", DAMAGED)
def test_what_is_no_saved_analysis_is_refused(
    content: object, error: type[InputError], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        read_saved(saved(tmp_path, content))


@pytest.mark.parametrize(
    "key", ["accounting", "engines", "phases", "rules", "verdict", "source", "iterations", "work", "models", "requests"]
)
def test_a_part_of_the_wrong_kind_is_refused(document: dict[str, Any], key: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="damaged"):
        read_saved(saved(tmp_path, {**document, key: 7}))


def _with(document: dict[str, Any], *keys: str | int, value: object) -> dict[str, Any]:
    """A copy in which one value is another."""
    changed: Any = copy.deepcopy(document)
    place = changed
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return changed


@pytest.mark.parametrize(
    "keys,value",
    [
        (("verdict", "evidence"), "hearsay"),
        (("verdict", "answer"), "maybe"),
        (("models", 0, "answer"), "maybe"),
        (("models", 0, "work", "cpu"), "much"),
        (("work", "weight"), None),
        (("engines", 0, "engine"), "TPU"),
        (("engines", 0, "weight"), 10**30),
        (("accounting", "weight", "unit"), "parsecs"),
    ],
)
def test_what_no_analysis_writes_is_refused(
    document: dict[str, Any], keys: tuple[str | int, ...], value: object, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="damaged"):
        read_saved(saved(tmp_path, _with(document, *keys, value=value)))


@pytest.mark.parametrize(
    "head,expected", [("{}", True), (' \n{"a": 1}', True), ("\ufeff{}", True), ("<x/>", False), ("", False)]
)
def test_json_is_known_by_its_head(head: str, expected: bool, tmp_path: Path) -> None:
    assert is_json(saved(tmp_path, head)) == expected
    assert not is_json(str(tmp_path))
    assert not is_json(str(tmp_path / "nothing"))
