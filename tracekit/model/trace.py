"""Trace → Run: an opened file, its facts, and tables read when asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import pandas as pd

from tracekit.errors import SelectionError
from tracekit.model.facts import Facts, Notice
from tracekit.model.profile import Profile
from tracekit.model.shown import html_of


@dataclass(frozen=True, slots=True)
class TableInfo:
    """One table of a run, as far as it is known without reading it."""

    schema: str
    rows: int | None = None
    """``None``: not known without reading; the TOC of an export tells no counts."""
    columns: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    available: bool = True
    """False where a TOC names the table but its rows were not exported."""
    detail: tuple[str, str] | None = None
    """Of a detail of a track, such as the list of Allocations: what the track and the detail are called."""


class Run(Protocol):
    """One recording. Readers implement it; nothing is read before it is asked for."""

    number: int
    facts: Facts

    def schemas(self) -> Sequence[str]:
        """The names of the tables that can be read; one may be there several times. Nothing is read of a table."""
        return [info.schema for info in self.tables() if info.available]

    def tables(self) -> Sequence[TableInfo]:
        """What can be read, and what is only named."""
        return []

    def profile(self) -> Profile:
        """The CPU samples. Raises InputError where the run has none."""

    def table(self, schema: str) -> pd.DataFrame:
        """Any table, typed. Raises SelectionError where the run does not have it."""


@dataclass
class RunAround(Run):
    """A run that answers as another one does, but for what is written anew."""

    run: Run
    number: int = field(init=False)
    facts: Facts = field(init=False)

    def __post_init__(self) -> None:
        self.number, self.facts = self.run.number, self.run.facts

    def schemas(self) -> Sequence[str]:
        return self.run.schemas()

    def tables(self) -> Sequence[TableInfo]:
        return self.run.tables()

    def profile(self) -> Profile:
        return self.run.profile()

    def table(self, schema: str) -> pd.DataFrame:
        return self.run.table(schema)


@dataclass(frozen=True)
class Trace:
    """An opened input with its runs, in order."""

    path: str
    format: str
    runs: tuple[Run, ...]
    notices: tuple[Notice, ...] = ()

    def __repr__(self) -> str:
        """In one line; the dataclass's own would print the index of the file."""
        return f"<Trace {self.path}: {self.format}, {len(self.runs)} run{'s' if len(self.runs) != 1 else ''}>"

    def _repr_html_(self) -> str:
        return html_of("Trace", self)

    def run(self, number: int | None = None) -> Run:
        """A run by its number; without one, the first.

        Raises:
            SelectionError: there is no such run; the message lists those that exist.
        """
        if number is None:
            return self.runs[0]
        for run in self.runs:
            if run.number == number:
                return run
        numbers = ", ".join(str(run.number) for run in self.runs)
        raise SelectionError(f"there is no run {number}", where=self.path, hint=f"Runs: {numbers}")

    def profile(self, run: int | None = None) -> Profile:
        """The samples of a run; where none is named of several, those of the first, and a notice says so."""
        profile = self.run(run).profile()
        if run is not None or len(self.runs) == 1:
            return profile
        first, *others = (str(each.number) for each in self.runs)
        said = Notice("first-run", f"read run {first} of {len(self.runs)}; the others are {', '.join(others)}")
        return replace(profile, meta=replace(profile.meta, notices=(said, *profile.meta.notices)))

    def schemas(self, run: int | None = None) -> Sequence[str]:
        """The names of the tables of a run that can be read."""
        return self.run(run).schemas()

    def tables(self, run: int | None = None) -> Sequence[TableInfo]:
        """The tables of a run."""
        return self.run(run).tables()

    def table(self, schema: str, run: int | None = None) -> pd.DataFrame:
        """Any table of a run as a typed DataFrame."""
        return self.run(run).table(schema)
