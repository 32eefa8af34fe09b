"""A bundle read from an export of it, where the native reader refuses what it finds.

It may refuse at once, or only when samples or a table are asked for. From the first refusal on the run is the export's,
and what is read says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pandas as pd

from tracekit.errors import TracekitError, UnsupportedError
from tracekit.model.facts import Notice
from tracekit.model.profile import Profile
from tracekit.model.trace import Run, RunAround, TableInfo, Trace

Export = Callable[[Path], Path]
"""Makes a zip of exports of a bundle. Raises a TracekitError where it cannot."""

T = TypeVar("T")


def open_substitute(refusal: UnsupportedError, exported: Callable[[], Trace]) -> Trace:
    """The export of a bundle that could not even be opened; where there is none, the refusal stands."""
    return replace(_instead(refusal, exported), notices=(_said(refusal),))


def with_substitute(trace: Trace, exported: Callable[[], Trace]) -> Trace:
    """A bundle whose runs are read from its export once they are refused."""
    return replace(trace, runs=tuple(_Substituted(run, exported) for run in trace.runs))


@dataclass
class _Substituted(RunAround):
    """A run that is asked natively until that is refused."""

    exported: Callable[[], Trace]
    _notices: tuple[Notice, ...] = ()

    def schemas(self) -> Sequence[str]:
        return self._ask(lambda run: run.schemas())

    def tables(self) -> Sequence[TableInfo]:
        return self._ask(lambda run: run.tables())

    def profile(self) -> Profile:
        profile = self._ask(lambda run: run.profile())
        return replace(profile, meta=replace(profile.meta, notices=(*self._notices, *profile.meta.notices)))

    def table(self, schema: str) -> pd.DataFrame:
        frame = self._ask(lambda run: run.table(schema))
        frame.attrs["notices"] = [*self._notices, *frame.attrs.get("notices", ())]
        return frame

    def _ask(self, question: Callable[[Run], T]) -> T:
        try:
            return question(self.run)
        except UnsupportedError as refusal:
            if self._notices:
                raise
            self.run = _instead(refusal, self.exported).run(self.number)
            self._notices = (_said(refusal),)
            return question(self.run)


def _instead(refusal: UnsupportedError, exported: Callable[[], Trace]) -> Trace:
    try:
        return exported()
    except TracekitError:
        raise refusal from None


def _said(refusal: UnsupportedError) -> Notice:
    return Notice("read-by-xctrace", f"read through xctrace export, since the native reader refuses it: {refusal.what}")
