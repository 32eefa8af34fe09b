"""The ladder of templates."""

import pytest

from tracekit.recording.xctrace.commands import Choice
from tracekit.recording.xctrace.templates import has_hardware, ladder, simpler

ALONE = Choice("Time Profiler")


@pytest.mark.parametrize(
    "templates, instruments, choice",
    [
        (
            ["Time Profiler", "Core ML"],
            ["GPU", "Core ML", "Neural Engine"],
            Choice("Time Profiler", ("Neural Engine", "GPU", "Core ML")),
        ),
        (["Time Profiler", "Core AI"], ["Core AI", "GPU", "Leaks"], Choice("Time Profiler", ("GPU", "Core AI"))),
        (["Time Profiler", "Core ML"], [], Choice("Core ML")),  # before Xcode 14 none can be added
        (["Time Profiler", "Core ML"], ["Core ML", "Leaks"], Choice("Core ML")),  # and these time nothing
        (["Core AI", "Time Profiler", "Core ML"], [], Choice("Core ML")),
        (["Time Profiler", "Core AI"], [], Choice("Core AI")),
        (["Core ML"], ["Neural Engine"], Choice("Core ML")),
        (["Time Profiler"], ["Core ML"], Choice("Time Profiler", ("Core ML",))),
        (["Time Profiler"], [], ALONE),
        ([], [], ALONE),
    ],
)
def test_the_highest_rung_that_is_offered(templates: list[str], instruments: list[str], choice: Choice) -> None:
    assert ladder(templates, instruments) == choice


@pytest.mark.parametrize(
    "choice, hardware, less",
    [
        (Choice("Time Profiler", ("Neural Engine", "GPU")), True, ALONE),
        (Choice("Core ML"), True, ALONE),
        (Choice("Time Profiler", ("Core ML",)), False, ALONE),
        (ALONE, False, None),
    ],
)
def test_what_is_simpler(choice: Choice, hardware: bool, less: Choice | None) -> None:
    assert (has_hardware(choice), simpler(choice)) == (hardware, less)
