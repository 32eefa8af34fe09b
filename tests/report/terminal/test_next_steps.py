"""Where an answer leads: commands that run as they stand, and a way out of "unknown"."""

import shlex
from pathlib import Path

import pytest

from tests.report.html.pages import NO_PREDICTION
from tests.support.profiles import profile_from_text
from tracekit import api
from tracekit.analysis.analyze import Scope, analyze_profile
from tracekit.report.terminal.analysis_text import analysis_view
from tracekit.report.terminal.drawing import to_plain
from tracekit.report.terminal.next_steps import focus_commands, next_commands

SAMPLES = Path(__file__).parents[3] / "sample_traces"


@pytest.mark.parametrize(
    "name, words",
    [
        ("all-ane.trace.zip", ["check", "report"]),
        ("ane-with-cpu-fallback.trace.zip", ["ops", "report"]),
        ("cpu-only.xcode16.4.xml.gz", ["ops", "report"]),
        ("no-prediction.xcode27.xml.gz", ["analyze", "record"]),
    ],
)
def test_two_commands_follow(name: str, words: list[str]) -> None:
    commands = [shlex.split(command) for command in next_commands(api.analyze(SAMPLES / name))]
    assert [command[:2] for command in commands] == [["tracekit", word] for word in words]


def test_a_function_to_focus_on_is_a_command_that_finds_it() -> None:
    name = "void run<T*>(int, std::string?) with 'quotes'"
    profile = profile_from_text(f"main;CoreML`{name} 9")
    (command,) = focus_commands(analyze_profile(profile))
    *_, focus = shlex.split(command)
    assert len(analyze_profile(profile, Scope(focus=(focus,))).focused) == 1


def test_unknown_is_no_dead_end() -> None:
    text = to_plain(analysis_view(analyze_profile(profile_from_text(NO_PREDICTION)), 80), 80)
    assert "  56.2 %  draw" in text
    assert "--focus runInference" in text
    assert "tracekit record --app" in text
