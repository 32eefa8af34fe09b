"""What Apple's ``sample`` prints, and Activity Monitor's Sample Process: a call tree with counts of samples.

    Analysis of sampling Tool (pid 123) every 1 millisecond
    …
    Call graph:
        2531 Thread_4711   DispatchQueue_1: com.apple.main-thread  (serial)
        + 2531 start  (in dyld) + 1903  [0x18f4b50e0]
        +   1135 main  (in Tool) + 816  [0x1058f1659]  main.m:75
        +   ! 35 ???  (in libfoo.dylib)  load address 0x102a50000 + 0x86d2c  [0x102ad6d2c]

    Total number in stack (recursive counted multiple, when >=5):
    …
    Binary Images:
           0x102a50000 -        0x102dc719f +com.example.tool (1.0 - 1) <UUID> /path/of/libfoo.dylib

A callee is indented by two columns more than its caller; the signs ``+ ! : |`` only guide the eye. A count includes the
counts below it. One function has several rows where it was seen at several addresses.

Every thread is sampled, whether it runs or waits, so the counts measure time that passed, not CPU time.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tracekit.errors import UnsupportedError
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Facts
from tracekit.model.folded import is_address
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE
from tracekit.readers.demangling import printed_again
from tracekit.readers.text.lines import Lines
from tracekit.readers.text.outline import Amount, Outline, Row, Thread

GRAPH = "Call graph:"
AFTER_GRAPH = ("Total number in stack", "Sort by top of stack", "Binary Images", "Binary images")
UNKNOWN_SYMBOL = "???"
UNKNOWN_IMAGE = "<unknown binary>"

_TITLE = re.compile(r"Analysis of sampling (?P<name>.+) \(pid (?P<pid>[0-9]{1,18})\)(?: every (?P<interval>.+))?")
_PROCESS = re.compile(r"(?P<name>.+) \[(?P<pid>[0-9]{1,18})\]")
_ROW = re.compile(r"[\s+!:|]*(?P<count>[0-9]{1,18})\s+(?P<text>\S.*)")
_BYTES = re.compile(r"\((?:[0-9]+ bytes|[0-9.]+[KMG])\) ")
_THREAD = re.compile(r"Thread_(?P<tid>[0-9]{1,18})(?P<rest>.*)")
_PLACE = re.compile(
    r"(?P<image>.+?)\)(?:\s+load address 0x[0-9a-fA-F]+)?(?:\s+\+\s+[0-9a-fA-Fx,.]+)?"
    r"(?:\s+\[(?P<address>0x[0-9a-fA-F]+)[^\]]*\](?:\s+(?P<file>\S.*):(?P<line>[0-9]{1,9}))?)?(?:\s.*)?"
)
_IMAGE = re.compile(
    r"\s*(?P<start>0x[0-9a-fA-F]{1,16})\s+-\s+\S+\s.*<(?P<uuid>[0-9a-fA-F-]{32,36})>\s+(?P<path>/.*\S)\s*"
)


class Image(NamedTuple):
    """An image as ``ProfileBuilder.binary`` takes it."""

    name: str
    path: str = ""
    uuid: str = ""
    load_addr: int = 0


def recognises(lines: list[str]) -> bool:
    """Whether there is a title, or the head of a call graph with a row below it."""
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if _TITLE.match(line.strip()) or (line.strip() == GRAPH and _ROW.fullmatch(below)):
            return True
    return False


def facts(lines: Lines) -> Facts:
    """Process, OS and date, as the lines above the call graph tell them."""
    said, title = _header(lines)
    process = title or _PROCESS.fullmatch(said.get("Process", ""))
    return Facts(
        process=process["name"] if process else None,
        pid=int(process["pid"]) if process else None,
        os=said.get("OS Version"),
        platform=said.get("Platform"),
        start_date=said.get("Date/Time"),
    )


def _header(lines: Lines) -> tuple[dict[str, str], re.Match[str] | None]:
    """``Key: value`` lines above the call graph, and the title."""
    said: dict[str, str] = {}
    title = None
    for text in lines.texts:
        line = text.strip()
        key, _, value = line.partition(":")
        if line == GRAPH:
            break
        if found := _TITLE.match(line):
            title = title or found
        elif value.strip():
            said.setdefault(key, value.strip())
    return said, title


def read(lines: Lines, facts: Facts) -> Profile:
    """One sample for every row with a count of its own; its weight is that count.

    ``meta.attributes`` holds the ``interval`` of sampling, the ``path`` of the program, and, as the table of contents
    of a recording would, ``record-waiting-threads`` = 1.

    Raises:
        UnsupportedError: the call graph counts memory.
        InputError: there is no call graph, or it has no rows; ``strict`` and a line is not a row, or the end of the
            call graph is missing.
    """
    outline = Outline(lines, step=2)
    images = _images(lines)
    top = Thread(pid=facts.pid or 0, process=facts.process or "")
    for number, line in _graph(lines):
        match = _ROW.fullmatch(line)
        if match is None:
            lines.skip(number, "malformed-line", "is not a row of the call graph")
            continue
        if _BYTES.match(match["text"]):
            raise UnsupportedError(
                f"line {number} counts bytes: this is a call graph of memory, not of CPU samples",
                where=lines.path,
                hint="Use the output of sample",
            )
        _add(outline, number, match, images, top)
    if not outline.rows:
        raise lines.error(f"holds no rows under {GRAPH!r}", hint="Use the whole output of sample")
    outline.fill("samples")
    lines.notices.add(
        "waiting-threads", "sample counts threads that wait as well as those that run: shares are of time, not of CPU"
    )
    said, title = _header(lines)
    known = {"interval": title and title["interval"], "path": said.get("Path"), "record-waiting-threads": "1"}
    meta = Meta(
        unit="samples",
        source=lines.path,
        format="sample",
        attributes=tuple((name, value) for name, value in known.items() if value),
        facts=facts,
        notices=lines.notices.collected(),
    )
    return outline.builder.build(meta)


def _graph(lines: Lines) -> Iterator[tuple[int, str]]:
    """The lines of the first call graph."""
    numbered = iter(lines)
    if not any(line.strip() == GRAPH for _, line in numbered):
        raise lines.error(f"has no line {GRAPH!r}", hint="Use the whole output of sample")
    for number, line in numbered:
        if line.strip().startswith(AFTER_GRAPH):
            break
        if line.strip() not in ("", "----"):
            yield number, line
    else:
        lines.skip(len(lines.texts), "cut-off", "ends within the call graph; the rest of it may be missing")
    for number, line in numbered:
        if line.strip() == GRAPH:
            lines.skip(number, "more-call-graphs", "begins another call graph, which is not read")


def _add(outline: Outline, number: int, row: re.Match[str], images: dict[str, Image], top: Thread) -> None:
    column, text = row.start("count"), row["text"].rstrip()
    parent = outline.parent_at(column, number)
    thread = outline.rows[parent].thread if parent != NONE else top
    frame_id = NONE
    if parent == NONE and (found := _thread(text, top)):
        thread = found
    else:
        frame_id = _frame(outline.builder, text, images)
    outline.add(column, Row(number, text, parent, thread, frame_id, Amount(int(row["count"]))))


def _thread(text: str, top: Thread) -> Thread | None:
    """``Thread_4711: name   DispatchQueue_1: label  (serial)``; the queue's label names a thread without a name."""
    match = _THREAD.match(text)
    if match is None:
        return None
    name, _, queue = match["rest"].partition("DispatchQueue_")
    label = queue.partition(": ")[2].removesuffix("(serial)").removesuffix("(concurrent)")
    return top._replace(tid=int(match["tid"]), name=name.removeprefix(":").strip() or label.strip())


def _frame(builder: ProfileBuilder, text: str, images: dict[str, Image]) -> int:
    """A function; one without a symbol is known by its address, as in exports."""
    name, _, place = text.rpartition(" (in ")
    match = _PLACE.fullmatch(place)
    if not name.strip() or match is None:
        return builder.frame(text, is_symbolicated=not is_address(text))
    known = name.strip() != UNKNOWN_SYMBOL
    return builder.frame(
        printed_again(name.strip()) if known else match["address"] or UNKNOWN_SYMBOL,
        _binary(builder, match["image"], images),
        is_symbolicated=known,
        file=match["file"] or "",
        line=int(match["line"] or 0),
    )


def _binary(builder: ProfileBuilder, image: str, images: dict[str, Image]) -> int:
    if image == UNKNOWN_IMAGE:
        return NONE
    name = image.rpartition("/")[2]
    path = image if name != image else ""
    return builder.binary(*images.get(name, Image(name, path)))


def _images(lines: Lines) -> dict[str, Image]:
    """Images by file name. Of two files of one name nothing but the name is kept: a row does not say which it means."""
    images: dict[str, Image] = {}
    for match in map(_IMAGE.fullmatch, lines.texts):
        if match:
            name = match["path"].rpartition("/")[2]
            image = Image(name, match["path"], match["uuid"].upper(), int(match["start"], 16))
            images[name] = image if images.setdefault(name, image) == image else Image(name)
    return images
