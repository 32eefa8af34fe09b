from tests.report.html.pages import NO_PREDICTION
from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import analyze_profile
from tracekit.report.terminal.analysis_text import analysis_view
from tracekit.report.terminal.drawing import to_plain


def test_unknown_is_no_dead_end() -> None:
    text = to_plain(analysis_view(analyze_profile(profile_from_text(NO_PREDICTION)), 80), 80)
    assert "  56.2 %  draw" in text
    assert "--focus runInference" in text
    assert "tracekit record --app" in text
