"""Which template and instruments to record with.

    Time Profiler   with those of the Neural Engine, GPU, Core ML and Core AI instruments that are listed
    Core ML         where none can be added (before Xcode 14), or none of them is listed
    Core AI         the same, where there is no Core ML template (Xcode 27)
    Time Profiler   alone, else

Apple's Core ML and Core AI templates hold Time Profiler, Neural Engine and GPU: every rung but the last records the
same tables, ``time-profile`` among them, so what follows is the same. The report says which evidence there is.
"""

from collections.abc import Sequence
from typing import Final

from tracekit.errors import RecordingError
from tracekit.recording.xctrace.commands import Choice
from tracekit.recording.xctrace.tool import Version, Xctrace

AUTO: Final = "auto"
TIME_PROFILER: Final = "Time Profiler"
CORE_ML: Final = "Core ML"
CORE_AI: Final = "Core AI"
HARDWARE: Final = ("Neural Engine", "GPU")
INSTRUMENTS: Final = (*HARDWARE, CORE_ML, CORE_AI)


def choose(xctrace: Xctrace, version: Version, template: str, instruments: Sequence[str]) -> Choice:
    """The template to record with; ``auto`` climbs the ladder, a path to a .tracetemplate is taken as it is.

    Raises:
        RecordingError: the template or an instrument is not listed; the message names those that are.
    """
    if template.endswith(".tracetemplate"):
        return Choice(template, tuple(instruments))
    offered = xctrace.templates()
    can_add = version.takes_instruments and (template == AUTO or instruments)
    addable = xctrace.instruments() if can_add else ()
    chosen = ladder(offered, addable) if template == AUTO else Choice(_listed("template", template, offered))
    extra = tuple(_listed("instrument", name, addable) for name in instruments)
    return Choice(chosen.template, tuple(dict.fromkeys((*chosen.instruments, *extra))))


def ladder(templates: Sequence[str], instruments: Sequence[str]) -> Choice:
    """The highest rung that is offered."""
    added = tuple(name for name in INSTRUMENTS if name in instruments)
    if TIME_PROFILER in templates and set(added) & set(HARDWARE):
        return Choice(TIME_PROFILER, added)
    whole = next((name for name in (CORE_ML, CORE_AI) if name in templates), None)
    return Choice(whole) if whole is not None else Choice(TIME_PROFILER, added)


def simpler(choice: Choice) -> Choice | None:
    """What to record with where xctrace fails with a choice of the ladder's; None where nothing is simpler."""
    alone = Choice(TIME_PROFILER)
    return None if choice == alone else alone


def has_hardware(choice: Choice) -> bool:
    """Whether the choice records times of the Neural Engine and the GPU."""
    return choice.template in (CORE_ML, CORE_AI) or bool(set(choice.instruments) & set(HARDWARE))


def _listed(kind: str, name: str, names: Sequence[str]) -> str:
    """The listed spelling of a name, whatever its case."""
    found = next((each for each in names if each.casefold() == name.casefold()), None)
    if found is None:
        raise RecordingError(f"this xctrace has no {kind} {name!r}", hint=f"It has: {', '.join(names) or 'none'}")
    return found
