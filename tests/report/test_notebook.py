import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.html.pages import MIXED, analysed
from tests.report.html.test_report import HOSTILE, hostile_profile
from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.attribution.engines import attribute
from tracekit.readers import open_trace
from tracekit.report.notebook import analysis_html, profile_html, trace_html

SAMPLE = Path(__file__).parents[2] / "sample_traces" / "mlprogram-split.xcode26.5.xml"


def test_an_analysis_begins_with_its_verdict() -> None:
    analysis = analysed(MIXED)
    shown = analysis_html(analysis)
    assert shown.startswith("<div><p><strong>Partly</strong>")
    assert "driving ANE" in shown
    assert "8 rows read = 6 attributed + 2 outside the focus + 0 without a stack + 0 filtered" in shown


def test_a_profile_tells_its_size_and_after_attribution_its_engines() -> None:
    profile = profile_from_text(MIXED)
    assert "8 samples" in profile_html(profile)
    assert "<table>" not in profile_html(profile)
    assert "driving ANE" in profile_html(attribute(profile))


def test_a_trace_tells_its_runs() -> None:
    shown = trace_html(open_trace(SAMPLE))
    assert "run 1" in shown
    assert "time-profile" in shown


@pytest.mark.parametrize("show", [profile_html, lambda profile: analysis_html(analyze_profile(profile))])
def test_hostile_names_are_text(show) -> None:
    shown = show(attribute(hostile_profile(HOSTILE)))
    for name in ("<img", "<script", "<b>", "\u202e", "\x1b"):
        assert name not in shown
    assert len(shown) < 10_000


def test_values_show_themselves_without_ipython() -> None:
    """As marimo, VS Code and a plain kernel ask for it."""
    trace = open_trace(SAMPLE)
    profile = trace.profile()
    analysis = analyze_profile(profile)
    assert trace._repr_html_() == trace_html(trace)
    assert profile._repr_html_() == profile_html(profile)
    assert analysis._repr_html_() == analysis_html(analysis)
    assert [len(repr(value)) < 120 for value in (trace, profile, analysis)] == [True] * 3


def test_a_trace_of_a_hostile_name_is_text() -> None:
    trace = replace(open_trace(SAMPLE), path="<img src=x onerror=alert(1)>\u202e.trace")
    assert "<strong>Trace &lt;img src=x onerror=alert(1)&gt;\\u{202e}.trace</strong>" in trace._repr_html_()


def test_ipython_shows_them_whenever_the_package_was_imported() -> None:
    script = (
        "import tracekit as tk\n"
        "from IPython.core.interactiveshell import InteractiveShell as Shell\n"
        "shell = Shell.instance()\n"
        f"trace = tk.open_trace({str(SAMPLE)!r})\n"
        "show = shell.display_formatter.formatters['text/html']\n"
        "print(*('<strong>' in (show(value) or '') for value in (trace, trace.profile(), tk.analyze(trace))))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True"]


def test_without_a_notebook_ipython_is_not_loaded() -> None:
    script = "import sys, tracekit; print('IPython' in sys.modules, 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
