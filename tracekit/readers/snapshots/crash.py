"""Crash reports.

    .ips     one line of JSON about the report, then JSON: ``threads`` of ``frames``, ``usedImages``
    text     Thread 4 Crashed:: Dispatch queue: com.apple.coreml
             0   libBNNS.dylib    0x1a137b064 BNNSGraphContextExecute_v2 + 20

Crash reporters of other makers write the same text, some without offsets.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, TypeVar

from tracekit.model.facts import Facts
from tracekit.model.profile import Profile
from tracekit.readers.snapshots.stacks import Frame, Stack, profile_of, whole_lines
from tracekit.readers.text.lines import Lines

_FRAME: Final = re.compile(
    r"(?P<number>[0-9]{1,6})\s+(?P<image>\S.*?)\s+(?P<address>0x[0-9a-fA-F]{1,16})\s+(?P<name>\S.*?)"
    r"(?:\s\+\s[0-9]+)?(?:\s\((?P<file>[^()]+):(?P<line>[0-9]{1,9})\))?\s*"
)
_THREAD: Final = re.compile(r"Thread (?P<number>[0-9]{1,9})(?P<said>[^:]*):(?P<rest>.*)")
_QUEUE: Final = re.compile(r"\s*Dispatch queue:\s*")
_PROCESS: Final = re.compile(r"(?P<name>.+) \[(?P<pid>[0-9]{1,18})\]")

T = TypeVar("T")


def recognises_text(lines: list[str]) -> bool:
    """Whether a thread's head has a frame below it."""
    return any(_THREAD.fullmatch(line.strip()) and _FRAME.fullmatch(below.strip()) for line, below in pairwise(lines))


def read_text(lines: Lines) -> Profile:
    """One sample a thread.

    Raises:
        InputError: no thread has a stack; ``strict`` and a line of a stack is not one.
    """
    pairs = (line.partition(":") for line in lines.texts)
    said = {key.strip(): value.strip() for key, colon, value in pairs if colon}
    process = _PROCESS.fullmatch(said.get("Process", ""))
    facts = Facts(
        process=process["name"] if process else None,
        pid=int(process["pid"]) if process else None,
        os=said.get("OS Version"),
        start_date=said.get("Date/Time"),
        device_model=said.get("Hardware Model"),
    )
    return profile_of(lines, _text_stacks(lines), facts)


def _text_stacks(lines: Lines) -> Iterator[Stack]:
    names: dict[int, str] = {}
    number, frames = -1, list[Frame]()
    for at, text in [*whole_lines(lines), (0, "")]:
        line = text.strip()
        head = _THREAD.fullmatch(line)
        match = _FRAME.fullmatch(line) if number >= 0 else None
        if match:
            frames.append(
                Frame(match["name"], match["image"], file=match["file"] or "", line=int(match["line"] or 0))
                if not match["name"].startswith("0x")
                else Frame(match["address"].lower(), match["image"])
            )
            continue
        if line and not head:
            if number >= 0:
                lines.skip(at, "malformed-line", "is no frame of a stack")
            continue
        if frames:
            yield Stack(_titled(number, names.get(number, "")), frames)
        number, frames = -1, []
        if head:
            number = int(head["number"])
            name = _QUEUE.sub("", head["rest"].removeprefix(":")).strip()
            names[number] = name or names.get(number, "")


def _titled(number: int, name: str) -> str:
    return f"Thread {number}" + (f" ({name})" if name else "")


def recognises_json(lines: list[str]) -> bool:
    """Whether it is JSON that names images and threads as ``.ips`` files do, or begins with their line."""
    first = lines[0] if lines else ""
    return first.startswith("{") and ('"bug_type"' in first or ('"usedImages"' in "".join(lines[:50])))


def read_json(lines: Lines) -> Profile:
    """One sample a thread.

    Raises:
        InputError: it is no JSON, or holds no thread.
    """
    text = "\n".join(lines.texts)
    first, _, rest = text.partition("\n")
    try:
        head: Any = json.loads(first) if rest.strip() and first.rstrip().endswith("}") else {}
        body: Any = json.loads(rest if head else text)
    except (ValueError, RecursionError) as error:
        raise lines.error("is no JSON of a crash report", hint="Use the whole file") from error
    head, body = (value if isinstance(value, dict) else {} for value in (head, body))
    pid, process = body.get("pid"), body.get("procName")
    facts = Facts(
        process=process if isinstance(process, str) else None,
        pid=pid if isinstance(pid, int) else None,
        os=_as(str, head.get("os_version")) or None,
        start_date=_as(str, head.get("timestamp")) or None,
        device_model=_as(str, body.get("modelCode")) or None,
    )
    images = [_as(dict, image) for image in _as(list, body.get("usedImages"))]
    threads = [_as(dict, thread) for thread in _as(list, body.get("threads"))]
    stacks = [_json_stack(number, thread, images) for number, thread in enumerate(threads)]
    return profile_of(lines, [stack for stack in stacks if stack.frames], facts)


def _json_stack(number: int, thread: Mapping[str, Any], images: Sequence[Mapping[str, Any]]) -> Stack:
    name = _as(str, thread.get("name")) or _as(str, thread.get("queue"))
    frames = [_json_frame(_as(dict, frame), images) for frame in _as(list, thread.get("frames"))]
    return Stack(_titled(number, name), frames)


def _json_frame(frame: Mapping[str, Any], images: Sequence[Mapping[str, Any]]) -> Frame:
    at = frame.get("imageIndex")
    image = images[at] if isinstance(at, int) and 0 <= at < len(images) else {}
    base, offset = _whole(image.get("base")), _whole(frame.get("imageOffset"))
    name = _as(str, frame.get("symbol")) or f"{base + offset:#x}"
    place = (_as(str, image.get("path")), _as(str, image.get("uuid")).upper(), base % (1 << 64))
    line = _whole(frame.get("sourceLine"))
    source = (_as(str, frame.get("sourceFile")), line if line < 1 << 31 else 0)
    return Frame(name, _as(str, image.get("name")), *place, *source)


def _whole(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < 1 << 63 else 0


def _as(kind: type[T], value: object) -> T:
    """A value of JSON where it is of a kind, else an empty one."""
    return value if isinstance(value, kind) else kind()
