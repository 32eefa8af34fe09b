"""A profile export as other versions of Xcode would have written it: the same samples in another stack encoding.

Written after docs/export-format.md and with nothing of tracekit, so that it can vouch for the reader::

    XML ── references resolved ──► Value trees ── stacks as Frames ──► Value trees ── numbered anew ──► XML

Ids are dense and in the order of start tags; a value that was written before becomes a reference, so nothing refers
forward. A caller's address is the return address in every encoding but FLAT, which has it less 1.
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from lxml import etree

Element = etree._Element


class Encoding(Enum):
    """How a stack is written, by the Xcode that writes so."""

    TEXT_ADDRESSES = "14.2"
    BACKTRACE = "14.3"
    WRAPPED = "26.4"
    FLAT = "27"


class Value(NamedTuple):
    """An element with every reference in it resolved, and without its id."""

    tag: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    children: tuple["Value", ...] = ()

    def get(self, name: str) -> str:
        return dict(self.attributes).get(name, "")


class Frame(NamedTuple):
    """``inside`` are its image and source position; ``address`` that of the leaf as written, or a return address."""

    name: str
    address: int
    inside: tuple[Value, ...] = ()


class Row(NamedTuple):
    """``stack`` stands for the cell at ``position``, leaf first; None is a sentinel."""

    cells: tuple[Value, ...]
    position: int
    stack: tuple[Frame, ...] | None


NO_ID = ("sentinel", "source")
THREAD_FORMS = {
    Encoding.TEXT_ADDRESSES: "{}  {} ({}, pid: {})",
    Encoding.BACKTRACE: "{}  {} ({}, pid: {})",
    Encoding.WRAPPED: "{} ({}) ({}, pid: {})",
    Encoding.FLAT: "{} ({}) ({}, pid: {})",
}
_THREAD = re.compile(r"^(.*?) {1,2}\(?(0x[0-9a-f]+)\)? \((.*), pid: (\d+)\)$", re.DOTALL)


@cache
def rewrite(xml: bytes, encoding: Encoding) -> str:
    """The export with its stacks, and how threads are named, in another encoding."""
    cells, writer = _Cells(encoding), _Writer()
    nodes = []
    for node, rows in _nodes(xml):
        schema = node.find("schema")
        head = "" if schema is None else _schema(schema, encoding)
        written = "\n".join(f"<row>{''.join(map(writer.element, cells.of(row)))}</row>" for row in rows)
        nodes.append(f"<node xpath='{node.get('xpath')}'>{head}{written}\n</node>")
    return f'<?xml version="1.0"?>\n<trace-query-result>\n{"".join(nodes)}</trace-query-result>\n'


def stacks(xml: bytes) -> list[tuple[Frame, ...] | None]:
    """The stack of every row of an export, leaf first."""
    return [row.stack for _, rows in _nodes(xml) for row in rows]


@cache
def _nodes(xml: bytes) -> list[tuple[Element, list[Row]]]:
    resolve = _Resolver()
    position = -1
    nodes = []
    stacks: dict[int, tuple[Frame, ...] | None] = {}

    def row_of(cells: tuple[Value, ...]) -> Row:
        stack = cells[position]
        if id(stack) not in stacks:  # a value that is referred to is one object
            stacks[id(stack)] = _frames(stack)
        return Row(cells, position, stacks[id(stack)])

    for node in etree.fromstring(xml).iterfind("node"):
        columns = [column.findtext("mnemonic") for column in node.iterfind("schema/col")]
        position = columns.index("stack") if columns else position
        rows = [tuple(resolve(cell) for cell in row) for row in node.iterfind("row")]
        nodes.append((node, [row_of(cells) for cells in rows]))
    return nodes


class _Resolver:
    """Elements → Values. References are resolved by id alone, as ids are unique over the document."""

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}

    def __call__(self, element: Element) -> Value:
        ref = element.get("ref")
        if ref is not None:
            return self._values[ref]
        attributes = tuple((str(name), str(value)) for name, value in element.items() if name != "id")
        children = tuple(self(child) for child in element)
        value = Value(str(element.tag), attributes, "" if children else element.text or "", children)
        identity = element.get("id")
        if identity is not None:
            self._values[identity] = value
        return value


def _frames(stack: Value) -> tuple[Frame, ...] | None:
    if stack.tag == "sentinel":
        return None
    inner = [child for child in stack.children if child.tag == "backtrace"]
    if inner:
        return _frames(inner[0])
    less = 1 if stack.tag == "tagged-backtrace" else 0
    named = [child for child in stack.children if child.tag == "frame"]
    if named:
        leaf, *callers = (Frame(frame.get("name"), int(frame.get("addr"), 16), frame.children) for frame in named)
        return (leaf, *(caller._replace(address=caller.address + less) for caller in callers))
    words = " ".join(child.text for child in stack.children if child.tag == "text-addresses").split()
    first, *rest = [int(word) for word in words if word != "0"]
    name = stack.get("fmt").split(" ← ")[0]
    return (Frame(name, first), *(Frame(f"{address:#x}", address) for address in rest))


# ---- Frames → cells.


class _Cells:
    """Cells in one encoding; those of the same values are the same objects."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._made: dict[tuple[int, int], Value] = {}

    def of(self, row: Row) -> Iterator[Value]:
        process = next(cell for cell in row.cells if cell.tag == "process")
        for position, cell in enumerate(row.cells):
            is_stack = position == row.position and row.stack is not None
            yield self._written(cell, row.stack, process) if cell.tag == "thread" or is_stack else cell

    def _written(self, cell: Value, stack: tuple[Frame, ...] | None, process: Value) -> Value:
        same = id(cell), id(process)
        if same not in self._made:
            if cell.tag == "thread":
                self._made[same] = _thread(cell, THREAD_FORMS[self._encoding])
            else:
                assert stack is not None
                self._made[same] = _ENCODERS[self._encoding](stack, process)
        return self._made[same]


def _thread(thread: Value, form: str) -> Value:
    match = _THREAD.match(thread.get("fmt"))
    assert match, thread
    return thread._replace(attributes=(("fmt", form.format(*match.groups())),))


def _text_addresses(frames: tuple[Frame, ...], process: Value) -> Value:
    addresses = [str(frame.address) for frame in frames]
    split = min(2, len(addresses) - 1)
    fragments = [
        Value("text-addresses", (("fmt", f"frag {len(part)}"),), " ".join(part))
        for part in (addresses[:split], addresses[split:])
    ]
    return Value("backtrace", (_fmt(frames),), children=(process, fragments[0], process, fragments[1]))


def _backtrace(frames: tuple[Frame, ...], _: Value) -> Value:
    return Value("backtrace", children=tuple(_frame(frame, frame.address) for frame in frames))


def _wrapped(frames: tuple[Frame, ...], process: Value) -> Value:
    return Value(
        "tagged-backtrace",
        (_fmt(frames),),
        children=(_backtrace(frames, process), Value("uint64", (("fmt", "0"),), "0")),
    )


def _flat(frames: tuple[Frame, ...], _: Value) -> Value:
    children = [_frame(frames[0], frames[0].address)]
    for callee, caller in pairwise(frames):
        is_inlined = caller.address == callee.address and caller.name != callee.name
        children.append(_frame(caller, caller.address - 1, (("inlined", "true"),) if is_inlined else ()))
    return Value("tagged-backtrace", children=tuple(children))


def _frame(frame: Frame, address: int, first: tuple[tuple[str, str], ...] = ()) -> Value:
    return Value("frame", (*first, ("name", frame.name), ("addr", f"{address:#x}")), children=frame.inside)


def _fmt(frames: tuple[Frame, ...]) -> tuple[str, str]:
    return "fmt", f"{frames[0].name} ← ({len(frames) - 1} other frames)"


_ENCODERS: dict[Encoding, Callable[[tuple[Frame, ...], Value], Value]] = {
    Encoding.TEXT_ADDRESSES: _text_addresses,
    Encoding.BACKTRACE: _backtrace,
    Encoding.WRAPPED: _wrapped,
    Encoding.FLAT: _flat,
}


# ---- Cells → XML.


def _schema(schema: Element, encoding: Encoding) -> str:
    is_tagged = encoding in (Encoding.WRAPPED, Encoding.FLAT)
    columns = []
    for column in schema.iterfind("col"):
        mnemonic, name, kind = (column.findtext(tag) or "" for tag in ("mnemonic", "name", "engineering-type"))
        if mnemonic == "stack":
            kind = "tagged-backtrace" if is_tagged else "backtrace"
        columns.append(
            f"<col><mnemonic>{mnemonic}</mnemonic><name>{name}</name><engineering-type>{kind}</engineering-type></col>"
        )
    documentation = ' documentation="What it shows."' if is_tagged else ""
    return f'<schema name="{schema.get("name")}"{documentation}>{"".join(columns)}</schema>'


class _Writer:
    """Values → XML; every value once, and from then on as a reference. The values must live as long as it does."""

    def __init__(self) -> None:
        self._ids: dict[Value, int] = {}
        self._id_of_object: dict[int, int] = {}
        """The same, found without a look at all that is inside."""

    def element(self, value: Value) -> str:
        head = value.tag
        if value.tag not in NO_ID:
            known = self._id_of_object.get(id(value)) or self._ids.get(value)
            if known is not None:
                self._id_of_object[id(value)] = known
                return f'<{value.tag} ref="{known}"/>'
            self._ids[value] = self._id_of_object[id(value)] = len(self._ids) + 1
            head += f' id="{self._ids[value]}"'
        head += "".join(f' {name}="{_escaped(text)}"' for name, text in value.attributes)
        inside = _escaped(value.text) + "".join(map(self.element, value.children))
        return f"<{head}>{inside}</{value.tag}>" if inside else f"<{head}/>"


def _escaped(text: str) -> str:
    return text.translate({ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"})
