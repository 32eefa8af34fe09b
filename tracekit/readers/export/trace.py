"""Exports as a Trace: one document, or a folder or zip of documents with their table of contents."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from tracekit.errors import InputError, NoSamplesError, SelectionError
from tracekit.model.facts import NO_NAMES, Facts, Notice
from tracekit.model.forest import forest_of
from tracekit.model.instruments import PROFILE_TABLES, TIME_PROFILE, UNITS
from tracekit.model.profile import Meta, Profile
from tracekit.model.trace import Run, TableInfo, Trace
from tracekit.readers.common import passed_over
from tracekit.readers.export.details import read_detail
from tracekit.readers.export.document import Document
from tracekit.readers.export.fast import read_scanned
from tracekit.readers.export.samples import Found, read_contents
from tracekit.readers.export.tables import read_table, text_cells
from tracekit.readers.export.toc import TocRun, read_toc
from tracekit.readers.source import Progress, ReaderChoice, Source

_NO_TOC = TocRun(0, Facts(), ())
_ROOT = re.compile(rb"<\s*([A-Za-z_][\w.-]*)")
_PROLOG = re.compile(rb"^\s*(?:<\?.*?\?>|<!--.*?-->|\s)*", re.S)


def sniff(head: bytes) -> str | None:
    """``toc``, ``result``, ``xml`` for other XML, or None, from the first bytes of a file."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if not text.lstrip().startswith(b"<"):
        return None
    root = _ROOT.match(text[len(_PROLOG.match(text)[0]) :])  # type: ignore[index]  # the pattern matches everything
    return {b"trace-toc": "toc", b"trace-query-result": "result"}.get(root[1] if root else b"", "xml")


def open_export(
    name: str,
    sources: Sequence[Source],
    *,
    strict: bool = False,
    progress: Progress | None = None,
    reader: ReaderChoice = "auto",
) -> Trace:
    """A Trace of one or several exported documents of the same recording.

    Raises:
        InputError: a document is malformed, or the documents belong to several recordings.
    """
    tocs = [source for source in sources if sniff(source.head()) == "toc"]
    if len(tocs) > 1:
        raise InputError(
            f"there are {len(tocs)} tables of contents, so more than one recording",
            where=name,
            hint="Name one export, or keep the exports of each recording in a folder of their own",
        )
    runs = read_toc(tocs[0]) if tocs else ()
    documents = [Export(source, strict, progress, reader) for source in sources if source not in tocs]
    tocs_of = {run.number: run for run in runs}
    numbers = sorted({*tocs_of, *(found.node.run for export in documents for found in export.found)}) or [1]
    told = [tocs_of.get(number, _NO_TOC) for number in numbers]
    found = [ExportRun(name, run, toc.facts, toc, documents) for run, toc in zip(numbers, told, strict=True)]
    return Trace(path=name, format="export", runs=tuple(found))


@dataclass
class Export:
    """One query result; read once, when first needed."""

    source: Source
    strict: bool
    progress: Progress | None
    reader: ReaderChoice = "auto"

    @cached_property
    def found(self) -> list[Found]:
        """What one pass found in it."""
        scanned = read_scanned(self.source, self.progress) if self.reader != "lxml" else None
        if scanned is None and self.reader == "fast":
            raise InputError(
                "is not written just as xctrace writes profile tables, so the fast reader cannot read it",
                where=self.source.name,
                hint="Leave out --reader, or use --reader lxml",
            )
        return scanned or read_contents(Document(self.source, self.progress), strict=self.strict)

    def rows(self, schema: str, run: int) -> int | None:
        """How many rows a table has here; None where it is not here."""
        rows = [found.rows for found in self.found if (found.node.schema, found.node.run) == (schema, run)]
        return sum(rows) if rows else None

    def table(self, schema: str, run: int) -> pd.DataFrame:
        """The rows of a table; a second pass."""
        document = Document(self.source, self.progress)
        if any(found.node.is_detail and found.node.schema == schema for found in self.found):
            return read_detail(document, text_cells(), schema, run, strict=self.strict)
        return read_table(document, schema, run, strict=self.strict)


@dataclass
class ExportRun(Run):
    """One run of exported documents."""

    path: str
    number: int
    facts: Facts
    toc: TocRun
    documents: Sequence[Export]

    def tables(self) -> list[TableInfo]:
        """Tables whose rows are here, then those that only the table of contents names."""
        here = [self._described(found) for found in self._found()]
        present = {info.schema for info in here}
        details = self.toc.details.values()
        named = [TableInfo(schema="/".join(names), available=False, detail=names) for names in details]
        return here + [info for info in (*self.toc.tables, *named) if info.schema not in present]

    @cached_property
    def _details(self) -> Mapping[str, str]:
        """What details of tracks are called, by where they stand."""
        return {place: "/".join(names) for place, names in self.toc.details.items()}

    @cached_property
    def _profile(self) -> Profile:
        tables = [found for found in self._found() if found.table is not None]
        # one with rows, then by kind, then the first
        chosen = min(tables, key=lambda found: (found.rows == 0, PROFILE_TABLES.index(found.node.schema)), default=None)
        if chosen is None:
            raise self._no_profile()
        node, table = chosen.node, chosen.table
        assert table is not None
        same = self._listed(node.schema)
        others = [(found.node.schema, found.rows) for found in tables if found is not chosen]
        profile = table.profile(
            Meta(
                unit=table.unit or UNITS[node.schema],
                source=self.path,
                format="export",
                table=node.schema,
                run=self.number,
                attributes=tuple(sorted(same[0].attributes.items())) if len(same) == 1 else (),
                facts=self.facts,
                notices=passed_over(node.schema, others),
            )
        )
        return replace(profile, meta=replace(profile.meta, notices=(*profile.meta.notices, *_nameless(profile))))

    def profile(self) -> Profile:
        return self._profile

    def table(self, schema: str) -> pd.DataFrame:
        """Any exported table, of the first document that has rows of it; a notice names other documents with rows.

        Raises:
            SelectionError: it is not here; the message lists those that are.
            InputError: see ``read_table``.
        """
        asked = schema
        schema = next((place for place, name in self._details.items() if name == asked), asked)
        counts = [(export, export.rows(schema, self.number)) for export in self.documents]
        holding = [(export, rows) for export, rows in counts if rows is not None]
        if not holding:
            here = sorted(set(self.schemas()))
            raise SelectionError(
                f"there is no table {asked!r} in run {self.number}",
                where=self.path,
                hint=f"Tables here: {', '.join(here) or 'none'}",
            )
        chosen, _ = max(holding, key=lambda export_and_rows: export_and_rows[1] > 0)
        frame = chosen.table(schema, self.number)
        others = [f"{export.source.name} ({rows} rows)" for export, rows in holding if export is not chosen and rows]
        if others:
            message = f"read {schema} of {chosen.source.name}; not added to it: {', '.join(others)}"
            frame.attrs["notices"].append(Notice("other-tables", message, len(others)))
        return frame

    def _found(self) -> list[Found]:
        """The tables; not what else a query can match, such as ``info``, which has neither a schema nor rows."""
        found = [each for export in self.documents for each in export.found if each.node.run == self.number]
        return [each for each in found if each.node.schema or each.rows]

    def _listed(self, schema: str) -> list[TableInfo]:
        """The tables of a schema that the table of contents names."""
        return [info for info in self.toc.tables if info.schema == schema]

    def _described(self, found: Found) -> TableInfo:
        node, same = found.node, self._listed(found.node.schema)
        return TableInfo(
            schema=self._details.get(node.schema, node.schema),
            rows=found.rows,
            columns=tuple(column.mnemonic for column in node.columns),
            attributes=same[0].attributes if len(same) == 1 else {},
            documentation=node.documentation or (same[0].documentation if same else ""),
        )

    def _no_profile(self) -> NoSamplesError:
        schemas = {found.node.schema for found in self._found()}
        names = sorted(self._details.get(schema, schema) or "a table without a schema" for schema in schemas)
        recorded = [info.schema for info in self.toc.tables if info.schema in PROFILE_TABLES]
        if names:
            what = f"no CPU samples: the export holds {', '.join(names)}, none of {', '.join(PROFILE_TABLES)}"
        elif self.toc is not _NO_TOC:
            what = "no CPU samples: this is a table of contents without the tables themselves"
        else:
            what = "the export is empty: its query matched no table (xctrace calls that a success)"
        if self.toc is not _NO_TOC and not recorded:
            return NoSamplesError(what, where=self.path, hint="None were recorded: record again with the Time Profiler")
        schema = recorded[0] if recorded else TIME_PROFILE
        return NoSamplesError(
            what,
            where=self.path,
            hint=f"Export them with: xctrace export --input run.trace --xpath "
            f'\'/trace-toc/run[@number="{self.number}"]/data/table[@schema="{schema}"]\'',
        )


def _nameless(profile: Profile) -> tuple[Notice, ...]:
    """Says where callers have no names, as in exports of Xcode 12.5 and 14.0, which name leaves alone."""
    parent, frame, depth = forest_of(profile.stacks)
    calls = frame[parent[np.searchsorted(depth, 1) :]]  # roots stand first
    callers = np.zeros(len(profile.frames), bool)
    callers[calls] = True
    count = int(callers.sum())
    nameless = int((~profile.frames["is_symbolicated"].to_numpy()[callers]).sum())
    if 2 * nameless <= count:
        return ()
    message = (
        f"{nameless} of {count} callers have no name: the export holds their addresses, as those of Xcode 12.5 "
        "and 14.0 do, so predictions cannot be found by name; the .trace bundle itself has the names"
    )
    return (Notice(NO_NAMES, message),)
