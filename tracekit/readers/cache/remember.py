"""A trace from what is kept of it, or one whose samples will be kept."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.model.trace import Run, TableInfo, Trace
from tracekit.readers.cache.digest import Digest, digest_of
from tracekit.readers.cache.entry import Kept, packed, unpacked
from tracekit.readers.cache.folder import load, store
from tracekit.readers.cache.version import code_version


def remembered(path: Path, name: str, how: str, read: Callable[[], Trace]) -> Trace:
    """What ``read`` gives of a file, from what is kept where its content was read before.

    ``how`` names all that the result depends on beside the content, and beside the code that reads.
    """
    digest = digest_of(path)
    if digest is None:
        return read()
    key = hashlib.sha256(f"{digest.sha256} {how} {code_version()}".encode()).hexdigest()
    kept = unpacked(load(path, key))
    if kept is not None:
        return _trace_of(kept, name, read)
    trace = read()
    if len(trace.runs) != 1:
        return trace
    (run,) = trace.runs
    return replace(trace, runs=(_Remembering(trace, run, path, key, digest),))


def _trace_of(kept: Kept, name: str, read: Callable[[], Trace]) -> Trace:
    meta = replace(kept.profile.meta, source=name)
    run = _KeptRun(kept.number, kept.facts, kept.tables, replace(kept.profile, meta=meta), read)
    return Trace(path=name, format=kept.format, runs=(run,), notices=kept.notices)


@dataclass
class _Remembering:
    """A run whose samples are kept when they are first asked for; see ``model.trace.Run``."""

    trace: Trace
    run: Run
    path: Path
    key: str
    digest: Digest
    number: int = field(init=False)
    facts: Facts = field(init=False)

    def __post_init__(self) -> None:
        self.number, self.facts = self.run.number, self.run.facts

    @cached_property
    def _profile(self) -> Profile:
        profile, tables = self.run.profile(), tuple(self.run.tables())
        if self.digest.still_holds(self.path):
            kept = Kept(self.trace.format, self.trace.notices, self.number, self.facts, tables, profile)
            store(self.path, self.key, packed(kept))
        return profile

    def profile(self) -> Profile:
        """The samples."""
        return self._profile

    def schemas(self) -> Sequence[str]:
        """The names of what can be read."""
        return self.run.schemas()

    def tables(self) -> Sequence[TableInfo]:
        """What can be read."""
        return self.run.tables()

    def table(self, schema: str) -> pd.DataFrame:
        """Any table."""
        return self.run.table(schema)


@dataclass
class _KeptRun:
    """A run whose samples were kept; see ``model.trace.Run``."""

    number: int
    facts: Facts
    listed: Sequence[TableInfo]
    samples: Profile
    read: Callable[[], Trace]

    def profile(self) -> Profile:
        """The samples."""
        return self.samples

    def schemas(self) -> Sequence[str]:
        """The names of what can be read."""
        return [info.schema for info in self.listed if info.available]

    def tables(self) -> Sequence[TableInfo]:
        """What can be read."""
        return list(self.listed)

    def table(self, schema: str) -> pd.DataFrame:
        """Any table, read from the file."""
        return self._fresh.table(schema)

    @cached_property
    def _fresh(self) -> Run:
        return self.read().run(self.number)
