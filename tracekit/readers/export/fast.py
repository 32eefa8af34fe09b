"""A profile export read block by block, without an XML parser wherever its rows are just as xctrace writes them.

    read ─► cut after a row ─► scan (two threads) ─► columns, in order ─► Found, as read_contents gives it

``scan.py`` says what is accepted. Anything else, be it damaged, edited or merely another table, is left to
``read_contents``, which stays the reference: both give the same Profile.
"""

import os
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final, cast

from tracekit.errors import InputError
from tracekit.model.builder import ProfileBuilder
from tracekit.model.instruments import PROFILE_TABLES
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import Unit
from tracekit.readers.export.columns import Columns
from tracekit.readers.export.digits import PADDING
from tracekit.readers.export.document import Document, Node
from tracekit.readers.export.grammar import Grammar
from tracekit.readers.export.samples import UNIT_OF_WEIGHT, Found
from tracekit.readers.export.scan import Block, UnfamiliarError, require, scan
from tracekit.readers.source import Progress, Reader, Source

_BLOCK_BYTES: Final = 2 << 20
_MOST_HEADER_BYTES: Final = 1 << 16
_MOST_ROW_BYTES: Final = 4 << 20
_WORKERS: Final = min(2, os.cpu_count() or 1)

_ROW, _ROW_END = b"<row>", b"</row>\n"
_TAIL: Final = re.compile(rb"</node></trace-query-result>\n?")
_HEADER: Final = re.compile(
    rb"<\?xml version=\"1\.0\"\?>\n<trace-query-result>\n<node xpath='[^'<>&]*'><schema [^<>]*>"
    rb"(?:<col><mnemonic>[^<>]*</mnemonic><name>[^<>]*</name><engineering-type>[^<>]*</engineering-type></col>)*"
    rb"</schema>"
)
_COLUMNS: Final = (
    ("time", ("sample-time",)),
    ("thread", ("thread",)),
    ("process", ("process",)),
    ("core", ("core",)),
    ("thread-state", ("thread-state",)),
    ("weight", ("weight", "cycle-weight")),
    ("stack", ("backtrace", "tagged-backtrace")),
)


@dataclass(slots=True)
class ScannedTable:
    """A profile table whose rows were all read."""

    builder: ProfileBuilder
    unit: Unit

    def profile(self, meta: Meta) -> Profile:
        """The profile of its rows, which are then given up: they would be in memory twice. To be asked once."""
        builder, self.builder = self.builder, ProfileBuilder()
        return builder.build(meta)


def read_scanned(source: Source, progress: Progress | None = None) -> list[Found] | None:
    """What ``read_contents`` gives for a document, if it is a profile table just as xctrace writes it; else None."""
    try:
        with source.reader(progress) as stream:
            return _read(stream)
    except (UnfamiliarError, InputError):  # damaged compression too: what stands before it may be worse
        return None


def _read(stream: Reader) -> list[Found]:
    head = _at_least(stream, b"", _MOST_HEADER_BYTES)
    header, found, rest = head.partition(_ROW)
    require(bool(found) and _HEADER.fullmatch(header) is not None, "another document")
    node = _described(header)
    require(node.schema in PROFILE_TABLES, "another table")
    require(
        len(node.columns) == len(_COLUMNS)
        and all(
            column.mnemonic == name and column.type in types
            for column, (name, types) in zip(node.columns, _COLUMNS, strict=True)
        ),
        "other columns",
    )
    weight, stack = node.columns[-2].type, node.columns[-1].type
    columns = Columns()
    for block in _scanned(_blocks(stream, _ROW + rest), Grammar(weight, stack)):
        columns.add(block)
    return [Found(node, columns.rows, ScannedTable(columns.builder, UNIT_OF_WEIGHT[weight]))]


def _described(header: bytes) -> Node:
    """The node, as the reference reader sees it."""
    document = header + b"</node></trace-query-result>"
    reference = Document(Source("", lambda: cast(BinaryIO, BytesIO(document))))
    try:
        require(not list(reference.rows()) and len(reference.nodes) == 1, "another document")
    except InputError as error:
        raise UnfamiliarError(str(error)) from error
    return reference.nodes[0]


def _blocks(stream: Reader, begun: bytes) -> Iterator[bytes]:
    """Whole rows, padded for the scanner; after the last the document must end."""
    padding = bytes(PADDING)
    while True:
        data = _at_least(stream, begun, _BLOCK_BYTES)
        end = data.rfind(_ROW_END) + len(_ROW_END)
        if end < len(_ROW_END):
            require(_TAIL.fullmatch(data) is not None, "another end")
            return
        yield b"".join((padding, memoryview(data)[:end], padding))
        begun = data[end:]
        require(len(begun) < _MOST_ROW_BYTES, "a row of more than 4 MB")


def _at_least(stream: Reader, begun: bytes, size: int) -> bytes:
    parts, length = [begun], len(begun)
    while length < size and (part := stream.read(1 << 20)):
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def _scanned(blocks: Iterator[bytes], grammar: Grammar) -> Iterator[Block]:
    """The blocks read and scanned ahead by threads, in order. numpy and zlib let them run at the same time."""
    pending: deque[Future[Block]] = deque()
    with ThreadPoolExecutor(_WORKERS + 1) as pool:
        try:
            following = pool.submit(next, blocks, None)
            while (rows := following.result()) is not None:
                following = pool.submit(next, blocks, None)
                pending.append(pool.submit(scan, rows, grammar))
                if len(pending) > _WORKERS:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
