"""The ladder of templates."""

import pytest

from tracekit.recording.xctrace.templates import Choice, ladder


@pytest.mark.parametrize(
    "templates, instruments, choice",
    [
        (["Time Profiler", "Core ML"], ["GPU", "Core ML"], Choice("Core ML")),
        (["Core AI", "Time Profiler", "Core ML"], ["Core ML"], Choice("Core ML")),
        (["Time Profiler", "Core AI"], ["GPU", "Core ML"], Choice("Core AI", ("Core ML",))),
        (["Time Profiler", "Core AI"], ["GPU"], Choice("Core AI")),
        (["Time Profiler"], ["GPU", "Neural Engine", "Leaks"], Choice("Time Profiler", ("Neural Engine", "GPU"))),
        (["Time Profiler"], [], Choice("Time Profiler")),
        ([], [], Choice("Time Profiler")),
    ],
)
def test_the_highest_rung_that_is_offered(templates: list[str], instruments: list[str], choice: Choice) -> None:
    assert ladder(templates, instruments) == choice
