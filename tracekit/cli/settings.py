"""What a project says of its gates: ``[tool.tracekit.check]`` in pyproject.toml, ``[check]`` in tracekit.toml.

The nearest file upward from the working folder counts, tracekit.toml before pyproject.toml in the same folder; files
are not merged.
"""

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from tracekit.analysis.select import nanoseconds
from tracekit.analysis.verdict.judge import EvidenceClass
from tracekit.errors import InputError

KEYS: Final = (
    *("min-ane", "max-cpu", "max-gpu", "max-unknown", "max-p95", "max-load", "max-regression", "baseline", "model"),
    *("require-ane", "min-decode-rate", "require-evidence"),
)
REQUIRABLE: Final = ("hardware", "waiting", "stacks")


@dataclass(frozen=True, slots=True)
class Settings:
    """The table as it was read; empty where there is none."""

    values: Mapping[str, Any]
    path: Path | None = None

    def share(self, key: str) -> float | None:
        """A number from 0 to 1."""
        return self._number(key, 1, "from 0 to 1")

    def number(self, key: str) -> float | None:
        """A number of at least 0."""
        return self._number(key, sys.float_info.max, "of at least 0")

    def time(self, key: str) -> int | None:
        """A time such as "12ms", in nanoseconds."""
        value = self._text(key)
        return None if value is None else nanoseconds(value)

    def evidence(self, key: str) -> EvidenceClass | None:
        """A class of evidence that can be required."""
        value = self._text(key)
        if value is not None and value not in REQUIRABLE:
            raise InputError(f"{key} is {value!r}", where=self.path, hint=f"It can be {', '.join(REQUIRABLE)}")
        return cast(EvidenceClass | None, value)

    def names(self, key: str) -> tuple[str, ...]:
        """One name, or a list of them."""
        value = self.values.get(key, ())
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
            raise InputError(f"{key} is {value!r}, neither a string nor a list of them", where=self.path)
        return tuple(names)

    def file(self, key: str) -> str | None:
        """A path, seen from the folder of the settings."""
        value = self._text(key)
        return None if value is None or self.path is None else str(self.path.parent / value)

    def _number(self, key: str, most: float, bounds: str) -> float | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
            raise InputError(f"{key} is {value!r}, not a number {bounds}", where=self.path)
        return float(value)

    def _text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise InputError(f"{key} is {value!r}, not a string", where=self.path)
        return value


def check_settings(folder: Path) -> Settings:
    """The gates of the project that a folder belongs to.

    Raises:
        InputError: the file cannot be read, or names a gate that is not known.
    """
    for place in (folder, *folder.parents):
        for name, keys in (("tracekit.toml", ("check",)), ("pyproject.toml", ("tool", "tracekit", "check"))):
            path = place / name
            table = _table(path, keys) if path.is_file() else None
            if table is not None:
                return Settings(table, path)
    return Settings({})


def _table(path: Path, keys: tuple[str, ...]) -> Mapping[str, Any] | None:
    try:
        found: Any = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from error
    except ValueError as error:
        raise InputError(f"is no TOML ({error})", where=path) from error
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if found is None:
        return None
    heading = ".".join(keys)
    if not isinstance(found, dict):
        raise InputError(f"{heading} is no table", where=path)
    unknown = sorted(set(found) - set(KEYS))
    if unknown:
        raise InputError(f"[{heading}] does not know {unknown[0]!r}", where=path, hint=f"It knows {', '.join(KEYS)}")
    return found
