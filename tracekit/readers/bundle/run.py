"""One run of a bundle: its facts, its tables, and its samples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Final

import numpy as np
import pandas as pd

from tracekit.errors import NoSamplesError, SelectionError
from tracekit.model.facts import NO_NAMES, Facts, Notice, Notices
from tracekit.model.folded import is_address
from tracekit.model.instruments import PROFILE_TABLES
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE
from tracekit.model.trace import Run, TableInfo, Trace
from tracekit.readers.bundle.addresses.dyld_events import dyld_images
from tracekit.readers.bundle.addresses.images import CPU_X86_64, AddressSpace, Image
from tracekit.readers.bundle.addresses.recorded import RecordedSymbols
from tracekit.readers.bundle.addresses.signatures import process_images
from tracekit.readers.bundle.addresses.symbolication import Finder, archives_of, symbolicate
from tracekit.readers.bundle.addresses.symbols import SymbolArchive
from tracekit.readers.bundle.clock import Clock
from tracekit.readers.bundle.facts import read_facts
from tracekit.readers.bundle.issues import read_issues
from tracekit.readers.bundle.names import Names
from tracekit.readers.bundle.requirements import (
    check_age,
    check_requirements,
    has_symbol_stores,
    run_numbers,
)
from tracekit.readers.bundle.samples import (
    Samples,
    Unfolded,
    backtrace_table,
    build_profile,
    read_samples,
    unfold,
)
from tracekit.readers.bundle.shown import listed, shown
from tracekit.readers.bundle.stacks import Epochs
from tracekit.readers.bundle.storage.files import BundleFiles
from tracekit.readers.bundle.storage.keyed_archive import NOTHING_ARCHIVED, KeyedArchive, Node
from tracekit.readers.bundle.storage.stores import Store, list_stores
from tracekit.readers.bundle.storage.uniquing import Uniquing
from tracekit.readers.bundle.tables import Tables
from tracekit.readers.common import passed_over

_RUN_LIMIT: Final = 1_000_000


def trace_of(files: BundleFiles, *, strict: bool = False) -> Trace:
    """The runs of a bundle; its notices say which parts of it are missing or cannot be read."""
    numbers = run_numbers(files)
    name = "form.template"
    template = KeyedArchive(files.read(name) if name in files else NOTHING_ARCHIVED, files.where(name))
    check_age(files, template)
    check_requirements(files)
    archives = archives_of(files)
    parts = _missing_parts(files, numbers, template)
    issues = {number: read_issues(files, number) for number in numbers}
    runs = tuple(
        BundleRun(files, number, template, archives, (*parts, *issues[number]), strict=strict) for number in numbers
    )
    said = (*parts, *(notice for number in numbers for notice in issues[number]))
    return Trace(path=str(files.path), format="bundle", runs=runs, notices=said)


def _missing_parts(files: BundleFiles, runs: Sequence[int], template: KeyedArchive) -> tuple[Notice, ...]:
    """What of the bundle is not there or may not be looked at, and what is not known for it."""
    notices = Notices()
    for folder, why in files.container.unreadable.items():
        notices.add("unreadable-part", f"{files.where(folder)} cannot be read ({why}); what is in it is not known")
    begun = {int(match[1]) for match in files.names(r"(?:corespace/run|Trace)(\d{1,6})(?:\.run)?/.*")}
    if "form.template" not in files:
        notices.add(
            "no-form-template",
            "form.template is missing from the bundle, so device, target, template and dates of the recording are not "
            "known",
        )
    recorded = template.top("com.apple.xray.run.data").field("$1").entries()
    begun |= {number for number in recorded if isinstance(number, int) and 0 < number < _RUN_LIMIT}
    for number in sorted(begun - set(runs)):
        notices.add("run-without-tables", f"run {number} has no tables in the bundle, so it was not read")
    return notices.collected()


@dataclass
class BundleRun(Run):
    """A run. Everything is read when it is first needed, and kept."""

    files: BundleFiles
    number: int
    template: KeyedArchive
    """Empty where it is missing."""
    archive_of: Callable[[str], SymbolArchive | None]
    notices: tuple[Notice, ...] = ()
    """What was said of the bundle, and of this run, when it was opened."""
    strict: bool = False
    facts: Facts = field(init=False)
    uniquing: Uniquing = field(init=False)
    _spaces: dict[int, AddressSpace] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = read_facts(self._record)
        self.uniquing = Uniquing(self.files, self.number)

    def schemas(self) -> Sequence[str]:
        return [store.schema for store in self.stores]

    def tables(self) -> Sequence[TableInfo]:
        """All tables, with their row counts, in the order of their stores.

        Raises:
            InputError, UnsupportedError: the description of a table cannot be read.
        """
        return [
            TableInfo(
                schema=store.schema,
                rows=store.layout.count,
                columns=tuple(column.mnemonic for column in store.columns),
                attributes=store.attributes,
            )
            for store in self.stores
        ]

    def profile(self) -> Profile:
        return self._profile

    def backtraces(self) -> pd.DataFrame:
        """See ``tracekit.readers.bundle.stacks``."""
        return backtrace_table(self._unfold(read_samples(self._profile_table(), self.uniquing, Notices())))

    def table(self, schema: str) -> pd.DataFrame:
        """Any table of the run; see ``tables.py``.

        Raises:
            SelectionError: the run has no such table; the message lists those it has.
            InputError, UnsupportedError: it cannot be read.
        """
        stores = [store for store in self.stores if store.schema == schema]
        if not stores:
            raise SelectionError(
                f"there is no table {schema!r} in run {self.number}",
                where=self.files.path,
                hint=f"Tables here: {listed(self.schemas())}",
            )
        with_rows = [store for store in stores if store.layout.count]
        return Tables(self.uniquing, self.names, self.find, self.strict).read(with_rows or stores[:1])

    @cached_property
    def stores(self) -> tuple[Store, ...]:
        """The tables of the run. Raises InputError where their list cannot be read."""
        return list_stores(self.files, self.number)

    @cached_property
    def names(self) -> Names:
        """Processes and threads of the run."""
        return Names(self.uniquing, self.stores, self._record)

    @cached_property
    def find(self) -> Finder:
        """Addresses of the run → functions."""
        if self._recorded is not None:
            return self._recorded.find
        return partial(symbolicate, archive_of=self.archive_of, space_of=self.space)

    def space(self, pid: int) -> AddressSpace:
        """The images of a process; empty where none are known.

        Raises:
            InputError, UnsupportedError: the list of images cannot be read.
        """
        if pid not in self._spaces:
            self._spaces[pid] = AddressSpace(self._images(pid), str(self.files.path))
        return self._spaces[pid]

    def epochs(self, pids: Sequence[int]) -> Epochs:
        """Spans of the run in which no address of these processes changes its image."""
        return Epochs(np.unique(np.concatenate([[], *(self.space(pid).boundaries for pid in pids)]).astype(np.int64)))

    @cached_property
    def _recorded(self) -> RecordedSymbols | None:
        """The symbols of a run of Instruments 8 to 11; None since then."""
        by_pid = self._record.get("symbolsByPid")
        if not by_pid.exists() or has_symbol_stores(self.template):
            return None
        return RecordedSymbols(by_pid)

    @cached_property
    def _record(self) -> Node:
        """The run's record in ``form.template``; empty where it is missing."""
        return self.template.top("com.apple.xray.run.data").field("$1").get(self.number)

    @cached_property
    def _clock(self) -> Clock | None:
        return Clock.read(self._record)

    @cached_property
    def _reported_images(self) -> dict[int, tuple[Image, ...]]:
        return dyld_images(self.stores, self.uniquing, self.names, self.archive_of)

    def _images(self, pid: int) -> tuple[Image, ...]:
        if "form.template" in self.files:
            return process_images(self.template, self.number, pid, self._clock)
        return self._reported_images.get(pid, ())

    @cached_property
    def _profile(self) -> Profile:
        store, notices = self._profile_table(), Notices()
        samples = read_samples(store, self.uniquing, notices, strict=self.strict)
        if self._recorded is None:
            self._note_missing_images(samples, notices)
        meta = Meta(
            unit=samples.unit,
            source=str(self.files.path),
            format="bundle",
            table=store.schema,
            run=self.number,
            attributes=tuple(store.attributes.items()),
            facts=self.facts,
            notices=(*self.notices, *self._passed_over(store)),
        )
        unfolded = self._unfold(samples)
        if self._recorded is None:
            self._note_missing_symbols(unfolded, notices)
            self._note_translated_leaves(unfolded, notices)
        else:
            self._note_nameless(unfolded.functions.names, notices)
        return build_profile(samples, unfolded, self.uniquing, self.names, meta=meta, notices=notices)

    def _unfold(self, samples: Samples) -> Unfolded:
        epochs = self.epochs(self._pids(samples))
        return unfold(samples, epochs, self.find, self.uniquing, self.names)

    def _pids(self, samples: Samples) -> list[int]:
        threads = self.names.threads(np.unique(samples.thread)).values()
        return sorted({thread.process.pid for thread in threads})

    def _note_missing_images(self, samples: Samples, notices: Notices) -> None:
        for pid in self._pids(samples) if (samples.stack != NONE).any() else ():
            if not self.space(pid).images:
                name = shown(self.names.process(pid).name)
                notices.add(
                    "no-images", f"the bundle does not say where the images of {name} lay; its stacks are addresses"
                )

    def _note_missing_symbols(self, unfolded: Unfolded, notices: Notices) -> None:
        """Instruments keeps the symbols of every image that was hit, so one without is a part that is missing."""
        for name, _, uuid, _ in unfolded.functions.binaries:
            if self.archive_of(uuid) is None:
                missing = f"symbols/stores/{shown(uuid)}.symbolsarchive"
                notices.add(
                    NO_NAMES,
                    f"{missing} is missing from the bundle, so functions of {shown(name)} are addresses",
                )

    def _note_nameless(self, names: Sequence[str], notices: Notices) -> None:
        """Instruments 8 to 11 kept the names that they found, and no images in which others could be looked up."""
        nameless = sum(map(is_address, names))
        if nameless:
            message = f"Instruments kept no name for {nameless} of {len(names)} functions; they are addresses"
            notices.add(NO_NAMES if 2 * nameless > len(names) else "unnamed-functions", message)

    def _note_translated_leaves(self, unfolded: Unfolded, notices: Notices) -> None:
        """Rosetta runs an x86_64 program in code of its own, which is in no image."""
        stacks, sites = unfolded.stacks, unfolded.stacks.sites
        with_leaf = np.flatnonzero(stacks.lengths)
        leaf = stacks.site[(np.cumsum(stacks.lengths) - stacks.lengths)[with_leaf]]
        is_outside, pid = unfolded.functions.binary[leaf] == NONE, sites.pid[leaf]
        for process in np.unique(pid[is_outside]).tolist():
            images = self.space(process).images
            if images and images[0].cpu_type == CPU_X86_64:
                count = int(np.isin(unfolded.path_id, with_leaf[is_outside & (pid == process)]).sum())
                name = shown(self.names.process(process).name)
                notices.add(
                    "leaf-without-image",
                    f"leaves of {name}, an x86_64 program, lie in no image, as code translated by Rosetta does; "
                    "they are addresses",
                    count,
                )

    def _profile_tables(self) -> list[Store]:
        """Tables of CPU samples, the one to read first."""
        found = [store for store in self.stores if store.schema in PROFILE_TABLES]
        return sorted(found, key=lambda store: (PROFILE_TABLES.index(store.schema), store.layout.count == 0))

    def _profile_table(self) -> Store:
        found = self._profile_tables()
        if not found:
            raise NoSamplesError(
                f"no CPU samples: run {self.number} holds none of {', '.join(PROFILE_TABLES)}",
                where=self.files.path,
                hint=f"Record it again with the Time Profiler. Tables here: "
                f"{listed(store.schema for store in self.stores)}",
            )
        return found[0]

    def _passed_over(self, chosen: Store) -> tuple[Notice, ...]:
        others = [store for store in self._profile_tables() if store is not chosen]
        return passed_over(chosen.schema, [(store.schema, store.layout.count) for store in others])
