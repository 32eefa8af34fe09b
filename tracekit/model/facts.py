"""What a recording says of itself, beside its tables."""

from dataclasses import dataclass, fields
from typing import Final


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

    def known(self) -> dict[str, str | int | float]:
        """The facts that are known, in order."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in pairs if value is not None}


SKIPPED: Final = "skipped-row"
"""How the codes of notices begin that count rows of which no sample was made."""

NO_NAMES: Final = "no-symbols"
"""The code of notices that say that functions are addresses, so that nothing is found by its name."""


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
