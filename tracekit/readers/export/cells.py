"""One XML element → one value.

An element defines a value (``id``), refers to one defined anywhere before it in the document (``ref``), or holds one
of its own. What a value is, its tag says: ``<tid>`` an integer, ``<thread>`` a Thread, ``<frame>`` a frame of the
builder. Ids are unique over the whole document, so one ``Cells`` reads all of it.
"""

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from tracekit.errors import UnsupportedError
from tracekit.model.builder import ProfileBuilder
from tracekit.model.folded import is_address
from tracekit.model.instruments import TIME_LIMIT
from tracekit.model.schema import NONE
from tracekit.readers.common import Process, Thread
from tracekit.readers.demangling import printed_again

Element = etree._Element

TIME_TAGS = frozenset(["sample-time", "event-time", "start-time", "duration", "duration-on-core", "duration-waiting"])
"""Tags whose text is a time of the recording or a duration, in nanoseconds."""

INTEGER_TAGS = TIME_TAGS | frozenset(
    [
        *("time-since-epoch", "mach-absolute-time", "weight", "cycle-weight", "pmc-event"),
        *("uint64", "uint32", "uint16", "uint8", "int64", "int32", "boolean", "address", "text-address"),
        *("core", "tid", "pid", "fd", "layout-id", "os-signpost-identifier", "swift-task-id", "frame-number"),
        *("size-in-bytes", "size-in-pages", "event-count", "metal-nesting-level", "render-buffer-depth"),
        *("network-size-in-bytes", "displayed-surface-swap", "metal-workload-priority", "mach-port", "vnode"),
        *("mach-o-vm-offset", "register-content", "swift-actor-id"),
        *("syscall-return", "syscall-arg"),
        *("kdebug-arg", "kdebug-code", "kdebug-class", "kdebug-subclass", "kdebug-func"),
    ]
)
"""Tags whose text is one decimal integer. Their ``fmt`` follows the reader's locale and is never parsed."""

_TID_IN_FMT = re.compile(r"\(?0x([0-9a-f]{1,16})\)?\s{1,2}\(")
_PID_IN_FMT = re.compile(r", pid: ([0-9]{1,19})\)$")
_PROCESS_FMT = re.compile(r"^(?P<name>.*) \([0-9]+\)$", re.S)
_NUMBER = re.compile(r"^-?[0-9]{1,20}$")
_ADDRESS = re.compile(r"^[0-9]{1,20}$")
_INT64_LIMIT = 1 << 63


class DamagedCellError(Exception):
    """A cell that cannot be read; its row is skipped and counted."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def tag_of(element: Element) -> str:
    """The element's tag. Comments and processing instructions, which have none, are not parsed (document.py)."""
    return str(element.tag)


class Cells:
    """Decodes elements, remembers those with an id, resolves those with a ref."""

    def __init__(self, builder: ProfileBuilder) -> None:
        self._builder = builder
        self._defined: dict[str, dict[str, Any]] = {}
        self._decoders: dict[str, Callable[[Element], Any]] = {
            "thread": self._thread,
            "process": self._process,
            "frame": self._frame,
            "binary": self._binary,
            "text-addresses": self._addresses,
            **dict.fromkeys(INTEGER_TAGS, _integer),
            **dict.fromkeys(TIME_TAGS, _time),
            "sockaddr": self._shown,
        }

    def teach(self, tag: str, decoder: Callable[[Element], Any]) -> None:
        """Let ``decoder`` read elements of ``tag``."""
        self._decoders[tag] = decoder

    def value(self, element: Element) -> Any:
        """The value of an element; None for ``<sentinel/>``.

        Raises:
            DamagedCellError: a ref without a definition, or text that is not what the tag promises.
        """
        tag = tag_of(element)
        ref = element.get("ref")
        if ref is not None:
            return self.defined(tag, ref)
        if tag == "sentinel":
            return None
        value = self._decoders.get(tag, self._text)(element)
        identity = element.get("id")
        if identity is not None:
            self._defined.setdefault(tag, {})[identity] = value
        return value

    def defined(self, tag: str, ref: str) -> Any:
        """The value that was defined under an id.

        Raises:
            DamagedCellError: none was.
        """
        try:
            return self._defined[tag][ref]
        except KeyError:
            raise DamagedCellError(
                "dangling-ref", f'<{tag} ref="{ref}"/> refers to nothing that was defined before'
            ) from None

    def define_all(self, element: Element) -> None:
        """Remember every definition inside an element that nobody asked for or that is damaged: later rows may refer
        to them.
        """
        for inner in element.iter():
            if inner.get("id") is not None:
                self._define_quietly(inner)

    def _define_quietly(self, element: Element) -> None:
        try:
            self.value(element)
        except (DamagedCellError, UnsupportedError):
            return  # no harm unless a row refers to it, and that row will say so

    def _text(self, element: Element) -> str:
        """Leaf elements hold their text; composed ones (labels, narratives, messages) are complete only in ``fmt``."""
        for child in element:
            self.value(child)
        return (element.get("fmt") if len(element) or element.text is None else element.text) or ""

    def _shown(self, element: Element) -> str:
        """What is readable in ``fmt`` alone: the text of a network address is the bytes of a struct."""
        return element.get("fmt") or element.text or ""

    def _child(self, element: Element, tag: str) -> Any:
        child = element.find(tag)
        return None if child is None else self.value(child)

    def _thread(self, element: Element) -> Thread:
        told = _parsed_thread(element.get("fmt") or "")
        tid, process = self._child(element, "tid"), self._child(element, "process")
        return Thread(told.tid if tid is None else tid, told.name, told.process if process is None else process)

    def _process(self, element: Element) -> Process:
        for child in element:
            if child.tag != "pid":
                self.define_all(child)
        pid = self._child(element, "pid")
        fmt = element.get("fmt") or ""
        named = _PROCESS_FMT.match(fmt)
        return Process(pid if pid is not None else 0, named["name"] if named else fmt)

    def _binary(self, element: Element) -> int:
        return self._builder.binary(
            element.get("name") or "",
            element.get("path") or "",
            element.get("UUID") or "",
            _address(element.get("load-addr") or "0x0"),
        )

    def _frame(self, element: Element) -> int:
        name = element.get("name") or element.get("addr")
        if name is None:
            raise DamagedCellError("nameless-frame", "a <frame> has neither a name nor an address")
        binary = self._child(element, "binary")
        file, line = self._position(element)
        return self._builder.frame(
            printed_again(name),
            NONE if binary is None else binary,
            is_symbolicated=not is_address(name),
            file=file,
            line=line,
        )

    def _position(self, element: Element) -> tuple[str, int]:
        source = element.find("source")
        if source is None:
            return "", 0
        line = source.get("line") or "0"
        return self._child(source, "path") or "", int(line) if line.isdecimal() and len(line) < 10 else 0

    def _addresses(self, element: Element) -> tuple[int, ...]:
        words = (element.text or "").split()
        if not all(_ADDRESS.match(word) for word in words):
            raise DamagedCellError("bad-number", "<text-addresses> holds something that is not an address")
        return tuple(map(int, words))


def _parsed_thread(fmt: str) -> Thread:
    """``name (0x1f) (process, pid: 7)``, with or without the first parentheses, in its parts.

    A name may hold anything, so the last thing that looks like a thread id is taken for it. What is not told is 0 or
    empty.
    """
    tids = list(_TID_IN_FMT.finditer(fmt))
    pid = _PID_IN_FMT.search(fmt, tids[-1].end()) if tids else None
    if pid is None:
        return Thread(0, fmt, Process(0, ""))
    tid = tids[-1]
    return Thread(int(tid[1], 16), fmt[: tid.start()].rstrip(), Process(int(pid[1]), fmt[tid.end() : pid.start()]))


def _integer(element: Element) -> int:
    text = (element.text or "").strip()
    if not _NUMBER.match(text) or not -_INT64_LIMIT <= int(text) < 2 * _INT64_LIMIT:
        raise DamagedCellError(
            "bad-number", f"<{tag_of(element)}> holds {text[:40]!r}, which is not a whole 64-bit number"
        )
    return int(text)


def _time(element: Element) -> int:
    """A duration is never negative; a time may be, before the recording began."""
    tag = tag_of(element)
    is_duration = tag.startswith("duration")
    return in_range(_integer(element), 0 if is_duration else -TIME_LIMIT, TIME_LIMIT, f"<{tag}>")


def in_range(value: Any, low: int, high: int, what: str) -> int:
    """``value`` where it is a whole number within bounds.

    Raises:
        DamagedCellError: it is missing or outside.
    """
    if value is None:
        raise DamagedCellError("no-value", f"{what} is missing")
    if not isinstance(value, int) or not low <= value < high:
        raise DamagedCellError("bad-number", f"{what} is {value!r}, expected a whole number from {low} below {high}")
    return value


def int64(value: Any, what: str) -> int:
    """``value`` where it is a whole number that a signed 64-bit column holds."""
    return in_range(value, -_INT64_LIMIT, _INT64_LIMIT, what)


def _address(text: str) -> int:
    try:
        value = int(text, 16)
    except ValueError:
        raise DamagedCellError("bad-number", f"load-addr={text[:40]!r} is not an address") from None
    if not 0 <= value < 1 << 64:
        raise DamagedCellError("bad-number", f"load-addr={text[:40]!r} is not a 64-bit address")
    return value
