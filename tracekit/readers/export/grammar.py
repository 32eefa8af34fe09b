"""The tags of a profile table's rows as xctrace writes them, byte for byte, and the order they stand in.

What a row is made of, ``…`` being digits or a label; ``definition`` is left to the XML parser:

    <row>  time thread process core state weight stack  </row>\\n

    time     <sample-time id="…" fmt="…">…</sample-time>  |  <sample-time ref="…"/>
    weight   the same, as <weight> or <cycle-weight>
    thread   definition  |  <thread ref="…"/>             and so process, core, thread-state
    stack    <backtrace id="…"> frames </backtrace>  |  <backtrace ref="…"/>  |  <sentinel/>
    frames   (definition  |  <frame ref="…"/>) …

From Xcode 26.4 on the stack is a <tagged-backtrace id="…" fmt="…"> around a <backtrace> and a <uint64>, from 27 on a
<tagged-backtrace id="…"> around the frames. The oldest encoding, <text-addresses>, is not described here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import count
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from tracekit.readers.export.digits import word

Mask = NDArray[np.bool_]


class Tag(IntEnum):
    """What an element is."""

    NOTHING = 0
    ROW = 1
    TIME = 2
    THREAD = 3
    PROCESS = 4
    CORE = 5
    STATE = 6
    WEIGHT = 7
    BACKTRACE = 8
    TAGGED = 9
    UINT64 = 10
    FRAME = 11
    INNER = 12
    """An element inside a definition."""


CELLS: Final = (Tag.TIME, Tag.THREAD, Tag.PROCESS, Tag.CORE, Tag.STATE, Tag.WEIGHT)
"""The cells of a row before its stack, in order."""

NUMBERS: Final = (Tag.TIME, Tag.WEIGHT)

HEAD: Final = 5
"""Tags are told apart by so many bytes first; with the last three of the tag before they are one word."""

_GOLDEN: Final = 0x9E3779B97F4A7C15
_TOP_BYTE: Final = np.uint64(56)

FRAME_REF: Final = b'<frame ref="'
"""Nearly all of a deep export. Looked for before everything else, so it is no template."""

Form = Literal["begin", "end", "empty", "ref", "open", "number", "definition", "plain", "close"]
"""How a tag is written.

begin, end  exactly the prefix                        <row>  </row>\\n  </weight>
empty       exactly the prefix                        <sentinel/>
ref         <frame ref="12"/>                         nothing inside
open        <backtrace id="12">, or with a fmt="…"    what is inside is read here
number      <weight id="12" fmt="1.00 ms">1000000     its text is a number
definition  <thread id="12" …                         up to its end for the XML parser
plain       <source line="7">                         the same, without an id
close       </thread>                                 the end of one of these two
"""

_STACK_FORMS: Final[tuple[Form, ...]] = ("open", "ref", "end")


@dataclass(frozen=True, slots=True)
class Template:
    """One way to write a tag; its position in ``Grammar.templates`` is its code."""

    tag: Tag
    form: Form
    prefix: bytes


class Heads:
    """Templates by their first five bytes, found by a perfect hash: the top byte of a product."""

    def __init__(self, templates: Sequence[Template]) -> None:
        by_head: dict[bytes, list[tuple[int, bytes]]] = {}
        for code, template in enumerate(templates):
            by_head.setdefault(template.prefix[:HEAD], []).append((code, template.prefix[HEAD:]))
        self.groups = [(word(head), members) for head, members in by_head.items()]
        """A head, with the code and the rest of each prefix that begins so."""
        heads = np.array([head for head, _ in self.groups])
        factors = (np.uint64(_GOLDEN * odd % 2**64) for odd in count(1, 2))
        self._factor = next(each for each in factors if len(set((heads * each >> _TOP_BYTE).tolist())) == len(heads))
        self._group = np.zeros(256, np.uint8)
        self._group[heads * self._factor >> _TOP_BYTE] = np.arange(len(heads))

    def group_of(self, heads: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Positions in ``groups``. A head that no template has gets any of them."""
        groups: NDArray[np.uint8] = self._group[heads * self._factor >> _TOP_BYTE]
        return groups


class Grammar:
    """The templates of one document, and tables over their codes."""

    def __init__(self, weight: str, stack: str) -> None:
        """``weight`` and ``stack`` are the engineering types of these two columns."""
        self.stack = Tag.TAGGED if stack == "tagged-backtrace" else Tag.BACKTRACE
        self.templates = _templates(weight)
        self.heads = Heads(self.templates)
        self.tag = np.array([each.tag for each in self.templates], np.uint8)
        self.prefix_length = np.array([len(each.prefix) for each in self.templates])
        self.begins_row = self._code(Tag.ROW, "begin")
        self.ends_row = self._code(Tag.ROW, "end")
        self._written: dict[tuple[Form, ...], Mask] = {}
        self.cell = np.where(self.written("end", "close"), np.uint8(Tag.NOTHING), self.tag)
        """For every code, the element that it is a value of: its beginning, or what stands in its place."""
        self.cell[self.written("empty")] = self.stack
        self.follows = self._successions()
        """[code, code of the next tag]; frames and what is inside definitions are left out."""

    def written(self, *forms: Form) -> Mask:
        """For every code, whether it is one of these forms."""
        if forms not in self._written:
            self._written[forms] = np.array([each.form in forms for each in self.templates])
        return self._written[forms]

    def _code(self, tag: Tag, form: Form) -> int:
        return next(code for code, each in enumerate(self.templates) if (each.tag, each.form) == (tag, form))

    def _successions(self) -> Mask:
        follows = np.zeros((len(self.templates), len(self.templates)), bool)

        def after(befores: Iterable[int], tag: Tag) -> list[int]:
            """Let one value of an element follow; return the codes it may end with."""
            ref = self._code(tag, "ref")
            first = self._code(tag, "number" if tag in NUMBERS else "definition")
            follows[np.ix_([*befores], [first, ref])] = True
            if tag not in NUMBERS:
                return [first, ref]
            last = self._code(tag, "end")
            follows[first, last] = True
            return [last, ref]

        befores = [self.begins_row]
        for tag in CELLS:
            befores = after(befores, tag)
        opens, ref, ends = (self._code(Tag.BACKTRACE, form) for form in _STACK_FORMS)
        follows[opens, ends] = True
        if self.stack is Tag.TAGGED:
            inner, lasts = [opens, ref], after([ends, ref], Tag.UINT64)
            opens, ref, ends = (self._code(Tag.TAGGED, form) for form in _STACK_FORMS)
            follows[opens, [*inner, ends]] = True
            follows[lasts, ends] = True
        nothing = self._code(Tag.NOTHING, "empty")
        follows[np.ix_(befores, [nothing, ref, opens])] = True
        follows[[nothing, ref, ends], self.ends_row] = True
        follows[self.ends_row, self.begins_row] = True
        return follows


grammar_of: Final = cache(Grammar)
"""The grammar of every document whose columns of weight and stack have these engineering types."""


def _templates(weight: str) -> tuple[Template, ...]:
    """All of them, the frequent ones first. No prefix begins another."""
    cells = {
        Tag.TIME: "sample-time",
        Tag.THREAD: "thread",
        Tag.PROCESS: "process",
        Tag.CORE: "core",
        Tag.STATE: "thread-state",
        Tag.WEIGHT: weight,
        Tag.BACKTRACE: "backtrace",
        Tag.TAGGED: "tagged-backtrace",
        Tag.UINT64: "uint64",
    }
    refs = [Template(tag, "ref", f'<{name} ref="'.encode()) for tag, name in cells.items()]
    defined = {tag: [cells[tag]] for tag in (Tag.UINT64, Tag.THREAD, Tag.PROCESS, Tag.CORE, Tag.STATE)}
    defined |= {Tag.FRAME: ["frame"], Tag.INNER: ["binary", "path", "tid", "pid", "device-session"]}
    return (
        Template(Tag.ROW, "begin", b"<row>"),
        Template(Tag.ROW, "end", b"</row>\n"),
        Template(Tag.TIME, "number", b'<sample-time id="'),
        Template(Tag.TIME, "end", b"</sample-time>"),
        *refs,
        Template(Tag.BACKTRACE, "open", b'<backtrace id="'),
        Template(Tag.BACKTRACE, "end", b"</backtrace>"),
        Template(Tag.TAGGED, "open", b'<tagged-backtrace id="'),
        Template(Tag.TAGGED, "end", b"</tagged-backtrace>"),
        Template(Tag.WEIGHT, "number", f'<{weight} id="'.encode()),
        Template(Tag.WEIGHT, "end", f"</{weight}>".encode()),
        Template(Tag.NOTHING, "empty", b"<sentinel/>"),
        *(Template(tag, "definition", f'<{name} id="'.encode()) for tag, names in defined.items() for name in names),
        *(Template(tag, "close", f"</{name}>".encode()) for tag, names in defined.items() for name in names),
        *(Template(Tag.INNER, "ref", f'<{name} ref="'.encode()) for name in defined[Tag.INNER]),
        Template(Tag.INNER, "plain", b'<source line="'),
        Template(Tag.INNER, "close", b"</source>"),
    )
