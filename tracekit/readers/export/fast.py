"""A profile export read block by block, without an XML parser wherever its rows are just as xctrace writes them.

    read ─► cut after a row ─► scan ─► columns, in order ─► Found, as read_contents gives it

``scan.py`` says what is accepted. Anything else, be it damaged, edited or merely another table, is left to
``read_contents``, which stays the reference: both give the same Profile.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, Final, cast

from tracekit.errors import InputError
from tracekit.model.instruments import PROFILE_TABLES
from tracekit.readers.export.ahead import Helper, claimed
from tracekit.readers.export.blocks import Pieces, header_of, is_compressed, streamed
from tracekit.readers.export.columns import Columns
from tracekit.readers.export.document import Document, Node
from tracekit.readers.export.grammar import Grammar, grammar_of
from tracekit.readers.export.samples import UNIT_OF_WEIGHT, Found, ScannedTable
from tracekit.readers.export.scan import Block, UnfamiliarError, require, scan
from tracekit.readers.source import Progress, Source

_HEADER: Final = re.compile(
    rb"<\?xml version=\"1\.0\"\?>\n<trace-query-result>\n<node xpath='[^'<>&]*'><schema [^<>]*>"
    rb"(?:<col><mnemonic>[^<>]*</mnemonic><name>[^<>]*</name><engineering-type>[^<>]*</engineering-type></col>)*"
    rb"</schema>"
)
_COLUMNS: Final = {
    "time": ("sample-time",),
    "thread": ("thread",),
    "process": ("process",),
    "core": ("core",),
    "thread-state": ("thread-state",),
    "weight": ("weight", "cycle-weight"),
    "stack": ("backtrace", "tagged-backtrace"),
}


def read_scanned(source: Source, progress: Progress | None = None) -> list[Found] | None:
    """What ``read_contents`` gives for a document, if it is a profile table just as xctrace writes it; else None."""
    try:
        with source.reader(progress) as stream:
            header, rest = header_of(stream)
            node = _described(header)
            weight, stack = _checked(node)
            grammar, helper, columns = grammar_of(weight, stack), claimed(source), Columns()
            blocks: Iterator[Block]
            if helper is None:
                blocks = (scan(rows, grammar) for rows in streamed(stream, rest))
            elif is_compressed(helper.file.fileno()):
                blocks = _from(helper)
            else:
                blocks = _shared(helper, Pieces(helper.file.fileno(), len(header)), grammar)
            for block in blocks:
                columns.add(block)
    except (UnfamiliarError, InputError):  # damaged compression too: what stands before it may be worse
        return None
    return [Found(node, columns.rows, ScannedTable(columns.builder, UNIT_OF_WEIGHT[weight]))]


def _from(helper: Helper) -> Iterator[Block]:
    """All that a helper finds."""
    while (block := helper.block(wait=True)) is not None:
        yield block
    require(helper.is_done, "the helper gave up")


def _shared(helper: Helper, pieces: Pieces, grammar: Grammar) -> Iterator[Block]:
    """All blocks in order: from the beginning as the helper finds them, the others scanned here, from the end on."""
    given, own = 0, list[Block]()
    while given + len(own) < len(pieces):
        block = helper.block(wait=False)
        if block is None:
            own.append(scan(pieces[len(pieces) - 1 - len(own)], grammar))
        else:
            given += 1
            yield block
    yield from reversed(own)


def _checked(node: Node) -> tuple[str, str]:
    """The types of the columns that may be of several: weight and stack."""
    require(node.schema in PROFILE_TABLES, "another table")
    require([column.mnemonic for column in node.columns] == list(_COLUMNS), "other columns")
    require(all(column.type in _COLUMNS[column.mnemonic] for column in node.columns), "other columns")
    return node.columns[-2].type, node.columns[-1].type


def _described(header: bytes) -> Node:
    """The node, as the reference reader sees it."""
    require(_HEADER.fullmatch(header) is not None, "another document")
    document = header + b"</node></trace-query-result>"
    reference = Document(Source("", lambda: cast(BinaryIO, BytesIO(document))))
    try:
        require(not list(reference.rows()) and len(reference.nodes) == 1, "another document")
    except InputError as error:
        raise UnfamiliarError(str(error)) from error
    return reference.nodes[0]
