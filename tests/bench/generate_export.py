"""Exports of any size, with the statistics of real ones, written as `xctrace` writes them.

    python -m tests.bench.generate_export /tmp/deep.xml --rows 200000                    111 MB, depth 20 to 60
    python -m tests.bench.generate_export /tmp/shallow.xml --rows 479050 --stacks 16     100 MB of repeats
    python -m tests.bench.generate_export /tmp/small.xml --rows 9581 --stacks 16         2 MB
    … --encoding text-addresses | backtrace | wrapped | flat                             by Xcode, oldest first

What is like real recordings: half of the rows repeat a stack that was written before; a new stack keeps the root side
of an earlier one and differs towards its leaf; functions are drawn by Zipf's law and each is met at a few addresses;
a tenth of the functions has a source line, a tenth has no image and no name. The same arguments give the same bytes.
"""

import argparse
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Stacks = Literal["text-addresses", "backtrace", "wrapped", "flat"]
ENCODINGS: Final[tuple[Stacks, ...]] = ("text-addresses", "backtrace", "wrapped", "flat")

_BASE: Final = 0x1_8000_0000
_IMAGE_SIZE: Final = 0x20_0000
_FUNCTION_SIZE: Final = 0x400
_COLUMNS: Final = ("sample-time", "thread", "process", "core", "thread-state", "weight")


@dataclass(frozen=True, slots=True)
class Shape:
    """What an export is like."""

    rows: int
    encoding: Stacks = "backtrace"
    repeats: float = 0.5
    """Share of rows whose stack was written before."""
    stacks: int | None = None
    """At most so many distinct stacks; without it ``repeats`` alone decides."""
    depth: tuple[int, int] = (20, 60)
    functions: int = 6_000
    addresses: int = 4
    """At how many addresses a function is met."""
    kept: float = 0.5
    """The most of an earlier stack, from its root, that a new one keeps; 0: every frame is drawn anew."""
    threads: int = 12
    images: int = 80
    seed: int = 1


def export_text(shape: Shape) -> Iterator[str]:
    """The document in pieces."""
    stack_type = "tagged-backtrace" if shape.encoding in ("wrapped", "flat") else "backtrace"
    columns = "".join(
        f"<col><mnemonic>{'time' if kind == 'sample-time' else kind}</mnemonic><name>{kind}</name>"
        f"<engineering-type>{kind}</engineering-type></col>"
        for kind in _COLUMNS
    )
    yield (
        '<?xml version="1.0"?>\n<trace-query-result>\n'
        "<node xpath='//trace-toc[1]/run[1]/data[1]/table[11]'>"
        f'<schema name="time-profile">{columns}<col><mnemonic>stack</mnemonic><name>Backtrace</name>'
        f"<engineering-type>{stack_type}</engineering-type></col></schema>"
    )
    document = _Document(shape)
    for first in range(0, shape.rows, 4096):
        yield from document.rows(first, min(first + 4096, shape.rows))
    yield "</node></trace-query-result>\n"


def write_export(path: Path, shape: Shape) -> None:
    """Write an export; gzip where the name ends in ``.gz``."""
    with gzip.open(path, "wb", compresslevel=6) if path.suffix == ".gz" else path.open("wb") as stream:
        for piece in export_text(shape):
            stream.write(piece.encode())


class _Document:
    """Writes each value once, and from then on as a reference; elements are numbered in the order they begin."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._random = np.random.default_rng(shape.seed)
        self._next = 1
        self._ids: dict[tuple[str, object], int] = {}
        self._frame_refs: dict[int, str] = {}
        self._stacks: list[NDArray[np.int64]] = []
        ranks = np.arange(1, shape.functions + 1)
        self._popularity = np.cumsum(1 / ranks) / np.sum(1 / ranks)

    def rows(self, first: int, last: int) -> Iterator[str]:
        count = last - first
        shape, random = self._shape, self._random
        thread = np.minimum(random.zipf(1.6, count), shape.threads) - 1
        core = random.integers(0, 8, count)
        jitter = random.integers(0, 1000, count)
        repeats = random.random(count) < shape.repeats
        without_stack = random.random(count) < 0.0005
        for row in range(count):
            time = (first + row) * 1_000_000 + 500_000_000 + int(jitter[row])
            cells = (
                self._text("sample-time", time, _clock(time))
                + self._thread(int(thread[row]))
                + self._process()
                + self._text("core", int(core[row]), f"CPU {core[row]} (P Core)")
                + self._text("thread-state", "Running", "Running")
                + self._text("weight", 1_000_000, "1.00 ms")
            )
            stack = "<sentinel/>" if without_stack[row] else self._stack(bool(repeats[row]))
            yield f"<row>{cells}{stack}</row>\n"

    def _number(self) -> int:
        number, self._next = self._next, self._next + 1
        return number

    def _text(self, tag: str, value: object, fmt: str) -> str:
        known = self._ids.get((tag, value))
        if known is not None:
            return f'<{tag} ref="{known}"/>'
        number = self._number()
        if tag != "sample-time":  # times hardly ever repeat, and a table of them would fill the memory
            self._ids[tag, value] = number
        return f'<{tag} id="{number}" fmt="{fmt}">{value}</{tag}>'

    def _process(self) -> str:
        known = self._ids.get(("process", 0))
        if known is not None:
            return f'<process ref="{known}"/>'
        number = self._ids["process", 0] = self._number()
        inner = self._text("pid", 4242, "4242") + self._text("device-session", "TODO", "TODO")
        return f'<process id="{number}" fmt="bench &amp; co (4242)">{inner}</process>'

    def _thread(self, index: int) -> str:
        known = self._ids.get(("thread", index))
        if known is not None:
            return f'<thread ref="{known}"/>'
        number = self._ids["thread", index] = self._number()
        tid = 0x8480C1 + index
        inner = self._text("tid", tid, f"{tid:#x}") + self._process()
        return f'<thread id="{number}" fmt="worker {index} {tid:#x} (bench &amp; co, pid: 4242)">{inner}</thread>'

    def _stack(self, repeat: bool) -> str:
        shape = self._shape
        is_full = shape.stacks is not None and len(self._stacks) >= shape.stacks
        tag = "tagged-backtrace" if shape.encoding in ("wrapped", "flat") else "backtrace"
        if self._stacks and (repeat or is_full):
            # the square prefers the early ones: a few stacks take most of the samples
            chosen = int(len(self._stacks) * self._random.random() ** 2)
            return f'<{tag} ref="{self._ids["stack", chosen]}"/>'
        number = self._ids["stack", len(self._stacks)] = self._number()
        frames = self._new_stack()
        self._stacks.append(frames)
        fmt = f' fmt="{_name(int(frames[0]) // shape.addresses)} ← ({len(frames) - 1} other frames)"'
        if shape.encoding == "text-addresses":
            return f'<backtrace id="{number}"{fmt}>{self._addresses(frames)}</backtrace>'
        if shape.encoding == "wrapped":
            inner = f'<backtrace id="{self._number()}">{self._frames(frames)}</backtrace>'
            return f'<{tag} id="{number}"{fmt}>{inner}{self._text("uint64", 0, "0")}</{tag}>'
        return f'<{tag} id="{number}">{self._frames(frames)}</{tag}>'

    def _new_stack(self) -> NDArray[np.int64]:
        """Frames, leaf first; a frame is function × addresses + address."""
        shape, random = self._shape, self._random
        depth = int(random.integers(*shape.depth, endpoint=True))
        root: NDArray[np.int64] = np.empty(0, np.int64)
        if self._stacks and shape.kept:
            earlier = self._stacks[int(len(self._stacks) * random.random())]
            kept = int(min(len(earlier), depth) * shape.kept * random.random() * 2)
            root = earlier[len(earlier) - min(kept, depth - 1, len(earlier)) :]
        drawn = np.searchsorted(self._popularity, random.random(depth - len(root)))
        fresh = drawn * shape.addresses + random.integers(0, shape.addresses, len(drawn))
        return np.concatenate([fresh, root])

    def _frames(self, frames: NDArray[np.int64]) -> str:
        return "".join([self._frame_refs.get(frame) or self._frame(frame) for frame in frames.tolist()])

    def _frame(self, frame: int) -> str:
        number = self._number()
        self._frame_refs[frame] = f'<frame ref="{number}"/>'
        function, site = divmod(frame, self._shape.addresses)
        address = _address(function, self._shape.images) + 4 * site + 1
        if function % 10 == 9:
            return f'<frame id="{number}" name="{address:#x}" addr="{address:#x}"/>'
        inner = self._binary(function % self._shape.images)
        if function % 10 == 1:
            inner += f'<source line="{function % 900}">{self._path(function)}</source>'
        return f'<frame id="{number}" name="{_name(function)}" addr="{address:#x}">{inner}</frame>'

    def _binary(self, image: int) -> str:
        known = self._ids.get(("binary", image))
        if known is not None:
            return f'<binary ref="{known}"/>'
        number = self._ids["binary", image] = self._number()
        return (
            f'<binary id="{number}" name="image{image}" UUID="37CEBB20-0448-392C-9F01-{image:012X}" arch="arm64e" '
            f'load-addr="{_BASE + image * _IMAGE_SIZE:#x}" path="/usr/lib/image{image}"/>'
        )

    def _path(self, function: int) -> str:
        known = self._ids.get(("path", function % 50))
        if known is not None:
            return f'<path ref="{known}"/>'
        number = self._ids["path", function % 50] = self._number()
        return f'<path id="{number}">/src/file{function % 50}.cpp</path>'

    def _addresses(self, frames: NDArray[np.int64]) -> str:
        shape = self._shape
        texts = [
            str(_address(frame // shape.addresses, shape.images) + 4 * (frame % shape.addresses) + 1)
            for frame in frames.tolist()
        ]
        return "".join(self._process() + self._fragment(" ".join(part)) for part in (texts[:2], texts[2:]))

    def _fragment(self, text: str) -> str:
        number = self._number()
        return f'<text-addresses id="{number}" fmt="frag {number}">{text}</text-addresses>'


def _address(function: int, images: int) -> int:
    return _BASE + function % images * _IMAGE_SIZE + function // images * _FUNCTION_SIZE


def _name(function: int) -> str:
    """Symbols as long as C++ ones are, some with what XML must escape."""
    if function % 3:
        return f"ns{function % 40}::Kernel{function}&lt;float, {function % 7}&gt;::launch(Context&amp;)"
    return f"-[Controller{function} handleEvent:withContext:]"


def _clock(time_ns: int) -> str:
    minutes, micros = divmod(time_ns // 1_000, 60_000_000)
    seconds, micros = divmod(micros, 1_000_000)
    return f"{minutes:02}:{seconds:02}.{micros // 1_000:03}.{micros % 1_000:03}"


def main() -> None:
    """Write one export."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--encoding", choices=ENCODINGS, default="backtrace")
    parser.add_argument("--stacks", type=int, help="at most so many distinct stacks")
    parser.add_argument("--kept", type=float, default=0.5, help="how alike stacks are; 0: not at all")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    shape = Shape(given.rows, given.encoding, stacks=given.stacks, kept=given.kept, seed=given.seed)
    write_export(given.path, shape)
    print(f"{given.path}: {given.path.stat().st_size / 1e6:.1f} MB, {given.rows} rows")


if __name__ == "__main__":
    main()
