"""A trace from what is kept of it, or one whose samples will be kept."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Final

import pandas as pd

from tracekit._version import __version__
from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.model.trace import Run, RunAround, TableInfo, Trace
from tracekit.readers.cache.digest import Digest, digest_of
from tracekit.readers.cache.entry import Kept, packed, unpacked
from tracekit.readers.cache.folder import load, store

_PACKAGE: Final = Path(__file__).parents[2]
_THAT_READ: Final = ("readers", "model")


@cache
def code_version() -> str:
    """Which code read: another version of the readers may find something else in the same file. The version of tracekit
    and of the files that read: they change between two versions while one works on them.
    """
    sources = sorted(path for folder in _THAT_READ for path in (_PACKAGE / folder).rglob("*.py"))
    states = ((path.name, path.stat()) for path in sources)
    return f"{__version__} {[(name, state.st_size, state.st_mtime_ns) for name, state in states]}"


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
        profile = replace(kept.profile, meta=replace(kept.profile.meta, source=name))
        run = _KeptRun(kept.number, kept.facts, kept.tables, profile, read)
        return Trace(path=name, format=kept.format, runs=(run,), notices=kept.notices)
    trace = read()
    if len(trace.runs) != 1:
        return trace
    return replace(trace, runs=(_Remembering(trace.runs[0], trace, path, key, digest),))


@dataclass
class _Remembering(RunAround):
    """A run whose samples are kept when they are first asked for."""

    trace: Trace
    path: Path
    key: str
    digest: Digest

    @cached_property
    def _profile(self) -> Profile:
        profile, tables = self.run.profile(), tuple(self.run.tables())
        if self.digest.still_holds(self.path):
            kept = Kept(self.trace.format, self.trace.notices, self.number, self.facts, tables, profile)
            store(self.path, self.key, packed(kept))
        return profile

    def profile(self) -> Profile:
        return self._profile


@dataclass
class _KeptRun(Run):
    """A run whose samples were kept; any other table is read from the file."""

    number: int
    facts: Facts
    listed: Sequence[TableInfo]
    samples: Profile
    read: Callable[[], Trace]

    def profile(self) -> Profile:
        return self.samples

    def tables(self) -> Sequence[TableInfo]:
        return list(self.listed)

    def table(self, schema: str) -> pd.DataFrame:
        return self._fresh.table(schema)

    @cached_property
    def _fresh(self) -> Run:
        return self.read().run(self.number)
