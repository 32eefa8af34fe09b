"""Everything tracekit raises on purpose.

TracekitError                a sentence for the user; the CLI prints it and exits 1
  InputError                 the input cannot be read as what it claims to be: where, and what to do
    UnknownFormatError       nothing here knows this file
    NoSamplesError           a recording without CPU samples; other tables of it may be read
    UnsupportedError         recognised, but of a kind that is not read
  SelectionError             a pattern, process, thread, run or table that is not there or cannot be parsed
  QueryError                 SQL that is not answered, or cannot be
  RuleError                  an engine rule file that cannot be used
  RecordingError             a recording could not be made, or what was recorded cannot be used
  OutputError                the result cannot be written where it was asked for
  MissingExtraError          an optional package is needed
  InvariantError             a table broke its own laws: a defect of tracekit, never of the input
"""

from pathlib import Path
from typing import Final, Literal

DISTRIBUTION: Final = "tracekit-ane"
"""What to install. The name ``tracekit`` in the Python Package Index is another project's (docs/install.md)."""

Extra = Literal["sql", "mcp", "parquet", "dask", "symbols"]
"""What may be installed beside it: the extras of pyproject.toml."""


class TracekitError(Exception):
    """What is wrong, where, and what to do next, in one line.

    ``str(error)`` is the whole sentence: ``where: what. hint``.
    """

    def __init__(self, what: str, *, where: str | Path | None = None, hint: str | None = None) -> None:
        self.what = what.rstrip(".")
        self.where = None if where is None else str(where)
        self.hint = hint
        place = f"{self.where}: " if self.where else ""
        advice = f" {hint.rstrip('.')}." if hint else ""
        super().__init__(f"{place}{self.what}.{advice}")


class InputError(TracekitError):
    """The input cannot be read as what it claims to be."""


class UnknownFormatError(InputError):
    """No reader recognises the input."""


class NoSamplesError(InputError):
    """The recording holds no table of CPU samples."""


class UnsupportedError(InputError):
    """The input is recognised, but of a version or kind that no reader understands."""


class SelectionError(TracekitError):
    """What the user selected is not in the trace, or the selection cannot be parsed."""


class QueryError(TracekitError):
    """SQL that is not answered, cannot be, or would take too much."""


class RuleError(TracekitError):
    """A rule file is malformed."""


class RecordingError(TracekitError):
    """A recording could not be made, or what was recorded cannot be used."""


class OutputError(TracekitError):
    """The output cannot be written, or exists and must not be replaced."""


class MissingExtraError(TracekitError):
    """An optional dependency is not installed; the hint is the line that installs it."""

    def __init__(self, what: str, extra: Extra) -> None:
        super().__init__(what, hint=f"pip install '{DISTRIBUTION}[{extra}]'")


class InvariantError(TracekitError):
    """A table broke its own laws. Please report it: it is a defect of tracekit."""
