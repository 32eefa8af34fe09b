"""The four encodings of a backtrace, leaf first in all of them (docs/export-format.md).

    <= 14.2   <backtrace fmt="leaf ← (k other frames)"> <process/><text-addresses/> <process/><text-addresses/>
    14.3-26.3 <backtrace> <frame/>…
    26.4-26.5 <tagged-backtrace> <backtrace> <frame/>… </backtrace> <uint64/>
    27        <tagged-backtrace> <frame/>…

The encoding is told by what is there, never by a version: an export names none. A fifth shape is an error.
"""

from collections.abc import Sequence

from tracekit.errors import UnsupportedError
from tracekit.model.builder import ProfileBuilder
from tracekit.model.folded import is_address
from tracekit.model.schema import NONE
from tracekit.readers.demangling import printed_again
from tracekit.readers.export.cells import Cells, Element, tag_of

STACK_TAGS = ("backtrace", "tagged-backtrace")
_BESIDE_FRAMES = ("process", "uint64", "boolean", "sentinel")


class Stacks:
    """Teaches ``cells`` to read stacks as ids of the builder; -1 for a stack without frames."""

    def __init__(self, cells: Cells, builder: ProfileBuilder, where: str) -> None:
        self._cells = cells
        self._builder = builder
        self._where = where
        for tag in STACK_TAGS:
            cells.teach(tag, self._stack)

    def cell(self, element: Element, row: int) -> int:
        """The stack of a cell of a profile's stack column.

        Raises:
            UnsupportedError: a stack of a shape that is not known, with what was found.
            DamagedCellError: a reference to nothing.
        """
        if element.tag == "sentinel":
            return NONE
        if element.tag not in STACK_TAGS:
            raise self._unknown_shape(element, row)
        stack: int = self._cells.value(element)
        return stack

    def _stack(self, element: Element) -> int:
        kind = _kind(element)
        if kind is None:
            raise self._unknown_shape(element, None)
        values = [(child.tag, self._cells.value(child)) for child in element]
        parts = [value for tag, value in values if tag == kind]
        if kind == "sentinel":
            return NONE
        if kind == "backtrace":
            inner: int = parts[0]
            return inner
        if kind == "text-addresses":
            names = address_names([address for part in parts for address in part], element.get("fmt") or "")
            parts = [self._builder.frame(printed_again(name), is_symbolicated=not is_address(name)) for name in names]
        return self._builder.stack(parts)

    def _unknown_shape(self, element: Element, row: int | None) -> UnsupportedError:
        inside = ", ".join(sorted({f"<{tag_of(child)}>" for child in element}))
        place = f"row {row}: " if row is not None else f"line {element.sourceline}: "
        return UnsupportedError(
            f"{place}the stack is written in a way this version does not know: "
            f"<{tag_of(element)}> holding {inside or 'nothing'}",
            where=self._where,
            hint="Please report it with the first rows of the file; a newer tracekit may read it",
        )


def _kind(element: Element) -> str | None:
    """The tag of what holds the frames, ``sentinel`` where there are none, None in a shape that is not known."""
    held = [tag_of(child) for child in element if child.tag not in _BESIDE_FRAMES]
    if not held:
        return "sentinel" if len(element) == 0 or element.find("sentinel") is not None else None
    is_known = held == ["backtrace"] or set(held) in ({"frame"}, {"text-addresses"})
    return held[0] if is_known else None


def address_names(addresses: Sequence[int], fmt: str) -> list[str]:
    """What frames of bare addresses are called. Only the leaf has a symbol, and only in ``fmt``; a final 0 ends the
    list (12.5).
    """
    names = [f"{address:#x}" for address in addresses]
    if names and addresses[-1] == 0:
        names.pop()
    leaf = fmt.rpartition(" ← (")[0] or fmt
    return [leaf, *names[1:]] if names and leaf else names
