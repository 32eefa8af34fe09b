"""A large export scanned by a second process, which begins while the first still imports what it will need.

    first process    import pandas …      │ columns of block 0, 1, 2 …  ◄── and scans itself, from the end, while
    second process     scan 0, 1, 2 … ────┘                                 there is nothing to add; they meet

It changes when the scanning is done and by whom, never what is found: blocks are added in their order, and where no
second process is to be had the first scans all. numpy and the interpreter's lock leave nothing to gain from threads.
"""

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from time import sleep
from typing import IO, TYPE_CHECKING, BinaryIO, Final, cast

if TYPE_CHECKING:
    from tracekit.readers.export.grammar import Grammar
    from tracekit.readers.export.scan import Block
    from tracekit.readers.source import Source

_WORTH_IT: Final = 16 << 20
"""A smaller file is read before a second process has begun."""

_EXPORT: Final = b"<trace-query-result>"
_ALONE: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
}
"""No threads for sums of matrices, and memory that one array leaves is the next one's (glibc's malloc)."""

_LENGTH: Final = 8
_A_MOMENT: Final = 0.001
_TYPE: Final = re.compile(rb"<engineering-type>([^<>]*)</engineering-type>")
_THIS: Final = "tracekit.readers.export.ahead"


class Helper:
    """A second process that scans a file, and what it has found so far.

    It writes into a file without a name, and waits for nobody: a pipe would be full while this process is busy.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        """The file, open: both read the same one, whatever its name comes to mean."""
        self.is_done = False
        """Whether it came to the end of the file, and all that it found was asked for."""
        self._found = TemporaryFile()  # noqa: SIM115 - open as long as the helper
        self._at = 0
        environment = _ALONE | os.environ | {"PYTHONPATH": os.pathsep.join(_search_path())}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", _THIS],
            stdin=file,
            stdout=self._found,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def block(self, *, wait: bool) -> "Block | None":
        """The next block; None where there is none yet, or, with ``wait``, where none will follow.

        Raises:
            UnfamiliarError: the helper met what the scanner does not take.
        """
        message = self._next()
        while message is None and wait and not self.is_done and self._process.poll() is None:
            sleep(_A_MOMENT)
            message = self._next()
        message = message or self._next()  # what it wrote before it ended
        if message is None:
            return None
        found = pickle.loads(message)  # noqa: S301 - written by our own process, into our own file
        if isinstance(found, Exception):
            raise found
        return cast("Block", found)

    def close(self) -> None:
        """End the process; nobody waits for what it has not found."""
        self._process.kill()
        self._process.wait()
        self._found.close()
        self.file.close()

    def _next(self) -> bytes | None:
        """The next message, once all of it is written; an empty one is the last."""
        length = os.pread(self._found.fileno(), _LENGTH, self._at)
        size, begins = int.from_bytes(length, "little"), self._at + _LENGTH
        self.is_done = len(length) == _LENGTH and size == 0
        message = os.pread(self._found.fileno(), size, begins) if len(length) == _LENGTH else b""
        if not size or len(message) < size:
            return None
        self._at = begins + size
        return message


_helper: list[Helper] = []


@contextmanager
def scanning_ahead(path: str) -> Iterator[None]:
    """Let a second process scan a file, where that is worth it, until the block ends; ``claimed`` finds it."""
    file = _worth_it(path)
    if file is not None:
        with suppress(OSError):
            _helper.append(Helper(file))
    try:
        yield
    finally:
        while _helper:
            _helper.pop().close()


def claimed(source: "Source") -> Helper | None:
    """The helper that scans a source, if there is one: the file of that name is the one that it has open."""
    if not _helper:
        return None
    try:
        named, opened = Path(source.name).stat(), os.fstat(_helper[-1].file.fileno())
    except OSError:
        return None
    unchanged = (named.st_size, named.st_mtime_ns) == (opened.st_size, opened.st_mtime_ns)
    return _helper[-1] if os.path.samestat(named, opened) and unchanged else None


def _worth_it(path: str) -> BinaryIO | None:
    """The file, open, if it is a large export and there is a processor to spare."""
    if (os.cpu_count() or 1) < 2 or not hasattr(os, "pread") or getattr(sys, "frozen", False):
        return None
    place = Path(path)
    try:
        if not place.is_file() or place.stat().st_size < _WORTH_IT // 8:
            return None
        file = place.open("rb")
        head = os.pread(file.fileno(), 1 << 12, 0)
        size = os.fstat(file.fileno()).st_size
    except OSError:
        return None
    is_gzip = head.startswith(b"\x1f\x8b")
    is_large = size >= (_WORTH_IT // 8 if is_gzip else _WORTH_IT)
    if is_large and (is_gzip or _EXPORT in head):
        return file
    file.close()
    return None


def _search_path() -> list[str]:
    """Where the helper finds this very tracekit, and what this process was told beside it."""
    own = str(Path(__file__).parents[3])
    told = os.environ.get("PYTHONPATH")
    return [own, told] if told else [own]


def _work(descriptor: int, into: IO[bytes]) -> None:
    """Scan a file, and write what is found, block by block; an empty message at the end."""
    from tracekit.errors import InputError
    from tracekit.readers.export.scan import UnfamiliarError, scan

    def say(message: bytes) -> None:
        into.write(len(message).to_bytes(_LENGTH, "little") + message)
        into.flush()

    try:
        grammar, blocks = _opened(descriptor)
        for rows in blocks:
            say(pickle.dumps(scan(rows, grammar), pickle.HIGHEST_PROTOCOL))
        say(b"")
    except (UnfamiliarError, InputError) as error:
        say(pickle.dumps(UnfamiliarError(str(error))))


def _opened(descriptor: int) -> "tuple[Grammar, Iterable[bytes]]":
    """How the rows of a file are written, as far as its header says, and its blocks in order."""
    from tracekit.readers.export.blocks import Pieces, header_of, is_compressed, streamed
    from tracekit.readers.export.grammar import Grammar
    from tracekit.readers.source import Source

    def reopened() -> BinaryIO:
        os.lseek(descriptor, 0, os.SEEK_SET)
        return os.fdopen(os.dup(descriptor), "rb")

    stream = Source("", reopened, os.fstat(descriptor).st_size).reader()
    header, rest = header_of(stream)
    weight, stack = (found.decode() for found in _TYPE.findall(header)[-2:])
    blocks = streamed(stream, rest) if is_compressed(descriptor) else Pieces(descriptor, len(header))
    return Grammar(weight, stack), blocks


if __name__ == "__main__":
    _work(sys.stdin.fileno(), sys.stdout.buffer)
