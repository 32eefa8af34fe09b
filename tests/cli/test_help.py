"""Help for everything, quickly; and documentation that knows every command."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracekit.cli.app import app

README = Path(__file__).parents[2] / "README.md"
SAMPLE = README.parent / "sample_traces/ane-with-cpu-fallback.trace.zip"
COMMANDS = [str(command.name) for command in app.registered_commands]
SLOW_TO_IMPORT = ["pandas", "numpy", "lxml", "plotly", "jinja2"]
CONTRACT = ["analyze", "report", "tree", "info", "tables", "table", "convert", "demo"]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(name: str, option: str) -> None:
    done = CliRunner().invoke(app, [name, option])
    assert done.exit_code == 0
    assert f"{name} " in done.stdout.splitlines()[1]
    assert done.stderr == ""


@pytest.mark.parametrize("command", app.registered_commands, ids=COMMANDS)
def test_every_command_says_what_it_does(command: object) -> None:
    does = getattr(command, "callback").__doc__  # noqa: B009 - typer leaves its type open
    assert re.match(r"[A-Z][^\n]+[.:]", does)


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text()
    assert [name for name in COMMANDS if f"tracekit {name}" not in text] == []


def test_the_commands_of_the_contract_are_there() -> None:
    assert [name for name in CONTRACT if name not in COMMANDS] == []


def test_help_imports_nothing_that_takes_long() -> None:
    program = f"""
import sys
from tracekit.cli.app import app
for arguments in [["--help"], ["--version"], *[[name, "--help"] for name in {COMMANDS}]]:
    app(arguments, standalone_mode=False)
    slow = [name for name in {SLOW_TO_IMPORT} if name in sys.modules]
    assert not slow, (arguments, slow)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, env={"COLUMNS": "80"}
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_main_command_loads_nothing_that_it_does_not_need() -> None:
    program = f"""
import sys
from tracekit.cli.app import app
app(["analyze", {str(SAMPLE)!r}, "--json", "-"], standalone_mode=False)
needless = ("pydantic", "plotly", "scipy.stats", "jinja2", "duckdb", "mcp")
print([name for name in needless if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_shell_completion_is_offered() -> None:
    done = CliRunner().invoke(app, ["--help"])
    assert "--install-completion" in done.stdout
    assert "--show-completion" in done.stdout
