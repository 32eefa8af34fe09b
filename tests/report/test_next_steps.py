"""Where an answer leads: commands that run as they stand."""

import shlex
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from markupsafe import escape

from tests.report.html.pages import ANE, CPU, NO_PREDICTION, PROVENANCE
from tests.support.profiles import profile_from_text
from tests.support.samples import analysis_of
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.report.html.report import render
from tracekit.report.next_steps import focus_commands, next_commands, remedy, remedy_text
from tracekit.report.notebook import analysis_html
from tracekit.report.numbers import visible
from tracekit.report.terminal.analysis_text import analysis_view
from tracekit.report.terminal.drawing import to_plain

SAMPLES = Path(__file__).parents[2] / "sample_traces"


@pytest.mark.parametrize(
    "name, words",
    [
        ("all-ane.trace.zip", ["check", "report"]),
        ("ane-with-cpu-fallback.trace.zip", ["ops", "report"]),
        ("cpu-only.xcode16.4.xml.gz", ["ops", "report"]),
        ("no-prediction.xcode27.xml.gz", ["record", "report"]),
    ],
)
def test_two_commands_follow(name: str, words: list[str]) -> None:
    commands = [shlex.split(command) for command in next_commands(analysis_of(name))]
    assert [command[:2] for command in commands] == [["tracekit", word] for word in words]


def test_a_function_that_may_be_one_comes_first() -> None:
    commands = next_commands(analyze_profile(profile_from_text("main;runInference;matmul 9")))
    assert [command.split()[1] for command in commands] == ["analyze", "record"]


def test_a_function_to_focus_on_is_a_command_that_finds_it() -> None:
    name = "void run<T*>(int, std::string?) with 'quotes'"
    profile = profile_from_text(f"main;CoreML`{name} 9")
    (command,) = focus_commands(analyze_profile(profile), "run.trace")
    *_, focus = shlex.split(command)
    assert len(analyze_profile(profile, Scope(focus=(focus,))).focused) == 1


FALLBACK = f"{ANE} 9\n{CPU} 9"
FIX = "See what they are: `tracekit ops TRACE --model MODEL --all` tells. A TRACE alone is no command."


@pytest.mark.parametrize(
    "source, names_model, command",
    [
        ("run.trace", True, "tracekit ops run.trace --model MODEL --all"),
        ("run.trace", False, "tracekit ops run.trace --all"),
        ("my run. Two `x`.trace", False, "tracekit ops 'my run. Two `x`.trace' --all"),
        ("-run.trace", False, "tracekit ops ./-run.trace --all"),
        ("a;rm -rf ~", False, "tracekit ops 'a;rm -rf ~' --all"),
        ("standard input", False, "tracekit ops TRACE --all"),
        ("", False, "tracekit ops TRACE --all"),
    ],
)
def test_what_to_do_names_the_recording(source: str, names_model: bool, command: str) -> None:
    first, second = remedy(FIX, source, names_model=names_model)
    assert first == ["See what they are: ", command, " tells."]
    assert second == ["A TRACE alone is no command."]
    assert remedy_text(FIX, source, names_model=names_model)[0] == f"See what they are: {command} tells."


@pytest.mark.parametrize("text", [FALLBACK, NO_PREDICTION])
def test_commands_name_the_run(text: str) -> None:
    """Unless it is the first, which every command takes by itself."""
    profile = profile_from_text(text)
    first, second = (
        analyze_profile(replace(profile, meta=replace(profile.meta, source="a b.trace", run=run))) for run in (1, 2)
    )
    shown = [
        to_plain(analysis_view(analysis), 10_000) + "\n".join(next_commands(analysis)) for analysis in (first, second)
    ]
    assert "--run" not in shown[0]
    assert shown[1].replace(" --run 2", "") == shown[0]
    assert shown[1].count("'a b.trace' --run 2") == shown[0].count("'a b.trace'") > 1


def from_file(text: str, source: str) -> Analysis:
    profile = profile_from_text(text)
    return analyze_profile(replace(profile, meta=replace(profile.meta, source=source)))


def test_a_name_that_is_hostile_is_quoted_and_made_visible_wherever_it_is_named() -> None:
    source = "it's <b>`x`</b>. Two\x1b[31m\u202e.trace"
    analysis = from_file(FALLBACK, source)
    assert [finding.code for finding in analysis.findings] == ["fallback"]
    command = f"tracekit ops {visible(shlex.quote(source))} --model MODEL --all"
    page = render(analysis, replace(PROVENANCE, source=source), plotlyjs="cdn")
    assert f"<code>{escape(command)}</code>" in page
    assert str(escape(command)) in analysis_html(analysis)
    assert command in to_plain(analysis_view(analysis), 10_000)


@pytest.mark.parametrize("text", [NO_PREDICTION, FALLBACK])
def test_a_page_for_others_names_no_folder_in_commands(text: str) -> None:
    source = "anna/secret plans/run.trace"
    analysis = from_file(text, source)
    whole, redacted = (
        unescape(render(analysis, replace(PROVENANCE, source=source), plotlyjs="cdn", redact_paths=each))
        for each in (False, True)
    )
    assert "tracekit analyze 'anna/secret plans/run.trace'" in whole or "tracekit ops 'anna/secret plans" in whole
    assert "secret plans" not in redacted
    assert "'…/run.trace'" in redacted
