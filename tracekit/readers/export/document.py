"""A query result read row by row: ``<node xpath><schema/><row/>…</node>``, one node a matched table.

The second node of a schema carries no ``<schema>``; the last one seen counts. Ids are shared by the whole document, so
every row must be decoded in order, also those of tables nobody asked for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from tracekit.errors import InputError, UnknownFormatError
from tracekit.readers.export.cells import Element, tag_of
from tracekit.readers.source import Progress, Reader, Source

_RUN = re.compile(r"run\[(?:@number=\")?([0-9]{1,9})\"?\]")
_DETAIL = re.compile(r"/track\[([0-9]{1,9})\]/details(?:\[1\])?/detail\[([0-9]{1,9})\]")
_MOST_ROW_BYTES = 16 << 20
"""Of XML, from one row to the next; 200,000 frames take 4 MB."""

_PERCENT = re.compile(rb"""-%=(?="[^"<>]*"[\s/>])""")
"""In a name of an attribute, which its quoted value follows; and not at the end of a value."""

_RESULT_TAGS = ("trace-query-result", "node", "schema", "row")


EXPORT_COMMAND = """xctrace export --input run.trace --xpath '/trace-toc/run/data/table[@schema="time-profile"]'"""


@dataclass(frozen=True, slots=True)
class Column:
    """One ``<col>`` of a schema."""

    mnemonic: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Node:
    """One matched table of a query result."""

    xpath: str
    run: int
    schema: str
    columns: tuple[Column, ...]
    documentation: str = ""

    @property
    def is_detail(self) -> bool:
        """Whether it is a detail of a track, such as the list of allocations: rows of attributes, without a schema."""
        return _DETAIL.search(self.xpath) is not None

    def position(self, mnemonic: str) -> int | None:
        """Where a column stands in a row; rows are read by position, since tags repeat."""
        return next((at for at, column in enumerate(self.columns) if column.mnemonic == mnemonic), None)


class Document:
    """Rows of a query result, and the nodes met on the way."""

    def __init__(self, source: Source, progress: Progress | None = None) -> None:
        self.source = source
        self.nodes: list[Node] = []
        self._progress = progress

    def rows(self) -> Iterator[tuple[Node, Element]]:
        """Every row with its node. A row is gone when the next one is asked for.

        Raises:
            UnknownFormatError: well-formed XML, but no query result.
            InputError: malformed or cut off, with the line; or with a DTD, which xctrace never writes.
        """
        with self.source.reader(self._progress) as stream:
            try:
                yield from self._parse(stream)
            except etree.XMLSyntaxError as error:
                raise malformed(error, self.source.name, cut_off=stream.is_at_end) from error

    def _parse(self, stream: Reader) -> Iterator[tuple[Node, Element]]:
        # Not huge_tree: it lifts libxml2's bounds on the depth of a document (256) and on one text (10 MB).
        bounded = _Bounded(stream, self.source.name)
        context = etree.iterparse(
            bounded,
            events=("start", "end"),
            tag=_RESULT_TAGS,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,  # or a number would end at one
            remove_pis=True,
        )
        depth = 0
        for event, element in context:
            if depth == 0 and event == "start":
                check_root(element, "trace-query-result", self.source.name)
            depth += 1 if event == "start" else -1
            if event == "start" and element.tag == "node":
                self._open_node(element)
            elif event == "end" and element.tag == "schema":
                self._describe_node(element)
            elif event == "end" and element.tag == "row":
                if not self.nodes:
                    self._open_node(element)
                yield self.nodes[-1], element
                _forget(element)
                bounded.since_row = 0
        if context.root is not None:
            check_root(context.root, "trace-query-result", self.source.name)

    def _open_node(self, element: Element) -> None:
        xpath = element.get("xpath") or ""
        run = _RUN.search(xpath)
        number = int(run[1]) if run else 1
        detail = _DETAIL.search(xpath)
        if detail is not None:
            self.nodes.append(Node(xpath, number, detail_name(int(detail[1]), int(detail[2])), ()))
            return
        known = next((node for node in reversed(self.nodes) if not node.is_detail), Node("", 1, "", ()))
        self.nodes.append(Node(xpath, number, known.schema, known.columns, known.documentation))

    def _describe_node(self, element: Element) -> None:
        columns = tuple(
            Column(*((column.findtext(tag) or "").strip() for tag in ("mnemonic", "name", "engineering-type")))
            for column in element.iterfind("col")
        )
        if not self.nodes:
            self._open_node(element)
        name, documentation = element.get("name") or "", element.get("documentation") or ""
        self.nodes[-1] = replace(self.nodes[-1], schema=name, columns=columns, documentation=documentation)


def detail_name(track: int, detail: int) -> str:
    """How a detail of a track is called where no table of contents names it."""
    return f"track-{track}-detail-{detail}"


class _Bounded:
    """A stream that refuses to go on without a row: libxml2 keeps a whole row, at some 100 bytes an element.

    Of details of tracks it mends a name that xctrace writes and no parser takes: ``resident-%="100.00"``.
    """

    def __init__(self, stream: Reader, where: str) -> None:
        self.since_row = 0
        self._stream, self._where = stream, where
        self._has_details = False
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        read = self._stream.read(size)
        data = self._rest + read
        self._has_details = self._has_details or b"/details[1]/detail[" in data
        if self._has_details and read:
            cut = data.rfind(b">") + 1 or len(data)
            data, self._rest = data[:cut], data[cut:]
        else:
            self._rest = b""
        if self._has_details:
            data = _PERCENT.sub(b"-percent=", data)
        self.since_row += len(data)
        if self.since_row > _MOST_ROW_BYTES:
            raise InputError(f"a row of more than {_MOST_ROW_BYTES >> 20} MiB, which no stack has", where=self._where)
        return data


def check_root(root: Element, expected: str, where: str) -> None:
    """Refuse a document that is something else, or that brings a DTD.

    Raises:
        UnknownFormatError: another root element.
        InputError: a document type declaration.
    """
    if root.getroottree().docinfo.doctype:
        raise InputError(
            "the XML has a document type declaration, which xctrace never writes; it is not read",
            where=where,
        )
    if root.tag != expected:
        raise UnknownFormatError(
            f"the XML is a <{tag_of(root)}>, not a <{expected}> as xctrace exports it",
            where=where,
            hint=f"Export with: {EXPORT_COMMAND}",
        )


def malformed(error: etree.XMLSyntaxError, where: str, *, cut_off: bool) -> InputError:
    """The user's sentence for what the XML parser met; ``cut_off`` where it was content until the data ended."""
    message, line = error.msg or "not XML", error.lineno
    last = error.error_log.last_error
    if not line and last is not None:  # lxml's own words, at the end, of something before it
        message, line, cut_off = last.message, last.line, False
    message = " ".join(message.split(", line")[0].split())
    hint = "Was the export cut off? Export again" if cut_off else "Export again with xctrace; do not edit the file"
    return InputError(f"line {line or 1}: malformed XML: {message}", where=where, hint=hint)


def _forget(row: Element) -> None:
    """Free a row and everything before it, so that memory does not follow the document."""
    row.clear()
    parent = row.getparent()
    while parent is not None and row.getprevious() is not None:
        del parent[0]
