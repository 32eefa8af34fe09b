"""``tracekit diff`` at the command line."""

import html
import json
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs
from typer.testing import CliRunner

from tracekit.cli.app import app
from tracekit.errors import OutputError

SAMPLES = Path(__file__).parents[2] / "sample_traces"
A, B = str(SAMPLES / "legacy-nn-ane.xcode16.4.xml.gz"), str(SAMPLES / "cpu-only.xcode16.4.xml.gz")

pytestmark = pytest.mark.usefixtures("analysed_once")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["diff", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_sentence_comes_first() -> None:
    assert run(A, B).splitlines()[1] == "Different:"


def test_a_recording_and_itself() -> None:
    assert run(A, A).splitlines()[1] == "No difference:"
    assert json.loads(run(A, A, "--json", "-"))["differences"] == []


def test_a_saved_analysis_stands_for_a_recording(tmp_path: Path) -> None:
    saved = str(tmp_path / "a.json")
    CliRunner().invoke(app, ["analyze", A, "--json", saved], catch_exceptions=False)
    assert run(saved, A).splitlines()[1] == "No difference:"
    assert run(saved, B, "--tree").splitlines()[1] == "Not tested:"


def test_two_runs_of_one_document() -> None:
    runs = str(SAMPLES / "two-runs.xcode16.4.xml.gz")
    document = json.loads(run(runs, runs, "--run", "1", "--run-b", "2", "--json", "-"))
    assert (document["a"][0]["verdict"]["answer"], document["b"][0]["verdict"]["answer"]) == ("yes", "no")


def saved(folder: Path, name: str, share: float) -> str:
    """A saved analysis whose ANE has such a share."""
    path = folder / f"{name}.json"
    CliRunner().invoke(app, ["analyze", A, "--json", str(path)], catch_exceptions=False)
    document = json.loads(path.read_text())
    whole = sum(row["weight"] for row in document["engines"])
    for row in document["engines"]:
        row["weight"] = round(whole * {"ANE": share, "CPU": 1 - share}.get(row["engine"], 0))
    path.write_text(json.dumps(document))
    return str(path)


def test_several_recordings_of_each_are_compared(tmp_path: Path) -> None:
    a = [saved(tmp_path, f"a{at}", share) for at, share in enumerate((0.80, 0.81, 0.82))]
    b = [saved(tmp_path, f"b{at}", share) for at, share in enumerate((0.60, 0.61, 0.62))]
    text = run(*a, "--against", *b)
    assert "Different:\n  driving ANE fell from 81.0 % to 61.0 % of CPU time\n" in text
    assert "how much the recordings of a side differ from each other" in text
    for arguments in ([*a, "--json", "-", "--against", *b], ["--against", *b, "--json", "-", *a]):
        document = json.loads(run(*arguments))
        assert document["basis"] == "recordings"
        assert [side["source"] for side in (*document["a"], *document["b"])] == [A] * 6


@pytest.mark.parametrize(
    "arguments,said",
    [
        ([A], "name two recordings, A and B"),
        ([A, B, A], "name two recordings, A and B"),
        ([A, "--against", B, A], "name at least two of each"),
        ([A, B, "--against", B], "name at least two of each"),
        ([A, B, "--against"], "requires an argument"),
        ([A, A, "--against", B, A], "is named twice on one side"),
        ([A, B, "--against", B, A, "--tree"], "draw one recording beside another"),
        ([A, B, "--against", B, A, "--report", "x.html"], "draw one recording beside another"),
    ],
)
def test_what_cannot_be_compared(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["diff", *arguments])
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


def test_the_tree_follows() -> None:
    tree = run(A, B, "--tree")
    assert "executePlan" in tree
    assert "│" not in tree  # a pipe gets blanks alone
    assert "total A" not in run(A, B)


def test_a_file_is_not_replaced(tmp_path: Path) -> None:
    output = tmp_path / "d.json"
    output.write_text("mine")
    with pytest.raises(OutputError, match="already exists"):
        CliRunner().invoke(app, ["diff", A, B, "--json", str(output)], catch_exceptions=False)
    assert output.read_text() == "mine"
    run(A, B, "--json", str(output), "--force")
    assert json.loads(output.read_text())["schema"] == "tracekit.diff/2"


def test_a_report_beside_the_text(tmp_path: Path) -> None:
    page = tmp_path / "d.html"
    assert run(A, B, "--report", str(page)).splitlines()[1] == "Different:"
    text = page.read_text("utf-8")
    assert get_plotlyjs() in text
    assert 'id="profile"' in text
    assert [path.name for path in tmp_path.iterdir()] == ["d.html"]


def test_the_report_says_what_the_json_says(tmp_path: Path) -> None:
    page = tmp_path / "d.html"
    document = json.loads(run(A, B, "--json", "-", "--report", str(page), "--plotlyjs", "cdn"))
    text = page.read_text("utf-8")
    for row in document["rows"]:
        if row["kind"] == "engine" and (row["a"] or row["b"]):
            assert f">{row['a'] * 100:.1f} %<" in text
    assert all(note in html.unescape(text) for note in document["notes"])


def test_the_report_on_stdout_comes_alone() -> None:
    assert run(A, A, "--report", "-", "--plotlyjs", "cdn").startswith("<!DOCTYPE html>")


def test_a_report_of_a_saved_result_has_no_flame_graph(tmp_path: Path) -> None:
    saved, page = tmp_path / "a.json", tmp_path / "d.html"
    CliRunner().invoke(app, ["analyze", A, "--json", str(saved)], catch_exceptions=False)
    run(str(saved), B, "--report", str(page), "--plotlyjs", "cdn")
    text = page.read_text("utf-8")
    assert "The flame graph needs the recordings: A is a saved result" in text
    assert 'id="profile"' not in text


def test_plotly_in_a_file_beside_the_report(tmp_path: Path) -> None:
    run(A, A, "--report", str(tmp_path / "d.html"), "--plotlyjs", "file")
    assert (tmp_path / "plotly.min.js").read_text("utf-8") == get_plotlyjs()


@pytest.mark.parametrize("redact", [False, True])
def test_folders_are_left_out_on_demand(tmp_path: Path, redact: bool) -> None:
    page = tmp_path / "d.html"
    run(A, B, "--report", str(page), "--plotlyjs", "cdn", *(["--redact-paths"] if redact else []))
    text = page.read_text("utf-8")
    assert (str(SAMPLES) in text) == (not redact)
    assert Path(A).name in text


@pytest.mark.parametrize(
    "options,said",
    [
        (["--redact-paths"], "give --report FILE"),
        (["--plotlyjs", "cdn"], "give --report FILE"),
        (["--json", "x", "--report", "x"], "name the same file"),
        (["--report", "-", "--plotlyjs", "file"], "a file of its own"),
    ],
)
def test_options_that_make_no_sense(options: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["diff", A, B, *options])
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


def test_a_report_is_not_replaced(tmp_path: Path) -> None:
    page = tmp_path / "d.html"
    page.write_text("mine")
    with pytest.raises(OutputError, match="already exists"):
        CliRunner().invoke(app, ["diff", A, B, "--report", str(page)], catch_exceptions=False)
    assert page.read_text() == "mine"
