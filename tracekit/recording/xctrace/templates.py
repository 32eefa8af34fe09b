"""Which template and instruments to record with: the richest that this Xcode offers.

    Core ML       listed: it brings Time Profiler, Neural Engine and GPU
    Core AI       else: the same three, and the Core ML instrument where that is listed (Xcode 27)
    Time Profiler else, with the Neural Engine, GPU and Core ML instruments that are listed

Every rung records ``time-profile``, so what follows is the same; the report says which evidence there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tracekit.errors import RecordingError
from tracekit.recording.xctrace.tool import Version, Xctrace, listed

AUTO: Final = "auto"
TIME_PROFILER: Final = "Time Profiler"
CORE_ML: Final = "Core ML"
CORE_AI: Final = "Core AI"
HARDWARE: Final = ("Neural Engine", "GPU", CORE_ML)


@dataclass(frozen=True, slots=True)
class Choice:
    """A template with what is added to it."""

    template: str
    instruments: tuple[str, ...] = ()


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
    if CORE_ML in templates:
        return Choice(CORE_ML)
    if CORE_AI in templates:
        return Choice(CORE_AI, tuple(name for name in (CORE_ML,) if name in instruments))
    return Choice(TIME_PROFILER, tuple(name for name in HARDWARE if name in instruments))


def _listed(kind: str, name: str, names: Sequence[str]) -> str:
    found = listed(name, names)
    if found is None:
        raise RecordingError(f"this xctrace has no {kind} {name!r}", hint=f"It has: {', '.join(names) or 'none'}")
    return found
