"""What a recording says of itself, beside its tables."""

import re
from dataclasses import dataclass, fields
from typing import Final

MODEL_FILE: Final = re.compile(r"([^/\\\"'\s]+)\.(?:mlmodelc|mlpackage|mlmodel|aimodelc|aimodel)\b")
"""A model's file, wherever a text names one; the group is the model."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one run. ``None`` is "not known": text formats know nearly nothing, exports what their TOC holds.

    The target's environment is never kept: it may hold secrets (facts of ``xctrace export --toc``).
    """

    device: str | None = None
    device_model: str | None = None
    os: str | None = None
    platform: str | None = None
    xcode: str | None = None
    """Instruments' version with its build, such as ``16.0 (17F42)``; only the build in parentheses tells the Xcode."""
    template: str | None = None
    process: str | None = None
    pid: int | None = None
    target_type: str | None = None
    """``launched``, ``attached`` or ``all``."""
    exit_status: int | None = None
    termination_reason: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    duration_s: float | None = None
    end_reason: str | None = None
    recording_mode: str | None = None
    time_limit: str | None = None
    models: tuple[str, ...] = ()
    """Models whose files the arguments name with which the process was launched. The arguments themselves are never
    kept: they hold paths."""

    def known(self) -> dict[str, str | int | float]:
        """The facts that are known, in order."""
        pairs = [(field.name, getattr(self, field.name)) for field in fields(self) if field.name != "models"]
        pairs.append(("models", ", ".join(self.models) or None))
        return {name: value for name, value in pairs if value is not None}


def models_launched(arguments: str) -> tuple[str, ...]:
    """The models whose files a command line names: ``--model /tmp/Letters.mlmodelc`` names Letters.

    Blanks are not quoted there, so a word that may be the end of a longer name names none.
    """
    words = arguments.split()
    before = ["-", *words]
    found = (
        MODEL_FILE.fullmatch(re.split(r"[/=]", word)[-1])
        for last, word in zip(before, words, strict=False)
        if re.search("[/=]", word) or last.startswith("-")
    )
    return tuple(dict.fromkeys(match[1] for match in found if match))


SKIPPED: Final = "skipped-row"
"""How the codes of notices begin that count rows of which no sample was made."""

NO_NAMES: Final = "no-symbols"
"""The code of notices that say that functions are addresses, so that nothing is found by its name."""

ISSUE: Final = "run-issue"
"""The code of notices that quote what Instruments noted of a run, often why it has no samples."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know of what was read, counted by kind.

    ``message`` describes the first case met; ``count`` says how many there were.
    """

    code: str
    message: str
    count: int = 1


class Notices:
    """Counts notices by kind, keeping the first message of each."""

    def __init__(self) -> None:
        self._by_code: dict[str, Notice] = {}

    def add(self, code: str, message: str, count: int = 1) -> None:
        """Count one more of a kind."""
        seen = self._by_code.get(code)
        self._by_code[code] = Notice(code, seen.message, seen.count + count) if seen else Notice(code, message, count)

    def collected(self) -> tuple[Notice, ...]:
        """All kinds, in the order in which they were first met."""
        return tuple(self._by_code.values())
