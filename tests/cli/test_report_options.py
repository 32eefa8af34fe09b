"""What ``tracekit report`` does with its own options."""

from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs, get_plotlyjs_version
from typer.testing import CliRunner

from tracekit.cli.app import app
from tracekit.errors import OutputError

pytestmark = pytest.mark.usefixtures("analysed_once")

SAMPLE = Path(__file__).parents[2] / "sample_traces" / "mlprogram-split.xcode26.5.xml"


def report(folder: Path, *options: str) -> str:
    result = CliRunner().invoke(app, ["report", str(SAMPLE), "-o", str(folder / "out.html"), *options])
    assert result.exit_code == 0, result.output
    return (folder / "out.html").read_text("utf-8")


def test_plotly_is_in_the_page_unless_asked_otherwise(tmp_path: Path) -> None:
    assert get_plotlyjs() in report(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]


def test_plotly_from_its_server(tmp_path: Path) -> None:
    page = report(tmp_path, "--plotlyjs", "cdn")
    assert f'src="https://cdn.plot.ly/plotly-{get_plotlyjs_version()}.min.js" integrity="sha256-' in page
    assert len(page) < 300_000


def test_plotly_in_a_file_beside_the_page(tmp_path: Path) -> None:
    page = report(tmp_path, "--plotlyjs", "file")
    assert 'src="plotly.min.js"' in page
    assert (tmp_path / "plotly.min.js").read_text("utf-8") == get_plotlyjs()
    report(tmp_path, "--plotlyjs", "file", "--force")


def test_another_script_of_that_name_is_not_replaced_and_no_page_is_written(tmp_path: Path) -> None:
    (tmp_path / "plotly.min.js").write_bytes(b"mine \xff")
    asked = ["report", str(SAMPLE), "-o", str(tmp_path / "out.html"), "--plotlyjs", "file"]
    with pytest.raises(OutputError, match=r"plotly\.min\.js: already exists"):
        CliRunner().invoke(app, asked, catch_exceptions=False)
    assert [path.name for path in tmp_path.iterdir()] == ["plotly.min.js"]
    report(tmp_path, "--plotlyjs", "file", "--force")
    assert (tmp_path / "plotly.min.js").read_text("utf-8") == get_plotlyjs()


def test_a_page_on_stdout_has_no_file_beside_it() -> None:
    result = CliRunner().invoke(app, ["report", str(SAMPLE), "-o", "-", "--plotlyjs", "file"])
    assert result.exit_code == 2
    assert "needs a file of its own" in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize("redact", [False, True])
def test_paths_without_their_folders(tmp_path: Path, redact: bool) -> None:
    page = report(tmp_path, "--plotlyjs", "cdn", *(["--redact-paths"] if redact else []))
    assert (str(SAMPLE.parent) in page) == (not redact)
    assert SAMPLE.name in page


@pytest.mark.parametrize("command", [["analyze", str(SAMPLE), "--report"], ["demo", "-o"]], ids=["analyze", "demo"])
def test_other_commands_that_write_a_report_have_its_options(tmp_path: Path, command: list[str]) -> None:
    page = tmp_path / "out.html"
    result = CliRunner().invoke(app, [*command, str(page), "--plotlyjs", "file", "--redact-paths"])
    assert result.exit_code == 0, result.output
    assert 'src="plotly.min.js"' in page.read_text("utf-8")
    assert (tmp_path / "plotly.min.js").is_file()
    assert str(tmp_path) not in page.read_text("utf-8")
    assert str(SAMPLE.parent) not in page.read_text("utf-8")


@pytest.mark.parametrize("option", [["--redact-paths"], ["--plotlyjs", "cdn"]], ids=["redact", "plotlyjs"])
def test_without_a_report_its_options_are_refused(option: list[str]) -> None:
    result = CliRunner().invoke(app, ["analyze", str(SAMPLE), *option])
    assert result.exit_code == 2
    assert "give --report FILE" in " ".join(result.output.replace("│", " ").split())
