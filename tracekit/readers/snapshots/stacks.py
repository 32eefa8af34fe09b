"""Stacks of threads → Profile: one sample a stack."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Facts
from tracekit.model.folded import is_address
from tracekit.model.profile import SNAPSHOT, Meta, Profile
from tracekit.model.schema import NONE
from tracekit.readers.text.lines import Lines

MOST_CHARACTERS: Final = 8192
"""A line of a stack has fewer; longer ones are not taken apart, which could take long."""


class Frame(NamedTuple):
    """A function on a stack; its address stands for a name that is not known."""

    name: str
    image: str = ""
    path: str = ""
    uuid: str = ""
    load_addr: int = 0
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Stack:
    """What one thread did, leaf first."""

    thread: str
    frames: Sequence[Frame]
    tid: int = 0


def profile_of(lines: Lines, stacks: Iterable[Stack], facts: Facts) -> Profile:
    """The profile of some stacks.

    Raises:
        InputError: there is none.
    """
    builder = ProfileBuilder()
    count = 0
    for stack in stacks:
        count += 1
        thread = builder.thread(stack.tid or count, stack.thread, facts.pid or 0, facts.process or "")
        frames = [frame_id(builder, frame) for frame in stack.frames]
        builder.sample(time_ns=0, thread_id=thread, stack=builder.stack(frames), weight=1)
    if not count:
        raise lines.error("holds no stack of a thread", hint="Use the whole report")
    return builder.build(meta_of(lines, facts))


def whole_lines(lines: Lines) -> Iterator[tuple[int, str]]:
    """The lines that may be of a stack, without the blanks at their ends."""
    return ((number, text.rstrip()) for number, text in lines if len(text) < MOST_CHARACTERS)


def meta_of(lines: Lines, facts: Facts) -> Meta:
    """Where the stacks come from."""
    notices = lines.notices.collected()
    return Meta(unit="samples", source=lines.path, format=SNAPSHOT, facts=facts, notices=notices)


def frame_id(builder: ProfileBuilder, frame: Frame) -> int:
    """The id of a function."""
    binary = builder.binary(frame.image, frame.path, frame.uuid, frame.load_addr) if frame.image else NONE
    known = not is_address(frame.name)
    return builder.frame(frame.name, binary, is_symbolicated=known, file=frame.file, line=frame.line)
