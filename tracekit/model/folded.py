"""Profile ⇄ folded text, ``root;caller;leaf 42``: the exchange format; tests read and write it, too.

A frame may carry its image in LLDB's notation, ``Espresso`Espresso::net::__forward``. Semicolons in a symbol are
written as ``:`` (inferno and flamegraph.pl know no escape), line breaks as spaces, a symbol without a name as ``?``;
blanks around a symbol are lost. What was written so reads back as the same text.
"""

import re

import numpy as np
from numpy.typing import NDArray

from tracekit.model.builder import ProfileBuilder
from tracekit.model.forest import forest_of, paths_of
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE, Unit
from tracekit.model.sums import added

_LINE = re.compile(r"^(?P<stack>.*\S)\s+(?P<weight>[0-9]{1,19})$")
_IMAGE = re.compile(r"^(?P<image>[^`;\s][^`;]*)`(?P<name>.+)$")
_HEX = re.compile(r"^0x[0-9a-fA-F]+$")
_LINE_BREAK = re.compile(r"[\r\n]")
_MAX_WEIGHT = np.iinfo(np.int64).max


def is_address(name: str) -> bool:
    """Whether a frame's name is only an address: xctrace's look of an unsymbolicated frame."""
    return _HEX.match(name) is not None


def split_image(text: str) -> tuple[str, str]:
    """``Image`symbol`` as (image, symbol); the image is empty where none is written."""
    match = _IMAGE.match(text)
    return (match["image"], match["name"]) if match else ("", text)


def parse_line(line: str) -> tuple[list[str], int] | None:
    """Frames, root first, and weight of one folded line; None where it is not one."""
    match = _LINE.match(line)
    if match is None or int(match["weight"]) > _MAX_WEIGHT:
        return None
    return [frame.strip() for frame in match["stack"].split(";")], int(match["weight"])


def is_ignored(line: str) -> bool:
    """Whether a line that is not folded says nothing: it is blank, or a comment after ``#``."""
    return not line.strip() or line.lstrip().startswith("#")


def to_folded(profile: Profile, *, weight: bool = True, images: bool = False) -> str:
    """One line a distinct stack, sorted; ``weight=False`` counts samples instead.

    Samples without a stack are left out.
    """
    samples = profile.samples
    amount = samples["weight"].to_numpy() if weight else np.ones(len(samples), np.int64)
    stack_id = samples["stack_id"].to_numpy()
    own = added(stack_id[stack_id != NONE], amount[stack_id != NONE], len(profile.stacks))
    rows = np.flatnonzero(own)
    lines: dict[str, int] = {}
    for path, count in zip(path_texts(profile, rows, images=images), own[rows].tolist(), strict=True):
        lines[path] = lines.get(path, 0) + count
    return "".join(f"{path} {count}\n" for path, count in sorted(lines.items()))


def path_texts(profile: Profile, rows: NDArray[np.int64], *, images: bool = False) -> list[str]:
    """The folded text, root first, of some rows of ``stacks``."""
    frames, lengths = paths_of(forest_of(profile.stacks), rows)
    labels = frame_labels(profile, images=images)
    names = [labels[frame] for frame in frames.tolist()]
    ends = np.cumsum(lengths).tolist()
    return [";".join(names[end - length : end]) for end, length in zip(ends, lengths.tolist(), strict=True)]


def frame_labels(profile: Profile, *, images: bool = False) -> list[str]:
    """The name of every frame as folded text may carry it."""
    names = [_written(name) or "?" for name in profile.frames["name"]]
    if not images:
        return names
    binary = [*(_written(name).replace("`", "'") for name in profile.binaries["name"]), ""]
    owners = [binary[index] for index in profile.frames["binary_id"]]
    return [f"{owner}`{name}" if owner else name for owner, name in zip(owners, names, strict=True)]


def _written(name: str) -> str:
    """A name without what would end a frame or a line."""
    return _LINE_BREAK.sub(" ", name).replace(";", ":").strip()


def from_folded(text: str, *, unit: Unit = "samples", thread: str = "") -> Profile:
    """A profile of one thread from folded text: a line a sample, its number the weight. Lines that are not folded
    are counted in the notices.
    """
    builder = ProfileBuilder()
    thread_id = builder.thread(0, thread)
    for number, line in enumerate(text.split("\n"), start=1):
        if not add_line(builder, line, thread_id) and not is_ignored(line):
            builder.notices.add(
                "skipped-row:malformed-line", f"line {number} is not 'frame;frame weight' and was skipped"
            )
    return builder.build(Meta(unit=unit, format="folded"))


def add_line(builder: ProfileBuilder, line: str, thread_id: int) -> bool:
    """Add one line of folded text as one sample; False where it is not one."""
    parsed = parse_line(line.strip())
    if parsed is None:
        return False
    frames, weight = parsed
    builder.sample(time_ns=0, thread_id=thread_id, stack=builder.stack(_frame_ids(builder, frames)), weight=weight)
    return True


def _frame_ids(builder: ProfileBuilder, frames: list[str]) -> list[int]:
    ids = []
    for text in reversed(frames):
        image, name = split_image(text)
        binary = builder.binary(image) if image else NONE
        ids.append(builder.frame(name, binary, is_symbolicated=not is_address(name)))
    return ids
