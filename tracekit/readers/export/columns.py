"""Scanned blocks, in order → columns of a profile: every id becomes the value it stands for."""

import re
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from tracekit.model.builder import ProfileBuilder
from tracekit.model.folded import is_address
from tracekit.model.instruments import CORE_LIMIT, TIME_LIMIT, WEIGHT_LIMIT
from tracekit.model.schema import NONE
from tracekit.readers.common import Thread, unescaped
from tracekit.readers.demangling import printed_again
from tracekit.readers.export.cells import Cells, DamagedCellError, Element, in_range, int64, tag_of
from tracekit.readers.export.grammar import Tag
from tracekit.readers.export.scan import Block, Ids, UnfamiliarError, require

_TAGS: Final = {
    "thread": Tag.THREAD,
    "process": Tag.PROCESS,
    "core": Tag.CORE,
    "thread-state": Tag.STATE,
    "frame": Tag.FRAME,
    "uint64": Tag.UINT64,
}
_UNUSED: Final = -2

T = TypeVar("T")

_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
_USUAL_FRAME: Final = re.compile(
    rb'<frame id="([0-9]+)" name="([^"<&]*(?:&(?:amp|lt|gt|quot|apos);[^"<&]*)*)" addr="0x[0-9a-f]+"'
    rb'(?:/>|>(?:<binary ref="([0-9]+)"/>)?(?:<source line="([0-9]{1,9})"><path ref="([0-9]+)"/></source>)?</frame>)'
)
"""Its id, name, image, line and path."""


class Columns:
    """The samples of one table. What each id means is kept in two arrays: its tag, and a number.

    The number of a time or weight is itself, of a frame or stack the builder's id, of a thread or state its position
    in a list; of what nothing reads it is 0.
    """

    def __init__(self) -> None:
        self.builder = ProfileBuilder()
        self.rows = 0
        self._cells = Cells(self.builder)
        self._next_id = 1
        self._tag = np.zeros(1, np.uint8)
        self._value = np.full(1, NONE, np.int64)
        self._frames: dict[tuple[bytes | None, ...], int] = {}
        """Functions by name and references to image and path, as they are written; each is met at several addresses."""
        self._threads = _FirstUse[Thread](self._thread_id)
        self._states = _FirstUse[str](self.builder.state)

    def add(self, block: Block) -> None:
        """Add the rows of the next block.

        Raises:
            UnfamiliarError: it does not continue the blocks before it, or the reference reader would find damage.
        """
        require(block.first_id in (0, self._next_id), "ids that do not count up by one")
        self._grow(block.id_count)
        self._define_all(block.definitions)
        for tag, (ids, numbers) in block.numbers.items():
            self._define(tag, ids, numbers)
        self._add_stacks(block)
        self._values(Tag.PROCESS, block.cells[Tag.PROCESS])
        self._values(Tag.UINT64, block.units)
        weight = self._values(Tag.WEIGHT, block.cells[Tag.WEIGHT])
        time = self._values(Tag.TIME, block.cells[Tag.TIME])
        require(weight.max() < WEIGHT_LIMIT, "a weight beyond all reason")
        require(time.min() >= -TIME_LIMIT and time.max() < TIME_LIMIT, "a time beyond all reason")
        self.builder.samples(
            {
                "time_ns": time,
                "thread_id": self._threads.codes(self._values(Tag.THREAD, block.cells[Tag.THREAD])),
                "path_id": self._values(block.stack, block.cells[block.stack]),
                "weight": weight,
                "state": self._states.codes(self._values(Tag.STATE, block.cells[Tag.STATE])),
                "core": self._values(Tag.CORE, block.cells[Tag.CORE]),
            }
        )
        self.rows += len(weight)

    def _grow(self, count: int) -> None:
        self._next_id += count
        if self._next_id > len(self._tag):
            more = max(self._next_id, 2 * len(self._tag)) - len(self._tag)
            self._tag = np.append(self._tag, np.zeros(more, np.uint8))
            self._value = np.append(self._value, np.zeros(more, np.int64))

    def _define(self, tag: Tag, ids: Ids | list[int], values: NDArray[np.int64] | list[int] | int) -> None:
        self._tag[ids] = tag
        self._value[ids] = values

    def _values(self, tag: Tag, ids: Ids) -> NDArray[np.int64]:
        """What some references and definitions of one tag stand for; id 0 is no value."""
        require(ids.max(initial=0) < self._next_id, "a reference to nothing")
        is_other = self._tag[ids] != tag
        require(not is_other.any() or not ids[is_other].any(), "a reference to nothing, or to another element")
        return self._value[ids]

    def _add_stacks(self, block: Block) -> None:
        frames = self._values(Tag.FRAME, block.frames)
        ids, lengths = block.stacks
        # From the end to the beginning, each stack is root first, and the last stack of the block comes first.
        first = self.builder.stacks(frames[::-1].astype(np.int32), lengths[::-1])
        inner = Tag.BACKTRACE if len(block.wrapped[0]) else block.stack
        self._define(inner, ids, np.arange(first + len(ids) - 1, first - 1, -1))
        outer, wrapped = block.wrapped
        self._define(Tag.TAGGED, outer, self._values(Tag.BACKTRACE, wrapped))

    def _define_all(self, definitions: list[bytes]) -> None:
        """Elements with names and labels, in the document's order, so that the builder's ids come out the same.

        The usual frame is taken apart here, the rest by the XML parser.
        """
        ids: list[int] = []
        frames: list[int] = []
        try:
            for definition in definitions:
                usual = _USUAL_FRAME.fullmatch(definition)
                if usual is not None and usual[2]:
                    ids.append(int(usual[1]))
                    frames.append(self._frame(usual))
                else:
                    self._define_element(definition)
        except DamagedCellError as error:
            raise UnfamiliarError(str(error)) from error
        self._define(Tag.FRAME, ids, frames)

    def _frame(self, usual: re.Match[bytes]) -> int:
        _, text, binary, line, path = usual.groups()
        known = self._frames.get((text, binary, path))
        if known is not None:
            return known
        name = unescaped(text.decode())
        frame = self._frames[text, binary, path] = self.builder.frame(
            printed_again(name),
            NONE if binary is None else self._cells.defined("binary", binary.decode()),
            is_symbolicated=not is_address(name),
            file="" if path is None else self._cells.defined("path", path.decode()),
            line=int(line or 0),
        )
        return frame

    def _define_element(self, definition: bytes) -> None:
        try:
            element = etree.fromstring(definition, _PARSER)
        except etree.XMLSyntaxError as error:
            raise UnfamiliarError(str(error)) from error
        require(element.get("ref") is None, "an element with an id and a ref")
        self._define(_TAGS[tag_of(element)], [int(element.get("id", ""))], self._number(element))

    def _number(self, element: Element) -> int:
        """The number that stands for a definition."""
        value = self._cells.value(element)
        if element.tag == "frame":
            return int(value)
        if isinstance(value, Thread):
            for process in element.iterfind("process[@id]"):
                self._define(Tag.PROCESS, [int(process.get("id", ""))], 0)
            return self._threads.add(value)
        if element.tag == "core":
            return in_range(value, 0, CORE_LIMIT, "the core")
        return self._states.add(value) if isinstance(value, str) else 0

    def _thread_id(self, thread: Thread) -> int:
        try:
            tid, pid = int64(thread.tid, "the thread id"), int64(thread.process.pid, "the pid")
        except DamagedCellError as error:
            raise UnfamiliarError(str(error)) from error
        return self.builder.thread(tid, thread.name, pid, thread.process.name)


class _FirstUse(Generic[T]):
    """Numbers things in the order in which samples first use them, which is not the order of their definitions."""

    def __init__(self, number: Callable[[T], int]) -> None:
        self._number = number
        self._things: list[T] = []
        self._code_of = np.empty(0, np.int64)

    def add(self, thing: T) -> int:
        """The position of a thing that was defined."""
        self._things.append(thing)
        return len(self._things) - 1

    def codes(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of each thing that samples use."""
        fresh = np.full(len(self._things) - len(self._code_of), _UNUSED)
        self._code_of = np.append(self._code_of, fresh)
        unused = positions[self._code_of[positions] == _UNUSED]
        for position in dict.fromkeys(unused.tolist()):
            self._code_of[position] = self._number(self._things[position])
        return self._code_of[positions]
